"""Columns of a table by what they mean, whatever an analysis or question calls them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.errors import QueryError
from kg.pictures.canvas import legible
from kg.queries.rendering import short
from kg.queries.table import Plain, Table


def column(table: Table, *names: str) -> tuple[Plain, ...]:
    """Return the first of these columns that the table has; QueryError if it has none."""
    for name in names:
        if name in table.header:
            return table.column(name)
    raise QueryError(
        f"this picture needs a column {names[0]!r}", hint=f"the table has {', '.join(table.header)}"
    )


def named(table: Table, *names: str, most: int = 60) -> list[list[str]]:
    """Return the labels of the things in each of these columns, from the column of labels beside it if there is one.

    Different things of one label are told apart by their prefixed names.
    """
    pairs = [list(_pairs(table, name, most)) for name in names]
    meant: dict[str, set[Plain]] = {}
    for thing, label in (pair for column_pairs in pairs for pair in column_pairs):
        meant.setdefault(label, set()).add(thing)
    return [
        [
            f"{label} ({short(str(thing))})" if len(meant[label]) > 1 else label
            for thing, label in column_pairs
        ]
        for column_pairs in pairs
    ]


def _pairs(table: Table, name: str, most: int) -> Iterator[tuple[Plain, str]]:
    things = column(table, name)
    beside = f"{name.removesuffix('Label')}Label"
    labels = table.column(beside) if beside in table.header else (None,) * len(things)
    for thing, label in zip(things, labels, strict=True):
        iri = thing if str(thing or "").startswith(("http://", "https://")) else None
        yield thing, legible(label if label is not None or iri else thing, iri, most=most)


def number(value: Plain) -> float:
    """Return a cell as a number, 0 for none."""
    return float(value) if isinstance(value, int | float) else 0.0


def ranked(counts: Iterable[tuple[str, float]]) -> list[str]:
    """Return names by the sum of their numbers, the greatest first, equal ones in alphabetical order."""
    sums: dict[str, float] = {}
    for name, count in counts:
        sums[name] = sums.get(name, 0.0) + count
    return sorted(sums, key=lambda name: (-sums[name], name))
