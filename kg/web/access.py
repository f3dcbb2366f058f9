"""What was asked and how it was answered: counted, and written down as lines of JSON where a log is wanted."""

from __future__ import annotations

import json
import time
from collections.abc import MutableMapping
from typing import Any, TextIO

from kg.web.metrics import Metrics, route
from kg.web.protocol import Receive, Scope, Send

_LONGEST = 1_000  # signs of what was asked


class Access:
    """An ASGI application around another, which counts requests, and logs them to a file if there is one."""

    def __init__(self, app: object, metrics: Metrics, log: TextIO | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it was answered; 499 is one that was not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # type: ignore[operator]
            return
        begun = time.perf_counter()
        status, size = 499, 0
        graph = ""

        async def noted(message: MutableMapping[str, Any]) -> None:
            nonlocal status, size, graph
            if message["type"] == "http.response.start":
                status = message["status"]
                graph = next((v.decode() for name, v in message["headers"] if name == b"x-graph-sha256"), "")
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, noted)  # type: ignore[operator]
        finally:
            self.note(scope, route(scope["path"]), status, size, time.perf_counter() - begun, graph)

    def note(self, scope: Scope, place: str, status: int, size: int, seconds: float, graph: str) -> None:
        """Count and log a request that was answered."""
        self._metrics.note(place, scope["method"], status, seconds, size)
        if self._log:
            self._log.write(_line(scope, place, status, size, seconds, graph))
            self._log.flush()


def _line(scope: Scope, place: str, status: int, size: int, seconds: float, graph: str) -> str:
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    said = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "client": (scope.get("client") or ("",))[0],
        "method": scope["method"],
        "route": place,
        "path": scope["path"][:_LONGEST],
        "query": scope["query_string"].decode("latin-1")[:_LONGEST],
        "status": status,
        "bytes": size,
        "seconds": round(seconds, 6),
        "graph": graph[:12],
        "agent": agent.decode("latin-1")[:200],
    }
    return json.dumps(said) + "\n"
