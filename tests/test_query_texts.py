"""The queries that are no questions: each is SPARQL as it stands, and takes SPARQL in its places."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql import prepareQuery

from kg.queries import texts

FOLDER = Path(texts.__file__).parent
QUERIES = sorted(FOLDER.glob("*/*.rq"))


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_each_file_says_what_it_asks_and_is_a_query_as_it_stands(path):
    """Two parsers take it without anything filled in or declared besides, and its first line is a comment."""
    query = path.read_text(encoding="utf-8")

    assert query.startswith("# ")
    found = ox.Store().query(query)
    forms = {"SelectQuery": ox.QuerySolutions, "AskQuery": ox.QueryBoolean, "ConstructQuery": ox.QueryTriples}
    assert isinstance(found, forms[prepareQuery(query).algebra.name])


def test_no_query_stands_in_the_code_of_what_reads_the_graph():
    """Whatever asks a graph, here or on a server, has its queries in files; only help texts show some."""
    shown = {"cli", "jupyter", "web"}
    package = FOLDER.parent
    code = [path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in shown]
    query = re.compile(r"SELECT (?:DISTINCT )?[?*]|CONSTRUCT \{|ASK \{\{? ?[?<]")
    inline = {path.name for path in code if query.search(path.read_text(encoding="utf-8"))}

    assert len(code) > 100
    # What a benchmark asks differs from request to request.
    assert inline <= {"bench_serving.py"}


def test_places_take_terms_and_rows():
    """An IRI's place takes any SPARQL text, a row's place takes whole rows."""
    filled = texts.filled("controls", "claims", pairs="(<urn:a> <urn:b>) (<urn:c> <urn:d>)")

    assert "VALUES (?control ?other) { (<urn:a> <urn:b>) (<urn:c> <urn:d>) }" in filled
    assert "fill:" not in filled


def test_a_place_left_empty_is_a_fault_of_the_program():
    """Nothing is asked about the placeholder itself."""
    with pytest.raises(KeyError):
        texts.filled("controls", "claims")


@pytest.mark.parametrize("wrong", ["a b", "<urn:a>", "urn:a> } #", ""])
def test_only_iris_are_listed(wrong):
    """What is no IRI cannot leave its angle brackets."""
    with pytest.raises(ValueError, match="IRI"):
        texts.listed(["urn:a", wrong])
