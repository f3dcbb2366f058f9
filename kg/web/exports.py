"""In a worker: the graph as a file."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from typing import Any

from kg import saving
from kg.errors import KgError
from kg.graph import Graph
from kg.publication import DamagedError
from kg.selection import Selection
from kg.terms import term
from kg.web.tasks import Answer
from kg.web.written import Bounded

# A process with several threads cannot be forked safely: libraries begin none where these say so.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
# One row in the table of claims: only a cell makes some libraries load all they need.
_LITTLE = f"<urn:claim> {term('rdf:type')} {term('ckg:Claim')} .\n".encode()
_OPTIONS = ("service", "wanted", "given", "table", "frame")


def prepare(graph: Graph) -> None:
    """Map the lines to memory, and load what the formats need that are installed, by writing little in each."""
    os.environ.update(_ONE_THREAD)
    _ = graph.lines
    with contextlib.suppress(DamagedError):  # a graph can be served without the figures of its build
        _ = graph.version and graph.version.manifest
    for each in saving.FORMATS:
        with contextlib.suppress(KgError):
            Graph.of_lines(_LITTLE).write(io.BytesIO(), each.name)


def export(graph: Graph, arguments: Mapping[str, Any]) -> Answer:
    """Return a graph as a file of the format asked for; HttpError where that is too large, or cannot be made here."""
    values: Mapping[str, list[str]] = arguments["values"]
    form = arguments["form"]
    graphs, classes, standards, languages, licences, around = (
        tuple(values.get(name, ()))
        for name in ("graph", "class", "standard", "language", "licence", "around")
    )
    about, standards = saving.subject(saving.form(form), standards)
    options: dict[str, Any] = {**about, **{name: values[name][0] for name in _OPTIONS if name in values}}
    file = Bounded(arguments["max_result"])
    left_out = graph.write(
        file,
        form,
        selection=Selection(graphs, classes, standards, languages, licences),
        around=saving.Around(around, int(values.get("depth", ["1"])[0])),
        **options,
    )
    headers = [("content-disposition", f'attachment; filename="graph.{form}"')]
    if left_out:
        headers.append(("x-left-out", str(len(left_out))))
    media_type = arguments["media_type"]
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return Answer(200, media_type + charset, file.getvalue(), tuple(headers))
