"""How fast `kg serve` answers beside the bare `oxigraph` server over the same graph, in one run on one machine.

Seconds are those of the clock that a client waits. Rounds of both servers alternate. Every query has a text of
its own, so that no answer is one that was kept; what keeping answers gains is a row of its own.
"""

from __future__ import annotations

import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count, cycle, islice
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
from SPARQLWrapper import JSON, SPARQLWrapper

from kg import files, pipeline, publication, store
from kg.bench import ROUNDS, Measure
from kg.errors import KgError
from kg.queries import Table

WORKERS, CLIENTS = 2, 8
_REQUESTS = 400  # of each server in each round, by one client and by several
_SUBJECTS = 2_000
_STARTING = 300.0  # seconds
_BARE, _OURS = "oxigraph server", "kg serve"
_HOST = "127.0.0.1"
_READY = re.compile(r"serving [\d,]+ statements at (\S+)")


def run(place: Path | None = None, rounds: int = ROUNDS) -> Table:
    """Return what point queries cost a client of both servers, over a published graph or that of the samples.

    Columns what, seconds, ratio, against.
    """
    with tempfile.TemporaryDirectory() as folder:
        if place is None:
            place = Path(folder) / "graph"
            pipeline.build([files.samples()], out=place, check=False)
        measures = list(_measured(place, Path(folder), rounds))
    rows = [
        (
            each.what,
            round(each.seconds, 6),
            round(each.ratio, 2) if each.ratio else None,
            each.against or None,
        )
        for each in measures
    ]
    return Table.of(("what", "seconds", "ratio", "against"), rows)


@dataclass(frozen=True, slots=True)
class _Waits:
    """What clients of one server waited: for each answer alone, and for a round of many clients' answers."""

    alone: list[float]
    together: list[float]
    again: list[float]
    wrapped: list[float]

    def add(self, other: _Waits) -> None:
        """Take in what was waited in another round."""
        self.alone.extend(other.alone)
        self.together.extend(other.together)
        self.again.extend(other.again)
        self.wrapped.extend(other.wrapped)

    def percentile(self, share: int) -> float:
        """Return the wait for an answer that so many per cent stay below."""
        return statistics.quantiles(self.alone, n=100, method="inclusive")[share - 1]


def _measured(place: Path, folder: Path, rounds: int) -> Iterator[Measure]:
    version = publication.current(place)
    texts = _queries(version.lines)
    with ExitStack() as stack:
        start = stack.enter_context
        addresses = {
            _BARE: start(_bare(version.lines, folder / "bare")),
            _OURS: start(_ours(place, folder / "log")),
        }
        found = {name: _Waits([], [], [], []) for name in addresses}
        for number in range(rounds + 1):
            batch = list(islice(texts, 4 * _REQUESTS))
            order = list(addresses)[:: 1 if number % 2 else -1]
            for name in order:
                waits = _round(addresses[name], iter(batch))
                if number:  # the first round warms up
                    found[name].add(waits)
    yield from _compared(found)


def _compared(found: dict[str, _Waits]) -> Iterator[Measure]:
    figures: dict[str, Callable[[_Waits], float]] = {
        "point query, one client, p50": lambda waits: waits.percentile(50),
        "point query, one client, p99": lambda waits: waits.percentile(99),
        f"point query, {CLIENTS} clients, clock for each answer": lambda waits: statistics.median(
            waits.together
        ),
        "point query, through SPARQLWrapper, p50": lambda waits: statistics.median(waits.wrapped),
        "the same point query again, p50": lambda waits: statistics.median(waits.again),
    }
    for what, figure in figures.items():
        bare, ours = figure(found[_BARE]), figure(found[_OURS])
        yield Measure(f"{_BARE}: {what}", bare)
        yield Measure(f"{_OURS}: {what}", ours, ours / bare, f"{_BARE}: {what}")


def _queries(lines: Path) -> Iterator[str]:
    """Yield queries for what is said of one thing, each with another limit, so that none comes twice."""
    found: dict[str, None] = {}
    for quad in ox.parse(path=str(lines), format=ox.RdfFormat.N_QUADS):
        if isinstance(quad.subject, ox.NamedNode):
            found[str(quad.subject)] = None
    if not found:
        raise KgError(f"nothing is said in {lines}", "name a graph made by `kg build`")
    step = max(1, len(found) // _SUBJECTS)
    subjects = cycle(islice(found, 0, None, step))
    return (
        f"SELECT ?p ?o {{ {subject} ?p ?o }} LIMIT {limit}"
        for limit, subject in zip(count(1_000), subjects, strict=False)
    )


def _round(address: str, texts: Iterator[str]) -> _Waits:
    """Return what is waited in one round."""
    with _Client(address) as client:
        alone = [client.waited(text) for text in islice(texts, _REQUESTS)]
        once = next(texts)
        again = [client.waited(once) for _ in range(_REQUESTS // 4)]
    shares = [list(islice(texts, _REQUESTS // CLIENTS * 2)) for _ in range(CLIENTS)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(partial(_asked, address), shares))
    together = (time.perf_counter() - begun) / sum(map(len, shares))
    wrapped = [_wrapped(address, text) for text in islice(texts, _REQUESTS // 4)]
    return _Waits(alone, [together], again, wrapped)


def _wrapped(address: str, text: str) -> float:
    """Return what a user of SPARQLWrapper waits, for whom each query has a connection of its own."""
    wrapper = SPARQLWrapper(address, returnFormat=JSON)
    wrapper.setQuery(text)
    begun = time.perf_counter()
    wrapper.query().convert()
    return time.perf_counter() - begun


def _asked(address: str, texts: Sequence[str]) -> None:
    with _Client(address) as client:
        for text in texts:
            client.waited(text)


class _Client:
    """One connection that is kept, with as little work on this side as HTTP takes."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname == _HOST, "only servers started here are measured"
        self._address = address
        self._path = parts.path
        self._host = f"{parts.hostname}:{parts.port}"
        self._socket = socket.create_connection((_HOST, parts.port or 80), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def waited(self, query: str) -> float:
        """Return the seconds until the whole answer to a query is there; KgError where it is none."""
        request = (
            f"GET {self._path}?query={quote(query, safe='')} HTTP/1.1\r\nHost: {self._host}\r\n"
            "Accept: application/sparql-results+json\r\n\r\n"
        ).encode()
        begun = time.perf_counter()
        self._socket.sendall(request)
        data = b""
        while not _is_whole(data):
            piece = self._socket.recv(1 << 16)
            if not piece:
                raise KgError(f"{self._address} broke off", query)
            data += piece
        taken = time.perf_counter() - begun
        if not data.startswith(b"HTTP/1.1 200"):
            raise KgError(f"{self._address} answered {data[:100]!r}", query)
        return taken

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def _is_whole(data: bytes) -> bool:
    """Whether an answer has arrived to its end."""
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return False
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


@contextmanager
def _bare(lines: Path, folder: Path) -> Iterator[str]:
    """Give the address of the bare server over an index of the lines, the union in its default graph as in ours."""
    binary = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    if binary is None:
        raise KgError("there is no oxigraph server to compare with", "pip install oxigraph")
    store.written(lines, folder)
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = probe.getsockname()[1]
    command = [binary, "serve-read-only", "--location", str(folder), "--bind", f"{_HOST}:{port}"]

    def ready() -> str | None:
        with socket.socket() as probe:
            return f"http://{_HOST}:{port}/query" if not probe.connect_ex((_HOST, port)) else None

    with _running(command, folder.with_suffix(".log"), ready) as address:
        yield address


@contextmanager
def _ours(place: Path, log: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "kg", "serve", str(place), "--port", "0", "--workers", str(WORKERS)]

    def ready() -> str | None:
        match = _READY.search(log.read_text("utf-8"))
        return f"{match[1]}sparql" if match else None

    with _running(command, log, ready) as address:
        yield address


@contextmanager
def _running(command: list[str], log: Path, ready: Callable[[], str | None]) -> Iterator[str]:
    """Give the address of a server once it is ready; KgError with what it said where it never is."""
    with log.open("wb") as target:
        process = subprocess.Popen(command, stdout=target, stderr=target)  # noqa: S603  (no shell, our own words)
    try:
        end = time.monotonic() + _STARTING
        while (address := ready()) is None:
            if process.poll() is not None or time.monotonic() > end:
                raise KgError(f"{command[0]} does not come up", log.read_text("utf-8").strip()[-500:])
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait()
