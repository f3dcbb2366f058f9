"""The process that loads a graph once and forks the workers that answer from it.

It has one thread, so a fork is safe, takes milliseconds and shares the graph's memory. It is told on its control
socket to `fork` a worker (whose end of a socket comes along), to `kill` one, or to let it give way (`nice`), and
tells which have `died` and of what. When the control socket closes it ends, with all its workers.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.graph import Graph
from kg.web import frames, worker
from kg.web.tasks import functions

if TYPE_CHECKING:
    from kg.web.tasks import Function

# A tenth of the share of computing that others get: slow tasks still come to their end on a busy machine.
_NICE = 10
_SETTLING = 100
# What every graph must be able to answer before it is served.
_CANARY = "ASK { FILTER EXISTS { ?s ?p ?o } }"


class Zygote:
    """The loaded graph, and the workers forked from it by the numbers the server gave them."""

    def __init__(self, control: socket.socket, path: Path, settings: dict[str, Any]) -> None:
        self._control = control
        self._memory = int(settings["memory"])
        # In a thread of its own, which ends: its heap, full of holes after so much was read, is then not the one
        # that workers take memory from, where looking for some costs more than most queries do.
        with ThreadPoolExecutor(1) as loading:
            self._graph, self._name, self._functions, self._dump = loading.submit(_loaded, path).result()
        self._pids: dict[int, int] = {}
        self._nowhere = os.open(os.devnull, os.O_RDWR)
        # What the allocator puts off while much is being loaded, each fork would else do for itself, and copy
        # the memory for it: the first query of each worker would take half a second.
        for _ in range(_SETTLING):
            self._graph.query(_CANARY)
        gc.collect()
        gc.freeze()  # the collector shall not write into the pages that the workers share

    def facts(self) -> dict[str, Any]:
        """Return what the server wants to know of the graph."""
        return {
            "graph": self._name,
            "statements": self._graph.statements,
            "memory": worker.address_space() or 0,
            **self._dump,
        }

    def run(self) -> None:
        """Do what is ordered until there is nobody to order."""
        woken, wakes = socket.socketpair()
        for each in (woken, wakes):
            each.setblocking(False)
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            while True:
                ready, _, _ = select.select([self._control, woken], [], [])
                if woken in ready:
                    woken.recv(4096)
                    self._bury()
                if self._control in ready and not self._obey():
                    return
        except ConnectionError:  # nobody is there to be told, or what was told was never read
            return
        finally:
            signal.set_wakeup_fd(-1)
            for pid in self._pids.values():
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def _obey(self) -> bool:
        """Do the next order; False where there will be none."""
        frame = frames.received(self._control)
        if frame is None:
            return False
        order, handle = frame
        number = order["worker"]
        if order["do"] == "fork" and handle is not None:
            self._fork(number, handle)
        elif number in self._pids:  # else it died just now
            if order["do"] == "kill":
                os.kill(self._pids[number], signal.SIGKILL)
            elif order["do"] == "nice":
                os.setpriority(os.PRIO_PROCESS, self._pids[number], _NICE)
        return True

    def _fork(self, number: int, handle: int) -> None:
        try:
            pid = os.fork()
        except OSError:
            self._tell({"died": number, "signal": 0})
        else:
            if pid == 0:
                self._become(handle)
            self._pids[number] = pid
        finally:
            os.close(handle)

    def _become(self, handle: int) -> None:
        """Be a worker, with nothing open but its socket."""
        try:
            for standard in range(3):
                os.dup2(self._nowhere, standard)
            jobs = socket.socket(fileno=os.dup2(handle, 3))
            os.closerange(4, 1 << 16)
            worker.work(jobs, self._graph, self._name, self._functions, self._memory)
        finally:
            os._exit(1)

    def _bury(self) -> None:
        numbers = {pid: number for number, pid in self._pids.items()}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            number = numbers[pid]
            del self._pids[number]
            self._tell({"died": number, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0})

    def _tell(self, head: dict[str, Any]) -> None:
        self._control.sendall(frames.packed(head))


def _loaded(path: Path) -> tuple[Graph, str, dict[str, Function], dict[str, Any]]:
    """Return a graph that can answer, its hash, the functions of all kinds of tasks, and what is known of its file."""
    graph = Graph.open(path, in_memory=True)
    graph.query(_CANARY)
    return graph, graph.sha256, functions(graph), _dump(graph)


def _dump(graph: Graph) -> dict[str, Any]:
    """Return which file holds all of a graph that may be handed on, its hash, and how many graphs it lacks.

    Nothing for a graph that was not published, and where the file would have to be written, and cannot be.
    """
    version, left_out = graph.handed_on()
    if version is None:
        return {}
    return {"dump": str(version.lines), "dump_sha256": version.sha256, "left_out": len(left_out)}


def main() -> None:
    """Load the graph that the first frame on the control socket names, say so, and serve forks."""
    control = socket.socket(fileno=int(sys.argv[1]))
    frame = frames.received(control)
    if frame is None:
        return
    settings, _ = frame
    begun = time.monotonic()
    try:
        zygote = Zygote(control, Path(settings["path"]), settings)
    except (KgError, OSError, MemoryError) as error:
        said = error.message if isinstance(error, KgError) else f"{type(error).__name__}: {error}"
        hint = error.hint if isinstance(error, KgError) else ""
        control.sendall(frames.packed({"failed": said, "hint": hint}))
        return
    control.sendall(frames.packed({**zygote.facts(), "seconds": round(time.monotonic() - begun, 3)}))
    zygote.run()


if __name__ == "__main__":
    with contextlib.suppress(ConnectionError):  # the server was stopped meanwhile
        main()
