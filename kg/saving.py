"""A graph as a file or folder: every format there is, by its suffix, each a function of the graph.

What is written is written beside the target, which is then replaced in one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Protocol

from kg import export
from kg.control_lists import ControlLists
from kg.errors import NotFoundError, QueryError
from kg.lines import Lines
from kg.publication import Version
from kg.queries import Table, Words
from kg.queries.asked import Asked

if TYPE_CHECKING:
    from kg.neighbourhood import Neighbourhood


class Source(Asked, Protocol):
    """What is written of a graph."""

    @property
    def lines(self) -> Lines:
        """The graph's sorted N-Quads lines."""

    @property
    def words(self) -> Words:
        """The things of the graph by their names."""

    @property
    def lists(self) -> ControlLists:
        """The lists of controls of the graph."""

    @property
    def version(self) -> Version | None:
        """The published version this is."""

    def stats(self) -> Table:
        """Return how much there is of what."""

    def issues(self) -> tuple[dict[str, Any], ...]:
        """Return the issues of the build."""


@dataclass(frozen=True, slots=True)
class Around:
    """The part of a graph that a diagram shows: what is said around things, `depth` statements far."""

    things: tuple[str, ...] = ()
    depth: int = 1
    most: int = 80


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a graph: its suffixes, the media type, what it is for, and the function that writes it.

    `write` takes the graph, what a diagram shows, the file, and those of `options` that are given.
    """

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    about: str
    write: Callable[..., None]
    options: frozenset[str] = frozenset()


def form(name: str) -> Format:
    """Return the format of a file name, suffix or name (`x.oscal.json`, `ttl`, `Turtle`), the longest suffix first.

    NotFoundError with the formats there are.
    """
    lowered = Path(name).name.lower()
    fitting = [
        (len(suffix), each)
        for each in FORMATS
        for suffix in each.suffixes
        if lowered == suffix or lowered.endswith(f".{suffix}")
    ]
    if fitting:
        return max(fitting, key=lambda found: found[0])[1]
    for each in FORMATS:
        if name.lower() == each.name.lower():
            return each
    raise NotFoundError(f"no format has the suffix of {name!r}", tuple(each.suffixes[0] for each in FORMATS))


def save(
    source: Source,
    path: str | Path,
    name: str = "",
    around: Around | None = None,
    options: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write a graph to a file, in the format of its suffix or the one named; all of it or nothing.

    A folder gets a table for each class, in CSV or in the format named. QueryError for an option that the format
    does not take.
    """
    target = Path(path)
    if is_folder(path, name):
        from kg import tables  # noqa: PLC0415  (only folders need it)

        _take("a folder of tables", _OF_FOLDER, options)
        tables.write_folder(source, target, (name or "csv").lower(), **options)
        return
    chosen = form(name or target.name).name
    export.atomically(target, lambda file: write(source, file, chosen, around, options))


def write(
    source: Source,
    file: IO[bytes],
    name: str,
    around: Around | None = None,
    options: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write a graph to an open file, in the format named; QueryError for an option that it does not take."""
    chosen = form(name)
    _take(chosen.name, chosen.options, options)
    chosen.write(source, around or Around(), file, **options)


def subject(chosen: Format, standards: tuple[str, ...]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the options and the standards to select by, where some are named: one is what a report is about."""
    if len(standards) == 1 and "standard" in chosen.options:
        return {"standard": standards[0]}, ()
    return {}, standards


def is_folder(path: str | Path, name: str = "") -> bool:
    """Whether a path is that of a folder of tables: one that is there, ends so, or has no suffix."""
    target = Path(path)
    return (
        target.is_dir()
        or str(path).endswith("/")
        or (not target.suffix and name.lower() in {"", "csv", "parquet"})
    )


def _take(name: str, known: frozenset[str], options: Mapping[str, Any]) -> None:
    """Raise QueryError for an option that is not known."""
    for option in sorted(options.keys() - known):
        takes = ", ".join(sorted(known))
        raise QueryError(f"{name} takes no option {option!r}", hint=f"it takes {takes}" if takes else "")


def _rdf(each: export.Format) -> Format:
    """Return an RDF syntax as a format of graphs."""

    def write(source: Source, _: Around, file: IO[bytes], *, frame: str = "") -> None:
        if frame:
            from kg.formats import framed  # noqa: PLC0415

            framed.write(source, file, frame)
        else:
            each.write(source.lines, file)

    kept = "with its named graphs" if each.has_graphs else "each triple once"
    options = frozenset({"frame"}) if each.name == "JSON-LD" else frozenset[str]()
    return Format(each.name, each.suffixes, each.media_type, f"RDF, {kept}", write, options)


def _mappings(form: str) -> Callable[[Source, Around, IO[bytes]], None]:
    """Return how the mappings between controls are written in a format of mappings."""

    def write(source: Source, _: Around, file: IO[bytes]) -> None:
        from kg import formats  # noqa: PLC0415

        # What may not be handed on was left out of the source.
        mappings = formats.every(source, all_licences=True)
        file.write(formats.text(mappings, form).encode())

    return write


def _network(name: str) -> Callable[[Source, Around, IO[bytes]], None]:
    def write(source: Source, _: Around, file: IO[bytes]) -> None:
        from kg.formats import networks  # noqa: PLC0415  (networkx is slow to import)

        {"graphml": networks.graphml, "gexf": networks.gexf, "node-link": networks.node_link}[name](
            source, file
        )

    return write


def _diagram(name: str) -> Callable[[Source, Around, IO[bytes]], None]:
    def write(source: Source, around: Around, file: IO[bytes]) -> None:
        from kg.formats import diagrams  # noqa: PLC0415

        draw = {"mermaid": diagrams.mermaid, "dot": diagrams.dot}[name]
        file.write(draw(_shown(source, around)).encode())

    return write


def _shown(source: Source, around: Around) -> Neighbourhood:
    """Return what a diagram shows: what is around things, or else the standards, if they are few enough."""
    from kg import neighbourhood  # noqa: PLC0415  (networkx is slow to import)

    if around.things:
        found = neighbourhood.around(source, *around.things, depth=around.depth, most=around.most)
    else:
        found = neighbourhood.standards(source)
    if found.left_out or len(found.nodes) > around.most:
        count = len(found.nodes) + found.left_out
        raise QueryError(
            f"a diagram of {count} things cannot be read; {around.most} are the most",
            hint="name what it is to be about (--around NAME), or look fewer statements far (--depth)",
        )
    return found


def _table(form: str) -> Callable[..., None]:
    def write(source: Source, _: Around, file: IO[bytes], **options: Any) -> None:
        from kg import tables  # noqa: PLC0415

        tables.write(source, file, form, **options)

    return write


def _workbook(source: Source, _: Around, file: IO[bytes], **options: Any) -> None:
    from kg.tables import workbook  # noqa: PLC0415

    workbook.write(source, file, **options)


def _report(form: str) -> Callable[..., None]:
    def write(source: Source, _: Around, file: IO[bytes], **options: Any) -> None:
        from kg import reports  # noqa: PLC0415

        file.write(reports.text(source, form, **options).encode("utf-8", "replace"))

    return write


_OF_FOLDER = frozenset({"questions", "exact"})
_SUBJECTS = frozenset({"standard", "service"})
FORMATS: tuple[Format, ...] = (
    *map(_rdf, export.FORMATS),
    Format("CSV", ("csv",), "text/csv", "one table of claims, for spreadsheets", _table("csv"), frozenset({"table", "exact"})),
    Format("Parquet", ("parquet",), "application/vnd.apache.parquet", "one table of claims, typed", _table("parquet"), frozenset({"table"})),
    Format(
        "Excel", ("xlsx",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "a workbook: scope matrix, gaps, artifacts, relations, duties", _workbook, frozenset({"wanted", "given"}),
    ),
    Format("Markdown", ("md",), "text/markdown", "a report with numbered sources", _report("md"), _SUBJECTS),
    Format("HTML", ("html",), "text/html", "a report with numbered sources, to read and print", _report("html"), _SUBJECTS),
    Format("GraphML", ("graphml",), "application/graphml+xml", "the network, for yEd, Gephi, igraph", _network("graphml")),
    Format("GEXF", ("gexf",), "application/gexf+xml", "the network, for Gephi", _network("gexf")),
    Format("node-link", ("node-link.json",), "application/json", "the network, for networkx and D3", _network("node-link")),
    Format("SSSOM", ("sssom.tsv",), "text/tab-separated-values", "mappings between controls", _mappings("sssom")),
    Format("OSCAL", ("oscal.json",), "application/json", "mappings between controls, as a collection", _mappings("oscal")),
    Format("Mermaid", ("mmd",), "text/vnd.mermaid", "a small diagram", _diagram("mermaid")),
    Format("DOT", ("dot", "gv"), "text/vnd.graphviz", "a small diagram, for Graphviz", _diagram("dot")),
)  # fmt: skip
