"""In a worker: saved questions, search, and what is asked about lists of controls and connections."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import kg.network  # noqa: F401  (imported here, where files can still be read)
from kg import formats
from kg.errors import QueryError
from kg.graph import Graph
from kg.publication import DamagedError
from kg.queries import Table, question, questions
from kg.web import written
from kg.web.problems import HttpError
from kg.web.tasks import Answer

Arguments = Mapping[str, Any]


def prepare(graph: Graph) -> None:
    """Read what all workers need, once: questions, names, what is connected with what."""
    questions()
    graph.search("a")
    _ = graph.connections
    with contextlib.suppress(DamagedError):  # a graph can be served without the report of its build
        graph.issues()


def listed(_: Graph, arguments: Arguments) -> Answer:
    """Return the saved questions: number, name, title, description, params, columns, tags, link."""
    rows = [
        (
            each.number,
            each.name,
            each.summary,
            each.description,
            " ".join(_usage(param.name, many=param.many, optional=param.optional) for param in each.params),
            " ".join(each.columns),
            " ".join(each.tags),
            f"/ask/{quote(each.name)}",
        )
        for each in questions().values()
    ]
    header = ("number", "name", "title", "description", "params", "columns", "tags", "link")
    return written.of_table(Table.of(header, rows), arguments)


def _usage(name: str, *, many: bool, optional: bool) -> str:
    return f"{name}{'*' if many else ''}{'?' if optional else ''}"


def ask(graph: Graph, arguments: Arguments) -> Answer:
    """Return the answer to a saved question."""
    asked = question(arguments["question"])
    given = {
        name: values if asked.param(name).many else values[0] for name, values in arguments["values"].items()
    }
    return written.of_table(graph.ask(asked.name, **given), arguments)


def search(graph: Graph, arguments: Arguments) -> Answer:
    """Return the things whose names fit."""
    given = _single(arguments)
    found = graph.search(given["q"], limit=int(given.get("limit", 20)), kind=given.get("kind", ""))
    return written.of_table(found, arguments)


def gap(graph: Graph, arguments: Arguments) -> Answer:
    """Return which controls of a list another, or what one has, does not cover."""
    return written.of_table(graph.gap(*_compared(arguments), have=_have(arguments)), arguments)


def coverage(graph: Graph, arguments: Arguments) -> Answer:
    """Return what share of a list is met."""
    return written.of_table(graph.coverage(*_compared(arguments), have=_have(arguments)), arguments)


def crosswalk(graph: Graph, arguments: Arguments) -> Answer:
    """Return the mappings between two lists, also as SSSOM or OSCAL."""
    given = _single(arguments)
    table = graph.crosswalk(given["from"], given["to"])
    if arguments["form"] not in {"sssom", "oscal"}:
        return written.of_table(table, arguments)
    mappings = formats.of(graph, table, f"{given['from']} to {given['to']}", all_licences=False)
    return written.of_text(formats.text(mappings, arguments["form"]), arguments)


def changes(graph: Graph, arguments: Arguments) -> Answer:
    """Return what changed between two editions."""
    given = _single(arguments)
    return written.of_table(graph.changes(given["from"], given["to"]), arguments)


def path(graph: Graph, arguments: Arguments) -> Answer:
    """Return how two things are connected."""
    given = _single(arguments)
    return written.of_table(graph.path(given["from"], given["to"], best=int(given.get("best", 5))), arguments)


def sources(graph: Graph, arguments: Arguments) -> Answer:
    """Return what was read; 404 where the report of the build is not with the graph."""
    try:
        return written.of_table(graph.sources(), arguments)
    except DamagedError as error:
        raise HttpError(404, "the report of the build is not with this graph", error.hint) from error


def stats(graph: Graph, arguments: Arguments) -> Answer:
    """Return how much there is of what."""
    return written.of_table(graph.stats(), arguments)


def _single(arguments: Arguments) -> dict[str, str]:
    return {name: values[0] for name, values in arguments["values"].items()}


def _compared(arguments: Arguments) -> tuple[str, str | None]:
    given = _single(arguments)
    if ("given" in given) == ("have" in given):
        raise QueryError("one list to compare with is needed", hint="give either given= or have=")
    return given["wanted"], given.get("given")


def _have(arguments: Arguments) -> list[str]:
    return list(arguments["values"].get("have", ()))
