"""Analyses of networks, against small graphs whose answers were worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from kg import network
from kg.errors import NotFoundError, QueryError
from kg.graph import Graph
from kg.network import centrality, communities, covering, loss, similarity
from kg.terms import PREFIXES
from tests import golden
from tests.conftest import CHECKOUT
from tests.networks import CKG, STD, of_claims, of_relations, of_scope

NAMES = some.sampled_from("abcdefgh")
SETS = some.dictionaries(NAMES, some.frozensets(some.sampled_from("12345678"), max_size=6), max_size=7)
EDGES = some.lists(some.tuples(some.integers(0, 9), some.integers(0, 9)), max_size=40)


def shown(table, *columns):
    """The rows of a table, some columns of them, IRIs by their last part."""
    return [
        tuple(value.rpartition("/")[2] if isinstance(value, str) else value for value in row)
        for row in zip(*(table.column(name) for name in columns), strict=True)
    ]


def test_a_standard_that_two_rest_on_is_the_hub():
    """PageRank by hand: r(b) = r(c) = x, r(a) = 2.7x, and 4.7x = 1."""
    table = of_relations(("b", "basedOn", "a"), ("c", "extends", "a")).analyse("hubs")

    assert shown(table, "rank", "standard", "pagerank", "in", "out") == [
        (1, "a", 0.574468, 2, 0),
        (2, "b", 0.212766, 0, 1),
        (3, "c", 0.212766, 0, 1),
    ]


def test_a_standard_between_two_others_has_half_of_what_there_is():
    """Of the chain a, b, c one shortest path of two possible leads through b."""
    table = of_relations(("a", "basedOn", "b"), ("b", "basedOn", "c")).analyse("hubs", by="betweenness")

    assert shown(table, "standard", "betweenness") == [("b", 0.5), ("a", 0.0), ("c", 0.0)]


@pytest.mark.parametrize(
    ("relation", "edges"),
    [
        ("basedOn", {("a", "b")}),
        ("equivalentTo", {("a", "b"), ("b", "a")}),
        ("supersedes", set()),
        ("notDemonstratedBy", set()),
    ],
)
def test_the_ontology_says_which_end_of_a_relation_rests_on_the_other(relation, edges):
    """A basis is rested on, equals rest on each other, a successor and a denial lean on nothing."""
    resting = network.resting(network.standards(of_relations(("a", relation, "b"))))

    assert {(tail.removeprefix(STD), head.removeprefix(STD)) for tail, head in resting.edges} == edges


def test_an_edition_counts_as_its_standard_unless_editions_are_wanted():
    """What is said of ISO 27001:2013 counts for ISO 27001."""
    graph = golden.graph()
    folded, apart = network.standards(graph), network.standards(graph, editions=True)

    assert f"{STD}iso-27001" in folded
    assert f"{STD}iso-27001-2013" not in folded
    assert f"{STD}iso-27001-2013" in apart
    assert all(edge["claim"] and edge["document"] for _, _, edge in folded.edges(data=True))


def test_another_measure_is_refused_with_those_there_are():
    """The error names them."""
    with pytest.raises(NotFoundError, match="closeness") as caught:
        of_relations(("a", "basedOn", "b")).analyse("hubs", by="closeness")
    assert "betweenness" in caught.value.nearest


def test_two_triangles_with_one_tie_between_them_are_two_communities():
    """Each adds 3/7 - (7/14)² to the modularity."""
    ties = [*combinations("abc", 2), *combinations("xyz", 2), ("c", "x")]
    table = of_relations(*((one, "basedOn", other) for one, other in ties)).analyse("communities")

    assert {
        frozenset(row[1] for row in rows) for rows in by_first(shown(table, "community", "standard"))
    } == {
        frozenset("abc"),
        frozenset("xyz"),
    }
    assert set(table.column("modularity")) == {round(3 / 7 - 1 / 4, 6)}
    assert ("c", 2, 3) in shown(table, "standard", "within", "links")


def by_first(rows):
    """Rows in groups of the same first value."""
    return [[row for row in rows if row[0] == key] for key in dict.fromkeys(row[0] for row in rows)]


@given(EDGES)
@settings(max_examples=60, deadline=None)
def test_communities_part_the_network(edges):
    """Each node is in exactly one."""
    drawn = nx.Graph()
    drawn.add_weighted_edges_from((f"n{one}", f"n{other}", 1) for one, other in edges if one != other)

    found = communities.partition(drawn)

    assert sorted(node for members in found for node in members) == sorted(drawn)


def test_offerings_are_as_alike_as_the_share_of_services_both_list():
    """a lists three services, b two of them and one more: two of four."""
    graph = of_scope(
        ("a", "x", ""), ("a", "y", ""), ("a", "z", ""), ("b", "x", ""), ("b", "y", ""), ("b", "w", ""), ("c", "v", "")
    )  # fmt: skip

    assert shown(
        graph.analyse("similar"), "one", "other", "shared", "onlyOne", "onlyOther", "similarity"
    ) == [("a", "b", 2, 1, 1, 0.5)]
    assert len(graph.analyse("similar", least=0.6)) == 0


def test_lists_of_controls_share_what_is_mapped_as_equal_each_control_once():
    """1=x and 1=y share one control only; with 2=x both find a partner."""
    assert similarity.matching([("1", "x"), ("1", "y")]) == 1
    assert similarity.matching([("1", "x"), ("1", "y"), ("2", "x")]) == 2


@given(some.lists(some.tuples(NAMES, NAMES), max_size=20))
def test_what_two_lists_share_does_not_depend_on_which_comes_first(pairs):
    """The matching is as large from either side."""
    assert similarity.matching(pairs) == similarity.matching([(other, one) for one, other in pairs])


@given(some.integers(0, 50), some.integers(0, 50), some.integers(0, 50))
def test_a_similarity_is_symmetric_and_between_nothing_and_one(one, other, both):
    """Whatever the sizes, as long as no more is shared than there is."""
    shared = min(one, other, both)
    share = similarity.jaccard(one, other, shared)

    assert 0 <= share <= 1
    assert share == similarity.jaccard(other, one, shared)


@pytest.mark.parametrize("options", [{"of": "people"}, {"least": 1.5}])
def test_a_similarity_that_is_none_is_refused(options):
    """Another kind of thing, and a share above one."""
    with pytest.raises((NotFoundError, QueryError)):
        of_scope(("a", "x", "")).analyse("similar", **options)


TRAP = {"both": frozenset("1245"), "left": frozenset("123"), "right": frozenset("456")}


def test_the_search_finds_fewer_than_the_greedy_choice():
    """The largest set is a trap: after it two more are needed, without it two in all."""
    found = covering.minimum("123456", TRAP)

    assert set(found.chosen) == {"left", "right"}
    assert (found.optimal, found.bound, found.uncoverable) == (True, 1.0, frozenset())


def test_without_steps_to_search_the_greedy_choice_comes_with_its_bound():
    """H(4) = 1 + 1/2 + 1/3 + 1/4."""
    found = covering.minimum("123456", TRAP, steps=0)

    assert len(found.chosen) == 3
    assert (found.optimal, found.bound) == (False, 2.0833)


@given(SETS)
@settings(max_examples=200, deadline=None)
def test_a_cover_covers_all_that_can_be_and_is_the_smallest(sets):
    """Compared with every choice of sets there is; the greedy one keeps its bound."""
    goal = frozenset("12345678")
    reached = frozenset().union(*sets.values()) if sets else frozenset()
    fewest = next(
        size
        for size in range(len(sets) + 1)
        if any(frozenset().union(*chosen) == reached for chosen in combinations(sets.values(), size))
    )

    exact, greedy = covering.minimum(goal, sets), covering.minimum(goal, sets, steps=0)

    assert exact.optimal
    assert len(exact.chosen) == fewest
    assert len(greedy.chosen) <= greedy.bound * fewest
    for found in (exact, greedy):
        assert frozenset().union(*(sets[name] for name in found.chosen)) == reached
        assert found.uncoverable == goal - reached


def test_the_fewest_offerings_for_all_services_are_told_step_by_step():
    """First the one that adds most; what each adds, and how far that leads."""
    graph = of_scope(("a", "x", ""), ("b", "y", ""), ("c", "x", ""), ("c", "y", ""), ("d", "z", ""))

    assert shown(graph.analyse("cover"), "chosen", "adds", "covered", "total", "optimal") == [
        ("c", 2, 2, 3, True),
        ("d", 1, 3, 3, True),
    ]
    assert shown(graph.analyse("cover", "Z", services=True), "chosen", "total") == [("d", 1)]


def test_one_list_of_controls_is_covered_at_a_time():
    """Two are an error that says what to do."""
    with pytest.raises(QueryError, match="at a time"):
        golden.graph().analyse("cover", "mars-e-2.2", "fedramp-r4-moderate")


def of_baselines() -> Graph:
    """Two lists of controls of one catalog, and a mapping from a third catalog."""
    control = "https://w3id.org/compliance-kg/id/control/"
    lines = []
    for name, members in {"one": "cat/1 cat/2 cat/3", "two": "cat/1 cat/2", "three": "other/9"}.items():
        baseline = f"<{PREFIXES['bl']}{name}>"
        lines.append(f"{baseline} <{PREFIXES['rdf']}type> <{CKG}Baseline> .")
        lines += [f"{baseline} <{PREFIXES['skos']}member> <{control}{each}> ." for each in members.split()]
    lines.append(f"<{control}other/9> <{PREFIXES['skos']}exactMatch> <{control}cat/3> .")
    return Graph.of_lines("".join(f"{line}\n" for line in sorted(lines)).encode())


def test_lists_and_controls_cover_a_list_by_identity_and_by_mapping():
    """`two` holds two controls of `one`, and the control of `three` equals the last."""
    graph = of_baselines()

    assert shown(graph.analyse("cover", "one"), "chosen", "adds", "uncoverable") == [
        ("two", 2, 0),
        ("three", 1, 0),
    ]
    assert shown(graph.analyse("cover", "one", by="three"), "chosen", "uncoverable") == [("9", 2)]
    assert shown(graph.analyse("similar", of="standards"), "one", "other", "shared", "similarity") == [
        ("one", "two", 2, 0.6667),
        ("one", "three", 1, 0.3333),
    ]


def test_a_statement_is_lost_with_its_only_source_and_not_with_one_of_two():
    """Both pages say that a is based on b; one alone says that a maps to c."""
    graph = of_claims(
        ("1", ("a", "basedOn", "b"), ("page",)), ("2", ("a", "basedOn", "b"), ("other",)),
        ("3", ("a", "mapsTo", "c"), ("page",)),
    )  # fmt: skip

    assert shown(graph.analyse("loss", "page"), "source", "target", "claims") == [("a", "c", 1)]
    assert shown(graph.analyse("loss", "page", "other"), "target", "claims") == [("b", 2), ("c", 1)]
    assert shown(graph.analyse("loss"), "source", "statements", "lost", "share") == [
        ("page", 2, 1, 0.5),
        ("other", 1, 0, 0.0),
    ]


def test_what_was_derived_is_lost_with_any_of_its_steps():
    """The chain stands on both claims."""
    graph = of_claims(
        ("1", ("a", "basedOn", "b"), ("page",)), ("2", ("b", "basedOn", "c"), ("other",)),
        ("chain", ("a", "basedOn", "c"), ("1", "2")),
    )  # fmt: skip

    for source in ("page", "other"):
        assert ("c", True) in shown(graph.analyse("loss", source), "target", "derived")


def test_languages_of_a_page_go_together_or_each_for_itself():
    """A page has one slug and a file for each language."""
    graph = of_claims(("1", ("a", "basedOn", "b"), ("page-en",)), ("2", ("a", "basedOn", "b"), ("page-de",)))

    assert shown(graph.analyse("loss"), "source", "documents", "lost") == [("page", 2, 1)]
    assert shown(graph.analyse("loss", by="file"), "source", "lost") == [("page-de.md", 0), ("page-en.md", 0)]


def test_a_source_that_is_none_is_an_error_with_the_nearest():
    """A slug with a letter wrong."""
    graph = of_claims(("1", ("a", "basedOn", "b"), ("page",)))

    with pytest.raises(NotFoundError) as caught:
        graph.analyse("loss", "pagee")
    assert "page" in caught.value.nearest


@given(
    some.dictionaries(
        some.integers(0, 12), some.frozensets(some.sampled_from("wxyz"), min_size=1, max_size=3), min_size=1
    ),
    some.frozensets(some.sampled_from("wxyz")),
    some.frozensets(some.sampled_from("wxyz")),
)
def test_the_more_goes_the_more_is_lost_and_nothing_is_added(claims, gone, more):
    """Removing a source never adds a statement, and what is lost stays lost."""
    evidence = loss.Evidence(
        {str(claim): ("s", "p", str(claim % 5)) for claim in claims},
        {str(claim): tuple(sorted(origins)) for claim, origins in claims.items()},
    )

    fewer, all_lost = evidence.lost(gone), evidence.lost(gone | more)

    assert set(fewer) <= set(all_lost) <= set(evidence.claims)
    assert evidence.lost(frozenset()) == []
    assert set(evidence.lost(frozenset("wxyz"))) == set(evidence.claims)


def test_a_stated_path_comes_before_a_shorter_derived_or_doubtful_one():
    """Two sure steps cost 2, one with a confidence of 0.25 costs 4."""
    lines = (
        of_relations(("a", "basedOn", "b"), ("b", "basedOn", "c"), ("a", "mapsTo", "c")),
        f'<https://example.org/claim/2> <{PREFIXES["sssom"]}confidence> "0.25"^^<{PREFIXES["xsd"]}decimal> .\n',
    )
    graph = Graph.of_lines(b"".join(sorted((lines[0]._lines + lines[1].encode()).splitlines(keepends=True))))

    table = graph.analyse("paths", "A", "C", best=2)

    assert shown(table, "route", "cost", "step", "source", "target", "sentence") == [
        (1, 2.0, 1, "a", "b", "a basedOn b"),
        (1, 2.0, 2, "b", "c", "b basedOn c"),
        (2, 4.0, 1, "a", "c", "a mapsTo c"),
    ]


def test_scope_is_told_cloud_by_cloud():
    """A row for each cloud a list names, and one where it names none."""
    graph = of_scope(("a", "x", "gcc"), ("a", "x", ""), ("b", "y", "gcc"))

    assert shown(graph.analyse("scope"), "service", "standard", "cloudLabel", "documents") == [
        ("x", "a", None, 1),
        ("x", "a", "gcc", 1),
        ("y", "b", "gcc", 1),
    ]
    assert shown(graph.analyse("scope", "B"), "service", "standard") == [("y", "b")]


def test_projections_tell_their_two_sides_apart():
    """Services on one, standards on the other; controls of two lists with the mapping between them."""
    scope = network.scope(of_scope(("a", "x", ""), ("b", "x", "")))
    assert nx.is_bipartite(scope)
    assert {node.rpartition("/")[2]: side for node, side in scope.nodes(data="bipartite")} == {
        "x": 0,
        "a": 1,
        "b": 1,
    }

    controls = network.controls(golden_reference(), "mars-e-2.2", "nist-800-53-r5")
    assert all(edge["claim"] and edge["weight"] >= 1 for _, _, edge in controls.edges(data=True))
    assert {controls.nodes[node]["bipartite"] for edge in controls.edges for node in edge[:2]} == {0, 1}


def golden_reference() -> Graph:
    """The reference dataset of controls."""
    from kg import pipeline

    return pipeline.build([], check=False).graph


@pytest.mark.parametrize(
    ("name", "things", "options", "error"),
    [
        ("hub", (), {}, NotFoundError),
        ("hubs", ("a",), {}, QueryError),
        ("hubs", (), {"measure": "in"}, QueryError),
        ("paths", ("a",), {}, QueryError),
    ],
)
def test_an_analysis_that_is_none_or_takes_no_such_thing_is_refused(name, things, options, error):
    """Never a TypeError."""
    with pytest.raises(error):
        of_relations(("a", "basedOn", "b")).analyse(name, *things, **options)


@pytest.mark.parametrize("name", ["hubs", "communities", "similar", "cover", "loss", "scope"])
def test_an_empty_graph_has_an_empty_answer(name):
    """No rows, and the columns all the same."""
    table = Graph.of_lines(b"").analyse(name)

    assert len(table) == 0
    assert table.header


@given(EDGES)
@settings(max_examples=60, deadline=None)
def test_both_engines_give_the_same_centralities(edges):
    """Within a billionth, dangling nodes and loops included."""
    drawn = nx.DiGraph([(f"n{one}", f"n{other}") for one, other in edges])

    for measure in (centrality.pagerank, centrality.betweenness):
        slow, fast = measure(drawn, fast=False), measure(drawn, fast=True)
        assert slow.keys() == fast.keys()
        assert all(slow[node] == pytest.approx(fast[node], abs=1e-9) for node in drawn)


def test_each_analysis_says_whose_method_it_is():
    """Its docstring names author, venue and year."""
    for name in ("hubs", "communities", "similar", "loss", "paths"):
        assert any(year in (network.ANALYSES[name].__doc__ or "") for year in map(str, range(1900, 2026))), (
            name
        )
    assert "1979" in (covering.minimum.__doc__ or "")


@pytest.mark.slow
def test_an_answer_does_not_hang_on_the_order_of_sets():
    """Two processes that hash texts differently print the same."""
    program = (
        "from tests import golden; g = golden.graph();"
        "print(*(g.analyse(name).to_csv() for name in ('hubs', 'communities', 'similar', 'cover', 'loss', 'scope')))"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True, check=True, cwd=CHECKOUT,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip

    assert printed[0] == printed[1]
    assert printed[0].count(b"\n") > 50
