"""Views of a graph as a network of one kind: standards, controls of two frameworks, services and standards."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import networkx as nx
import pyoxigraph as ox

from kg import controls as comparing
from kg import files
from kg.controls import Answers
from kg.network.statements import labels, weight
from kg.queries.texts import text
from kg.terms import PREFIXES

_RESTING = PREFIXES["ckg"] + "restingEnd"
_SOURCE, _TARGET = PREFIXES["owl"] + "annotatedSource", PREFIXES["owl"] + "annotatedTarget"


def standards(graph: Answers, *, editions: bool = False) -> nx.MultiDiGraph:
    """Return the standards that sources relate, with an edge for each claim in the direction of its property.

    Nodes are IRIs with a `label`. Edges have `property`, `claim` and `document`. An edition or level counts
    as the standard it is one of, unless `editions` are wanted each for itself; what a standard says of itself
    then goes. Denials are edges like others, told by their property.
    """
    whole = {} if editions else wholes(graph)
    network = nx.MultiDiGraph()
    for row in graph.select(text("network", "relations")):
        source, prop, target, claim = (str(row[name]) for name in ("source", "property", "target", "claim"))
        source, target = whole.get(source, source), whole.get(target, target)
        if source != target:
            network.add_edge(
                source, target, key=claim, property=prop, claim=claim, document=str(row["document"])
            )
    return _labelled(graph, network)


def wholes(graph: Answers) -> dict[str, str]:
    """Return for each edition and level of a standard the standard it is one of in the end."""
    above = {str(row["part"]): str(row["whole"]) for row in graph.select(text("network", "wholes"))}
    found = {}
    for part in above:
        seen, top = {part}, part
        while above.get(top) and above[top] not in seen:
            top = above[top]
            seen.add(top)
        found[part] = top
    return found


def resting(network: nx.MultiDiGraph) -> nx.DiGraph:
    """Return a network of standards with one edge from each standard to each that it rests on.

    Which end of a relation rests on the other the ontology says (`ckg:restingEnd`): of "aligned with" the source
    on the target, of "equivalent to" each on the other, of a denial neither. `weight` is the number of kinds of
    relation that say so.
    """
    ends = resting_ends()
    said: dict[tuple[str, str], set[str]] = {}
    for source, target, prop in network.edges(data="property"):
        if _SOURCE in ends.get(prop, ()):
            said.setdefault((source, target), set()).add(prop)
        if _TARGET in ends.get(prop, ()):
            said.setdefault((target, source), set()).add(prop)
    directed = nx.DiGraph()
    directed.add_nodes_from(sorted(network.nodes(data=True)))
    directed.add_weighted_edges_from((*pair, len(said[pair])) for pair in sorted(said))
    return directed


@lru_cache(maxsize=1)
def resting_ends() -> Mapping[str, frozenset[str]]:
    """Return for each relation between standards which of its ends rests on the other."""
    found: dict[str, frozenset[str]] = {}
    for quad in ox.parse(path=str(files.ontology() / "kg.ttl"), format=ox.RdfFormat.TURTLE):
        if quad.predicate.value == _RESTING:
            name, end = quad.subject, quad.object
            assert isinstance(name, ox.NamedNode)
            assert isinstance(end, ox.NamedNode)
            found[name.value] = found.get(name.value, frozenset()) | {end.value}
    return found


def controls(graph: Answers, one: str, other: str) -> nx.MultiDiGraph:
    """Return the controls of two lists and the mappings between them, each in its own direction.

    Nodes are IRIs with `bipartite` (0 for the first list, 1 for the other, whatever both hold counting as of the
    first), `notation` and `label`. Edges have `relation` (the set relation, empty where none is stated), `claim`,
    `document`, `confidence` (None where none is stated) and `weight`, see `kg.network.of`.
    """
    lists = [comparing.list_of(graph, name) for name in (one, other)]
    network = nx.MultiDiGraph()
    for side, iri in reversed(list(enumerate(lists))):
        for control, each in sorted(graph.lists.described(comparing.control_set(iri)).items()):
            network.add_node(control, bipartite=side, notation=each.notation, label=each.title)
    for row in graph.ask("mappings-between", **{"from": lists[0], "to": lists[1]}):
        source, target = str(row["control"]), str(row["counterpart"])
        if row["turned"]:
            source, target = target, source
        relation = str(row["relation"] or "")
        network.add_edge(
            source,
            target,
            key=str(row["claim"]),
            relation=relation,
            claim=str(row["claim"]),
            document=str(row["document"]),
            confidence=row["confidence"],
            weight=weight("", relation, str(row["justification"] or ""), row["confidence"]),
        )
    return network


def scope(graph: Answers) -> nx.MultiGraph:
    """Return services and the standards they are in scope of, with an edge for each claim.

    Nodes are IRIs with `bipartite` (0 for a service, 1 for a standard) and `label`. Edges have `cloud` (an IRI,
    empty where the source names none), `claim` and `document`.
    """
    addressed: dict[str, list[str]] = {}
    for row in graph.select(text("network", "addressed")):
        addressed.setdefault(str(row["offering"]), []).append(str(row["standard"]))
    network = nx.MultiGraph()
    for row in sorted(
        graph.select(text("network", "scope")), key=lambda row: (str(row["service"]), str(row["claim"]))
    ):
        service, claim = str(row["service"]), str(row["claim"])
        for standard in addressed.get(str(row["offering"]), ()):
            network.add_node(service, bipartite=0)
            network.add_node(standard, bipartite=1)
            network.add_edge(
                service,
                standard,
                key=claim,
                claim=claim,
                cloud=str(row["cloud"] or ""),
                document=str(row["document"]),
            )
    return _labelled(graph, network)


def _labelled(graph: Answers, network: nx.Graph) -> nx.Graph:
    known = labels(graph, network.nodes)
    for node, held in network.nodes(data=True):
        name = known.get(node)
        held["label"] = name.value if isinstance(name, ox.Literal) else node.rpartition("/")[2]
    return network
