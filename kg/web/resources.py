"""In a worker: what an IRI of ours leads to, and the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pyoxigraph as ox

from kg import files
from kg.errors import NotFoundError
from kg.graph import Graph
from kg.queries import texts
from kg.terms import BASE
from kg.web import written
from kg.web.tasks import Answer

_NEAREST = 5


def prepare(_: Graph) -> None:
    """Read the files that describing needs."""
    texts.prepare()
    _vocabulary()


def describe(graph: Graph, arguments: Mapping[str, Any]) -> Answer:
    """Return what is said about a thing; NotFoundError with the nearest things."""
    for path in arguments["paths"]:
        try:
            found = graph.about(BASE + path)
        except ValueError:
            continue
        if found.lines:
            cut = (("x-cut", ", ".join(found.cut)),) if found.cut else ()
            return written.of_lines(found.lines, arguments, cut)
    name = arguments["paths"][-1]
    near = graph.search(name.rpartition("/")[2][:100].replace("-", " "), limit=_NEAREST).column("thing")
    raise NotFoundError(f"there is nothing at {BASE}{name[:200]}", tuple(map(str, near)))


def ontology(_: Graph, arguments: Mapping[str, Any]) -> Answer:
    """Return the vocabulary: for people who read Turtle as it is written, with its comments."""
    turtle, lines = _vocabulary()
    if arguments["form"] == "ttl":
        return written.of_text(turtle, arguments)
    return written.of_lines(lines, arguments)


@cache
def _vocabulary() -> tuple[str, bytes]:
    turtle = (files.ontology() / "kg.ttl").read_text(encoding="utf-8")
    lines = ox.serialize(ox.parse(turtle, ox.RdfFormat.TURTLE), format=ox.RdfFormat.N_TRIPLES) or b""
    return turtle, b"".join(sorted(set(lines.splitlines(keepends=True))))
