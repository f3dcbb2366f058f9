"""A graph as a workbook for people: scope matrix, gaps, artifacts, relations, duties, issues, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Protocol

from kg.publication import Version
from kg.queries import Table, example, question
from kg.queries.asked import Asked
from kg.queries.binding import Given
from kg.queries.rendering import short
from kg.queries.texts import filled, text
from kg.queries.words import spoken
from kg.tables.labels import Labels
from kg.tables.layouts import layout
from kg.tables.rows import Cell, rows
from kg.tables.sheets import Styled, Value, Workbook

_GAP, _COVERAGE = "controls-missing", "coverage-by-family"
# Tints that print in grey and that the colour-blind can tell apart (after Okabe and Ito, 2008); the words say the same.
_NO_CLOUD = "DCEBF7"
_TINTS = ("FBE5C0", "CDEBDD", "F6D5E5", "FBF3B0", "D5D0EA", "F8D3C5", "D9E8B4", "D0E3E8", "E8D9C9", "DDDDDD")
_LISTED = "✓"
# The sheets that are tables of a class: what each shows of it, and the column each row leads to.
_SHEETS: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "Artifacts": (
        "artifacts",
        {
            "Artifact": "label", "Kind": "kindLabels", "Address": "url", "Attests": "attestsLabels",
            "Covers": "coversLabels", "Also called": "names",
        },
        "url",
    ),
    "Relations": (
        "relations",
        {
            "Standard": "subjectLabel", "Relation": "relationLabel", "To": "objectLabel", "Sentence": "sentence",
            "Translation": "translation", "Language": "language", "File": "path", "Line": "line",
        },
        "",
    ),
    "Duties": (
        "duties",
        {
            "Standard": "standardLabels", "Whose": "partyLabel", "Duty": "sentence", "Translation": "translation",
            "File": "path", "Line": "line",
        },
        "",
    ),
}  # fmt: skip


class Described(Asked, Protocol):
    """What this module needs of a graph."""

    def stats(self) -> Table:
        """Return how much there is of what."""

    def issues(self) -> tuple[dict[str, Any], ...]:
        """Return the issues of the build."""

    @property
    def version(self) -> Version | None:
        """The published version this is."""


def write(graph: Described, target: IO[bytes], *, wanted: str = "", given: str = "") -> None:
    """Write a graph as an Excel workbook; KgError where XlsxWriter is not installed.

    The sheet of gaps compares two lists of controls: those named, or else the pair that the saved question
    gives as its example, where the graph holds both.
    """
    book = Workbook("Compliance knowledge graph")
    gap, coverage, compared = _gaps(graph, wanted, given)
    scope = graph.select(text("tables", "scope"))
    labels = Labels(graph)
    tints = _tints(scope, labels)
    book.sheet("About", ("What", "Which", "How much"), _about(graph, compared, tints))
    book.sheet("Scope matrix", *_matrix(scope, labels, tints), upright=True)
    book.sheet("Gaps", tuple(map(_titled, gap.header)), (tuple(row.values()) for row in gap))
    book.sheet("Coverage", tuple(map(_titled, coverage.header)), (tuple(row.values()) for row in coverage))
    for name, (table, columns, link) in _SHEETS.items():
        book.sheet(name, tuple(columns), _shown(graph, table, tuple(columns.values()), link))
    book.sheet("Issues", ("File", "Line", "What", "Which"), _issues(graph))
    book.write(target)


def _about(graph: Described, compared: str, tints: Mapping[str, str]) -> Iterator[tuple[Value, ...]]:
    """Yield what the workbook is made of; a time only where the build noted one."""
    (program,) = graph.select(text("tables", "program")).column("program") or (None,)
    yield Styled("Compliance knowledge graph", bold=True), program, None
    if graph.version:
        yield "graph (SHA-256 of its lines)", graph.version.sha256, None
        yield "built", str(graph.version.manifest.get("built", "")), None
    yield "gaps", compared, None
    yield "in scope", "listed in a document: neither certified nor compliant", None
    yield Styled("Scope matrix: colours", bold=True), None, None
    for cloud, colour in tints.items():
        yield "listed for", Styled(cloud or "no cloud in particular", colour=colour), None
    yield Styled("Contents", bold=True), None, None
    for row in graph.stats():
        yield row["what"], short(str(row["name"])), row["count"]
    yield Styled("Sources and licences", bold=True), None, "documents"
    for row in graph.select(text("tables", "sources")):
        licence, source = (
            str(row["licence"] or "licence not stated"),
            str(row["source"] or "files that were given"),
        )
        yield Styled(licence, licence), Styled(source, source), row["documents"]


def _tints(scope: Table, labels: Labels) -> dict[str, str]:
    """Return the colour of each cloud in the matrix, by name; no cloud in particular is the empty one."""
    clouds = sorted({labels[str(cloud)] for cloud in scope.column("cloud") if cloud})
    return {"": _NO_CLOUD} | {cloud: _TINTS[place % len(_TINTS)] for place, cloud in enumerate(clouds)}


def _matrix(
    scope: Table, labels: Labels, tints: Mapping[str, str]
) -> tuple[tuple[str, ...], Iterator[tuple[Value, ...]]]:
    """Return the header of services by standards, and its rows; a cell names the clouds a service is listed for."""
    listed: dict[tuple[str, str], set[str]] = {}
    for row in scope:
        cloud = labels[str(row["cloud"])] if row["cloud"] else ""
        listed.setdefault((str(row["service"]), str(row["about"])), set()).add(cloud)
    labels.read(thing for pair in listed for thing in pair)
    standards = sorted({about for _, about in listed}, key=lambda each: (labels[each].casefold(), each))
    services = sorted({service for service, _ in listed}, key=lambda each: (labels[each].casefold(), each))

    def cell(clouds: set[str] | None) -> Value:
        if not clouds:
            return None
        named = sorted(clouds - {""})
        colour = tints[named[0] if named and "" not in clouds else ""]
        return Styled(", ".join([*([_LISTED] if "" in clouds else []), *named]), colour=colour)

    found = (
        (labels[service], *(cell(listed.get((service, about))) for about in standards))
        for service in services
    )
    return ("Service", *(labels[about] for about in standards)), found


def _gaps(graph: Described, wanted: str, given: str) -> tuple[Table, Table, str]:
    """Return what one list of controls leaves open of another, by control and by family, and what was compared."""
    chosen: dict[str, Given] = {"wanted": wanted, "given": given}
    if not (wanted and given):
        pair = example(question(_GAP))
        lists = " ".join(str(term) for terms in pair.values() for term in terms)
        if len(graph.select(filled("tables", "lists", lists=lists))) < len(pair):
            nothing = Table.of([name for name in question(_GAP).columns if name != "control"], ())
            return nothing, Table.of(question(_COVERAGE).columns, ()), "the graph has no two lists to compare"
        chosen = dict(pair)
        labels = Labels(graph)
        wanted, given = (labels[terms[0].value] for terms in (pair["wanted"], pair["given"]))
    gap = graph.ask(_GAP, **chosen)
    shown = gap.select(*(name for name in gap.header if name != "control"))
    return shown, graph.ask(_COVERAGE, **chosen), f"what of {wanted} {given} does not cover"


def _shown(graph: Described, table: str, names: Sequence[str], link: str) -> Iterator[tuple[Value, ...]]:
    """Yield the rows of a class's table with some of its columns, lists a part to a line, the first one linked."""
    chosen = layout(table)
    places = [chosen.header.index(name) for name in names]
    for batch in rows(graph, chosen):
        for row in batch:
            cells = [_people(row[place]) for place in places]
            address = row[chosen.header.index(link)] if link else None
            yield (Styled(cells[0], str(address)) if address else cells[0], *cells[1:])


def _people(cell: Cell) -> str | int | float | None:
    if isinstance(cell, list):
        return "\n".join(cell)
    return cell if cell is None or isinstance(cell, str | int | float) else cell.isoformat()


def _issues(graph: Described) -> Iterator[tuple[Value, ...]]:
    """Yield what was read and not understood: the issues of the build, then the names not placed."""
    for issue in graph.issues():
        yield issue["path"], issue["line"] or None, issue["code"], issue["message"]
    for row in graph.ask("not-understood"):
        yield row["path"], row["line"], row["what"], row["name"]


def _titled(name: str) -> str:
    return spoken(name).capitalize()
