"""Which service is in scope of which standard, cloud by cloud."""

from __future__ import annotations

import pyoxigraph as ox

from kg.controls import Answers
from kg.network.projections import scope, wholes
from kg.network.statements import labels
from kg.queries import Table
from kg.queries.texts import text

_HEADER = ("service", "serviceLabel", "standard", "standardLabel", "cloud", "cloudLabel", "documents")


def scope_table(graph: Answers, *standards: str) -> Table:
    """Return the cells of the matrix of services and standards, one row for each cloud a source names.

    Of the `standards` named, their editions and levels, else of all. `documents` is how many documents list the service; cloud is empty
    where a list names none.
    """
    wanted = {graph.words.resolve(name, "ckg:Standard").value for name in standards}
    whole = wholes(graph) if wanted else {}
    network = scope(graph)
    found: dict[tuple[str, str, str], set[str]] = {}
    for one, other, edge in network.edges(data=True):
        service, standard = sorted((one, other), key=lambda node: network.nodes[node]["bipartite"])
        if not wanted or standard in wanted or whole.get(standard) in wanted:
            found.setdefault((service, standard, edge["cloud"]), set()).add(edge["document"])
    clouds = labels(graph, {cloud for *_, cloud in found if cloud})
    return Table.of(
        _HEADER,
        (
            (
                ox.NamedNode(service),
                network.nodes[service]["label"],
                ox.NamedNode(standard),
                network.nodes[standard]["label"],
                ox.NamedNode(cloud) if cloud else None,
                clouds.get(cloud),
                len(found[service, standard, cloud]),
            )
            for service, standard, cloud in sorted(found)
        ),
    )


def listed(graph: Answers) -> dict[str, frozenset[str]]:
    """Return the services that each offering lists."""
    found: dict[str, set[str]] = {}
    for row in graph.select(text("network", "listed")):
        found.setdefault(str(row["offering"]), set()).add(str(row["service"]))
    return {offering: frozenset(found[offering]) for offering in sorted(found)}
