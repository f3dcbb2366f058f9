"""The W3C suites of result formats, asked over HTTP: CSV, TSV and JSON say what the manifests expect."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
import rdflib
from rdflib.collection import Collection

from tests.conftest import SHARED
from tests.serving import running

MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
FORMATS = {"csv": "text/csv", "tsv": "text/tab-separated-values", "srj": "application/sparql-results+json"}
BLANK = re.compile(r"^_:.+$")
# The engine gives numbers in their canonical form, and as the four types that SPARQL computes with.
NUMBER = re.compile(r'^"([^"]+)"\^\^<http://www\.w3\.org/2001/XMLSchema#(?:double|decimal|negativeInteger)>$')


def _cases():
    """Return name, data, query and expected result of each test, as file names in their folder."""
    found = []
    for name in ("csv-tsv-res", "json-res"):
        folder = SHARED / "suites" / "sparql11" / name
        if not folder.is_dir():
            continue
        base = "https://suite.example/"
        graph = rdflib.Graph().parse(folder / "manifest.ttl", publicID=base)
        (entries,) = graph.objects(None, MF.entries)
        for node in Collection(graph, entries):
            action = graph.value(node, MF.action)
            nodes = (
                graph.value(action, QT.data),
                graph.value(action, QT.query),
                graph.value(node, MF.result),
            )
            found.append(
                (str(node).rpartition("#")[2], *(folder / str(each).rpartition("/")[2] for each in nodes))
            )
    return found


CASES = _cases()


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """Servers over the data of the suites, started when first wanted."""
    started, closing = {}, []
    folder = tmp_path_factory.mktemp("results")

    def over(data):
        if data not in started:
            log = folder / f"{data.parent.name}-{data.name}.log"
            context = running(data, log, "--workers", "1")
            started[data] = context.__enter__()
            closing.append(context)
        return started[data]

    yield over
    for context in closing:
        context.__exit__(None, None, None)


def _rows(text, suffix):
    """Return a result as its variables and its rows in an order of their own, blank nodes by their mere being."""
    if suffix == "srj":
        found = json.loads(text)
        if "boolean" in found:
            return found["boolean"]
        rows = [{name: _term(term) for name, term in row.items()} for row in found["results"]["bindings"]]
        return set(found["head"]["vars"]), sorted(json.dumps(row, sort_keys=True) for row in rows)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        **({"delimiter": "\t", "quoting": csv.QUOTE_NONE} if suffix == "tsv" else {}),
    )
    header, *rows = reader
    return set(header), sorted(
        sorted((name, _cell(cell)) for name, cell in zip(header, row, strict=True)) for row in rows
    )


def _term(term):
    if term["type"] == "bnode":
        return {**term, "value": "_"}
    return {**term, "value": _cell(term["value"])} if "datatype" in term else term


def _cell(text):
    """Return a cell with what may differ taken out: names of blank nodes, spellings of a number."""
    text = NUMBER.sub(r"\1", BLANK.sub("_:", text))
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


@pytest.mark.parametrize("name, data, query, expected", CASES, ids=[each[0] for each in CASES])
def test_a_result_is_what_the_suite_expects(name, data, query, expected, servers):
    """The same variables, rows and terms; the order of both and the names of blank nodes are free."""
    suffix = expected.suffix[1:]

    reply = servers(data).query(query.read_text(), FORMATS[suffix])

    assert (reply.status, reply.media_type) == (200, FORMATS[suffix])
    assert _rows(reply.body.decode(), suffix) == _rows(expected.read_bytes().decode(), suffix)


def test_every_entry_of_the_manifests_is_run(suites):
    """Six tests of CSV and TSV, four of JSON."""
    assert len(CASES) == 10
