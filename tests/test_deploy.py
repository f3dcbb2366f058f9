"""Several servers over one published graph, and the files that deploy them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from itertools import cycle
from pathlib import Path

import pytest

from kg import publication
from tests.conftest import CHECKOUT
from tests.serving import Server, running

DEPLOY = CHECKOUT / "kg" / "web" / "deploy"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <https://example.org/p> ?o }"
QUERIES = [
    COUNT,
    "SELECT ?s { ?s <https://example.org/p> ?o } ORDER BY ?s LIMIT 7",
    "CONSTRUCT WHERE { <https://example.org/1> ?p ?o }",
    "ASK { <https://example.org/1> ?p ?o }",
]


def published(folder: Path, count: int) -> str:
    """Publish a graph of so many statements; return its hash."""
    lines = sorted(f'<https://example.org/{n}> <https://example.org/p> "{n}" .\n' for n in range(count))
    with publication.draft(folder) as draft:
        draft.write([line.encode() for line in lines])
        return draft.publish({}, {}).sha256


def counted(server: Server) -> tuple[int, str, str]:
    """Return the status of an answer, the graph it names and the number it gives."""
    reply = server.query(COUNT, accept="text/csv")
    return reply.status, reply.headers.get("x-graph-sha256", ""), reply.body.decode().split()[-1]


@pytest.mark.slow
def test_two_servers_over_one_folder_answer_as_one(tmp_path: Path) -> None:
    """Same bytes, same tags; a publish reaches both, and whoever asks them in turn sees no error meanwhile."""
    folder = tmp_path / "graph"
    known = {published(folder, 100): "100"}
    name = ("--allow-host", "kg.example.org")  # by which the proxy asks both
    with running(folder, tmp_path / "one", *name) as one, running(folder, tmp_path / "two", *name) as two:
        for query in QUERIES:
            headers = {"host": "kg.example.org"}
            replies = [server.ask(params={"query": query}, headers=headers) for server in (one, two)]
            assert replies[0].status == 200
            assert replies[0].body == replies[1].body
            assert replies[0].headers["etag"] == replies[1].headers["etag"]
            headers["if-none-match"] = replies[0].headers["etag"]
            assert two.ask(params={"query": query}, headers=headers).status == 304

        seen: list[tuple[int, str, str]] = []
        stop = threading.Event()

        def asking() -> None:
            for server in cycle((one, two)):
                if stop.is_set():
                    return
                seen.append(counted(server))

        thread = threading.Thread(target=asking)
        thread.start()
        for count in (200, 300, 400):
            newest = published(folder, count)
            known[newest] = str(count)
            end = time.monotonic() + 30
            while {counted(one)[1], counted(two)[1]} != {newest} and time.monotonic() < end:
                time.sleep(0.1)
            assert {counted(one), counted(two)} == {(200, newest, str(count))}
        stop.set()
        thread.join()

    assert len(seen) > 10
    assert {status for status, _, _ in seen} == {200}
    assert [each for each in seen if known.get(each[1]) != each[2]] == []


def test_the_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    """It starts a verb and options that there are, as nobody, with no way to write or to gain rights."""
    text = (DEPLOY / "kg@.service").read_text()
    settings = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    assert settings["DynamicUser"] == settings["NoNewPrivileges"] == "yes"
    assert settings["ProtectSystem"] == "strict"
    assert settings["MemoryMax"]
    assert not settings["CapabilityBoundingSet"]

    offered = subprocess.run(
        [sys.executable, "-m", "kg", "serve", "--help"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    used = re.findall(r"--[a-z-]+", settings["ExecStart"])
    assert used
    assert all(option in offered for option in used)

    if analyze := shutil.which("systemd-analyze"):
        unit = tmp_path / "kg@.service"
        unit.write_text(text.replace("/opt/kg/bin/kg", sys.executable))
        done = subprocess.run(
            [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr.count("kg@")) == (0, 0), done.stderr


def test_the_container_file_copies_what_there_is_and_runs_as_nobody() -> None:
    """Only what its lock file names by hash is installed, and only files of the checkout are copied."""
    text = (DEPLOY / "Containerfile").read_text()
    copied = [words.split() for words in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)]
    assert copied
    for *sources, _ in copied:
        for source in sources:
            assert (CHECKOUT / source).exists(), source
    assert "--require-hashes --requirement requirements.lock" in text
    assert re.search(r"^USER 65534:65534$", text, re.MULTILINE)
    assert "/health" in text
