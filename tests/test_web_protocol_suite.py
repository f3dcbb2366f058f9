"""The W3C suite of the SPARQL 1.1 Protocol, read from its manifest and sent over HTTP."""

from __future__ import annotations

import http.client
import re

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.collection import Collection

from tests.conftest import SHARED
from tests.serving import running

MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
GRAPHS = "http://kasei.us/2009/09/sparql/data/"
FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    },
    "RDF": {"text/turtle", "application/n-triples", "application/ld+json"},
}


def _folder():
    return SHARED / "suites" / "sparql11" / "protocol"


def _entries():
    """Return name and node of each test, with the manifest; nothing where the suite is not there."""
    manifest = _folder() / "manifest.ttl"
    if not manifest.is_file():
        return []
    graph = rdflib.Graph().parse(manifest)
    (entries,) = graph.objects(None, MF.entries)
    return [(str(node).rpartition("#")[2], node, graph) for node in Collection(graph, entries)]


ENTRIES = _entries()
# A good update is what a read-only service refuses; a bad one it may refuse as it likes.
UPDATES = [each for each in ENTRIES if each[0].startswith("update_")]
OTHERS = [each for each in ENTRIES if not each[0].startswith("update_")]


@pytest.fixture(scope="module")
def server(suites, tmp_path_factory):
    """A server over the three graphs of the suite."""
    folder = tmp_path_factory.mktemp("protocol")
    store = ox.Store()
    for number in (1, 2, 3):
        name = ox.NamedNode(f"{GRAPHS}data{number}.rdf")
        data = (suites / "sparql11" / "protocol" / f"data{number}.nt").read_bytes()
        store.load(data, ox.RdfFormat.N_TRIPLES, to_graph=name)
    place = folder / "data.nq"
    store.dump(place, ox.RdfFormat.N_QUADS)
    with running(place, folder / "log") as started:
        yield started


def _requests(node, graph):
    """Yield method, path, headers, body and the expected response of each request of a test."""
    action = graph.value(node, MF.action)
    for request in Collection(graph, graph.value(action, HT.requests)):
        headers = {}
        if (listed := graph.value(request, HT.headers)) is not None:
            for header in Collection(graph, listed):
                headers[str(graph.value(header, HT.fieldName))] = str(graph.value(header, HT.fieldValue))
        body = graph.value(request, HT.body)
        content = None
        if body is not None:
            encoding = str(graph.value(body, CNT.characterEncoding))
            content = str(graph.value(body, CNT.chars)).encode(encoding)
        response = graph.value(request, HT.resp)
        yield (
            str(graph.value(request, HT.methodName)),
            str(graph.value(request, HT.absolutePath)),
            headers,
            content,
            response,
        )


def _sent(server, method, path, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers.get_content_type(), response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("name, node, graph", OTHERS, ids=[each[0] for each in OTHERS])
def test_a_protocol_test_passes(name, node, graph, server):
    """Status, form and truth value of each request are those the manifest states."""
    for method, path, headers, body, expected in _requests(node, graph):
        status, media_type, content = _sent(server, method, path, headers, body)

        allowed = "".join(str(each)[-3] for each in graph.objects(expected, MF.expectedStatus))
        assert str(status)[0] in allowed, (status, content)
        form = graph.value(expected, MF.expectedFormat)
        if form is not None:
            assert media_type in FORMATS[str(form)]
        truth = graph.value(expected, MF.expectedBoolean)
        if truth is not None:
            assert re.search(rb"true|false", content)[0].decode() == str(truth)


@pytest.mark.parametrize("name, node, graph", UPDATES, ids=[each[0] for each in UPDATES])
def test_an_update_is_refused_with_the_reason(name, node, graph, server):
    """403, saying that the graph is read-only, whatever way an update is sent."""
    method, path, headers, body, _ = next(iter(_requests(node, graph)))

    status, media_type, content = _sent(server, method, path, headers, body)

    assert (status, media_type) == (403, "application/problem+json")
    assert b"read-only" in content


def test_every_entry_of_the_manifest_is_run(suites):
    """The suite has 34 tests, 7 of them updates."""
    assert (len(ENTRIES), len(UPDATES)) == (34, 7)
