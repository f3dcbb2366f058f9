"""Who may ask: names and origins, checked before anything else is done with a request.

A page from anywhere can make a browser ask a server on the same machine. So on a loopback address only requests
to that machine's own names are answered (against DNS rebinding), posts from foreign pages are refused, and no
page may read an answer unless its origin was allowed. In public anybody may read what anybody may ask.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from kg.web.problems import problem
from kg.web.protocol import Receive, Scope, Send, respond
from kg.web.tasks import Answer

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
_EXPOSED = b"etag, retry-after, x-graph-sha256"
_PREFLIGHT = (
    ("access-control-allow-methods", "GET, HEAD, POST, OPTIONS"),
    ("access-control-allow-headers", "accept, content-type, if-none-match"),
    ("access-control-max-age", "600"),
)


def is_loopback(host: str) -> bool:
    """Whether an address is one that only this machine reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """An ASGI application around another."""

    def __init__(
        self, app: object, host: str, hosts: Iterable[str] = (), origins: Iterable[str] = ()
    ) -> None:
        self._app = app
        self._private = is_loopback(host)
        given = frozenset(each.lower() for each in hosts)
        self._hosts = given | _LOOPBACK if self._private else given
        self._origins = frozenset(each.lower().rstrip("/") for each in origins)
        self._everyone = "*" in self._origins or not (self._private or self._origins)
        policy = b"cross-origin" if self._everyone or self._origins else b"same-origin"
        self._security = (*_SECURITY, (b"cross-origin-resource-policy", policy))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on with the headers that keep its answer safe."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # type: ignore[operator]
            return
        refusal, extra = self.judged(scope)

        async def secured(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                assert isinstance(headers, list)
                message["headers"] = headers + extra
            await send(message)

        if refusal:
            await respond(scope, secured, refusal)  # type: ignore[arg-type]
        else:
            await self._app(scope, receive, secured)  # type: ignore[operator]

    def judged(self, scope: Scope) -> tuple[Answer | None, list[tuple[bytes, bytes]]]:
        """Return the refusal of a request that is refused, and the headers that keep its answer safe."""
        host = origin = ""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1").lower()
            elif name == b"origin":
                origin = value.decode("latin-1").lower()
        allowed = bool(origin) and (self._everyone or origin in self._origins)
        extra = list(self._security)
        if allowed:
            extra.append(
                (b"access-control-allow-origin", b"*" if self._everyone else origin.encode("latin-1"))
            )
            extra.append((b"access-control-expose-headers", _EXPOSED))
        if self._origins:
            extra.append((b"vary", b"origin"))
        return self._refusal(scope, host, origin, allowed=allowed), extra

    def _refusal(self, scope: Scope, host: str, origin: str, *, allowed: bool) -> Answer | None:
        if self._hosts and _name(host) not in self._hosts:
            return problem(
                421, f"this server is not {host or 'without a name'}", "kg serve --allow-host NAME"
            )
        if not origin:
            return None
        if scope["method"] == "OPTIONS" and allowed:
            return Answer(204, "", b"", _PREFLIGHT)
        foreign = not allowed and _name(urlsplit(origin).netloc) not in (self._hosts or {_name(host)})
        if foreign and scope["method"] not in {"GET", "HEAD"}:
            return problem(403, f"pages from {origin} may not ask here", "kg serve --allow-origin ORIGIN")
        return None


def _name(host: str) -> str:
    """Return a host without its port.

    >>> _name("localhost:8080"), _name("[::1]:80"), _name("example.org")
    ('localhost', '[::1]', 'example.org')
    """
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
