"""A graph as files of tables: one of claims, or a folder with one for each class and question."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from kg.errors import KgError, NotFoundError
from kg.queries import Question, Table, example
from kg.queries import questions as saved
from kg.queries.asked import Asked
from kg.queries.table import plain
from kg.tables import csvs, parquets
from kg.tables.layouts import Column, Type, layout, layouts
from kg.tables.rows import Cell, rows

FORMS = ("csv", "parquet")
_METADATA = "csv-metadata.json"
_ANSWER = re.compile(r"question-[0-9]{2,}-[a-z0-9-]+\.(?:csv|parquet)")
_TYPES: dict[type, Type] = {str: "string", int: "integer", float: "decimal", bool: "boolean"}


def write(graph: Asked, target: IO[bytes], form: str, table: str = "claims", *, exact: bool = False) -> None:
    """Write one table of a graph as CSV or Parquet; see `layouts.yaml` for the tables and their columns.

    Texts in CSV that a spreadsheet would take for formulas get an apostrophe, unless they are wanted `exact`.
    """
    chosen = layout(table)
    _written(chosen.columns, rows(graph, chosen), target, form, exact=exact)


def write_folder(
    graph: Asked, place: Path, form: str, *, questions: bool = False, exact: bool = False
) -> tuple[str, ...]:
    """Write a table for each class to a folder, all of them or none; return the names of the files.

    With `questions`, one for each saved question as well, about the example in its file. A CSV folder describes its
    columns in `csv-metadata.json`. The folder must not exist, be empty, or hold such tables only.
    """
    if form not in FORMS:
        raise NotFoundError(f"no tables are written as {form!r}", FORMS)
    _replaceable(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        described: dict[str, tuple[str, Sequence[Column]]] = {}
        for chosen in layouts().values():
            name = f"{chosen.name}.{form}"
            described[name] = (chosen.about, chosen.columns)
            with (fresh / name).open("wb") as file:
                _written(chosen.columns, rows(graph, chosen), file, form, exact=exact)
        for question in saved().values() if questions else ():
            name = f"question-{question.number:02d}-{question.name}.{form}"
            columns, batch = _typed(question, _answered(graph, question))
            described[name] = (question.summary, columns)
            with (fresh / name).open("wb") as file:
                _written(columns, iter([batch]), file, form, exact=exact)
        if form == "csv":
            (fresh / _METADATA).write_text(csvs.metadata(described), encoding="utf-8")
        names = tuple(sorted(path.name for path in fresh.iterdir()))
        _replace(fresh, place)
    except OSError as error:
        raise KgError(f"{place} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return names


def _written(
    columns: Sequence[Column],
    batches: Iterator[list[list[Cell]]],
    target: IO[bytes],
    form: str,
    *,
    exact: bool,
) -> None:
    if form == "csv":
        csvs.write(columns, batches, target, exact=exact)
    elif form == "parquet":
        parquets.write(columns, batches, target)
    else:
        raise NotFoundError(f"no tables are written as {form!r}", FORMS)


def _replaceable(place: Path) -> None:
    """Raise KgError where a folder holds anything that is not one of our tables."""
    if place.exists() and not place.is_dir():
        raise KgError(f"{place} is a file", "name a folder, or give the file the suffix of a format")
    known = {f"{name}.{form}" for name in layouts() for form in FORMS} | {_METADATA}
    for path in sorted(place.iterdir()) if place.exists() else ():
        if path.name not in known and not _ANSWER.fullmatch(path.name):
            raise KgError(f"{place} holds other files, such as {path.name}", "name a new or empty folder")


def _replace(fresh: Path, place: Path) -> None:
    """Put a folder in the place of another, which stays where that fails."""
    fresh.chmod(0o755)
    if not place.exists():
        fresh.rename(place)
        return
    former = place.with_name(f"{fresh.name}.former")
    place.rename(former)
    try:
        fresh.rename(place)
    except OSError:
        former.rename(place)
        raise
    shutil.rmtree(former)


def _answered(graph: Asked, question: Question) -> Table:
    """Return the answer about a question's own example; none where the graph does not know what it asks about."""
    try:
        return graph.ask(question.name, **example(question))
    except KgError:
        return Table.of(question.columns, ())


def _typed(question: Question, table: Table) -> tuple[tuple[Column, ...], list[list[Cell]]]:
    """Return the columns of an answer with the type that all its cells have, and its rows."""
    cells = [[plain(value) for value in row] for row in table.rows]
    kinds = [{type(row[place]) for row in cells} - {type(None)} for place in range(len(table.header))]
    types: list[Type] = [_TYPES[kind.pop()] if len(kind) == 1 else "string" for kind in map(set, kinds)]
    columns = tuple(
        Column(name, question.columns.get(name, ""), of) for name, of in zip(table.header, types, strict=True)
    )
    return columns, [
        [
            str(cell) if of == "string" and cell is not None else cell
            for cell, of in zip(row, types, strict=True)
        ]
        for row in cells
    ]
