"""The whole graph as a file: sent as it was published, a piece at a time, whatever its size.

Nothing is worked out for it, so the HTTP process sends it by itself: the limit on answers is for what workers make.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from kg.web.pool import Pool
from kg.web.problems import problem
from kg.web.protocol import Receive, Scope, Send, received_headers, respond
from kg.web.tasks import Answer

QUERY = b"format=nq"  # what `void:dataDump` names after `/export?`
_TYPE = "application/n-quads"
_PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


class _Asgi(Protocol):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


@dataclass(frozen=True, slots=True)
class _File:
    """An open file, how long it is, and the tag that tells it from others."""

    handle: int
    size: int
    tag: str
    left_out: int
    graph: str


class Dumps:
    """The ASGI application that sends the file where all of the graph is asked for, and else passes requests on."""

    def __init__(self, pool: Pool, otherwise: _Asgi) -> None:
        self._pool = pool
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        wanted = scope["query_string"] == QUERY and scope["method"] in {"GET", "HEAD"}
        file = self._opened() if wanted else None
        if file is None:
            await self._otherwise(scope, receive, send)
            return
        try:
            await _sent(file, scope, receive, send)
        finally:
            os.close(file.handle)

    def _opened(self) -> _File | None:
        """Return the file of the graph that is served now, if there is one: it stays whole while it is open."""
        facts = self._pool.figures.facts
        if not facts.dump:
            return None
        try:
            handle = os.open(facts.dump, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        return _File(
            handle, os.fstat(handle).st_size, f'"{facts.dump_sha256}.nq"', facts.left_out, facts.graph
        )


async def _sent(file: _File, scope: Scope, receive: Receive, send: Send) -> None:
    headers = received_headers(scope)
    said = [
        ("etag", file.tag),
        ("cache-control", "no-cache"),
        ("accept-ranges", "bytes"),
        ("content-disposition", 'attachment; filename="graph.nq"'),
    ]
    if file.left_out:
        said.append(("x-left-out", str(file.left_out)))
    if file.tag in headers.get("if-none-match", ""):
        await respond(scope, send, Answer(304, "", b"", tuple(said), file.graph))
        return
    part = _part(headers, file)
    start, end = part or (0, file.size)
    if part and start >= file.size:
        answer = problem(
            416,
            f"the file has {file.size:,} bytes",
            headers=(("content-range", f"bytes */{file.size}"),),
        )
        await respond(scope, send, answer)
        return
    said += [("content-type", _TYPE), ("content-length", str(end - start)), ("x-graph-sha256", file.graph)]
    if part:
        said.append(("content-range", f"bytes {start}-{end - 1}/{file.size}"))
    raw = [(name.encode(), value.encode()) for name, value in said]
    await send({"type": "http.response.start", "status": 206 if part else 200, "headers": raw})
    if scope["method"] == "HEAD" or start == end:
        await send({"type": "http.response.body", "body": b""})
        return
    await _poured(file.handle, start, end, receive, send)


def _part(headers: Mapping[str, str], file: _File) -> tuple[int, int] | None:
    """Return the first byte wanted and the one after the last; None where all is to be sent.

    Several parts at once, and what is no range at all, may be ignored (RFC 9110, 14.2).
    """
    match = _RANGE.fullmatch(headers.get("range", ""))
    if not match or headers.get("if-range", file.tag) != file.tag:
        return None
    if match[3]:
        return max(file.size - int(match[3]), 0) if int(match[3]) else file.size, file.size
    last = min(int(match[2]) + 1, file.size) if match[2] else file.size
    return (int(match[1]), last) if int(match[1]) < last or int(match[1]) >= file.size else None


async def _poured(handle: int, start: int, end: int, receive: Receive, send: Send) -> None:
    """Send bytes of a file as fast as they are taken, until the client has gone.

    Where they are fewer than was said the connection ends, and the client sees that it has not got all.
    """
    loop = asyncio.get_running_loop()

    async def leaving() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    gone = asyncio.ensure_future(leaving())
    try:
        while start < end and not gone.done():
            piece = await loop.run_in_executor(None, os.pread, handle, min(_PIECE, end - start), start)
            if not piece:
                raise OSError("the file is shorter than it was")
            start += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": start < end})
    finally:
        gone.cancel()
