"""The whole of the server as one ASGI application: what is found where, behind the guard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from kg.web.access import Access
from kg.web.guard import Guard
from kg.web.metrics import Metrics
from kg.web.pool import Pool
from kg.web.problems import problem
from kg.web.protocol import Endpoint, Receive, Scope, Send
from kg.web.routes import routes
from kg.web.shortcut import Shortcut

_SPARQL = frozenset({"/sparql", "/sparql/"})


def application(
    pool: Pool,
    host: str,
    *,
    hosts: Iterable[str] = (),
    origins: Iterable[str] = (),
    log: TextIO | None = None,
) -> tuple[Access, Shortcut]:
    """Return the application for a server bound to `host`, and the short way to it.

    `hosts` and `origins` are allowed besides.
    Requests are written to `log`, if there is one.
    """
    metrics = Metrics()
    endpoint = Endpoint(pool)
    others = Starlette(routes=routes(pool, metrics), exception_handlers={404: _nothing, 405: _not_so})
    others.router.redirect_slashes = False

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in _SPARQL:
            await endpoint(scope, receive, send)
        else:
            await others(scope, receive, send)

    guard = Guard(app, host, hosts, origins)
    access = Access(guard, metrics, log)
    return access, Shortcut(pool, guard, access)


async def _nothing(request: Request, _: Exception) -> Response:
    found = problem(404, f"there is nothing at {request.url.path}", "/openapi.json says what there is")
    return Response(found.body, found.status, dict(found.headers), found.media_type)


async def _not_so(request: Request, error: Exception) -> Response:
    headers = tuple((getattr(error, "headers", None) or {}).items())
    found = problem(405, f"{request.method} is not allowed here", headers=headers)
    return Response(found.body, found.status, dict(found.headers), found.media_type)
