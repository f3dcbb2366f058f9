"""Questions about lists of controls, answered from a graph: gap, coverage, crosswalk, what to close first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

import pyoxigraph as ox

from kg import gap
from kg.control_lists import ControlLists, ControlSet
from kg.errors import NotFoundError, QueryError
from kg.gap import Row, Status
from kg.queries import Table, Words
from kg.queries.asked import Asked
from kg.queries.binding import Bound, named, portions
from kg.queries.table import Value
from kg.queries.texts import filled, listed

Bindings: TypeAlias = Mapping[str, tuple[Bound, ...]]

_PIECES = re.compile(r"[a-z]+|[0-9]+")
_SHOWN = 8


class Answers(Asked, Protocol):
    """What this module needs of a graph."""

    @property
    def words(self) -> Words:
        """The things of the graph by their names."""

    @property
    def lists(self) -> ControlLists:
        """The lists of controls of the graph."""


def list_of(graph: Answers, name: str) -> str:
    """Return the IRI of the list of controls that a name means: a baseline, or an edition with its controls.

    A level or a programme stands for its only baseline. NotFoundError for no such list; QueryError, with the
    lists there are, where a name leaves open which one is meant.
    """
    wanted = _words(name.rpartition("/")[2].partition(":")[2] or name.rpartition("/")[2])
    by_key = _keyed(graph.lists.baselines).get(wanted) or _keyed(graph.lists.editions).get(wanted)
    if by_key:
        return by_key
    if named(name.strip()) is None and (baseline := _baseline_called(graph, name)):
        return baseline
    try:
        thing = graph.words.resolve(name, "ckg:Standard").value
    except NotFoundError as error:
        try:
            return graph.words.resolve(name, "ckg:Baseline").value
        except NotFoundError as other:
            nearest = other.nearest or error.nearest
            raise NotFoundError(f"no list of controls is called {name!r}", nearest) from None
    wanted = _words(thing.rpartition("/")[2])
    by_key = _keyed(graph.lists.baselines).get(wanted) or _keyed(graph.lists.editions).get(wanted)
    if by_key:
        return by_key
    lists = [
        each
        for kind in ("catalogs-of", "baselines-of")
        for each in _iris(graph.select(filled("controls", kind, thing=listed([thing]))))
    ]
    if len(lists) == 1:
        return lists[0]
    if lists:
        choice = ", ".join(each.rpartition("/")[2] for each in lists[:_SHOWN])
        raise QueryError(
            f"{name!r} leaves open which list of controls is meant", hint=f"name one of {choice}"
        )
    raise NotFoundError(f"the graph holds no controls of {name!r}; build it from a catalog or profile of it")


def _baseline_called(graph: Answers, name: str) -> str:
    """Return the baseline that words stand for which are no standard's name, nothing where there is none."""
    found = None if graph.words.find(name, "ckg:Standard") else graph.words.find(name, "ckg:Baseline")
    return found.value if found else ""


def _keyed(lists: Iterable[str]) -> dict[frozenset[str], str]:
    """Return lists by the words of their keys."""
    return {_words(iri.rpartition("/")[2]): iri for iri in lists}


def _words(key: str) -> frozenset[str]:
    """Return the words of a list's key, however it is spelled: `FedRAMP Rev. 4 Moderate` is `fedramp-r4-moderate`."""
    spelled = re.sub(r"\b(?:rev(?:ision)?\.?|r)[ -]?(?=\d)", "r", key.lower())
    return frozenset(re.findall(r"[a-z0-9]+(?:[.][0-9]+)*", spelled)) - {
        "baseline",
        "sp",
        "the",
        "iec",
        "controls",
    }


def compared(graph: Answers, wanted: str, given: str | None, have: Iterable[str] = ()) -> tuple[Row, ...]:
    """Return the status of each control of one list in another, or in the identifiers `have`; see `placed`."""
    target = control_set(list_of(graph, wanted))
    if given is not None:
        return gap.gap(graph.lists, target, control_set(list_of(graph, given)))
    held, unknown = placed(graph, wanted, have)
    if not held and unknown:
        shown = ", ".join(unknown[:_SHOWN])
        raise QueryError(
            f"none of the identifiers given is a control of {wanted}: {shown}", hint="one identifier a line"
        )
    # An empty list is a list: whoever has nothing yet misses everything, and nothing of that is unknown.
    return gap.judged(graph.lists, target, frozenset(held or {""}), mapped=True)


def placed(graph: Answers, wanted: str, have: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the controls that identifiers mean, and the identifiers that mean none.

    An identifier is one of the list `wanted` in any spelling (`AC-02 (01)`), or an IRI or prefixed name of any
    control (`nist-800-53-r5:ac-2`), which then counts by what it is mapped to. What holds no letter and no digit is
    no identifier.
    """
    members = graph.lists.members(control_set(list_of(graph, wanted)))
    by_spelling = {_spelling(each.rpartition("/")[2]): each for each in members}
    held: set[str] = set()
    unknown: dict[str, None] = {}
    for text in have:
        other = named(text)
        control = by_spelling.get(_spelling(text)) or (other.value if other else "")
        if control:
            held.add(control)
        elif _spelling(text):
            unknown[text] = None
    return frozenset(held), tuple(unknown)


def control_set(iri: str) -> ControlSet:
    """Return the list of controls of an IRI."""
    return ControlSet(iri, is_baseline="/baseline/" in iri)


def _spelling(text: str) -> tuple[str | int, ...]:
    """Return the letters and numbers of an identifier, so that `AC-02 (01)` and `ac-2.1` are one."""
    return tuple(int(piece) if piece.isdigit() else piece for piece in _PIECES.findall(text.lower()))


def gap_table(graph: Answers, rows: Sequence[Row], *, everything: bool = False) -> Table:
    """Return what is not covered (or every row), with the chain that leads to the status and its sources."""
    shown = gap.with_claims(
        graph.lists, [row for row in rows if everything or row.status is not Status.COVERED]
    )
    steps = _steps(graph, [each.claim for row in shown for each in row.counterparts[:1] if each.claim])
    return Table.of(
        ("control", "notation", "title", "family", "status", "because", "chain", "source"),
        (_shown(row, steps) for row in shown),
    )


def _shown(row: Row, steps: dict[str, tuple[str, str]]) -> Iterable[Value]:
    best = row.counterparts[0] if row.counterparts else None
    chain, source = steps.get(best.claim, (row.because, row.source)) if best else ("", "")
    return (
        ox.NamedNode(row.control),
        row.notation,
        row.title,
        row.family,
        row.status.value,
        row.because,
        chain,
        source,
    )


def _steps(graph: Answers, claims: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the chain of each derived claim in words, and the documents its steps stand in."""
    found: dict[str, list[dict[str, object]]] = {}
    for some in portions(f"<{claim}>" for claim in dict.fromkeys(claims)):
        for row in graph.select(filled("controls", "steps", claims=some)):
            found.setdefault(str(row["claim"]), []).append(dict(row))
    return {
        claim: (
            "; ".join(
                f"{_key(row['source'])} {row['relation'] or 'linked to'} {_key(row['target'])}"
                for row in rows
            ),
            " ".join(dict.fromkeys(str(row["document"]) for row in rows)),
        )
        for claim, rows in found.items()
    }


def _key(control: object) -> str:
    return "/".join(str(control).split("/")[-2:])


def coverage_table(rows: Sequence[Row]) -> Table:
    """Return the share of a list that is met, by family, the whole list last; unknown is never counted as met."""
    return Table.of(
        ("family", "controls", "covered", "partial", "unknown", "missing", "share"),
        (
            (
                each.family or "all",
                each.total,
                each.covered,
                each.partial,
                each.unknown,
                each.missing,
                round(each.share, 4),
            )
            for each in gap.coverage(rows)
        ),
    )


def to_do_table(rows: Sequence[Row]) -> Table:
    """Return what is not covered in the order that closes most."""
    return Table.of(
        ("rank", "control", "notation", "title", "family", "status", "closes"),
        (
            (rank, ox.NamedNode(row.control), row.notation, row.title, row.family, row.status.value, closes)
            for rank, (row, closes) in enumerate(gap.first_to_close(rows), 1)
        ),
    )


def crosswalk_table(graph: Answers, one: str, other: str) -> Table:
    """Return every mapping between the controls of two lists; see the question `mappings-between`."""
    return graph.ask("mappings-between", **{"from": list_of(graph, one), "to": list_of(graph, other)})


def changes_table(graph: Answers, former: str, latter: str) -> Table:
    """Return what changed from one edition to the next; QueryError where the two are given the wrong way round."""
    old, new = _edition_of(graph, former), _edition_of(graph, latter)
    if graph.select(filled("controls", "newer", newer=listed([old]), older=listed([new]))):
        raise QueryError(
            f"{former} is newer than {latter}", hint=f"ask for the changes from {latter} to {former}"
        )
    return graph.ask("changes-between", **{"from": old, "to": new})


def _edition_of(graph: Answers, name: str) -> str:
    """Return the edition that a name means among those with controls, where a part of its name is enough (`r5`)."""
    wanted = _words(name)
    fitting = {iri: key for key, iri in _keyed(graph.lists.editions).items() if wanted and wanted <= key}
    whole = [iri for iri, key in fitting.items() if all(key <= other for other in fitting.values())]
    return whole[0] if whole else list_of(graph, name)


def missing(graph: Answers, listed: Table, bound: Bindings) -> Table:
    """Return what of a list another does not cover; the columns are those of `controls-missing`."""
    return _placed(gap_table(graph, _between(graph, bound, "wanted", "given")), _documents(listed))


def shares(graph: Answers, listed: Table, bound: Bindings) -> Table:
    """Return what share of a list is met, by family; the columns are those of `coverage-by-family`."""
    counts = coverage_table(_between(graph, bound, "wanted", "given"))
    documents = " ".join(sorted(set(_documents(listed).values())))
    return Table.of((*counts.header, "document"), ((*row, documents) for row in counts.rows))


def closing(graph: Answers, listed: Table, bound: Bindings) -> Table:
    """Return what is missing in the order that closes most; the columns are those of `controls-to-close`."""
    held = frozenset(term.value for term in bound["have"])
    rows = gap.judged(graph.lists, control_set(bound["wanted"][0].value), held, mapped=True)
    return _placed(to_do_table(rows), _documents(listed))


def remaining(graph: Answers, duties: Table, bound: Bindings) -> Table:
    """Return what is left after inheriting an authorization; the columns are those of `left-for-customer`."""
    rows = _between(graph, bound, "wanted", "inherited")
    listed = graph.ask("controls-in", list=bound["wanted"][0])
    controls = _placed(gap_table(graph, rows), _documents(listed))
    shown = controls.select("control", "notation", "title", "status", "because", "document").rows
    said = duties.select("party", "sentence", "path", "line", "document").rows
    return Table.of(
        ("kind", "control", "notation", "title", "status", "because", "sentence", "path", "line", "document"),
        [
            *(("control", *row[:5], None, None, None, row[5]) for row in shown),
            *(("duty", None, None, None, row[0], None, *row[1:]) for row in said),
        ],
    )


def _between(graph: Answers, bound: Bindings, wanted: str, given: str) -> tuple[Row, ...]:
    return gap.gap(graph.lists, control_set(bound[wanted][0].value), control_set(bound[given][0].value))


def _documents(listed: Table) -> dict[str, str]:
    """Return the file that lists each control, the first in the order of their IRIs."""
    found: dict[str, str] = {}
    for row in listed:
        control, document = str(row["control"]), str(row["document"])
        found[control] = min(found.get(control, document), document)
    return found


def _placed(table: Table, documents: Mapping[str, str]) -> Table:
    """Return a table with the document of each row's control at its end."""
    return Table.of(
        (*table.header, "document"),
        (
            (*row, ox.NamedNode(documents[control]) if control in documents else None)
            for row, control in zip(table.rows, map(str, table.column("control")), strict=True)
        ),
    )


def _iris(table: Table) -> list[str]:
    return [str(value) for row in table for value in row.values()]
