"""Chains of control mappings: what follows from two mappings in a row, and where sources contradict each other.

The composition table is that of the contract (`ontology.md`, "Set relations between controls, and how they
chain"): relations are inclusive statements about sets that are not empty, and a chain is concluded only where
set theory allows it. `tests/test_crosswalk.py` holds it against all triples of small sets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.terms import Iri

EQUAL, EQUIVALENT = "equal-to", "equivalent-to"
SUBSET, SUPERSET = "subset-of", "superset-of"
INTERSECTS, DISJOINT = "intersects-with", "no-relationship"

# From the strongest statement to the weakest; a pair of controls keeps what is strongest.
STRENGTH = {EQUAL: 0, EQUIVALENT: 1, SUBSET: 2, SUPERSET: 2, INTERSECTS: 3, DISJOINT: 3}

_TABLE = {
    (SUBSET, SUBSET): SUBSET,
    (SUPERSET, SUPERSET): SUPERSET,
    (SUPERSET, SUBSET): INTERSECTS,
    (SUPERSET, INTERSECTS): INTERSECTS,
    (INTERSECTS, SUBSET): INTERSECTS,
    (SUBSET, DISJOINT): DISJOINT,
    (DISJOINT, SUPERSET): DISJOINT,
}
_CONVERSE = {SUBSET: SUPERSET, SUPERSET: SUBSET}


def compose(first: str, second: str) -> str | None:
    """Return what A is to C where A is `first` to B and B is `second` to C; None where nothing follows.

    >>> compose("subset-of", "equal-to"), compose("superset-of", "subset-of"), compose("subset-of", "superset-of")
    ('subset-of', 'intersects-with', None)
    """
    if first == EQUAL:
        return second
    if second == EQUAL:
        return first
    if first == EQUIVALENT:
        return second
    if second == EQUIVALENT:
        return first
    return _TABLE.get((first, second))


def converse(relation: str) -> str:
    """Return what B is to A where A is `relation` to B."""
    return _CONVERSE.get(relation, relation)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping that a source states, or that follows: A is `relation` to B.

    `steps` are the claims it rests on, in the order of the chain (itself, for a stated one). `confidence` is
    the weakest of its steps', None where a step has none. `shareable` is False where a step's licence forbids
    derivatives.
    """

    source: Iri
    target: Iri
    relation: str
    steps: tuple[Iri, ...]
    confidence: float | None = None
    shareable: bool = True

    def turned(self) -> Mapping:
        """Return the mapping as seen from its target."""
        return Mapping(
            self.target,
            self.source,
            converse(self.relation),
            self.steps[::-1],
            self.confidence,
            self.shareable,
        )


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two mappings that cannot both be true: one finds something in common, the other says there is nothing."""

    one: Mapping
    other: Mapping


@dataclass(frozen=True, slots=True)
class Derivation:
    """What follows from the stated mappings: conclusions, contradictions, and how many chains were looked at."""

    conclusions: tuple[Mapping, ...]
    contradictions: tuple[Contradiction, ...]
    considered: int


def catalog(control: Iri) -> str:
    """Return the catalog part of a control's IRI."""
    return control.rpartition("/")[0]


def derive(stated: Iterable[Mapping], *, longest: int = 4) -> Derivation:
    """Return all that follows from the stated mappings by chains that visit no catalog twice.

    Chains are extended one stated mapping at a time, shortest first, so that each conclusion is reached by its
    shortest and surest chain. Of the conclusions about a pair only the strongest are kept, and none that a
    source states itself. `longest` bounds the number of steps in a chain.
    """
    onward: dict[Iri, list[Mapping]] = {}
    known: dict[tuple[Iri, Iri, str], Mapping] = {}
    for mapping in sorted(stated, key=_order):
        for each in (mapping, mapping.turned()):
            key = (each.source, each.target, each.relation)
            if key not in known and each.source != each.target:
                known[key] = each
                onward.setdefault(each.source, []).append(each)
    frontier = sorted(known.values(), key=_order)
    visited: dict[tuple[Iri, Iri, str], frozenset[str]] = {
        key: frozenset((catalog(each.source), catalog(each.target))) for key, each in known.items()
    }
    found: dict[tuple[Iri, Iri, str], Mapping] = {}
    considered = 0
    for _ in range(longest - 1):
        reached: dict[tuple[Iri, Iri, str], Mapping] = {}
        trail: dict[tuple[Iri, Iri, str], frozenset[str]] = {}
        for before in frontier:
            been = visited[before.source, before.target, before.relation]
            for step in onward.get(before.target, ()):
                place = catalog(step.target)
                if place in been:
                    continue
                considered += 1
                follows = compose(before.relation, step.relation)
                if follows is None:
                    continue
                key = (before.source, step.target, follows)
                if key in known or key in found:
                    continue
                chained = Mapping(
                    before.source,
                    step.target,
                    follows,
                    before.steps + step.steps,
                    _weakest(before.confidence, step.confidence),
                    before.shareable and step.shareable,
                )
                if key not in reached or _order(chained) < _order(reached[key]):
                    reached[key] = chained
                    trail[key] = been | {place}
        if not reached:
            break
        found |= reached
        visited |= trail
        frontier = sorted(reached.values(), key=_order)
    every = list(known.values()) + list(found.values())
    return Derivation(_kept(found, known), _contradictions(every), considered)


def _order(mapping: Mapping) -> tuple[object, ...]:
    """Sort the shortest chain first, then one that may be shared, then the surest, then by name."""
    sure = -1.0 if mapping.confidence is None else mapping.confidence
    return (
        len(mapping.steps),
        not mapping.shareable,
        -sure,
        mapping.source,
        mapping.target,
        mapping.relation,
        mapping.steps,
    )


def _weakest(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else min(one, other)


def _kept(
    found: dict[tuple[Iri, Iri, str], Mapping], known: dict[tuple[Iri, Iri, str], Mapping]
) -> tuple[Mapping, ...]:
    """Return the conclusions worth keeping: one direction of each, the strongest of a pair, stronger than stated."""
    stated: dict[tuple[Iri, Iri], int] = {}
    for source, target, relation in known:
        stated[source, target] = min(stated.get((source, target), 9), STRENGTH[relation])
    best: dict[tuple[Iri, Iri], int] = {}
    for source, target, relation in found:
        best[source, target] = min(best.get((source, target), 9), STRENGTH[relation])
    kept = [
        mapping
        for (source, target, relation), mapping in found.items()
        if source < target
        and STRENGTH[relation] == best[source, target]
        and STRENGTH[relation] < stated.get((source, target), 9)
    ]
    return tuple(sorted(kept, key=_order))


def _contradictions(every: list[Mapping]) -> tuple[Contradiction, ...]:
    """Return the pairs of mappings of which one says "nothing in common" and the other the opposite."""
    apart = {
        (each.source, each.target): each
        for each in every
        if each.relation == DISJOINT and each.source < each.target
    }
    return tuple(
        Contradiction(each, apart[each.source, each.target])
        for each in sorted(every, key=_order)
        if each.relation != DISJOINT and (each.source, each.target) in apart
    )
