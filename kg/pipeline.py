"""Documents in, a published graph out: read, recognise, assert, place, check.

*Read* each file, *recognise* which source speaks for it, *assert* what it says, *place* that in the graph of
its document, *check* the whole against the shapes. The registries are graphs as well, one more graph holds what
follows from several documents, and one says what the build is made of.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import kg
from kg import concepts, files, inputs, lines, publication, reading, reuse, validation
from kg.assembly import assembled
from kg.errors import Issue, KgError
from kg.graph import Graph
from kg.lines import Share
from kg.reading import Outcome, Progress, Task
from kg.reuse import Former
from kg.terms import BASE
from kg.validation import Finding


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build read, what it did not understand, and what the shapes found.

    `counts` are the tallies of the sources added up, `sources` the documents read by each. `seconds` are the
    processor's for each stage, workers included where the system tells; they are no part of the graph.
    """

    sha256: str
    files: int
    documents: int
    quads: int
    sources: Mapping[str, int]
    counts: Mapping[str, int]
    issues: tuple[Issue, ...]
    validation: validation.Report | None
    published: Path | None
    seconds: Mapping[str, float] = field(compare=False)

    @property
    def codes(self) -> Mapping[str, int]:
        """How many issues there are of each code, the most frequent first."""
        return dict(Counter(issue.code for issue in self.issues).most_common())

    @property
    def clean(self) -> bool:
        """Whether every file was understood and no shape is violated."""
        return not self.issues and (self.validation is None or self.validation.conforms)


@dataclass(frozen=True, slots=True)
class Build:
    """A finished build: its report, and the graph, which is loaded when first asked for."""

    report: BuildReport
    _open: Callable[[], Graph] = field(repr=False, compare=False)

    @property
    def graph(self) -> Graph:
        """The graph that was built."""
        return self._open()


def build(
    paths: Iterable[str | Path],
    *,
    out: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    strict: bool = False,
    check: bool = True,
    base: str = BASE,
    ontology: Path | None = None,
    max_bytes: int = inputs.MAX_BYTES,
) -> Build:
    """Return the graph of the files and folders given, published in the folder `out` if one is named.

    A file that cannot be read is an issue in the report, and the rest is built. With `strict`, nothing is
    published where there is any issue or violation; without it, where no document could be read. `progress` is called with the files done and their number.
    """
    if isinstance(paths, str | Path):
        paths = [paths]
    found = inputs.collect(paths)
    task = Task(ontology or files.ontology(), base, max_bytes, found.neighbours())
    work = _Work(found, task, workers or 0, progress, check)
    with _without_collector():
        if out is None:
            work.read(None)
            data = b"".join(lines.merged(work.shares))
            report = work.report(data, publication.digest(data), None)
            return Build(report, lambda: Graph.of_lines(data))
        place = Path(out)
        try:
            return _published(work, place, strict=strict)
        except OSError as error:
            message = f"{place} cannot be written: {error.strerror or error}"
            raise KgError(message, "the former graph is as it was") from error


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let nothing look for garbage in cycles: a build makes millions of objects, and next to no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not gc.get_freeze_count():
                # What was made counts as old from here on, else the first collection would look at all of it.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _published(work: _Work, out: Path, *, strict: bool) -> Build:
    with publication.draft(out) as draft:
        former = reuse.former(out, work.task)
        work.read(former)
        digest = draft.write(lines.merged(work.shares))
        report = work.report(draft.lines, digest, former)
        if not report.documents or (strict and not report.clean):
            return Build(report, _refused)
        beside = {reuse.PARTS: reuse.parts(work.outcomes, work.shares, work.task)}
        draft.publish(_manifest(report), as_json(report), beside, former.version if former else None)
        work.clock.lap("publish")
    return Build(replace(report, published=out, seconds=work.clock.laps), lambda: Graph.open(out))


class _Work:
    """A build under way."""

    def __init__(
        self, found: inputs.Inputs, task: Task, workers: int, progress: Progress | None, check: bool
    ) -> None:
        self.clock = _Clock()
        self.task = task
        self.outcomes: list[Outcome] = []
        self.shares: list[Share] = []
        self._found = found
        self._workers = workers
        self._progress = progress
        self._check = check

    def read(self, former: Former | None) -> None:
        """Read every file, or take over what became of it before, and place it all in named graphs."""
        known = former.outcomes(self._found.files, self.task) if former else {}
        fresh = [file for file in self._found.files if file not in known]
        self.clock.lap("take over")
        concepts.load(self.task.ontology)
        self.clock.lap("registries")
        read = reading.read_all(fresh, self.task, self._workers, self._progress)
        made = {**known, **dict(zip(fresh, read, strict=True))}
        self.outcomes = [made[file] for file in self._found.files]
        self.clock.lap("read")
        self.shares = assembled(self.outcomes, self.task)
        self.clock.lap("place")

    def report(self, data: bytes | Path, sha256: str, former: Former | None) -> BuildReport:
        """Return the report on lines with a hash, with what the shapes find in them."""
        self.clock.lap("write")
        checked = self._validated(data, sha256, former)
        self.clock.lap("check")
        read = [outcome for outcome in self.outcomes if outcome.share]
        counts: Counter[str] = Counter()
        for outcome in read:
            counts.update(outcome.counts)
        issues = {issue for outcome in self.outcomes for issue in outcome.issues}.union(self._found.issues)
        return BuildReport(
            sha256=sha256,
            files=len(self.outcomes),
            documents=len({outcome.share.graph for outcome in read if outcome.share}),
            quads=sum(share.quads for share in self.shares),
            sources=dict(sorted(Counter(outcome.source for outcome in read).items())),
            counts=dict(sorted(counts.items())),
            issues=tuple(sorted(issues)),
            validation=checked,
            published=None,
            seconds=self.clock.laps,
        )

    def _validated(self, data: bytes | Path, sha256: str, former: Former | None) -> validation.Report | None:
        """Return what the shapes find; they know things by the usual base. An equal graph was judged before."""
        if not self._check:
            return None
        if former and former.version.sha256 == sha256 and former.version.report.get("conforms") is not None:
            return validation.Report(tuple(Finding(**found) for found in former.version.report["findings"]))
        if self.task.base != BASE:
            whole = data if isinstance(data, bytes) else data.read_bytes()
            data = whole.replace(f"<{self.task.base}".encode(), f"<{BASE}".encode())
            return validation.check(data, shapes=files.shapes())
        return validation.check(data, shapes=files.shapes(), sample=lines.sample(self.shares))


def _refused() -> Graph:
    raise KgError("nothing was published: the report says why", "the former graph is as it was")


def as_json(report: BuildReport) -> dict[str, Any]:
    """Return a report as plain values for JSON, without the figures that differ from run to run."""
    return {
        "graph": report.sha256,
        "files": report.files,
        "documents": report.documents,
        "quads": report.quads,
        "sources": dict(report.sources),
        "counts": dict(report.counts),
        "codes": dict(report.codes),
        "issues": [asdict(issue) for issue in report.issues],
        "conforms": report.validation.conforms if report.validation else None,
        "findings": [asdict(finding) for finding in report.validation.findings] if report.validation else [],
    }


def _manifest(report: BuildReport) -> dict[str, Any]:
    return {
        "graph": report.sha256,
        "quads": report.quads,
        "documents": report.documents,
        "version": kg.__version__,
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
    }


class _Clock:
    """Seconds of processor time by stage, finished workers included."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = _spent()

    def lap(self, stage: str) -> None:
        now = _spent()
        self.laps[stage] = now - self._last
        self._last = now


def _spent() -> float:
    used = time.process_time()
    try:
        import resource  # noqa: PLC0415  # not everywhere
    except ImportError:
        return used
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used + children.ru_utime + children.ru_stime
