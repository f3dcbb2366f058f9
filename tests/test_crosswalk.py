"""The composition table against brute force, and what chains conclude."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from kg import names
from kg.crosswalk import STRENGTH, Mapping, catalog, compose, converse, derive
from kg.terms import iri

RELATIONS = tuple(STRENGTH)
UNIVERSE = (1, 2, 3, 4)
SETS = [frozenset(c) for size in range(1, 5) for c in combinations(UNIVERSE, size)]
HOLDS = {
    "equal-to": lambda a, b: a == b,
    "equivalent-to": lambda a, b: a == b,
    "subset-of": lambda a, b: a <= b,
    "superset-of": lambda a, b: a >= b,
    "intersects-with": lambda a, b: bool(a & b),
    "no-relationship": lambda a, b: not a & b,
}


def test_every_conclusion_holds_for_all_sets_that_are_not_empty() -> None:
    """The composition table is sound against brute force."""
    for first, second in product(RELATIONS, repeat=2):
        conclusion = compose(first, second)
        if conclusion is None:
            continue
        for a, b, c in product(SETS, repeat=3):
            if HOLDS[first](a, b) and HOLDS[second](b, c):
                assert HOLDS[conclusion](a, c), (first, second, conclusion, a, b, c)


def test_where_nothing_is_concluded_no_relation_is_forced() -> None:
    """The table is complete: each pair it leaves open is open, so nothing that follows is missed."""
    for first, second in product(RELATIONS, repeat=2):
        if compose(first, second) is not None:
            continue
        cases = [(a, c) for a, b, c in product(SETS, repeat=3) if HOLDS[first](a, b) and HOLDS[second](b, c)]
        assert not any(all(holds(a, c) for a, c in cases) for holds in HOLDS.values()), (first, second)


def test_equivalent_stays_equivalent() -> None:
    """A chain over an equivalence is never called equality."""
    assert compose("equal-to", "equivalent-to") == "equivalent-to"
    assert compose("equivalent-to", "equal-to") == "equivalent-to"
    assert compose("equivalent-to", "equivalent-to") == "equivalent-to"


def control(catalog_name: str, number: int) -> str:
    """Return the IRI of a made-up control."""
    return names.control(catalog_name, f"c-{number}")


def claim(number: int) -> str:
    """Return the IRI of a made-up claim."""
    return iri(f"https://example.org/claim/{number}")


stated_mappings = st.lists(
    st.tuples(
        st.sampled_from([("f", "g"), ("g", "h"), ("h", "k")]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from(RELATIONS),
        st.one_of(st.none(), st.integers(0, 10).map(lambda n: n / 10)),
        st.booleans(),
    ),
    max_size=14,
).map(
    lambda rows: [
        Mapping(control(pair[0], a), control(pair[1], b), relation, (claim(n),), share, free)
        for n, (pair, a, b, relation, share, free) in enumerate(rows)
    ]
)


@given(stated_mappings)
def test_a_conclusion_is_never_surer_or_freer_than_its_steps(stated: list[Mapping]) -> None:
    """Confidence never rises along a chain, and a licence that forbids derivatives is never lost."""
    by_claim = {mapping.steps[0]: mapping for mapping in stated}

    for conclusion in derive(stated).conclusions:
        steps = [by_claim[step] for step in conclusion.steps]
        shares = [step.confidence for step in steps]
        assert conclusion.confidence == (None if None in shares else min(shares))
        assert conclusion.shareable == all(step.shareable for step in steps)
        assert len(steps) >= 2


@given(stated_mappings)
def test_every_conclusion_follows_from_its_steps_in_order(stated: list[Mapping]) -> None:
    """No conclusion comes from a forbidden chain, and the steps lead from its source to its target."""
    by_claim = {mapping.steps[0]: mapping for mapping in stated}

    for conclusion in derive(stated).conclusions:
        place, relation = conclusion.source, "equal-to"
        visited = {catalog(place)}
        for step in conclusion.steps:
            mapping = by_claim[step]
            onward = mapping if mapping.source == place else mapping.turned()
            assert onward.source == place
            relation = compose(relation, onward.relation)
            place = onward.target
            assert relation is not None
            assert catalog(place) not in visited
            visited.add(catalog(place))
        assert (place, relation) == (conclusion.target, conclusion.relation)


@given(stated_mappings, st.randoms(use_true_random=False))
def test_the_order_of_the_sources_does_not_matter(stated: list[Mapping], random: object) -> None:
    """The same mappings in any order give the same conclusions."""
    shuffled = list(stated)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert derive(shuffled) == derive(stated)


def test_a_contradiction_between_sources_is_reported_and_not_resolved() -> None:
    """One source calls two controls equal, another finds nothing in common: both stay, and the clash is named."""
    a, b = control("f", 1), control("g", 1)
    one = Mapping(a, b, "equal-to", (claim(1),))
    other = Mapping(a, b, "no-relationship", (claim(2),))

    found = derive([one, other]).contradictions

    assert [(each.one, each.other) for each in found] == [(one, other)]


def test_the_work_is_linear_in_what_is_concluded() -> None:
    """Doubling independent chains doubles the chains looked at, and each is looked at a bounded number of times."""

    def chains(count: int) -> int:
        stated = []
        for n in range(count):
            stated.append(Mapping(control("f", n), control("g", n), "equal-to", (claim(2 * n),)))
            stated.append(Mapping(control("g", n), control("h", n), "subset-of", (claim(2 * n + 1),)))
        found = derive(stated)
        assert len(found.conclusions) == count
        return found.considered

    assert chains(200) == 2 * chains(100)
    assert chains(200) <= 4 * 200


def test_the_converse_of_the_converse_is_the_relation() -> None:
    """Turning a mapping twice gives it back."""
    for relation in RELATIONS:
        assert converse(converse(relation)) == relation
