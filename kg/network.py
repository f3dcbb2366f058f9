"""A graph for networkx: things as nodes, what is claimed of them as edges; and the paths between two things.

A path may cross a statement in either direction, and never one that denies a relation.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, pairwise
from typing import Any, Protocol

import networkx as nx
import pyoxigraph as ox

from kg.queries import Table, Words
from kg.queries.table import Value
from kg.terms import PREFIXES

# What ties things together without anybody doubting it: parts, editions, members, parents.
_STRUCTURE = (
    "dcterms:isVersionOf", "dcterms:isPartOf", "ckg:hasBaseline", "dcterms:replaces", "ckg:addresses", "skos:member",
    "skos:inScheme", "skos:broader",
)  # fmt: skip
_CLAIMS = """SELECT ?claim ?source ?property ?target ?relation ?confidence ?justification WHERE {
  ?claim a ckg:Claim ; owl:annotatedSource ?source ; owl:annotatedProperty ?property ; owl:annotatedTarget ?target .
  FILTER(isIRI(?target))
  FILTER NOT EXISTS { ?claim sssom:predicate_modifier sssom:NegatedPredicate }
  OPTIONAL { ?claim ckg:setRelation ?relation }
  OPTIONAL { ?claim sssom:confidence ?confidence }
  OPTIONAL { ?claim sssom:mapping_justification ?justification }
}"""
_PLAIN = "SELECT DISTINCT ?source ?target WHERE {{ ?source {property} ?target }}"
_EVIDENCE = """SELECT DISTINCT ?claim ?sentence ?path ?line WHERE {{
  VALUES ?claim {{ {claims} }}
  ?claim prov:wasDerivedFrom ?document .
  OPTIONAL {{ ?document ckg:path ?path }}
  OPTIONAL {{
    ?claim ckg:evidence ?segment . ?segment rdf:value ?sentence .
    OPTIONAL {{ ?segment ckg:line ?line }}
    FILTER(LANG(?sentence) = "" || LANGMATCHES(LANG(?sentence), "en"))
  }}
}} ORDER BY ?claim ?path ?line ?sentence"""

_DENIES = PREFIXES["ckg"] + "notDemonstratedBy"
_CHAINED = PREFIXES["semapv"] + "MappingChaining"
# How far a statement carries: what a source says outright is nearest; what is derived, or linked without saying
# how, is further; a family or catalog that two controls share says least.
_WEIGHT = {"stated": 1.0, "structure": 1.0, "derived": 2.0, "unrelated": 3.0, "shared": 6.0}
_SHARED = {PREFIXES["skos"] + "inScheme", PREFIXES["skos"] + "broader", PREFIXES["skos"] + "member"}

_HEADER = ("path", "step", "source", "relation", "target", "against", "sentence", "document", "line")


class Answers(Protocol):
    """What this module needs of a graph."""

    def select(self, text: str) -> Table:
        """Return the rows of a SELECT query."""

    @property
    def words(self) -> Words:
        """The things of the graph by their names."""


def of(graph: Answers) -> nx.MultiDiGraph:
    """Return a graph as a networkx MultiDiGraph.

    Nodes are IRIs. Edges have `property` (an IRI), `claim` (the IRI of the claim, empty for structure),
    `relation` (the set relation of a mapping, else empty) and `weight` (the further, the weaker).
    """
    network = nx.MultiDiGraph()
    for row in graph.select(_CLAIMS):
        prop = str(row["property"])
        network.add_edge(
            str(row["source"]),
            str(row["target"]),
            key=str(row["claim"]),
            property=prop,
            claim=str(row["claim"]),
            relation=str(row["relation"] or ""),
            weight=_weight(
                prop, str(row["relation"] or ""), str(row["justification"] or ""), row["confidence"]
            ),
        )
    for name in _STRUCTURE:
        prefix, _, local = name.partition(":")
        prop = PREFIXES[prefix] + local
        weight = _WEIGHT["shared" if prop in _SHARED else "structure"]
        for row in graph.select(_PLAIN.format(property=name)):
            source, target = str(row["source"]), str(row["target"])
            network.add_edge(source, target, key=prop, property=prop, claim="", relation="", weight=weight)
    return network


def _weight(prop: str, relation: str, justification: str, confidence: object) -> float:
    kind = "stated"
    if justification == _CHAINED:
        kind = "derived"
    elif justification and not relation:
        kind = "unrelated"
    elif prop in _SHARED:
        kind = "shared"
    sure = float(confidence) if isinstance(confidence, int | float) and confidence > 0 else 1.0
    return _WEIGHT[kind] / sure


def between(
    graph: Answers, network: nx.MultiDiGraph, start: str, end: str, *, best: int = 5, most: int = 50
) -> Table:
    """Return how two things are connected: all shortest paths, then the `best` ones by evidence, step by step.

    `start` and `end` are names or IRIs. A table with a row for each step: path (its number), step, source,
    relation, target, against (whether the statement runs against the direction of the path), sentence,
    document, line. `most` bounds the number of shortest paths shown.
    """
    one, other = graph.words.resolve(start).value, graph.words.resolve(end).value
    simple = _passable(network)
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


def _passable(network: nx.MultiDiGraph) -> nx.Graph:
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
    if not claims:
        return {}
    values = " ".join(f"<{claim}>" for claim in sorted(claims))
    table = graph.select(_EVIDENCE.format(claims=values))
    found: dict[str, tuple[Value, ...]] = {}
    for claim, *rest in table.rows:
        assert isinstance(claim, ox.NamedNode)
        found.setdefault(claim.value, tuple(rest))
    return found
