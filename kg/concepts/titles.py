"""Titles of compliance offerings: which words announce one, and what a known title is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.concepts.lexicon import fold
from kg.concepts.registry import Registry
from kg.terms import Iri, term

_NAMED = ("skos:prefLabel", "skos:altLabel", "skos:hiddenLabel")
_OFFERING = term("ckg:Offering")


@dataclass(frozen=True, slots=True)
class OfferingTitle:
    """What is published under a title: its slug, what it is about (the main standard first), and by whom."""

    slug: str
    about: tuple[Iri, ...]
    provider: Iri | None


class Titles:
    """The titles of offerings the registry knows, in every language, and what makes a page an offering."""

    def __init__(self, registry: Registry) -> None:
        self._by_title: dict[str, OfferingTitle | None] = {}
        self._by_slug: dict[str, OfferingTitle] = {}
        self._by_standard: dict[Iri, OfferingTitle | None] = {}
        for thing in registry.members("ckg:OfferingTitle"):
            title = OfferingTitle(
                slug=registry.text(thing, "ckg:slug"),
                about=registry.iris(thing, "schema:about"),
                provider=registry.iri(thing, "schema:provider"),
            )
            self._by_slug[title.slug] = title
            for words in {fold(label.value) for label in registry.labels(thing, *_NAMED)}:
                self._by_title[words] = None if words in self._by_title else title
            standards = list(title.about[:1])
            if standards and not standards[0].endswith(f"/{title.slug}>"):
                standards += registry.iris(standards[0], "dcterms:isVersionOf")
            for standard in standards:
                self._by_standard[standard] = None if standard in self._by_standard else title
        self._announcing = tuple(
            re.compile(label.value)
            for thing in registry.members("ckg:TitleWording")
            if registry.iri(thing, "ckg:signals") == _OFFERING
            for label in registry.labels(thing, "ckg:pattern")
        )
        self._organizations = {
            label.value
            for thing in registry.members("org:Organization")
            for label in registry.labels(thing, "skos:notation", "skos:prefLabel", "skos:altLabel")
        }
        providers = {registry.iri(thing, "schema:provider") for thing in registry.members("ckg:CloudService")}
        self._providers = tuple(
            (provider, re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(found)))})\b"))
            for provider in sorted(filter(None, providers))
            if (found := {label.value for label in registry.labels(provider, *_NAMED)})
        )
        self.telling_roles = frozenset(
            role for role in registry if _OFFERING in registry.iris(role, "ckg:signals")
        )

    def bare(self, title: str) -> str:
        """Return a title without the words that announce an offering ("Compliance offering: …")."""
        for pattern in self._announcing:
            match = pattern.match(title)
            if match:
                return title[match.end() :]
        return title

    def get(self, title: str) -> OfferingTitle | None:
        """Return what a whole title is about, in any language; None if unknown or used twice."""
        return self._by_title.get(fold(self.bare(title)))

    def of_slug(self, slug: str) -> OfferingTitle | None:
        """Return the known offering of a slug."""
        return self._by_slug.get(slug)

    def of_standard(self, standard: Iri) -> OfferingTitle | None:
        """Return the one known offering that is mainly about a standard, or about its current edition.

        An offering whose slug names an edition (`fips-140-2`) is about no other.
        """
        return self._by_standard.get(standard)

    def is_organization(self, name: str) -> bool:
        """Whether a name is one that the registry holds for an organization."""
        return name in self._organizations

    def provider_in(self, text: str) -> Iri | None:
        """Return the provider of cloud services that a text names most often; None where it names none."""
        count = {provider: len(pattern.findall(text)) for provider, pattern in self._providers}
        most = max(count, key=lambda provider: count[provider], default=None)
        return most if most and count[most] else None
