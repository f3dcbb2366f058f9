"""What is refused of a SPARQL text before the engine sees it."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.errors import QueryError
from kg.sparql import screen

HONEST = [
    "SELECT * WHERE { ?s ?p ?o }",
    "PREFIX service: <https://example.org/service#> SELECT * { ?service a service:Service . ?s ?p service:service }",
    'ASK { ?s ?p "SERVICE <x> { }" , """a "quoted" SERVICE""" , \'SERVICE\' }',
    "# SERVICE <x> { }\nSELECT * { ?s ?p ?o }",
    "SELECT * { <https://w3id.org/compliance-kg/id/service/azure#SERVICE> ?p ?o }",
    "SELECT ?load ?insert { ?load ?insert ?o . FILTER(?load<?insert && ?o>3) }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    'SELECT (REPLACE(?x, "a", "insert") AS ?y) { BIND("b" AS ?x) }',
    "DESCRIBE <https://example.org/load>",
    "SELECT * { VALUES ?x { " + "<https://example.org/x> " * 20_000 + "} }",
    "SELECT * { VALUES (?x ?y) { " + "(1 2) " * 20_000 + "} }",
]

HOSTILE = [
    "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
    "SELECT * { service silent <http://x/> { ?s ?p ?o } }",
    "SELECT * { SERVICESILENT<http://x/>{ ?s ?p ?o } }",
    "SELECT * { ?s ?p 1SERVICE<http://x/>{ ?s ?p ?o } }",
    "SELECT * { ?s ?p trueSERVICE<http://x/>{ ?s ?p ?o } }",
    "PREFIX : <http://x/> SELECT * { SERVICE:x { ?s ?p ?o } }",
    "PREFIX : <http://x/> SELECT * { SERVICE:x # a comment\n { ?s ?p ?o } }",
    "SELECT * { SERVICE ?where { ?s ?p ?o } }",
    "SELECT * { FILTER(?a<1)SERVICE#>\n<http://x/>{ ?s ?p ?o } }",
    "SELECT * { \\u0053ERVICE <http://x/> { ?s ?p ?o } }",
    'SELECT * { ?s ?p "\\u0022 . SERVICE <http://x/> { ?s ?p ?o } } #" }',
    "SELECT * { { SELECT * { SERVICE <http://x/> { ?s ?p ?o } } } }",
    "ASK { FILTER EXISTS { SERVICE <http://x/> { ?s ?p ?o } } }",
    "LOAD <http://x/>",
    "PREFIX a: <http://x/> INSERT DATA { a:b a:c a:d }",
    "DELETE WHERE { ?s ?p ?o }",
    "CLEAR ALL",
    "WITH <http://x/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "ASK " + "{" * 200 + "}" * 200,
    "SELECT (" + "(" * 200 + "1" + ")" * 200 + " AS ?x) {}",
    "SELECT (" + "1+" * 20_000 + "1 AS ?x) {}",
    "SELECT (" + "!" * 20_000 + "1 AS ?x) {}",
    "SELECT * { " + "BIND(1 AS ?x) " * 3_000 + " }",
    "ASK { ?s ?p '\ud800' }",
]


@pytest.mark.parametrize("text", HONEST, ids=range(len(HONEST)))
def test_honest_queries_pass_and_the_engine_takes_them(text):
    """A word in a name, text or comment is no order."""
    screen(text)

    ox.Store().query(text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_are_refused(text):
    """Calling out, changing the graph and nesting to death are refused, however they are spelled."""
    with pytest.raises(QueryError):
        screen(text)


def test_a_refusal_names_its_place():
    """Line and column count from 1."""
    with pytest.raises(QueryError) as caught:
        screen("SELECT *\nWHERE { SERVICE <http://x/> {} }")

    assert (caught.value.line, caught.value.column) == (2, 9)
