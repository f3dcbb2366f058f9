"""SPARQL in a notebook's cell, and the network to look around in."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from IPython.core.error import UsageError

from kg import pipeline
from kg.graph import Graph
from kg.jupyter import explore
from kg.jupyter.explorer import Explorer
from kg.jupyter.magic import asked
from kg.neighbourhood import Edge, Neighbourhood, Node


@pytest.fixture(scope="module")
def graph() -> Graph:
    """What a fresh clone answers from."""
    return pipeline.build([], check=False).graph


def shell(**names: object) -> SimpleNamespace:
    """A shell with these variables."""
    return SimpleNamespace(user_ns=dict(names))


QUERY = "SELECT ?b WHERE { VALUES ?b { bl:mars-e-2.2 } ?b a ckg:Baseline }"


def test_a_cell_is_a_query_to_the_graph_named(graph: Graph) -> None:
    """`graph` if none is named; with -o the answer goes to a variable."""
    here = shell(graph=graph, other=graph)

    assert len(asked(here, "", QUERY)) == len(asked(here, "other", QUERY)) == 1
    assert asked(here, "graph -o found", QUERY) is None
    assert len(here.user_ns["found"]) == 1


@pytest.mark.parametrize(
    ("line", "cell", "said"),
    [
        ("nothing", QUERY, "no graph called 'nothing'"),
        ("graph --loud", QUERY, "unknown options: --loud"),
        ("graph 'x", QUERY, "quotation"),
        ("", "SELECT ?x\nWHERE { ?x", "line 2"),
        ("", "DROP ALL", "read-only"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(graph: Graph, line: str, cell: str, said: str) -> None:
    """As IPython tells wrong usage, without a traceback."""
    with pytest.raises(UsageError, match=re.escape(said)):
        asked(shell(graph=graph), line, cell)


def test_the_page_holds_its_data_and_loads_nothing(graph: Graph) -> None:
    """One script of our own, a policy that forbids any other source, no address to fetch."""
    page = explore(graph, "MARS-E 2.2", depth=1).page
    data = json.loads(re.search(r'type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])

    assert any(node["start"] for node in data["nodes"])
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=|@import|url\((?!#)|fetch\(|XMLHttpRequest", page)


def test_no_text_of_the_graph_becomes_markup() -> None:
    """Whatever a label or sentence holds, it stays data."""
    evil = "</script><script>alert(1)</script><!-- \u2028 & ${data}"
    shown = Neighbourhood(
        (Node("https://example.org/a", evil, evil, is_start=True),),
        (Edge("https://example.org/a", "p", evil, "https://example.org/a", evil, evil),),
        3,
    )
    page = Explorer(shown).page
    data = re.search(r'type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1]

    assert page.count("<script") == 2
    assert json.loads(data)["nodes"][0]["label"] == evil
    assert "3 more things" in Explorer(shown)._repr_html_()
    assert 'sandbox="allow-scripts"' in Explorer(shown)._repr_html_()
    assert repr(Explorer(shown)).endswith("3 things left out)")
