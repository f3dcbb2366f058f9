"""What one list of controls leaves open of another, and how that is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from kg.control_lists import ControlLists, ControlSet, Counterpart
from kg.crosswalk import EQUAL, EQUIVALENT, INTERSECTS, SUBSET, SUPERSET


class Status(StrEnum):
    """How far a control of one list is met by another list."""

    COVERED = "covered"
    PARTIAL = "partial"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Row:
    """One control of the first list and what the second makes of it."""

    control: str
    notation: str
    title: str
    family: str
    status: Status
    counterparts: tuple[Counterpart, ...]
    enhances: str = ""

    @property
    def because(self) -> str:
        """The reason for the status, in words."""
        if self.status is Status.COVERED and not self.counterparts:
            return "is in the other list itself"
        if not self.counterparts:
            return "nothing in the other list is this control or mapped to it"
        best = self.counterparts[0]
        return (
            f"{best.relation or 'linked, no set relation stated'} {best.control.rpartition('/')[2].upper()}"
        )

    @property
    def source(self) -> str:
        """The documents that say so, empty where nothing had to be said."""
        return " ".join(dict.fromkeys(each.document for each in self.counterparts if each.document))


# A mapping covers a control where the counterpart equals it or contains it; it does so in part where the
# counterpart lies within it or overlaps it.
_COVERS = {EQUAL, EQUIVALENT, SUBSET}
_PARTLY = {SUPERSET, INTERSECTS}


def gap(lists: ControlLists, wanted: ControlSet, given: ControlSet) -> tuple[Row, ...]:
    """Return every control of the list `wanted` with its status in the list `given`, in the order of identifiers.

    A control is *covered* where `given` holds it, or one that equals or contains it; *partial* where `given`
    holds only a narrower or overlapping one; *unknown* where it is only linked without a set relation, or
    `given` is not loaded; *missing* where both lists are loaded and nothing in `given` is the control or mapped
    to it. That a control is covered says nothing of its enhancements.
    """
    held = lists.members(given)
    return judged(lists, wanted, held, mapped=True)


def judged(
    lists: ControlLists, wanted: ControlSet, held: frozenset[str], *, mapped: bool = False
) -> tuple[Row, ...]:
    """Return the status of each wanted control, given the controls held; if `mapped`, those mapped to one count."""
    described = lists.described(wanted)
    controls = sorted(lists.members(wanted), key=natural)
    open_ones = [control for control in controls if control not in held]
    counterparts = lists.counterparts(open_ones, held) if mapped else {}
    rows = []
    for control in controls:
        found = sorted(counterparts.get(control, ()), key=_best_first)
        of = described[control]
        rows.append(
            Row(
                control=control,
                notation=of.notation,
                title=of.title,
                family=of.family,
                status=_status(control, held, found),
                counterparts=tuple(found),
                enhances=of.enhances,
            )
        )
    return tuple(rows)


def with_claims(lists: ControlLists, rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows with the claim, source and confidence of their best counterpart filled in."""
    rows = tuple(rows)
    lists.read_claims((row.control, row.counterparts[0]) for row in rows if row.counterparts)
    return tuple(
        replace(row, counterparts=(lists.claim(row.control, row.counterparts[0]), *row.counterparts[1:]))
        if row.counterparts
        else row
        for row in rows
    )


def _status(control: str, held: frozenset[str], found: list[Counterpart]) -> Status:
    if control in held or any(each.relation in _COVERS for each in found):
        return Status.COVERED
    if any(each.relation in _PARTLY for each in found):
        return Status.PARTIAL
    return Status.UNKNOWN if found or not held else Status.MISSING


def _best_first(each: Counterpart) -> tuple[object, ...]:
    order = (EQUAL, EQUIVALENT, SUBSET, SUPERSET, INTERSECTS, "")
    rank = order.index(each.relation) if each.relation in order else len(order)
    return (
        rank,
        -(each.confidence if each.confidence is not None else -1.0),
        natural(each.control),
        each.claim,
    )


def natural(iri: str) -> tuple[object, ...]:
    """Return a sort key that puts AC-2 before AC-10, and AC-2(2) before AC-2(10)."""
    catalog, _, key = iri.rpartition("/")
    pieces = key.replace(".", "-").split("-")
    return (catalog, tuple((int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a family, or of a whole list, is met: counts by status."""

    family: str
    total: int
    covered: int
    partial: int
    unknown: int
    missing: int

    @property
    def share(self) -> float:
        """The share that is fully met; what is unknown is never counted as met."""
        return self.covered / self.total if self.total else 0.0


def coverage(rows: Iterable[Row]) -> tuple[Coverage, ...]:
    """Return the counts by family in alphabetical order, the whole list last under an empty name."""
    rows = list(rows)
    families = sorted({row.family for row in rows})
    return (
        *(_count(name, [row for row in rows if row.family == name]) for name in families),
        _count("", rows),
    )


def _count(family: str, rows: list[Row]) -> Coverage:
    counts = {status: sum(row.status is status for row in rows) for status in Status}
    return Coverage(
        family,
        len(rows),
        counts[Status.COVERED],
        counts[Status.PARTIAL],
        counts[Status.UNKNOWN],
        counts[Status.MISSING],
    )


def first_to_close(rows: Iterable[Row]) -> tuple[tuple[Row, int], ...]:
    """Return what is not covered, in the order that closes most: each with the number of gaps it closes or opens the way to.

    A control comes before the enhancements that presuppose it, and counts those among what it opens the way to.
    """
    open_rows = [row for row in rows if row.status is not Status.COVERED]
    opens = {row.control: 1 for row in open_rows}
    for row in open_rows:
        if row.enhances in opens:
            opens[row.enhances] += 1
    return tuple(
        (row, opens[row.control])
        for row in sorted(open_rows, key=lambda row: (-opens[row.control], natural(row.control)))
    )
