"""In a worker: the description of the service and of the graph behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.graph import Graph
from kg.web import written
from kg.web.negotiation import best
from kg.web.places import STATEMENTS
from kg.web.problems import HttpError
from kg.web.tasks import Answer

_SIZE = 16_000_000


def prepare(graph: Graph) -> None:
    """Count what is described, once for all workers."""
    graph.service("https://example.org/sparql")


def describe(graph: Graph, arguments: Mapping[str, Any]) -> Answer:
    """Return the description of the service at `endpoint`, as `media_type` or what `accept` says."""
    media_type = arguments.get("media_type") or best(arguments.get("accept"), tuple(STATEMENTS.values()))
    form = next((form for form, each in STATEMENTS.items() if each == media_type), "")
    if not form:
        raise HttpError(406, f"the service is described in {', '.join(STATEMENTS.values())}")
    try:
        lines = graph.service(arguments["endpoint"], arguments["dump"])
    except ValueError as error:
        raise HttpError(400, "the Host header is no name of a server") from error
    wanted = {"form": form, "media_type": media_type, "max_result": arguments.get("max_result", _SIZE)}
    return written.of_lines(lines, wanted)
