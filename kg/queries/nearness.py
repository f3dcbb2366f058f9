"""How near two names are: case, typography, typing errors, beginnings, parts and initials are forgiven."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

# A word is a run of letters or a run of digits: "800-53r4", "800-53 R4" and "800-53 (r4)" are the same words.
_WORD = re.compile(r"[^\W\d_]+|\d+")
_LIKELY = 0.62  # below it, a suggestion is a guess


@lru_cache(maxsize=1 << 16)
def words(name: str) -> tuple[str, ...]:
    """Return a name's words in the form in which names are compared.

    >>> words("AC-2 (1)"), words("Bâle III")
    (('ac', '2', '1'), ('bale', 'iii'))
    """
    if not name.isascii():
        name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return tuple(_WORD.findall(name.casefold()))


def compact(spoken: Sequence[str]) -> str:
    """Return words run together, numbers kept apart: `MARSE 2.0` is `MARS-E 2.0`, `AC-21` is not `AC-2(1)`.

    >>> compact(words("MARS-E 2.0")), compact(words("AC-2(1)")), compact(words("AC-21"))
    ('marse2.0', 'ac2.1', 'ac21')
    """
    text = ""
    for word in spoken:
        text += f".{word}" if word.isdecimal() and text[-1:].isdecimal() else word
    return text


def left_over(short: Sequence[str], full: Sequence[str]) -> int | None:
    """Return how many words of a full name a shortened one leaves out, None if it is not short for it.

    Each word given must begin a word of the full name, in its order; a number must be the number.

    >>> left_over(words("azure gov"), words("Azure Government")), left_over(words("iso 27"), words("ISO 27001"))
    (0, None)
    """
    position = 0
    for word in short:
        while position < len(full):
            other = full[position]
            position += 1
            if other == word or (other.startswith(word) and not word.isdecimal()):
                break
        else:
            return None
    return len(full) - len(short)


def nearest(name: str, known: Iterable[str], count: int = 5) -> tuple[str, ...]:
    """Return the known names that come closest to a name, best first; empty where none is near.

    >>> nearest("fedrmp", ("FedRAMP", "MARS-E", "ISO 27001"))
    ('FedRAMP',)
    """
    meant = words(name)
    if not meant:
        return ()
    likeness = Likeness(meant)
    scored = ((likeness.of(words(each)), each) for each in dict.fromkeys(known))
    likely = sorted((-score, len(each), each) for score, each in scored if score >= _LIKELY)
    return tuple(each for _, _, each in likely[:count])


class Likeness:
    """How like other names are to one name, from 0 to 1; each word is compared once."""

    def __init__(self, meant: tuple[str, ...]) -> None:
        self._meant = meant
        self._compact = compact(meant)
        self._whole = SequenceMatcher(b=self._compact, autojunk=False)
        self._matchers = [SequenceMatcher(b=word, autojunk=False) for word in meant]
        self._known: dict[tuple[int, str], float] = {}

    def of(self, other: tuple[str, ...]) -> float:
        """Return how like a name is, 1 being the same words."""
        if not other:
            return 0.0
        text = compact(other)
        if text == self._compact:
            return 1.0
        # A shorter completion is the likelier one.
        closeness = min(len(text), len(self._compact)) / max(len(text), len(self._compact))
        if left_over(self._meant, other) is not None or text.startswith(self._compact):
            return 0.85 + 0.1 * closeness
        if len(self._compact) >= 2 and "".join(word[0] for word in other).startswith(self._compact):
            return 0.8 + 0.1 * closeness
        if len(self._compact) >= (3 if self._compact.isascii() else 2) and self._compact in text:
            return 0.75 + 0.1 * closeness
        by_word = sum(max(self._word(i, word) for word in other) for i in range(len(self._meant))) / len(
            self._meant
        )
        return max(self._ratio(self._whole, text), 0.6 * by_word + 0.35 * by_word * closeness)

    def _word(self, index: int, word: str) -> float:
        ratio = self._known.get((index, word))
        if ratio is None:
            meant = self._meant[index]
            numbers = meant.isdecimal() or word.isdecimal()
            ratio = float(meant == word) if numbers else self._ratio(self._matchers[index], word)
            self._known[index, word] = ratio
        return ratio

    @staticmethod
    def _ratio(matcher: SequenceMatcher[str], text: str) -> float:
        matcher.set_seq1(text)
        if matcher.real_quick_ratio() < 0.5 or matcher.quick_ratio() < 0.5:
            return 0.0
        return matcher.ratio()
