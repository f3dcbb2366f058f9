"""Sixty-four clients, some of them hostile, and a graph that is published again and again: no honest one is harmed."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from kg import files, pipeline, publication
from tests.hostile.load import HOSTILE, QUERIES, Client, load
from tests.serving import running

pytestmark = pytest.mark.alone

SECONDS = float(os.environ.get("CKG_LOAD_SECONDS", "30"))
PUBLISHES = int(os.environ.get("CKG_PUBLISHES", "100"))
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <https://example.org/p> ?o }"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of the samples, published."""
    place = tmp_path_factory.mktemp("load") / "graph"
    pipeline.build([files.samples()], out=place, check=False)
    return place


@pytest.mark.slow
def test_no_honest_client_is_harmed_by_hostile_ones(samples: Path, tmp_path: Path) -> None:
    """No wrong answer, no error, while one request in two hundred is made to kill; how long they wait is told."""
    with running(samples, tmp_path / "log") as server:
        clean = load(server, QUERIES, SECONDS / 3, share=0)
        found = load(server, QUERIES, SECONDS)
        assert server.process.poll() is None
    ratio = found.percentile(99) / clean.percentile(99)
    print(f"honest p99 with {HOSTILE:.1%} hostile: {ratio:.2f} times the clean one")  # noqa: T201  (shown with -s)

    assert (clean.wrong, dict(clean.faults)) == (0, {})
    assert (found.wrong, dict(found.faults)) == (0, {})
    assert sum(found.hostile.values()) > 0
    assert 0 not in found.hostile


def _published(folder: Path, count: int) -> str:
    """Publish a graph of so many statements; return its hash."""
    lines = sorted(f'<https://example.org/{n}> <https://example.org/p> "{n}" .\n' for n in range(count))
    with publication.draft(folder) as draft:
        draft.write([line.encode() for line in lines])
        return draft.publish({}, {}).sha256


@pytest.mark.slow
def test_a_hundred_publishes_under_load_mix_no_answers(tmp_path: Path) -> None:
    """Every answer is that of the graph it names; none is an error."""
    folder = tmp_path / "graph"
    known = {_published(folder, 100): 100}
    mixed: list[tuple[int, str]] = []
    faults: list[object] = []
    seen: set[str] = set()
    stop = threading.Event()

    def ask(url: str) -> None:
        import asyncio

        async def asking() -> None:
            client = Client(url)
            while not stop.is_set():
                try:
                    status, headers, body = await client.ask(COUNT)
                except ConnectionError as error:
                    faults.append(error)
                    continue
                if status != 200:
                    faults.append((status, body[:200]))
                    continue
                number = int(body.partition(b'"value":"')[2].partition(b'"')[0])
                seen.add(headers["x-graph-sha256"])
                answers.append((number, headers["x-graph-sha256"]))
            client.close()

        answers: list[tuple[int, str]] = []
        asyncio.run(asking())
        mixed.extend(each for each in answers if known.get(each[1]) != each[0])

    with running(folder, tmp_path / "log") as server:
        threads = [threading.Thread(target=ask, args=(server.url,)) for _ in range(8)]
        for each in threads:
            each.start()
        for number in range(PUBLISHES):
            count = 101 + number
            lines = sorted(
                f'<https://example.org/{n}> <https://example.org/p> "{n}" .\n' for n in range(count)
            )
            known[publication.digest("".join(lines).encode())] = count
            sha256 = _published(folder, count)
            end = time.monotonic() + (20 if number % 10 == 9 else 0)  # most are overtaken by the next one
            while sha256 not in seen and time.monotonic() < end:
                time.sleep(0.05)
        stop.set()
        for each in threads:
            each.join()
        assert server.process.poll() is None

    assert faults == []
    assert mixed == []
    assert sha256 in seen
    assert len(seen) >= PUBLISHES // 10
