"""When the editions of standards appeared, and which replaced which."""

from __future__ import annotations

from kg.controls import Answers
from kg.network.statements import labels
from kg.queries import Table
from kg.queries.table import Value
from kg.queries.texts import text

_HEADER = ("standard", "standardLabel", "edition", "editionLabel", "version", "issued", "replaces")


def editions(graph: Answers, *standards: str) -> Table:
    """Return the editions of the `standards` named, else of all, the earliest of each first.

    `issued` is a year, a month or a day, as exact as the registry knows it, and empty where it does not;
    `replaces` is the former edition.
    """
    wanted = {graph.words.resolve(name, "ckg:Standard").value for name in standards}
    found = graph.select(text("network", "editions"))
    kept = [
        row
        for plain, row in zip(found, found.rows, strict=True)
        if not wanted or {plain["standard"], plain["edition"]} & wanted
    ]
    names: dict[str, Value] = labels(graph, (_iri(row[at]) for row in kept for at in (0, 1)))
    return Table.of(
        _HEADER,
        (
            (
                standard,
                names.get(_iri(standard)),
                edition,
                names.get(_iri(edition)),
                version,
                issued,
                replaces,
            )
            for standard, edition, version, issued, replaces in kept
        ),
    )


def _iri(value: Value) -> str:
    return str(value)[1:-1]
