"""Documents in, a published graph out: read, recognise, assert, place, check.

*Read* each file, *recognise* which source speaks for it, *assert* what it says, *place* that in the graph of
its document, *check* the whole against the shapes. The registries are graphs as well, one more graph holds what
follows from several documents, and one says what the build is made of.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

import kg
from kg import concepts, derivation, files, inputs, lines, names, publication, reading, releases, validation
from kg.derivation import Conclusions
from kg.errors import Issue, KgError, VocabularyError
from kg.graph import Graph
from kg.lines import Share
from kg.reading import Outcome, Progress, Task
from kg.sources import Extraction
from kg.terms import BASE, Iri, Literal, Term, Triple, integer, iri, literal, term

DERIVED = names.thing("graph", "derived")
RESTRICTED = names.thing("graph", "derived-restricted")
METADATA = names.thing("graph", "build")

_LICENCE = iri("https://www.apache.org/licenses/LICENSE-2.0")
_NO_DERIVATIVES = iri("https://creativecommons.org/licenses/by-nd/4.0/")


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
    published where there is any issue or violation. `progress` is called with the files done and their number.
    """
    if isinstance(paths, str | Path):
        paths = [paths]
    clock = _Clock()
    found = inputs.collect(paths)
    task = Task(ontology or files.ontology(), base, max_bytes, found.neighbours())
    concepts.load(task.ontology)
    clock.lap("collect")
    outcomes = reading.read_all(found, task, workers or 0, progress)
    clock.lap("read")
    shares = _placed(outcomes, task)
    clock.lap("place")
    facts = _Facts(found, outcomes, shares, base, check)
    if out is None:
        return _in_memory(facts, clock)
    return _published(facts, Path(out), clock, strict=strict)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a build came to, before it is written down."""

    found: inputs.Inputs
    outcomes: list[Outcome]
    shares: list[Share]
    base: str
    check: bool

    def report(
        self, sha256: str, checked: validation.Report | None, published: Path | None, clock: _Clock
    ) -> BuildReport:
        read = [outcome for outcome in self.outcomes if outcome.share]
        counts: Counter[str] = Counter()
        for outcome in read:
            counts.update(outcome.counts)
        issues = {issue for outcome in self.outcomes for issue in outcome.issues}.union(self.found.issues)
        return BuildReport(
            sha256=sha256,
            files=len(self.outcomes),
            documents=len({outcome.share.graph for outcome in read if outcome.share}),
            quads=sum(share.quads for share in self.shares),
            sources=dict(sorted(Counter(outcome.source for outcome in read).items())),
            counts=dict(sorted(counts.items())),
            issues=tuple(sorted(issues)),
            validation=checked,
            published=published,
            seconds=clock.laps,
        )

    def validate(self) -> validation.Report | None:
        """Return what the shapes find; they know things by the usual base."""
        if not self.check:
            return None
        shares = [lines.rebased(share, self.base, BASE) for share in self.shares]
        return validation.check_shares(shares, shapes=files.shapes())


def _in_memory(facts: _Facts, clock: _Clock) -> Build:
    data = b"".join(lines.merged(facts.shares))
    digest = publication.digest(data)
    clock.lap("write")
    checked = facts.validate()
    clock.lap("check")
    return Build(facts.report(digest, checked, None, clock), lambda: Graph.of_lines(data))


def _published(facts: _Facts, out: Path, clock: _Clock, *, strict: bool) -> Build:
    try:
        return _drafted(facts, out, clock, strict=strict)
    except OSError as error:
        raise KgError(
            f"{out} cannot be written: {error.strerror or error}", "the former graph is as it was"
        ) from error


def _drafted(facts: _Facts, out: Path, clock: _Clock, *, strict: bool) -> Build:
    with publication.draft(out) as draft:
        digest = draft.write(lines.merged(facts.shares))
        clock.lap("write")
        checked = facts.validate()
        clock.lap("check")
        report = facts.report(digest, checked, out, clock)
        if strict and not report.clean:
            refused = facts.report(digest, checked, None, clock)
            return Build(refused, _refused)
        draft.publish(_manifest(report), as_json(report))
        clock.lap("publish")
    return Build(report, lambda: Graph.open(out))


def _refused() -> Graph:
    raise KgError("nothing was published: there are issues or violations", "build without `strict`")


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


def _placed(outcomes: Iterable[Outcome], task: Task) -> list[Share]:
    """Return the share of every named graph: documents, registries, conclusions, build metadata."""
    registries = list(_registries(task.ontology))
    by_graph: defaultdict[Iri, list[Share]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.share:
            by_graph[outcome.share.graph].append(outcome.share)
    for registry in registries:
        share = lines.share(registry.graph, registry.triples, task.base)
        by_graph[share.graph].append(share)
    for graph, triples in _derived(outcomes, registries):
        share = lines.share(graph, triples, task.base)
        by_graph[share.graph].append(share)
    # Two files with one document's IRI are one document: both of its paths are in its graph.
    by_name = releases.settle({graph: lines.united(by_graph[graph]) for graph in by_graph})
    shares = [by_name[graph] for graph in sorted(by_name)]
    return [*shares, lines.share(METADATA, _metadata(shares), task.base)]


def _derived(
    outcomes: Iterable[Outcome], registries: Iterable[Extraction]
) -> Iterator[tuple[Iri, tuple[Triple, ...]]]:
    """Yield the graphs of what follows from several documents together."""
    concluded: list[Conclusions] = []
    selections = [outcome.selected for outcome in outcomes if outcome.share]
    for number, each in enumerate(derivation.DERIVATIONS):
        selected = [selection[number] for selection in selections]
        selected += [each.select(registry) for registry in registries]
        concluded.append(each.conclude([one for one in selected if one is not None]))
    for graph, licence, triples in (
        (DERIVED, _LICENCE, [triple for each in concluded for triple in each.triples]),
        (RESTRICTED, _NO_DERIVATIVES, [triple for each in concluded for triple in each.restricted]),
    ):
        if triples:
            yield graph, ((graph, term("dcterms:license"), licence), *triples)


def _registries(folder: Path) -> Iterator[Extraction]:
    """Yield what each file of the ontology says; those in TriG name their graphs themselves."""
    for path in sorted([*folder.glob("*.ttl"), *folder.glob("reference/*.trig")]):
        by_graph: defaultdict[Iri, list[Triple]] = defaultdict(list)
        own = names.thing("document", f"ontology/{path.stem}")
        try:
            for quad in ox.parse(path=str(path)):
                graph = own if isinstance(quad.graph_name, ox.DefaultGraph) else Iri(str(quad.graph_name))
                by_graph[graph].append((Iri(str(quad.subject)), Iri(str(quad.predicate)), _term(quad.object)))
        except SyntaxError as error:
            raise VocabularyError(f"{path.name}: {error}") from error
        if path.suffix == ".ttl":
            by_graph[own] += [
                (own, term("dcterms:license"), _LICENCE),
                (own, term("dcterms:title"), literal(path.name)),
                (own, term("dcterms:source"), iri(names.thing("ontology", path.stem)[1:-1])),
            ]
        for graph, triples in by_graph.items():
            yield Extraction(graph, tuple(triples))


def _term(value: Any) -> Term:
    """Return a term of the parser in the one form in which terms are written here."""
    if not isinstance(value, ox.Literal):
        return Iri(str(value))
    text = literal(value.value, value.language or "")
    plain = value.language or value.datatype.value == "http://www.w3.org/2001/XMLSchema#string"
    return text if plain else Literal(f"{text}^^{value.datatype}")


def _metadata(shares: Iterable[Share]) -> Iterator[Triple]:
    """Yield what the build is made of: hashes, counts and versions, and nothing that differs from run to run."""
    total = count = 0
    dataset, quads, digest = term("void:Dataset"), term("void:triples"), term("ckg:graphSha256")
    rdf_type = term("rdf:type")
    for share in shares:
        count += 1
        total += share.quads
        yield share.graph, rdf_type, dataset
        yield share.graph, quads, integer(share.quads)
        yield share.graph, digest, literal(share.sha256)
    yield METADATA, rdf_type, dataset
    yield METADATA, term("rdfs:label"), literal("What this graph is made of", "en")
    yield METADATA, quads, integer(total)
    yield METADATA, term("ckg:graphCount"), integer(count)
    yield METADATA, term("pav:createdWith"), literal(f"compliance-kg {kg.__version__}")
    yield METADATA, term("dcterms:license"), _LICENCE


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
