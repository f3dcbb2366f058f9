"""What the modules that work on answers need of a graph, wherever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from kg.queries.binding import Given
from kg.queries.table import Table

Select: TypeAlias = Callable[[str], Table]


class Selecting(Protocol):
    """A graph that answers SELECT queries."""

    def select(self, text: str) -> Table:
        """Return the rows of a SELECT query."""


class Asked(Selecting, Protocol):
    """A graph that answers saved questions, too."""

    def ask(self, name: str, **params: Given) -> Table:
        """Return the answer to a saved question."""
