"""What is said around a thing, a few steps far: small enough to be drawn and read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.controls import Answers
from kg.errors import QueryError
from kg.network import best_evidence, labels
from kg.queries import Table
from kg.queries.rendering import short
from kg.queries.table import plain
from kg.queries.texts import filled, listed, text
from kg.queries.words import local, spoken


@dataclass(frozen=True, slots=True)
class Node:
    """A thing: its IRI, the name it goes by, its kind in words (`cloud service`), and whether it was asked for."""

    iri: str
    label: str
    kind: str
    is_start: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """A statement between two things; `sentence` and `place` are its best evidence, empty where there is none."""

    source: str
    property: str
    label: str
    target: str
    sentence: str
    place: str


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Things and the statements between them, sorted; `left_out` counts things that found no room."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int


def around(graph: Answers, *names: str, depth: int = 1, most: int = 60) -> Neighbourhood:
    """Return what is said around things, up to `depth` steps far and at most `most` things.

    `names` are words or IRIs. What is nearer comes before what is farther, and of equally near things what more
    statements tie to the others; QueryError where there is no room for what was asked for itself.
    """
    starts = tuple(dict.fromkeys(graph.words.resolve(name).value for name in names))
    if not starts or most < len(starts):
        raise QueryError(f"{len(starts)} things were asked for, and there is room for {most}")
    known: dict[str, int] = dict.fromkeys(starts, 0)
    statements: set[tuple[str, str, str]] = set()
    left_out: set[str] = set()
    frontier: Sequence[str] = starts
    for step in range(1, depth + 1):
        found = _statements(graph, frontier)
        statements |= found
        ties = _ties(found, known)
        ordered = sorted(ties, key=lambda thing: (-ties[thing], thing))
        room = most - len(known)
        frontier = ordered[:room]
        left_out |= set(ordered[room:])
        known |= dict.fromkeys(frontier, step)
        if not frontier:
            break
    shown = {each for each in statements if each[0] in known and each[2] in known and each[0] != each[2]}
    return Neighbourhood(_nodes(graph, known), _edges(graph, shown), len(left_out - known.keys()))


def standards(graph: Answers) -> Neighbourhood:
    """Return the standards and what pages say of how one stands to another."""
    found = set(_iris(graph.select(text("neighbourhood", "between-standards"))))
    known = {thing: 1 for source, _, target in found for thing in (source, target)}
    return Neighbourhood(_nodes(graph, known), _edges(graph, found), 0)


def _statements(graph: Answers, things: Iterable[str]) -> set[tuple[str, str, str]]:
    values = listed(things)
    if not values:
        return set()
    found: set[tuple[str, str, str]] = set()
    # From either end a query of its own, as the engine goes about a union of them the long way round.
    for name in ("claimed-of-source", "claimed-of-target", "tied-by-source", "tied-by-target"):
        found |= set(_iris(graph.select(filled("neighbourhood", name, things=values))))
    return found


def _iris(table: Table) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of a table of statements."""
    for source, prop, target in table.rows:
        if (
            isinstance(source, ox.NamedNode)
            and isinstance(prop, ox.NamedNode)
            and isinstance(target, ox.NamedNode)
        ):
            yield source.value, prop.value, target.value


def _ties(statements: Iterable[tuple[str, str, str]], known: Iterable[str]) -> dict[str, int]:
    """Return how many statements tie each new thing to known ones."""
    ties: dict[str, int] = {}
    settled = set(known)
    for source, _, target in statements:
        for one, other in ((source, target), (target, source)):
            if one not in settled and other in settled:
                ties[one] = ties.get(one, 0) + 1
    return ties


def _nodes(graph: Answers, known: dict[str, int]) -> tuple[Node, ...]:
    names = labels(graph, known)
    return tuple(
        Node(thing, str(plain(names[thing])) if thing in names else short(thing), kind(thing), not step)
        for thing, step in sorted(known.items(), key=lambda each: (each[1], each[0]))
    )


def kind(thing: str) -> str:
    """Return what kind of thing an IRI of ours is for, in words; `thing` for any other.

    >>> kind("https://w3id.org/compliance-kg/id/impact-level/high"), kind("https://example.org/")
    ('impact level', 'thing')
    """
    _, found, path = thing.partition("/id/")
    return path.partition("/")[0].replace("-", " ") if found else "thing"


def _edges(graph: Answers, statements: set[tuple[str, str, str]]) -> tuple[Edge, ...]:
    evidence = best_evidence(graph, statements)
    names = labels(graph, {prop for _, prop, _ in statements})
    edges = []
    for statement in sorted(statements):
        source, prop, target = statement
        sentence, path, line, *_ = evidence.get(statement, (None, None, None))
        label = str(plain(names[prop])) if prop in names else spoken(local(prop))
        where = f"{plain(path)}:{plain(line)}" if line is not None else str(plain(path) or "")
        edges.append(Edge(source, prop, label, target, str(plain(sentence) or ""), where))
    return tuple(edges)
