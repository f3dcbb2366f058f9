"""SPARQL in a worker: evaluated and written out whole, in a bounded number of bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any, cast

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph import Dataset, Graph
from kg.terms import PREFIXES
from kg.web.negotiation import TABLES, TRIPLES
from kg.web.problems import HttpError
from kg.web.tasks import Answer

_TABLE_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPH_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
# The engine writes these into XML as they are, and no XML may hold them.
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
# What it writes for a predicate that no name of XML can stand for.
_NAMELESS = b"<oxprefix: "


def sparql(graph: Graph, arguments: Mapping[str, Any]) -> Answer:
    """Return the answer to a query; the arguments are those that `kg.web.protocol` sends."""
    dataset = arguments["dataset"]
    found = graph.results(
        arguments["query"],
        dataset=Dataset(tuple(dataset[0]), tuple(dataset[1])) if dataset else None,
        base=arguments["base"],
        depth=arguments["max_depth"],
        tokens=arguments["max_tokens"],
    )
    target = _Bounded(arguments["max_result"])
    output = cast("IO[bytes]", target)
    try:
        if isinstance(found, ox.QueryTriples):
            media_type = arguments["triples"] or _unacceptable("CONSTRUCT and DESCRIBE answer in", TRIPLES)
            ox.serialize(found, output, _GRAPH_FORMATS[TRIPLES[media_type]], prefixes=PREFIXES)
        else:
            media_type = arguments["table"] or _unacceptable("SELECT and ASK answer in", TABLES)
            found.serialize(output, _TABLE_FORMATS[TABLES[media_type]])
    except (ValueError, RuntimeError, OSError) as error:
        raise QueryError(f"the query failed: {error}") from error
    body = b"".join(target.pieces)
    if media_type.endswith("xml"):
        body = _xml(body)
    elif body.startswith(b"@prefix"):
        body = _with_prefixes_used(body)
    return Answer(200, media_type + ("; charset=utf-8" if media_type.startswith("text/") else ""), body)


def _unacceptable(what: str, known: Mapping[str, str]) -> str:
    raise HttpError(406, f"{what} {', '.join(known)}", "say which in the Accept header, or with format=")


def _xml(body: bytes) -> bytes:
    """Return XML as readers understand it; HttpError for what XML cannot say."""
    if _NOT_XML.search(body):
        raise HttpError(
            406, "the answer holds control characters, which XML cannot", "ask for another format"
        )
    if _NAMELESS in body:
        raise HttpError(406, "the answer has predicates that RDF/XML cannot write", "ask for text/turtle")
    return body.replace(b"\r", b"&#13;")  # a bare one is read as a line feed


def _with_prefixes_used(body: bytes) -> bytes:
    """Return Turtle or TriG without the prefixes it does not use."""
    end = body.rfind(b"\n@prefix ") + 1
    end = body.find(b"\n", end) + 1
    statements = body[end:]
    used = [
        line
        for line in body[:end].splitlines(keepends=True)
        if re.search(rb"(?<![\w.-])" + re.escape(line.split()[1]), statements)
    ]
    return b"".join(used) + statements


class _Bounded:
    """Something to write to that holds so many bytes."""

    def __init__(self, limit: int) -> None:
        self.pieces: list[bytes] = []
        self._left = limit
        self._limit = limit

    def write(self, data: bytes) -> int:
        """Take some bytes; HttpError when they are too many."""
        self._left -= len(data)
        if self._left < 0:
            raise HttpError(
                413, f"the answer is larger than {self._limit:,} bytes", "add a LIMIT, or ask for less"
            )
        self.pieces.append(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: it is all there."""
