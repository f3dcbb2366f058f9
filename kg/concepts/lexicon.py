"""Finding names in running text: whole words, longest name first, any script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key")

# A word is a run of letters and digits of an alphabetic script; other signs and each ideograph stand alone.
_TOKEN = re.compile(r"[^\W\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f_]+|[^\s]")
_SAME = str.maketrans(
    {"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2019": "'", "\u2018": "'",
     "\u201c": '"', "\u201d": '"', "\u00a0": " ", "\u202f": " ", "\uff08": "(", "\uff09": ")"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found(Generic[Key]):
    """A name found in a text: where, and what it may stand for (more than one: ambiguous)."""

    start: int
    end: int
    keys: tuple[Key, ...]


def plain(text: str) -> str:
    """Return a text with plain hyphens, quotes, parentheses and spaces, character for character."""
    return text.translate(_SAME)


def tokens(text: str) -> list[tuple[str, int, int]]:
    """Return the words and signs of a text as (case-folded word, start, end); offsets are of `text`."""
    return [(m[0].casefold(), m.start(), m.end()) for m in _TOKEN.finditer(plain(text))]


def fold(text: str) -> str:
    """Return a text in the form in which names are compared: words case-folded, one space between."""
    return " ".join(word for word, _, _ in tokens(text))


class Lexicon(Generic[Key]):
    """Names and what they stand for.

    A name of capitals only, six signs or fewer (`SOC`, `EAR`), is found only where the text writes it in
    capitals too: `ear` in a sentence is not the Export Administration Regulations.
    """

    def __init__(self, names: Iterable[tuple[str, Key]]) -> None:
        self._names: dict[str, list[tuple[tuple[str, ...], str, list[Key]]]] = {}
        self._exact: dict[str, list[Key]] = {}
        index: dict[tuple[tuple[str, ...], str], list[Key]] = {}
        for name, key in names:
            words = tuple(word for word, _, _ in tokens(name))
            if not words:
                continue
            exact = name if len(name) <= 6 and name.isupper() else ""
            entry = index.get((words, exact))
            if entry is None:
                entry = index[words, exact] = []
                self._names.setdefault(words[0], []).append((words, exact, entry))
            if key not in entry:
                entry.append(key)
            whole = self._exact.setdefault(" ".join(words), [])
            if key not in whole:
                whole.append(key)
        for entries in self._names.values():
            entries.sort(key=lambda each: (-len(each[0]), each[1]))

    def get(self, name: str) -> tuple[Key, ...]:
        """Return what a whole name stands for, case and typography aside; empty if unknown."""
        return tuple(self._exact.get(fold(name), ()))

    def find(self, text: str) -> list[Found[Key]]:
        """Return the names in a text from left to right, longest first, none overlapping."""
        words = tokens(text)
        found: list[Found[Key]] = []
        position = 0
        while position < len(words):
            for name, exact, keys in self._names.get(words[position][0], ()):
                end = position + len(name)
                if end <= len(words) and all(words[position + i][0] == name[i] for i in range(1, len(name))):
                    start_at, end_at = words[position][1], words[end - 1][2]
                    if exact and plain(text[start_at:end_at]) != exact:
                        continue
                    found.append(Found(start_at, end_at, tuple(keys)))
                    position = end
                    break
            else:
                position += 1
        return found
