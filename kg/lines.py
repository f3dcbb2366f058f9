"""A graph as sorted N-Quads lines: what each document adds, and all of it as one sorted stream.

Most lines of a document have a subject below the document's own IRI. No other document's lines come between
them, so they are sorted once, where the document is read, and move from there on as one block.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TypeAlias

from kg.nodes import Node
from kg.nodes import triples as triples_of
from kg.terms import BASE, Iri, Term, Triple

_STEP = 1 << 12
Stretch: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Share:
    """The lines of one named graph: those of its own things, and those about others, each sorted.

    `sha256` is the hash of all its lines in their order. `forms` tell which stretches of `own`, from where to
    where, show what of each form there is (see `kg.validation.forms`); those under an empty form are like no others.
    """

    graph: Iri
    own: bytes
    other: bytes
    quads: int
    sha256: str
    forms: tuple[tuple[str, tuple[Stretch, ...]], ...] = ()


def share(
    graph: Iri,
    triples: Iterable[Triple],
    base: str = BASE,
    nodes: Sequence[Node] = (),
    forms: Mapping[str, Sequence[Iri]] | None = None,
) -> Share:
    """Return triples and nodes as the lines of a named graph.

    IRIs of things get another base where one is given. `forms` name the subjects that show what of each form there
    is; where none are given, all subjects are like no others.
    """
    if base != BASE:
        graph = Iri(_rebased(graph, base))
        triples = [
            (Iri(_rebased(s, base)), Iri(_rebased(p, base)), _rebased(o, base))
            for s, p, o in (*triples, *triples_of(nodes))
        ]
        nodes, forms = (), None
    # Most of a line is its subject and graph: what is said of one subject is sorted and joined without them.
    whole: dict[Iri, list[str]] = {}
    mixed: defaultdict[Iri, list[str]] = defaultdict(list)
    for subject, said, _ in nodes:
        if whole.setdefault(subject, said) is not said:
            mixed[subject] += said
    for subject, predicate, value in triples:
        mixed[subject].append(f"{predicate} {value}")
    for subject, said in mixed.items():
        whole[subject] = sorted({*said, *whole.get(subject, ())})
    subjects = sorted(whole)
    end = f" {graph} .\n"
    quads = 0
    blocks: list[bytes] = []
    for subject in subjects:
        said = whole[subject]
        quads += len(said)
        blocks.append(f"{subject} {f'{end}{subject} '.join(said)}{end}".encode())
    return _parted(graph, subjects, blocks, quads, forms)


def sample(shares: Iterable[Share]) -> Iterator[bytes]:
    """Yield lines that show what of each form there is, and all that is like no other; equal ones of others' things once."""
    forms: set[str] = set()
    said: set[bytes] = set()
    for each in shares:
        graph = len(f" {each.graph} .".encode())
        fresh = [triple for line in each.other.splitlines() if (triple := line[:-graph]) not in said]
        said.update(fresh)
        if fresh:
            yield b" .\n".join([*fresh, b""])
        stretches = {
            stretch for form, found in each.forms if not form or form not in forms for stretch in found
        }
        yield from (each.own[start:end] for start, end in sorted(stretches))
        forms.update(form for form, _ in each.forms)


def block(whole: mmap | bytes, graph: Iri, length: int) -> bytes:
    """Return the lines of a graph's own things out of all sorted lines, given how many bytes they are."""
    start = first_line(whole, _prefix(graph).encode())
    return whole[start : start + length]


def first_line(whole: mmap | bytes, prefix: bytes) -> int:
    """Return where the first of all sorted lines begins that is not below a prefix."""
    low, high = 0, len(whole)
    while low < high:  # between lines: `low` and `high` are where lines begin
        middle = whole.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = whole.find(b"\n", middle) + 1 or len(whole)
        if whole[middle:end] < prefix:
            low = end
        else:
            high = middle
    return low


def united(shares: Sequence[Share]) -> Share:
    """Return several shares of one graph as one."""
    if len(shares) == 1:
        return shares[0]
    lines = {line for each in shares for line in (each.own + each.other).splitlines(keepends=True)}
    return of_lines(shares[0].graph, sorted(lines))


def merged(shares: Iterable[Share]) -> Iterator[bytes]:
    """Yield all lines of shares of different graphs in byte order, in pieces: mostly one for each document."""
    blocks: list[tuple[bytes, bytes]] = []
    loose: list[bytes] = []
    for each in shares:
        loose += each.other.splitlines(keepends=True)
        if each.own:
            blocks.append((_prefix(each.graph).encode(), each.own))
    blocks.sort()
    piled: list[tuple[bytes, bytes]] = []
    for prefix, block in blocks:
        if piled and prefix.startswith(piled[-1][0]):  # a graph below another: its lines come between
            loose += block.splitlines(keepends=True)
        else:
            piled.append((prefix, block))
    loose.sort()
    return _pieces(piled, loose)


def _pieces(blocks: list[tuple[bytes, bytes]], loose: list[bytes]) -> Iterator[bytes]:
    """Yield blocks as they are, and loose lines in their places between and within them."""
    done = 0
    for prefix, block in blocks:
        first = bisect_left(loose, prefix, done)
        last = bisect_left(loose, prefix + b"\xff", first)
        yield from _joined(loose, done, first)
        if first < last:
            yield b"".join(sorted(block.splitlines(keepends=True) + loose[first:last]))
        else:
            yield block
        done = last
    yield from _joined(loose, done, len(loose))


def _joined(lines: list[bytes], start: int, end: int) -> Iterator[bytes]:
    """Yield a stretch of lines, some thousands at a time."""
    for place in range(start, end, _STEP):
        yield b"".join(lines[place : min(place + _STEP, end)])


@dataclass(frozen=True, slots=True)
class Lines:
    """The sorted N-Quads lines of a whole graph, in a file, in memory, or in a file mapped to memory."""

    place: bytes | Path | mmap
    left_out: frozenset[bytes] = frozenset()

    def __iter__(self) -> Iterator[bytes]:
        if self.left_out:
            yield from (line for line in self._all() if split(line)[1] not in self.left_out)
        else:
            yield from self._all()

    def _all(self) -> Iterator[bytes]:
        if isinstance(self.place, bytes):
            yield from self.place.splitlines(keepends=True)
        elif isinstance(self.place, mmap):
            start = 0
            while end := self.place.find(b"\n", start) + 1:
                yield self.place[start:end]
                start = end
        else:
            with self.place.open("rb") as source:
                yield from source

    @contextmanager
    def mapped(self) -> Iterator[bytes | mmap]:
        """Give all lines as bytes to look for something in."""
        if isinstance(self.place, Path):
            held = mapped(self.place)
            yield held
            if isinstance(held, mmap):
                held.close()
        else:
            yield self.place

    def count(self) -> int:
        """Return how many lines there are."""
        if self.left_out or isinstance(self.place, bytes):
            return sum(1 for _ in self)
        with self.mapped() as whole:
            return sum(whole[start : start + _STEP].count(b"\n") for start in range(0, len(whole), _STEP))

    def without(self, graphs: Iterable[str]) -> Lines:
        """Return the lines of all graphs but these, named by their IRIs."""
        return replace(self, left_out=self.left_out.union(f"<{graph}>".encode() for graph in graphs))

    def triples(self) -> Iterator[bytes]:
        """Yield the union of the graphs as sorted N-Triples lines, each once: equal ones follow one another."""
        last = b""
        for line in self:
            triple = split(line)[0]
            if triple != last:
                yield triple + b" .\n"
                last = triple

    def by_graph(self) -> Iterator[bytes]:
        """Yield the lines graph by graph, in the order of the graphs' names."""
        graphs: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for line in self:
            graphs[split(line)[1]].append(line)
        for graph in sorted(graphs):
            yield from graphs[graph]


def mapped(file: Path) -> bytes | mmap:
    """Return what a file holds without reading it; it need not stay open."""
    if not file.stat().st_size:
        return b""
    with file.open("rb") as source:
        return mmap(source.fileno(), 0, access=ACCESS_READ)


def split(line: bytes) -> tuple[bytes, bytes]:
    """Return the triple of an N-Quads line, and the name of its graph, empty for the default graph."""
    said = line[:-3]
    quote = said.rfind(b'"')
    if quote < 0:
        triple, _, graph = said.rpartition(b" ") if said.count(b" ") == 3 else (said, b"", b"")
        return triple, graph
    cut = said.find(b" ", quote)  # only a literal holds quotes, and after it stands at most a graph
    return (said, b"") if cut < 0 else (said[:cut], said[cut + 1 :])


def of_lines(graph: Iri, lines: Sequence[bytes]) -> Share:
    """Return sorted lines, none twice, as the share of a named graph."""
    return _parted(graph, [line.decode() for line in lines], lines, len(lines))


def _parted(
    graph: Iri,
    beginnings: Sequence[str],
    blocks: Sequence[bytes],
    quads: int,
    forms: Mapping[str, Sequence[Iri]] | None = None,
) -> Share:
    """Return sorted blocks of lines as a share, given how each block begins."""
    prefix = _prefix(graph)
    first = bisect_left(beginnings, prefix)
    last = bisect_left(beginnings, prefix + "\U0010ffff", first)
    before, own, after = (b"".join(part) for part in (blocks[:first], blocks[first:last], blocks[last:]))
    digest = hashlib.sha256(before)
    digest.update(own)
    digest.update(after)
    stretches: tuple[tuple[str, tuple[Stretch, ...]], ...] = (("", ((0, len(own)),)),)
    if forms is not None:
        ends = list(accumulate(map(len, blocks[first:last]), initial=0))
        places = dict(zip(beginnings[first:last], pairwise(ends), strict=True))
        stretches = tuple((form, tuple(places[each] for each in shown)) for form, shown in forms.items())
    return Share(graph, own, before + after, quads, digest.hexdigest(), stretches)


def _prefix(graph: Iri) -> str:
    return graph[:-1] + "/"


def _rebased(term: Term, base: str) -> Iri:
    return Iri(f"<{base}{term[len(BASE) + 1 :]}" if term.startswith(f"<{BASE}") else term)
