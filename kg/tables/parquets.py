"""Tables as Parquet: exact texts, typed columns, lists as lists, a row group for each batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any

from kg import extras
from kg.tables.layouts import Column
from kg.tables.rows import Cell


def write(columns: Sequence[Column], batches: Iterable[Sequence[Sequence[Cell]]], target: IO[bytes]) -> None:
    """Write a table as Parquet, a batch at a time; each column's description is in its metadata.

    KgError where pyarrow is not installed.
    """
    arrow = extras.needed("pyarrow", "tables")
    parquet = extras.needed("pyarrow.parquet", "tables")
    types = {
        "iri": arrow.string(),
        "string": arrow.string(),
        "integer": arrow.int64(),
        "decimal": arrow.float64(),
        "boolean": arrow.bool_(),
        "date": arrow.date32(),
    }
    schema = arrow.schema(
        arrow.field(
            column.name,
            arrow.list_(arrow.field("element", types[column.type], nullable=False))
            if column.many
            else types[column.type],
            metadata={"description": column.about},
        )
        for column in columns
    )
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in batches:
            arrays = [
                arrow.array([_encodable(row[place]) for row in batch], schema.field(place).type)
                for place in range(len(columns))
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


def _encodable(cell: Cell) -> Any:
    """Return a cell without half characters, which no UTF-8 holds."""
    if isinstance(cell, str):
        return cell if cell.isascii() else cell.encode("utf-8", "replace").decode()
    return [_encodable(each) for each in cell] if isinstance(cell, list) else cell
