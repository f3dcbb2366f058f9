"""Answering a saved question: bind, run, and where one query cannot say it, work it out of the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kg import controls
from kg.controls import Answers
from kg.errors import VocabularyError
from kg.queries import Table, question, resolve
from kg.queries.binding import Bound, Given, fill

Method = Callable[[Answers, Table, Mapping[str, tuple[Bound, ...]]], Table]


def answer(graph: Answers, name: str, given: Mapping[str, Given]) -> Table:
    """Return what a graph answers to a saved question, by its name or number; values may be words."""
    asked = question(name)
    bound = resolve(asked, given, graph.words)
    rows = graph.select(fill(asked, bound))
    return _method(asked.method)(graph, rows, bound) if asked.method else rows


def _method(name: str) -> Method:
    """Return what works an answer out, by the name that front matter gives it."""
    if name == "routes":
        from kg.network import routes  # noqa: PLC0415  # networkx is slow to import

        return routes
    known: Mapping[str, Method] = {
        "gap": controls.missing,
        "coverage": controls.shares,
        "closing": controls.closing,
        "remaining": controls.remaining,
    }
    if name not in known:
        raise VocabularyError(f"no method is called {name!r}")
    return known[name]
