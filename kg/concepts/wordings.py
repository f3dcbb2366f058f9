"""How lists are worded: the words between, before and after the names in them."""

from __future__ import annotations

import re
from functools import lru_cache

from kg.concepts.lexicon import plain
from kg.concepts.registry import Registry
from kg.errors import VocabularyError
from kg.terms import BASE, Iri


class ListWordings:
    """The wordings of lists that the registry knows, by their short names (`conjunction`, `inclusion` …)."""

    def __init__(self, registry: Registry) -> None:
        self._patterns: dict[str, tuple[re.Pattern[str], ...]] = {}
        for wording in registry.members("ckg:ListWording"):
            try:
                self._patterns[wording] = tuple(
                    re.compile(plain(label.value), re.IGNORECASE)
                    for label in registry.labels(wording, "ckg:pattern")
                )
            except re.error as error:
                raise VocabularyError(f"{wording}: not a regular expression: {error}") from error
        self.within = lru_cache(maxsize=1 << 15)(self._within)
        self.starts = lru_cache(maxsize=1 << 15)(self._starts)

    def at(self, name: str, text: str, position: int = 0) -> int:
        """Return where the longest wording at a position of a plain text ends; the position if there is none."""
        ends = (match.end() for match in (each.match(text, position) for each in self._of(name)) if match)
        return max(ends, default=position)

    def _within(self, name: str, text: str) -> bool:
        """Whether a text holds a wording."""
        straight = plain(text)
        return any(pattern.search(straight) for pattern in self._of(name))

    def _starts(self, name: str, text: str) -> bool:
        """Whether a text begins with a wording."""
        straight = plain(text)
        return any(pattern.match(straight) for pattern in self._of(name))

    def _of(self, name: str) -> tuple[re.Pattern[str], ...]:
        return self._patterns[Iri(f"<{BASE}list-wording/{name}>")]
