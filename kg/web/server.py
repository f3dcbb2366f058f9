"""The HTTP server: sockets, patience with clients, signals, and the order of starting and stopping."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TextIO

import uvicorn

from kg.errors import KgError
from kg.web.app import application
from kg.web.connection import HEADERS, Connection
from kg.web.generation import Facts
from kg.web.limits import Limits
from kg.web.pool import Pool
from kg.web.replacement import located, watch

_KEEP_ALIVE = 20  # seconds between two requests
_BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address, port 0 being any free one; KgError where that is not possible."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        raise KgError(
            f"{host}:{port} cannot be listened at: {error.strerror or error}", "another --port, or --port 0"
        ) from error
    return bound


def run(
    place: Path,
    bound: socket.socket,
    limits: Limits,
    *,
    host: str,
    hosts: tuple[str, ...] = (),
    origins: tuple[str, ...] = (),
    log: TextIO | None = None,
    ready: Callable[[Facts], None],
) -> None:
    """Serve the graph at a place until a signal ends it; KgError where the graph cannot be loaded."""
    with asyncio.Runner(loop_factory=_loops()) as runner:
        runner.run(_run(place, bound, limits, host, hosts, origins, log, ready))


def _loops() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes an event loop: uvloop where it is installed, which takes half the time for an event."""
    try:
        made: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    except ModuleNotFoundError:
        return None
    return made


async def _run(
    place: Path,
    bound: socket.socket,
    limits: Limits,
    host: str,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    log: TextIO | None,
    ready: Callable[[Facts], None],
) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    pool = Pool(limits)
    app, shortcut = application(pool, host, hosts=hosts, origins=origins, log=log)
    config = uvicorn.Config(
        app,
        http=partial(Connection, shortcut),  # type: ignore[arg-type]  # it is only called
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=int(limits.clock) + 2,
        h11_max_incomplete_event_size=limits.max_body + HEADERS,
    )
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopping.set)
    try:
        begun = located(place)
        loading = asyncio.ensure_future(pool.serve(begun))
        stop = asyncio.ensure_future(stopping.wait())
        await asyncio.wait([loading, stop], return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            loading.cancel()
            await asyncio.wait([loading])
            return
        facts = loading.result()
        watching = asyncio.ensure_future(watch(pool, place, begun))
        server = _Server(config, lambda: ready(facts))
        serving = asyncio.ensure_future(server.serve(sockets=[bound]))
        await asyncio.wait([serving, stop], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        watching.cancel()
        await asyncio.wait([watching])
    finally:
        await pool.close()


class _Server(uvicorn.Server):
    """A server whose signals are somebody else's business, and which says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what is there now stays: to look through it for garbage would hold requests up
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
