"""What sources say of how standards relate, each statement once."""

from __future__ import annotations

import pyoxigraph as ox

from kg.controls import Answers
from kg.network.projections import standards, wholes
from kg.queries import Table
from kg.queries.words import local, spoken

_HEADER = (
    "source", "sourceLabel", "relation", "relationLabel", "target", "targetLabel", "claims", "documents",
)  # fmt: skip


def relations(graph: Answers, *around: str, editions: bool = False) -> Table:
    """Return the statements that relate standards, in the order of their terms; denials are among them.

    With standards `around`, those of and about them only, and what their neighbours say of each other. An edition
    or level counts as the standard it is one of, unless `editions` are wanted each for itself.
    """
    network = standards(graph, editions=editions)
    kept = set(network)
    if around:
        whole = {} if editions else wholes(graph)
        named = [graph.words.resolve(name, "ckg:Standard").value for name in around]
        centres = {whole.get(iri, iri) for iri in named} & kept
        kept = centres.union(*(set(network.succ[each]) | set(network.pred[each]) for each in centres))
    found: dict[tuple[str, str, str], list[str]] = {}
    for source, target, edge in network.subgraph(kept).edges(data=True):
        found.setdefault((source, edge["property"], target), []).append(edge["document"])
    names = dict(network.nodes(data="label"))
    return Table.of(
        _HEADER,
        (
            (
                ox.NamedNode(source),
                names[source],
                ox.NamedNode(relation),
                spoken(local(relation)),
                ox.NamedNode(target),
                names[target],
                len(documents),
                len(set(documents)),
            )
            for (source, relation, target), documents in sorted(found.items())
        ),
    )
