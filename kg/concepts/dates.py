"""Dates in labels: full dates and months of a year, in figures or with the names of months that the registry holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from kg.concepts.lexicon import plain
from kg.concepts.registry import Registry
from kg.terms import Literal, typed

_GROUP = "month-"  # the short name of a word group for the names of a month, before its number
_NO_ISSUE = "not-of-issue"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>\d{1,2})"
_SAID = re.compile(r"(?:19|20)\d\d")
# Dates in figures with the year last say neither which is the day nor which the month, and are not read.
_FIGURES = (
    rf"(?<![\w-]){_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?![\w-])",
    rf"{_YEAR}\s*年\s*(?P<month>\d{{1,2}})\s*月(?:\s*{_DAY}\s*日)?",
)
_NEAR = 24  # signs before a date in which a word says that it is not one of issue


class Dates:
    """The dates that texts name, as the registry's names of months tell them."""

    def __init__(self, registry: Registry) -> None:
        self._months: dict[str, int] = {}
        barring: list[str] = []
        for group in registry.members("ckg:WordGroup"):
            notation = registry.text(group, "skos:notation")
            words = [plain(label.value).lower() for label in registry.labels(group, "ckg:word")]
            if notation.startswith(_GROUP):
                self._months.update(dict.fromkeys(words, int(notation.removeprefix(_GROUP))))
            elif notation == _NO_ISSUE:
                barring.extend(words)
        month = rf"(?P<month>{_any(self._months)})"
        wordings = (
            *_FIGURES,
            rf"\b{month}\.?\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}\b",
            rf"(?<!\d)(?:{_DAY}(?:\.|er|º|°)?\s+(?:de\s+)?)?\b{month}\.?,?\s+(?:de\s+)?{_YEAR}\b",
        )
        self._wordings = tuple(re.compile(each, re.IGNORECASE) for each in wordings)
        self._barring = re.compile(rf"(?<!\w)(?:{_any(barring)})(?!\w)", re.IGNORECASE)
        self.of_issue = lru_cache(maxsize=1 << 12)(self._of_issue)

    def _of_issue(self, text: str) -> Literal | None:
        """Return the one date a label gives its document, `xsd:date` or `xsd:gYearMonth`.

        None where it gives none or several, or says that the date begins or ends something.
        """
        if not _SAID.search(text):
            return None
        straight = plain(text)
        found: dict[tuple[int, int], Literal] = {}
        for wording in self._wordings:
            for match in wording.finditer(straight):
                value = self._value(match)
                if value is None or self._barring.search(
                    straight, max(0, match.start() - _NEAR), match.start()
                ):
                    return None
                found[match.span("year")] = value
        return next(iter(found.values())) if len(found) == 1 else None

    def _value(self, match: re.Match[str]) -> Literal | None:
        """Return a date as a literal, None if there is no such day."""
        year, month, day = match["year"], match["month"].lower(), match["day"]
        number = int(month) if month.isdecimal() else self._months[month]
        try:
            said = date(int(year), number, int(day or 1)).isoformat()
        except ValueError:
            return None
        return typed(said, "xsd:date") if day else typed(said[:7], "xsd:gYearMonth")


def _any(words: Iterable[str]) -> str:
    """Return an expression that fits any of some words, the longest first; nothing if there are none."""
    longest = sorted(words, key=lambda each: (-len(each), each))
    return "|".join(map(re.escape, longest)) or r"(?!)"
