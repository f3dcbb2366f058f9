"""Where a sentence ends, in Latin and in Chinese and Japanese text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

# Abbreviations that a capital letter may follow within the sentence; without their last full stop, lower case.
_NEVER_LAST: Final = frozenset(
    ("e.g", "i.e", "eg", "ie", "vs", "cf", "dr", "mr", "mrs", "ms", "prof", "st", "approx", "incl", "resp",
     "z.b", "d.h", "u.a", "bzw", "ggf", "vgl", "ca", "p.ej", "ej", "p.ex", "ex", "sr", "sra", "mme", "m", "es", "sig")
)  # fmt: skip
# Abbreviations that end a sentence now and then: only where the next word is one that often begins one.
_SELDOM_LAST: Final = frozenset(
    ("inc", "corp", "ltd", "co", "llc", "bros", "dept", "gov", "govt", "assn", "intl", "natl", "univ", "ee", "uu", "ee.uu",
     "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
)  # fmt: skip
# Abbreviations that announce a number.
_NUMBERED: Final = frozenset(
    ("no", "nos", "nr", "núm", "num", "n", "rev", "vol", "ch", "sec", "sect", "art", "arts", "fig", "figs", "pp", "p",
     "pt", "ver", "v", "para", "par", "pub", "publ", "reg", "stat", "ed", "abs", "kap", "cap", "bd", "app", "cl",
     "rel", "std", "sched", "ser", "tit", "r")
)  # fmt: skip
_OPENERS: Final = frozenset(
    ("a", "all", "although", "an", "and", "any", "as", "at", "because", "both", "but", "by", "customers", "each",
     "for", "from", "he", "here", "how", "however", "if", "in", "is", "it", "its", "most", "no", "on", "once", "our",
     "see", "she", "since", "so", "some", "that", "the", "their", "then", "there", "these", "they", "this", "those",
     "to", "under", "we", "what", "when", "where", "which", "while", "who", "with", "yes", "you", "your")
)  # fmt: skip

# Marks that may end a sentence, what closes after them, and the white space before a word that may begin one.
_MARK = re.compile(
    r"""(?P<stop>[.!?…。！？｡]+)(?:
    (?<=[.!?…])[^\S\n]*?["'”’»)\]]*(?P<gap>\s+)(?=[^\sa-zà-öø-ÿ,;:.!?)\]}»”’…–—-])
    |(?<=[。！？｡])(?P<closing>[」』"'”’）)\]】》]*)\s*(?=\S))""",
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[^\s(\[\"“‘'«（/–—-]+$")
_NEXT_WORD = re.compile(r"\W*(\w+)")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_INITIAL = re.compile(r"\b[^\W\d_]\.\s?")
_NUMBER = re.compile(r"\W*(?:\d|[IVXLC]+\b)")


def _ends(text: str, stop: int, following: int) -> bool:
    """Whether the single full stop at `stop` ends a sentence, the next word beginning at `following`."""
    word_match = _LAST_WORD.search(text, max(0, stop - 40), stop)
    if word_match is None:
        return stop > 0
    word = word_match[0]
    lower = word.lower()
    begin = word_match.start()
    if (word.isdigit() or len(word) == 1) and (
        not begin or text[max(0, begin - 2) : begin - 1].endswith(("?", "!"))
    ):
        return False  # "1. What is …", "A. What is …": a label in front, not a sentence
    if len(word) == 1 and word.isalpha():
        # "Annex B. The …" ends; "U. S. Government" and "z. B. Azure" do not.
        if _INITIAL.match(text, following):
            return False
        return not _INITIAL.search(text, max(0, begin - 4), begin) or _opens(text, following)
    if lower in _NEVER_LAST:
        return False
    if lower in _NUMBERED:
        return _NUMBER.match(text, following) is None
    if lower in _SELDOM_LAST or (_DOTTED.fullmatch(word) and (len(word) > 1 or word.isupper())):
        return _opens(text, following)
    return True


def _opens(text: str, following: int) -> bool:
    """Whether a word that often begins a sentence stands at a place."""
    word = _NEXT_WORD.match(text, following)
    return word is not None and word[1].lower() in _OPENERS


def split(text: str, whole: Sequence[tuple[int, int]] = ()) -> tuple[tuple[int, int], ...]:
    """Return where each sentence of a text starts and ends.

    No sentence ends within a `whole` stretch; these are given in the order in which they start.
    """
    ends = _ends_of(text)
    if not ends:
        return ((0, len(text)),) if text else ()
    found: list[tuple[int, int]] = []
    start = place = 0
    for end, following in ends:
        while place < len(whole) and whole[place][1] <= end:
            place += 1
        if place < len(whole) and whole[place][0] < end:
            continue
        found.append((start, end))
        start = following
    if start < len(text):
        found.append((start, len(text)))
    return tuple(found)


def _ends_of(text: str) -> tuple[tuple[int, int], ...]:
    """Return where sentences of a text end, and where the next one begins, the last one left out."""
    found: list[tuple[int, int]] = []
    for mark in _MARK.finditer(text):
        if mark["gap"] is None:
            found.append((mark.end("closing"), mark.end()))
        elif mark["stop"] != "." or _ends(text, mark.start(), mark.end()):
            found.append((mark.start("gap"), mark.end()))
    return tuple(found)
