"""Tables as CSV, and a folder's columns described in `csv-metadata.json` (CSV on the Web, W3C 2015)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import IO, Any

from kg.queries.table import csv_line
from kg.tables.cells import SEPARATOR, inert, joined
from kg.tables.layouts import Column
from kg.tables.rows import Cell

_DATATYPES = {"iri": "anyURI", "decimal": "double"}


def write(
    columns: Sequence[Column],
    batches: Iterable[Sequence[Sequence[Cell]]],
    target: IO[bytes],
    *,
    exact: bool = False,
) -> None:
    """Write a table as CSV (RFC 4180, but lines end as Unix ends them), a batch at a time.

    Texts that a spreadsheet would take for formulas get an apostrophe, unless they are wanted `exact`.
    """
    target.write(csv_line(column.name for column in columns).encode())
    for batch in batches:
        lines = [csv_line([_written(cell, exact=exact) for cell in row]) for row in batch]
        target.write("".join(lines).encode("utf-8", "replace"))


def metadata(tables: Mapping[str, tuple[str, Sequence[Column]]]) -> str:
    """Return what the columns of CSV files are, by file name: what a table holds, and its columns."""
    described = [
        {
            "url": url,
            "dc:description": about,
            "tableSchema": {
                "columns": [_described(column) for column in columns],
                **({"primaryKey": columns[0].name} if columns and not columns[0].paths else {}),
            },
        }
        for url, (about, columns) in tables.items()
    ]
    said = {"@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}], "tables": described}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _described(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": column.name,
        "titles": column.name,
        "dc:description": column.about,
        "datatype": _DATATYPES.get(column.type, column.type),
    }
    return {**said, "separator": SEPARATOR} if column.many else said


def _written(cell: Cell, *, exact: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str | list):
        text = cell if isinstance(cell, str) else joined(cell)
        return text if exact else inert(text)
    return cell.isoformat() if isinstance(cell, date) else f"{cell}"
