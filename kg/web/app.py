"""The whole of the server as one ASGI application: what is found where, behind the guard."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kg.web.guard import Guard
from kg.web.pool import Pool
from kg.web.problems import problem
from kg.web.protocol import Endpoint, Receive, Scope, Send

_SPARQL = frozenset({"/sparql", "/sparql/"})


def application(pool: Pool, host: str, *, hosts: Iterable[str] = (), origins: Iterable[str] = ()) -> Guard:
    """Return the application for a server bound to `host`; `hosts` and `origins` are allowed besides."""
    endpoint = Endpoint(pool)
    # Everything found at other places than /sparql has its route in this list.
    routes: list[BaseRoute] = []
    others = Starlette(routes=routes, exception_handlers={404: _nothing, 405: _not_so})
    others.router.redirect_slashes = False

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in _SPARQL:
            await endpoint(scope, receive, send)
        else:
            await others(scope, receive, send)

    return Guard(app, host, hosts, origins)


async def _nothing(request: Request, _: Exception) -> Response:
    found = problem(404, f"there is nothing at {request.url.path}", "/sparql answers queries")
    return Response(found.body, found.status, dict(found.headers), found.media_type)


async def _not_so(request: Request, error: Exception) -> Response:
    headers = tuple((getattr(error, "headers", None) or {}).items())
    found = problem(405, f"{request.method} is not allowed here", headers=headers)
    return Response(found.body, found.status, dict(found.headers), found.media_type)
