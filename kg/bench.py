"""How fast everything is, as ratios to bare engines over the same files, in one run on one machine.

Seconds are the processor's, the median of several rounds; compare ratios, not seconds.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import pyoxigraph as ox
import pyromark
import yaml

from kg import export, inputs, pipeline, publication, store
from kg.errors import KgError
from kg.graph import Graph
from kg.lines import Lines
from kg.queries import Table, question, questions
from kg.terms import PREFIXES

ROUNDS = 3
_TRIPLES = 50_000
_NQUADS = ox.RdfFormat.N_QUADS


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing measured; `ratio` is to the row named `against`, None where there is nothing to compare with."""

    what: str
    seconds: float
    ratio: float | None = None
    against: str = ""


def run(corpus: Path, rounds: int = ROUNDS) -> Table:
    """Return what a full build, loading, asking and exporting cost beside the bare engines.

    Columns what, seconds, ratio, against.
    """
    with tempfile.TemporaryDirectory() as folder:
        measures = list(_measured(corpus, Path(folder), rounds))
    rows = [
        (each.what, round(each.seconds, 4), _rounded(each.ratio), each.against or None) for each in measures
    ]
    return Table.of(("what", "seconds", "ratio", "against"), rows)


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 2)


def _measured(corpus: Path, folder: Path, rounds: int) -> Iterator[Measure]:
    pages = _copied(corpus, folder / "pages")
    texts = _texts(pages)
    if not texts:
        raise KgError(f"there is no Markdown in {corpus}", "name a folder of compliance-offering pages")
    builds = _Builds(pages, folder, texts, rounds)
    yield Measure("pyromark and CSafeLoader", builds.bare)
    yield Measure("full build", builds.seconds, builds.ratio, "pyromark and CSafeLoader")
    first, ratio = builds.first
    yield Measure("full build, first in its process", first, ratio, "pyromark and CSafeLoader")
    oracle = _median(lambda: _markdown_it(texts), 1)
    if oracle:
        yield Measure("markdown-it-py", oracle)
        yield Measure("full build", builds.seconds, builds.seconds / oracle, "markdown-it-py")
    for stage, share in builds.report.seconds.items():
        yield Measure(f"full build: {stage}", share, share / builds.seconds, "full build")
    yield from _workers(pages)
    yield from _rebuilding(builds, pages)
    version = publication.current(builds.out)
    yield from _loading(version, rounds)
    yield from _writing(Lines(version.lines), folder, rounds)
    yield from _asking(version, rounds)


def _copied(corpus: Path, target: Path) -> Path:
    """Return a copy of the pages that may be changed."""
    for file in inputs.collect([corpus]).files:
        place = target / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.location.read_bytes())
    return target


def _texts(corpus: Path) -> list[str]:
    found = sorted(path for path in corpus.rglob("*") if path.suffix in {".md", ".txt"} and path.is_file())
    return [path.read_text(encoding="utf-8", errors="replace") for path in found]


def _bare(texts: Iterable[str]) -> None:
    """Parse front matter and Markdown, and make nothing of them."""
    parser = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)
    for text in texts:
        front, body = _parted(text)
        yaml.load(front, yaml.CSafeLoader)
        for _ in parser.events_with_range(body):
            pass


def _markdown_it(texts: Iterable[str]) -> None:
    try:
        from markdown_it import MarkdownIt  # noqa: PLC0415  # a tool of developers
    except ImportError:
        return
    parser = MarkdownIt("commonmark").enable("table")
    for text in texts:
        parser.parse(_parted(text)[1])


def _parted(text: str) -> tuple[str, str]:
    """Return the front matter and the rest of a page."""
    end = text.find("\n---", 3) if text.startswith("---") else -1
    return (text[3:end], text[end + 4 :]) if end > 0 else ("", text)


class _Builds:
    """Builds from nothing, each between two rounds of the bare parsers, since a machine is not always as fast."""

    def __init__(self, pages: Path, folder: Path, texts: list[str], rounds: int) -> None:
        _bare(texts)  # the first round warms up
        bare = [_median(lambda: _bare(texts), 1)]
        self.reports: list[pipeline.BuildReport] = []
        ratios = []
        for number in range(rounds):
            self.out = folder / f"graph-{number}"
            report = pipeline.build([pages], out=self.out, workers=1).report
            bare.append(_median(lambda: _bare(texts), 1))
            ratios.append(sum(report.seconds.values()) / statistics.mean(bare[-2:]))
            self.reports.append(report)
        self.bare = statistics.median(bare)
        self.ratio = statistics.median(ratios)
        # The later ones know the registries, and what was made of sentences that come again, as `kg build` does not.
        self.first = sum(self.reports[0].seconds.values()), ratios[0]

    @property
    def report(self) -> pipeline.BuildReport:
        """The report of the build that took the median of the times."""
        return sorted(self.reports, key=lambda report: sum(report.seconds.values()))[len(self.reports) // 2]

    @property
    def seconds(self) -> float:
        """What that build took."""
        return sum(self.report.seconds.values())


def _workers(pages: Path) -> Iterator[Measure]:
    """Yield what a second worker gains on the clock, and costs in all."""
    taken = []
    for workers in (1, 2):
        start = time.perf_counter()
        report = pipeline.build([pages], workers=workers).report
        taken.append((sum(report.seconds.values()), time.perf_counter() - start))
    (one, one_elapsed), (two, two_elapsed) = taken
    yield Measure("two workers, all processors' time", two, two / one, "one worker")
    yield Measure("two workers, time on the clock", two_elapsed, two_elapsed / one_elapsed, "one worker")


def _rebuilding(builds: _Builds, pages: Path) -> Iterator[Measure]:
    """Yield what a build costs that finds a former one of the same pages, and of all but one."""
    again = _median(lambda: pipeline.build([pages], out=builds.out, workers=1), 1)
    yield Measure("the same build again", again, again / builds.seconds, "full build")
    page = max(pages.rglob("*.md"))
    page.write_text(page.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    changed = _median(lambda: pipeline.build([pages], out=builds.out, workers=1), 1)
    yield Measure("after a change of one page", changed, changed / builds.seconds, "full build")


def _loading(version: publication.Version, rounds: int) -> Iterator[Measure]:
    path = str(version.lines)
    bare = _median(lambda: ox.Store().bulk_load(path=path, format=_NQUADS), rounds)
    yield Measure("bare bulk load", bare)
    ours = _median(lambda: store.in_memory(version.lines), rounds)
    yield Measure("loading, with the union", ours, ours / bare, "bare bulk load")
    first = _median(partial(_opened, version), 1)
    yield Measure("making the index, once", first, first / bare, "bare bulk load")
    opened = _median(partial(_opened, version), rounds)
    yield Measure("opening the index", opened, opened / bare, "bare bulk load")
    yield from _comparing(version, rounds)


def _opened(version: publication.Version) -> Graph:
    graph = Graph.open(version.folder)
    graph.query("ASK {}")
    return graph


def _comparing(version: publication.Version, rounds: int) -> Iterator[Measure]:
    """Yield what a first gap and coverage cost, once a graph is open, and the next."""
    lists = "nist-800-53-r5", "nist-800-53-r4"
    for name in ("gap", "coverage"):
        opened = [_opened(version) for _ in range(rounds)]
        asks = [partial(getattr(graph, name), *lists) for graph in opened]
        first = statistics.median([_median(ask, 1) for ask in asks])
        again = _median(asks[0], rounds)
        yield Measure(f"{name} of two editions, again", again)
        yield Measure(
            f"{name} of two editions, first", first, first / again, f"{name} of two editions, again"
        )


def _writing(lines: Lines, folder: Path, rounds: int) -> Iterator[Measure]:
    engine = ox.Store()
    engine.bulk_load(path=str(lines.place), format=_NQUADS)
    target = str(folder / "bare.nq")
    bare = _median(lambda: engine.dump(target, _NQUADS), rounds)
    yield Measure("bare N-Quads dump", bare)
    for each in export.FORMATS:
        place = folder / f"export.{each.suffixes[0]}"
        ours = _median(partial(export.save, lines, place), 1)
        yield Measure(f"export as {each.name}", ours, ours / bare, "bare N-Quads dump")
    yield from _turtle(lines, folder)


def _turtle(lines: Lines, folder: Path) -> Iterator[Measure]:
    """Compare Turtle with rdflib's, which is slow: over so many triples, and the graph read beforehand."""
    import rdflib  # noqa: PLC0415  (slow to import)

    some = sorted(islice(lines.triples(), _TRIPLES))
    part = rdflib.Graph()
    part.parse(data=b"".join(some), format="nt")
    peer = _median(lambda: part.serialize(folder / "rdflib.ttl", format="turtle"), 1)
    against = f"rdflib's Turtle, {len(some):,} triples"
    yield Measure(against, peer)
    ours = _median(lambda: export.save(Lines(b"".join(some)), folder / "part.ttl"), 1)
    yield Measure(f"export as Turtle, {len(some):,} triples", ours, ours / peer, against)


def _asking(version: publication.Version, rounds: int) -> Iterator[Measure]:
    """Yield what each saved question costs with its example, beside the same text on the bare engine."""
    engine = store.in_memory(version.lines)
    graph = Graph.open(version.folder, in_memory=True)
    graph.query("ASK {}")
    seconds, ratios = [], []
    for name in questions():
        text = question(name).sparql
        bare = _median(partial(_answer, engine, text), rounds)
        ours = _median(partial(graph.select, text), rounds)
        seconds.append(ours)
        ratios.append(ours / bare)
        yield Measure(f"question {name}", ours, ours / bare, "the same text on the bare engine")
    if len(ratios) > 1:
        slow, worst = (statistics.quantiles(each, n=20, method="inclusive")[-1] for each in (seconds, ratios))
        yield Measure("questions, p95", slow, worst, "the same text on the bare engine")


def _answer(engine: ox.Store, text: str) -> None:
    found = engine.query(text, prefixes=PREFIXES)
    if isinstance(found, ox.QuerySolutions):
        for _ in found:
            pass


def _median(work: Callable[[], object], rounds: int) -> float:
    """Return the median of the processor's seconds that some work takes."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return statistics.median(spent)
