"""The short way: a query by GET, sent with headers that came before, goes to a worker as it stands in its URL.

Nearly all requests of a client differ in the query only. What all else in them means is worked out once, on the
way that every request can take, and remembered by the very bytes of their headers; for the next such request
nothing is taken apart, and the worker's answer is bytes that only get a status line and a date.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.web import orders
from kg.web.negotiation import chosen, takes_gzip
from kg.web.protocol import Scope, address, choices, received_headers
from kg.web.rendered import STATUS_LINES, Rendered, rendered
from kg.web.tasks import Answer, Task

if TYPE_CHECKING:
    from kg.web.access import Access
    from kg.web.guard import Guard
    from kg.web.pool import Job, Pool

_PLACE = "/sparql"
# One parameter and no other, of the signs that may stand in a URL and of whole escapes. The group is not possessive:
# before Python 3.11.5 such a group also takes what it began to match (CPython issue 106052), here half an escape.
_SIGNS = rb"[A-Za-z0-9\-._~+!$'()*,;:@/?=]*+"
REQUEST = re.compile(
    rb"GET /sparql\?query=(?! )(" + _SIGNS + rb"(?:%[0-9A-Fa-f]{2}" + _SIGNS + rb")*) HTTP/1\.1\r\n"
)
_END = b"\r\n\r\n"
# Bytes of a request that may take the short way, and of headers that are remembered; how many of these.
_LONGEST, _LONGEST_HEADERS, _MOST = 8_000, 2_000, 256
# Headers by which a request has a body or wants something else than an answer.
_OTHERWISE = frozenset({"content-length", "transfer-encoding", "upgrade", "expect", "if-none-match"})


@dataclass(frozen=True, slots=True)
class Known:
    """What headers mean: the order for a worker, the lines that each answer gets, and what logs say of it."""

    order: bytes
    lines: bytes
    scope: Scope


class Shortcut:
    """The short way to the workers of a pool, past everything but what the guard says."""

    def __init__(self, pool: Pool, guard: Guard, access: Access) -> None:
        self._pool = pool
        self._guard = guard
        self._access = access
        self._known: dict[bytes, Known] = {}
        self.last: object = None  # the connection that asked before
        self._longest = min(_LONGEST, pool.limits.max_body)
        self._always: tuple[list[tuple[bytes, bytes]], bytes] = [], b""

    def matched(self, data: bytes) -> re.Match[bytes] | None:
        """Return the beginning of a request that may take the short way, the first group being the query."""
        return REQUEST.match(data) if len(data) <= self._longest else None

    def known(self, headers: bytes) -> Known | None:
        """Return what the bytes after the first line of a request mean, if they came before."""
        return self._known.get(headers)

    def learn(self, headers: bytes, value: bytes, scope: Scope) -> None:
        """Remember headers by what a request was found to be; nothing where it is one that needs more."""
        if len(headers) > _LONGEST_HEADERS or not headers.endswith(_END) or headers.count(_END) > 1:
            return
        if scope.get("path") != _PLACE or scope.get("query_string") != b"query=" + value:
            return
        said = received_headers(scope)
        refusal, extra = self._guard.judged(scope)
        choice = chosen(said.get("accept"))
        if refusal or choice is None or scope["http_version"] != "1.1" or not _OTHERWISE.isdisjoint(said):
            return
        if said.get("connection", "keep-alive").lower() != "keep-alive":
            return
        gzip = takes_gzip(said.get("accept-encoding", ""))
        task = Task("sparql", choices(choice, address(scope, said), self._pool.limits))
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[headers] = Known(orders.head(task, gzip=gzip), _lines(extra), scope)

    def ask(self, known: Known, value: bytes, done: Callable[[Rendered], None], *, alone: bool) -> Job | None:
        """Let `done` have the answer, at once if it is kept; else return the job that it waits for."""
        pool = self._pool
        mark = known.order, value
        if kept := pool.rendered.get(pool.graph, mark):
            done(kept)
            return None

        def answered(answer: Answer | Rendered) -> None:
            if isinstance(answer, Answer):
                head, body = rendered(answer)
                answer = Rendered(answer.status, head + body, len(head), answer.graph)
            done(answer)
            if answer.keeps and answer.graph == pool.graph:
                pool.rendered.put(mark, answer)

        return pool.submit(known.order, answered, value=value, alone=alone)

    def head(self, known: Known, answer: Rendered, always: list[tuple[bytes, bytes]], *, last: bool) -> bytes:
        """Return what goes before an answer's own bytes; `always` are headers of every answer."""
        if always is not self._always[0]:
            self._always = always, _lines(always)
        end = b"connection: close\r\n" if last else b""
        return STATUS_LINES[answer.status] + self._always[1] + known.lines + end

    def note(self, known: Known, value: bytes, client: Any, answer: Rendered, begun: float) -> None:
        """Count and log an answer that was given."""
        scope = {**known.scope, "client": client, "query_string": b"query=" + value}
        size, seconds = len(answer.body) - answer.head, time.perf_counter() - begun
        self._access.note(scope, _PLACE, answer.status, size, seconds, answer.graph)


def _lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(name + b": " + text + b"\r\n" for name, text in headers)
