"""A graph on a SPARQL server: the same questions, asked over HTTP through SPARQLWrapper."""

from __future__ import annotations

import urllib.error
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyoxigraph as ox
from SPARQLWrapper import GET, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from kg import answering, controls, sparql, views
from kg.control_lists import ControlLists
from kg.errors import QueryError, RemoteError
from kg.queries import Table, Words
from kg.queries.binding import Given
from kg.terms import PREFIXES
from kg.views import Thing

if TYPE_CHECKING:
    import rdflib

_JSON = "application/sparql-results+json"
_TURTLE = "text/turtle"
_TIMEOUT = 60
_LONGEST_GET = 2000
_REFUSED = range(400, 500)


class RemoteGraph:
    """A graph that a server holds; it answers as `Graph` does."""

    def __init__(self, url: str, *, timeout: int = _TIMEOUT) -> None:
        self.url = url
        self._timeout = timeout

    def query(self, text: str) -> Table | bool | rdflib.Graph:
        """Return what a SPARQL query answers; RemoteError where the server cannot be asked."""
        sparql.screen(text)
        media_type, body = self._post(_prefixed(text))
        try:
            if "json" in media_type or "sparql-results" in media_type:
                found = ox.parse_query_results(body, format=_form(media_type))
                return bool(found) if isinstance(found, ox.QueryBoolean) else Table.of_solutions(found)
            from kg import exchange  # noqa: PLC0415  (rdflib is slow to import)

            form = ox.RdfFormat.from_media_type(media_type.partition(";")[0]) or ox.RdfFormat.TURTLE
            return exchange.graph(quad.triple for quad in ox.parse(body, format=form))
        except (SyntaxError, ValueError) as error:
            raise RemoteError(f"{self.url} answered what is no result: {error}", url=self.url) from error

    def select(self, text: str) -> Table:
        """Return the rows of a SELECT query; QueryError for any other."""
        found = self.query(text)
        if not isinstance(found, Table):
            raise QueryError("this needs a SELECT query")
        return found

    def ask(self, name: str, **params: Given) -> Table:
        """Return the answer to a saved question, as `Graph.ask` does."""
        return answering.answer(self, name, params)

    @cached_property
    def words(self) -> Words:
        """The things of the graph by their names."""
        return Words(self.select, {"ckg:ControlSet": partial(controls.list_of, self)})

    @cached_property
    def lists(self) -> ControlLists:
        """The lists of controls of the graph."""
        return ControlLists(self.select)

    def describe(self, name: str) -> Thing:
        """Return what is said of a thing, and where."""
        iri = self.words.resolve(name).value
        return views.thing(self.select, iri, self.words.label(iri))

    def _post(self, text: str) -> tuple[str, bytes]:
        """Return the media type and body of a server's answer."""
        wrapper = SPARQLWrapper(self.url, agent="compliance-kg")
        wrapper.setTimeout(self._timeout)
        wrapper.setMethod(POST if len(text) > _LONGEST_GET else GET)
        wrapper.setQuery(text)
        wrapper.addCustomHttpHeader("Accept", f"{_JSON}, {_TURTLE};q=0.9")
        wrapper.setOnlyConneg(True)
        try:
            answer: Any = wrapper.query().response
            return str(answer.headers.get("Content-Type", "")), answer.read()
        except urllib.error.HTTPError as error:
            raise self._refused(error.code, str(error)) from error
        except SPARQLWrapperException as error:
            status = 400 if "Bad" in type(error).__name__ else 500
            raise self._refused(status, str(error.args[-1] if error.args else error)) from error
        except (OSError, ValueError) as error:
            raise RemoteError(
                f"{self.url} cannot be asked: {error}", url=self.url, hint="is the server running?"
            ) from error

    def _refused(self, status: int, message: str) -> Exception:
        said = message.strip().splitlines()[0][:300] if message.strip() else "no reason given"
        if status in _REFUSED and status not in {401, 403, 404, 429}:
            return QueryError(f"the server refused the query: {said}")
        return RemoteError(f"{self.url} answered {status}: {said}", url=self.url, status=status)


def connect(url: str, *, timeout: int = _TIMEOUT) -> RemoteGraph:
    """Return the graph at the address of a SPARQL endpoint; RemoteError unless it is http or https."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise RemoteError(
            f"{url!r} is no address of a server", url=url, hint="give one that begins with https://"
        )
    return RemoteGraph(url, timeout=timeout)


def _prefixed(text: str) -> str:
    """Return a query with those of our prefixes that it uses and does not declare."""
    lowered = text.lower()
    wanted = [
        f"PREFIX {name}: <{space}>"
        for name, space in PREFIXES.items()
        if f"{name}:" in text and f"prefix {name}:" not in lowered
    ]
    return "\n".join([*wanted, text])


def _form(media_type: str) -> ox.QueryResultsFormat:
    return ox.QueryResultsFormat.from_media_type(media_type.partition(";")[0]) or ox.QueryResultsFormat.JSON
