"""A graph for networkx: things as nodes, what is claimed of them as edges with their evidence."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx
import pyoxigraph as ox

from kg.controls import Answers
from kg.queries.binding import portions
from kg.queries.table import Plain, Value, plain
from kg.queries.texts import filled
from kg.terms import PREFIXES, term

# What ties things together without anybody doubting it: parts, editions, members, parents.
_STRUCTURE = (
    "dcterms:isVersionOf", "dcterms:isPartOf", "ckg:hasBaseline", "dcterms:replaces", "ckg:addresses", "skos:member",
    "skos:inScheme", "skos:broader",
)  # fmt: skip

_CHAINED = PREFIXES["semapv"] + "MappingChaining"
# How far a statement carries: what a source says outright is nearest; what is derived, or linked without saying
# how, is further; a family or catalog that two controls share says least.
WEIGHTS = {"stated": 1.0, "structure": 1.0, "derived": 2.0, "unrelated": 3.0, "shared": 6.0}
_SHARED = {PREFIXES["skos"] + "inScheme", PREFIXES["skos"] + "broader", PREFIXES["skos"] + "member"}


def of(graph: Answers) -> nx.MultiDiGraph:
    """Return a graph as a networkx MultiDiGraph.

    Nodes are IRIs. Edges have `property` (an IRI), `claim` (the IRI of the claim, empty for structure),
    `relation` (the set relation of a mapping, else empty) and `weight`, which is the greater the less a
    statement carries: 1 for what a source states and for structure, 2 for what is derived, 3 for a mapping
    that does not say in which relation, 6 for a family or list two things share, divided by the confidence
    where a source gives one.
    """
    network = nx.MultiDiGraph()
    claims = stated(graph)
    relations, confidences, justifications, denials = (
        column(graph, name)
        for name in (
            "ckg:setRelation",
            "sssom:confidence",
            "sssom:mapping_justification",
            "sssom:predicate_modifier",
        )
    )
    for claim in sorted(claims):
        source, prop, target = claims[claim]
        if claim in denials or not isinstance(target, ox.NamedNode):
            continue
        relation = str(plain(relations.get(claim)) or "")
        justification = str(plain(justifications.get(claim)) or "")
        network.add_edge(
            source,
            target.value,
            key=claim,
            property=prop,
            claim=claim,
            relation=relation,
            weight=weight(prop, relation, justification, plain(confidences.get(claim))),
        )
    for name in _STRUCTURE:
        prefix, _, local = name.partition(":")
        prop = PREFIXES[prefix] + local
        far = WEIGHTS["shared" if prop in _SHARED else "structure"]
        for row in sorted(graph.select(filled("network", "plain", property=term(name))), key=_by_text):
            source, target = str(row["source"]), str(row["target"])
            network.add_edge(source, target, key=prop, property=prop, claim="", relation="", weight=far)
    return network


def _by_text(row: dict[str, Plain]) -> tuple[str, ...]:
    return tuple(map(str, row.values()))


def stated(graph: Answers) -> dict[str, tuple[str, str, Value]]:
    """Return for each claim the source, property and target it annotates."""
    properties, targets = (column(graph, f"owl:annotated{end}") for end in ("Property", "Target"))
    return {
        claim: (_iri(source), _iri(properties[claim]), targets[claim])
        for claim, source in column(graph, "owl:annotatedSource").items()
        if claim in properties and claim in targets
    }


def column(graph: Answers, name: str) -> dict[str, Value]:
    """Return the value of a property of claims for each claim that has one, of several the first in their order."""
    found: dict[str, Value] = {}
    for claim, value in graph.select(filled("network", "column", property=term(name))).rows:
        former = found.setdefault(_iri(claim), value)
        if former is not value and str(value) < str(former):
            found[_iri(claim)] = value
    return found


def _iri(value: Value) -> str:
    return value.value if isinstance(value, ox.NamedNode) else str(value)


def weight(prop: str, relation: str, justification: str, confidence: object) -> float:
    """Return how far a claim carries; see `of`."""
    kind = "stated"
    if justification == _CHAINED:
        kind = "derived"
    elif justification and not relation:
        kind = "unrelated"
    elif prop in _SHARED:
        kind = "shared"
    sure = float(confidence) if isinstance(confidence, int | float) and confidence > 0 else 1.0
    return WEIGHTS[kind] / sure


def labels(graph: Answers, things: Iterable[str]) -> dict[str, Value]:
    """Return the English names of those things that have one; of several titles of a page's subject the shortest."""
    found: dict[str, Value] = {}
    for some in portions(f"<{iri}>" for iri in sorted(set(things))):
        table = graph.select(filled("network", "labels", things=some))
        found |= {str(plain["thing"]): row[1] for plain, row in zip(table, table.rows, strict=True)}
    return found
