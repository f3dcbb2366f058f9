"""Tables of a graph as CSV and Parquet: one of claims, or a folder with one for each class and question."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg import files, tables
from kg.errors import KgError, NotFoundError, VocabularyError
from kg.graph import Graph
from kg.queries import example, questions
from kg.tables.cells import inert, joined
from kg.tables.layouts import layout, layouts
from kg.terms import bare, literal, term

ID = "https://w3id.org/compliance-kg/id/"
HOSTILE = (
    "=cmd|' /C calc'!A0", "+1+2", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\ufeff=1", "'quoted'",
    'a "quote", a comma', "two\nlines", "x" * 40_000, "\u202eright to left", "عربى", "🙂", "<script>alert(1)</script>", "a|b\\c",
)  # fmt: skip


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of the bundled samples."""
    return kg.build([files.samples()]).graph


def hostile(texts: tuple[str, ...] = HOSTILE) -> Graph:
    """A graph whose services, segments and claims are called as whoever writes a document pleases."""
    lines = []
    for number, text in enumerate(texts):
        service, claim, segment = (f"<{ID}{kind}/{number:02d}>" for kind in ("service", "claim", "segment"))
        name = literal(text, "en")
        lines += [
            f"{service} {kg_term('rdf:type')} {kg_term('ckg:CloudService')} .",
            f"{service} {kg_term('skos:prefLabel')} {name} .",
            f"{claim} {kg_term('rdf:type')} {kg_term('ckg:Claim')} .",
            f"{claim} {kg_term('owl:annotatedTarget')} {service} .",
            f"{claim} {kg_term('ckg:evidence')} {segment} .",
            f"{segment} {kg_term('rdf:type')} {kg_term('ckg:Segment')} .",
            f"{segment} {kg_term('rdf:value')} {name} .",
        ]
    return Graph.of_lines("\n".join([*sorted(lines), ""]).encode())


def kg_term(name: str) -> str:
    """A prefixed name as an IRI term."""
    return str(ox.NamedNode(bare(term(name))))


def written(graph: Graph, form: str, table: str = "claims", *, exact: bool = False) -> bytes:
    """One table as bytes."""
    target = io.BytesIO()
    tables.write(graph, target, form, table, exact=exact)
    return target.getvalue()


def read(data: bytes) -> list[dict[str, str]]:
    """A CSV file as the standard library reads it."""
    csv.field_size_limit(1_000_000)
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_claims_csv_has_a_row_for_each_claim_with_its_sentence_and_place(graph: Graph) -> None:
    """Who reads one file of claims needs no other to see what was said where."""
    rows = read(written(graph, "csv"))

    assert len(rows) == len(graph.select("SELECT ?claim WHERE { ?claim a ckg:Claim }"))
    (intune,) = [
        row for row in rows
        if row["path"] == "en-us/offering-MARS-E.md" and row["objectLabel"] == "Intune" and row["kind"].endswith("InScopeClaim")
    ]  # fmt: skip
    assert intune["standardLabels"] == "MARS-E 2.0"
    assert intune["serviceLabels"] == "Intune"
    assert intune["propertyLabel"] == "has in-scope service"
    assert (intune["status"], intune["language"]) == ("stated", "en-US")
    source = (files.samples() / "en-us" / "offering-MARS-E.md").read_text(encoding="utf-8").splitlines()
    assert intune["sentence"] in source[int(intune["line"]) - 1]


def test_a_translated_sentence_stands_beside_the_english_one(graph: Graph) -> None:
    """A side-by-side page gives both."""
    rows = read(written(graph, "csv"))

    both = [row for row in rows if row["language"] == "zh-TW" and row["translation"]]
    assert any(row["sentence"].isascii() and not row["translation"].isascii() for row in both)


def test_a_claim_that_follows_from_others_says_so() -> None:
    """Derived claims have steps in the place of evidence."""
    derived, step = f"<{ID}claim/derived>", f"<{ID}claim/step>"
    lines = [f"{each} {kg_term('rdf:type')} {kg_term('ckg:Claim')} ." for each in (derived, step)]
    lines.append(f"{derived} {kg_term('prov:wasDerivedFrom')} {step} .")

    rows = read(written(Graph.of_lines("\n".join([*sorted(lines), ""]).encode()), "csv"))

    assert [(row["status"], row["steps"]) for row in rows] == [("derived", step[1:-1]), ("stated", "")]


@pytest.mark.parametrize("form", tables.FORMS)
def test_two_exports_have_the_same_bytes(graph: Graph, form: str) -> None:
    """Nothing in a file depends on when it was written."""
    assert written(graph, form) == written(graph, form)


@pytest.mark.parametrize("name", tuple(layouts()))
def test_csv_and_parquet_hold_the_same(graph: Graph, name: str) -> None:
    """What polars reads from one is what it reads from the other, list by list."""
    exact = pl.read_csv(written(graph, "csv", name, exact=True), infer_schema=False).fill_null("")
    typed = pl.read_parquet(written(graph, "parquet", name))

    assert exact.columns == typed.columns == list(layout(name).header)
    assert exact.height == typed.height
    for column in layout(name).columns:
        cells = typed[column.name].to_list()
        if column.many:
            assert exact[column.name].to_list() == [joined(each) for each in cells]
        elif column.type in {"iri", "string"}:
            assert exact[column.name].to_list() == [each or "" for each in cells]
        else:
            assert [bool(each) for each in exact[column.name]] == [each is not None for each in cells]


def test_parquet_columns_have_types_and_descriptions(graph: Graph) -> None:
    """A line is a number, a date is a date, names are a list."""
    claims = pq.read_schema(io.BytesIO(written(graph, "parquet")))
    editions = pd.read_parquet(io.BytesIO(written(graph, "parquet", "editions")))

    assert (str(claims.field("line").type), str(claims.field("confidence").type)) == ("int64", "double")
    assert str(claims.field("services").type) == "list<element: string not null>"
    assert claims.field("sentence").metadata[b"description"].startswith(b"the words")
    wcag = editions[editions["label"] == "WCAG 2.2"].iloc[0]
    assert wcag["issued"] == date(2023, 10, 5)
    assert "Web Content Accessibility Guidelines 2.2" in list(wcag["names"])


def test_csv_for_people_holds_no_formula() -> None:
    """No cell begins as a spreadsheet's formula would, whatever a document calls things."""
    rows = read(written(hostile(), "csv"))

    assert len(rows) == len(HOSTILE)
    for row in rows:
        for cell in row.values():
            assert not cell.lstrip(" \ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))


def test_exact_csv_and_parquet_hold_texts_as_they_are() -> None:
    """Texts come back from both unchanged, quotes, line ends and 40,000 signs."""
    exact = [row["sentence"] for row in read(written(hostile(), "csv", exact=True))]
    typed = pl.read_parquet(written(hostile(), "parquet"))["sentence"].to_list()

    assert exact == typed == list(HOSTILE)


def test_control_characters_in_foreign_data_stop_nothing() -> None:
    """A graph that others made may hold what ours never do."""
    lines = (
        f"<{ID}s/1> {kg_term('rdf:type')} {kg_term('ckg:CloudService')} .\n"
        f'<{ID}s/1> {kg_term("skos:prefLabel")} "bell\\u0007 null\\u0000"@en .\n'
    ).encode()

    assert read(written(Graph.of_lines(lines), "csv", "services"))[0]["label"] == "bell\x07 null\x00"
    assert (
        pl.read_parquet(written(Graph.of_lines(lines), "parquet", "services"))["label"][0]
        == "bell\x07 null\x00"
    )


@pytest.mark.parametrize("form", tables.FORMS)
@pytest.mark.parametrize("name", tuple(layouts()))
def test_a_graph_without_such_things_gives_a_header(name: str, form: str) -> None:
    """Each table is a valid file with no rows."""
    data = written(Graph.of_lines(b""), form, name)

    frame = pl.read_parquet(data) if form == "parquet" else pl.read_csv(data)
    assert (frame.height, frame.columns) == (0, list(layout(name).header))


@pytest.mark.parametrize("form", tables.FORMS)
def test_a_folder_has_a_table_for_each_class_and_question(graph: Graph, form: str, tmp_path: Path) -> None:
    """With the questions asked, each about the example in its own file."""
    names = tables.write_folder(graph, tmp_path / "out", form, questions=True)

    assert set(names) >= {f"{name}.{form}" for name in layouts()}
    assert len([name for name in names if name.startswith("question-")]) == len(questions())
    scope = tmp_path / "out" / f"question-01-services-in-scope.{form}"
    frame = pl.read_parquet(scope) if form == "parquet" else pl.read_csv(scope)
    assert "Intune" in frame["serviceLabel"].to_list()
    assert frame["line"].dtype == pl.Int64


def test_a_folder_of_csv_describes_its_columns(tmp_path: Path) -> None:
    """CSV on the Web: each file, each column with its type, lists with their separator."""
    tables.write_folder(hostile(), tmp_path / "out", "csv")

    said = json.loads((tmp_path / "out" / "csv-metadata.json").read_text(encoding="utf-8"))
    assert said["@context"][0] == "http://www.w3.org/ns/csvw"
    for table in said["tables"]:
        with (tmp_path / "out" / table["url"]).open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == [column["name"] for column in table["tableSchema"]["columns"]]
    claims = next(table for table in said["tables"] if table["url"] == "claims.csv")["tableSchema"]
    by_name = {column["name"]: column for column in claims["columns"]}
    assert claims["primaryKey"] == "claim"
    assert by_name["line"]["datatype"] == "integer"
    assert by_name["services"]["separator"] == "|"


def test_a_folder_is_replaced_whole_and_never_one_that_holds_other_files(tmp_path: Path) -> None:
    """An export over a former one leaves nothing of it; a folder with other files is not touched."""
    graph = hostile(("a", "b"))
    tables.write_folder(graph, tmp_path / "out", "csv", questions=True)
    again = tables.write_folder(graph, tmp_path / "out", "csv")
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(again)

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "question-notes.txt").write_text("mine")
    with pytest.raises(KgError, match=r"question-notes\.txt"):
        tables.write_folder(graph, tmp_path / "mine", "csv")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["question-notes.txt"]
    assert {path.name for path in tmp_path.iterdir()} == {"out", "mine"}


def test_a_folder_that_cannot_be_put_in_place_leaves_the_former_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former tables are there again, and nothing else."""
    tables.write_folder(hostile(("former",)), tmp_path / "out", "csv")
    before = (tmp_path / "out" / "services.csv").read_bytes()
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target == tmp_path / "out" and not self.name.endswith(".former"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(KgError, match="No space left"):
        tables.write_folder(hostile(("latter",)), tmp_path / "out", "csv")
    assert (tmp_path / "out" / "services.csv").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    """All tables or none."""

    class Failing:
        def select(self, text: str) -> Iterator[None]:
            raise KgError("the graph is gone")

        ask = None

    with pytest.raises(KgError, match="gone"):
        tables.write_folder(Failing(), tmp_path / "out", "csv")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_unknown_tables_and_formats_are_named(graph: Graph, tmp_path: Path) -> None:
    """The error lists those there are."""
    with pytest.raises(NotFoundError, match="no table is called 'service'") as error:
        written(graph, "csv", "service")
    assert "services" in error.value.nearest
    with pytest.raises(NotFoundError, match="feather"):
        written(graph, "feather")
    with pytest.raises(NotFoundError, match="feather"):
        tables.write_folder(graph, tmp_path / "out", "feather")


@pytest.mark.parametrize(
    "text",
    [
        "x: {class: ckg:Claim, about: a, columns: {a: {paths: b, about: c}}}",
        "x: {class: ckg:Claim, about: a, columns: {a: {label: b, about: c}}}",
        "x: {class: ckg:Claim, about: a, columns: {a: {type: number, path: b:c, about: c}}}",
        "x: [",
    ],
)
def test_a_file_of_tables_that_is_not_as_it_should_be_is_refused(text: str, tmp_path: Path) -> None:
    """A misspelled key would be a column without values."""
    path = tmp_path / "layouts.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"layouts\.yaml"):
        layouts(path)


def test_tables_name_only_terms_there_are() -> None:
    """A column about a term that the ontology does not declare would always be empty."""
    ontology = Graph.of_lines(b"".join(_lines(files.ontology())))
    own = {
        str(row["term"]).rpartition("#")[2]
        for row in ontology.select("SELECT ?term WHERE { ?term rdfs:isDefinedBy ?any }")
    }
    said = " ".join(
        word
        for each in layouts().values()
        for word in (
            each.of,
            each.but,
            *(path for column in each.columns for path in (*column.paths, column.of, *column.but)),
        )
    )
    used = {
        name.partition(":")[2]
        for name in said.replace("/", " ").replace("^", " ").split()
        if name.startswith("ckg:")
    }
    assert used
    assert used <= own


def _lines(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.glob("*.ttl")):
        yield ox.serialize(ox.parse(path=str(path)), format=ox.RdfFormat.N_QUADS) or b""


def test_each_question_has_an_example_for_what_it_needs() -> None:
    """A folder of answers asks every question about what its own file holds."""
    for question in questions().values():
        assert {param.name for param in question.params if not param.optional} <= example(question).keys()


@given(st.lists(st.text(alphabet=st.sampled_from("a|\\\n="))))
def test_a_list_written_as_one_text_can_be_read_back(texts: list[str]) -> None:
    """Two lists are the same text only if they are the same, but for no part and one empty part."""
    read_back, part, escaped = [], "", False
    for sign in joined(texts):
        if escaped or sign not in "|\\":
            part, escaped = part + sign, False
        elif sign == "\\":
            escaped = True
        else:
            read_back.append(part)
            part = ""
    assert [*read_back, part] == (texts or [""])


@given(st.text())
def test_inert_texts_stay_inert(text: str) -> None:
    """What was made inert needs nothing more, and loses nothing."""
    assert inert(inert(text)) == inert(text)
    assert (
        inert(text).removeprefix("'") == text.removeprefix("'")
        if text.startswith("'")
        else inert(text).endswith(text)
    )


@pytest.mark.slow
def test_the_whole_corpus_has_all_its_claims_in_one_file(corpus: Path) -> None:
    """As many rows as the graph has claims, none without a document."""
    whole = kg.build([corpus / "en-us"]).graph
    frame = pl.read_parquet(written(whole, "parquet"))
    assert frame.height == len(whole.select("SELECT ?claim WHERE { ?claim a ckg:Claim }"))
    assert frame["document"].null_count() == frame.filter(pl.col("status") == "derived").height
