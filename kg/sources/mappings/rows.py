"""A crosswalk file as rows: which control, in which relation, to which control, said where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.terms import BASE, Iri

# The words of the formats we read for the set relations of the contract (OSCAL 1.2 mapping model, NIST IR 8477,
# OLIR). A word that is not here states no set relation.
SET_RELATIONS = {
    "equal-to": "equal-to", "equal": "equal-to", "exact": "equal-to",
    "equivalent-to": "equivalent-to", "equivalent": "equivalent-to",
    "subset-of": "subset-of", "subset": "subset-of",
    "superset-of": "superset-of", "superset": "superset-of",
    "intersects-with": "intersects-with", "intersects": "intersects-with", "intersect": "intersects-with",
    "no-relationship": "no-relationship", "not_related": "no-relationship", "not-related": "no-relationship",
}  # fmt: skip


# An identifier that begins so is no spelling of a control: it is a control's own IRI.
OURS = f"{BASE}control/"

# What A's relation to B makes of B's relation to A, where it is not the same.
CONVERSE = {"subset-of": "superset-of", "superset-of": "subset-of"}


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a crosswalk: the names by which its framework goes in the file, and its version, if stated."""

    names: tuple[str, ...]
    version: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One pair of controls as a file states it.

    `relation` is a set relation of the contract, empty where the file states none. `where` addresses the row
    in the file (`row-12` or a JSON pointer with points for slashes), `line` counts from 1, 0 where the format
    has no lines worth naming. `confidence` is between 0 and 1, None where the file gives none. `shown` are the
    words that evidence quotes.
    """

    source: str
    target: str
    relation: str
    where: str
    shown: str
    line: int = 0
    confidence: float | None = None
    justification: str = ""
    mapping_source: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class MappingSet:
    """What a crosswalk file holds: a title, its two sides, and its rows in order.

    `licence` and `published`, the place it comes from, are addresses where the file states them; `notes` are places that could not be read, as
    (where, line, words).
    """

    title: str
    source: Side
    target: Side
    rows: tuple[Row, ...]
    licence: Iri | None = None
    published: Iri | None = None
    version: str = ""
    notes: tuple[tuple[str, int, str], ...] = field(default=())


def relation(word: str) -> str:
    """Return the contract's word for a set relation, empty where the word states none."""
    return SET_RELATIONS.get(
        word.strip().lower().replace("_", "-"), SET_RELATIONS.get(word.strip().lower(), "")
    )


def chunks(text: str) -> Iterator[str]:
    """Yield the identifiers in a cell that may hold several, apart by spaces, commas, bars or semicolons."""
    for separator in ("|", ";", ",", "\n"):
        text = text.replace(separator, " ")
    yield from text.split()
