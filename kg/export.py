"""A graph as a file in a format told by its suffix: the same graph gives the same bytes, at any size.

Everything is made from the sorted N-Quads lines, a piece at a time, beside the target, which is then replaced in
one step.
"""

from __future__ import annotations

import shutil
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import KgError, NotFoundError
from kg.terms import PREFIXES

_STEP = 1 << 16


@dataclass(frozen=True, slots=True)
class Lines:
    """The sorted N-Quads lines of a graph, in a file or in memory."""

    place: bytes | Path

    def __iter__(self) -> Iterator[bytes]:
        if isinstance(self.place, bytes):
            yield from self.place.splitlines(keepends=True)
        else:
            with self.place.open("rb") as source:
                yield from source


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a graph: its suffixes, its media type, and whether it keeps the named graphs apart."""

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    has_graphs: bool
    write: Callable[[Lines, IO[bytes]], None]


def form(suffix: str) -> Format:
    """Return the format of a suffix or name (`ttl`, `.ttl`, `Turtle`); NotFoundError with those there are."""
    wanted = suffix.lower().removeprefix(".")
    for each in FORMATS:
        if wanted in each.suffixes or wanted == each.name.lower():
            return each
    raise NotFoundError(f"no format has the suffix {suffix!r}", tuple(each.suffixes[0] for each in FORMATS))


def save(lines: Lines, target: Path, name: str = "") -> None:
    """Write a graph to a file, in the format of its suffix or the one named; all of it or nothing."""
    chosen = form(name or target.suffix)
    fresh = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        with fresh.open("xb") as file:
            chosen.write(lines, file)
        fresh.replace(target)
    except OSError as error:
        raise KgError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        fresh.unlink(missing_ok=True)


def _nquads(lines: Lines, target: IO[bytes]) -> None:
    """Copy the published lines."""
    if isinstance(lines.place, bytes):
        target.write(lines.place)
    else:
        with lines.place.open("rb") as source:
            shutil.copyfileobj(source, target, 1 << 20)


def _ntriples(lines: Lines, target: IO[bytes]) -> None:
    """Write each triple once, whichever graphs it is in."""
    target.writelines(_triples(lines))


def _turtle(lines: Lines, target: IO[bytes]) -> None:
    quads = _parsed(_triples(lines), ox.RdfFormat.N_TRIPLES)
    ox.serialize(quads, cast("IO[bytes]", _Prefixed(target)), ox.RdfFormat.TURTLE, prefixes=PREFIXES)


def _trig(lines: Lines, target: IO[bytes]) -> None:
    quads = _parsed(_by_graph(lines), ox.RdfFormat.N_QUADS)
    ox.serialize(quads, cast("IO[bytes]", _Prefixed(target)), ox.RdfFormat.TRIG, prefixes=PREFIXES)


def _jsonld(lines: Lines, target: IO[bytes]) -> None:
    ox.serialize(_parsed(_by_graph(lines), ox.RdfFormat.N_QUADS), target, ox.RdfFormat.JSON_LD)


def _triples(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the triples of sorted quads as N-Triples lines; equal ones stand next to each other."""
    last = b""
    for line in lines:
        triple = _split(line)[0]
        if triple != last:
            yield triple + b" .\n"
            last = triple


def _by_graph(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield quads graph by graph, in the order of the graphs' names."""
    graphs: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for line in lines:
        graphs[_split(line)[1]].append(line)
    for graph in sorted(graphs):
        yield from graphs[graph]


def _split(line: bytes) -> tuple[bytes, bytes]:
    """Return the triple of an N-Quads line, and the name of its graph, empty for the default graph."""
    said = line[:-3]
    quote = said.rfind(b'"')
    if quote < 0:
        triple, _, graph = said.rpartition(b" ") if said.count(b" ") == 3 else (said, b"", b"")
        return triple, graph
    cut = said.find(b" ", quote)  # only a literal holds quotes, and after it stands at most a graph
    return (said, b"") if cut < 0 else (said[:cut], said[cut + 1 :])


def _parsed(lines: Iterable[bytes], form: ox.RdfFormat) -> Iterator[ox.Quad]:
    """Yield the quads of lines, parsed some at a time."""
    pile: list[bytes] = []
    for line in lines:
        pile.append(line)
        if len(pile) == _STEP:
            yield from ox.parse(b"".join(pile), form)
            pile.clear()
    yield from ox.parse(b"".join(pile), form)


class _Prefixed:
    """A file that gets a Turtle or TriG text with its prefixes in alphabetical order.

    The engine writes prefixes first, in an order that differs from run to run.
    """

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._head: bytes | None = b""

    def write(self, data: bytes) -> int:
        if self._head is None:
            self._target.write(data)
            return len(data)
        self._head += data
        lines = self._head.split(b"\n")
        for number, line in enumerate(lines[:-1]):
            if not line.startswith(b"@prefix"):
                self._target.writelines(each + b"\n" for each in sorted(lines[:number]))
                self._target.write(b"\n".join(lines[number:]))
                self._head = None
                break
        return len(data)

    def flush(self) -> None:
        if self._head is not None:
            self._target.writelines(each + b"\n" for each in sorted(self._head.splitlines()))
            self._head = None


FORMATS: tuple[Format, ...] = (
    Format("N-Quads", ("nq", "nquads"), "application/n-quads", True, _nquads),
    Format("TriG", ("trig",), "application/trig", True, _trig),
    Format("Turtle", ("ttl", "turtle"), "text/turtle", False, _turtle),
    Format("N-Triples", ("nt", "ntriples"), "application/n-triples", False, _ntriples),
    Format("JSON-LD", ("jsonld",), "application/ld+json", True, _jsonld),
)
