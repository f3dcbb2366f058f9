"""Publishing a graph to a SPARQL server: what changed and nothing else, and again from where it broke.

The store's record (`kg/record.py`) is written before and after each step, so that a store that is not whole says so.
Where the server keeps its default graph apart, the union of the named graphs is kept in it, as `kg/store.py` does
here: queries then answer the same on both sides. Every graph is read back and compared line by line. Of several
who publish to the same store at the same time one goes on, and the others wait (`kg/turns.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg import export, publication, record, turns
from kg.errors import KgError, RemoteError
from kg.lines import Lines, split
from kg.queries.texts import filled, listed, text
from kg.record import Entry, Record
from kg.stores import DEFAULT, Store
from kg.terms import PUBLICATION, bare

Progress = Callable[[int, int], None]

_GRAPHS, _STATEMENTS = 64, 50_000  # of one step
_COUNTED = 400  # graphs in one query
# Nodes without a name, and statements about statements: neither can be sent twice and be the same.
_TYPED = re.compile(
    rb'(\S+ \S+ )".*"(\^\^<http://www\.w3\.org/2001/XMLSchema#(?!string>)\w+> \.\n)', re.DOTALL
)
_NAMELESS = re.compile(rb"(?:_:|<<|\S+ \S+ (?:_:|<<))")


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A statement as it was given, and as the store holds it: the same but for how a number, date or span is written."""

    given: str
    held: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was published, or would be: named graphs pushed and removed, how many were there as they are.

    `statements` are those pushed, `left_out` the graphs whose licence forbids derivatives, `rewritten` what the
    store keeps in another form.
    """

    pushed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    statements: int
    left_out: tuple[str, ...]
    rewritten: tuple[Rewriting, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the store is another for it."""
        return bool(self.pushed or self.removed)


def publish(
    lines: Lines,
    version: str,
    store: Store,
    *,
    all_licences: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    notify: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Let a store hold the named graphs of a graph, and say which version of it they are.

    Graphs that were not published from here are left alone. With `dry_run` nothing is written; `notify` is told
    where another publisher is waited for. RemoteError where the server cannot be written to, or does not give
    back what it was given: the store then says that it is incomplete, and the next publication goes on from there.
    """
    left_out = () if all_licences else export.restricted(lines)
    lines = lines.without(left_out)
    version = publication.digest("\n".join((version, *left_out)).encode()) if left_out else version
    held = _held(store)
    if _is_there(version, held):
        return Outcome((), (), len(held.known), 0, left_out)
    wanted = _entries(lines)
    if dry_run:
        return _outcome(held, wanted, left_out)
    store.find()
    with turns.taken(store, notify) as check:
        return _carried_out(lines, version, store, wanted, left_out, progress, check)


def _is_there(version: str, held: _Held) -> bool:
    """Whether a store says that it holds a version, and nothing speaks against it."""
    return held.record == Record(version, complete=True, united=held.apart) and held.whole == held.known


def _outcome(held: _Held, wanted: Mapping[str, Entry], left_out: tuple[str, ...]) -> Outcome:
    """Return what is to be done."""
    push = tuple(graph for graph in sorted(wanted) if held.whole.get(graph) != wanted[graph])
    remove = tuple(graph for graph in sorted(held.known) if graph not in wanted)
    statements = sum(wanted[graph].triples for graph in push)
    return Outcome(push, remove, len(wanted) - len(push), statements, left_out)


def _carried_out(
    lines: Lines,
    version: str,
    store: Store,
    wanted: Mapping[str, Entry],
    left_out: tuple[str, ...],
    progress: Progress | None,
    check: Callable[[], None],
) -> Outcome:
    """Do what is to be done, now that nobody else changes the store; `check` raises RemoteError if somebody does."""
    held = _held(store)  # what it held before may be what another publisher has replaced since
    if _is_there(version, held):
        return Outcome((), (), len(held.known), 0, left_out)
    outcome = _outcome(held, wanted, left_out)
    former, apart = held.record, held.apart
    if former is None:
        former = Record(version, complete=False, united=False)
        store.change(bare(PUBLICATION), (), former.lines())
        apart = not store.endpoint.holds(text("stores", "united"))
    # Graphs that were published without the union are in it only when all have been sent again.
    begun = Record(version, complete=False, united=apart and (former.united or not held.known))
    _note(store, former.lines(), begun.lines())
    step = _Step(store, lines, held.known, united=apart)
    done = 0
    rewritten: list[Rewriting] = []
    contents = _contents(lines, frozenset(outcome.pushed))
    for graphs in _batches(outcome.pushed, wanted):
        check()
        rewritten += step.push({graph: _split(contents.pop(graph)) for graph in graphs}, wanted)
        done += sum(wanted[graph].triples for graph in graphs)
        if progress:
            progress(done, outcome.statements)
    for some in _some(outcome.removed, _GRAPHS):
        check()
        step.remove(some)
    _verify(store, lines, wanted, united=apart)
    check()
    _note(store, begun.lines(), Record(version, complete=True, united=apart).lines())
    return replace(outcome, rewritten=tuple(rewritten))


@dataclass(frozen=True, slots=True)
class _Held:
    """What a store holds: its record, what that says of each graph, and those of which as much is there.

    `apart` tells that its default graph is not the union of the named ones by itself.
    """

    record: Record | None
    known: Mapping[str, Entry]
    whole: Mapping[str, Entry]
    apart: bool


def _held(store: Store) -> _Held:
    """Return what a store holds by its record, and by counting."""
    found = record.read(store.endpoint)
    if found is None:
        return _Held(None, {}, {}, apart=False)
    known = record.entries(store.endpoint)
    apart = not store.endpoint.holds(text("stores", "united"))
    counts = _counts(store, known)
    whole = {graph: entry for graph, entry in known.items() if counts.get(graph, 0) == entry.triples}
    # A store that united its graphs when it was published to, and no longer does, lacks the union.
    return _Held(found, known, {} if apart and not found.united else whole, apart)


@dataclass(frozen=True, slots=True)
class _Step:
    """Changes some graphs at a time; `known` is what the store's record said of them at first."""

    store: Store
    lines: Lines
    known: Mapping[str, Entry]
    united: bool

    def push(self, contents: Mapping[str, Sequence[bytes]], wanted: Mapping[str, Entry]) -> list[Rewriting]:
        """Let named graphs hold what they are to hold, and see that they do; return what is written otherwise."""
        graphs = tuple(contents)
        self._forget(graphs, {line for each in contents.values() for line in each})
        pending = {graph: Entry(graph, 0, "") for graph in graphs}
        self._note(graphs, self.known, pending)
        for graph, lines in contents.items():
            self.store.replace(graph, lines)
        if self.united:
            self.store.add(DEFAULT, sorted({line for each in contents.values() for line in each}))
        rewritten = [
            each
            for graph, lines in contents.items()
            for each in _compare(graph, lines, self.store.read(graph))
        ]
        self._note(graphs, pending, wanted)
        return rewritten

    def remove(self, graphs: Sequence[str]) -> None:
        """Remove named graphs, and then what the record says of them."""
        self._forget(graphs, frozenset())
        for graph in graphs:
            self.store.drop(graph)
        self._note(graphs, self.known, {})

    def _forget(self, graphs: Sequence[str], kept: Iterable[bytes]) -> None:
        """Take out of the union what only the former contents of these graphs said."""
        held = [graph for graph in graphs if graph in self.known]
        if not self.united or not held:
            return
        gone = {line for graph in held for line in self.store.read(graph)}.difference(kept)
        if not gone:
            return
        begins = {_beginning(line) for line in gone}
        said = {line for line in self.lines.triples() if _beginning(line) in begins}
        self.store.change(DEFAULT, sorted(gone - said - normal(said)), ())

    def _note(self, graphs: Sequence[str], before: Mapping[str, Entry], after: Mapping[str, Entry]) -> None:
        _note(self.store, _all_lines(graphs, before), _all_lines(graphs, after))


def normal(lines: Iterable[bytes]) -> set[bytes]:
    """Return N-Triples lines as the engine here keeps them.

    Language tags in lower case, numbers and dates in their shortest form: stores write the same value in
    different ways, and this is the form in which they are compared.
    """
    store = ox.Store()
    store.load(b"".join(lines), ox.RdfFormat.N_TRIPLES, lenient=True)
    text = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""
    return set(text.splitlines(keepends=True))


def _compare(graph: str, given: Sequence[bytes], found: Sequence[bytes]) -> list[Rewriting]:
    """Return which statements a store holds with a value in another form of the same datatype.

    RemoteError, with a statement that differs, where it does not hold what it was given.
    """
    here, there = set(given), set(found)
    missing, foreign = here - there, there - here
    if not missing and not foreign:
        return []
    missing, foreign = normal(missing), normal(foreign)
    missing, foreign = missing - foreign - there, foreign - missing - here
    ours, theirs = sorted(missing, key=_form), sorted(foreign, key=_form)
    if [_form(line) for line in ours] == [_form(line) for line in theirs] and all(map(_form, ours)):
        return [
            Rewriting(one.decode().strip(), other.decode().strip())
            for one, other in zip(ours, theirs, strict=True)
        ]
    words, line = ("lacks", min(missing)) if missing else ("adds", min(foreign))
    raise RemoteError(
        f"the server does not hold {graph} as it was given: it {words} {line.decode().strip()[:300]}",
        hint="publish again; if it comes back, the server rewrites what it stores",
    )


def _form(line: bytes) -> bytes:
    """Return a line without the value of its literal, nothing for one whose object has no form to choose."""
    typed = _TYPED.fullmatch(line)
    return typed[1] + typed[2] if typed else b""


def _verify(store: Store, lines: Lines, wanted: Mapping[str, Entry], *, united: bool) -> None:
    """Raise RemoteError where a graph, or the union, does not hold as much as it should."""
    counts = _counts(store, wanted)
    odd = frozenset(graph for graph, entry in wanted.items() if counts.get(graph, 0) != entry.triples)
    for graph, content in _contents(lines, odd).items():
        _compare(graph, _split(content), store.read(graph))
    if united and not odd:
        least = sum(1 for _ in lines.triples())
        held = int(str(store.endpoint.rows(text("stores", "union")).column("triples")[0]))
        if held < least:
            raise RemoteError(f"the server's default graph holds {held:,} statements, of {least:,}")


def _counts(store: Store, graphs: Iterable[str]) -> dict[str, int]:
    """Return how many statements a store holds in named graphs."""
    found: dict[str, int] = {}
    for some in _some(sorted(graphs), _COUNTED):
        rows = store.endpoint.rows(filled("stores", "sizes", graphs=listed(some)))
        found |= {str(row["graph"]): int(str(row["triples"])) for row in rows}
    return found


def _entries(lines: Lines) -> dict[str, Entry]:
    """Return what the record is to say of each named graph; KgError for what cannot be published."""
    found: dict[bytes, tuple[hashlib._Hash, list[int]]] = {}
    for line in lines:
        graph = split(line)[1]
        if not graph:
            raise KgError(
                "only named graphs are published, and this graph holds statements in none",
                "save it as TriG or N-Quads with names for its graphs",
            )
        if _NAMELESS.match(line):
            raise KgError(
                f"{graph.decode()} holds nodes without a name, which no server can be told twice",
                "give them IRIs",
            )
        if graph not in found:
            found[graph] = (hashlib.sha256(), [0])
        digest, count = found[graph]
        digest.update(line)
        count[0] += 1
    return {
        (name := graph[1:-1].decode()): Entry(name, count[0], digest.hexdigest())
        for graph, (digest, count) in found.items()
    }


def _contents(lines: Lines, graphs: frozenset[str]) -> dict[str, bytearray]:
    """Return the N-Triples lines of named graphs, each a sorted text; lists would take several times the room."""
    found = {f"<{graph}>".encode(): bytearray() for graph in graphs}
    for line in lines if graphs else ():
        triple, graph = split(line)
        if graph in found:
            found[graph] += triple + b" .\n"
    return {graph[1:-1].decode(): content for graph, content in found.items()}


def _split(content: bytearray) -> list[bytes]:
    return bytes(content).splitlines(keepends=True)


def _batches(graphs: Iterable[str], wanted: Mapping[str, Entry]) -> Iterator[list[str]]:
    """Yield graphs in steps that are neither long nor big."""
    step: list[str] = []
    size = 0
    for graph in graphs:
        if step and (len(step) == _GRAPHS or size + wanted[graph].triples > _STATEMENTS):
            yield step
            step, size = [], 0
        step.append(graph)
        size += wanted[graph].triples
    if step:
        yield step


def _some(graphs: Sequence[str], count: int) -> Iterator[Sequence[str]]:
    """Yield so many graphs at a time."""
    for first in range(0, len(graphs), count):
        yield graphs[first : first + count]


def _all_lines(graphs: Iterable[str], entries: Mapping[str, Entry]) -> list[bytes]:
    return [line for graph in graphs if graph in entries for line in entries[graph].lines()]


def _note(store: Store, before: Sequence[bytes], after: Sequence[bytes]) -> None:
    """Let the record say something else."""
    said = set(after)
    less = [line for line in before if line not in said]
    store.change(bare(PUBLICATION), less, after)


def _beginning(line: bytes) -> bytes:
    """Return the subject and predicate of a line."""
    return line[: line.index(b" ", line.index(b" ") + 1)]
