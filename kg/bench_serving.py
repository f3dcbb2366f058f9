"""How fast `kg serve` answers beside the bare `oxigraph` server over the same graph, in one run on one machine.

Seconds are those of the clock that a client waits. Rounds of the servers alternate, and all get the very same
queries in the same order. Every query has a text of its own, so that no answer is one that was kept; what keeping
answers gains has rows of its own: one query again and again, and many of which some are asked for more often.
Point queries show what a server costs beside its engine, the saved questions what people wait for. The bare server
reads an index on disk, which is how it keeps a graph; ours holds the graph in memory.

A server that answers without any work shows what the client, the system and Python's event loop cost: no figure can
be below that, and a ratio says the less the nearer it is.
"""

from __future__ import annotations

import random
import re
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, cycle, islice
from pathlib import Path
from typing import Self, cast
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
from SPARQLWrapper import JSON, SPARQLWrapper

from kg import files, pipeline, publication, store
from kg.bench import ROUNDS, Measure
from kg.errors import KgError
from kg.queries import Table, question, questions

WORKERS, CLIENTS = 2, 8
_REQUESTS = 400  # of each server in each round, by one client and by several
_FAVOURED = 800  # queries of which some are asked more often than others
_SUBJECTS = 2_000
_STARTING = 300.0  # seconds
_BARE, _OURS, _FLOOR = "oxigraph server", "kg serve", "constant answer"
_HOST = "127.0.0.1"
_READY = re.compile(r"serving [\d,]+ statements at (\S+)")


def run(place: Path | None = None, rounds: int = ROUNDS) -> Table:
    """Return what point queries cost a client of each server, over a published graph or that of the samples.

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
    favoured: list[float]
    questions: list[float]

    def add(self, other: _Waits) -> None:
        """Take in what was waited in another round."""
        self.alone.extend(other.alone)
        self.together.extend(other.together)
        self.again.extend(other.again)
        self.wrapped.extend(other.wrapped)
        self.favoured.extend(other.favoured)
        self.questions.extend(other.questions)

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
            _OURS: start(
                _python(
                    "kg", "serve", str(place), "--port", "0", "--workers", str(WORKERS), log=folder / "log"
                )
            ),
            _FLOOR: start(_python("kg.bench_floor", log=folder / "floor.log")),
        }
        found = {name: _Waits([], [], [], [], [], []) for name in addresses}
        for number in range(rounds + 1):
            batch = list(islice(texts, 4 * _REQUESTS + _FAVOURED))
            asked = [f"{question(name).sparql}\n# {number}" for name in questions()]
            for name in list(addresses)[:: 1 if number % 2 else -1]:
                waits = _round(addresses[name], iter(batch), asked)
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
        f"favoured point queries, {CLIENTS} clients, clock for each answer": lambda waits: statistics.median(
            waits.favoured
        ),
        f"saved questions, {WORKERS} clients, clock for each answer": lambda waits: statistics.median(
            waits.questions
        ),
        "point query, through SPARQLWrapper, p50": lambda waits: statistics.median(waits.wrapped),
        "the same point query again, p50": lambda waits: statistics.median(waits.again),
    }
    for what, figure in figures.items():
        bare, ours = figure(found[_BARE]), figure(found[_OURS])
        yield Measure(f"{_BARE}: {what}", bare)
        yield Measure(f"{_OURS}: {what}", ours, ours / bare, f"{_BARE}: {what}")
        yield Measure(f"{_FLOOR}: {what}", figure(found[_FLOOR]))


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


def _round(address: str, texts: Iterator[str], asked: list[str]) -> _Waits:
    """Return what is waited in one round."""
    with _Client(address) as client:
        alone = [client.waited(text) for text in islice(texts, _REQUESTS)]
        once = next(texts)
        again = [client.waited(once) for _ in range(_REQUESTS // 4)]
    together = _together(address, list(islice(texts, 2 * _REQUESTS)))
    wrapped = [_wrapped(address, text) for text in islice(texts, _REQUESTS // 4)]
    favoured = _together(address, _favoured(list(islice(texts, _FAVOURED))))
    return _Waits(alone, [together], again, wrapped, [favoured], [_together(address, asked, WORKERS)])


def _favoured(texts: list[str]) -> list[str]:
    """Return some of the texts, each the more often the earlier it comes, as the nth favourite is asked for (Zipf)."""
    weights = [1 / rank for rank in range(1, len(texts) + 1)]
    return random.Random(0).choices(texts, weights, k=2 * len(texts))  # noqa: S311  (nothing secret)


def _wrapped(address: str, text: str) -> float:
    """Return what a user of SPARQLWrapper waits, for whom each query has a connection of its own."""
    wrapper = SPARQLWrapper(address, returnFormat=JSON)
    wrapper.setQuery(text)
    begun = time.perf_counter()
    wrapper.query().convert()
    return time.perf_counter() - begun


def _together(address: str, texts: list[str], many: int = CLIENTS) -> float:
    """Return the seconds for each answer when several clients ask at once, in one thread: that costs least."""
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        clients = [stack.enter_context(_Client(address)) for _ in range(many)]
        requests = [clients[0].request(text) for text in texts]
        begun = time.perf_counter()
        for client in clients:
            selector.register(client, selectors.EVENT_READ)
            client.send(requests.pop())
        while selector.get_map():
            for key, _ in selector.select():
                client = cast("_Client", key.fileobj)
                if not client.receive():
                    continue
                if requests:
                    client.send(requests.pop())
                else:
                    selector.unregister(client)
        return (time.perf_counter() - begun) / len(texts)


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
        self._data = b""

    def fileno(self) -> int:
        """Return what the system calls the connection."""
        return self._socket.fileno()

    def request(self, query: str) -> bytes:
        """Return the request that asks a query."""
        return (
            f"GET {self._path}?query={quote(query, safe='')} HTTP/1.1\r\nHost: {self._host}\r\n"
            "Accept: application/sparql-results+json\r\n\r\n"
        ).encode()

    def send(self, request: bytes) -> None:
        """Send a request."""
        self._data = b""
        self._socket.sendall(request)

    def receive(self) -> bool:
        """Take what came of an answer; return whether it is whole. KgError where it is none."""
        piece = self._socket.recv(1 << 16)
        if not piece:
            raise KgError(f"{self._address} broke off", self._data[:100].decode("latin-1"))
        self._data += piece
        if not _is_whole(self._data):
            return False
        if not self._data.startswith(b"HTTP/1.1 200"):
            raise KgError(f"{self._address} answered {self._data[:100]!r}")
        return True

    def waited(self, query: str) -> float:
        """Return the seconds until the whole answer to a query is there."""
        request = self.request(query)
        begun = time.perf_counter()
        self.send(request)
        while not self.receive():
            pass
        return time.perf_counter() - begun

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
def _python(*words: str, log: Path) -> Iterator[str]:
    """Give the address of a server in Python, ours or one that says where it is as ours does."""

    def ready() -> str | None:
        match = _READY.search(log.read_text("utf-8"))
        return f"{match[1]}sparql" if match else None

    with _running([sys.executable, "-m", *words], log, ready) as address:
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
