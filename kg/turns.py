"""One publisher at a time: whoever publishes says so in the store, and waits while another does.

Neither the Graph Store Protocol nor SPARQL has a lock. So each publisher writes a claim, a named graph of its own,
and has its turn when it then reads no other one: of two that write before either reads, both read both, and neither
goes on. That needs no more than a store in which a write that was answered is read by all. A claim is renewed while
its publisher lives; one that is silent for long, or whose process on this machine is gone, is removed.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import KgError, RemoteError
from kg.queries.texts import text
from kg.stores import Store
from kg.terms import PUBLICATION, bare, integer, iri, literal, term

_CLAIMS = f"{bare(PUBLICATION)}/claim/"
_BY, _COUNT = term("dcterms:creator"), term("rdf:value")
_RENEWED = 3.0  # seconds
_SILENT = 60.0  # seconds without a renewal after which a publisher is taken for dead
_PAUSE = 1.0
_held: set[str] = set()  # the claims of this very process

# A claim: who made it, and how often it was renewed.
_Claims = dict[str, tuple[str, int]]


@contextmanager
def taken(store: Store, notify: Callable[[str], None] = lambda _: None) -> Iterator[Callable[[], None]]:
    """Wait until nobody else publishes to a store, and keep others waiting while the block runs.

    Gives a function that raises RemoteError where another publisher went on meanwhile, as this one seemed dead.
    `notify` is told once that there is somebody to wait for.
    """
    name, by = _CLAIMS + uuid.uuid4().hex, _process(os.getpid())
    _held.add(name)
    try:
        _wait(store, name, by, notify)
        with _renewed(store, name, by) as lost:
            yield lambda: _check(store, name, lost)
    finally:
        with contextlib.suppress(KgError):  # whoever comes next sees that this process no longer holds it
            store.drop(name)
        _held.discard(name)


def _wait(store: Store, name: str, by: str, notify: Callable[[str], None]) -> None:
    """Write a claim when there is no other one, and again until there is no other one after that."""
    heard: dict[str, tuple[int, float]] = {}
    told = False
    while True:
        if not _alive(store, name, heard):
            store.add(name, _lines(name, by, 0))
            if not _alive(store, name, heard):
                return
            store.drop(name)
        if not told:
            notify("waiting for another publisher")
            told = True
        time.sleep(_PAUSE * (0.5 + random.random()))  # noqa: S311  (so that two do not go on in step)


def _alive(store: Store, name: str, heard: dict[str, tuple[int, float]]) -> bool:
    """Whether anybody else publishes; the claims of the dead are removed.

    `heard` keeps how often each claim had been renewed, and when that was first seen, by the clock here alone.
    """
    found = False
    for claim, (by, count) in _claims(store).items():
        if claim == name:
            continue
        if claim not in heard or heard[claim][0] != count:
            heard[claim] = (count, time.monotonic())
        silent = time.monotonic() - heard[claim][1] > _SILENT
        if silent or _is_over(claim, by):
            store.drop(claim)
        else:
            found = True
    return found


def _is_over(claim: str, by: str) -> bool:
    """Whether a claim was made by a process of this machine that is gone, or by this one, which forgot it."""
    machine, _, number = by.rpartition(" ")[0].rpartition(" ")
    if not machine or machine != _machine():
        return False
    if by == _process(os.getpid()):
        return claim not in _held
    return _process(int(number)) != by


@contextmanager
def _renewed(store: Store, name: str, by: str) -> Iterator[threading.Event]:
    """Renew a claim while the block runs; gives an event that is set when the claim was removed by others."""
    ended, lost = threading.Event(), threading.Event()
    own = store.again()

    def renew() -> None:
        count = 0
        while not ended.wait(_RENEWED):
            with contextlib.suppress(KgError):  # a server that is busy: the next time, then
                if name not in _claims(own):
                    lost.set()
                    return
                own.change(name, _lines(name, by, count)[1:], _lines(name, by, count + 1)[1:])
                count += 1

    renewing = threading.Thread(target=renew, daemon=True)
    renewing.start()
    try:
        yield lost
    finally:
        ended.set()
        renewing.join()


def _check(store: Store, name: str, lost: threading.Event) -> None:
    if lost.is_set() or name not in _claims(store):
        raise RemoteError(
            "another publisher went on, as nothing was heard of this one for long", hint="publish again"
        )


def _claims(store: Store) -> _Claims:
    """Return the claims in a store; one that is being renewed in two steps may be there twice, which is no matter."""
    rows = store.endpoint.rows(text("stores", "claims"))
    return {str(row["claim"]): (str(row["by"]), int(str(row["count"]))) for row in rows}


def _lines(name: str, by: str, count: int) -> list[bytes]:
    said = ((_BY, literal(by)), (_COUNT, integer(count)))
    return [f"{iri(name)} {prop} {value} .\n".encode() for prop, value in said]


def _machine() -> str:
    """Return a name that no other running machine or container has, empty where the system does not tell one."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _process(number: int) -> str:
    """Return a name that no other process has: machine, number, and when it began; empty for one that is gone."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return f"{uuid.getnode():x} {number} 0" if number == os.getpid() else ""
    return f"{_machine()} {number} {fields[19]}"
