"""A file of tables that is written once and then only read."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from kg.publication import DamagedError


@contextmanager
def written(place: Path) -> Iterator[sqlite3.Connection]:
    """Give a file to write, which has its name when this is done and leaves nothing if it fails."""
    fresh = place.with_name(f"{place.name}-{uuid.uuid4().hex[:12]}")
    try:
        with closing(sqlite3.connect(fresh, isolation_level=None)) as file:
            file.execute("PRAGMA journal_mode = OFF")  # what fails is removed
            file.execute("BEGIN")
            yield file
            file.execute("COMMIT")
        fresh.rename(place)
    finally:
        fresh.unlink(missing_ok=True)


class File:
    """What was written; DamagedError where it cannot be read."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._file = sqlite3.connect(
            f"{place.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )

    def rows(self, query: str, *values: str | bool) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds, `values` being those of its question marks."""
        try:
            return self._file.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise DamagedError(
                f"{self._place} cannot be read: {error}",
                "remove it; what it holds is then asked of the graph",
            ) from error
