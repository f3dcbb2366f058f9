"""Clouds and impact levels by name."""

from __future__ import annotations

from functools import lru_cache

from kg.concepts.lexicon import Lexicon
from kg.concepts.registry import Registry
from kg.terms import BASE, Iri

_NAMED = ("skos:prefLabel", "skos:altLabel", "skos:hiddenLabel")


class Clouds:
    """The cloud environments and impact levels the registry knows."""

    def __init__(self, registry: Registry) -> None:
        self._clouds = _lexicon(registry, "cloud")
        self._levels = _lexicon(registry, "impact-level")
        self.named = lru_cache(maxsize=None)(self._named)
        self.levels = lru_cache(maxsize=None)(self._levels_in)

    def get(self, name: str) -> Iri | None:
        """Return the cloud that a whole name stands for."""
        return next(iter(self._clouds.get(name)), None)

    def _named(self, text: str) -> tuple[tuple[int, int, Iri], ...]:
        """Return the clouds a text names, each with the stretch that names it."""
        return tuple((found.start, found.end, found.keys[0]) for found in self._clouds.find(text))

    def _levels_in(self, text: str) -> tuple[Iri, ...]:
        """Return the impact levels a text names, each once, in the order of the text."""
        return tuple(dict.fromkeys(found.keys[0] for found in self._levels.find(text)))


def _lexicon(registry: Registry, scheme: str) -> Lexicon[Iri]:
    whole = Iri(f"<{BASE}{scheme}/>")
    members = (thing for thing in registry if whole in registry.iris(thing, "skos:inScheme"))
    return Lexicon(
        (label.value, thing)
        for thing in members
        for label in registry.labels(thing, *_NAMED)
        # A bare word such as "low" says nothing of impact levels by itself.
        if scheme == "cloud" or len(label.value.split()) > 1 or any(sign.isdigit() for sign in label.value)
    )
