"""A graph as a workbook: its sheets, colours and links, safe whatever it holds, the same bytes each time."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import kg
from kg import extras, files
from kg.errors import KgError
from kg.graph import Graph
from kg.tables import workbook
from kg.tables.sheets import Styled, Workbook
from tests.test_tables import HOSTILE, ID, hostile, kg_term

SHEETS = ["About", "Scope matrix", "Gaps", "Coverage", "Artifacts", "Relations", "Duties", "Issues"]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The graph of the bundled samples, published."""
    return kg.build([files.samples()], out=tmp_path_factory.mktemp("workbook") / "graph").graph


@pytest.fixture(scope="module")
def data(graph: Graph) -> bytes:
    """Its workbook."""
    return written(graph)


def written(graph: Graph, **options: str) -> bytes:
    """A workbook as bytes."""
    target = io.BytesIO()
    workbook.write(graph, target, **options)
    return target.getvalue()


def drawn(*rows: tuple[Any, ...], header: tuple[str, ...] = ("a", "b")) -> Any:
    """One sheet as openpyxl reads it back."""
    book, target = Workbook("test"), io.BytesIO()
    book.sheet("sheet", header, rows)
    book.write(target)
    return openpyxl.load_workbook(target)["sheet"]


def test_each_sheet_keeps_its_header_in_sight_and_filters(data: bytes) -> None:
    """Eight sheets, printed on landscape pages as wide as the table."""
    book = openpyxl.load_workbook(io.BytesIO(data))

    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet.freeze_panes == ("B2" if sheet.title == "Scope matrix" else "A2")
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet["A1"].font.bold
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert sheet.print_title_rows == "$1:$1"


def test_the_matrix_names_and_colours_the_clouds_a_service_is_listed_for(data: bytes) -> None:
    """The colours of cells are those of the legend."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    matrix, about = book["Scope matrix"], book["About"]
    header = [cell.value for cell in matrix[1]]
    rows = {row[0].value: row for row in matrix.iter_rows(min_row=2)}
    legend = {
        row[1].value: row[1].fill.fgColor.rgb for row in about.iter_rows() if row[0].value == "listed for"
    }

    intune = rows["Intune"][header.index("MARS-E 2.0")]
    government = rows["Azure Government"][header.index("MARS-E 2.0")]
    assert (intune.value, intune.fill.fgColor.rgb) == ("✓", legend["no cloud in particular"])
    assert (government.value, government.fill.fgColor.rgb) == ("Government", legend["Government"])
    assert rows["Azure Germany"][header.index("MARS-E 2.0")].value is None
    assert len(set(legend.values())) == len(legend)


def test_the_gaps_are_those_of_the_saved_question(graph: Graph, data: bytes) -> None:
    """Without two lists named, the pair its file gives as an example."""
    frame = pd.read_excel(io.BytesIO(data), sheet_name="Gaps")
    asked = graph.ask("controls-missing", wanted="mars-e-2.2", given="fedramp-r4-moderate")
    assert list(frame["Notation"]) == list(asked.column("notation"))

    other = pd.read_excel(
        io.BytesIO(written(graph, wanted="fedramp-r4-high", given="fedramp-r4-moderate")), sheet_name="Gaps"
    )
    asked = graph.ask("controls-missing", wanted="fedramp-r4-high", given="fedramp-r4-moderate")
    assert list(other["Notation"]) == list(asked.column("notation"))


def test_artifacts_lead_to_their_addresses(data: bytes) -> None:
    """The first cell of each row is a link, and the address is there to be read."""
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Artifacts"]
    addresses = [(row[0].hyperlink.target, row[2].value) for row in sheet.iter_rows(min_row=2)]
    assert addresses
    assert all(link == text and link.startswith("https://") for link, text in addresses)


def test_each_relation_has_its_sentence_file_and_line(data: bytes) -> None:
    """As the corpus says them."""
    frame = pd.read_excel(io.BytesIO(data), sheet_name="Relations")
    assert len(frame)
    assert frame[["Sentence", "File", "Line"]].notna().all().all()


def test_two_workbooks_have_the_same_bytes(graph: Graph, data: bytes) -> None:
    """No clock: neither in the archive nor in the properties."""
    assert written(graph) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_about_names_the_graph_and_its_sources(graph: Graph, data: bytes) -> None:
    """Its hash, when it was built, and the licence of each source."""
    frame = pd.read_excel(io.BytesIO(data), sheet_name="About")
    said = dict(zip(frame["What"], frame["Which"], strict=True))
    assert graph.version is not None
    assert said["graph (SHA-256 of its lines)"] == graph.version.sha256
    assert said["built"] == graph.version.manifest["built"]
    assert "https://www.apache.org/licenses/LICENSE-2.0" in set(frame["What"])


def test_a_graph_without_such_things_gives_all_sheets() -> None:
    """Each with its header, and the reason why there are no gaps."""
    book = openpyxl.load_workbook(io.BytesIO(written(Graph.of_lines(b""))))
    assert book.sheetnames == SHEETS
    assert [cell.value for cell in book["Relations"][1]][:2] == ["Standard", "Relation"]
    assert all(book[name].max_row == 1 for name in SHEETS[1:])
    assert "the graph has no two lists to compare" in [cell.value for cell in book["About"]["B"]]


def test_no_cell_is_a_formula() -> None:
    """Texts come back as text, those a spreadsheet would calculate behind an apostrophe."""
    sheet = drawn(*((text, Styled(text, bold=True)) for text in HOSTILE))
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            assert cell.data_type == "s"
            assert not cell.value.lstrip(" \ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))


def test_headers_are_inert_as_well() -> None:
    """Standards of a matrix are called as documents call them."""
    assert drawn(header=("=1+1", "b"))["A1"].value == "'=1+1"


def test_long_texts_are_cut_and_control_characters_replaced() -> None:
    """Excel refuses a file with more than 32,767 signs in a cell, or with a bell."""
    sheet = drawn(("x" * 40_000, "bell\x07 half\ud800"))
    assert len(sheet["A2"].value) == 32_767
    assert sheet["A2"].value.endswith("(cut)")
    assert sheet["B2"].value == "bell\ufffd half\ufffd"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "file:///etc/passwd", "\\\\host\\share", "ftp://a/b", "https://a/" + "b" * 3000],
)
def test_only_web_and_mail_addresses_become_links(address: str) -> None:
    """Anything else stays text; so does what is too long for a link."""
    sheet = drawn((Styled("here", address), Styled("there", "https://example.org/a")))
    assert sheet["A2"].hyperlink is None
    assert sheet["B2"].hyperlink.target == "https://example.org/a"


def test_hostile_names_pass_through_a_whole_workbook() -> None:
    """A graph of them can be written and read."""
    service = f"<{ID}service/00>"
    extra = f"<{ID}artifact/1> {kg_term('rdf:type')} {kg_term('ckg:Artifact')} .\n<{ID}artifact/1> {kg_term('dcat:accessURL')} <javascript:alert(1)> .\n"
    source = hostile()
    assert source.select(f"SELECT ?name WHERE {{ {service} skos:prefLabel ?name }}").column("name") == (
        HOSTILE[0],
    )
    lines = extra.encode() + b"".join(sorted(source._lines.splitlines(keepends=True)))  # type: ignore[union-attr]
    sheet = openpyxl.load_workbook(io.BytesIO(written(Graph.of_lines(lines))))["Artifacts"]
    assert sheet["A2"].hyperlink is None
    assert sheet["C2"].value == "javascript:alert(1)"


def test_without_the_library_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing, and the command that installs it."""
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(KgError, match="xlsxwriter is not installed") as error:
        extras.needed("xlsxwriter", "tables")
    assert error.value.hint == "pip install 'compliance-kg[tables]'"


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_it(data: bytes, tmp_path: Path) -> None:
    """Another program reads every sheet's header."""
    (tmp_path / "book.xlsx").write_bytes(data)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "ods", "book.xlsx"],
        cwd=tmp_path, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "book.ods") as archive:
        content = archive.read("content.xml").decode()
    assert all(f'table:name="{name}"' in content for name in SHEETS)
    assert "of:=" not in content
