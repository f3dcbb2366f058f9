"""A SPARQL endpoint asked through SPARQLWrapper; whatever is no whole answer is an error."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox
from SPARQLWrapper import GET, POST, SELECT, SPARQLWrapper

from kg.errors import QueryError, RemoteError
from kg.queries import Table
from kg.terms import PREFIXES
from kg.transport import Client, Reply, checked

# Virtuoso answers in the first form that is named, whatever the query asks for.
_ROWS, _TRIPLES = "application/sparql-results+json", "application/n-triples, text/turtle;q=0.5"
_GRAPHS = ("construct", "describe")
_VIRTUOSO_ASK = ("__ASK_RETVAL",)
_LONGEST_GET = 2000
# What a server answers that has understood the query and finds fault with it.
_FAULTS = frozenset({400, 413, 414, 422})
# Servers cut answers at round numbers of rows, and few of them say so. Virtuoso cuts graphs at one statement more.
_ROUND, _ROUND_GRAPH = 1000, 10_000
_PROLOGUE = re.compile(r"(?:\s+|#[^\n]*(?:\n|$)|(?i:BASE)\s*<[^>]*>|(?i:PREFIX)\s+[^\s:]*:\s*<[^>]*>)*")
_FAILED = re.compile(r"Virtuoso (?!37000)\w{5} Error|timeout|timed out|out of memory", re.IGNORECASE)


class Endpoint:
    """An address that answers SPARQL queries; `parameters` are sent along with each."""

    def __init__(self, url: str, client: Client, parameters: Mapping[str, str] | None = None) -> None:
        self.url = checked(url)
        self._client = client
        self._parameters = parameters or {}
        self.server = ""  # what it calls itself, known once it has answered

    def query(self, text: str) -> Table | bool | list[ox.Triple]:
        """Return what a query answers: rows, a truth value, or triples.

        QueryError for what is no query, RemoteError where there is no whole answer.
        """
        text = _prefixed(text)
        reply = self._reply(text)
        try:
            found = _result(reply)
        except (SyntaxError, ValueError) as error:
            broken = str(error)
        else:
            if isinstance(found, Table):
                self._uncut(text, found, reply)
            elif isinstance(found, list) and len(found) >= _ROUND_GRAPH and len(found) % _ROUND_GRAPH <= 1:
                raise self._cut(len(found))
            return found
        # Raised here, where nothing holds on to what the engine had begun to read: it must end in its own thread.
        raise RemoteError(f"{self.url} answered what is no result: {broken}", url=self.url)

    def rows(self, text: str) -> Table:
        """Return the rows of a SELECT query; QueryError for any other."""
        found = self.query(text)
        if not isinstance(found, Table):
            raise QueryError("this needs a SELECT query")
        return found

    def holds(self, text: str) -> bool:
        """Return what an ASK query answers."""
        found = self.query(text)
        if not isinstance(found, bool):
            raise RemoteError(f"{self.url} does not answer ASK with a truth value", url=self.url)
        return found

    def _reply(self, text: str) -> Reply:
        wrapper = _Wrapper(self.url, self._client)
        for name, value in self._parameters.items():
            wrapper.addParameter(name, value)
        wrapper.setMethod(POST if len(urllib.parse.quote_plus(text)) > _LONGEST_GET else GET)
        # Not `setQuery`, which guesses from the text whether it is an update: `screen` has seen to that.
        wrapper.queryString, wrapper.queryType = text, SELECT
        graph = _parts(text)[1].lower().startswith(_GRAPHS)
        wrapper.addCustomHttpHeader("Accept", _TRIPLES if graph else _ROWS)
        wrapper.setOnlyConneg(True)
        try:
            reply = wrapper.query().response
        except RemoteError as error:
            if error.status in _FAULTS and not _FAILED.search(error.message):
                said = error.message.partition(f"answered {error.status}: ")[2]
                raise QueryError(f"the server refused the query: {said}") from error
            raise
        assert isinstance(reply, Reply)
        self.server = reply.headers.get("server", "")
        if reply.status != 200 or "x-sql-message" in reply.headers:
            raise RemoteError(
                f"{self.url} gave a part of the answer only", url=self.url, status=reply.status,
                hint="ask for less, or raise the server's limits",
            )  # fmt: skip
        return reply

    def _uncut(self, text: str, table: Table, reply: Reply) -> None:
        """Raise RemoteError where a server has left rows out."""
        most = reply.headers.get("x-sparql-maxrows", "")
        if not len(table) or not ((most.isdigit() and len(table) >= int(most)) or len(table) % _ROUND == 0):
            return
        head, body = _parts(text)
        try:
            # A comment at the end of a query must not swallow the brace.
            found = _result(self._reply(f"{head}SELECT (COUNT(*) AS ?n) WHERE {{ {{ {body}\n}} }}"))
        except (QueryError, RemoteError, SyntaxError, ValueError):
            found = False
        counted = found.column(found.header[0]) if isinstance(found, Table) and found.header else ()
        if counted != (len(table),):
            raise self._cut(len(table))

    def _cut(self, found: int) -> RemoteError:
        return RemoteError(
            f"{self.url} gave {found:,} rows and may have left others out",
            url=self.url,
            hint="ask for less, or raise the server's limit (Virtuoso: ResultSetMaxRows in virtuoso.ini)",
        )


class _Wrapper(SPARQLWrapper):
    """SPARQLWrapper with our own door to the network: its own opens files and follows every redirect."""

    def __init__(self, url: str, client: Client) -> None:
        super().__init__(url, agent="compliance-kg")
        self._client = client

    def _query(self) -> Any:
        return self._client.send(self._createRequest()), self.returnFormat


def _result(reply: Reply) -> Table | bool | list[ox.Triple]:
    """Return what an answer says; SyntaxError or ValueError for what is none."""
    form = ox.QueryResultsFormat.from_media_type(reply.media_type)
    if form is None:
        return list(triples(reply))
    found = ox.parse_query_results(reply.body, format=form)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    table = Table.of_solutions(found)
    return bool(table) if table.header == _VIRTUOSO_ASK else table


def triples(reply: Reply) -> Iterable[ox.Triple]:
    """Yield the triples of an answer; SyntaxError or ValueError where it holds none."""
    form = ox.RdfFormat.from_media_type(reply.media_type)
    if form is None:
        raise ValueError(f"its media type is {reply.media_type or 'not given'}")
    return (quad.triple for quad in ox.parse(reply.body, format=form, lenient=True))


def _parts(text: str) -> tuple[str, str]:
    """Return the prologue of a query, and the query proper."""
    head = _PROLOGUE.match(text)
    cut = head.end() if head else 0
    return text[:cut], text[cut:]


def _prefixed(text: str) -> str:
    """Return a query with those of our prefixes that it uses and does not declare."""
    lowered = text.lower()
    wanted = [
        f"PREFIX {name}: <{space}>"
        for name, space in PREFIXES.items()
        if f"{name}:" in text and f"prefix {name}:" not in lowered
    ]
    return "\n".join([*wanted, text])
