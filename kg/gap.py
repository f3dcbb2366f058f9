"""What one list of controls leaves open of another, and how that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from kg.crosswalk import EQUAL, EQUIVALENT, INTERSECTS, SUBSET, SUPERSET, converse
from kg.queries.table import Plain, Table
from kg.terms import PREFIXES

Select = Callable[[str], Table]

_SKOS = PREFIXES["skos"]
# What a plain mapping triple says; a statement that there is nothing in common has none (contract).
_RELATIONS = {
    "exactMatch": EQUAL,
    "closeMatch": EQUIVALENT,
    "broadMatch": SUBSET,
    "narrowMatch": SUPERSET,
    "relatedMatch": INTERSECTS,
    "mappingRelation": "",
}
# Each query begins at a list that is given and goes on along bound ends: the engine then answers in milliseconds.
_MEMBERS = "SELECT DISTINCT ?control WHERE {{ {members} }}"
_SAID = "SELECT DISTINCT ?control ?value WHERE {{ {members} ?control <{property}> ?value }}"
_MAPPED = "SELECT DISTINCT ?control ?other WHERE {{ {members} {triple} {others} }}"
_CLAIMS = """SELECT DISTINCT ?control ?other ?claim ?confidence ?document WHERE {{
  VALUES (?control ?other) {{ {pairs} }}
  {{ ?claim <{owl}annotatedSource> ?control ; <{owl}annotatedTarget> ?other }}
  UNION {{ ?claim <{owl}annotatedSource> ?other ; <{owl}annotatedTarget> ?control }}
  GRAPH ?document {{ ?claim a <{ckg}ControlMapping> }}
  OPTIONAL {{ ?claim <{sssom}confidence> ?confidence }}
}} ORDER BY ?control ?other ?claim ?document"""


@dataclass(frozen=True, slots=True)
class ControlSet:
    """A list of controls: a baseline with its members, or an edition with the controls it defines."""

    iri: str
    is_baseline: bool

    def members(self, variable: str = "?control") -> str:
        """Return the graph pattern of its members."""
        if self.is_baseline:
            return f"<{self.iri}> <{_SKOS}member> {variable} ."
        return f"{variable} <{_SKOS}inScheme> <{self.iri}> ; a <{PREFIXES['ckg']}Control> ."


class Status(StrEnum):
    """How far a control of one list is met by another list."""

    COVERED = "covered"
    PARTIAL = "partial"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A control of the other list that corresponds: in which relation, said where, how sure."""

    control: str
    relation: str
    claim: str = ""
    document: str = ""
    confidence: float | None = None


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


def members(select: Select, each: ControlSet) -> set[str]:
    """Return the controls of a list; those an edition has withdrawn are not among them."""
    pattern = each.members()
    found = {str(row["control"]) for row in select(_MEMBERS.format(members=pattern))}
    if each.is_baseline:
        return found
    withdrawn = select(_SAID.format(members=pattern, property=PREFIXES["ckg"] + "withdrawn"))
    return found - {str(row["control"]) for row in withdrawn if row["value"]}


def gap(select: Select, wanted: ControlSet, given: ControlSet) -> tuple[Row, ...]:
    """Return every control of the list `wanted` with its status in the list `given`, in the order of identifiers.

    A control is *covered* where `given` holds it, or one that equals or contains it; *partial* where `given`
    holds only a narrower or overlapping one; *unknown* where it is only linked without a set relation, or
    `given` is not loaded; *missing* where both lists are loaded and nothing in `given` is the control or mapped
    to it. That a control is covered says nothing of its enhancements.
    """
    return judged(select, wanted, members(select, given), _counterparts(select, wanted, given))


def judged(
    select: Select, wanted: ControlSet, held: set[str], leads: Mapping[str, Sequence[Counterpart]]
) -> tuple[Row, ...]:
    """Return the status of each wanted control, given the controls held and what each is mapped to."""
    described = _described(select, wanted)
    rows = []
    for control in sorted(members(select, wanted), key=natural):
        found = sorted((each for each in leads.get(control, ()) if each.control in held), key=_best_first)
        notation, title, family, enhances = described(control)
        rows.append(
            Row(
                control=control,
                notation=notation,
                title=title,
                family=family,
                status=_status(control, held, found),
                counterparts=() if control in held else tuple(found),
                enhances=enhances,
            )
        )
    return tuple(rows)


def _counterparts(select: Select, wanted: ControlSet, given: ControlSet) -> dict[str, list[Counterpart]]:
    """Return what the controls of one list are mapped to in another, stated or derived, from either side."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for name, relation in _RELATIONS.items():
        for pattern, seen in (
            ("?control <{}> ?other .", relation),
            ("?other <{}> ?control .", converse(relation)),
        ):
            query = _MAPPED.format(
                members=wanted.members(), triple=pattern.format(_SKOS + name), others=given.members("?other")
            )
            for row in select(query):
                found.setdefault(str(row["control"]), {})[str(row["other"]), seen] = None
    return {control: [Counterpart(*pair) for pair in pairs] for control, pairs in found.items()}


def with_claims(select: Select, rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows with the claim, source and confidence of their best counterpart filled in."""
    rows = tuple(rows)
    pairs = " ".join(f"(<{row.control}> <{row.counterparts[0].control}>)" for row in rows if row.counterparts)
    if not pairs:
        return rows
    spaces = {name: PREFIXES[name] for name in ("ckg", "owl", "sssom")}
    claims: dict[tuple[str, str], dict[str, Plain]] = {}
    for found in select(_CLAIMS.format(pairs=pairs, **spaces)):
        claims.setdefault((str(found["control"]), str(found["other"])), found)
    return tuple(_filled(row, claims) for row in rows)


def _filled(row: Row, claims: Mapping[tuple[str, str], Mapping[str, Plain]]) -> Row:
    if not row.counterparts:
        return row
    best, *rest = row.counterparts
    found = claims.get((row.control, best.control))
    if found is None:
        return row
    share = found["confidence"]
    best = replace(
        best,
        claim=str(found["claim"]),
        document=str(found["document"]),
        confidence=float(share) if isinstance(share, int | float) else None,
    )
    return replace(row, counterparts=(best, *rest))


def _described(select: Select, wanted: ControlSet) -> Callable[[str], tuple[str, str, str, str]]:
    """Return how to find a control's notation, title, family and the control it enhances."""
    said: dict[str, dict[str, str]] = {}
    for name in ("notation", "prefLabel", "broader"):
        values = said.setdefault(name, {})
        for row in select(_SAID.format(members=wanted.members(), property=_SKOS + name)):
            values[str(row["control"])] = min(values.get(str(row["control"]), "\uffff"), str(row["value"]))

    def of(control: str) -> tuple[str, str, str, str]:
        key = control.rpartition("/")[2]
        above = said["broader"].get(control, "")
        # A family's key has no number behind a hyphen: `ac`, `a.5`; what an enhancement enhances has one.
        enhances = above if "-" in above.rpartition("/")[2] else ""
        family = key.partition("-")[0] if "-" in key else above.rpartition("/")[2] or key
        return (
            said["notation"].get(control, key.upper()),
            said["prefLabel"].get(control, ""),
            family.upper(),
            enhances,
        )

    return of


def _status(control: str, held: set[str], found: list[Counterpart]) -> Status:
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
