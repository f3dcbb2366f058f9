"""Saved questions as files, values bound into them, names resolved, tables written."""

from __future__ import annotations

import csv
import io
import json
import re

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery

from kg.errors import NotFoundError, QueryError, VocabularyError
from kg.queries import Table, Words, bind, question, questions, resolve
from kg.queries.binding import named, serialise
from kg.queries.nearness import left_over, nearest, words
from kg.queries.question import read
from kg.queries.rendering import breadth, for_people, html, short, text, wrap

LABEL = "http://www.w3.org/2004/02/skos/core#"
CKG = "https://w3id.org/compliance-kg/ontology#"
ID = "https://w3id.org/compliance-kg/id/"
THINGS = f"""
@prefix skos: <{LABEL}> . @prefix ckg: <{CKG}> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix std: <{ID}standard/> . @prefix svc: <{ID}service/> . @prefix r4: <{ID}control/nist-800-53-r4/> .
@prefix r5: <{ID}control/nist-800-53-r5/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ckg:Edition rdfs:subClassOf ckg:Standard .
std:mars-e a ckg:Standard ; skos:prefLabel "MARS-E"@en ; skos:altLabel "Minimum Acceptable Risk Standards for Exchanges"@en .
std:mars-e-2.0 a ckg:Edition ; skos:prefLabel "MARS-E 2.0"@en , "交易可接受的最小風險標準 2.0"@zh-tw ; dcterms:isVersionOf std:mars-e .
std:mars-e-2.2 a ckg:Edition ; skos:prefLabel "MARS-E 2.2"@en ; dcterms:isVersionOf std:mars-e .
std:iso-27001 a ckg:Standard ; skos:prefLabel "ISO/IEC 27001"@en ; skos:altLabel "ISO 27001"@en ; skos:hiddenLabel "Bâle" .
std:iso-27001-2013 a ckg:Edition ; skos:prefLabel "ISO/IEC 27001:2013"@en ; skos:altLabel "ISO 27001"@en ; dcterms:isVersionOf std:iso-27001 .
std:fedramp a ckg:Standard ; skos:prefLabel "FedRAMP"@en .
svc:azure a ckg:CloudService ; skos:prefLabel "Azure"@en .
svc:azure-government a ckg:CloudService ; skos:prefLabel "Azure Government"@en .
svc:azure-government-secret a ckg:CloudService ; skos:prefLabel "Azure Government Secret"@en .
svc:gcc-high a ckg:CloudService ; skos:prefLabel "Office 365 U.S. Government High"@en ; skos:altLabel "Office 365 GCC High"@en .
r4:ac-2.1 a ckg:Control ; skos:prefLabel "Automated management"@en ; skos:notation "AC-2(1)" .
r5:ac-2.1 a ckg:Control ; skos:prefLabel "Automated management"@en ; skos:notation "AC-2(1)" .
r4:ac-21 a ckg:Control ; skos:prefLabel "Information sharing"@en ; skos:notation "AC-21" .
"""


@pytest.fixture(scope="module")
def known() -> Words:
    """The names of a handful of things."""
    store = ox.Store()
    store.load(THINGS.encode(), ox.RdfFormat.TURTLE)

    def select(sparql: str) -> Table:
        found = store.query(sparql)
        assert isinstance(found, ox.QuerySolutions)
        return Table.of_solutions(found)

    return Words(select)


@pytest.fixture
def asked(tmp_path):
    """A question about a text, and another about things."""
    path = tmp_path / "echo.rq"
    path.write_text(
        "#+ number: 99\n#+ summary: What was said?\n#+ params:\n"
        '#+   said: {type: "xsd:string", description: any words}\n'
        '#+   things: {type: "ckg:Standard", description: some things, many: true, optional: true}\n'
        '#+   count: {type: "xsd:integer", description: how many, optional: true}\n'
        "#+ columns:\n#+   said: the words\n#+   things: the things\n#+   count: how many\n"
        "SELECT ?said ?things ?count WHERE {\n"
        '  VALUES ?said { "example" }\n  VALUES ?things { UNDEF }\n  VALUES ?count { UNDEF }\n}\n'
    )
    return read(path)


def answer(sparql: str) -> Table:
    """What the engine makes of a query over nothing."""
    found = ox.Store().query(sparql)
    assert isinstance(found, ox.QuerySolutions)
    return Table.of_solutions(found)


# ---- the files


@pytest.mark.parametrize("name", questions())
def test_the_front_matter_of_each_question_is_complete(name):
    """Summary, description, tags, and a description for every parameter and column."""
    asked = questions()[name]

    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert asked.summary
    assert asked.description
    assert asked.tags
    assert asked.columns
    assert all(param.description for param in asked.params)
    assert all(asked.columns.values())


@pytest.mark.parametrize("name", questions())
def test_each_parameter_has_one_values_line_and_nothing_else_has(name):
    """So that binding replaces the example, and only that."""
    asked = questions()[name]

    lines = re.findall(r"^[ \t]*VALUES \?(\w+) \{", asked.sparql, re.MULTILINE)

    assert sorted(lines) == sorted(param.name for param in asked.params)
    assert all(("UNDEF" in example) <= asked.param(which).optional for which, example in re.findall(
        r"^[ \t]*VALUES \?(\w+) \{([^}]*)\}", asked.sparql, re.MULTILINE))  # fmt: skip


@pytest.mark.parametrize("name", questions())
def test_each_file_runs_unchanged_in_another_engine(name):
    """rdflib parses it with the prefixes it declares, and names need no escapes."""
    asked = questions()[name]

    parsed = prepareQuery(asked.sparql)

    assert not re.search(r"\w:[\w.-]*\\", asked.sparql)
    if not asked.method:
        assert [str(variable) for variable in parsed.algebra["PV"]] == list(asked.columns)


def test_questions_are_found_by_name_and_number_and_near_names_are_told():
    """A slip of the finger is met with a suggestion."""
    assert question("services-in-scope") is question("1")
    with pytest.raises(NotFoundError) as caught:
        question("service-in-scop")

    assert "services-in-scope" in caught.value.nearest
    with pytest.raises(NotFoundError, match="standart") as wrong:
        question("services-in-scope").param("standart")
    assert wrong.value.nearest == ("standard",)


def test_a_parameter_that_does_not_exist_is_told_before_one_that_is_missing():
    """Whoever mistypes a parameter learns that, not that the right one has no value."""
    with pytest.raises(NotFoundError, match="'standart'") as wrong:
        resolve(question("services-in-scope"), {"standart": "MARS-E"})
    assert wrong.value.__notes__ == [
        "hint: did you mean standard?"
    ]  # what a notebook shows under the message


@pytest.mark.parametrize("front", ["", "#+ summary: [", "#+ summary: no number\n#+ columns: {}", "#+ number: x\n#+ summary: s\n#+ columns: {a: b}",
    "#+ number: 1\n#+ summary: s\n#+ columns: {a: b}\n#+ colour: red"])  # fmt: skip
def test_a_file_that_does_not_describe_itself_is_refused(tmp_path, front):
    """The error names the file."""
    path = tmp_path / "odd.rq"
    path.write_text(front + "\nSELECT ?a WHERE {}")

    with pytest.raises(VocabularyError, match=r"odd\.rq"):
        read(path)


# ---- binding


@given(said=st.text())
def test_no_text_can_become_syntax(said):
    """Any text comes back as it was given, from both engines; half a character is refused."""
    asked = type(question("1"))(
        name="echo", number=0, summary="", description="", tags=(), columns={"said": ""},
        params=(type(question("1").params[0])(name="said", type="xsd:string", description=""),),
        sparql='SELECT ?said WHERE {\n  VALUES ?said { "x" }\n}\n',
    )  # fmt: skip
    if not said or any("\ud800" <= sign <= "\udfff" for sign in said):
        with pytest.raises(QueryError):
            bind(asked, {"said": said})
        return

    sparql = bind(asked, {"said": said})

    assert answer(sparql).column("said") == (said,)
    # rdflib resolves \uXXXX inside strings, and drops a byte order mark: for it, what is escaped counts.
    if not said.startswith("\ufeff"):
        assert [str(row[0]) for row in rdflib.Graph().query(sparql)] == [said]


@pytest.mark.parametrize(
    "said",
    ['a" } # ', "\\u0022 } UNION { ?s ?p ?o } #", "\\U00000022", "x\\", "\\\\u0022", "?said", "}", "\n\r\t"],
)
def test_texts_made_to_break_out_stay_texts(said, asked):
    """Quotes, braces, comments and escapes of escapes."""
    sparql = bind(asked, {"said": said})

    assert answer(sparql).column("said") == (said,)
    assert [str(row[0]) for row in rdflib.Graph().query(sparql)] == [said]


def test_terms_keep_their_language_and_datatype():
    """A term given as a term is that term."""
    for term in (ox.Literal("Bâle", language="fr"), ox.Literal("1.5", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")), ox.NamedNode("https://example.org/a")):  # fmt: skip
        found = answer(f"SELECT ?x WHERE {{ VALUES ?x {{ {serialise(term)} }} }}")

        assert found.rows == ((term,),)


def test_several_values_and_numbers_are_bound_and_what_is_left_out_stays_open(asked):
    """`many` takes a list, `optional` nothing."""
    table = answer(
        bind(asked, {"said": "x", "things": ["std:mars-e", f"<{ID}standard/fedramp>"], "count": 3})
    )

    assert table.column("things") == (f"{ID}standard/mars-e", f"{ID}standard/fedramp")
    assert table.column("count") == (3, 3)
    assert answer(bind(asked, {"said": "x"})).column("things") == (None,)


@pytest.mark.parametrize(("given_", "message"), [
    ({}, "needs said"),
    ({"said": "x", "count": "many"}, "whole number"),
    ({"said": ["x", "y"]}, "takes one value"),
    ({"said": "x", "things": "no IRI"}, "no IRI"),
    ({"said": "x", "things": "<a b>"}, "no IRI"),
])  # fmt: skip
def test_values_of_the_wrong_kind_are_refused(asked, given_, message):
    """With a message that says what is wanted."""
    with pytest.raises(QueryError, match=message):
        bind(asked, given_)


@given(st.text(max_size=30))
def test_what_looks_like_an_iri_is_one_or_is_no_name_at_all(said):
    """Nothing but a valid IRI gets between angle brackets."""
    node = named(f"https://example.org/{said}")

    assert node is None or not set(node.value) & set('<>"{}|^`\\ ')


# ---- names


@pytest.mark.parametrize(("said", "kind", "meant"), [
    ("MARS-E 2.0", "ckg:Standard", "standard/mars-e-2.0"),
    ("mars-e-2.0", "ckg:Standard", "standard/mars-e-2.0"),
    ("marse 2.0", "ckg:Standard", "standard/mars-e-2.0"),
    ("交易可接受的最小風險標準 2.0", "ckg:Standard", "standard/mars-e-2.0"),
    ("std:mars-e", "ckg:Standard", "standard/mars-e"),
    (f"{ID}standard/mars-e-2.2", "ckg:Standard", "standard/mars-e-2.2"),
    ("iso 27001", "ckg:Standard", "standard/iso-27001"),
    ("bale", "ckg:Standard", "standard/iso-27001"),
    ("27001:2013", "ckg:Standard", "standard/iso-27001-2013"),
    ("azure gov", "ckg:CloudService", "service/azure-government"),
    ("AZURE", "ckg:CloudService", "service/azure"),
    ("office 365 gcc high", "ckg:CloudService", "service/gcc-high"),
    ("AC-21", "ckg:Control", "control/nist-800-53-r4/ac-21"),
    ("nist-800-53-r4:ac-2.1", "ckg:Control", "control/nist-800-53-r4/ac-2.1"),
    ("fedramp", "rdfs:Resource", "standard/fedramp"),
])  # fmt: skip
def test_words_are_understood(known, said, kind, meant):
    """Names in any language and case, keys, run together, shortened; an edition yields to its standard."""
    assert known.resolve(said, kind).value == ID + meant


@pytest.mark.parametrize(("said", "kind", "options"), [
    ("AC-2(1)", "ckg:Control", ("nist-800-53-r4:ac-2.1", "nist-800-53-r5:ac-2.1")),
    ("mars-e 2", "ckg:Standard", ("std:mars-e-2.0", "std:mars-e-2.2")),
])  # fmt: skip
def test_what_may_mean_several_things_is_explained(known, said, kind, options):
    """The message names them, the hint says how to tell which."""
    with pytest.raises(QueryError) as caught:
        known.resolve(said, kind)

    assert all(option in caught.value.message for option in options)
    assert options[0] in caught.value.hint


@pytest.mark.parametrize(("said", "kind", "near"), [
    ("FedRMP", "ckg:Standard", "FedRAMP"),
    ("Azure Goverment", "ckg:CloudService", "Azure Government"),
    ("std:fedramp2", "ckg:Standard", "FedRAMP"),
    ("MARS-E 2.O", "rdfs:Resource", "MARS-E"),
])  # fmt: skip
def test_unknown_names_get_the_nearest(known, said, kind, near):
    """A typing error is never guessed at, and always answered."""
    with pytest.raises(NotFoundError) as caught:
        known.resolve(said, kind)

    assert near in caught.value.nearest


def test_a_name_of_the_wrong_kind_is_not_found(known):
    """A service is no standard, however well its IRI is known."""
    with pytest.raises(NotFoundError, match="no standard"):
        known.resolve("svc:azure", "ckg:Standard")


def test_nonsense_gets_no_suggestion(known):
    """Where nothing is near, nothing is suggested."""
    with pytest.raises(NotFoundError) as caught:
        known.resolve("qqqq zzzz", "ckg:Standard")

    assert caught.value.nearest == ()


def test_initials_and_parts_come_near():
    """People write them."""
    names = ("Federal Risk and Authorization Management Program", "Risk Based Thing", "Intune")

    assert nearest("FRA", names)[0] == names[0]
    assert nearest("tune", names) == ("Intune",)
    assert nearest("", names) == ()
    assert left_over(words("gov azure"), words("Azure Government")) is None


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=5))
def test_nearness_takes_any_text(name, names):
    """Whatever is typed, suggestions are some of the names there are."""
    assert set(nearest(name, names)) <= set(names)


# ---- tables

TABLE = Table(
    ("thing", "thingLabel", "count", "sure", "sentence", "path", "line", "document"),
    (
        (ox.NamedNode(ID + "service/azure"), ox.Literal("Azure", language="en"), ox.Literal(2), ox.Literal(True), ox.Literal("a\tb\nc\\"), "p.md", 3, ox.NamedNode(ID + "d")),
        (ox.NamedNode(ID + "service/azure"), ox.Literal("Azure", language="en"), ox.Literal(2), ox.Literal(True), None, "q.md", None, None),
    ),
)  # fmt: skip


def test_a_table_iterates_as_plain_values():
    """IRIs and texts as strings, numbers as numbers, truth values as such."""
    first = next(iter(TABLE))

    assert first == {"thing": ID + "service/azure", "thingLabel": "Azure", "count": 2, "sure": True, "sentence": "a\tb\nc\\", "path": "p.md", "line": 3, "document": ID + "d"}  # fmt: skip
    assert TABLE.column("count") == (2, 2)
    assert TABLE.select("path", "line").rows == (("p.md", 3), ("q.md", None))
    with pytest.raises(NotFoundError):
        TABLE.column("counts")


def test_csv_json_and_tsv_read_back():
    """Nothing is lost but the difference between nothing and an empty text."""
    rows = list(csv.DictReader(io.StringIO(TABLE.to_csv())))
    lines = TABLE.to_tsv().splitlines()

    assert rows[0]["sentence"] == "a\tb\nc\\"
    assert (rows[0]["sure"], rows[1]["line"]) == ("true", "")
    assert json.loads(TABLE.to_json()) == list(TABLE)
    assert len(lines) == 3
    assert lines[1].split("\t")[4] == "a\\tb\\nc\\\\"
    assert {name: TABLE.to(name) for name in ("csv", "tsv", "json", "table", "ttl")}["csv"] == TABLE.to_csv()
    with pytest.raises(NotFoundError):
        TABLE.to("pdf")


def test_turtle_is_a_result_set_that_others_read():
    """In the vocabulary of the W3C test suites."""
    graph = rdflib.Graph().parse(data=TABLE.to_turtle(), format="turtle")
    rs = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")

    assert len(list(graph.subjects(rs.binding))) == 13
    assert len(set(graph.objects(predicate=rs.resultVariable))) == 8
    assert rdflib.Literal("Azure", lang="en") in set(graph.objects(predicate=rs.value))


def test_a_matrix_has_a_row_for_each_and_a_column_for_each():
    """In alphabetical order, empty where there is nothing."""
    table = Table(("s", "t", "n"), (("b", "y", 1), ("a", "x", 2), ("b", "x", 3), ("b", "x", 4)))

    assert table.matrix("s", "t", "n") == Table(("s", "x", "y"), (("a", 2, None), ("b", 3, 1)))


def test_people_see_labels_places_and_each_statement_once():
    """What machines need is left out, rows that differ in their evidence only are counted."""
    people = for_people(TABLE)

    assert people.header == ("thing", "count", "sure", "sentence", "path", "more")
    assert people.rows[0][-2:] == ("p.md:3", 1)
    assert len(for_people(TABLE, fold=False)) == 2


def test_a_table_is_as_wide_as_asked_for():
    """Wrapped between words, ideographs counted double, no line wider, no control character."""
    long = Table(
        ("name", "words"),
        (("短い名前", "one two three four five six seven \x1b[31m eight"), ("x" * 50, "nine")),
    )

    for width in (30, 40, 60):
        lines = text(long, width=width).splitlines()
        assert max(map(breadth, lines)) <= width
    assert "\x1b" not in text(long)
    assert "…" in text(Table(("a",), ((1,), (2,), (3,))), limit=1)
    assert text(Table((), ())) == ""


@given(st.text(), st.integers(min_value=2, max_value=40))
def test_wrapping_loses_no_sign_but_space(said, width):
    """And no line is too broad."""
    lines = wrap(said, width)

    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", said)
    assert all(breadth(line) <= width for line in lines)


def test_html_is_escaped_and_only_web_addresses_are_links():
    """A cell cannot bring its own markup, nor a script as address."""
    shown = html(
        Table(
            ("a", "b"),
            (
                (ox.NamedNode("javascript:alert(1)"), "<script>"),
                (ox.NamedNode("https://example.org/?a&b"), "x"),
            ),
        )
    )

    assert "<script>" not in shown
    assert 'href="javascript' not in shown
    assert '<a href="https://example.org/?a&amp;b" ' in shown
    assert Table(("a",), ((1,),) * 300)._repr_html_().count("<tr>") == 201


def test_iris_are_shortened_by_the_longest_prefix():
    """A control has its catalog's prefix, a stranger stays whole."""
    assert short(ID + "control/nist-800-53-r4/ac-2") == "nist-800-53-r4:ac-2"
    assert short("https://example.org/a") == "https://example.org/a"
    assert resolve(question("35"), {}) == {}
