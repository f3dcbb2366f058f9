"""What an extraction says, as lookups for tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kg import concepts, files
from kg.concepts import Concepts
from kg.nodes import triples
from kg.sources import Extraction, Input
from kg.sources.offering import Offerings
from kg.terms import Iri, Term, term

TYPE = term("rdf:type")


@cache
def known() -> Concepts:
    """The lookups over the registries."""
    return concepts.load(files.ontology())


def extract(
    data: str | bytes, path: str = "offering-test.md", neighbours: Mapping[str, Path] | None = None
) -> Facts:
    """What the source of offerings makes of a page."""
    item = Input(path, data.encode() if isinstance(data, str) else data, neighbours or {})
    return Facts(Offerings().extract(item, known()))


def extract_file(root: Path, path: Path) -> Facts:
    """What the source of offerings makes of a file below a folder, read by itself."""
    return extract(path.read_bytes(), path.relative_to(root).as_posix())


class Facts:
    """The triples of one document, by subject and property."""

    def __init__(self, found: Extraction) -> None:
        self.document = found.graph
        self.triples = (*found.triples, *triples(found.nodes))
        self.issues = found.issues
        self.counts = found.counts
        self._said: dict[tuple[str, str], list[Term]] = defaultdict(list)
        self._subjects: dict[tuple[str, str], list[Iri]] = defaultdict(list)
        for subject, prop, value in dict.fromkeys(self.triples):
            self._said[subject, prop].append(value)
            self._subjects[prop, value].append(subject)

    def values(self, subject: Term | None, prop: str) -> list[Term]:
        """What is said of a thing by a prefixed property, in order."""
        return self._said.get((subject or "", term(prop)), [])

    def value(self, subject: Term | None, prop: str) -> Term | None:
        """The first of `values`, None if there is none."""
        return next(iter(self.values(subject, prop)), None)

    def iris(self, class_name: str) -> list[Iri]:
        """The things of a class, in order."""
        return self._subjects.get((TYPE, term(class_name)), [])

    @property
    def offering(self) -> Iri | None:
        """The offering that the document is about."""
        return next(iter(self.iris("ckg:Offering")), None)

    def claims(self, prop: str) -> list[Iri]:
        """The claims of a property."""
        return self._subjects.get((term("owl:annotatedProperty"), term(prop)), [])

    def targets(self, prop: str) -> list[Term]:
        """The targets of the claims of a property, in order."""
        return [self.values(claim, "owl:annotatedTarget")[0] for claim in self.claims(prop)]

    def evidence(self, subject: Iri, lang: str = "en") -> list[str]:
        """The words that a thing rests on, in one language."""
        return [
            words
            for segment in self.values(subject, "ckg:evidence")
            for words in texts(self.values(segment, "rdf:value"), lang)
        ]

    def questions(self, lang: str = "en") -> list[str]:
        """The questions asked, in order."""
        return [
            words
            for each in self.iris("schema:Question")
            for words in texts(self.values(each, "schema:text"), lang)
        ]


def texts(literals: list[Term], lang: str) -> list[str]:
    """The words of the literals in one language."""
    return [text(each) for each in literals if each.endswith(f'"@{lang}')]


def text(literal: Term) -> str:
    """The words of a literal."""
    return literal[1 : literal.rindex('"')].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def key(iri: Term | None) -> str:
    """The last segment of an IRI's path."""
    return iri[1:-1].rsplit("/", 1)[-1] if iri else ""
