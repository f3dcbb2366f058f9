"""The queries that are no questions: files in folders beside this one, with places such as `<fill:things>`.

A place is an IRI, so that each file is a query as it stands; as the first of a row of VALUES, `(<fill:pairs> UNDEF)`,
it stands for whole rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox

_FOLDER = Path(__file__).parent
_PLACE = re.compile(r"\(<fill:(\w+)>(?: UNDEF)+\)|<fill:(\w+)>")


@cache
def text(folder: str, name: str) -> str:
    """Return the query in a file."""
    return (_FOLDER / folder / f"{name}.rq").read_text(encoding="utf-8")


def filled(folder: str, name: str, **parts: str) -> str:
    """Return the query in a file with SPARQL in its places; KeyError for a place that nothing is given for."""
    return _PLACE.sub(lambda place: parts[place[1] or place[2]], text(folder, name))


def listed(things: Iterable[str]) -> str:
    """Return IRIs as SPARQL, as they stand between the braces of VALUES; ValueError for what is no IRI."""
    return " ".join(str(ox.NamedNode(thing)) for thing in things)


def prepare() -> None:
    """Read all these files, for a process that will not be able to."""
    for path in _FOLDER.glob("*/*.rq"):
        text(path.parent.name, path.stem)
