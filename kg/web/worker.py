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
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from kg.errors import KgError
from kg.web import frames, problems
from kg.web.tasks import Answer

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.web.tasks import Function

# The engine recurses over a query; the more stack it has, the deeper a query may be that only looks dangerous.
_STACK = 64 * 1024 * 1024
# Behind the clock of the pool, should that process be gone: seconds of computing more than the clock allows.
_GRACE = 3
_COMPRESSED_FROM = 1400
_PIECE = 1 << 16


def work(jobs: socket.socket, graph: Graph, functions: Mapping[str, Function], memory: int) -> NoReturn:
    """Do tasks until there are no more, then end the process."""
    try:
        _bound(memory)
        orders: list[dict[str, Any]] = []
        reader = frames.Reader(lambda head, _: orders.append(head))
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        highest = usage.ru_maxrss * 1024 + memory // 4
        last = False
        jobs.sendall(frames.packed({"started": os.getpid()}))
        while not last and (data := jobs.recv(_PIECE)):
            reader.feed(data)
            while orders and not last:
                order = orders.pop()
                end = int(usage.ru_utime + usage.ru_stime + order["clock"]) + _GRACE
                resource.setrlimit(resource.RLIMIT_CPU, (end, hard))
                answer, trace = _done(graph, functions, order)
                usage = resource.getrusage(resource.RUSAGE_SELF)
                # What one task made of this process must not be the next one's memory error.
                last = bool(trace) or usage.ru_maxrss * 1024 > highest
                head = {
                    "status": answer.status,
                    "media_type": answer.media_type,
                    "headers": answer.headers,
                    "last": last,
                    "trace": trace,
                }
                jobs.sendall(frames.packed(head, answer.body))
    finally:
        os._exit(0)


def _done(graph: Graph, functions: Mapping[str, Function], order: Mapping[str, Any]) -> tuple[Answer, str]:
    """Return the answer to an order; where it failed in a way nobody foresaw, how."""
    try:
        answer = functions[order["kind"]](graph, order["arguments"])
        return (_compressed(answer) if order["gzip"] else answer), ""
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
