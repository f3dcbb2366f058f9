"""Saved questions, the values bound into them, and the tables they answer with."""

from __future__ import annotations

from kg.queries.binding import bind, example, resolve
from kg.queries.question import Param, Question, question, questions
from kg.queries.table import Table
from kg.queries.words import Words

__all__ = [
    "Param",
    "Question",
    "Table",
    "Words",
    "bind",
    "example",
    "question",
    "questions",
    "resolve",
    "usages",
]


def usages() -> Table:
    """Return the saved questions as they are typed: columns number, question (with its parameters), asks."""
    rows = ((each.number, each.usage, each.summary) for each in questions().values())
    return Table.of(("number", "question", "asks"), rows)
