"""The registries in ontology/ as a lookup: what is said of each thing, in plain Python values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kg.errors import VocabularyError
from kg.terms import PREFIXES, Iri, term


@dataclass(frozen=True, slots=True)
class Label:
    """A name in one language; `lang` is lower case, empty where none is given."""

    value: str
    lang: str


class Registry:
    """All triples of the Turtle files in one folder, indexed by subject and by class."""

    def __init__(self, folder: Path) -> None:
        self._says: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = {}
        self._members: dict[str, list[Iri]] = {}
        rdf_type = term("rdf:type")[1:-1]
        for path in sorted(folder.glob("*.ttl")):
            try:
                for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
                    subject, predicate, value = quad.subject, quad.predicate, quad.object
                    if not isinstance(subject, ox.NamedNode) or not isinstance(
                        value, ox.NamedNode | ox.Literal
                    ):
                        raise VocabularyError(
                            f"{path.name}: a blank node or triple term in a registry: {quad}"
                        )
                    self._says.setdefault(subject.value, {}).setdefault(predicate.value, []).append(value)
                    if predicate.value == rdf_type and isinstance(value, ox.NamedNode):
                        self._members.setdefault(value.value, []).append(Iri(f"<{subject.value}>"))
            except SyntaxError as error:
                raise VocabularyError(f"{path.name}: {error}") from error

    def members(self, class_name: str) -> tuple[Iri, ...]:
        """Return the things of a class, by its prefixed name, in the order of their IRIs."""
        return tuple(sorted(self._members.get(term(class_name)[1:-1], ())))

    def has_type(self, thing: Iri, class_name: str) -> bool:
        """Whether the registry types a thing so."""
        return Iri(term(class_name)) in self.iris(thing, "rdf:type")

    def knows(self, thing: Iri) -> bool:
        """Whether the registry says anything of a thing."""
        return thing[1:-1] in self._says

    def iris(self, thing: Iri, predicate: str) -> tuple[Iri, ...]:
        """Return the IRIs a thing is related to by a prefixed predicate."""
        return tuple(
            Iri(f"<{v.value}>") for v in self._values(thing, predicate) if isinstance(v, ox.NamedNode)
        )

    def iri(self, thing: Iri, predicate: str) -> Iri | None:
        """Return the first IRI of `iris`, or None."""
        return next(iter(self.iris(thing, predicate)), None)

    def labels(self, thing: Iri, *predicates: str) -> tuple[Label, ...]:
        """Return the literals of a thing under the prefixed predicates, each with its language."""
        return tuple(
            Label(v.value, (v.language or "").lower())
            for predicate in predicates
            for v in self._values(thing, predicate)
            if isinstance(v, ox.Literal)
        )

    def text(self, thing: Iri, predicate: str) -> str:
        """Return the first literal under a prefixed predicate as plain text, or an empty string."""
        return next((label.value for label in self.labels(thing, predicate)), "")

    def __iter__(self) -> Iterator[Iri]:
        return (Iri(f"<{subject}>") for subject in sorted(self._says))

    def _values(self, thing: Iri, predicate: str) -> list[ox.NamedNode | ox.Literal]:
        return self._says.get(thing[1:-1], {}).get(_expand(predicate), [])


@cache
def _expand(name: str) -> str:
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local
