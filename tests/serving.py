"""A server of our own for tests: started on a free port, ended with the test."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import CHECKOUT

_READY = re.compile(r"serving ([\d,]+) statements at (http://\S+)")


@dataclass(frozen=True)
class Reply:
    """What came back for a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The type of the body without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    def json(self):
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """A running server: where it is, its process, and what it has said."""

    url: str
    statements: int
    process: subprocess.Popen[str]
    log: Path

    @property
    def port(self) -> int:
        """The port it listens at."""
        return urllib.parse.urlsplit(self.url).port or 0

    def ask(
        self,
        path: str = "sparql",
        params: object = (),
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30,
    ) -> Reply:
        """Send one request; `params` are those of the URL."""
        query = urllib.parse.urlencode(params, doseq=True)
        url = self.url + path + (f"?{query}" if query else "")
        # urllib adds a content type to what has none, but not where a header says there is none.
        request = urllib.request.Request(url, body, dict(headers or {}), method=method)
        if body is not None and not any(name.lower() == "content-type" for name in headers or {}):
            request.add_unredirected_header("Content-type", "")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as found:
                return Reply(found.status, _lower(found.headers), found.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, _lower(error.headers), error.read())

    def query(self, text: str, accept: str = "*/*", **params: str) -> Reply:
        """Ask a query by GET."""
        return self.ask(params={"query": text, **params}, headers={"accept": accept})

    def said(self) -> str:
        """What the server wrote to its standard error so far."""
        return self.log.read_text()


def _lower(headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@contextmanager
def running(place: Path, log: Path, *options: str, seconds: float = 30) -> Iterator[Server]:
    """Give a server over a graph, its standard error going to the file `log`."""
    command = [sys.executable, "-m", "kg", "serve", str(place), "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with log.open("w") as target:
        process = subprocess.Popen(command, stderr=target, env=environment, text=True)
    try:
        end = time.monotonic() + seconds
        while not (match := _READY.search(log.read_text())):
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"no server came up: {log.read_text()}")
            select.select([], [], [], 0.02)
        yield Server(match[2], int(match[1].replace(",", "")), process, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
