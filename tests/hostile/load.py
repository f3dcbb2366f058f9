"""Many clients at once, a few of them hostile: how long honest ones wait, and whether they get what is right.

    python -m tests.hostile.load GRAPH --seconds 600      against a server of its own, on this machine only

prints the waiting times without and with hostile queries, and their ratio. With `--new` no honest query comes twice,
so that each needs a worker: without, most are answered from what is kept.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.hostile.killers import KILLERS
from tests.serving import Server, running

HOSTILE = 0.005
CLIENTS = 64
# Killers that are refused at once cost nothing: these are the ones that make the server work.
_WORKING = (
    "product",
    "sorted product",
    "path of everything",
    "doubling",
    "star",
    "huge result",
    "expressions",
)


@dataclass
class Figures:
    """What came of a run: waiting times of honest requests in seconds, what went wrong, by status or reason."""

    waits: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    hostile: Counter[int] = field(default_factory=Counter)
    graphs: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """The waiting time that so many per cent stay below."""
        return statistics.quantiles(self.waits, n=1000, method="inclusive")[round(share * 10) - 1]


class Client:
    """One connection that is kept, over which requests go one after another."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, query: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body; ConnectionError where the server breaks off."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = f"GET /sparql?query={quote(query, safe='')} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
        writer.write(f"{head}Accept: application/sparql-results+json\r\n\r\n".encode())
        try:
            await writer.drain()
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:-2])
            }
            body = await reader.readexactly(int(headers["content-length"]))
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            raise ConnectionError(str(error)) from error
        if headers.get("connection", "").lower() == "close":
            self.close()
        return int(lines[0].split()[1]), headers, body

    def close(self) -> None:
        """Let the connection go."""
        if self._streams:
            self._streams[1].close()
            self._streams = None


async def _client(
    url: str,
    dice: random.Random,
    end: float,
    share: float,
    known: dict[str, bytes],
    figures: Figures,
    *,
    new: bool,
) -> None:
    client = Client(url)
    queries = sorted(known)
    while time.monotonic() < end:
        if dice.random() < share:
            try:
                status, _, _ = await client.ask(KILLERS[dice.choice(_WORKING)](dice))
            except ConnectionError:
                status = 0
            figures.hostile[status] += 1
            continue
        query = dice.choice(queries)
        begun = time.monotonic()
        try:
            status, headers, body = await client.ask(f"{query} # {dice.random()}" if new else query)
        except ConnectionError as error:
            figures.faults[f"connection: {error}"] += 1
            continue
        figures.waits.append(time.monotonic() - begun)
        figures.graphs[headers.get("x-graph-sha256", "")] += 1
        if status != 200:
            figures.faults[f"{status}: {body[:100]!r}"] += 1
        elif body != known[query]:
            figures.wrong += 1
    client.close()


async def _load(
    url: str,
    seconds: float,
    share: float,
    known: dict[str, bytes],
    clients: int,
    seed: int,
    *,
    new: bool,
) -> Figures:
    figures = Figures()
    end = time.monotonic() + seconds
    each = (
        _client(url, random.Random(seed * 1000 + n), end, share, known, figures, new=new)
        for n in range(clients)
    )
    await asyncio.gather(*each)
    return figures


def load(
    server: Server,
    queries: list[str],
    seconds: float,
    share: float = HOSTILE,
    clients: int = CLIENTS,
    seed: int = 1,
    *,
    new: bool = False,
) -> Figures:
    """Return what comes of so many clients asking so long; what is right is what one client alone is told before.

    With `new` no honest query is the same as another.
    """
    known = {}
    for query in queries:
        reply = server.query(query, accept="application/sparql-results+json")
        assert reply.status == 200, reply.body
        known[query] = reply.body
    return asyncio.run(_load(server.url, seconds, share, known, clients, seed, new=new))


QUERIES = [
    "SELECT ?s ?label WHERE { ?s a ckg:Standard ; skos:prefLabel ?label FILTER(LANG(?label) = 'en') } ORDER BY ?s LIMIT 10",
    "SELECT ?service WHERE { off:microsoft-mars-e ckg:hasInScopeService ?service } ORDER BY ?service",
    "SELECT ?p ?o WHERE { svc:intune ?p ?o } ORDER BY ?p ?o",
    "ASK { std:mars-e ckg:basedOn std:nist-800-53 }",
    "SELECT ?c WHERE { bl:fedramp-r4-low skos:member ?c } ORDER BY ?c LIMIT 20",
    "SELECT ?claim ?target WHERE { ?claim owl:annotatedSource off:microsoft-mars-e ; owl:annotatedTarget ?target } ORDER BY ?claim ?target LIMIT 20",
]  # fmt: skip


def main() -> None:
    """Print the waiting times of a clean run and of one with hostile queries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--new", action="store_true", help="no honest query comes twice")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(given.graph, Path(folder) / "log", seconds=120) as server,
    ):
        runs = {
            name: load(server, QUERIES, given.seconds, share, given.clients, new=given.new)
            for name, share in (("clean", 0.0), ("hostile", HOSTILE))
        }
    for name, run in runs.items():
        rate = len(run.waits) / given.seconds
        print(  # noqa: T201  (a command)
            f"{name}: {len(run.waits):,} honest answers, {rate:,.0f} a second, p50 {run.percentile(50) * 1000:.1f} ms, "
            f"p99 {run.percentile(99) * 1000:.1f} ms, wrong {run.wrong}, faults {sum(run.faults.values())}, "
            f"hostile answers by status {dict(sorted(run.hostile.items()))}"
        )
    ratio = runs["hostile"].percentile(99) / runs["clean"].percentile(99)
    print(f"p99 with hostile queries: {ratio:.2f} times the clean one")  # noqa: T201
    sys.exit(1 if any(run.wrong or run.faults for run in runs.values()) else 0)


if __name__ == "__main__":
    main()
