"""What is refused of a SPARQL text before the engine sees it."""

from __future__ import annotations

import random
import re

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg import sparql
from kg.errors import QueryError, RefusedError
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
    "PREFIX service: <https://example.org/> SELECT * { GRAPH service:a { ?s ?p ?o } }",
    "PREFIX service: <https://example.org/> SELECT * FROM service:a { ?s ?p ?o }",
    "PREFIX ex: <https://example.org/> SELECT * { ?s ex:service ?o OPTIONAL { ?s ex:p ex:service } }",
    "SELECT * { <https://example.org/O'Neill(service)#a> ?p 'service' }",
    "SELECT * { ?s ?p ?o FILTER(?o < 3) FILTER(?o > 1) # service\n }",
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
    "PREFIX ex: <http://x/> SELECT * { ?s ?p ex:.SERVICE <http://x/> { ?s ?p ?o } }",
    "PREFIX ex: <http://x/> SELECT * { ?s ?p ex:.SERVICE ex:a { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?a FILTER(?a<'>') SERVICE <http://x/> { ?s ?p ?o } #'\n}",
    "PREFIX : <http://x/> SELECT * { ?s ?p trueSERVICE:x { ?s ?p ?o } }",
    "PREFIX SERVICE: <http://x/> SELECT * { ?s ?p SERVICE:a\u0301GRAPH SERVICE:x { ?s ?p ?o } }",
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


REFUSED = [text for text in HOSTILE if "SERVICE" in text.upper() or "\\u0053" in text]


@pytest.mark.parametrize("text", [*REFUSED, "LOAD <http://x/>", "CLEAR ALL", "DELETE WHERE { ?s ?p ?o }"])
def test_what_is_not_allowed_is_told_from_what_is_wrong(text):
    """Asking another server, or for a change, is refused by an error of its own kind."""
    with pytest.raises(RefusedError):
        screen(text)


PIECES = [
    *("?s ?p ?o", "?s ?p ", " ex:", ".", "-", "'", '"', "'''", '"""', "\\", "\\u0027", "\\u0022", "\\u003e"),
    *("<", "<'>", ">", "#", "\n", " ", "SERVICE", "sErViCe", "SILENT", "<http://127.0.0.1:1/>", "?v"),
    *("{ ?a ?b ?c }", "{", "}", "(", ")", "FILTER(", "FILTER(?o<", "BIND(", "OPTIONAL{", "UNION", "GRAPH "),
    *("true", "1", "1.", "1e", "_:", "_:a", "a ", "@en", "@en-", "\u0301", "\u00b7", "\u203f", "\u00aa", "%"),
    *(
        ":x",
        "SERVICE:x",
        "ex:a",
        "ex:service",
        "service:",
        "&&",
        "^",
        "|",
        "/",
        "[",
        "]",
        "\\u0053ERVICE",
        "\x85",
    ),
]
CALLING = [
    "?s ?p ?o . SERVICE <http://127.0.0.1:1/> { ?a ?b ?c }",
    "?s ?p ex:.SERVICE :x { ?a ?b ?c }",
    "?s ?p ?o FILTER(?o<'>') SERVICE <http://127.0.0.1:1/> {?a ?b ?c} #'\n",
    "?s ?p trueSERVICE:x {?a ?b ?c}",
]


def test_no_mutation_of_a_calling_query_gets_through_and_calls():
    """Whatever pieces are put into a query with SERVICE: where the engine would call out, it is refused."""
    prefixes = "".join(f"PREFIX {name}: <http://127.0.0.1:1/> " for name in ("ex", "", "service", "SERVICE"))
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://a"), ox.NamedNode("http://b"), ox.Literal("c")))
    chance = random.Random(4)
    called = 0
    for _ in range(10_000):
        parts = re.findall(r"\w+|\W", chance.choice(CALLING))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(parts) + 1)
            parts[place : place + chance.randint(0, 1)] = [chance.choice(PIECES)]
        text = f"{prefixes}SELECT * {{ ?s ?p ?o . {''.join(parts)} }}"
        try:
            list(store.query(text))
        except OSError:  # nobody listens at port 1
            called += 1
            with pytest.raises(RefusedError):
                screen(text)
        except (SyntaxError, ValueError, RuntimeError):
            continue

    assert called > 100


def test_a_refusal_names_its_place():
    """Line and column count from 1."""
    with pytest.raises(QueryError) as caught:
        screen("SELECT *\nWHERE { SERVICE <http://x/> {} }")

    assert (caught.value.line, caught.value.column) == (2, 9)


_PIECES = st.sampled_from(
    [*"{}()[]<>\"'#?$:;.,|^*/!&=+-\\@_ \n\r\t07aé中\u212a\u0130", "SELECT", "ask", "SERVICE", "serv", "ice", "with",
     "ADD", "loa", "LOAD", "\\u0053", "values", "<http://a/>", "ex:", '"""', "where", "insert", "move", "\ud800"]
)  # fmt: skip


def _passes_taken_apart(text, depth, tokens):
    """Whether a text passes where none passes at a glance."""
    try:
        text.encode()
        sparql._scan(text, depth, tokens)
        sparql._scan(sparql._CODE_POINT.sub(sparql._character, text), depth, tokens)
    except (QueryError, UnicodeEncodeError):
        return False
    return True


@settings(max_examples=3_000, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join), st.integers(0, 6), st.integers(0, 60))
@example("ASK { ?s ?p ?o }", 1, 100)
@example("ser\u212aice", 1, 100)
def test_what_passes_at_a_glance_passes_when_taken_apart(text, depth, tokens):
    """The glance may send a good query to the scanner, and never lets one pass that the scanner refuses."""
    assert not sparql._is_harmless(text, depth, tokens) or _passes_taken_apart(text, depth, tokens)


def test_a_glance_is_enough_for_a_point_query_and_for_no_hostile_one():
    """It is worth its while."""
    assert sparql._is_harmless(HONEST[0], sparql.DEPTH, sparql.TOKENS)
    assert not [text for text in HOSTILE if sparql._is_harmless(text, sparql.DEPTH, sparql.TOKENS)]
