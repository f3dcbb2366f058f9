"""Kinds of documents, by the words that announce them."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from kg.concepts.lexicon import Lexicon
from kg.concepts.registry import Registry
from kg.terms import BASE, Iri

_NAMED = ("skos:prefLabel", "skos:altLabel", "skos:hiddenLabel")
_NOT_WORD = re.compile(r"[\W_]+")


class ArtifactKinds:
    """The kinds of artifacts the registry knows."""

    def __init__(self, registry: Registry) -> None:
        scheme = Iri(f"<{BASE}artifact-kind/>")
        self._words = Lexicon(
            (label.value, kind)
            for kind in registry
            if scheme in registry.iris(kind, "skos:inScheme")
            for label in registry.labels(kind, *_NAMED)
        )
        portal = Iri(f"<{BASE}artifact-kind/portal>")
        self._indexes = {address[1:-1].rstrip("/") for address in registry.iris(portal, "rdfs:seeAlso")}
        self.of = lru_cache(maxsize=1 << 15)(self._of)
        self.of_url = lru_cache(maxsize=1 << 13)(self._of_url)

    def _of(self, text: str, lang: str = "en") -> Iri | None:
        """Return the kind that the longest words in a text announce; None if none does."""
        found = self._words.find(text)
        if not found:
            return None
        ordered = found if lang.startswith("en") else found[::-1]
        best = max(enumerate(ordered), key=lambda each: (each[1].end - each[1].start, each[0]))[1]
        return best.keys[0]

    def _of_url(self, url: str) -> Iri | None:
        """Return the kind that the words in the path of a URL announce."""
        words = _NOT_WORD.sub(" ", unquote(urlsplit(url).path))
        return self.of(words)

    def is_index(self, url: str) -> bool:
        """Whether an address is known to lead to a list of documents."""
        return url.rstrip("/") in self._indexes
