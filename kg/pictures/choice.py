"""Which picture suits a table, and what stands below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeAlias

from matplotlib.figure import Figure

from kg.errors import NotFoundError
from kg.pictures import bars, maps, matrices, timeline, treemap
from kg.queries.asked import Select
from kg.queries.table import Table
from kg.queries.texts import text
from kg.queries.words import local, spoken

Picture: TypeAlias = Callable[..., Figure]


def _hubs(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return the hubs by the measure that the table is in the order of."""
    measures = [name for name in ("pagerank", "betweenness", "in", "out") if _falls(table, name)]
    by = measures[0] if measures else "pagerank"
    says = {
        "pagerank": "by PageRank",
        "betweenness": "by betweenness",
        "in": "by how many rest on them",
        "out": "by how many they rest on",
    }
    return bars.ranking(
        table, name="standard", value=by, title=title or f"Hub standards, {says[by]}", caption=caption
    )


def _falls(table: Table, name: str) -> bool:
    values = [float(value) for value in table.column(name) if isinstance(value, int | float)]
    return values == sorted(values, reverse=True)


def _loss(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return how much is lost with each source, or of what kind that is which is lost with one."""
    if "lost" in table.header:
        says = title or "Statements with their only evidence in one source"
        return bars.ranking(table, name="source", value="lost", title=says, caption=caption)
    kinds = Counter(spoken(local(str(name))) for name in table.column("property"))
    order = sorted(kinds.items(), key=lambda each: (-each[1], each[0]))
    counted = Table.of(("relation", "statements"), order)
    return bars.ranking(counted, title=title or "Statements lost, by kind", caption=caption)


# Each picture with the columns a table must have for it; the first that fits is drawn.
PICTURES: Mapping[str, tuple[frozenset[str], Picture]] = {
    "scope": (frozenset({"service", "standard", "cloud"}), matrices.scope),
    "scope-matrix": (frozenset({"service", "addressed", "documents"}), matrices.scope),
    "similarity": (frozenset({"one", "other", "similarity"}), matrices.similarity),
    "paths": (frozenset({"step", "source", "relation", "target", "against"}), maps.paths),
    "relations": (frozenset({"source", "relation", "target"}), maps.relations),
    "communities": (frozenset({"community", "standard", "within", "modularity"}), maps.communities),
    "cover": (frozenset({"chosen", "adds", "covered", "total"}), bars.steps),
    "editions": (frozenset({"standard", "edition", "issued", "replaces", "version"}), timeline.editions),
    "coverage": (frozenset({"family", "covered", "partial", "unknown", "missing"}), bars.coverage),
    "gap": (frozenset({"family", "status"}), treemap.gap),
    "changes": (frozenset({"change", "control", "into"}), bars.changes),
    "hubs": (frozenset({"standard", "pagerank", "betweenness", "in", "out"}), _hubs),
    "lost": (frozenset({"source", "lost"}), _loss),
    "loss": (frozenset({"source", "property", "target", "claims"}), _loss),
    "ranking": (frozenset(), bars.ranking),
}


def draw(table: Table, name: str = "", *, title: str = "", caption: str = "") -> Figure:
    """Return a table as a picture: the one named, else the one that suits its columns.

    What has no picture of its own is drawn as the numbers of a column by name. NotFoundError for no such picture,
    QueryError where the table has not what the picture needs.
    """
    if name and name not in PICTURES:
        raise NotFoundError(f"there is no picture {name!r}", tuple(PICTURES))
    chosen = name or next(each for each, (needs, _) in PICTURES.items() if needs <= set(table.header))
    return PICTURES[chosen][1](table, title=title, caption=caption)


def sources(select: Select, called: str) -> str:
    """Return where the data of a picture come from: what the graph is called, how much was read, up to which date."""
    (read,) = select(text("pictures", "documents")).column("documents")
    (latest,) = select(text("pictures", "latest")).column("latest")
    count = f"{read:,} document{'s' if read != 1 else ''}"
    return f"Source: {called}, {count}{f', the latest of {latest}' if latest else ''}."
