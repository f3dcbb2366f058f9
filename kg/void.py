"""What a graph holds and how its service can be asked, in VoID and SPARQL Service Description, from the data.

VoID: https://www.w3.org/TR/void/ · Service Description: https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, urljoin

import pyoxigraph as ox

from kg.queries import Table
from kg.queries.asked import Select
from kg.queries.rendering import short
from kg.queries.table import Value, plain
from kg.queries.texts import text
from kg.terms import BASE, ONTOLOGY, PREFIXES, Term, integer, iri, literal, term

Statement: TypeAlias = tuple[str, str, str]

_FORMATS = "http://www.w3.org/ns/formats/"
# What `/sparql` answers in, by the names of https://www.w3.org/ns/formats/.
_RESULTS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "TriG",
    "N-Triples", "N-Quads", "JSON-LD", "RDF_XML",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A named graph: how many statements it holds, and the licence it says it is under."""

    name: str
    statements: int
    licence: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted in a graph, with the union of its named graphs as the whole."""

    statements: int
    entities: int
    subjects: int
    objects: int
    classes: tuple[tuple[str, int], ...]
    properties: tuple[tuple[str, int], ...]
    parts: tuple[Part, ...]
    example: str


def count(select: Select) -> Figures:
    """Return what there is how much of; takes seconds for millions of statements, so it is done once.

    Only what has an IRI is listed: of a graph that is not ours, classes, graphs and licences may have none.
    """
    properties = _counts(select, "properties")
    example = _named(select(text("void", "example")), "thing")
    parts: dict[str, Part] = {}
    for graph, number, licence, *_ in _named(select(text("void", "graphs")), "graph"):
        name = str(plain(graph))
        under = licence.value if isinstance(licence, ox.NamedNode) else ""
        parts.setdefault(name, Part(name, _whole(number), under))
    return Figures(
        statements=sum(number for _, number in properties),
        entities=_number(select, "entities"),
        subjects=_number(select, "subjects"),
        objects=_number(select, "objects"),
        classes=_counts(select, "classes"),
        properties=properties,
        parts=tuple(parts.values()),
        example=str(plain(example[0][0])) if example else "",
    )


def description(figures: Figures, endpoint: str, dump: str = "") -> bytes:
    """Return the description of a service at a URL and of the graph behind it, as sorted N-Triples lines.

    `dump` is the URL of a file with all of the graph that may be handed on, empty where there is none. No blank nodes: what has no name of its own is named below the endpoint's.
    """
    said = {*_service(endpoint), *_dataset(figures, endpoint)}
    if dump:
        said.add((iri(f"{endpoint}#dataset"), term("void:dataDump"), iri(dump)))
    return "".join(sorted(f"{s} {p} {o} .\n" for s, p, o in said)).encode()


def _service(endpoint: str) -> Iterator[Statement]:
    service, dataset = iri(endpoint), iri(f"{endpoint}#dataset")
    yield service, term("rdf:type"), term("sd:Service")
    yield service, term("sd:endpoint"), service
    yield service, term("sd:supportedLanguage"), term("sd:SPARQL11Query")
    yield service, term("sd:feature"), term("sd:UnionDefaultGraph")
    yield service, term("sd:defaultDataset"), dataset
    for name in _RESULTS:
        yield service, term("sd:resultFormat"), iri(_FORMATS + name)


def _dataset(figures: Figures, endpoint: str) -> Iterator[Statement]:
    dataset, union = iri(f"{endpoint}#dataset"), iri(f"{endpoint}#union")
    for kind in ("sd:Dataset", "void:Dataset"):
        yield dataset, term("rdf:type"), term(kind)
    yield dataset, term("dcterms:title"), literal("Compliance knowledge graph", "en")
    yield dataset, term("void:sparqlEndpoint"), iri(endpoint)
    yield dataset, term("void:uriLookupEndpoint"), iri(urljoin(endpoint, "/search?q="))
    yield dataset, term("void:uriSpace"), literal(BASE)
    if figures.example:
        yield dataset, term("void:exampleResource"), iri(figures.example)
    for namespace in _vocabularies(figures):
        yield dataset, term("void:vocabulary"), iri(namespace)
    for name, number in _totals(figures):
        yield dataset, term(name), integer(number)
    yield dataset, term("sd:defaultGraph"), union
    for kind in ("sd:Graph", "void:Dataset"):
        yield union, term("rdf:type"), term(kind)
    yield union, term("void:triples"), integer(figures.statements)
    for name, number in figures.classes:
        partition = iri(f"{endpoint}#class-{quote(short(name), safe='')}")
        yield dataset, term("void:classPartition"), partition
        yield partition, term("void:class"), iri(name)
        yield partition, term("void:entities"), integer(number)
    for name, number in figures.properties:
        partition = iri(f"{endpoint}#property-{quote(short(name), safe='')}")
        yield dataset, term("void:propertyPartition"), partition
        yield partition, term("void:property"), iri(name)
        yield partition, term("void:triples"), integer(number)
    for part in figures.parts:
        yield from _part(part, endpoint, dataset)


def _part(part: Part, endpoint: str, dataset: Term) -> Iterator[Statement]:
    named, graph = iri(f"{endpoint}#graph-{quote(short(part.name), safe='/')}"), iri(part.name)
    yield dataset, term("sd:namedGraph"), named
    yield named, term("rdf:type"), term("sd:NamedGraph")
    yield named, term("sd:name"), graph
    yield named, term("sd:graph"), graph
    yield graph, term("rdf:type"), term("sd:Graph")
    yield graph, term("rdf:type"), term("void:Dataset")
    yield graph, term("void:triples"), integer(part.statements)
    if part.licence:
        yield graph, term("dcterms:license"), iri(part.licence)


def _totals(figures: Figures) -> Iterator[tuple[str, int]]:
    yield "void:triples", figures.statements
    yield "void:entities", figures.entities
    yield "void:classes", len(figures.classes)
    yield "void:properties", len(figures.properties)
    yield "void:distinctSubjects", figures.subjects
    yield "void:distinctObjects", figures.objects


def _vocabularies(figures: Figures) -> list[str]:
    """Return the namespaces of the classes and properties there are."""
    terms = [name for name, _ in (*figures.classes, *figures.properties)]
    known = {space for name in terms for space in PREFIXES.values() if name.startswith(space)}
    return sorted(known - {PREFIXES["rdf"]} | {ONTOLOGY})


def _counts(select: Select, name: str) -> tuple[tuple[str, int], ...]:
    counted = select(text("void", name))
    return tuple((str(plain(thing)), _whole(number)) for thing, number in _named(counted, counted.header[0]))


def _number(select: Select, name: str) -> int:
    return _whole(select(text("void", name)).rows[0][0])


def _whole(value: Value) -> int:
    return int(str(plain(value)))


def _named(table: Table, column: str) -> list[tuple[Value, ...]]:
    """Return the rows whose value in a column is an IRI."""
    place = table.header.index(column)
    return [row for row in table.rows if isinstance(row[place], ox.NamedNode)]
