"""The pool over HTTP: what overruns is ended, what dies is replaced, and nobody else notices."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.web import frames, generation
from kg.web import pool as pool_module
from kg.web.limits import Limits
from kg.web.pool import Pool
from kg.web.tasks import Task
from tests.serving import running

pytestmark = pytest.mark.alone

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUNGRY = (
    "SELECT ?x30 { BIND('aaaaaaaaaaaaaaaaaaaa' AS ?x0) "
    + "".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1}) " for n in range(30))
    + "}"
)
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
STATEMENTS = 600
CLOCK = 1.0
PROCESSES = Path("/proc")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A small graph in which a product of patterns takes for ever."""
    path = tmp_path_factory.mktemp("pool") / "small.nq"
    lines = [f'<https://example.org/{n}> <https://example.org/p> "{n}" .' for n in range(STATEMENTS)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def server(place, tmp_path_factory):
    """A server that gives a query one second and 60 MB, and lets two wait."""
    options = ("--clock", str(CLOCK), "--memory", "60MB", "--workers", "1", "--queue", "2")
    with running(place, tmp_path_factory.mktemp("log") / "log", *options) as started:
        yield started


def is_right(server) -> bool:
    """Whether an honest query is answered, rightly."""
    reply = server.query(COUNT)
    return reply.status == 200 and reply.json()["results"]["bindings"][0]["n"]["value"] == str(STATEMENTS)


def test_a_query_that_overruns_its_clock_is_ended(server):
    """503 within the clock and a second, saying so; the next query is answered."""
    begun = time.monotonic()
    reply = server.query(ENDLESS)

    assert time.monotonic() - begun < CLOCK + 1
    assert reply.status == 503
    assert "longer than 1 seconds" in reply.json()["detail"]
    assert is_right(server)


def test_a_client_may_lower_the_clock_and_not_raise_it(server):
    """`timeout=` counts where it is less than the server's clock."""
    begun = time.monotonic()
    assert server.query(ENDLESS, timeout="0.2").status == 503
    lowered = time.monotonic() - begun
    assert server.query(ENDLESS, timeout="100").status == 503

    assert lowered < 0.8
    assert CLOCK - 0.1 < time.monotonic() - begun - lowered < CLOCK + 1


@pytest.mark.parametrize("value", ["0", "-1", "soon", "nan", "inf"])
def test_a_clock_that_is_none_is_refused(server, value):
    """400 for what is no number of seconds."""
    assert server.query(COUNT, timeout=value).status == 400


def test_a_query_that_eats_memory_is_ended(server):
    """The worker dies of it, and the client is told."""
    reply = server.query(HUNGRY)

    assert reply.status == 507
    assert "memory" in reply.json()["detail"]
    assert is_right(server)


def test_an_answer_that_is_too_long_is_refused_whole(place, tmp_path):
    """413 with a hint, never 200 with a part."""
    with running(place, tmp_path / "log", "--max-result", "10kB") as server:
        reply = server.query("SELECT * { ?s ?p ?o }")

        assert (reply.status, reply.media_type) == (413, "application/problem+json")
        assert "LIMIT" in reply.json()["hint"]


def test_an_overflowing_stack_ends_the_worker_only(place, tmp_path):
    """With its limits lifted, a query that overflows the engine's stack is answered with 400, and the next is right."""
    with running(
        place, tmp_path / "log", "--max-depth", "1000000", "--max-tokens", "1000000", "--max-body", "4MB"
    ) as server:
        deep = "ASK " + "{" * 200_000 + "}" * 200_000
        reply = server.ask(
            method="POST", body=deep.encode(), headers={"content-type": "application/sparql-query"}
        )

        assert reply.status == 400
        assert "nested too deeply" in reply.json()["detail"]
        assert is_right(server)


def test_slow_queries_do_not_hold_up_quick_ones(server):
    """With one worker and two endless queries running, an honest one is answered in a moment."""
    with ThreadPoolExecutor(2) as threads:
        slow = [threads.submit(server.query, ENDLESS) for _ in range(2)]
        time.sleep(0.6)
        begun = time.monotonic()
        assert is_right(server)
        assert time.monotonic() - begun < 0.3
        assert {each.result().status for each in slow} == {503}


def test_too_many_are_turned_away_at_once(server):
    """503 with Retry-After for what the queue does not hold; all others are answered as ever."""
    with ThreadPoolExecutor(12) as threads:
        replies = list(threads.map(lambda _: server.query(ENDLESS, timeout="0.9"), range(12)))

    assert {reply.status for reply in replies} == {503}
    turned_away = [reply for reply in replies if reply.headers.get("retry-after")]
    assert turned_away
    assert is_right(server)


def _scenario(place, limits, scenario):
    """Run a coroutine over a pool of its own."""

    async def run():
        pool = Pool(limits)
        try:
            await pool.serve(place)
            await scenario(pool)
        finally:
            await pool.close()

    asyncio.run(run())


def _task(query):
    return Task(
        "sparql",
        {
            "query": query,
            "dataset": None,
            "base": "http://localhost/sparql",
            "table": "application/sparql-results+json",
            "triples": "text/turtle",
            "max_result": 1_000_000,
            "max_depth": 100,
            "max_tokens": 10_000,
        },
    )


def test_a_client_that_leaves_frees_its_worker(place):
    """The task is ended long before its clock, and counted."""

    async def scenario(pool):
        async def leaving():
            await asyncio.sleep(0.1)

        begun = time.monotonic()
        answer = await pool.answer(_task(ENDLESS), leaving=leaving)

        assert answer.status == 499
        assert time.monotonic() - begun < 2
        assert pool.figures.busy == 0
        assert pool.figures.ended["client"] == 1
        assert (await pool.answer(_task(COUNT))).status == 200

    _scenario(place, Limits(workers=1), scenario)


def test_a_cancelled_request_frees_its_worker(place):
    """As where the connection's own task is cancelled."""

    async def scenario(pool):
        request = asyncio.ensure_future(pool.answer(_task(ENDLESS)))
        await asyncio.sleep(0.05)
        request.cancel()
        await asyncio.sleep(0)

        assert (pool.figures.busy, pool.figures.ended["client"]) == (0, 1)
        assert (await pool.answer(_task(COUNT))).status == 200

    _scenario(place, Limits(workers=1), scenario)


def test_figures_tell_what_the_pool_does(place):
    """Workers, busy, slow, queued and served are what they are called; a task is slow when it keeps others waiting."""

    async def scenario(pool):
        await pool.answer(_task(COUNT))
        slow = [asyncio.ensure_future(pool.answer(_task(ENDLESS), clock=1.0)) for _ in range(2)]
        await asyncio.sleep(0.3)
        alone = pool.figures
        slow.append(asyncio.ensure_future(pool.answer(_task(ENDLESS), clock=1.0)))
        await asyncio.sleep(0.2)
        during = pool.figures
        await asyncio.gather(*slow)
        after = pool.figures

        assert (alone.busy, alone.slow, alone.queued, alone.served, alone.workers) == (2, 0, 0, 1, 3)
        assert (during.busy, during.slow, during.queued, during.served, during.workers) == (3, 1, 0, 1, 4)
        assert (after.busy, after.slow, after.ended["clock"], after.workers) == (0, 0, 3, 3)
        assert after.facts.statements == STATEMENTS
        assert len(after.facts.graph) == 64

    _scenario(place, Limits(workers=2), scenario)


def test_among_many_slow_queries_the_longest_gives_way(place):
    """When the slow lane is full and others wait, the one that ran longest is ended, with Retry-After."""

    async def scenario(pool):
        slow = []
        for _ in range(4):
            slow.append(asyncio.ensure_future(pool.answer(_task(ENDLESS), clock=20)))
            await asyncio.sleep(0.25)
        quick = [asyncio.ensure_future(pool.answer(_task(COUNT))) for _ in range(3)]
        assert [answer.status for answer in await asyncio.gather(*quick)] == [200] * 3
        done = [each for each in slow if each.done()]
        assert done == slow[: len(done)]
        assert done
        assert dict(done[0].result().headers)["retry-after"]
        assert pool._aged == max(pool_module._AGED / 2 ** len(done), pool_module._LEAST_AGED)
        for each in slow:
            each.cancel()

    _scenario(place, Limits(workers=1), scenario)


def test_a_crowd_of_questions_that_take_a_while_is_borne_for_a_while(place):
    """Others wait, and what is ended is ended by its clock."""

    async def scenario(pool):
        slow = [asyncio.ensure_future(pool.answer(_task(ENDLESS), clock=1.5)) for _ in range(3)]
        await asyncio.sleep(0.5)
        late = [asyncio.ensure_future(pool.answer(_task(ENDLESS), clock=1.5)) for _ in range(2)]
        quick = await pool.answer(_task(COUNT))
        ended = [await each for each in (*slow, *late)]

        assert quick.status == 200
        assert {each.status for each in ended} == {503}
        assert "crowd" not in pool.figures.ended

    _scenario(place, Limits(workers=1), scenario)


def test_a_worker_that_is_killed_is_replaced(place):
    """Whoever kills it: the pool answers on."""

    async def scenario(pool):
        for child in _descendants(os.getpid()):
            if "kg.web.zygote" in _command(child) and _parent(child) != os.getpid():
                os.kill(child, signal.SIGKILL)
        statuses = [(await pool.answer(_task(COUNT))).status for _ in range(10)]
        assert statuses[-1] == 200
        assert set(statuses) <= {200, 507}

    _scenario(place, Limits(workers=2), scenario)


def test_when_the_holder_of_the_graph_is_killed_the_graph_is_loaded_again(place):
    """Requests wait for that, and are answered."""

    async def scenario(pool):
        for child in _descendants(os.getpid()):
            if "kg.web.zygote" in _command(child) and _parent(child) == os.getpid():
                os.kill(child, signal.SIGKILL)
        await asyncio.sleep(0.1)
        assert (await pool.answer(_task(COUNT))).status == 200

    _scenario(place, Limits(workers=1), scenario)


def _descendants(pid):
    """Yield the processes below one, by /proc."""
    parents = {int(each.name): _parent(int(each.name)) for each in PROCESSES.iterdir() if each.name.isdigit()}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def _parent(pid):
    try:
        return int((PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return -1


def _command(pid):
    return (PROCESSES / str(pid) / "cmdline").read_text()


def test_a_worker_can_open_neither_file_nor_socket_and_has_an_end_to_its_memory(server):
    """The limits of the worker processes are what they should be, read from outside."""
    workers = [each for each in _descendants(server.process.pid) if _parent(each) != server.process.pid]
    assert workers
    for worker in workers:
        lines = (PROCESSES / str(worker) / "limits").read_text().splitlines()
        limits = {line[:26].strip(): line[26:47].strip() for line in lines}
        assert limits["Max open files"] == "0"
        assert limits["Max file size"] == "0"
        assert limits["Max address space"].isdigit()
        assert (
            len(list((PROCESSES / str(worker) / "fd").iterdir())) <= 4
        )  # standard input, output and error, which lead nowhere, and its jobs


def test_workers_take_memory_that_was_just_given_back(server):
    """The C library is told to keep it at hand; what a user told it comes after that, and wins."""
    worker = next(each for each in _descendants(server.process.pid) if _parent(each) != server.process.pid)
    said = (PROCESSES / str(worker) / "environ").read_text()
    users = generation.environment({"HOME": "/", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=3"})

    assert "GLIBC_TUNABLES=glibc.malloc.tcache_count=1000" in said
    assert users["GLIBC_TUNABLES"] == "glibc.malloc.tcache_count=1000:glibc.malloc.tcache_count=3"
    assert users["HOME"] == "/"


def test_a_stopped_server_ends_with_zero_and_leaves_nothing_behind(place, tmp_path):
    """SIGTERM while a query runs: the answer is given, then all processes end."""
    with running(place, tmp_path / "log", "--clock", "1") as server:
        children = _descendants(server.process.pid)
        with ThreadPoolExecutor(1) as threads:
            reply = threads.submit(server.query, ENDLESS)
            time.sleep(0.3)
            server.process.terminate()
            assert reply.result().status == 503
        assert server.process.wait(10) == 0
        time.sleep(0.2)
        assert not [child for child in children if (PROCESSES / str(child)).exists()]
        assert "Traceback" not in server.said()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), 1)


def test_a_graph_whose_server_is_gone_ends_in_silence(place):
    """What its process told and nobody read makes the socket a broken one, and that is nobody's fault."""
    here, there = socket.socketpair()
    jobs, kept = socket.socketpair()
    with here, there, jobs, kept:
        process = subprocess.Popen(
            [sys.executable, "-m", "kg.web.zygote", str(there.fileno())],
            pass_fds=[there.fileno()], stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        there.close()
        here.sendall(frames.packed({"path": str(place), "memory": 1 << 30}))
        facts = frames.received(here)
        assert facts is not None
        assert facts[0]["statements"] == STATEMENTS
        socket.send_fds(here, [frames.packed({"do": "fork", "worker": 1})], [jobs.fileno()])
        here.sendall(frames.packed({"do": "kill", "worker": 1}))
        assert select.select([here], [], [], 10)[0], "the death of the worker was not told"
        here.close()
        said = process.communicate(timeout=10)[1]

    assert process.returncode == 0
    assert said == ""
