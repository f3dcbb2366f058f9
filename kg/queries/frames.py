"""Tables as data frames: one type for each column, told by its terms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg import extras
from kg.errors import NotFoundError
from kg.queries.rendering import short
from kg.queries.table import Iris, Table, Value, plain
from kg.terms import PREFIXES

Cell: TypeAlias = str | int | float | bool | date | None
_EXTRA = "tables"
_DATE = PREFIXES["xsd"] + "date"
_WAYS = ("full", "short", "label")


def pandas(table: Table, iris: Iris) -> Any:
    """Return a table as a pandas DataFrame."""
    frame = extras.needed("pandas", _EXTRA)
    types = {int: "Int64", float: "Float64", bool: "boolean", str: "string", date: "datetime64[s]"}
    return frame.DataFrame(
        {name: frame.Series(cells, dtype=types[of]) for name, (of, cells) in _columns(table, iris).items()}
    )


def polars(table: Table, iris: Iris) -> Any:
    """Return a table as a polars DataFrame."""
    frame = extras.needed("polars", _EXTRA)
    types = {int: frame.Int64, float: frame.Float64, bool: frame.Boolean, str: frame.String, date: frame.Date}
    columns = _columns(table, iris)
    return frame.DataFrame(
        [frame.Series(name, cells, dtype=types[of]) for name, (of, cells) in columns.items()]
    )


def arrow(table: Table, iris: Iris) -> Any:
    """Return a table as an Arrow table."""
    frame = extras.needed("pyarrow", _EXTRA)
    types = {
        int: frame.int64(),
        float: frame.float64(),
        bool: frame.bool_(),
        str: frame.string(),
        date: frame.date32(),
    }
    columns = _columns(table, iris)
    return frame.table({name: frame.array(cells, types[of]) for name, (of, cells) in columns.items()})


def _columns(table: Table, iris: Iris) -> dict[str, tuple[type, list[Cell]]]:
    """Return the cells of each column, all of one type, and the type; text where nothing is known."""
    if iris not in _WAYS:
        raise NotFoundError(f"IRIs are not shown as {iris!r}", _WAYS)
    by_name = {name: [row[place] for row in table.rows] for place, name in enumerate(table.header)}
    told = {name for name in by_name if iris == "label" and f"{name}Label" in by_name}
    found = {}
    for name, values in by_name.items():
        if iris == "label" and name.removesuffix("Label") in told and name.endswith("Label"):
            continue
        shown = [
            label if label is not None else value
            for label, value in zip(by_name[f"{name}Label"], values, strict=True)
        ] if name in told else values  # fmt: skip
        found[name] = _typed(shown, str if iris == "full" else short)
    return found


def _typed(values: list[Value], named: Callable[[str], str]) -> tuple[type, list[Cell]]:
    """Return the cells of one column, and the type they share."""
    cells = [_cell(value, named) for value in values]
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int, float} and kinds and all(_fits(cell) for cell in cells):
        of: type = float if float in kinds else int
        return of, [None if cell is None else of(cell) for cell in cells]
    if len(kinds) == 1 and kinds <= {bool, date}:
        return kinds.pop(), cells
    return str, [None if cell is None else _text(cell) for cell in cells]


def _fits(cell: Cell) -> bool:
    """Whether a number fits into 64 bits."""
    return not isinstance(cell, int) or abs(cell) < 1 << 63


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else f"{cell}"


def _cell(value: Value, named: Callable[[str], str]) -> Cell:
    if isinstance(value, ox.NamedNode):
        return named(value.value)
    if isinstance(value, ox.Literal) and value.datatype.value == _DATE:
        try:
            return date.fromisoformat(value.value)
        except ValueError:
            return value.value
    return plain(value)
