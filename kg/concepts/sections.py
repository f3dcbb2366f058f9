"""What a section is for, by its anchor or its heading."""

from __future__ import annotations

import re
from functools import lru_cache

from kg.concepts.lexicon import fold
from kg.concepts.registry import Registry
from kg.errors import VocabularyError
from kg.terms import Iri

_NOT_IN_ANCHOR = re.compile(r"[^\w\s-]")
_REPEATED = re.compile(r"-\d{1,2}$")
_LABELS = ("skos:prefLabel", "skos:altLabel", "skos:hiddenLabel")


class Sections:
    """The section roles the registry knows, with the anchors and headings that announce them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._anchors: dict[str, Iri] = {}
        self._headings: dict[str, dict[str, Iri]] = {}
        patterns: list[tuple[int, str, Iri]] = []
        for role in registry.members("ckg:SectionRole"):
            for label in registry.labels(role, "ckg:anchor"):
                if "*" in label.value:
                    patterns.append((-len(label.value.replace("*", "")), label.value, role))
                elif self._anchors.setdefault(label.value, role) != role:
                    raise VocabularyError(f"the anchor {label.value} announces two section roles")
            for label in registry.labels(role, *_LABELS):
                self._headings.setdefault(label.lang, {}).setdefault(fold(label.value), role)
        self._patterns = tuple(
            (re.compile(".*".join(map(re.escape, pattern.split("*")))), role)
            for _, pattern, role in sorted(patterns)
        )
        self._by_pattern = lru_cache(maxsize=None)(self._first_pattern)
        self.role = lru_cache(maxsize=None)(self._role)

    def items_become(self, role: Iri) -> Iri | None:
        """Return the class of what the list items of a section of this role are read as."""
        return self._registry.iri(role, "ckg:itemsBecome")

    def _role(self, anchor: str, heading: str = "", lang: str = "en") -> Iri | None:
        """Return the role that an anchor announces, else the heading; None if neither does."""
        role = self._by_anchor(anchor)
        if role:
            return role
        words = fold(heading)
        for its in (lang, lang.partition("-")[0], "en"):
            role = self._headings.get(its, {}).get(words)
            if role:
                return role
        slug = _anchor(heading)
        return self._by_pattern(anchor) or self._by_anchor(slug) or self._by_pattern(slug)

    def _by_anchor(self, anchor: str) -> Iri | None:
        return self._anchors.get(anchor) or self._anchors.get(_REPEATED.sub("", anchor))

    def _first_pattern(self, anchor: str) -> Iri | None:
        return next((role for pattern, role in self._patterns if pattern.fullmatch(anchor)), None)


def _anchor(heading: str) -> str:
    """Return the anchor that the heading of an English page gets."""
    return _NOT_IN_ANCHOR.sub("", heading.strip().lower()).replace(" ", "-")
