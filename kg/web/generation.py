"""One graph being served: the process that holds it, and the workers forked from that."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from kg.errors import KgError
from kg.web import frames, orders
from kg.web.limits import Limits
from kg.web.orders import Order, Reply

_PIECE = 1 << 16
# A query takes and gives back thousands of pieces of memory, for which the C library looks among the gaps in its heap
# unless it has some at hand: seven of a size by default, which takes the engine a quarter more time for a small query.
# Other C libraries than glibc know no such setting; a user's own, which comes after it, wins.
_MEMORY = "glibc.malloc.tcache_count=1000"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is served: the graph's hash, how many statements, seconds to load it, bytes of addresses it takes.

    `dump` is the file with all of it that may be handed on, empty where there is none; `left_out` counts the named
    graphs it lacks.
    """

    graph: str
    statements: int
    seconds: float
    memory: int
    dump: str = ""
    dump_sha256: str = ""
    left_out: int = 0


class Owner(Protocol):
    """Who is told what happens to workers."""

    def started(self, worker: Worker) -> None:
        """Learn that a worker is there."""

    def answered(self, worker: Worker, reply: Reply) -> None:
        """Take the reply of a worker."""

    def died(self, worker: Worker, signal: int) -> None:
        """Learn that a worker ended, by a signal or (0) by itself."""

    def lost(self, generation: Generation) -> None:
        """Learn that a generation ended that was not told to."""


class Worker:
    """One worker process, seen from the server: a socket that takes a task and gives an answer."""

    __slots__ = ("_reader", "_socket", "generation", "number")

    def __init__(self, generation: Generation, number: int, jobs: socket.socket) -> None:
        self.generation = generation
        self.number = number
        self._socket = jobs
        self._reader = frames.Reader()
        asyncio.get_running_loop().add_reader(jobs, self._read)

    def give(self, order: Order) -> None:
        """Send an order."""
        frame = order.framed()
        try:
            sent = self._socket.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:  # it died: whoever owns it is told so
            return
        if sent < len(frame):
            self.generation.later(self._rest(frame[sent:]))

    async def _rest(self, data: bytes) -> None:
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, data)
        except OSError:
            return

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.close()
        self.generation.order("kill", self.number)

    def give_way(self) -> None:
        """Let all others compute first."""
        self.generation.order("nice", self.number)

    def drain(self) -> None:
        """Take what it has sent and was not yet read."""
        while self._socket.fileno() >= 0 and self._read():
            pass

    def look(self, seconds: float) -> None:
        """Wait for an answer without sleeping, but no longer than some seconds."""
        end = perf_counter() + seconds
        while self._socket.fileno() >= 0 and not self._read() and perf_counter() < end:
            pass

    def close(self) -> None:
        """Let it end when it has nothing to do."""
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()

    def _read(self) -> bool:
        try:
            data = self._socket.recv(_PIECE)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.close()
            return False
        for head, body in self._reader.feed(data):
            found = orders.reply(head, body, self.generation.facts.graph)
            if found is None:
                self.generation.owner.started(self)
            else:
                self.generation.owner.answered(self, found)
        return True


class Generation:
    """A loaded graph and its workers; ended by `retire`, when the last worker has gone."""

    def __init__(self, owner: Owner, control: socket.socket, process: asyncio.subprocess.Process) -> None:
        self.owner = owner
        self.facts = Facts("", 0, 0.0, 0)
        self.retired = False
        self._control = control
        self._process = process
        self._workers: dict[int, Worker] = {}
        self._count = 0
        self._told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._reader = frames.Reader()
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def start(cls, owner: Owner, path: Path, limits: Limits) -> Generation:
        """Return a generation whose graph is loaded; KgError with the reason where it cannot be."""
        here, there = socket.socketpair()
        here.setblocking(False)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "kg.web.zygote", str(there.fileno()),
            pass_fds=[there.fileno()], stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True, env=environment(os.environ),
        )  # fmt: skip
        there.close()
        made = cls(owner, here, process)
        asyncio.get_running_loop().add_reader(here, made._read)
        here.send(frames.packed({"path": str(path), "memory": limits.memory}))
        try:
            head = await made._told.get()
        except asyncio.CancelledError:
            made._close()
            process.kill()
            await process.wait()
            raise
        if "graph" not in head:
            made._close()
            await process.wait()
            raise KgError(head.get("failed", f"the process that loads {path} ended"), head.get("hint", ""))
        made.facts = Facts(**head)
        made.later(made._listen())
        return made

    def fork(self) -> Worker:
        """Return a new worker, which says when it has started."""
        here, there = socket.socketpair()
        here.setblocking(False)
        self._count += 1
        self.order("fork", self._count, there)
        there.close()
        worker = self._workers[self._count] = Worker(self, self._count, here)
        return worker

    def order(self, what: str, number: int, *sockets: socket.socket) -> None:
        """Tell the process that holds the graph what to do with a worker."""
        frame = frames.packed({"do": what, "worker": number})
        try:
            socket.send_fds(self._control, [frame], [each.fileno() for each in sockets])
        except OSError:  # it is gone, and its owner is told when that is read
            return

    def retire(self) -> None:
        """Take no more work, and end when what is being done is done."""
        self.retired = True
        self._end_if_idle()

    def kill(self) -> None:
        """End at once, with every worker."""
        self.retired = True
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()
        self._close()

    async def ended(self) -> None:
        """Wait until the process that holds the graph is gone."""
        await self._process.wait()

    def later(self, work: Any) -> None:
        """Run a coroutine beside everything else."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _read(self) -> None:
        try:
            data = self._control.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            for head, _ in self._reader.feed(data):
                self._told.put_nowait(frames.read(head))
        else:
            self._close()
            self._told.put_nowait({})

    async def _listen(self) -> None:
        """Pass on what happens to workers, until the end."""
        while head := await self._told.get():
            worker = self._workers.pop(head["died"], None)
            if worker is not None:
                worker.drain()
                worker.close()
                self.owner.died(worker, head["signal"])
            self._end_if_idle()
        workers = list(self._workers.values())
        self._workers.clear()
        for worker in workers:
            worker.close()
            self.owner.died(worker, 0)
        if not self.retired:
            self.owner.lost(self)

    def _end_if_idle(self) -> None:
        if self.retired and not self._workers:
            self._close()

    def _close(self) -> None:
        if self._control.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return what the process that loads the graph finds as its environment."""
    tuned = filter(None, (_MEMORY, ours.get("GLIBC_TUNABLES")))
    return {
        **ours,
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        "GLIBC_TUNABLES": ":".join(tuned),
    }
