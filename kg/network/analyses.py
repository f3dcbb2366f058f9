"""The analyses by their names: what `Graph.analyse`, the command line and notebooks call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kg.controls import Answers
from kg.errors import NotFoundError, QueryError
from kg.network.centrality import hubs
from kg.network.communities import communities
from kg.network.covering import cover
from kg.network.editions import editions
from kg.network.loss import loss
from kg.network.paths import weighted
from kg.network.relations import relations
from kg.network.scopes import scope_table
from kg.network.similarity import similar
from kg.queries import Table

ANALYSES: Mapping[str, Callable[..., Table]] = {
    "hubs": hubs,
    "communities": communities,
    "similar": similar,
    "cover": cover,
    "loss": loss,
    "paths": weighted,
    "scope": scope_table,
    "editions": editions,
    "relations": relations,
}


def analyse(graph: Answers, name: str, /, *things: str, **options: Any) -> Table:
    """Return what an analysis of a graph finds; its things and options are those of the function of that name.

    NotFoundError for no such analysis, QueryError for things or options it does not take.
    """
    if name not in ANALYSES:
        raise NotFoundError(f"there is no analysis {name!r}", tuple(ANALYSES))
    run = ANALYSES[name]
    try:
        inspect.signature(run).bind(graph, *things, **options)
    except TypeError as error:
        raise QueryError(f"{name}: {error}", hint=f"kg network {name} --help") from error
    return run(graph, *things, **options)
