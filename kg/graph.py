"""The one noun: a graph to be asked, checked, described and saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from mmap import mmap
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyoxigraph as ox

from kg import displays, export, files, kept, publication, saving, sparql, store, validation, views
from kg.answering import Answering
from kg.control_lists import Asked, ControlLists
from kg.errors import NotFoundError, QueryError, SourceError
from kg.lines import Lines, mapped
from kg.publication import DamagedError, Version
from kg.queries import Table, Words
from kg.saving import Around
from kg.selection import Selection
from kg.selection import lines_of as select_lines
from kg.store import Notify
from kg.terms import ONTOLOGY, PREFIXES, iri, term

if TYPE_CHECKING:
    import rdflib

    from kg.upload import Outcome

_ONTOLOGY = f"{iri(ONTOLOGY.removesuffix('#'))} {term('rdf:type')} {term('owl:Ontology')} ".encode()
# Triple terms nested a few thousand deep overflow the stack of the engine, which ends the process.
_NESTED = 500
_NESTING = re.compile(rb'"(?:[^"\\\n]|\\.)*"|<<|>>')
_SHAREABLE = "shareable"  # the part of a published graph that may be handed on
# A sentence among the signs that the engine expected: why what it read is wrong.
_REASON = re.compile(r"(?:expected|one of|,) ([A-Z][A-Za-z]*(?: [A-Za-z]+){2,})")
_PREFIXED = re.compile(r"([\w.-]*):\S*\s*\Z")
_PLACE = re.compile(r"(?:at|line) (\d+)(?::| column )(\d+)")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The IRIs of the graphs a query sees: those that are united as the default graph, and the named ones."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class Graph(Answering):
    """A knowledge graph; questions see the union of its named graphs, and can ask for one with `GRAPH`.

    It is read-only. What it takes to answer is loaded when first needed.
    """

    def __init__(
        self,
        lines: bytes | Path,
        version: Version | None = None,
        notify: Notify | None = None,
        *,
        in_memory: bool = False,
    ) -> None:
        self._lines = lines
        self._version = version
        self._notify = notify
        self._in_memory = in_memory

    @classmethod
    def open(cls, path: str | Path, *, notify: Notify | None = None, in_memory: bool = False) -> Graph:
        """Return the graph in a folder made by a build, or in an RDF file of any syntax but RDF/XML.

        A big graph gets an index on disk, once, unless it is to be held `in_memory`, where joins are faster;
        `notify` is told before work that takes long. NotFoundError if there is no graph,
        SourceError if the file is not what its suffix says.
        """
        place = Path(path)
        if place.is_dir():
            version = Version(place) if (place / publication.LINES).is_file() else publication.current(place)
            return cls(version.lines, version, notify, in_memory=in_memory)
        if not place.exists():
            raise NotFoundError(f"there is no graph at {place}")
        return cls(_read(place))

    @classmethod
    def of_lines(cls, lines: bytes) -> Graph:
        """Return the graph of sorted N-Quads lines."""
        return cls(lines)

    @property
    def version(self) -> Version | None:
        """The published version this is, None for a graph that was not published."""
        return self._version

    @cached_property
    def sha256(self) -> str:
        """The hash of the graph's sorted lines, which is its name."""
        if self._version:
            return self._version.sha256
        assert isinstance(self._lines, bytes)
        return publication.digest(self._lines)

    @property
    def called(self) -> str:
        """What the graph is known by where it is cited: the beginning of its hash."""
        return f"graph {self.sha256[:12]}"

    @cached_property
    def statements(self) -> int:
        """How many statements there are; what two named graphs state counts twice."""
        return self.lines.count()

    def query(self, text: str) -> Table | bool | rdflib.Graph:
        """Return what a SPARQL query answers: a table for SELECT, a truth value for ASK, else a graph.

        Our prefixes are bound. QueryError for what is no query, an update, or would ask another server.
        """
        found = self.results(text)
        if isinstance(found, ox.QuerySolutions):
            return _rows(found)
        if isinstance(found, ox.QueryBoolean):
            return bool(found)
        from kg import exchange  # noqa: PLC0415  # rdflib is slow to import

        return exchange.graph(found)

    def select(self, text: str) -> Table:
        """Return the rows of a SELECT query; QueryError for any other."""
        found = self.results(text)
        if not isinstance(found, ox.QuerySolutions):
            raise QueryError("this needs a SELECT query")
        return _rows(found)

    def stats(self) -> Table:
        """Return how much there is of what: columns what, name, count."""
        return views.stats(self.select, self.statements)

    def check(self) -> validation.Report:
        """Return what the shapes find wrong; the ontology is judged along where the graph does not hold it."""
        known = isinstance(self._lines, Path) or _ONTOLOGY in self._lines
        return validation.check(
            self._lines, shapes=files.shapes(), context=None if known else files.ontology()
        )

    def sources(self) -> Table:
        """Return what was read and what was not understood, by file; see `kg.views.sources`."""
        return views.sources(self.select, self.issues())

    def issues(self) -> tuple[dict[str, Any], ...]:
        """Return the issues of the build, as `path`, `line`, `code`, `message`; none for a graph not published."""
        return self._issues

    @cached_property
    def _issues(self) -> tuple[dict[str, Any], ...]:
        return tuple(self._version.report.get("issues", ())) if self._version else ()

    @property
    def lines(self) -> Lines:
        """The graph's sorted N-Quads lines."""
        return Lines(self._held)

    @cached_property
    def _held(self) -> bytes | Path | mmap:
        """The lines in memory too, where the graph is: whoever asks may not be able to open files any more."""
        return mapped(self._lines) if self._in_memory and isinstance(self._lines, Path) else self._lines

    def selected(self, selection: Selection) -> Graph:
        """Return the part of the graph that is selected; NotFoundError for names that mean nothing in it."""
        return Graph.of_lines(select_lines(self, selection)) if selection else self

    def shareable(self) -> tuple[Graph, tuple[str, ...]]:
        """Return the graph without the named graphs whose licence forbids derivatives, and what these are.

        Of a published graph this is kept inside its folder, with an index of its own.
        """
        left_out = export.restricted(self.lines)
        return (self._without(left_out), left_out) if left_out else (self, ())

    def handed_on(self) -> tuple[Version | None, tuple[str, ...]]:
        """Return the published version that `shareable` is, and what that leaves out.

        None for a graph that was not published, or where the part cannot be kept inside its folder.
        """
        left_out = export.restricted(self.lines) if self._version else ()
        return (self._kept_without(left_out) if left_out else self._version), left_out

    def _without(self, graphs: tuple[str, ...]) -> Graph:
        """Return what is left of the graph without some named graphs."""
        part = None if self._in_memory else self._kept_without(graphs)
        return (
            Graph(part.lines, part, self._notify)
            if part
            else Graph.of_lines(b"".join(self.lines.without(graphs)))
        )

    def _kept_without(self, graphs: tuple[str, ...]) -> Version | None:
        if self._version is None:
            return None
        return publication.part(self._version, _SHAREABLE, self.lines.without(graphs))

    def save(
        self,
        path: str | Path,
        name: str = "",
        *,
        selection: Selection | None = None,
        around: Around | None = None,
        all_licences: bool = False,
        **options: Any,
    ) -> tuple[str, ...]:
        """Write the graph to a file, in the format of its suffix or the one named; return what was left out.

        A folder gets a table for each class. `selection` is the part that is written, `around` what a diagram shows.
        `options` are the format's own: `standard` or `service` for a report, `wanted` and `given` lists of controls
        for a workbook, `table` and `exact` for tables, `questions` for a folder of them. Named graphs whose licence forbids derivatives are left out, unless `all_licences` are wanted.
        """
        part, left_out = self._part(selection, all_licences=all_licences)
        saving.save(part, path, name, around, options)
        return left_out

    def write(
        self,
        file: IO[bytes],
        name: str,
        *,
        selection: Selection | None = None,
        around: Around | None = None,
        all_licences: bool = False,
        **options: Any,
    ) -> tuple[str, ...]:
        """Write the graph to an open file in the format named; return what was left out, as `save` does."""
        part, left_out = self._part(selection, all_licences=all_licences)
        saving.write(part, file, name, around, options)
        return left_out

    def _part(self, selection: Selection | None, *, all_licences: bool) -> tuple[Graph, tuple[str, ...]]:
        whole, left_out = (self, ()) if all_licences else self.shareable()
        return (whole.selected(selection) if selection else whole), left_out

    def publish(
        self,
        url: str,
        *,
        update: str = "",
        graph_store: str = "",
        all_licences: bool = False,
        dry_run: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> Outcome:
        """Let a SPARQL server hold this graph, sending what changed; return what was sent.

        `url` is the address of queries; those of updates and of whole graphs are found out where not given.
        Licences as for `save`. With `dry_run` nothing is written; `progress` is told statements done and to do.
        RemoteError where the server takes no changes or does not give back what it was given.
        """
        from kg import stores, upload  # noqa: PLC0415  # only this needs the network

        return upload.publish(
            self.lines,
            self.sha256,
            stores.Store(url, update=update, graph_store=graph_store),
            all_licences=all_licences,
            dry_run=dry_run,
            progress=progress,
            notify=self._notify or (lambda _: None),
        )

    def __repr__(self) -> str:
        return f"<kg.Graph {self._version.sha256[:12] if self._version else 'not published'}>"

    def _repr_html_(self) -> str:
        return displays.graph(self.stats(), self._version)

    def rdflib(self) -> rdflib.Dataset:
        """Return the graph as an rdflib Dataset whose default graph is the union."""
        from kg import exchange  # noqa: PLC0415  # rdflib is slow to import

        quads = ox.parse(**_input(self._lines), format=ox.RdfFormat.N_QUADS)
        return exchange.dataset(quads)

    def results(
        self,
        text: str,
        *,
        dataset: Dataset | None = None,
        base: str | None = None,
        depth: int = sparql.DEPTH,
        tokens: int = sparql.TOKENS,
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Return what a SPARQL query answers as the engine gives it, to be read once.

        A `dataset` takes the place of what the query says with FROM, relative IRIs are resolved against `base`,
        and `depth` and `tokens` bound the text.
        QueryError as for `query`.
        """
        sparql.screen(text, depth=depth, tokens=tokens)
        graphs: dict[str, Any] = {}
        if dataset:
            graphs = {"default_graph": _named(dataset.default), "named_graphs": _named(dataset.named)}
        engine = self._store
        try:
            return engine.query(text, base_iri=base, prefixes=_prefixes(text), **graphs)
        except SyntaxError as error:
            raise _query_error(str(error), text) from error
        except ValueError as error:
            raise QueryError(str(error)) from error
        except (OSError, RuntimeError) as error:
            if "custom function" in str(error):
                raise QueryError(str(error)) from error
            raise DamagedError(
                f"the graph cannot be read: {error}", "remove the folder index-* beside it"
            ) from error

    @cached_property
    def words(self) -> Words:
        """The things of this graph by their names."""
        names = kept.Names(self._kept, self.select) if self._kept else None
        return Words(self.select, self._named_otherwise, names)

    @cached_property
    def lists(self) -> ControlLists:
        """The lists of controls of this graph."""
        asked = Asked(self.select)
        return ControlLists(kept.Controls(self._kept, asked) if self._kept else asked)

    @cached_property
    def _kept(self) -> kept.File | None:
        """What is kept beside a published graph, None in memory, where all is at hand."""
        if self._version is None or self._in_memory:
            return None
        found = kept.beside(self._version)
        if found is None and self._store:  # it is written when the index is made
            found = kept.beside(self._version)
        return found

    @cached_property
    def _store(self) -> ox.Store:
        if self._version and not self._in_memory:
            version = self._version
            return store.over(
                version,
                self._notify,
                made=lambda engine: kept.write(version, partial(_selected, engine)),
            )
        if self._version:
            self._version.verify()
        return store.in_memory(self._lines)


_SIGNS = tuple((f"{name}:", name, value) for name, value in PREFIXES.items())


def _prefixes(text: str) -> dict[str, str]:
    """Return the prefixes that a query may use: each one costs the engine as much as some words of the query."""
    if "\\" in text:  # an escaped character may belong to one
        return PREFIXES
    if text.count(":") == text.count("://"):  # all of them in whole IRIs
        return {}
    return {name: value for sign, name, value in _SIGNS if sign in text}


def _named(iris: Iterable[str]) -> list[ox.NamedNode]:
    try:
        return [ox.NamedNode(each) for each in iris]
    except ValueError as error:
        raise QueryError(f"no name of a graph: {error}") from error


def _read(place: Path) -> bytes:
    """Return a file's quads as sorted N-Quads lines."""
    form = ox.RdfFormat.from_extension(place.suffix[1:])
    if form is None or form == ox.RdfFormat.RDF_XML:
        known = ", ".join(each.suffixes[0] for each in export.FORMATS)
        raise SourceError(f"{place.name}: a graph is read from {known}, or from a folder made by `kg build`")
    try:
        data = place.read_bytes()
        if _depth(data) > _NESTED:
            raise SourceError(f"{place.name}: no graph: triples are nested more than {_NESTED} deep")
        quads = ox.parse(data, form, base_iri=place.resolve().as_uri())
        lines = (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
    except SyntaxError as error:
        raise SourceError(f"{place.name}: {error}", line=error.lineno or 0) from error
    except OSError as error:
        raise SourceError(f"{place.name}: {error.strerror or error}") from error
    return b"".join(sorted(set(lines)))


def _depth(data: bytes) -> int:
    """Return how deep triple terms are nested in a text."""
    if data.count(b"<<") <= _NESTED:
        return 0
    deepest = depth = 0
    for match in _NESTING.finditer(data):
        depth += {b"<<": 1, b">>": -1}.get(match[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _input(lines: bytes | Path) -> dict[str, Any]:
    return {"path": str(lines)} if isinstance(lines, Path) else {"input": lines}


def _selected(engine: ox.Store, text: str) -> Table:
    """Return the rows of a SELECT query of our own."""
    found = engine.query(text)
    assert isinstance(found, ox.QuerySolutions)
    return _rows(found)


def _rows(found: ox.QuerySolutions) -> Table:
    try:
        return Table.of_solutions(found)
    except (ValueError, RuntimeError, OSError) as error:
        raise QueryError(f"the query failed: {error}") from error


def _before(text: str, line: int, column: int) -> str:
    """Return what stands before a place on its line."""
    return text.split("\n")[line - 1][: column - 1] if line else ""


def _query_error(message: str, text: str) -> QueryError:
    """Return the engine's complaint, its place apart and without its list of every sign it would have taken."""
    place = _PLACE.search(message)
    said = message.split(": ", 1)[-1] if place else message
    said = said.splitlines()[0]
    line, column = (int(place[1]), int(place[2] or 1)) if place else (0, 0)
    if reason := _REASON.search(said):
        said = reason[1]
    elif said.startswith("expected"):
        rest = text.split("\n")[line - 1][column - 1 :].split() if line else []
        said = f"{rest[0][:40]} cannot stand here" if rest else "the query cannot end here"
    if said == "Prefix not found" and (name := _PREFIXED.search(_before(text, line, column))):
        return QueryError(
            f"the prefix {name[1]}: is not declared", line=line, column=column,
            hint=f"declare it (PREFIX {name[1]}: <…>); known without are {', '.join(PREFIXES)}",
        )  # fmt: skip
    return QueryError(said, line=line, column=column)
