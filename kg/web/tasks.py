"""What the HTTP process may ask of a worker, and what comes back.

Each kind of task names the function that does it, as module and function: `(graph, arguments) -> Answer`. The
HTTP process only sends the name; the process that holds the graph imports the functions before it forks
workers. A worker can open no file and no socket: what a function needs beside the graph, the module that holds
it loads when it is imported, or its `prepare(graph)` does, which is called once where there is one.
An error is raised as KgError and answered as a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.graph import Graph

    Function = Callable[[Graph, Mapping[str, Any]], "Answer"]

TASKS: dict[str, str] = {
    "sparql": "kg.web.evaluation:sparql",
    "describe": "kg.web.resources:describe",
    "ontology": "kg.web.resources:ontology",
    "description": "kg.web.description:describe",
    "questions": "kg.web.questions:listed",
    "ask": "kg.web.questions:ask",
    "search": "kg.web.questions:search",
    "gap": "kg.web.questions:gap",
    "coverage": "kg.web.questions:coverage",
    "crosswalk": "kg.web.questions:crosswalk",
    "changes": "kg.web.questions:changes",
    "path": "kg.web.questions:path",
    "export": "kg.web.exports:export",
    "sources": "kg.web.questions:sources",
    "stats": "kg.web.questions:stats",
}


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done with the graph; the arguments are what JSON can carry."""

    kind: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `graph` is the hash of the graph it was taken from, empty where none was asked."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    graph: str = ""


def functions(graph: Graph) -> dict[str, Function]:
    """Return the function of each kind of task, with what they need loaded."""
    found = {}
    modules = {}
    for kind, place in TASKS.items():
        name, _, function = place.partition(":")
        modules[name] = import_module(name)
        found[kind] = getattr(modules[name], function)
    for module in modules.values():
        if prepare := getattr(module, "prepare", None):
            prepare(graph)
    return found
