"""Killer queries: none ends the server, each is answered in time, nothing runs on, the next honest query is right."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hostile.killers import BIG, KILLERS, Maker, killers
from tests.hostile.whole import is_whole
from tests.serving import Server, running

pytestmark = pytest.mark.alone

CLOCK = 1.0
# A second over the clock is what is promised. On two cores that build and test at the same time the client itself
# may wait for its turn.
LATE = CLOCK + 1 + float(os.environ.get("CKG_PATIENCE", "1"))
HONEST = "SELECT (COUNT(*) AS ?n) { ?s <https://example.org/p> ?o }"
STATEMENTS = 3_000
FINE = {200, 400, 403, 413, 414, 503, 507}
RUNAWAY = (
    "product", "sorted product", "star", "star of a and not a", "not exists over a product", "bound exists",
    "distinct of what is made", "new things", "inverse steps", "counted patterns", "far offset", "doubling",
)  # fmt: skip
NESTING = {
    kind: KILLERS[kind]
    for kind in ("groups", "quoted triples", "quoted objects", "annotations", "stars of stars", "lists")
}
ROUNDS = int(os.environ.get("CKG_KILLER_ROUNDS", "1"))
SEED = int(os.environ.get("CKG_KILLER_SEED", "20211123"))


SHORT = ("--clock", str(CLOCK), "--memory", "300MB")
RAISED = ("--max-body", "8MB", "--max-tokens", "1000000", "--max-depth", "5000")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph in which products have no end."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = [f'<https://example.org/{n}> <https://example.org/p> "{n}" .\n' for n in range(STATEMENTS)]
    (folder / "graph.nq").write_text("".join(lines))
    return folder / "graph.nq"


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[Server]:
    """A server with a short clock."""
    with running(place, place.with_name("log"), *SHORT) as started:
        yield started


@pytest.fixture(scope="module")
def generous(place: Path) -> Iterator[Server]:
    """The same with limits that were raised a hundred times."""
    with running(place, place.with_name("generous"), *SHORT, *RAISED) as started:
        yield started


def is_right(server: Server) -> bool:
    """Whether an honest query is answered, rightly."""
    reply = server.query(HONEST, accept="application/sparql-results+json")
    return reply.status == 200 and reply.json()["results"]["bindings"][0]["n"]["value"] == str(STATEMENTS)


def processes(root: int) -> set[int]:
    """A process and all that came from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(entry.name))
    found, todo = set(), [root]
    while todo:
        each = todo.pop()
        found.add(each)
        todo += children.get(each, [])
    return found


def computing(root: int) -> float:
    """Seconds of processor time that a process and its children have used."""
    ticks = 0
    for each in processes(root):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def endured(server: Server, makers: Mapping[str, Maker], rounds: int) -> None:
    """Send each kind: answered in time and whole or refused, then an honest one right; at the end nothing runs on."""
    late, odd, torn, wrong = [], [], [], []
    for kind, query in killers(SEED, rounds, makers):
        body = query.encode()
        begun = time.monotonic()
        reply = server.ask(method="POST", body=body, headers={"content-type": "application/sparql-query"})
        took = time.monotonic() - begun
        if took > LATE:
            late.append((kind, len(body), round(took, 2)))
        if reply.status not in FINE:
            odd.append((kind, len(body), reply.status, reply.body[:200]))
        if reply.status == 200 and not is_whole(reply):
            torn.append((kind, len(body)))
        if not is_right(server):
            wrong.append((kind, len(body)))
        assert server.process.poll() is None, kind
    assert (late, odd, torn, wrong) == ([], [], [], [])
    assert is_idle(server)


def is_idle(server: Server) -> bool:
    """Whether the processor is free two seconds later."""
    time.sleep(2)
    before = computing(server.process.pid)
    time.sleep(2)
    return computing(server.process.pid) - before < 0.1


@pytest.mark.slow
def test_no_query_kills_the_server_or_keeps_it(server: Server) -> None:
    """Each kind, at random sizes."""
    endured(server, KILLERS, ROUNDS)


@pytest.mark.slow
def test_no_big_query_kills_a_server_whose_limits_were_raised(generous: Server) -> None:
    """Texts of up to megabytes, VALUES of a hundred thousand rows among them; nesting is let through further."""
    endured(generous, BIG, 2 * ROUNDS)
    endured(generous, NESTING, ROUNDS)


@pytest.mark.slow
def test_nothing_runs_on_after_the_clock(server: Server) -> None:
    """Two seconds after the last of several runaway queries, sent at once, the processor is free."""
    queries = dict(killers(SEED))
    runaway = [queries[kind] for kind in RUNAWAY]
    with ThreadPoolExecutor(len(runaway)) as clients:
        statuses = {reply.status for reply in clients.map(server.query, runaway)}

    assert statuses <= {413, 503, 507}
    assert is_idle(server)
    assert is_right(server)


def test_there_is_a_killer_of_each_kind() -> None:
    """The same for the same seed, another for another; the sizes differ."""
    assert dict(killers(1)) == dict(killers(1))
    assert dict(killers(1)) != dict(killers(2))
    assert {kind for kind, _ in killers(3)} == set(KILLERS)
