"""Servers for tests: Oxigraph's, as it is; and a proxy in front of one that counts, and gets in the way."""

from __future__ import annotations

import http.client
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

OXIGRAPH = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or "oxigraph"
Trouble = Callable[[str, str], str]


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answering(port: int, process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    """Wait until a server listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the server does not listen")


class Oxigraph:
    """Oxigraph's server, in memory or over a folder; it can be killed and started again."""

    def __init__(self, folder: Path | None, *options: str) -> None:
        self._options = [*(["--location", str(folder)] if folder else []), *options]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/query"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                OXIGRAPH,
                "serve",
                "--bind",
                f"127.0.0.1:{self.port}",
                *self._options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        answering(self.port, self._process)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def oxigraph(folder: Path | None, *options: str) -> Iterator[Oxigraph]:
    """A running server."""
    server = Oxigraph(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def at_graph(number: int, act: Callable[[], object]) -> Trouble:
    """Return a trouble that acts when so many graphs, the record not counted, were about to be put."""
    puts = 0

    def trouble(method: str, path: str) -> str:
        nonlocal puts
        puts += method == "PUT" and "publication" not in path
        if puts == number:
            act()
        return ""

    return trouble


class Proxy:
    """Hands requests on to a server and remembers them; `trouble` tells what to do with one.

    "" hands it on, "refuse" breaks the connection first, "lose" after the server has done it, "tear" sends half of
    the answer, "busy" says 503, "fail" 500.
    """

    def __init__(self, upstream: str, trouble: Trouble = lambda method, path: "") -> None:
        self.seen: list[tuple[str, str]] = []
        self.trouble = trouble
        parts = urlsplit(upstream)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.seen.append((self.command, self.path))
                todo = outer.trouble(self.command, self.path)
                self.close_connection = True
                if todo == "refuse":
                    return
                if todo in {"busy", "fail"}:
                    self.send_response(503 if todo == "busy" else 500)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                there = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                try:
                    there.request(self.command, self.path, body or None, headers)
                    answer = there.getresponse()
                    content = answer.read()
                except (OSError, http.client.HTTPException):
                    return
                finally:
                    there.close()
                if todo == "lose":
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers.get("Content-Type", "text/plain"))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if todo == "tear" else content)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_one  # noqa: N815  (the names of http.server)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{parts.path}"

    def writes(self) -> list[str]:
        """The named graphs that were put, in their order."""
        return [
            path for method, path in self.seen if method == "PUT" and "/publication/" not in unquote(path)
        ]

    def changes(self) -> list[tuple[str, str]]:
        """Every request that changes something."""
        return [
            (method, path) for method, path in self.seen if method in {"PUT", "DELETE"} or path == "/update"
        ]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def unlucky(seed: int, share: float) -> Trouble:
    """Trouble with a share of the requests, the same for the same seed."""
    dice = random.Random(seed)

    def trouble(method: str, path: str) -> str:
        return dice.choice(("refuse", "lose", "tear", "busy", "fail")) if dice.random() < share else ""

    return trouble


VIRTUOSO, ISQL = shutil.which("virtuoso-t"), shutil.which("isql-vt")
_CONFIGURATION = """
[Database]
DatabaseFile = {folder}/v.db
ErrorLogFile = {folder}/v.log
LockFile = {folder}/v.lck
TransactionFile = {folder}/v.trx
xa_persistent_file = {folder}/v.pxa
[TempDatabase]
DatabaseFile = {folder}/t.db
TransactionFile = {folder}/t.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 10
DisableUnixSocket = 1
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 5
[SPARQL]
ResultSetMaxRows = 10000
"""


@contextmanager
def virtuoso(folder: Path) -> Iterator[str]:
    """The address of a running Virtuoso that cuts answers at 10,000 rows and lets everybody write."""
    assert VIRTUOSO
    assert ISQL
    folder.mkdir()
    port, sql = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(_CONFIGURATION.format(folder=folder, port=port, sql=sql))
    process = subprocess.Popen(
        [VIRTUOSO, "-f", "-c", str(folder / "virtuoso.ini")],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answering(port, process, 60)
        subprocess.run(
            [ISQL, f"127.0.0.1:{sql}", "dba", "dba", 'exec=GRANT SPARQL_UPDATE TO "SPARQL";'],
            check=True,
            capture_output=True,
            timeout=60,
        )
        yield f"http://127.0.0.1:{port}/sparql"
    finally:
        process.terminate()
        process.wait(60)
