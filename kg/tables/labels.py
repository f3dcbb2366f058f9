"""The names things go by: English where there is one; a control's with its number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.queries.asked import Selecting
from kg.queries.rendering import short
from kg.queries.texts import filled, listed
from kg.terms import bare, term

STEP = 4_000

# A name in English before an identifier, and that before a name in another language.
_NAMES = ("skos:prefLabel", "rdfs:label", "dcterms:title", "skos:notation")
_RANKS = {bare(term(name)): rank for rank, name in enumerate(_NAMES)}


class Labels:
    """The names of a graph's things, each looked up once; a thing without a name has its prefixed name."""

    def __init__(self, graph: Selecting) -> None:
        self._graph = graph
        self._known: dict[str, str] = {}

    def __getitem__(self, thing: str) -> str:
        if thing not in self._known:
            self.read([thing])
        return self._known[thing]

    def read(self, things: Iterable[str]) -> None:
        """Look up the names of things given by their IRIs, some thousand at a time."""
        wanted = sorted(set(things) - self._known.keys())
        for start in range(0, len(wanted), STEP):
            self._read(wanted[start : start + STEP])

    def _read(self, things: Sequence[str]) -> None:
        found: dict[str, list[tuple[bool, int, str]]] = {}
        wanted = listed(things)
        for row in self._graph.select(filled("tables", "labels", things=wanted)):
            foreign = not str(row["language"] or "en").startswith("en")
            found.setdefault(str(row["thing"]), []).append(
                (foreign, _RANKS[str(row["property"])], str(row["label"]))
            )
        numbers = {
            str(row["thing"]): str(row["number"])
            for row in self._graph.select(filled("tables", "numbers", things=wanted))
        }
        for thing in things:
            name = min(found[thing])[2] if thing in found else short(thing)
            number = numbers.get(thing, name)
            self._known[thing] = name if number == name else f"{number} {name}"
