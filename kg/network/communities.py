"""Which standards belong together, going by the relations between them."""

from __future__ import annotations

import networkx as nx
import pyoxigraph as ox

from kg.controls import Answers
from kg.network.projections import resting, standards
from kg.queries import Table

_SEED = 0
_HEADER = ("community", "size", "modularity", "standard", "standardLabel", "within", "links")


def communities(graph: Answers, *, resolution: float = 1.0, editions: bool = False) -> Table:
    """Return the standards by community, the largest first, and in each the one with most ties within it first.

    Communities are those of the Louvain method with a fixed seed (V. D. Blondel, J.-L. Guillaume, R. Lambiotte and
    E. Lefebvre, Fast Unfolding of Communities in Large Networks, Journal of Statistical Mechanics P10008, 2008). A tie
    counts as often as kinds of relation make it, in either direction. `modularity` is what the community adds
    to the modularity of all (M. E. J. Newman and M. Girvan, Physical Review E 69, 026113, 2004), `within` the
    number of ties to members, `links` of ties to any. A greater `resolution` gives smaller communities.
    """
    network = _undirected(resting(standards(graph, editions=editions)))
    found = partition(network, resolution=resolution)
    rows = []
    for number, members in enumerate(found, 1):
        share = round(_share(network, members), 6)
        degrees = {
            node: sum(edge["weight"] for other, edge in network[node].items() if other in members)
            for node in members
        }
        for node in sorted(members, key=lambda node: (-degrees[node], node)):
            total = network.degree(node, weight="weight")
            label = network.nodes[node]["label"]
            rows.append((number, len(members), share, ox.NamedNode(node), label, degrees[node], total))
    return Table.of(_HEADER, rows)


def partition(network: nx.Graph, *, resolution: float = 1.0) -> list[frozenset[str]]:
    """Return the communities of a network, the largest first, equally large ones in the order of their first node."""
    nodes = sorted(network)
    # Numbers for names: the order of a set of texts differs from process to process.
    places = {node: index for index, node in enumerate(nodes)}
    numbered = nx.Graph()
    numbered.add_nodes_from(range(len(nodes)))
    numbered.add_weighted_edges_from(
        sorted(
            (*sorted((places[one], places[other])), far) for one, other, far in network.edges(data="weight")
        )
    )
    if not numbered.number_of_edges():
        return [frozenset({node}) for node in nodes]
    found = nx.community.louvain_communities(numbered, weight="weight", resolution=resolution, seed=_SEED)
    return sorted(
        (frozenset(nodes[index] for index in members) for members in found),
        key=lambda members: (-len(members), min(members)),
    )


def _undirected(directed: nx.DiGraph) -> nx.Graph:
    """Return the ties without direction, those of both directions added up; standards with no tie are left out."""
    network = nx.Graph()
    for tail, head, ties in directed.edges(data="weight"):
        former = network.get_edge_data(tail, head, {"weight": 0})["weight"]
        network.add_edge(tail, head, weight=former + ties)
    for node, held in network.nodes(data=True):
        held["label"] = directed.nodes[node]["label"]
    return network


def _share(network: nx.Graph, members: frozenset[str]) -> float:
    total = network.size(weight="weight")
    inside = network.subgraph(members).size(weight="weight")
    degrees = sum(degree for _, degree in network.degree(members, weight="weight"))
    return float(inside / total - (degrees / (2 * total)) ** 2)
