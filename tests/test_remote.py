"""A graph on a server, asked through a small server that answers from a graph of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from kg.errors import KgError, QueryError, RemoteError
from kg.queries import Table
from kg.remote import RemoteGraph, connect

DATA = b"""
<https://w3id.org/compliance-kg/id/standard/mars-e> a <https://w3id.org/compliance-kg/ontology#Standard> ;
  <http://www.w3.org/2004/02/skos/core#prefLabel> "MARS-E"@en .
"""


class Endpoint(BaseHTTPRequestHandler):
    """As much of a SPARQL endpoint as a client needs."""

    asked: list[str] = []

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(parse_qs(urlsplit(self.path).query)["query"][0])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(parse_qs(body)["query"][0])

    def _answer(self, query: str) -> None:
        self.asked.append(query)
        store = ox.Store()
        store.load(DATA, ox.RdfFormat.TURTLE)
        try:
            found = store.query(query, use_default_graph_as_union=True)
        except SyntaxError as error:
            self.send_error(400, "no query", str(error))
            return
        if isinstance(found, ox.QueryTriples):
            media_type, body = "text/turtle", found.serialize(format=ox.RdfFormat.TURTLE)
        else:
            media_type = "application/sparql-results+json"
            body = found.serialize(format=ox.QueryResultsFormat.JSON)
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def graph() -> Iterator[RemoteGraph]:
    """A graph on a running server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield connect(f"http://127.0.0.1:{server.server_address[1]}/sparql")
    server.shutdown()
    server.server_close()


def test_a_select_query_answers_with_a_table(graph: RemoteGraph) -> None:
    """Our prefixes are bound, and a text keeps its language."""
    table = graph.query("SELECT ?label WHERE { std:mars-e skos:prefLabel ?label }")

    assert isinstance(table, Table)
    assert table.rows == ((ox.Literal("MARS-E", language="en"),),)


def test_an_ask_query_answers_yes_or_no(graph: RemoteGraph) -> None:
    """The answer is a truth value."""
    assert graph.query("ASK { std:mars-e a ckg:Standard }") is True
    assert graph.query("ASK { std:mars-e a ckg:Offering }") is False


def test_a_construct_query_answers_with_an_rdflib_graph(graph: RemoteGraph) -> None:
    """What notebooks know comes back."""
    found = graph.query("CONSTRUCT { ?s a ckg:Standard } WHERE { ?s a ckg:Standard }")

    assert len(found) == 1  # type: ignore[arg-type]


def test_a_long_query_is_posted(graph: RemoteGraph) -> None:
    """What does not fit into an address goes into the body."""
    many = " ".join(f"<https://example.org/{n}>" for n in range(200))

    assert graph.select(f"SELECT ?s WHERE {{ VALUES ?s {{ {many} }} ?s a ckg:Standard }}").rows == ()


def test_words_and_descriptions_work_from_afar(graph: RemoteGraph) -> None:
    """A name is resolved by asking the server."""
    assert graph.describe("mars-e").iri.endswith("/standard/mars-e")


def test_a_query_the_server_refuses_is_a_query_error(graph: RemoteGraph) -> None:
    """The reason is the query's, not the network's."""
    with pytest.raises(QueryError):
        graph.query("SELECT WHERE {")


def test_updates_never_leave_the_machine(graph: RemoteGraph) -> None:
    """They are refused before the server hears of them."""
    heard = len(Endpoint.asked)
    with pytest.raises(QueryError):
        graph.query("DROP ALL")

    assert len(Endpoint.asked) == heard


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "nonsense", "http://"])
def test_only_addresses_of_servers_are_taken(url: str) -> None:
    """No file is read through the client, whatever the address."""
    with pytest.raises(RemoteError):
        connect(url)


def test_a_server_that_is_not_there_is_named() -> None:
    """The error says which server, and what to look at."""
    with pytest.raises(KgError) as error:
        connect("http://127.0.0.1:9/sparql", timeout=2).query("ASK {}")

    assert "127.0.0.1:9" in error.value.message
