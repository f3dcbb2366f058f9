"""A SPARQL 1.1 server that is written to: by the Graph Store Protocol, by SPARQL updates, or by both.

Every change can be made twice without harm, since no blank node is ever sent: so whatever broke is sent again.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from kg.endpoint import Endpoint, triples
from kg.errors import QueryError, RemoteError
from kg.queries.texts import filled
from kg.record import PROBE
from kg.terms import iri, literal
from kg.transport import BUSY, FAILED, Client, Request, checked, request

_TIMEOUT = 300
_TRIES = 6
_MOST = 1 << 30
_NTRIPLES = "application/n-triples"
_FORM = "application/x-www-form-urlencoded"
# What is sent at once: servers load much data in one go, but understand only so long an update.
_PIECE = 8 * 1024 * 1024
_UPDATE, _UPDATE_LINES = 256 * 1024, 1000
# By how the address of queries ends: where the same server is known to take updates, and whole graphs.
_BESIDE = (
    ("/query", "/update", "/store"),  # Oxigraph
    ("/query", "/update", "/data"),  # Fuseki
    ("/sparql", "/sparql", "/sparql-graph-crud"),  # Virtuoso
    ("/sparql-auth", "/sparql-auth", "/sparql-graph-crud-auth"),
    ("/sparql", "/update", "/data"),
    ("", "", ""),  # whoever takes updates where queries are asked
    ("", "/statements", "/rdf-graphs/service"),  # RDF4J, GraphDB
)
DEFAULT = ""
_WHOLE = 1000  # statements that every server gives at once
_SHARED = 50_000  # statements that are read in sixteen parts; in more of them beyond


class Store:
    """A server that is written to: `update` and `graph_store` are addresses, found out where not given."""

    def __init__(self, url: str, *, update: str = "", graph_store: str = "") -> None:
        self._client = Client(timeout=_TIMEOUT, tries=_TRIES, most=_MOST, again=FAILED, patient=True)
        self.endpoint = Endpoint(url, self._client)
        self._update = checked(update) if update else ""
        self._graph_store = checked(graph_store) if graph_store else ""

    def again(self) -> Store:
        """Return another door to the same server, for another thread."""
        return Store(self.endpoint.url, update=self._update, graph_store=self._graph_store)

    def find(self) -> None:
        """Find out where the server takes changes; RemoteError where it takes none."""
        if not self._update and not self._graph_store:
            url = self.endpoint.url.rstrip("/")
            refusals: list[RemoteError] = []
            for ending, update, graph_store in _BESIDE:
                if not url.endswith(ending):
                    continue
                base = url[: len(url) - len(ending)]
                self._update = self._update or self._taken(base + update, refusals, by_update=True)
                if graph_store:
                    self._graph_store = self._graph_store or self._taken(base + graph_store, refusals)
                if self._update:
                    return
            if not self._graph_store:
                known = next((each for each in refusals if each.status in {401, 403}), refusals[0])
                raise RemoteError(
                    f"the server takes no changes: {known.message}", url=url, status=known.status,
                    hint="set CKG_USER and CKG_PASSWORD or CKG_TOKEN, or name the address with --update or --graph-store",
                )  # fmt: skip

    def _taken(self, url: str, refusals: list[RemoteError], *, by_update: bool = False) -> str:
        """Return an address if changes are taken there, else nothing; a graph of ours that never is there is removed."""
        try:
            if by_update:
                self._client.send(_form(url, f"DROP SILENT GRAPH {PROBE}"))
            else:
                self._client.send(_stored(url, PROBE[1:-1], "PUT", f"{PROBE} {PROBE} {PROBE} .\n".encode()))
                self._client.send(_stored(url, PROBE[1:-1], "DELETE"))
        except RemoteError as error:
            if not error.status or error.status in BUSY:
                raise
            refusals.append(error)
            return ""
        return url

    def replace(self, graph: str, lines: Sequence[bytes]) -> None:
        """Let a named graph hold these N-Triples lines and no others."""
        if not self._graph_store:
            self._changed(f"DROP SILENT GRAPH {iri(graph)}")
            self.add(graph, lines)
            return
        method = "PUT"
        for piece in _pieces(lines, _PIECE):
            self._client.send(_stored(self._graph_store, graph, method, piece))
            method = "POST"

    def add(self, graph: str, lines: Iterable[bytes]) -> None:
        """Add N-Triples lines to a graph."""
        if self._graph_store:
            for piece in _pieces(lines, _PIECE):
                self._client.send(_stored(self._graph_store, graph, "POST", piece))
        else:
            for piece in _pieces(lines, _UPDATE, _UPDATE_LINES):
                self._changed(f"INSERT DATA {{ {_within(graph, piece)} }}")

    def change(self, graph: str, less: Sequence[bytes], more: Sequence[bytes]) -> None:
        """Take N-Triples lines out of a graph and put others in, in one step where they are few."""
        if self._update:
            said = [
                f"DELETE DATA {{ {_within(graph, piece)} }}"
                for piece in _pieces(less, _UPDATE, _UPDATE_LINES)
            ]
            said += [
                f"INSERT DATA {{ {_within(graph, piece)} }}"
                for piece in _pieces(more, _UPDATE, _UPDATE_LINES)
            ]
            if sum(map(len, said)) <= 2 * _UPDATE:
                said = [" ;\n".join(said)] if said else []
            for each in said:
                self._changed(each)
        elif less:
            gone = set(less)
            kept = [line for line in self.read(graph) if line not in gone]
            self.replace(graph, [*kept, *more])
        else:
            self.add(graph, more)

    def drop(self, graph: str) -> None:
        """Remove a named graph."""
        if self._update:
            self._changed(f"DROP SILENT GRAPH {iri(graph)}")
            return
        try:
            self._client.send(_stored(self._graph_store, graph, "DELETE"))
        except RemoteError as error:
            if error.status != 404:
                raise

    def read(self, graph: str) -> list[bytes]:
        """Return what a graph holds as sorted N-Triples lines, written as the engine here writes them.

        A server that cuts its answers is asked for a share of the subjects at a time.
        """
        found = self._whole(graph)
        if graph == DEFAULT or len(found) < _WHOLE:
            return written(found)
        sizes = self.endpoint.rows(filled("stores", "sizes", graphs=iri(graph))).column("triples")
        held = int(str(sizes[0])) if sizes else 0
        if held > len(found):
            shares = (
                [f"{number:02x}" for number in range(256)] if held > _SHARED else list("0123456789abcdef")
            )
            parts = (filled("stores", "share", graph=iri(graph), hash=literal(share)) for share in shares)
            found = [triple for part in parts for triple in self._constructed(part)]
        return written(found)

    def _whole(self, graph: str) -> list[ox.Triple]:
        """Return what a server says a graph holds."""
        if not self._graph_store:
            return self._constructed(filled("stores", "content", graph=iri(graph)))
        try:
            reply = self._client.send(_stored(self._graph_store, graph, "GET"))
        except RemoteError as error:
            if error.status == 404:
                return []
            raise
        try:
            return list(triples(reply))
        except (SyntaxError, ValueError) as error:
            raise RemoteError(f"{graph} came back damaged: {error}", url=self._graph_store) from error

    def _constructed(self, text: str) -> list[ox.Triple]:
        found = self.endpoint.query(text)
        if not isinstance(found, list):
            raise RemoteError(
                f"{self.endpoint.url} does not answer CONSTRUCT with triples", url=self.endpoint.url
            )
        return found

    def _changed(self, update: str) -> None:
        try:
            self._client.send(_form(self._update, update))
        except RemoteError as error:
            if error.status == 400:
                raise QueryError(f"the server does not understand an update: {error.message}") from error
            raise


def written(triples: Iterable[ox.Triple]) -> list[bytes]:
    """Return triples as sorted N-Triples lines, each once."""
    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    return sorted(set(text.splitlines(keepends=True)))


def _form(url: str, update: str) -> Request:
    data = urllib.parse.urlencode({"update": update}).encode()
    return request(url, "POST", data, **{"Content-Type": _FORM})


def _stored(url: str, graph: str, method: str, data: bytes | None = None) -> Request:
    where = urllib.parse.urlencode({"graph": graph}) if graph else "default"
    sign = "&" if urllib.parse.urlsplit(url).query else "?"
    headers = {"Accept": f"{_NTRIPLES}, text/turtle;q=0.5"} if method == "GET" else {}
    if data is not None:
        headers["Content-Type"] = _NTRIPLES
    return request(f"{url}{sign}{where}", method, data, **headers)


def _within(graph: str, lines: bytes) -> str:
    return f"GRAPH {iri(graph)} {{\n{lines.decode()}}}" if graph else lines.decode()


def _pieces(lines: Iterable[bytes], most: int, count: int = 1 << 30) -> Iterator[bytes]:
    """Yield lines in pieces of so many bytes and lines at most."""
    pile: list[bytes] = []
    size = 0
    for line in lines:
        if pile and (size + len(line) > most or len(pile) == count):
            yield b"".join(pile)
            pile, size = [], 0
        pile.append(line)
        size += len(line)
    if pile:
        yield b"".join(pile)
