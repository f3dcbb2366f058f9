"""The engine over a graph: in memory for a small one, an index on disk for a big one.

The published lines are the truth. An index is made from them when it is first wanted, appears whole or not at
all, and is opened in a moment ever after.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import SourceError
from kg.lines import Lines
from kg.publication import Version

# A graph below this size loads in about a second; an index over it would save nothing.
INDEXED_FROM = 16 * 1024 * 1024
Notify = Callable[[str], None]
_PILE = 1000
_MAKING = "indexing-"
_UNUSABLE = (OSError, RuntimeError)  # what the engine raises of an index that it cannot read or write


def in_memory(lines: bytes | Path) -> ox.Store:
    """Return a store with the quads of N-Quads lines; SourceError where a line is wrong."""
    store = ox.Store()
    _fill(store, lines)
    return store


def over(
    version: Version, notify: Notify | None = None, made: Callable[[ox.Store], None] = lambda _: None
) -> ox.Store:
    """Return a read-only store over a published graph, making its index where one pays.

    `notify` is told before that, `made` after it.
    """
    place = version.folder / f"index-{ox.__version__}"
    if place.is_dir():
        try:
            return ox.Store.read_only(str(place))
        except _UNUSABLE:  # of a machine that lost power, perhaps: the lines are still there
            shutil.rmtree(place, ignore_errors=True)
    version.verify()
    if version.lines.stat().st_size < INDEXED_FROM or not os.access(version.folder, os.W_OK):
        return in_memory(version.lines)
    if notify:
        notify("making the index of this graph, which is done once")
    try:
        _index(version, place)
        store = ox.Store.read_only(str(place))
    except _UNUSABLE:  # a full disk must not keep anybody from asking
        return in_memory(version.lines)
    made(store)
    return store


def written(lines: Path, folder: Path) -> None:
    """Write an index of N-Quads lines into a new folder, closed when this is done; SourceError where one is wrong."""
    engine = ox.Store(str(folder))
    _fill(engine, lines)
    engine.flush()
    del engine  # closes it


def _index(version: Version, place: Path) -> None:
    """Write the index of a graph under another name, then give it its own."""
    for other in version.folder.glob(f"{_MAKING}*"):
        with suppress(FileNotFoundError), _held(other) as is_mine:
            if is_mine:  # whoever made it was killed
                shutil.rmtree(other, ignore_errors=True)
    fresh = version.folder / f"{_MAKING}{uuid.uuid4().hex[:12]}"
    fresh.mkdir()
    with _held(fresh):
        try:
            written(version.lines, fresh)
            if not place.exists():
                fresh.rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder as long as this process lives; False where another one does."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_mine = True
        except BlockingIOError:
            is_mine = False
        yield is_mine
    finally:
        os.close(handle)


def _fill(store: ox.Store, lines: bytes | Path) -> None:
    """Load the named graphs, and their union into the default graph.

    The engine can form the union by itself when it is asked, but then a triple that ten documents state is ten
    answers, and joins take several times as long.
    """
    source = {"path": str(lines)} if isinstance(lines, Path) else {"input": lines}
    try:
        if isinstance(lines, bytes) and b"_:" in lines:
            _fill_keeping_names(store, lines)
            return
        store.bulk_load(**source, format=ox.RdfFormat.N_QUADS, lenient=True)
        union = cast("IO[bytes]", _Stream(Lines(lines).triples()))
        store.bulk_load(union, ox.RdfFormat.N_TRIPLES, lenient=True)
    except SyntaxError as error:
        raise SourceError(f"not N-Quads: {error}", line=error.lineno or 0) from error


def _fill_keeping_names(store: ox.Store, lines: bytes) -> None:
    """Load lines with blank nodes so that each is the same node in its named graph and in the union."""
    quads = list(ox.parse(lines, ox.RdfFormat.N_QUADS, lenient=True))
    store.bulk_extend(quads)
    store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)


class _Stream:
    """Lines as a file that is read once."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = b"".join(islice(self._lines, _PILE))
        piece = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(piece) :]
        return piece
