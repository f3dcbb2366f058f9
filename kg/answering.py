"""What any graph answers that can be asked in SPARQL, wherever it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from kg import about, controls, views, void
from kg.about import About
from kg.control_lists import Asked, ControlLists
from kg.controls import Answers
from kg.errors import VocabularyError
from kg.queries import Table, Words, question, resolve, usages
from kg.queries.binding import Bound, Given, fill, in_order
from kg.search import Index
from kg.views import Thing

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.figure import Figure

Method = Callable[[Answers, Table, Mapping[str, tuple[Bound, ...]]], Table]


class Answering(ABC):
    """A graph to be asked: whoever can `select` can answer all of this."""

    @abstractmethod
    def select(self, text: str) -> Table:
        """Return the rows of a SELECT query; QueryError for any other."""

    def ask(self, name: str | int = "", *values: Given, **params: Given) -> Table:
        """Return the answer to a saved question, by its name or number; without one, the questions there are.

        Values are words in any language, IRIs or prefixed names, in the order of the question's parameters or
        by their names, lists where it takes several: `ask("scope-difference", "ISO 27001", "ISO 20000-1")` or
        `ask(5, standard="ISO 27001", other="ISO 20000-1")`.
        NotFoundError for a question, parameter or name that does not exist, with the nearest; QueryError for a
        value that is missing, of the wrong kind, or leaves open what is meant.
        """
        if name == "":
            return usages()
        asked = question(str(name))
        return answer(self, asked.name, in_order(asked, values, params))

    @cached_property
    def words(self) -> Words:
        """The things of this graph by their names."""
        return Words(self.select, self._named_otherwise)

    @property
    def _named_otherwise(self) -> Mapping[str, Callable[[str], str]]:
        """How words are resolved for types of which names alone do not tell which thing is meant."""
        return {"ckg:ControlSet": partial(controls.list_of, self)}

    @cached_property
    def lists(self) -> ControlLists:
        """The lists of controls of this graph."""
        return ControlLists(Asked(self.select))

    def search(self, text: str, *, limit: int = 20, kind: str = "") -> Table:
        """Return the things whose names fit best, in any language, by beginnings and with typing errors.

        Columns thing, label, kind, name (the one that fits), language (of that name), score (1 being the same
        words). `kind` keeps things of one, such as `control`; NotFoundError where there is no such kind.
        """
        return self._index.search(text, limit=limit, kind=kind)

    def describe(self, name: str) -> Thing:
        """Return what is said of a thing, and where; `name` is an IRI, a prefixed name or words."""
        iri = self.words.resolve(name).value
        return views.thing(self.select, iri, self.words.label(iri))

    def gap(
        self, wanted: str, given: str | None = None, *, have: Iterable[str] = (), everything: bool = False
    ) -> Table:
        """Return the controls of one list that another, or the identifiers one has, does not cover, and why.

        With `everything`, those covered too.
        """
        return controls.gap_table(self, controls.compared(self, wanted, given, have), everything=everything)

    def coverage(self, wanted: str, given: str | None = None, *, have: Iterable[str] = ()) -> Table:
        """Return what share of a list of controls another covers, by family; unknown is never covered."""
        return controls.coverage_table(controls.compared(self, wanted, given, have))

    def crosswalk(self, one: str, other: str) -> Table:
        """Return every mapping between the controls of two lists."""
        return controls.crosswalk_table(self, one, other)

    def changes(self, former: str, latter: str) -> Table:
        """Return what changed from one edition of a catalog to the next."""
        return controls.changes_table(self, former, latter)

    def path(self, start: str, end: str, *, best: int = 5) -> Table:
        """Return how two things are connected, step by step: all shortest paths, then the best by evidence."""
        from kg import network  # noqa: PLC0415  # networkx is slow to import

        return network.between(self, self.connections, start, end, best=best)

    @cached_property
    def connections(self) -> nx.Graph:
        """The network in which paths are looked for: things, each two joined by the surest of their statements."""
        from kg import network  # noqa: PLC0415  # networkx is slow to import

        return network.passable(network.of(self))

    @cached_property
    def _index(self) -> Index:
        return Index(self.words.names, self.words.labels)

    def about(self, thing: str) -> About:
        """Return what is said about the thing with an IRI, as statements, in bounds; see `kg.about.About`."""
        return about.of(self.select, thing)

    def service(self, endpoint: str, dump: str = "") -> bytes:
        """Return the description of this graph, served at a URL, in VoID and SPARQL Service Description.

        Sorted N-Triples lines; what is counted for it is counted once. `dump` is where all of it can be fetched.
        """
        return void.description(self._figures, endpoint, dump)

    @cached_property
    def _figures(self) -> void.Figures:
        return void.count(self.select)

    def stats(self) -> Table:
        """Return how much there is of what: columns what, name, count."""
        return views.stats(self.select)

    def network(self) -> nx.MultiDiGraph:
        """Return the graph for networkx: things as nodes, statements as edges with their evidence."""
        from kg import network  # noqa: PLC0415  # networkx is slow to import

        return network.of(self)

    def analyse(self, name: str, *things: str, **options: Any) -> Table:
        """Return what an analysis of the graph as a network finds: see the functions in `kg.network.ANALYSES`.

        Such as `analyse("hubs", by="betweenness")` or `analyse("cover", "mars-e-2.2")`; `kg network` lists them.
        """
        from kg import network  # noqa: PLC0415  # networkx is slow to import

        return network.analyse(self, name, *things, **options)

    @property
    def called(self) -> str:
        """What the graph is known by where it is cited."""
        return "a graph"

    def draw(self, table: Table, name: str = "", *, title: str = "") -> Figure:
        """Return an answer of this graph as a matplotlib figure that says where its data come from.

        The picture is the one named of `kg.pictures.PICTURES`, else the one that suits the columns of the table;
        `kg.pictures.save` writes it. Needs the extra `plots`.
        """
        from kg import pictures  # noqa: PLC0415  # the extra `plots`

        return pictures.draw(table, name, title=title, caption=pictures.sources(self.select, self.called))


def answer(graph: Answers, name: str, given: Mapping[str, Given]) -> Table:
    """Return what a graph answers to a saved question, by its name or number; values may be words."""
    asked = question(name)
    bound = resolve(asked, given, graph.words)
    rows = graph.select(fill(asked, bound))
    return _method(asked.method)(graph, rows, bound) if asked.method else rows


def _method(name: str) -> Method:
    """Return what works an answer out, by the name that front matter gives it."""
    if name == "routes":
        from kg.network import routes  # noqa: PLC0415  # networkx is slow to import

        return routes
    known: Mapping[str, Method] = {
        "gap": controls.missing,
        "coverage": controls.shares,
        "closing": controls.closing,
        "remaining": controls.remaining,
    }
    if name not in known:
        raise VocabularyError(f"no method is called {name!r}")
    return known[name]
