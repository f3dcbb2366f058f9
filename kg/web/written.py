"""Answers as bytes, whole and in bounds: tables for people and programs, statements in the forms of RDF."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox

from kg import export
from kg.lines import Lines
from kg.queries import Table
from kg.queries.table import Value
from kg.tables.cells import inert
from kg.web.problems import HttpError
from kg.web.tasks import Answer


def of_table(table: Table, arguments: Mapping[str, Any]) -> Answer:
    """Return a table in the form asked for.

    As CSV or TSV it is for spreadsheets: a text that one would take for a formula gets an apostrophe.
    """
    form = arguments["form"]
    shown = table if form == "json" else Table.of(table.header, (map(_inert, row) for row in table.rows))
    return of_text(shown.to(form), arguments)


def of_lines(lines: bytes, arguments: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Return sorted N-Quads lines in the form asked for."""
    target = io.BytesIO()
    export.form(arguments["form"]).write(Lines(lines), target)
    return _bounded(target.getvalue(), arguments, headers)


def of_text(text: str, arguments: Mapping[str, Any]) -> Answer:
    """Return a text as an answer of the media type asked for."""
    return _bounded(text.encode("utf-8", "replace"), arguments)


def _bounded(body: bytes, arguments: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    limit = arguments["max_result"]
    if len(body) > limit:
        raise HttpError(413, f"the answer is larger than {limit:,} bytes", "ask for less, or at /sparql")
    media_type = arguments["media_type"]
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return Answer(200, media_type + charset, body, headers)


class Bounded(io.BytesIO):
    """A file in memory that holds so many bytes; HttpError for more."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any) -> int:
        """Take some bytes."""
        if self.tell() + memoryview(data).nbytes > self._limit:
            raise HttpError(
                413,
                f"the file is larger than {self._limit:,} bytes",
                "ask for a part of it, or use kg export",
            )
        return super().write(data)

    def writelines(self, lines: Iterable[Any]) -> None:
        """Take some bytes after others."""
        for line in lines:
            self.write(line)


def _inert(value: Value) -> Value:
    if isinstance(value, ox.Literal):
        return ox.Literal(inert(value.value)) if value.language or _is_text(value) else value
    return inert(value) if isinstance(value, str) else value


def _is_text(value: ox.Literal) -> bool:
    return value.datatype.value.endswith("#string")
