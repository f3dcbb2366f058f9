"""Tables as data frames, and things as a notebook shows them: typed, escaped, no longer than can be read."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyoxigraph as ox
import pytest

import kg
from kg import files
from kg.errors import KgError, NotFoundError
from kg.graph import Graph
from kg.queries import Table
from kg.terms import PREFIXES
from kg.validation import Finding, Report
from tests.test_reports import INJECTIONS, Elements
from tests.test_tables import ID

XSD = PREFIXES["xsd"]
MARS_E = ox.NamedNode(f"{ID}standard/mars-e-2.0")


def typed(value: str, datatype: str) -> ox.Literal:
    """A typed literal."""
    return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


TABLE = Table(
    ("standard", "standardLabel", "documents", "share", "withdrawn", "issued", "mixed", "nothing"),
    (
        (MARS_E, ox.Literal("MARS-E 2.0", language="en"), ox.Literal(3), typed("0.5", "decimal"), typed("true", "boolean"), typed("2015-11-10", "date"), 1, None),
        (ox.NamedNode(f"{ID}standard/unnamed"), None, None, ox.Literal(1), None, None, "two", None),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of the bundled samples."""
    return kg.build([files.samples()]).graph


def test_pandas_columns_have_the_types_of_their_terms() -> None:
    """Counts stay whole numbers where one is missing, dates are dates, what is mixed is text."""
    frame = TABLE.to_pandas()

    assert [str(each) for each in frame.dtypes] == [
        "string",
        "string",
        "Int64",
        "Float64",
        "boolean",
        "datetime64[s]",
        "string",
        "string",
    ]
    assert frame["documents"].tolist() == [3, pd.NA]
    assert frame["issued"][0] == pd.Timestamp("2015-11-10")
    assert list(frame["mixed"]) == ["1", "two"]


def test_polars_and_arrow_have_the_same_columns() -> None:
    """Whichever library an analyst likes."""
    frame, table = TABLE.to_polars(), TABLE.to_arrow()

    assert frame.dtypes == [
        pl.String,
        pl.String,
        pl.Int64,
        pl.Float64,
        pl.Boolean,
        pl.Date,
        pl.String,
        pl.String,
    ]
    assert table.schema.field("issued").type == pa.date32()
    assert frame.to_dicts() == table.to_pylist()
    assert frame["issued"].to_list() == [date(2015, 11, 10), None]


@pytest.mark.parametrize("to", ["to_pandas", "to_polars"])
def test_iris_come_in_full_short_or_as_labels(to: str) -> None:
    """A label takes the column of its thing; a thing without one keeps its prefixed name."""
    full, short, label = (getattr(TABLE, to)(iris=way) for way in ("full", "short", "label"))

    assert list(full["standard"]) == [MARS_E.value, f"{ID}standard/unnamed"]
    assert list(short["standard"]) == ["std:mars-e-2.0", "std:unnamed"]
    assert list(label["standard"]) == ["MARS-E 2.0", "std:unnamed"]
    assert "standardLabel" not in label.columns
    with pytest.raises(NotFoundError, match="long"):
        getattr(TABLE, to)(iris="long")


@pytest.mark.parametrize("to", ["to_pandas", "to_polars"])
def test_a_table_without_rows_keeps_its_columns(to: str) -> None:
    """An empty answer can be joined and concatenated."""
    frame = getattr(Table.of(("a", "b"), ()), to)()
    assert list(frame.columns) == ["a", "b"]
    assert len(frame) == 0


def test_numbers_too_big_and_halves_of_characters_become_text() -> None:
    """What no column of numbers can hold is not lost."""
    table = Table.of(("a",), [(1 << 70,), (2,)])
    assert table.to_polars()["a"].to_list() == [str(1 << 70), "2"]
    assert table.to_pandas()["a"].tolist() == [str(1 << 70), "2"]
    assert Table.of(("a",), [("half \ud800",)]).to_polars()["a"].to_list() == ["half ?"]
    assert Table.of(("a",), [(typed("2015-13-45", "date"),)]).to_polars()["a"].to_list() == ["2015-13-45"]


@pytest.mark.parametrize(
    ("to", "module"), [("to_pandas", "pandas"), ("to_polars", "polars"), ("to_arrow", "pyarrow")]
)
def test_a_library_that_is_not_installed_is_named(
    to: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(KgError, match=f"{module} is not installed") as error:
        getattr(TABLE, to)()
    assert "compliance-kg[tables]" in error.value.hint


def test_an_answer_becomes_a_frame_in_one_call(graph: Graph) -> None:
    """The services in scope, each with a line that is a number."""
    frame = graph.ask("services-in-scope", standard="MARS-E 2.0").to_pandas(iris="label")
    assert set(frame["service"]) == {"Azure", "Azure Government", "Intune"}
    assert str(frame["line"].dtype) == "Int64"


def shown(thing: Any) -> str:
    """What a notebook shows of a thing."""
    if hasattr(thing, "_repr_mimebundle_"):
        return str(thing._repr_mimebundle_()["text/html"])
    return str(thing._repr_html_())


def test_a_notebook_shows_everything_without_script(graph: Graph) -> None:
    """Graph, table, thing and report are well-formed, and nothing in them runs or is fetched."""
    for thing in (
        graph,
        graph.ask("services-in-scope", standard="MARS-E 2.0"),
        graph.describe("MARS-E 2.0"),
        graph.check(),
    ):
        page = Elements(shown(thing))
        assert page.tags <= {
            "p",
            "b",
            "h4",
            "code",
            "div",
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "a",
        }
        assert page.attributes <= {"style", "href", "rel", "dir"}
        assert all(link.startswith(("http://", "https://")) for link in page.links)
        assert "color" not in shown(thing).replace("color-scheme", "")


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_means_anything_to_a_notebook(text: str) -> None:
    """Whatever documents and shapes say."""
    table = Table.of((text,), [(text,)])
    finding = Finding(
        shape=text,
        focus=text,
        path=text,
        value=text,
        constraint=text,
        severity=text,
        message=text,
        document=text,
        line=1,
    )
    for thing in (table, Report((finding,))):
        page = Elements(shown(thing))
        assert page.tags <= {"p", "b", "table", "thead", "tbody", "tr", "th", "td"}
        assert text.strip()[:5] in page.words or any(ord(sign) < 32 for sign in text)


def test_long_tables_and_reports_tell_how_much_more_there_is() -> None:
    """The first rows, and the count of the rest, as HTML and as text."""
    table = Table.of(("a",), [(number,) for number in range(1_500)])
    bundle = table._repr_mimebundle_()
    assert bundle["text/html"].count("<tr>") == 201
    assert "… and 1,300 more rows" in bundle["text/html"]
    assert "… and 1440 more" in bundle["text/plain"]

    finding = Finding(
        shape="",
        focus="",
        path="",
        value="",
        constraint="",
        severity="Warning",
        message="",
        document="a.md",
        line=3,
    )
    assert "… and 50 more" in shown(Report((finding,) * 150))
    assert "a.md:3" in shown(Report((finding,)))
    assert "conforms" in shown(Report())


def test_a_graph_shows_its_version_counts_and_languages(
    graph: Graph, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A published one its hash and when it was built."""
    words = Elements(shown(graph)).words
    assert "ckg:InScopeClaim" in words or "ckg:Segment" in words
    assert "zh-TW" in words
    assert "not published" in repr(graph)

    published = kg.build([files.samples()], out=tmp_path_factory.mktemp("shown") / "graph").graph
    assert published.version is not None
    assert published.version.sha256[:12] in Elements(shown(published)).words
    assert json.loads((published.version.folder / "manifest.json").read_text())["built"] in shown(published)


def test_a_table_shows_its_evidence_with_file_and_line(graph: Graph) -> None:
    """The sentence, and where it stands."""
    words = Elements(shown(graph.ask("services-in-scope", standard="MARS-E 2.0"))).words
    assert "en-us/offering-MARS-E.md:" in words
