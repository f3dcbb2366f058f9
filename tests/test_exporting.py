"""Tables, workbooks and reports through the one door to files, in the library and on the command line."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import kg
from kg import files, saving
from kg.errors import KgError, NotFoundError
from kg.graph import Graph
from tests.test_tables import ID, kg_term

SUFFIXES = ("csv", "parquet", "xlsx", "md", "html")
FORBIDDEN = "https://creativecommons.org/licenses/by-nd/4.0/"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published graph of the bundled samples."""
    made = tmp_path_factory.mktemp("renditions") / "graph"
    kg.build([files.samples()], out=made)
    return made


def rendered(graph: Graph, suffix: str, **options: Any) -> bytes:
    """A graph in a format as bytes, as a server hands it on."""
    target = io.BytesIO()
    saving.form(suffix).write(graph, saving.Around(), target, **options)
    return target.getvalue()


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command line."""
    return subprocess.run(
        [sys.executable, "-m", "kg", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_has_the_bytes_that_a_server_hands_on(place: Path, suffix: str, tmp_path: Path) -> None:
    """A file, or bytes for a server; nothing else is left in the folder."""
    graph = kg.load(place)
    assert graph.save(tmp_path / f"out.{suffix}") == ()
    assert (tmp_path / f"out.{suffix}").read_bytes() == rendered(graph, suffix)
    assert [path.name for path in tmp_path.iterdir()] == [f"out.{suffix}"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_graph_gives_a_file_in_every_format(suffix: str) -> None:
    """Valid, with nothing in it."""
    assert rendered(Graph.of_lines(b""), suffix)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_licences_keep_back_stays_out_of_every_format(suffix: str, tmp_path: Path) -> None:
    """Unless all licences are wanted."""
    source = f"<{ID}document/closed>"
    lines = [
        f"{source} {kg_term('dcterms:license')} <{FORBIDDEN}> {source} .",
        f"<{ID}claim/secret> {kg_term('rdf:type')} {kg_term('ckg:Claim')} {source} .",
        f"<{ID}claim/secret> {kg_term('owl:annotatedTarget')} <{ID}standard/secret> {source} .",
        f"<{ID}claim/secret> {kg_term('owl:annotatedProperty')} {kg_term('ckg:addresses')} {source} .",
        f"<{ID}claim/secret> {kg_term('prov:wasDerivedFrom')} {source} {source} .",
        f"{source} {kg_term('rdf:type')} {kg_term('ckg:SourceDocument')} {source} .",
    ]
    graph = Graph.of_lines("\n".join([*sorted(lines), ""]).encode())

    assert graph.save(tmp_path / f"shared.{suffix}") == (source[1:-1],)
    graph.save(tmp_path / f"whole.{suffix}", all_licences=True)
    shared, whole = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in ("shared", "whole"))
    assert shared == rendered(Graph.of_lines(b""), suffix)
    assert whole != shared


def test_options_reach_the_format_that_takes_them(place: Path) -> None:
    """Another class's table, a standard's report, two other lists of controls."""
    graph = kg.load(place)
    assert "service" in pl.read_parquet(rendered(graph, "parquet", table="services")).columns
    assert b'<h1 dir="auto">MARS-E 2.0</h1>' in rendered(graph, "html", standard="MARS-E 2.0")
    book = openpyxl.load_workbook(
        io.BytesIO(rendered(graph, "xlsx", wanted="fedramp-r4-high", given="mars-e-2.2"))
    )
    assert "what of fedramp-r4-high mars-e-2.2 does not cover" in [cell.value for cell in book["About"]["B"]]


def test_options_that_a_format_does_not_take_are_refused(place: Path, tmp_path: Path) -> None:
    """Rather than passed over in silence; nothing is written."""
    graph = kg.load(place)
    for target, option in (
        ("a.csv", "standard"),
        ("a.html", "exact"),
        ("a.nq", "table"),
        ("folder", "service"),
    ):
        with pytest.raises(KgError, match=f"takes no option '{option}'"):
            graph.save(tmp_path / target, **{option: "x"})
    with pytest.raises(NotFoundError, match="docx") as error:
        graph.save(tmp_path / "a.docx")
    assert {"nq", *SUFFIXES} <= set(error.value.nearest)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_former_file(place: Path, tmp_path: Path) -> None:
    """A name that is not known is found out before anything is replaced."""
    (tmp_path / "a.html").write_text("former")
    with pytest.raises(NotFoundError):
        kg.load(place).save(tmp_path / "a.html", standard="no such standard at all")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["former"]


def test_the_command_line_writes_what_its_help_says(place: Path, tmp_path: Path) -> None:
    """A folder of Parquet with answers, a workbook, a report; what cannot be done exits with 2."""
    assert (
        run(
            "export", str(place), "-o", "tables", "--format", "parquet", "--questions", folder=tmp_path
        ).returncode
        == 0
    )
    assert pl.read_parquet(tmp_path / "tables" / "question-01-services-in-scope.parquet").height
    assert (
        run(
            "export",
            str(place),
            "-o",
            "a.xlsx",
            "--gap",
            "mars-e-2.2",
            "fedramp-r4-moderate",
            folder=tmp_path,
        ).returncode
        == 0
    )
    assert run("export", str(place), "-o", "a.md", "--service", "Intune", folder=tmp_path).returncode == 0
    assert (tmp_path / "a.md").read_text(encoding="utf-8").startswith("# Intune\n")

    assert (
        run("export", str(place), "-o", "a.html", "--standard", "MARS-E 2.0", folder=tmp_path).returncode == 0
    )
    assert "graph</dt>" in (tmp_path / "a.html").read_text(encoding="utf-8")

    wrong = run("export", str(place), "-o", "a.csv", "--service", "Intune", folder=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "takes no option 'service'" in wrong.stderr


def test_long_work_is_shown_to_whoever_watches(monkeypatch):
    """What is done and since when, after a second; gone when it is done, and nothing where nobody watches."""
    from kg.cli.output import waiting

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for stream, said in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        with waiting("writing x.ttl"):
            time.sleep(1.3)
        assert ("writing x.ttl … 1 s" in stream.getvalue()) is said
        assert stream.getvalue().rstrip("\r\x1b[K").endswith("1 s") is said
