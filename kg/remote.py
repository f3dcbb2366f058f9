"""A graph on a SPARQL server, asked as one on this machine is."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kg import sparql
from kg.answering import Answering
from kg.endpoint import Endpoint
from kg.errors import RemoteError
from kg.queries import Table
from kg.queries.texts import filled, text
from kg.record import Record, read
from kg.transport import Client, checked

if TYPE_CHECKING:
    import rdflib

_TIMEOUT = 60
_TRIES = 3
_MOST = 256 * 1024 * 1024  # bytes of an answer
# How Oxigraph's server is asked to unite the graphs for one query.
_UNITED = {"union-default-graph": "true"}


class RemoteGraph(Answering):
    """A graph that a server holds; it answers as `Graph` does."""

    def __init__(self, url: str, *, timeout: float = _TIMEOUT) -> None:
        self.url = checked(url)
        self._client = Client(timeout=timeout, tries=_TRIES, most=_MOST)

    def query(self, text: str) -> Table | bool | rdflib.Graph:
        """Return what a SPARQL query answers, as `Graph.query` does.

        RemoteError where the server cannot be asked, or gives a part of the answer only.
        """
        sparql.screen(text)
        found = self._endpoint.query(text)
        if isinstance(found, Table | bool):
            return found
        from kg import exchange  # noqa: PLC0415  (rdflib is slow to import)

        return exchange.graph(found)

    def select(self, text: str) -> Table:
        """Return the rows of a SELECT query; QueryError for any other."""
        sparql.screen(text)
        return self._endpoint.rows(text)

    @property
    def called(self) -> str:
        """What the graph is known by where it is cited: its address."""
        return f"the graph at {self.url}"

    @cached_property
    def record(self) -> Record | None:
        """What `kg publish` wrote down about this graph, None where it was not published so."""
        return read(self._plain)

    @property
    def caution(self) -> str:
        """Why answers may be wrong, empty where there is no reason to think so."""
        if self.record and not self.record.complete:
            return "the store is incomplete: publishing to it was interrupted, or goes on right now"
        if "virtuoso" in self._plain.server.lower():
            return "Virtuoso 7 evaluates some queries wrongly, such as those with MINUS or OPTIONAL within OPTIONAL"
        return ""

    @cached_property
    def _plain(self) -> Endpoint:
        return Endpoint(self.url, self._client)

    @cached_property
    def _endpoint(self) -> Endpoint:
        """The endpoint, asked in such a way that queries see the union of the named graphs.

        RemoteError where the server keeps its default graph apart, and what is asked for is not in it.
        """
        plain = self._plain
        sample = plain.rows(text("stores", "sample")).rows
        if not sample:
            return plain
        terms = zip(("subject", "predicate", "object"), map(str, sample[0]), strict=True)
        held = filled("stores", "holds", **dict(terms))
        if plain.holds(held):
            return plain
        united = Endpoint(self.url, self._client, _UNITED)
        if united.holds(held):
            return united
        raise RemoteError(
            f"{self.url} keeps its default graph apart from the named graphs, and without what they hold",
            url=self.url,
            hint="publish with `kg publish`, or let the server unite its graphs (Oxigraph: --union-default-graph)",
        )


def connect(url: str, *, timeout: float = _TIMEOUT) -> RemoteGraph:
    """Return the graph at the address of a SPARQL endpoint; RemoteError unless it is http or https."""
    return RemoteGraph(url, timeout=timeout)
