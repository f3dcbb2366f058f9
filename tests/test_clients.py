"""Clients that are in use out there, against our server: each gets the rows there are."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import rdflib
import sparql_dataframe
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, POST, POSTDIRECTLY, TSV, TURTLE, XML, SPARQLWrapper

from kg import files, pipeline
from tests.conftest import CHECKOUT
from tests.serving import Server

Rows = set[tuple[str, str]]
# Clients that parse queries themselves need to be told prefixes that the server knows.
PREFIXES = """
PREFIX ckg: <https://w3id.org/compliance-kg/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
QUERY = PREFIXES + "SELECT ?s ?label WHERE { ?s a ckg:Offering ; rdfs:label ?label }"
CONSTRUCT = PREFIXES + "CONSTRUCT { ?s rdfs:label ?label } WHERE { ?s a ckg:Offering ; rdfs:label ?label }"


@pytest.fixture(scope="module")
def rows() -> Rows:
    """What the graph answers without a server."""
    graph = pipeline.build([files.samples()], check=False).graph
    found = {(str(row["s"]), str(row["label"])) for row in graph.select(QUERY)}
    assert len(found) >= 4
    return found


def _wrapper(server: Server, query: str, form: str) -> SPARQLWrapper:
    wrapper = SPARQLWrapper(f"{server.url}sparql", returnFormat=form)
    wrapper.setQuery(query)
    return wrapper


def _of_json(found: dict) -> Rows:
    return {(each["s"]["value"], each["label"]["value"]) for each in found["results"]["bindings"]}


def _of_csv(text: str) -> Rows:
    return {(row["s"], row["label"]) for row in csv.DictReader(io.StringIO(text))}


def _of_tsv(text: str) -> Rows:
    lines = [line.split("\t") for line in text.splitlines()[1:]]
    return {(s.strip("<>"), label.rpartition("@")[0].strip('"')) for s, label in lines}


def _of_xml(found) -> Rows:
    def text(binding) -> str:
        return "".join(node.data for node in binding.childNodes[0].childNodes)

    results = found.getElementsByTagName("result")
    return {tuple(text(each) for each in result.getElementsByTagName("binding")) for result in results}


def _of_graph(found: rdflib.Graph) -> Rows:
    return {(str(s), str(label)) for s, _, label in found}


WRAPPED: dict[str, tuple[str, str, Callable[..., Rows]]] = {
    "json": (QUERY, JSON, _of_json),
    "xml": (QUERY, XML, _of_xml),
    "csv": (QUERY, CSV, lambda found: _of_csv(found.decode())),
    "tsv": (QUERY, TSV, lambda found: _of_tsv(found.decode())),
    "turtle": (CONSTRUCT, TURTLE, lambda found: _of_graph(rdflib.Graph().parse(data=found, format="turtle"))),
    "json-ld": (CONSTRUCT, JSONLD, _of_graph),
}


@pytest.mark.parametrize("method", ["GET", "POST", "POST directly"])
@pytest.mark.parametrize("form", WRAPPED)
def test_sparqlwrapper(sample_server: Server, rows: Rows, form: str, method: str) -> None:
    """In six formats, by each of the three ways a query may come."""
    query, name, read = WRAPPED[form]
    wrapper = _wrapper(sample_server, query, name)
    if method != "GET":
        wrapper.setMethod(POST)
    if method == "POST directly":
        wrapper.setRequestMethod(POSTDIRECTLY)

    assert read(wrapper.query().convert()) == rows


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_store(sample_server: Server, rows: Rows, method: str) -> None:
    """Queries, and the graph itself as one of rdflib's."""
    store = SPARQLStore(f"{sample_server.url}sparql", method=method)
    graph = rdflib.Graph(store)
    assert {(str(row.s), str(row.label)) for row in graph.query(QUERY)} == rows

    offering = rdflib.URIRef("https://w3id.org/compliance-kg/ontology#Offering")
    assert {str(s) for s in graph.subjects(rdflib.RDF.type, offering)} == {s for s, _ in rows}


@pytest.mark.parametrize("post", [False, True])
def test_sparql_dataframe(sample_server: Server, rows: Rows, post: bool) -> None:
    """A data frame with the columns of the query."""
    frame = sparql_dataframe.get(f"{sample_server.url}sparql", QUERY, post=post)

    assert list(frame.columns) == ["s", "label"]
    assert set(frame.itertuples(index=False, name=None)) == rows


def test_httpx(sample_server: Server, rows: Rows) -> None:
    """Over one connection that is kept: by GET, by a form, directly, compressed, and again by its tag."""
    json = {"accept": "application/sparql-results+json"}
    with httpx.Client(base_url=sample_server.url, headers=json) as client:
        replies = [
            client.get("sparql", params={"query": QUERY}),
            client.post("sparql", data={"query": QUERY}),
            client.post("sparql", content=QUERY, headers={"content-type": "application/sparql-query"}),
        ]
        for reply in replies:
            assert _of_json(reply.json()) == rows
        long = client.get("sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 100"})
        assert long.headers["content-encoding"] == "gzip"
        assert len(long.json()["results"]["bindings"]) == 100
        tag = {"if-none-match": replies[0].headers["etag"]}
        assert client.get("sparql", params={"query": QUERY}, headers=tag).status_code == 304


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_curl(sample_server: Server, rows: Rows) -> None:
    """As the README shows it, and in other ways."""
    url = f"{sample_server.url}sparql"
    for options in (
        ["--data-urlencode", f"query={QUERY}"],
        ["--get", "--data-urlencode", f"query={QUERY}"],
        ["--get", "--compressed", "--data-urlencode", f"query={QUERY}"],
        ["-H", "Content-Type: application/sparql-query", "--data-binary", QUERY],
    ):
        done = subprocess.run(
            ["curl", "-sS", "--fail", "-H", "Accept: text/csv", url, *options],
            capture_output=True,
            check=True,
            timeout=30,
        )
        assert _of_csv(done.stdout.decode()) == rows


def test_the_command_line_of_oxigraph_asks_us_in_a_federated_query(
    sample_server: Server, rows: Rows, tmp_path: Path
) -> None:
    """From a store of its own, with SERVICE."""
    program = Path(sys.executable).with_name("oxigraph")
    (tmp_path / "own.nt").write_text("<urn:a> <urn:b> <urn:c> .\n")
    place = ("--location", tmp_path / "store")
    subprocess.run([program, "load", *place, "--file", tmp_path / "own.nt"], check=True, capture_output=True)
    head, _, pattern = QUERY.partition("WHERE")
    query = f"{head} WHERE {{ SERVICE <{sample_server.url}sparql> {pattern} }}"
    done = subprocess.run(
        [program, "query", *place, "--results-format", "json", "--query", query],
        check=True,
        capture_output=True,
    )
    assert _of_json(json.loads(done.stdout)) == rows


def test_comunica_finds_the_rows(sample_server: Server, rows: Rows) -> None:
    """As an endpoint it was told is one."""
    program = CHECKOUT / "tests" / "clients" / "node_modules" / ".bin" / "comunica-sparql"
    if not program.exists():
        pytest.skip("Comunica is not installed: npm ci --prefix tests/clients")
    done = subprocess.run(
        [program, f"sparql@{sample_server.url}sparql", "-t", "application/sparql-results+json", QUERY],
        check=True, capture_output=True,
    )  # fmt: skip
    assert _of_json(json.loads(done.stdout)) == rows
