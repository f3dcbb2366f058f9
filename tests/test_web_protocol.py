"""The SPARQL endpoint over HTTP, beyond what the W3C suite asks: methods, media types, tags, refusals."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import xml.etree.ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib

from kg.terms import PREFIXES
from tests.serving import running

FORM = {"content-type": "application/x-www-form-urlencoded"}
DIRECT = {"content-type": "application/sparql-query"}
SELECT = "SELECT ?o { ?s ?p ?o } ORDER BY ?o"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
A, B = "https://example.org/a", "https://example.org/b"
DATA = f"""
<{A}#1> <https://example.org/p> "one" <{A}> .
<{A}#1> <https://example.org/p> "both" <{A}> .
<{B}#1> <https://example.org/p> "two" <{B}> .
<{A}#1> <https://example.org/p> "both" <{B}> .
<{B}#1> <https://example.org/p> "carriage\\rreturn" <{B}> .
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server over two small named graphs."""
    folder = tmp_path_factory.mktemp("protocol")
    (folder / "data.nq").write_text(DATA)
    with running(folder / "data.nq", folder / "log") as started:
        yield started


def values(reply, name="o"):
    """The values of a variable, sorted."""
    assert reply.status == 200, reply.body
    return sorted(row[name]["value"] for row in reply.json()["results"]["bindings"])


@pytest.mark.parametrize(
    "accept, expected",
    [
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/xml"),
        ("text/tab-separated-values;q=0.9, text/csv;q=0.8, text/html", "text/tab-separated-values"),
        ("text/csv;q=0.1, */*;q=0.05", "text/csv"),
        ("application/sparql-results+json;q=0, */*", "application/json"),
        ("application/*;q=0.2, text/csv;q=0.3", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv; header=present; q=1", "text/csv"),
        ("nonsense, text/csv", "text/csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml"),
    ],
)
def test_a_table_comes_in_the_media_type_that_is_wanted_most(server, accept, expected):
    """Quality first, then what is offered first; the most specific range counts."""
    reply = server.query(SELECT, accept)

    assert (reply.status, reply.media_type) == (200, expected)
    assert "accept" in reply.headers["vary"]


@pytest.mark.parametrize(
    "accept, expected",
    [
        ("*/*", "text/turtle"),
        ("application/trig", "application/trig"),
        ("application/n-triples", "application/n-triples"),
        ("application/n-quads", "application/n-quads"),
        ("application/ld+json, */*;q=0.1", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("text/n3", "text/n3"),
        ("application/sparql-results+json, text/turtle;q=0.2", "text/turtle"),
    ],
)
def test_triples_come_in_the_media_type_that_is_wanted_most(server, accept, expected):
    """And the same four triples are in all of them."""
    reply = server.query(CONSTRUCT, accept)

    assert (reply.status, reply.media_type) == (200, expected)
    form = {"application/ld+json": "json-ld", "application/rdf+xml": "xml", "text/n3": "turtle"}.get(expected)
    graph = rdflib.Dataset().parse(data=reply.body, format=form or expected)
    assert {str(literal) for _, _, literal, _ in graph.quads()} == {"one", "two", "both", "carriage\rreturn"}


@pytest.mark.parametrize(
    "query, accept",
    [(SELECT, "text/turtle"), (SELECT, "image/png"), (CONSTRUCT, "text/csv"), (SELECT, "*/*;q=0")],
)
def test_what_cannot_be_given_as_wanted_is_not_given(server, query, accept):
    """406, naming what there is."""
    reply = server.query(query, accept)

    assert (reply.status, reply.media_type) == (406, "application/problem+json")
    assert "answer in" in reply.json()["detail"]


@pytest.mark.parametrize(
    "form, query, expected",
    [
        ("csv", SELECT, "text/csv"),
        ("json", SELECT, "application/sparql-results+json"),
        ("json", CONSTRUCT, "application/ld+json"),
        ("turtle", CONSTRUCT, "text/turtle"),
        ("nt", CONSTRUCT, "application/n-triples"),
        ("nt", SELECT, "text/csv"),
        ("application/ld+json, application/x-json+ld", CONSTRUCT, "application/ld+json"),
    ],
)
def test_people_may_name_the_format_in_the_address(server, form, query, expected):
    """`format=` goes before Accept where it can be had."""
    reply = server.query(query, "text/csv, text/turtle", format=form)

    assert (reply.status, reply.media_type) == (200, expected)


def test_a_format_that_is_none_is_told(server):
    """400 with those there are."""
    reply = server.query(SELECT, format="docx")

    assert reply.status == 400
    assert "csv" in reply.json()["hint"]


def test_a_dataset_in_the_address_takes_the_place_of_from(server):
    """Default and named graphs, several of each, by every method; what is not named is not seen."""
    everywhere = "SELECT ?o { ?s ?p ?o }"
    named = "SELECT ?o { GRAPH ?g { ?s ?p ?o } }"
    assert values(server.query(f"SELECT ?o FROM <{A}> {{ ?s ?p ?o }}")) == ["both", "one"]
    assert values(server.query(everywhere)) == ["both", "carriage\rreturn", "one", "two"]
    for method, body, headers in (("GET", None, {}), ("POST", everywhere.encode(), DIRECT)):
        asked = [("query", everywhere)] if method == "GET" else []
        only_a = server.ask(
            params=[*asked, ("default-graph-uri", A)], method=method, body=body, headers=headers
        )
        assert values(only_a) == ["both", "one"]
        both = [*asked, ("default-graph-uri", A), ("default-graph-uri", B)]
        assert set(values(server.ask(params=both, method=method, body=body, headers=headers))) == {
            "both",
            "carriage\rreturn",
            "one",
            "two",
        }
    overridden = server.ask(
        params=[("query", f"SELECT ?o FROM <{B}> {{ ?s ?p ?o }}"), ("default-graph-uri", A)]
    )
    assert values(overridden) == ["both", "one"]
    assert values(server.ask(params=[("query", everywhere), ("named-graph-uri", A)])) == []
    assert values(server.ask(params=[("query", named), ("named-graph-uri", A)])) == ["both", "one"]
    assert values(server.ask(params=[("query", named), ("default-graph-uri", A)])) == []


def test_a_dataset_that_is_no_iri_is_a_bad_request(server):
    """400, not an empty answer."""
    assert server.query(SELECT, **{"default-graph-uri": "not an iri"}).status == 400


def test_our_prefixes_are_bound(server):
    """As on the command line, and an own declaration goes before."""
    assert server.query("ASK { ?s a ckg:Offering }").json() == {"head": {}, "boolean": False}
    assert server.query("PREFIX skos: <https://example.org/> ASK { ?s skos:p 'one' }").json()["boolean"]


def test_head_is_get_without_a_body(server):
    """Same status, type, length and tag."""
    got = server.query(SELECT)
    head = server.ask(params={"query": SELECT}, method="HEAD")

    assert (head.status, head.body) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == got.headers[name]


def test_options_says_what_is_allowed(server):
    """204 with Allow."""
    reply = server.ask(method="OPTIONS")

    assert (reply.status, reply.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(server, method):
    """405 with Allow."""
    reply = server.ask(method=method, params={"query": SELECT})

    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


@pytest.mark.parametrize(
    "headers, body, status",
    [
        ({"content-type": "text/plain"}, b"ASK {}", 415),
        ({}, b"ASK {}", 415),
        ({"content-type": "application/json"}, b"{}", 415),
        ({"content-type": "application/sparql-query; charset=utf-16"}, "ASK {}".encode("utf-16"), 415),
        ({**DIRECT, "content-encoding": "gzip"}, gzip.compress(b"ASK {}", mtime=0), 415),
        (DIRECT, b"ASK { \xff }", 400),
        (FORM, b"query=ASK%20%7B%20%FF%20%7D", 400),
        (FORM, b"", 400),
        (FORM, b"query=ASK%7B%7D&query=ASK%7B%7D", 400),
        ({"content-type": "application/sparql-update"}, b"CLEAR ALL", 403),
        (FORM, b"update=CLEAR%20ALL", 403),
        (DIRECT, b"CLEAR ALL", 403),
        (DIRECT, b"SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403),
        (DIRECT, b"LOAD <http://127.0.0.1:1/>", 403),
        (DIRECT, b"ASK { #" + b"x" * 70_000 + b"\n }", 413),
        ({"content-type": "application/sparql-query; charset=UTF-8"}, "ASK { ?s ?p 'é' }".encode(), 200),
    ],
)
def test_a_post_is_taken_as_the_protocol_says(server, headers, body, status):
    """Each fault has its status; what is refused says why."""
    reply = server.ask(method="POST", body=body, headers=headers)

    assert reply.status == status, reply.body
    if status != 200:
        assert reply.media_type == "application/problem+json"
        assert reply.json()["status"] == status
        assert reply.json()["detail"]


def test_a_url_that_is_too_long_is_told_from_a_bad_one(server):
    """414, with the hint to POST."""
    reply = server.query("ASK { #" + "x" * 70_000 + "\n}")

    assert reply.status == 414
    assert "POST" in reply.json()["hint"]


def test_a_header_that_is_too_long_is_refused(server):
    """431: nobody fills the memory with media types."""
    assert server.query(SELECT, "text/csv, " * 200).status == 431


def test_a_fault_in_a_query_is_told_with_its_place(server):
    """Line and column, counted from 1."""
    reply = server.query("SELECT *\nWHERE { ?s foo:bar ?o }")

    assert (reply.status, reply.json()["line"]) == (400, 2)
    assert "the prefix foo: is not declared" in reply.json()["detail"]


def test_an_unknown_function_is_the_fault_of_the_query(server):
    """400, not a fault of the server."""
    assert server.query("SELECT (<https://example.org/f>(1) AS ?x) {}").status == 400


def test_an_answer_that_the_client_has_is_not_sent_again(server):
    """304 for the tag of the same query, graph and form; never for another's, nor after POST."""
    tag = server.query(SELECT).headers["etag"]

    def again(query, accept="*/*", **headers):
        return server.ask(
            params={"query": query}, headers={"accept": accept, "if-none-match": tag, **headers}
        )

    assert server.query(SELECT).headers["x-graph-sha256"] in tag
    assert (again(SELECT).status, again(SELECT).body) == (304, b"")
    assert again(SELECT).headers["etag"] == tag
    assert again("SELECT ?s { ?s ?p ?o }").status == 200
    assert again(SELECT, "text/csv").status == 200
    assert "etag" not in server.ask(method="POST", body=SELECT.encode(), headers=DIRECT).headers


@pytest.mark.parametrize(
    "query", ["SELECT (NOW() AS ?x) {}", "SELECT (rand() AS ?x) {}", "SELECT (STRUUID ( ) AS ?x) {}"]
)
def test_an_answer_that_is_another_every_time_has_no_tag(server, query):
    """And is not to be kept."""
    reply = server.query(query)

    assert reply.status == 200
    assert "etag" not in reply.headers
    assert reply.headers["cache-control"] == "no-store"


def test_a_long_answer_is_compressed_for_who_takes_that(server):
    """gzip where wanted, the same content; small ones stay as they are."""
    query = "SELECT * { VALUES ?x { " + "'some words' " * 500 + "} }"
    plain = server.query(query)
    packed = server.ask(params={"query": query}, headers={"accept-encoding": "gzip, deflate"})
    refused = server.ask(params={"query": query}, headers={"accept-encoding": "gzip;q=0"})

    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == refused.body
    assert packed.headers["etag"] != plain.headers["etag"]
    small = server.ask(params={"query": "ASK {}"}, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in small.headers


def test_xml_carries_what_it_can_and_refuses_what_it_cannot(server):
    """A carriage return comes back as one; a control character is no XML."""
    reply = server.query(SELECT, "application/sparql-results+xml")
    texts = {
        each.text
        for each in ET.fromstring(reply.body).iter("{http://www.w3.org/2005/sparql-results#}literal")
    }
    assert "carriage\rreturn" in texts

    control = r"SELECT ?x { BIND('\u000b' AS ?x) }"
    assert server.query(control, "application/sparql-results+xml").status == 406
    assert json.loads(server.query(control).body)["results"]["bindings"][0]["x"]["value"] == "\x0b"
    nameless = "CONSTRUCT { <https://a.example> <https://a.example/> 1 } WHERE {}"
    assert server.query(nameless, "application/rdf+xml").status == 406


def test_turtle_names_only_the_prefixes_it_uses(server):
    """And means the same."""
    reply = server.query("CONSTRUCT { ?s a ckg:Offering } WHERE { ?s ?p 'one' }", "text/turtle")

    assert reply.body.count(b"@prefix") == 1
    (quad,) = ox.parse(reply.body, ox.RdfFormat.TURTLE)
    assert quad.object.value == PREFIXES["ckg"] + "Offering"


@pytest.mark.parametrize("path", ["sparql/x", "Sparql", "nothing/../sparql"])
def test_elsewhere_there_is_nothing(server, path):
    """404 as a problem."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", f"/{path}")
    reply = connection.getresponse()

    assert reply.status == 404
    assert json.load(io.BytesIO(reply.read()))["status"] == 404
    connection.close()


def test_an_empty_request_is_answered_with_the_description_or_told_what_is_missing(server):
    """GET without a query asks what the service is."""
    reply = server.ask()

    assert (reply.status, reply.media_type) in {(200, "text/turtle"), (400, "application/problem+json")}
