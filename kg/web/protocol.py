"""The SPARQL 1.1 Protocol, read-only: from an HTTP request to a task and back.

Written against ASGI itself, as this is the path that most requests take.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urljoin

from kg.errors import KgError
from kg.web import caching, problems
from kg.web.limits import Limits
from kg.web.negotiation import FORMATS, Choice, chosen, takes_gzip
from kg.web.pool import Pool
from kg.web.problems import HttpError
from kg.web.tasks import TASKS, Answer, Task

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FORM, QUERY, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
_METHODS = "GET, HEAD, POST, OPTIONS"
_BODY_TIME = 10.0  # seconds for the body of a request to arrive
# What is longer is no list of media types, and would fill the memory of the answers to it.
_LONGEST = 1_000
# Parameters shorter than this are remembered with what they mean.
_SHORT = 4_000
_READ_ONLY = "updates are refused: the graph is read-only"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked over the protocol."""

    query: str
    dataset: tuple[tuple[str, ...], tuple[str, ...]] | None
    format: str
    clock: float | None


class Endpoint:
    """The ASGI application at `/sparql`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = received_headers(scope)
        try:
            answer = await self._answer(scope, headers, receive)
        except KgError as error:
            answer = problems.of_error(error)
        await respond(scope, send, answer)

    async def _answer(self, scope: Scope, headers: Mapping[str, str], receive: Receive) -> Answer:
        method = scope["method"]
        if method == "OPTIONS":
            return Answer(204, "", b"", (("allow", _METHODS),))
        if method not in {"GET", "HEAD", "POST"}:
            raise HttpError(405, f"{method} is not allowed here", headers=(("allow", _METHODS),))
        for name in ("accept", "accept-encoding"):
            if len(headers.get(name, "")) > _LONGEST:
                raise HttpError(431, f"the header {name} is longer than {_LONGEST:,} characters")
        url, limits = scope["query_string"], self._pool.limits
        gzip = takes_gzip(headers.get("accept-encoding", ""))
        given = headers.get("accept"), address(scope, headers), gzip, limits
        if method == "POST":
            posted = await self._posted(parameters(url, limits.max_body), headers, receive)
            return await _performed(
                self._pool, _prepared(tuple(posted), *given, posted=True), headers, receive
            )
        if not url and "description" in TASKS:
            task = Task("description", {"accept": given[0], **described(self._pool, given[1])})
            return await perform(self._pool, task, headers, receive)
        prepared = _prepared_url if len(url) < _SHORT else _prepared_url.__wrapped__
        return await _performed(self._pool, prepared(url, *given), headers, receive)

    async def _posted(
        self, url: list[tuple[str, str]], headers: Mapping[str, str], receive: Receive
    ) -> list[tuple[str, str]]:
        """Return the parameters of a POST, those of its URL and those of its body."""
        media_type, charset = content_type(headers.get("content-type", ""))
        if media_type not in {FORM, QUERY, UPDATE}:
            raise HttpError(415, f"a query is posted as {FORM} or {QUERY}, not as {media_type or 'nothing'}")
        if charset not in {"", "utf-8", "utf8", "us-ascii"}:
            raise HttpError(415, f"a query is posted in UTF-8, not in {charset}")
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise HttpError(415, "a query is posted as it is, not compressed")
        body = await whole_body(headers, receive, self._pool.limits.max_body)
        if media_type == FORM:
            return url + parameters(body, self._pool.limits.max_body)
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise HttpError(400, "the query is not UTF-8") from error
        return [*url, ("query" if media_type == QUERY else "update", text)]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task with what it takes to answer it over HTTP; the `mark` tells equal ones, empty for one never kept."""

    task: Task
    gzip: bool
    clock: float | None = None
    keep: str = caching.ASK_FIRST
    mark: str = ""


@lru_cache(maxsize=512)
def _prepared_url(url: bytes, accept: str | None, address: str, gzip: bool, limits: Limits) -> Prepared:
    """Return what the parameters of a URL ask for; the same are asked again and again."""
    return _prepared(tuple(parameters(url, limits.max_body)), accept, address, gzip, limits)


def _prepared(
    given: tuple[tuple[str, str], ...],
    accept: str | None,
    address: str,
    gzip: bool,
    limits: Limits,
    *,
    posted: bool = False,
) -> Prepared:
    request = _request(given)
    choice = chosen(accept, request.format)
    if choice is None:
        raise HttpError(400, f"there is no format {request.format!r}", f"there are {', '.join(FORMATS)}")
    arguments = {"query": request.query, **choices(choice, address, limits, request.dataset)}
    task = Task("sparql", arguments)
    if posted or caching.is_volatile(request.query):
        return Prepared(task, gzip, request.clock, caching.NEVER)
    return Prepared(task, gzip, request.clock, mark=caching.mark(task.kind, arguments, gzip=gzip))


def choices(
    choice: Choice,
    address: str,
    limits: Limits,
    dataset: tuple[tuple[str, ...], tuple[str, ...]] | None = None,
) -> dict[str, Any]:
    """Return what a worker is told beside a query."""
    return {
        "dataset": dataset,
        "base": address,
        "table": choice.table,
        "triples": choice.triples,
        "max_result": limits.max_result,
        "max_depth": limits.max_depth,
        "max_tokens": limits.max_tokens,
    }


async def perform(
    pool: Pool, task: Task, headers: Mapping[str, str], receive: Receive, *, keep: str = caching.ASK_FIRST
) -> Answer:
    """Return the answer to a task as HTTP wants it: compressed, tagged by its graph, or 304 if the client has it.

    A client that goes away ends its task. `keep` is what caches are told; with `no-store` there is no tag.
    """
    gzip = takes_gzip(headers.get("accept-encoding", ""))
    mark = caching.mark(task.kind, task.arguments, gzip=gzip) if keep != caching.NEVER else ""
    return await _performed(pool, Prepared(task, gzip, keep=keep, mark=mark), headers, receive)


async def _performed(pool: Pool, asked: Prepared, headers: Mapping[str, str], receive: Receive) -> Answer:
    if asked.mark:
        if (known := headers.get("if-none-match")) and pool.graph:
            tag = f'"{pool.graph}.{asked.mark}"'
            if tag in known:
                return Answer(304, "", b"", caching.headers(pool.graph, asked.mark, asked.keep), pool.graph)
        if kept := pool.kept.get(pool.graph, asked.mark):
            return kept

    async def leaving() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    answer = await pool.answer(asked.task, clock=asked.clock, gzip=asked.gzip, leaving=leaving)
    if answer.status != 200:
        return answer
    headed = (*answer.headers, *caching.headers(answer.graph, asked.mark, asked.keep))
    answer = Answer(200, answer.media_type, answer.body, headed, answer.graph)
    if asked.mark and answer.graph == pool.graph:
        pool.kept.put(asked.mark, answer)
    return answer


async def respond(scope: Scope, send: Send, answer: Answer) -> None:
    """Send a whole answer."""
    headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers]
    if answer.media_type:
        headers.append((b"content-type", answer.media_type.encode("latin-1")))
    if answer.status not in {204, 304}:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.graph:
        headers.append((b"x-graph-sha256", answer.graph.encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})


def described(pool: Pool, endpoint: str) -> dict[str, str]:
    """Return what the description of a service is told: its address, and that of the whole graph as a file."""
    has_dump = bool(pool.figures.facts.dump)
    return {"endpoint": endpoint, "dump": urljoin(endpoint, "/export?format=nq") if has_dump else ""}


def received_headers(scope: Scope) -> dict[str, str]:
    """Return the headers of a request by their lower-case names; those that come twice are joined."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def parameters(text: bytes, limit: int) -> list[tuple[str, str]]:
    """Return the parameters of a URL or a form, in their order; HttpError for what is none."""
    if len(text) > limit:
        raise HttpError(414, f"the URL is longer than {limit:,} bytes", "send the query by POST")
    try:
        return parse_qsl(text.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise HttpError(400, f"the parameters cannot be read: {error}") from error


def content_type(header: str) -> tuple[str, str]:
    """Return a media type and its charset.

    >>> content_type('application/sparql-query; charset="UTF-8"')
    ('application/sparql-query', 'utf-8')
    """
    media_type, *rest = (part.strip() for part in header.lower().split(";"))
    charsets = [part.removeprefix("charset=").strip('"') for part in rest if part.startswith("charset=")]
    return media_type, charsets[0] if charsets else ""


async def whole_body(headers: Mapping[str, str], receive: Receive, limit: int) -> bytes:
    """Return the body of a request; HttpError where it is too long or too slow."""
    too_long = HttpError(413, f"the request is longer than {limit:,} bytes")
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_TIME):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise HttpError(400, "the request was not finished")
                body += message.get("body", b"")
                if len(body) > limit:
                    raise too_long
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError as error:
        raise HttpError(
            408, "the request took too long to arrive", headers=(("connection", "close"),)
        ) from error


def _request(given: Sequence[tuple[str, str]]) -> Request:
    """Return what the parameters ask for."""
    queries = [value for name, value in given if name == "query"]
    if any(name == "update" for name, _ in given):
        raise HttpError(403, _READ_ONLY)
    if len(queries) != 1:
        raise HttpError(400, "there is no query" if not queries else "there is more than one query")
    default = tuple(value for name, value in given if name == "default-graph-uri")
    named = tuple(value for name, value in given if name == "named-graph-uri")
    others = dict(given)
    return Request(
        queries[0],
        (default, named) if default or named else None,
        others.get("format", "").strip().lower(),
        _clock(others["timeout"]) if "timeout" in others else None,
    )


def address(scope: Scope, headers: Mapping[str, str]) -> str:
    """Return where a request was sent, as its client sees it."""
    return f"{scope['scheme']}://{headers.get('host', '')}{scope['path'].rstrip('/')}"


def _clock(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise HttpError(400, f"timeout={text}: this is no number of seconds")
    return seconds
