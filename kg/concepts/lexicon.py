"""Finding names in running text: whole words, longest name first, any script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

Key = TypeVar("Key")

# A word is a run of letters and digits of an alphabetic script; other signs and each ideograph stand alone.
_TOKEN = re.compile(r"[^\W\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f_]+|[^\s]")
_SAME = (
    ("\u2010", "-"), ("\u2011", "-"), ("\u2012", "-"), ("\u2013", "-"), ("\u2014", "-"), ("\u2019", "'"),
    ("\u2018", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u00a0", " "), ("\u202f", " "), ("\uff08", "("),
    ("\uff09", ")"),
)  # fmt: skip
_VERSION = re.compile(r"v\d+")
_GOES_ON = re.compile(r"\.\d")  # v8.1 is not v8
_SENTENCE = 2_000  # characters of the longest text whose words are kept at hand


@dataclass(frozen=True, slots=True)
class Found(Generic[Key]):
    """A name found in a text: where, and what it may stand for (more than one: ambiguous)."""

    start: int
    end: int
    keys: tuple[Key, ...]


def plain(text: str) -> str:
    """Return a text with plain hyphens, quotes, parentheses and spaces, character for character."""
    if text.isascii():
        return text
    for sign, same in _SAME:  # mostly there is none, and looking for one costs a tenth of a translation
        if sign in text:
            text = text.replace(sign, same)
    return text


def places(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the words and signs of a text start and end."""
    return _known_places(text) if len(text) <= _SENTENCE else _places(text)


def _places(text: str) -> tuple[tuple[int, int], ...]:
    return tuple([m.span() for m in _TOKEN.finditer(plain(text))])


def words(text: str) -> tuple[str, ...]:
    """Return the words and signs of a text, case-folded, for a fourth of what `places` costs."""
    return _known_words(text) if len(text) <= _SENTENCE else _words(text)


def _words(text: str) -> tuple[str, ...]:
    found = _TOKEN.findall(plain(text))
    return tuple(" ".join(found).casefold().split(" ")) if found else ()  # faster than one by one


# Several lexicons look at a sentence, one after the other.
_known_places = lru_cache(maxsize=1 << 12)(_places)
_known_words = lru_cache(maxsize=1 << 14)(_words)


def fold(text: str) -> str:
    """Return a text in the form in which names are compared: words case-folded, one space between."""
    return " ".join(words(text))


# The lexicons of several languages have most names in common.
@lru_cache(maxsize=1 << 14)
def _spelling(name: str) -> tuple[tuple[str, ...], str]:
    """Return the words of a name, and how it must be spelled, empty if in any way."""
    return words(name), plain(name) if len(name) <= 6 and name.isupper() else ""


class Lexicon(Generic[Key]):
    """Names and what they stand for.

    A name of capitals only, six signs or fewer (`SOC`, `EAR`), is found only where the text writes it in
    capitals too: `ear` in a sentence is not the Export Administration Regulations.
    """

    def __init__(self, names: Iterable[tuple[str, Key]]) -> None:
        self._exact: dict[str, list[Key]] = {}
        # What stands for what, by the name's words; each entry is (spelling that must match, keys).
        self._names: dict[tuple[str, ...], list[tuple[str, list[Key]]]] = {}
        lengths: dict[str, set[int]] = {}
        for name, key in names:
            whole, exact = _spelling(name)
            if not whole:
                continue
            entries = self._names.setdefault(whole, [])
            keys = next((keys for spelling, keys in entries if spelling == exact), None)
            if keys is None:
                keys = []
                entries.append((exact, keys))
            for known in (keys, self._exact.setdefault(" ".join(whole), [])):
                if key not in known:
                    known.append(key)
            lengths.setdefault(whole[0], set()).add(len(whole))
        for entries in self._names.values():
            entries.sort(key=lambda entry: entry[0])
        self._lengths = {word: sorted(each, reverse=True) for word, each in lengths.items()}

    def get(self, name: str) -> tuple[Key, ...]:
        """Return what a whole name stands for, case and typography aside; empty if unknown."""
        return tuple(self._exact.get(fold(name), ()))

    def find(self, text: str) -> list[Found[Key]]:
        """Return the names in a text from left to right, longest first, none overlapping."""
        folded = words(text)
        found: list[Found[Key]] = []
        if self._lengths.keys().isdisjoint(folded):
            return found
        free = 0
        for first, word in enumerate(folded):
            if first < free or word not in self._lengths:
                continue
            for length in self._lengths[word]:
                entries = self._names.get(folded[first : first + length])
                if entries is None or first + length > len(folded):
                    continue
                known = places(text)
                start, end = known[first][0], known[first + length - 1][1]
                keys = next(
                    (keys for exact, keys in entries if not exact or plain(text[start:end]) == exact), None
                )
                if keys is not None and not (
                    _VERSION.fullmatch(folded[first + length - 1]) and _GOES_ON.match(text, end)
                ):
                    found.append(Found(start, end, tuple(keys)))
                    free = first + length
                    break
        return found
