"""How alike two offerings are by the services they list, and two lists of controls by the controls they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations

import networkx as nx
import pyoxigraph as ox

from kg.control_lists import ControlSet
from kg.controls import Answers
from kg.crosswalk import EQUAL, EQUIVALENT
from kg.errors import NotFoundError, QueryError
from kg.network.scopes import listed
from kg.network.statements import labels
from kg.queries import Table

_HEADER = ("one", "oneLabel", "other", "otherLabel", "shared", "onlyOne", "onlyOther", "similarity")
KINDS = ("offerings", "standards")

Shared = Callable[[str, str], int]


def similar(graph: Answers, *, of: str = "offerings", least: float = 0.0) -> Table:
    """Return each two offerings (or `standards`) that share something, the most alike first.

    `similarity` is the share of what either has that both have (P. Jaccard, The Distribution of the Flora in the Alpine
    Zone, New Phytologist 11(2), 1912): 1 for the same, 0 for nothing in common. Offerings are compared by the
    services in their scope; standards, that is baselines and editions with controls, by their controls, where one
    counts as shared that both hold or that a mapping calls equal or equivalent to one of the other, each control
    once (the largest matching: J. E. Hopcroft and R. M. Karp, SIAM Journal on Computing 2(4), 1973). Pairs below
    `least` are left out. NotFoundError for another kind, QueryError for a share that is none.
    """
    if of not in KINDS:
        raise NotFoundError(f"there is no similarity of {of!r}", KINDS)
    if not 0 <= least <= 1:
        raise QueryError(f"a similarity is between 0 and 1, not {least}")
    sets = listed(graph) if of == "offerings" else _lists(graph)
    shared = _same(sets) if of == "offerings" else _matched(graph, sets)
    rows = []
    for one, other in combinations(sorted(sets), 2):
        both = shared(one, other)
        share = jaccard(len(sets[one]), len(sets[other]), both)
        if both and share >= least:
            rows.append((-share, one, other, both))
    names = labels(graph, sets)
    return Table.of(
        _HEADER,
        (
            (
                ox.NamedNode(one),
                names.get(one),
                ox.NamedNode(other),
                names.get(other),
                both,
                len(sets[one]) - both,
                len(sets[other]) - both,
                round(-share, 4),
            )
            for share, one, other, both in sorted(rows)
        ),
    )


def jaccard(one: int, other: int, both: int) -> float:
    """Return the share of what either of two sets holds that both hold, 0 for two empty ones.

    >>> jaccard(3, 2, 1)
    0.25
    """
    return both / (one + other - both) if both else 0.0


def _lists(graph: Answers) -> dict[str, frozenset[str]]:
    lists = graph.lists
    return {
        **{iri: lists.members(ControlSet(iri, is_baseline=True)) for iri in lists.baselines},
        **{iri: lists.members(ControlSet(iri, is_baseline=False)) for iri in lists.editions},
    }


def _same(sets: Mapping[str, frozenset[str]]) -> Shared:
    return lambda one, other: len(sets[one] & sets[other])


def _matched(graph: Answers, sets: Mapping[str, frozenset[str]]) -> Shared:
    """Return how to count the controls two lists share, those mapped as equal or equivalent included."""
    every = frozenset().union(*sets.values())
    alike = {
        control: {each.control for each in found if each.relation in {EQUAL, EQUIVALENT}}
        for control, found in graph.lists.counterparts(sorted(every), every).items()
    }

    def shared(one: str, other: str) -> int:
        pairs = [
            (control, counterpart)
            for control in sorted(sets[one])
            for counterpart in sorted(alike[control] & sets[other])
        ]
        same = sets[one] & sets[other]
        if not pairs:
            return len(same)
        return matching([*pairs, *((control, control) for control in sorted(same))])

    return shared


def matching(pairs: list[tuple[str, str]]) -> int:
    """Return how many pairs can be chosen at most so that nothing on the left or the right is chosen twice."""
    network = nx.Graph()
    network.add_edges_from(((0, one), (1, other)) for one, other in pairs)
    left = {node for node in network if node[0] == 0}
    return len(nx.bipartite.hopcroft_karp_matching(network, left)) // 2
