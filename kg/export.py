"""A graph as a file in an RDF syntax told by its suffix: the same graph gives the same bytes, at any size.

Everything is made from the sorted N-Quads lines, a piece at a time, beside the target, which is then replaced in
one step.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg import jsonld
from kg.errors import KgError, NotFoundError
from kg.licences import forbids_derivatives
from kg.lines import Lines
from kg.terms import PREFIXES, term

_STEP = 1 << 16
_LICENCE = f" {term('dcterms:license')} <".encode()


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
    """Write a graph to a file, in the RDF syntax of its suffix or the one named; all of it or nothing."""
    chosen = form(name or target.suffix)
    atomically(target, partial(chosen.write, lines))


def atomically(target: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Let a function write to a file beside the target, and put it in its place when it is whole."""
    fresh = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        with fresh.open("xb") as file:
            write(file)
        fresh.replace(target)
    except OSError as error:
        raise KgError(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        fresh.unlink(missing_ok=True)


def restricted(lines: Lines) -> tuple[str, ...]:
    """Return the named graphs whose licence forbids derivatives, by the licence each says of itself."""
    with lines.mapped() as whole:
        found = set()
        start = whole.find(_LICENCE)
        while start >= 0:
            line = whole[whole.rfind(b"\n", 0, start) + 1 : whole.find(b"\n", start)]
            subject, _, licence, graph, _ = line.split(b" ")
            if subject == graph and forbids_derivatives(licence[1:-1].decode()):
                found.add(graph[1:-1].decode())
            start = whole.find(_LICENCE, start + 1)
    return tuple(sorted(found))


def _nquads(lines: Lines, target: IO[bytes]) -> None:
    """Copy the published lines."""
    if lines.left_out:
        target.writelines(lines)
    elif not isinstance(lines.place, Path):
        target.write(lines.place)
    else:
        with lines.place.open("rb") as source:
            shutil.copyfileobj(source, target, 1 << 20)


def _ntriples(lines: Lines, target: IO[bytes]) -> None:
    """Write each triple once, whichever graphs it is in."""
    target.writelines(lines.triples())


def _turtle(lines: Lines, target: IO[bytes]) -> None:
    quads = _parsed(lines.triples(), ox.RdfFormat.N_TRIPLES)
    ox.serialize(quads, cast("IO[bytes]", _Prefixed(target)), ox.RdfFormat.TURTLE, prefixes=PREFIXES)


def _trig(lines: Lines, target: IO[bytes]) -> None:
    quads = _parsed(lines.by_graph(), ox.RdfFormat.N_QUADS)
    ox.serialize(quads, cast("IO[bytes]", _Prefixed(target)), ox.RdfFormat.TRIG, prefixes=PREFIXES)


def _jsonld(lines: Lines, target: IO[bytes]) -> None:
    jsonld.write(_parsed(lines.by_graph(), ox.RdfFormat.N_QUADS), target)


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
