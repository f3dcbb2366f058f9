"""The rows of a class's table, read from a graph some thousand at a time, in the order of the things' IRIs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import pyoxigraph as ox

from kg.queries.asked import Selecting
from kg.queries.table import plain
from kg.queries.texts import filled, listed
from kg.tables.labels import STEP, Labels
from kg.tables.layouts import Column, Layout
from kg.terms import Iri, bare, term

Cell: TypeAlias = str | int | float | bool | date | list[str] | None
Node: TypeAlias = ox.NamedNode | ox.Literal

_NAME = re.compile(r"[\w-]+:[\w-]+")


def rows(graph: Selecting, layout: Layout) -> Iterator[list[list[Cell]]]:
    """Yield the rows of a table in batches, each row with a cell for each column.

    A cell is None where nothing is known, and a list in a column of many.
    """
    things = sorted(_members(graph, layout.of) - (_members(graph, layout.but) if layout.but else set()))
    labels = Labels(graph)
    members = {column.of: _members(graph, column.of) for column in layout.columns if column.of}
    for start in range(0, len(things), STEP):
        batch = _Batch(graph, layout, things[start : start + STEP], labels, members)
        yield [list(row) for row in zip(*map(batch.cells, layout.columns), strict=True)]


def _members(graph: Selecting, of: str) -> frozenset[str]:
    """Return the IRIs of the things of a class."""
    found = graph.select(filled("tables", "members", type=str(term(of)))).rows
    return frozenset(thing.value for (thing,) in found if isinstance(thing, ox.NamedNode))


class _Batch:
    """Some things of a class, and what each column holds of them."""

    def __init__(
        self,
        graph: Selecting,
        layout: Layout,
        things: list[str],
        labels: Labels,
        members: Mapping[str, frozenset[str]],
    ) -> None:
        self._graph = graph
        self._things = things
        self._labels = labels
        self._members = members
        self._columns = {column.name: column for column in layout.columns}
        self._found: dict[str, list[list[Node]]] = {}
        self._said: dict[str, dict[str, list[tuple[str, Node]]]] = {}

    def cells(self, column: Column) -> list[Cell]:
        """Return the cells of one column, one for each thing."""
        if column.when:
            seen = self._nodes(self._columns[column.when])
            return [column.then if nodes else column.otherwise for nodes in seen]
        if column.label:
            return [self._named(nodes, column) for nodes in self._labelled(column)]
        if column.many:
            return [[node.value for node in nodes] for nodes in self._nodes(column)]
        return [_cell(nodes[0], column) if nodes else None for nodes in self._nodes(column)]

    def _labelled(self, column: Column) -> list[list[Node]]:
        """Return what is to be named, its names looked up."""
        found = self._nodes(self._columns[column.label])
        self._labels.read(node.value for nodes in found for node in nodes if isinstance(node, ox.NamedNode))
        return found

    def _named(self, nodes: Iterable[Node], column: Column) -> Cell:
        names = [self._labels[node.value] if isinstance(node, ox.NamedNode) else node.value for node in nodes]
        if column.many:
            return names
        return names[0] if names else None

    def _nodes(self, column: Column) -> list[list[Node]]:
        """Return what a column holds of each thing, the first to be taken first."""
        if column.name not in self._found:
            if not column.paths:
                found: list[list[Node]] = [[ox.NamedNode(thing)] for thing in self._things]
            elif column.source:
                starts = [
                    nodes[0].value if nodes else "" for nodes in self._nodes(self._columns[column.source])
                ]
                known = self._values(column, sorted(set(starts) - {""}))
                found = [known.get(start, []) for start in starts]
            else:
                known = self._values(column, self._things)
                found = [known.get(thing, []) for thing in self._things]
            self._found[column.name] = found
        return self._found[column.name]

    def _values(self, column: Column, things: Sequence[str]) -> dict[str, list[Node]]:
        """Return what the paths of a column lead to from each of some things."""
        left_out = {bare(term(name)) for name in column.but}
        members = self._members.get(column.of)
        found: dict[str, dict[Node, None]] = {}
        for path in column.paths if things else ():
            for thing, value in self._led_to(column.source, things, path):
                fits = value.value not in left_out and (members is None or value.value in members)
                if fits and (not column.foreign or _is_foreign(value)):
                    found.setdefault(thing, {})[value] = None
        return {thing: sorted(nodes, key=_order) for thing, nodes in found.items()}

    def _led_to(self, source: str, things: Sequence[str], path: str) -> list[tuple[str, Node]]:
        """Return where a path leads from the things of a column; their properties are read all at once."""
        if not _NAME.fullmatch(path):
            rows = self._graph.select(filled("tables", "led-to", things=listed(things), path=path)).rows
            return [(str(plain(thing)), value) for thing, value in rows if isinstance(value, Node)]
        if source not in self._said:
            said = self._said[source] = {}
            for thing, name, value in self._graph.select(
                filled("tables", "said", things=listed(things))
            ).rows:
                if isinstance(value, Node):
                    said.setdefault(str(plain(name)), []).append((str(plain(thing)), value))
        return self._said[source].get(bare(Iri(term(path))), [])


def _is_foreign(node: Node) -> bool:
    """Whether a value is a text in another language than English."""
    return isinstance(node, ox.Literal) and bool(node.language) and not str(node.language).startswith("en")


def _order(node: Node) -> tuple[bool, str, str]:
    """Return what values are sorted by: English and what is in no language first, whole numbers by their size."""
    value = plain(node)
    text = f"{value:020d}" if isinstance(value, int) else node.value
    return _is_foreign(node), text, (node.language or "") if isinstance(node, ox.Literal) else ""


def _cell(node: Node, column: Column) -> Cell:
    """Return a value as its column's type has it, None where it is no such value."""
    value = plain(node)
    if column.type in {"integer", "decimal"}:
        fits = isinstance(value, int if column.type == "integer" else int | float)
        return (float(str(value)) if column.type == "decimal" else value) if fits else None
    if column.type == "boolean":
        return value if isinstance(value, bool) else None
    if column.type == "date":
        try:
            return date.fromisoformat(node.value[:10])
        except ValueError:
            return None
    return node.value
