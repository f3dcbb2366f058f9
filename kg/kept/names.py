"""The names of a graph's things, kept by the classes of these things."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from kg.kept.file import File
from kg.queries.asked import Select
from kg.queries.words import NAMED, Spelling, Words, spellings

_FORM = (
    "CREATE TABLE class (iri TEXT PRIMARY KEY) WITHOUT ROWID",
    (
        "CREATE TABLE name (class TEXT, thing TEXT, text TEXT, language TEXT, rank INTEGER,"
        " PRIMARY KEY (class, thing, text, language, rank)) WITHOUT ROWID"
    ),
)


def write(file: sqlite3.Connection, select: Select) -> None:
    """Write the names of all things that may be named by words."""
    for table in _FORM:
        file.execute(table)
    words = Words(select)
    classes = list(dict.fromkeys(iri for name in NAMED for iri in words.classes(name)))
    file.executemany("INSERT INTO class VALUES (?)", ((iri,) for iri in classes))
    file.executemany(
        "INSERT INTO name VALUES (?, ?, ?, ?, ?)",
        ((each.type, each.thing, each.text, each.language, each.rank) for each in spellings(select, classes)),
    )


class Names:
    """The names that a file keeps; those of the things of other classes are asked of the graph."""

    def __init__(self, file: File, select: Select) -> None:
        self._file = file
        self._select = select

    def __call__(self, classes: Sequence[str]) -> Iterable[Spelling]:
        """Return the names of the things of some classes."""
        rows = self._file.rows
        if not all(rows("SELECT 1 FROM class WHERE iri = ?", iri) for iri in classes):
            return spellings(self._select, classes)
        query = "SELECT thing, text, language, rank, class FROM name WHERE class = ?"
        return (Spelling(*row) for iri in classes for row in rows(query, iri))
