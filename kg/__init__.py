"""Compliance documents, catalogs and crosswalks as one knowledge graph with evidence.

    import kg
    graph = kg.build(["my-documents"]).graph
    graph.ask("services-in-scope", standard="MARS-E 2.0")

What is named in `__all__` is the whole promise; each name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.errors import Issue, KgError
    from kg.graph import Graph
    from kg.pipeline import Build, build
    from kg.queries import Table
    from kg.remote import RemoteGraph, connect
    from kg.validation import Finding, Report

__version__ = "0.1.0"

__all__ = [
    "Build",
    "Finding",
    "Graph",
    "Issue",
    "KgError",
    "RemoteGraph",
    "Report",
    "Table",
    "__version__",
    "build",
    "connect",
    "load",
    "samples",
]

_HOMES = {
    "Build": "kg.pipeline",
    "Finding": "kg.validation",
    "Graph": "kg.graph",
    "Issue": "kg.errors",
    "KgError": "kg.errors",
    "RemoteGraph": "kg.remote",
    "Report": "kg.validation",
    "Table": "kg.queries",
    "build": "kg.pipeline",
    "connect": "kg.remote",
}


def load(path: str | Path = "graph") -> Graph:
    """Return the graph in a folder made by `build`, or in any RDF file; NotFoundError if there is none."""
    from kg.graph import Graph  # noqa: PLC0415  (an engine is loaded when a graph is)

    return Graph.open(path)


def samples() -> Path:
    """Return the folder of the bundled sample documents."""
    from kg import files  # noqa: PLC0415

    return files.samples()


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kg' has no attribute {name!r}")
