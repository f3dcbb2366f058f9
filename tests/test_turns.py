"""Several publishers of one store: one at a time, whatever becomes of the others."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import transport, turns
from kg.errors import RemoteError
from kg.remote import connect
from kg.stores import Store
from kg.terms import PUBLICATION
from tests.conftest import CHECKOUT
from tests.servers import Oxigraph, Proxy, at_graph, oxigraph
from tests.test_publish import SMALL, expected, held, small

OTHER = SMALL.replace(b'"3"', b'"30"').replace(b"graph4", b"graph9").replace(b'"shared"', b'"common"')
CLAIMS = "SELECT ?claim { GRAPH ?claim { ?claim dcterms:creator ?by } }"
# Small steps, so that two publications that are not kept apart get mixed.
PUBLISHER = """
import sys
from pathlib import Path
from kg import turns, upload
from kg.graph import Graph
upload._GRAPHS, turns._PAUSE = 1, 0.1
print(flush=True)
sys.stdin.readline()
print(Graph.open(sys.argv[2]).publish(sys.argv[1]).changes)
"""


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(turns, "_PAUSE", 0.02)


@pytest.fixture(params=["both", "update", "graph_store"])
def server(request: pytest.FixtureRequest) -> Iterator[Oxigraph]:
    """An empty server that keeps its default graph apart, and how it is written to."""
    with oxigraph(None) as running:
        running.addresses = {  # type: ignore[attr-defined]
            "both": {},
            "update": {"update": running.url.replace("/query", "/update")},
            "graph_store": {"graph_store": running.url.replace("/query", "/store")},
        }[request.param]
        yield running


def store(server: Oxigraph) -> Store:
    """A door to a server by the protocol that is tried."""
    found = Store(server.url, **server.addresses)  # type: ignore[attr-defined]
    found.find()
    return found


def publisher(url: str, place: Path) -> subprocess.Popen[str]:
    """A process that is ready to publish and waits for a line to do so."""
    process = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, url, str(place)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    assert process.stdout
    process.stdout.readline()
    return process


def test_two_processes_that_publish_at_once_leave_one_graph_whole(tmp_path: Path) -> None:
    """Again and again, each over what the other left: never a mixture, and the record tells which it is."""
    small().save(tmp_path / "one.nq")
    small(OTHER).save(tmp_path / "other.nq")
    dice = random.Random(4)

    def slow(method: str, path: str) -> str:
        time.sleep(0.01 * dice.random())
        return ""

    with oxigraph(None) as server, Proxy(server.url, slow) as proxy:
        for _ in range(4):
            both = [publisher(proxy.url, tmp_path / name) for name in ("one.nq", "other.nq")]
            for each in both:
                assert each.stdin
                each.stdin.write("go\n")
                each.stdin.flush()
            said = [each.communicate()[0].strip() for each in both]

            assert [each.returncode for each in both] == [0, 0]
            assert "True" in said
            found = held(server.url)
            assert found in (expected(SMALL), expected(OTHER))
            record = connect(server.url).record
            assert record
            assert record.complete
            assert record.version == (small() if found == expected(SMALL) else small(OTHER)).sha256


def test_many_take_their_turn_one_after_another(server: Oxigraph) -> None:
    """Threads of one process are kept apart too; nothing is left behind."""
    inside, seen = [0], []

    def take() -> None:
        with turns.taken(store(server)):
            inside[0] += 1
            seen.append(inside[0])
            time.sleep(0.02)
            inside[0] -= 1

    threads = [threading.Thread(target=take) for _ in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert seen == [1] * 5
    assert not connect(server.url).select(CLAIMS)


def test_a_publisher_that_was_killed_holds_nobody_up(tmp_path: Path) -> None:
    """Its claim stays in the store, and whoever comes next sees that its process is gone."""
    small().save(tmp_path / "one.nq")

    with oxigraph(None) as server, Proxy(server.url) as proxy:
        process = publisher(proxy.url, tmp_path / "one.nq")
        proxy.trouble = at_graph(3, process.kill)
        process.communicate("go\n")
        assert process.returncode == -signal.SIGKILL
        assert connect(server.url).select(CLAIMS)
        small(OTHER).publish(server.url)

        assert held(server.url) == expected(OTHER)
        assert not connect(server.url).select(CLAIMS)


def test_somebody_elsewhere_is_waited_for_until_nothing_is_heard(
    server: Oxigraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each renewal is a sign of life; `notify` tells that there is something to wait for."""
    monkeypatch.setattr(turns, "_SILENT", 0.4)
    theirs = f"{PUBLICATION[1:-1]}/claim/theirs"
    other = store(server)
    other.add(theirs, turns._lines(theirs, "elsewhere 1 2", 0))
    last = 0.0

    def living() -> None:
        nonlocal last
        for count in range(4):
            time.sleep(0.2)
            other.change(theirs, turns._lines(theirs, "", count)[1:], turns._lines(theirs, "", count + 1)[1:])
            last = time.monotonic()

    thread = threading.Thread(target=living)
    thread.start()
    told: list[str] = []
    with turns.taken(store(server), told.append):
        taken = time.monotonic()
    thread.join()

    assert told == ["waiting for another publisher"]
    assert taken - last > 0.3
    assert not connect(server.url).select(CLAIMS)


def test_a_publisher_that_was_taken_for_dead_stops(server: Oxigraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its next step, and it does not bring its claim back."""
    monkeypatch.setattr(turns, "_RENEWED", 0.02)
    own = store(server)
    with turns.taken(own) as check:
        time.sleep(0.2)
        check()
        (claim,) = connect(server.url).select(CLAIMS).column("claim")
        own.drop(str(claim).strip("<>"))
        with pytest.raises(RemoteError, match="another publisher"):
            check()
        time.sleep(0.2)
        assert not connect(server.url).select(CLAIMS)
