"""A part of a graph: by named graph, class, standard, language or licence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Protocol

from kg.errors import NotFoundError
from kg.lines import Lines, split
from kg.queries import Words
from kg.queries.asked import Selecting
from kg.queries.binding import named
from kg.queries.texts import filled, listed, text
from kg.terms import BASE

_REGISTRIES = f"{BASE}document/ontology/".encode()
# A service is named on a page, its cloud in the registry: so far is looked for what names mean.
_FAR = 2
_TAG = re.compile(rb'"@([A-Za-z0-9-]+)\Z')


class Source(Selecting, Protocol):
    """What a selection needs of a graph."""

    @property
    def lines(self) -> Lines:
        """The graph's sorted N-Quads lines."""

    @property
    def words(self) -> Words:
        """The things of the graph by their names."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is wanted of a graph, in words or IRIs: of each kind any of those named, and of all kinds at once.

    `graphs` are named graphs, such as documents; `classes` keep what is said of the things of a class;
    `standards` what is about a standard, its editions and levels: the pages that address it, claims about it
    elsewhere, and what the registries say of the things named there; `languages` (BCP 47, `fr` for `fr-fr` too)
    leave out texts in other languages; `licences` keep graphs under a licence, by its address or short name.
    """

    graphs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))


# Whether a line is wanted, by its subject and its named graph.
_Test = Callable[[bytes, bytes], bool]


def lines_of(source: Source, selection: Selection) -> bytes:
    """Return the lines of a graph that are selected; NotFoundError for names that mean nothing in it."""
    tests: list[_Test] = []
    if selection.graphs:
        graphs = _bytes(_graph(source, name) for name in selection.graphs)
        tests.append(lambda _, graph: graph in graphs)
    if selection.licences:
        licensed = _bytes(_licensed(source, selection.licences))
        tests.append(lambda _, graph: graph in licensed)
    if selection.classes:
        things = _bytes(thing for name in selection.classes for thing in _instances(source, name))
        tests.append(lambda subject, _: subject in things)
    if selection.standards:
        tests.append(_about(source, selection.standards))
    tags = tuple(each.lower() for each in selection.languages)
    return b"".join(_kept(source.lines, tests, tags))


def _kept(lines: Iterable[bytes], tests: list[_Test], languages: tuple[str, ...]) -> Iterator[bytes]:
    for line in lines:
        triple, graph = split(line)
        subject = triple[: triple.index(b" ")]
        if all(test(subject, graph) for test in tests) and _speaks(triple, languages):
            yield line


def _speaks(triple: bytes, languages: tuple[str, ...]) -> bool:
    """Whether a triple's object is no text, or in one of these languages."""
    tag = _TAG.search(triple) if languages else None
    if tag is None:
        return True
    said = tag[1].decode().lower()
    return any(said == wanted or said.startswith(f"{wanted}-") for wanted in languages)


def _about(source: Source, names: Iterable[str]) -> _Test:
    """Return the test whether a line is about one of some standards."""
    standards = {
        standard
        for name in names
        for standard in _column(
            source,
            filled("selection", "family", standard=str(source.words.resolve(name, "ckg:Standard"))),
            "standard",
        )
    }
    values = listed(sorted(standards))
    pages = _bytes(_column(source, filled("selection", "pages", standards=values), "document"))
    claims = source.select(filled("selection", "claims", standards=values))
    subjects = _bytes(standards) | _bytes(
        str(value) for row in claims for value in row.values() if value is not None
    )
    mentioned: set[bytes] = set()

    def test(subject: bytes, graph: bytes) -> bool:
        if graph in pages or subject in subjects:
            return True
        return subject in mentioned and graph[1:].startswith(_REGISTRIES)

    for _ in range(_FAR):
        mentioned |= set(_objects(source.lines, test))
    return test


def _objects(lines: Iterable[bytes], test: _Test) -> Iterator[bytes]:
    """Yield the things that wanted lines have as objects."""
    for line in lines:
        triple, graph = split(line)
        subject, _, rest = triple.partition(b" ")
        if rest.endswith(b">") and test(subject, graph):
            yield rest[rest.rindex(b" ") + 1 :]


def _graph(source: Source, name: str) -> str:
    node = named(name)
    if node is not None and source.select(filled("selection", "graph", graph=str(node))):
        return node.value
    return source.words.resolve(name, "ckg:SourceDocument").value


def _licensed(source: Source, wanted: tuple[str, ...]) -> set[str]:
    """Return the graphs under one of some licences, by their addresses or names."""
    folded = {each.casefold() for each in wanted}
    found: set[str] = set()
    known: set[str] = set()
    for row in source.select(text("selection", "licences")):
        names = {str(row["licence"]), str(row["licence"]).rstrip("/"), str(row["name"])} - {"None"}
        known.add(str(row["name"] or row["licence"]))
        if folded & {each.casefold() for each in names}:
            found.add(str(row["graph"]))
    if not found:
        raise NotFoundError(f"no graph is under the licence {' or '.join(wanted)}", tuple(sorted(known)))
    return found


def _instances(source: Source, name: str) -> tuple[str, ...]:
    chosen = source.words.resolve(name, "owl:Class")
    return _column(source, filled("selection", "instances", type=str(chosen)), "thing")


def _column(source: Source, query: str, name: str) -> tuple[str, ...]:
    return tuple(map(str, source.select(query).column(name)))


def _bytes(iris: Iterable[str]) -> frozenset[bytes]:
    return frozenset(f"<{iri}>".encode() for iri in iris)
