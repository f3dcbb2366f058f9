"""Saved questions, search and lists of controls over HTTP."""

from __future__ import annotations

import csv
import io
import json

import pytest

from kg import files, pipeline
from kg.graph import Graph
from kg.queries import Table, questions
from kg.web import written
from tests.serving import running

SCOPE = "ask/services-in-scope"
FUZZ = [
    "' OR 1=1 --",
    "\x00",
    "\u202eabc",
    "💥" * 50,
    "}} UNION {{",
    '"; DROP',
    "%s%n",
    "../..",
    "\\u0022",
    "ÿ\ud7ff",
    "<x>",
    "a" * 1999,
]
PLACES = {
    "search": {"q": "fedramp"},
    "gap": {"wanted": "mars-e-2.2", "given": "fedramp-r4-moderate"},
    "coverage": {"wanted": "mars-e-2.2", "given": "fedramp-r4-moderate"},
    "crosswalk": {"from": "nist-800-53-r5", "to": "nist-800-53-r4"},
    "changes": {"from": "nist-800-53-r4", "to": "nist-800-53-r5"},
    "path": {"from": "MARS-E 2.0", "to": "FedRAMP"},
    "sources": {},
    "stats": {},
    "ask": {},
    SCOPE: {"standard": "MARS-E 2.0"},
}


@pytest.fixture(scope="module")
def graph(sample_server):
    """The graph that the server has."""
    return Graph.open(sample_server.log.parent / "samples.nq")


def rows(reply):
    """Return the rows of an answer in CSV."""
    return list(csv.DictReader(io.StringIO(reply.body.decode())))


@pytest.mark.parametrize(("path", "params"), PLACES.items())
def test_every_place_answers_in_three_forms_alike(sample_server, path, params):
    """JSON, CSV and TSV have the same rows and columns; HEAD has their headers; a tag spares sending again."""
    found = sample_server.ask(path, params)
    assert (found.status, found.media_type) == (200, "application/json")
    listed = found.json()
    assert listed
    as_csv = sample_server.ask(path, params, headers={"accept": "text/csv"})
    as_tsv = sample_server.ask(path, {**params, "format": "tsv"})
    assert (as_csv.media_type, as_tsv.media_type) == ("text/csv", "text/tab-separated-values")
    assert list(rows(as_csv)[0]) == list(listed[0]) == as_tsv.body.decode().split("\n")[0].split("\t")
    assert len(rows(as_csv)) == len(listed) == as_tsv.body.count(b"\n") - 1
    head = sample_server.ask(path, params, method="HEAD")
    assert (head.body, head.headers["content-length"]) == (b"", str(len(found.body)))
    again = sample_server.ask(path, params, headers={"if-none-match": found.headers["etag"]})
    assert again.status == 304


def test_the_questions_are_listed_with_links_that_lead_to_them(sample_server):
    """One row for each, in the order of their numbers."""
    listed = sample_server.ask("ask").json()
    assert [each["name"] for each in listed] == list(questions())
    assert {"title", "params", "columns", "link"} <= listed[0].keys()
    for each in listed:
        assert sample_server.ask(each["link"].lstrip("/"), method="HEAD").status in {200, 400}


def test_answers_are_those_of_the_library(sample_server, graph):
    """The same rows, whether asked by words, by prefixed name or by IRI, by name or by number."""
    expected = list(graph.ask("services-in-scope", standard="MARS-E 2.0"))
    iri = "https://w3id.org/compliance-kg/id/standard/mars-e-2.0"
    for standard in ("MARS-E 2.0", "mars-e 2.0", "std:mars-e-2.0", iri):
        assert sample_server.ask(SCOPE, {"standard": standard}).json() == expected
    assert sample_server.ask("ask/1", {"standard": iri}).json() == expected
    assert sample_server.ask("gap", PLACES["gap"]).json() == list(
        graph.gap("mars-e-2.2", "fedramp-r4-moderate")
    )
    assert sample_server.ask("path", PLACES["path"]).json() == list(graph.path("MARS-E 2.0", "FedRAMP"))


def test_a_parameter_given_several_times_is_a_list(sample_server, graph):
    """Where a question takes several; elsewhere it is refused."""
    names = ["Intune", "Azure"]
    reply = sample_server.ask("ask/offerings-covering-all", [("services", name) for name in names])
    assert reply.json() == list(graph.ask("offerings-covering-all", services=names))
    assert sample_server.ask(SCOPE, [("standard", "MARS-E"), ("standard", "FedRAMP")]).status == 400
    have = [("wanted", "mars-e-2.2"), ("have", "AC-1"), ("have", "AC-2")]
    assert sample_server.ask("gap", have).json() == list(graph.gap("mars-e-2.2", have=["AC-1", "AC-2"]))


@pytest.mark.parametrize(
    ("path", "params", "status", "said"),
    [
        ("ask/service-in-scope", {}, 404, "services-in-scope"),
        (SCOPE, {}, 400, "standard"),
        (SCOPE, {"standard": "fedrmp"}, 404, "FedRAMP"),
        (SCOPE, {"standrd": "x"}, 400, "standard"),
        (SCOPE, {"standard": "x", "format": "pdf"}, 400, "csv"),
        (SCOPE, {"standard": "q" * 2001}, 400, "2,000"),
        ("search", {}, 400, "q is needed"),
        ("search", {"q": "a" * 201}, 400, "200"),
        ("search", {"q": "a", "limit": "many"}, 400, "whole number"),
        ("search", {"q": "a", "limit": "0"}, 400, "between"),
        ("search", {"q": "a", "limit": "-1"}, 400, "whole number"),
        ("search", {"q": "a", "limit": "9" * 30}, 400, "whole number"),
        ("search", {"q": "a", "limit": "٣"}, 400, "whole number"),
        ("search", {"q": "a", "kind": "contrl"}, 404, "control"),
        ("gap", {"wanted": "mars-e-2.2"}, 400, "one list"),
        ("gap", {"wanted": "no such list", "given": "mars-e-2.2"}, 404, "no such list"),
        ("changes", {"from": "nist-800-53-r5", "to": "nist-800-53-r4"}, 400, "newer"),
        ("path", {"from": "MARS-E", "to": "FedRAMP", "best": "51"}, 400, "between"),
        ("stats", {"x": "1"}, 400, "format"),
    ],
)
def test_what_is_wrong_is_told_as_a_problem(sample_server, path, params, status, said):
    """With the status that fits, and a word that helps on."""
    reply = sample_server.ask(path, params)
    assert (reply.status, reply.media_type) == (status, "application/problem+json")
    assert said in json.dumps(reply.json(), ensure_ascii=False)


@pytest.mark.parametrize("value", FUZZ)
def test_odd_texts_are_values_like_any_other(sample_server, value):
    """No text is a fault of the server, and none is anything but a value; some may name a thing after all."""
    assert sample_server.ask("search", {"q": value[:200]}).status == 200
    assert sample_server.ask(SCOPE, {"standard": value}).status in {200, 400, 404}
    assert sample_server.ask("ask/texts-on-topic", {"topic": value}).json() == []
    assert sample_server.ask("gap", {"wanted": value, "given": value}).status in {400, 404}
    assert sample_server.ask("path", {"from": value, "to": "FedRAMP"}).status in {200, 400, 404}


@pytest.mark.parametrize("query", ["q=%ff", "q=%ED%A0%80", "=", "&&&", "q", "q=a&q=b", "%00=1", "q=a&" * 900])
def test_parameters_that_are_none_are_refused(sample_server, query):
    """Neither half characters nor endless repetitions."""
    assert sample_server.ask(f"search?{query}").status == 400


def test_urls_have_a_length(sample_server):
    """414, or the connection's own refusal of it."""
    assert sample_server.ask("search", {"q": "a" * 65_000}).status == 414


def test_mappings_are_given_in_the_formats_of_other_tools(sample_server):
    """SSSOM and OSCAL, by name."""
    params = PLACES["crosswalk"]
    sssom = sample_server.ask("crosswalk", {**params, "format": "sssom"})
    assert b"subject_id\t" in sssom.body
    oscal = sample_server.ask("crosswalk", {**params, "format": "oscal"})
    assert "mapping-collection" in oscal.json()


def test_no_cell_of_a_spreadsheet_begins_a_formula(tmp_path):
    """CSV of questions is for people, and gets an apostrophe; JSON and /sparql stay faithful."""
    lines = pipeline.build([], check=False).graph
    place = tmp_path / "evil.nq"
    lines.save(place)
    evil = "=HYPERLINK(1)"
    party = "https://w3id.org/compliance-kg/id/organization/evil"
    label = "http://www.w3.org/2004/02/skos/core#prefLabel"
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/org#Organization>"
    with place.open("a") as file:
        file.write(f'<{party}> <{label}> "{evil}"@en .\n<{party}> {kind} .\n')
    with running(place, tmp_path / "log") as server:
        params = {"q": "hyperlink", "kind": "organization"}
        assert [row["name"] for row in rows(server.ask("search", {**params, "format": "csv"}))] == [
            "'" + evil
        ]
        assert f"\t'{evil}\t".encode() in server.ask("search", {**params, "format": "tsv"}).body
        assert [row["name"] for row in server.ask("search", params).json()] == [evil]
        faithful = server.query(f"SELECT ?name {{ <{party}> <{label}> ?name }}", "text/csv")
        assert evil.encode() in faithful.body
        assert b"'" not in faithful.body


def test_an_answer_has_a_greatest_length():
    """413 rather than half an answer."""
    wanted = {"form": "json", "media_type": "application/json", "max_result": 10}
    with pytest.raises(written.HttpError, match="larger than 10 bytes") as error:
        written.of_table(Table.of(("name",), [("long enough",)]), wanted)
    assert error.value.status == 413


def test_a_graph_without_the_report_of_its_build_is_served_all_the_same(tmp_path):
    """Only what was not understood cannot be told."""
    folder = tmp_path / "graph"
    built = pipeline.build([files.samples()], check=False, out=folder)
    assert built.graph.version
    (built.graph.version.folder / "report.json").unlink()
    with running(folder, tmp_path / "log") as server:
        assert server.ask("sources").status == 404
        assert server.ask("search", {"q": "fedramp"}).status == 200
