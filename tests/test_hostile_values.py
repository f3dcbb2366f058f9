"""Whatever is given to a saved question is a value: the rows are those that comparing terms gives.

For comparing, a value is put into a graph as a term, and the query finds it there: it never is text.
"""

from __future__ import annotations

import random
import re
from collections import Counter

import pyoxigraph as ox
import pytest

from kg import files, pipeline, store
from kg.errors import KgError
from kg.graph import Graph
from kg.queries import questions, words
from kg.queries.binding import fill, resolve
from kg.terms import PREFIXES
from tests.hostile import values
from tests.test_saved_questions import VALUES

RDF_VALUE = ox.NamedNode(PREFIXES["rdf"] + "value")
SOURCE = ox.NamedNode(PREFIXES["oa"] + "hasSource")
PATH = ox.NamedNode(PREFIXES["ckg"] + "path")
GIVEN = "urn:given:"


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of the samples, and a page that says what the values say, so that they find something."""
    built = pipeline.build([files.samples()], check=False).graph
    page = ox.NamedNode("https://example.org/page")
    chance = random.Random(1)
    said = {values.text(chance) for _ in range(500)}
    quads = [ox.Quad(page, PATH, ox.Literal("page.md"), page)]
    for number, each in enumerate(sorted(said)):
        segment = ox.NamedNode(f"https://example.org/segment/{number}")
        try:
            quads.append(ox.Quad(segment, RDF_VALUE, ox.Literal(f"… {each} …", language="en"), page))
        except (ValueError, UnicodeEncodeError):
            continue
        quads.append(ox.Quad(segment, SOURCE, page, page))
    more = (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
    return Graph.of_lines(b"".join(sorted({*built.lines, *more})))


@pytest.fixture(scope="module")
def terms(graph):
    """The same graph in a store of its own, to which values are added as terms."""
    return store.in_memory(b"".join(graph.lines))


@pytest.fixture(autouse=True)
def _no_suggestions(monkeypatch):
    """Looking for the nearest names takes most of the time, and changes no row."""
    monkeypatch.setattr(words._Names, "near", lambda self, text: ())


def compared(terms, asked, bound):
    """The rows of a question about terms that no text holds."""
    text = asked.sparql
    graph = ox.NamedNode(GIVEN)
    added = []
    for name, given in bound.items():
        if not given:
            continue
        text, count = re.subn(
            rf"VALUES \?{name} \{{[^{{}}\n]*\}}",
            f"GRAPH <{GIVEN}> {{ ?given_{name} <{GIVEN}{name}> ?{name} }}",
            text,
        )
        assert count == 1
        added += [ox.Quad(ox.NamedNode(GIVEN), ox.NamedNode(GIVEN + name), term, graph) for term in given]
    for quad in added:
        terms.add(quad)
    try:
        return Counter(tuple(map(str, solution)) for solution in terms.query(text, prefixes=PREFIXES))
    finally:
        for quad in added:
            terms.remove(quad)


def answered(terms, asked, bound):
    """The rows of a question as its text is made."""
    found = terms.query(fill(asked, bound), prefixes=PREFIXES)
    return Counter(tuple(map(str, solution)) for solution in found)


def made(param, chance, names, things):
    """A value for a parameter, as somebody might give it."""
    kind = chance.random()
    if param.type == "xsd:integer":
        return chance.choice((str(chance.randint(-3, 5)), values.text(chance), chance.randint(0, 9)))
    if kind < 0.3:
        return values.text(chance)
    if kind < 0.5:
        return values.iri(chance)
    if kind < 0.6:
        return values.literal(chance) or "x"
    if kind < 0.8:
        return chance.choice(names)
    return ox.NamedNode(chance.choice(things))


def check(graph, terms, seed, count):
    """Ask with so many generated values; return how many were refused, taken, and found something."""
    chance = random.Random(seed)
    resolver = graph.words
    names = [name.text for name in resolver.names]
    things = [thing for thing, _ in resolver.labels]
    with_params = [asked for asked in questions().values() if asked.params]
    tally = Counter()
    used = 0
    while used < count:
        asked = with_params[used % len(with_params)]
        given = {}
        for param in asked.params:
            if param.optional and chance.random() < 0.5:
                continue
            honest = VALUES.get(asked.name, {}).get(param.name)
            given[param.name] = (
                honest if honest and chance.random() < 0.4 else made(param, chance, names, things)
            )
            used += given[param.name] is not honest
        used += not given
        try:
            bound = resolve(asked, given, resolver)
            got = answered(terms, asked, bound)
        except KgError:
            tally["refused"] += 1
            continue
        tally["taken"] += 1
        tally["with rows"] += bool(got)
        assert got == compared(terms, asked, bound), (asked.name, given)
    return tally


def test_values_give_the_rows_that_comparing_terms_gives(graph, terms):
    """Some of them; both refused and taken ones, and some that find something."""
    tally = check(graph, terms, 11, 150)

    assert tally["refused"] > 5
    assert tally["taken"] > 30
    assert tally["with rows"] > 5


@pytest.mark.slow
def test_ten_thousand_values_give_the_rows_that_comparing_terms_gives(graph, terms):
    """All questions, all parameters."""
    tally = check(graph, terms, 12, 10_000)

    assert tally["taken"] > 2_000
    assert tally["with rows"] > 300
