"""Paths between two things: the shortest, the best by evidence, and the routes between standards.

A path may cross a statement in either direction, and never one that denies a relation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, islice, pairwise, takewhile
from typing import Any

import networkx as nx
import pyoxigraph as ox

from kg.controls import Answers
from kg.network.statements import labels, of
from kg.queries import Table
from kg.queries.binding import Bound, portions
from kg.queries.table import Value
from kg.queries.texts import filled
from kg.queries.words import local, spoken
from kg.terms import PREFIXES

_DENIES = PREFIXES["ckg"] + "notDemonstratedBy"
_HEADER = ("path", "step", "source", "relation", "target", "against", "sentence", "document", "line")
_WEIGHTED_HEADER = (
    "route", "cost", "step", "source", "sourceLabel", "relation", "target", "targetLabel", "against", "weight",
    "sentence", "path", "line", "language", "document",
)  # fmt: skip
_ROUTE_HEADER = (
    "route", "step", "source", "sourceLabel", "relation", "relationLabel", "target", "targetLabel", "against",
    "sentence", "path", "line", "language", "document",
)  # fmt: skip
_LONGER = 1  # routes up to so many steps longer than the shortest are shown,
_MOST = 40  # but no more than so many


def between(
    graph: Answers, simple: nx.Graph, start: str, end: str, *, best: int = 5, most: int = 50
) -> Table:
    """Return how two things are connected: all shortest paths, then the `best` ones by evidence, step by step.

    The paths run through a `passable` network. `start` and `end` are names or IRIs. A table with a row for each
    step: path (its number), step, source, relation, target, against (whether the statement runs against the
    direction of the path), sentence, document, line. `most` bounds the number of shortest paths shown.
    """
    one, other = graph.words.resolve(start).value, graph.words.resolve(end).value
    found: dict[tuple[str, ...], None] = {}
    if one in simple and other in simple and nx.has_path(simple, one, other):
        shortest = sorted(islice(nx.all_shortest_paths(simple, one, other), 10 * most))[:most]
        by_evidence = islice(nx.shortest_simple_paths(simple, one, other, weight="weight"), best)
        found = dict.fromkeys(tuple(path) for path in (*shortest, *by_evidence))
    steps = [
        (number, step, edge, source, target)
        for number, path in enumerate(found, 1)
        for step, (source, target) in enumerate(pairwise(path), 1)
        for edge in (simple.edges[source, target],)
    ]
    said = _evidence(graph, {edge["claim"] for _, _, edge, _, _ in steps if edge["claim"]})
    return Table.of(_HEADER, (_row(*step, said=said) for step in steps))


def weighted(graph: Answers, start: str, end: str, *, best: int = 5) -> Table:
    """Return the `best` paths by evidence between two things, the one that carries furthest first, step by step.

    The cost of a path is the sum of the weights of its statements (see `kg.network.of`); of several statements
    between two things the surest counts. One row for each step: route (its number), cost, step, source, relation,
    target, against (whether the statement runs against the path), weight, and the best sentence for it with its
    path, line, language and document. After J. Y. Yen, Finding the K Shortest Loopless Paths in a Network,
    Management Science 17(11), 1971.
    """
    one, other = graph.words.resolve(start).value, graph.words.resolve(end).value
    simple = passable(of(graph))
    found = _by_evidence(simple, one, other, best)
    names = labels(graph, {thing for path in found for thing in path})
    steps = [
        (number, nx.path_weight(simple, path, "weight"), step, source, target, simple.edges[source, target])
        for number, path in enumerate(found, 1)
        for step, (source, target) in enumerate(pairwise(path), 1)
    ]
    said = best_evidence(
        graph, {_statement(source, target, edge) for *_, source, target, edge in steps if edge["claim"]}
    )
    return Table.of(
        _WEIGHTED_HEADER,
        (
            (
                number,
                round(cost, 4),
                step,
                ox.NamedNode(source),
                names.get(source),
                ox.NamedNode(edge["property"]),
                ox.NamedNode(target),
                names.get(target),
                edge["tail"] != source,
                round(edge["weight"], 4),
                *said.get(_statement(source, target, edge), (None,) * 5),
            )
            for number, cost, step, source, target, edge in steps
        ),
    )


def _statement(source: str, target: str, edge: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what a step crosses, in the statement's own direction."""
    return (
        (source, edge["property"], target) if edge["tail"] == source else (target, edge["property"], source)
    )


def _by_evidence(simple: nx.Graph, one: str, other: str, best: int) -> list[tuple[str, ...]]:
    """Return the cheapest paths, equally cheap ones in the order of their things."""
    if one == other or one not in simple or other not in simple or not nx.has_path(simple, one, other):
        return []
    # A few more than asked for, so that which of equally cheap paths are shown does not hang on the search.
    every = islice(nx.shortest_simple_paths(simple, one, other, weight="weight"), 2 * best)
    ranked = sorted((round(nx.path_weight(simple, path, "weight"), 9), tuple(path)) for path in every)
    return [path for _, path in ranked[:best]]


def _row(
    number: int,
    step: int,
    edge: dict[str, Any],
    source: str,
    target: str,
    *,
    said: dict[str, tuple[Value, ...]],
) -> Iterable[Value]:
    against = edge["tail"] != source
    sentence, document, line = said.get(edge["claim"], (None, None, None))
    return (
        number,
        step,
        ox.NamedNode(source),
        ox.NamedNode(edge["property"]),
        ox.NamedNode(target),
        against,
        sentence,
        document,
        line,
    )


def passable(network: nx.MultiDiGraph) -> nx.Graph:
    """Return the network without directions and denials, of several statements between two things the surest."""
    simple = nx.Graph()
    for tail, head, edge in network.edges(data=True):
        if edge["property"] == _DENIES or tail == head:
            continue
        former = simple.edges[tail, head] if simple.has_edge(tail, head) else None
        if former is None or _order(edge) < _order(former):
            simple.add_edge(tail, head, tail=tail, **edge)
    return simple


def _order(edge: dict[str, Any]) -> tuple[float, str, str]:
    return edge["weight"], edge["property"], edge["claim"]


def _evidence(graph: Answers, claims: set[str]) -> dict[str, tuple[Value, ...]]:
    """Return for each claim one sentence, its file and line: the first in the order of files."""
    found: dict[str, tuple[Value, ...]] = {}
    for some in portions(f"<{claim}>" for claim in sorted(claims)):
        for claim, *rest in graph.select(filled("network", "evidence", claims=some)).rows:
            assert isinstance(claim, ox.NamedNode)
            found.setdefault(claim.value, tuple(rest))
    return found


def routes(graph: Answers, statements: Table, bound: Mapping[str, tuple[Bound, ...]]) -> Table:
    """Return how one standard is connected to another, step by step; the columns are those of `paths-between`.

    `statements` has the columns source, relation, target; `bound` tells the start and the end. Where two
    standards are tied by several statements, each is a row of that step.
    """
    network = nx.Graph()
    for row in statements.select("source", "relation", "target"):
        source, relation, target = (str(row[name]) for name in ("source", "relation", "target"))
        if source != target:
            network.add_edge(source, target)
            network.edges[source, target].setdefault("statements", []).append((source, relation, target))
    found = _routes(network, bound["start"][0].value, bound["end"][0].value)
    steps = [
        (number, step, *statement, statement[0] != tail)
        for number, route in enumerate(found, 1)
        for step, (tail, head) in enumerate(pairwise(route), 1)
        for statement in network.edges[tail, head]["statements"]
    ]
    said = best_evidence(graph, {(source, relation, target) for _, _, source, relation, target, _ in steps})
    names = labels(graph, {name for _, _, *statement, _ in steps for name in statement})
    return Table.of(
        _ROUTE_HEADER,
        (
            (
                number,
                step,
                ox.NamedNode(source),
                names.get(source),
                ox.NamedNode(relation),
                names.get(relation, spoken(local(relation))),
                ox.NamedNode(target),
                names.get(target),
                against,
                *said.get((source, relation, target), (None,) * 5),
            )
            for number, step, source, relation, target, against in steps
        ),
    )


def _routes(network: nx.Graph, start: str, end: str) -> list[tuple[str, ...]]:
    """Return the shortest routes and those little longer, the shortest first."""
    if start == end or start not in network or end not in network or not nx.has_path(network, start, end):
        return []
    every = (tuple(route) for route in nx.shortest_simple_paths(network, start, end))
    shortest = next(every)
    near = takewhile(lambda route: len(route) <= len(shortest) + _LONGER, chain((shortest,), every))
    return sorted(islice(near, 10 * _MOST), key=lambda route: (len(route), route))[:_MOST]


def best_evidence(
    graph: Answers, statements: set[tuple[str, str, str]]
) -> dict[tuple[str, str, str], tuple[Value, ...]]:
    """Return the best evidence for each statement: sentence, path, line, language, document."""
    if not statements:
        return {}
    values = " ".join(
        "(" + " ".join(f"<{iri}>" for iri in statement) + ")" for statement in sorted(statements)
    )
    table = graph.select(filled("network", "said", statements=values))
    found: dict[tuple[str, str, str], tuple[Value, ...]] = {}
    for plain, (_, _, _, *evidence) in zip(table, table.rows, strict=True):
        found.setdefault(
            (str(plain["source"]), str(plain["relation"]), str(plain["target"])), tuple(evidence)
        )
    return found
