"""A server that nobody may ask, and files that nobody may read."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

WORD = "canary-7f3a"
TURTLE = f'<https://example.org/{WORD}> <https://example.org/{WORD}> "{WORD}" .\n'


class Canary:
    """Listens, answers whatever is asked with something worth having, and remembers that it was asked."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

            def answer(self) -> None:
                outer.hits.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Content-Type", "text/turtle")
                self.end_headers()
                self.wfile.write(TURTLE.encode())

            do_GET = do_POST = do_HEAD = do_PUT = do_OPTIONS = answer  # noqa: N815  (the names of http.server)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


_OPENED: list[list[str]] = []
_CALLED: list[list[str]] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _OPENED:
        _OPENED[-1].append(os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else "")
    elif event in {"socket.connect", "socket.getaddrinfo"} and _CALLED:
        _CALLED[-1].append(str(arguments[-1] if event == "socket.connect" else arguments[0]))


@contextmanager
def watched() -> Iterator[tuple[list[str], list[str]]]:
    """Give what is opened and called in this process by Python from now on; an audit hook cannot be got round."""
    if not getattr(sys, "_canary_watches", False):
        sys.addaudithook(_watch)
        sys._canary_watches = True  # type: ignore[attr-defined]
    opened: list[str] = []
    called: list[str] = []
    _OPENED.append(opened)
    _CALLED.append(called)
    try:
        yield opened, called
    finally:
        _OPENED.pop()
        _CALLED.pop()


def secret(folder: Path) -> Path:
    """A file outside of all that is given, in Turtle, since that is what would be understood."""
    place = folder / f"{WORD}.ttl"
    place.write_text(TURTLE)
    return place
