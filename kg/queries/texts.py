"""The queries that are no questions: files in folders beside this one, each with at most one place to fill."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox

_FOLDER = Path(__file__).parent


@cache
def text(folder: str, name: str) -> str:
    """Return the query in a file."""
    return (_FOLDER / folder / f"{name}.rq").read_text(encoding="utf-8")


def filled(folder: str, name: str, things: Iterable[str]) -> str:
    """Return the query in a file about things; ValueError for what is no IRI."""
    return text(folder, name).replace("UNDEF", " ".join(str(ox.NamedNode(thing)) for thing in things), 1)
