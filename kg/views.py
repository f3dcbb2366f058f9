"""What a graph tells about itself: one thing with its evidence, how much there is of what, what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.hypertext import words
from kg.queries import Table
from kg.queries.asked import Select
from kg.queries.texts import filled, listed, text

_WHOLE = ("graphs", "quads")
_COUNTED = ("class", "language", "relation", "licence")
_TALLIES = ("claims", "unresolved")


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing: its name, what is said of it, and the sentences behind that.

    `statements` are those that no claim makes: property, propertyLabel, value, valueLabel, document, path.
    `evidence` has a row for each claim about the thing and each language its words are in: claim, source,
    sourceLabel, property, propertyLabel, target, targetLabel, sentence, path, line, language, document.
    `mappings` tells, for a standard whose controls are mapped, how many are to which other one: standard (or which
    edition of it), other, otherLabel, justification, relation (empty where the source states none), turned
    (whether the relation is said from the other side), mappings, document, path.
    """

    iri: str
    label: str
    statements: Table
    evidence: Table
    mappings: Table

    def __str__(self) -> str:
        parts = (self.statements, self.evidence, *([self.mappings] if self.mappings else ()))
        return f"{self.label} <{self.iri}>\n\n" + "\n".join(map(str, parts))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002  (what Jupyter passes)
        """Return the thing as a notebook shows it."""
        return {"text/html": self._repr_html_(), "text/plain": str(self)}

    def _repr_html_(self) -> str:
        parts = (
            ("Itself", self.statements),
            ("What is said of it", self.evidence),
            ("Mappings", self.mappings),
        )
        shown = "".join(
            f"<p><b>{words(title)}</b></p>{table._repr_html_()}" for title, table in parts if table
        )
        return f"<h4>{words(self.label)}</h4><p><code>{words(self.iri)}</code></p>{shown}"


def thing(select: Select, iri: str, label: str) -> Thing:
    """Return what a graph says of one thing."""
    said, evidence, mappings = (
        select(filled("views", name, thing=listed([iri]))) for name in ("said", "evidence", "mappings")
    )
    return Thing(iri, label, said, evidence, mappings)


def stats(select: Select, quads: int | None = None) -> Table:
    """Return how much there is of what: columns what, name, count, the most frequent first.

    The number of `quads` is asked for where it is not known: of all questions this takes longest.
    """
    known = {"quads": (ox.Literal(quads),)} if quads is not None else {}
    rows: list[tuple[Any, ...]] = [
        ("whole", name, *(known.get(name) or select(text("views", name)).rows[0])) for name in _WHOLE
    ]
    for what in _COUNTED:
        counted = select(text("views", what))
        order = sorted(zip(counted.rows, counted.column("count"), strict=True), key=_most_frequent)
        rows += [(what, *row) for row, _ in order]
    return Table.of(("what", "name", "count"), rows)


def _most_frequent(counted: tuple[tuple[Any, ...], Any]) -> tuple[int, str]:
    row, count = counted
    return -int(count), str(row[0])


def sources(select: Select, issues: Iterable[Mapping[str, Any]]) -> Table:
    """Return what was read and what was not understood, by file.

    Columns path, document, language, claims, unresolved, issues. A file that could not be read has issues and
    no document.
    """
    reported = Counter(str(issue["path"]) for issue in issues)
    tallies = {name: _tally(select(text("views", name))) for name in _TALLIES}
    documents = select(text("views", "documents"))
    rows: list[tuple[Any, ...]] = []
    for plain, terms in zip(documents, documents.rows, strict=True):
        path, document = str(plain["path"]), str(plain["document"])
        rows.append((path, *terms[1:], *(tally[document] for tally in tallies.values()), reported[path]))
    read = {row[0] for row in rows}
    rows += [(path, None, None, 0, 0, count) for path, count in reported.items() if path not in read]
    rows.sort(key=lambda row: (row[0], str(row[1])))
    return Table.of(("path", "document", "language", *tallies, "issues"), rows)


def _tally(counted: Table) -> Counter[str]:
    names, counts = counted.column("document"), counted.column("count")
    return Counter({str(name): int(str(count)) for name, count in zip(names, counts, strict=True)})
