"""Which standards are hubs: how much others rest on them, how much they lie between, by several measures.

rustworkx computes the two costly measures where it is installed; networkx and the loop below give the same.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import networkx as nx
import pyoxigraph as ox

from kg.controls import Answers
from kg.errors import NotFoundError
from kg.network.projections import resting, standards
from kg.queries import Table

if TYPE_CHECKING:
    import rustworkx as rx

_DAMPING = 0.85
_EXACT = 1e-12  # how far a rank may be from its limit
_ROUNDS = 1000
_DIGITS = 6  # of what is shown and ranked by: the engines agree in more
_HEADER = ("rank", "standard", "standardLabel", "pagerank", "betweenness", "in", "out")
MEASURES = _HEADER[3:]


def hubs(graph: Answers, *, by: str = "pagerank", editions: bool = False) -> Table:
    """Return the standards that others rest on, the hubs first, by one measure and with the others beside it.

    Edges lead from the standard that rests on another to that other (`ckg:restingEnd` in the ontology).
    `pagerank` is the share of a reader's time who follows them (L. Page, S. Brin, R. Motwani and T. Winograd,
    The PageRank Citation Ranking, Stanford 1999; damping 0.85); `betweenness` the share of shortest chains that lead
    through a standard (L. C. Freeman, A Set of Measures of Centrality Based on Betweenness, Sociometry 40(1), 1977,
    computed after U. Brandes, Journal of Mathematical Sociology 25(2), 2001); `in` how many standards rest on it, `out`
    on how many it rests. Ties are in the order of IRIs. NotFoundError for another measure.
    """
    if by not in MEASURES:
        raise NotFoundError(f"there is no measure {by!r}", MEASURES)
    network = resting(standards(graph, editions=editions))
    ranks, between = pagerank(network), betweenness(network)
    rows = [
        (
            standard,
            label,
            round(ranks[standard], _DIGITS),
            round(between[standard], _DIGITS),
            network.in_degree(standard),
            network.out_degree(standard),
        )
        for standard, label in network.nodes(data="label")
    ]
    place = MEASURES.index(by) + 2
    rows.sort(key=lambda row: (-row[place], row[0]))
    return Table.of(_HEADER, ((rank, ox.NamedNode(iri), *rest) for rank, (iri, *rest) in enumerate(rows, 1)))


def pagerank(network: nx.DiGraph, *, fast: bool | None = None) -> dict[str, float]:
    """Return the PageRank of each node, summing to 1; `fast` says whether by rustworkx, None where it is installed."""
    if not network:
        return {}
    if _fast(fast):
        import rustworkx as rx  # noqa: PLC0415  # the extra `fast`

        found = rx.pagerank(_indexed(network), alpha=_DAMPING, tol=_EXACT, max_iter=_ROUNDS)
        return {node: found[index] for index, node in enumerate(sorted(network))}
    # networkx needs scipy for this, which nothing else here does.
    nodes = sorted(network)
    ranks = dict.fromkeys(nodes, 1 / len(nodes))
    for _ in range(_ROUNDS):
        former = ranks
        loose = sum(former[node] for node in nodes if not network.out_degree(node))
        ranks = dict.fromkeys(nodes, (1 - _DAMPING + _DAMPING * loose) / len(nodes))
        for node in nodes:
            for target in network.successors(node):
                ranks[target] += _DAMPING * former[node] / network.out_degree(node)
        if sum(abs(ranks[node] - former[node]) for node in nodes) < _EXACT * len(nodes):
            break
    return ranks


def betweenness(network: nx.DiGraph, *, fast: bool | None = None) -> dict[str, float]:
    """Return for each node the share of shortest paths between two others that lead through it."""
    if _fast(fast):
        import rustworkx as rx  # noqa: PLC0415  # the extra `fast`

        found = rx.digraph_betweenness_centrality(_indexed(network), normalized=True)
        return {node: found[index] for index, node in enumerate(sorted(network))}
    shares: dict[str, float] = nx.betweenness_centrality(network, normalized=True)
    return shares


def _fast(wanted: bool | None) -> bool:
    return find_spec("rustworkx") is not None if wanted is None else wanted


def _indexed(network: nx.DiGraph) -> rx.PyDiGraph[str, float]:
    """Return a network for rustworkx; its nodes are the places of ours in alphabetical order."""
    import rustworkx as rx  # noqa: PLC0415  # the extra `fast`

    places = {node: index for index, node in enumerate(sorted(network))}
    directed = rx.PyDiGraph()
    directed.add_nodes_from(list(places))
    directed.add_edges_from([(places[tail], places[head], 1.0) for tail, head in network.edges])
    return directed
