"""Each file into its share of the graph, on as many processors as there are; a bad file is an issue, no more."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from kg import concepts, derivation, inputs
from kg.errors import Issue, SourceError
from kg.inputs import File, Watched
from kg.lines import Share, share
from kg.sources import Input
from kg.sources.recognition import obstacle, recognise
from kg.validation import forms

CHUNK = 50
# A page takes milliseconds, the largest catalog seconds.
SECONDS_PER_FILE = 120
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker needs to know: the registries, the base of IRIs, and which files there are."""

    ontology: Path
    base: str
    max_bytes: int
    neighbours: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: which source read it, its share of the graph, what was not understood.

    `source` is empty and `share` None where the file could not be read. `selected` is what each derivation
    wants to conclude from. `depends` is the state of each neighbour that was looked at.
    """

    path: str
    sha256: str
    source: str
    share: Share | None
    issues: tuple[Issue, ...]
    counts: Mapping[str, int]
    selected: tuple[object, ...]
    depends: Mapping[str, str]


def read_all(
    files: Sequence[File], task: Task, workers: int = 0, progress: Progress | None = None
) -> list[Outcome]:
    """Return what became of each file, in their order; workers 0 means one for each processor."""
    workers = workers or os.cpu_count() or 1
    chunks = [tuple(files[start : start + CHUNK]) for start in range(0, len(files), CHUNK)]
    if workers == 1 or len(chunks) < 2:
        return list(_counted((read_one(file, task) for file in files), len(files), progress))
    done: dict[tuple[File, ...], list[Outcome]] = {}
    with _pool(min(workers, len(chunks)), task) as pool:
        waiting = {pool.submit(_read_chunk, chunk): chunk for chunk in chunks}
        ready = 0
        for future in as_completed(waiting):
            chunk = waiting[future]
            done[chunk] = _result(future) or []
            ready += len(done[chunk])
            if progress and done[chunk]:
                progress(ready, len(files))
    # A worker that died took the other chunks with it: their files are read one by one, to find which it was.
    lost = [file for chunk in chunks if not done[chunk] for file in chunk]
    again = dict(zip(lost, _one_by_one(lost, task), strict=True))
    return [outcome for chunk in chunks for outcome in (done[chunk] or [again[file] for file in chunk])]


def read_one(file: File, task: Task) -> Outcome:
    """Return what became of one file; nothing that is in it raises."""
    data = inputs.read(file, task.max_bytes)
    if isinstance(data, Issue):
        return _unread(file, data)
    watched = Watched(task.neighbours)
    item = Input(file.path, data, watched)
    trouble = obstacle(item)
    if trouble:
        return _unread(file, trouble, item.sha256)
    try:
        with _clock(SECONDS_PER_FILE):
            source = recognise(item)
            if source is None:
                trouble = Issue(file.path, 0, "unrecognised", "no source reads this kind of file")
                return _unread(file, trouble, item.sha256)
            found = source.extract(item, concepts.load(task.ontology))
            selected = tuple(each.select(found) for each in derivation.DERIVATIONS)
            shown = None if found.triples else forms.shown(found.graph, found.nodes)
            lines = share(found.graph, found.triples, task.base, found.nodes, shown)
    except SourceError as error:
        return _unread(file, Issue(file.path, error.line, error.code, error.message))
    except TimeoutError:
        return _unread(file, Issue(file.path, 0, "too-slow", f"not read within {SECONDS_PER_FILE} seconds"))
    except RecursionError:
        return _unread(file, Issue(file.path, 0, "too-deep", "nested more deeply than can be read"))
    except MemoryError:
        return _unread(file, Issue(file.path, 0, "too-large", "more than fits into memory"))
    except Exception as error:  # noqa: BLE001  # a fault of ours must cost one file, not the build
        where = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return _unread(file, Issue(file.path, 0, "fault", f"please report this: {where}"))
    return Outcome(
        path=file.path,
        sha256=item.sha256,
        source=source.name,
        share=lines,
        issues=found.issues,
        counts=dict(found.counts),
        selected=selected,
        depends=watched.depends(),
    )


def _unread(file: File, issue: Issue, sha256: str = "") -> Outcome:
    """Return the outcome of a file that could not be read; without a hash it is tried again the next time."""
    return Outcome(file.path, sha256, "", None, (issue,), {}, (), {})


def _counted(outcomes: Iterator[Outcome], total: int, progress: Progress | None) -> Iterator[Outcome]:
    for number, outcome in enumerate(outcomes, 1):
        yield outcome
        if progress:
            progress(number, total)


_task: list[Task] = []


def _start(task: Task) -> None:
    """Make a process a worker: it knows its task, leaves Ctrl-C to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    _task[:] = [task]
    concepts.load(task.ontology)


def _follow_parent() -> None:
    """End this process when the one that started it has ended, killed perhaps."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _read_chunk(files: Sequence[File]) -> list[Outcome]:
    return [read_one(file, _task[0]) for file in files]


@contextmanager
def _pool(workers: int, task: Task) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of workers; where the block is left by an error, Ctrl-C for one, waiting work is dropped."""
    # A forked worker has the registries from its parent; elsewhere each worker reads them.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    pool = ProcessPoolExecutor(workers, context, _start, (task,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _result(future: Future[list[Outcome]]) -> list[Outcome] | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _one_by_one(files: Sequence[File], task: Task) -> Iterator[Outcome]:
    """Yield what became of each file, read by a process that may die of it."""
    position = 0
    while position < len(files):
        with _pool(1, task) as pool:
            while position < len(files):
                outcome = _result(pool.submit(_read_chunk, files[position : position + 1]))
                file = files[position]
                position += 1
                if outcome is None:
                    yield _unread(file, Issue(file.path, 0, "worker-died", "reading it ended the process"))
                    break
                yield outcome[0]


@contextmanager
def _clock(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in the block after so many seconds, where signals can be had."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    former = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError
