"""A worker: a fork of the process that holds the graph, which does one task after another until it is killed.

It can open neither file nor socket, and has an end to its memory. What it cannot survive (the engine's stack
overflows, memory runs out inside it) ends the process, and only that.
"""

from __future__ import annotations

import gzip
import os
import resource
import signal
import socket
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from kg.errors import KgError
from kg.web import direct, frames, orders, problems
from kg.web.rendered import Rendered
from kg.web.tasks import Answer

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.web.tasks import Function

# The engine recurses over a query; the more stack it has, the deeper a query may be that only looks dangerous.
_STACK = 64 * 1024 * 1024
# Behind the clock of the pool, should that process be gone: seconds of computing more than the clock allows.
_GRACE = 3
_COMPRESSED_FROM = 1400
_PIECE = 1 << 12  # most orders are shorter, and a small piece of memory is soon found
# Seconds of computing in which a task cannot take much memory, and how many such tasks are not looked at.
_AT_ONCE = 0.005
_SEEN = 64


def work(
    jobs: socket.socket, graph: Graph, name: str, functions: Mapping[str, Function], memory: int
) -> NoReturn:
    """Do tasks with a graph, whose hash is its name, until there are no more; then end the process."""
    try:
        _bound(memory)
        reader = frames.Reader()
        budget = _Budget(memory)
        last = False
        jobs.sendall(orders.started())
        while not last and (data := jobs.recv(_PIECE)):
            for head, body in reader.feed(data):
                order = orders.Order.of(head, body)
                budget.begin(order.clock)
                answer, trace = _done(graph, name, functions, order)
                # What one task made of this process must not be the next one's memory error.
                last = bool(trace) or budget.is_spent()
                jobs.sendall(orders.replied(orders.Reply(answer, last, trace)))
    finally:
        os._exit(0)


class _Budget:
    """The computing and the memory that a worker may have, looked at as seldom as that can be done."""

    def __init__(self, memory: int) -> None:
        _, self._hard = resource.getrlimit(resource.RLIMIT_CPU)
        self._highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + memory // 4
        self._used = time.process_time()
        self._end = 0
        self._unseen = 0

    def begin(self, clock: float) -> None:
        """Let the process be ended by the system when it computes longer than a clock and some grace."""
        end = int(self._used + clock) + _GRACE
        if end != self._end:  # whole seconds: most tasks are over before there is another
            resource.setrlimit(resource.RLIMIT_CPU, (end, self._hard))
            self._end = end

    def is_spent(self) -> bool:
        """Whether the process has taken much memory; a task that is over at once cannot have."""
        now = time.process_time()
        took, self._used = now - self._used, now
        self._unseen += 1
        if took < _AT_ONCE and self._unseen < _SEEN:
            return False
        self._unseen = 0
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > self._highest


def _done(
    graph: Graph, name: str, functions: Mapping[str, Function], order: orders.Order
) -> tuple[Answer | Rendered, str]:
    """Return the answer to an order; where it failed in a way nobody foresaw, how."""
    if not order.value:
        said = frames.read(order.head)
        return _answered(graph, functions, said["kind"], said["arguments"], gzip=said["gzip"])
    asked = direct.asked(order.head)
    try:
        text = direct.query(order.value)
    except KgError as error:
        return direct.whole(problems.of_error(error), name, asked.others, ""), ""
    arguments = {**asked.arguments, "query": text}
    answer, trace = _answered(graph, functions, asked.kind, arguments, gzip=asked.gzip)
    return direct.whole(answer, name, asked.others, text), trace


def _answered(
    graph: Graph, functions: Mapping[str, Function], kind: str, arguments: Mapping[str, Any], *, gzip: bool
) -> tuple[Answer, str]:
    try:
        answer = functions[kind](graph, arguments)
        return (_compressed(answer) if gzip else answer), ""
    except KgError as error:
        return problems.of_error(error), ""
    except MemoryError:
        return problems.problem(507, "the answer needs more memory than a request may take"), "memory"
    except BaseException as error:  # noqa: BLE001  (the engine's panics are no Exceptions)
        said = "".join(traceback.format_exception(error, limit=-8))
        return problems.problem(500, "this is a fault of the server, which has noted it"), said


def _compressed(answer: Answer) -> Answer:
    if len(answer.body) < _COMPRESSED_FROM or any(name == "content-encoding" for name, _ in answer.headers):
        return answer
    return Answer(
        answer.status,
        answer.media_type,
        gzip.compress(answer.body, 4, mtime=0),
        (*answer.headers, ("content-encoding", "gzip")),
    )


def _bound(memory: int) -> None:
    """Give up what a worker does not need: files, sockets, writing, and more memory than `memory` on top."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    stack = _STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if (taken := address_space()) is not None:
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # last: after it nothing can be looked up


def address_space() -> int | None:
    """Return how many bytes of addresses this process has taken; None where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[0]
    except OSError:
        return None
    return int(pages) * resource.getpagesize()
