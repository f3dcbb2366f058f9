"""Standards and what ties them together as a network: edges with evidence, routes, paths."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg import network
from kg.graph import Graph
from tests import golden
from tests.networks import CKG, STD, of_relations


def routes(graph: Graph, start: str, end: str) -> list[list[str]]:
    """The answer to question 7, each route as its statements."""
    found: dict[int, list[str]] = {}
    for row in graph.ask("paths-between", start=start, end=end):
        sign = "<" if row["against"] else ">"
        found.setdefault(int(str(row["route"])), []).append(
            f"{row['sourceLabel']} {row['relationLabel']} {row['targetLabel']} {sign}"
        )
    return list(found.values())


def test_edges_carry_their_claim():
    """A node for each thing, an edge for each claim, with the property and the claim that leads to the sentence."""
    graph = of_relations(("a", "basedOn", "b"), ("a", "alignedWith", "b"))

    drawn = network.of(graph)

    assert set(drawn.nodes) == {f"{STD}a", f"{STD}b"}
    assert {edge["property"] for _, _, edge in drawn.edges(data=True)} == {
        f"{CKG}basedOn",
        f"{CKG}alignedWith",
    }
    assert {edge["claim"] for _, _, edge in drawn.edges(data=True)} == {
        f"https://example.org/claim/{n}" for n in (0, 1)
    }


def test_a_route_takes_statements_in_both_directions_and_says_so():
    """c is based on b as a is: the second step runs against its statement."""
    graph = of_relations(("a", "basedOn", "b"), ("c", "basedOn", "b"))

    assert routes(graph, "A", "C") == [["A basedOn B >", "C basedOn B <"]] or routes(graph, "A", "C") == [
        ["A based on B >", "C based on B <"]
    ]


def test_routes_are_the_shortest_and_those_one_step_longer():
    """In the order of their length, and no others."""
    graph = of_relations(
        ("a", "basedOn", "b"), ("b", "basedOn", "c"), ("a", "basedOn", "d"), ("d", "basedOn", "e"), ("e", "basedOn", "c"),
        ("a", "basedOn", "f"), ("f", "basedOn", "g"), ("g", "basedOn", "h"), ("h", "basedOn", "c"),
    )  # fmt: skip

    assert [len(route) for route in routes(graph, "A", "C")] == [2, 3]


def test_a_denial_is_never_crossed():
    """Where the only tie is that something does not serve as evidence, there is no route and no path."""
    graph = of_relations(("a", "notDemonstratedBy", "b"))

    assert routes(graph, "A", "B") == []
    assert len(network.between(graph, graph.connections, "A", "B")) == 0


def test_several_statements_between_two_standards_are_all_shown():
    """Each is a row of the same step, with its own sentence."""
    graph = of_relations(("a", "basedOn", "b"), ("b", "mapsTo", "a"))
    table = graph.ask("paths-between", start="A", end="B")

    assert table.column("step") == (1, 1)
    assert set(table.column("sentence")) == {"a basedOn b", "b mapsTo a"}
    assert set(table.column("path")) == {"0.md", "1.md"}


@pytest.mark.parametrize("end", ["A", "Z"])
def test_nothing_leads_nowhere(end):
    """From a thing to itself there is no route, nor to one that nothing ties to it."""
    graph = of_relations(("a", "basedOn", "b"), ("y", "basedOn", "z"))

    assert routes(graph, "A", end) == []


def test_mars_e_is_connected_to_nist_800_53_and_fedramp_by_sentences():
    """The question the samples were written for: each step of a page has its words, file and line."""
    graph = golden.graph()
    for end in ("NIST SP 800-53", "FedRAMP"):
        table = graph.ask("paths-between", start="MARS-E 2.0", end=end)
        said = [row for row in table if str(row["relation"]).startswith(CKG)]

        assert said
        assert all(row["sentence"] and row["path"] and row["line"] for row in said)
        assert all(row["document"] for row in table)


def test_paths_connect_things_of_any_kind():
    """A service and a standard, through the offering that lists it."""
    graph = golden.graph()
    table = network.between(graph, graph.connections, "Intune", "MARS-E 2.0", best=1)

    assert table.column("step")[:2] == (1, 2)
    assert any(isinstance(value, ox.NamedNode) for value in table.rows[0])
