"""Lists of controls, kept so that those of a list stand together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from functools import cached_property

from kg.control_lists.lists import (
    Claim,
    ControlSet,
    Counterpart,
    Counterparts,
    Described,
    Link,
    Reading,
)
from kg.kept.file import File

_FORM = (
    "CREATE TABLE list (iri TEXT PRIMARY KEY, baseline INTEGER) WITHOUT ROWID",
    (
        "CREATE TABLE member (list TEXT, control TEXT, notation TEXT, title TEXT, family TEXT, enhances TEXT,"
        " PRIMARY KEY (list, control)) WITHOUT ROWID"
    ),
    "CREATE TABLE control (iri TEXT PRIMARY KEY) WITHOUT ROWID",
    (
        "CREATE TABLE counterpart (control TEXT, mapped INTEGER, place INTEGER, other TEXT, relation TEXT,"
        " turned INTEGER, PRIMARY KEY (control, mapped, place)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE claim (control TEXT, other TEXT, turned INTEGER, iri TEXT, document TEXT, confidence REAL,"
        " PRIMARY KEY (control, other, turned)) WITHOUT ROWID"
    ),
)


def write(file: sqlite3.Connection, reading: Reading) -> None:
    """Write what can be read of lists of controls."""
    for table in _FORM:
        file.execute(table)
    lists = reading.lists()
    file.executemany("INSERT INTO list VALUES (?, ?)", ((each.iri, each.is_baseline) for each in lists))
    controls: dict[str, None] = {}
    for each in lists:
        described = reading.described(each)
        controls |= dict.fromkeys(described)
        file.executemany(
            "INSERT INTO member VALUES (?, ?, ?, ?, ?, ?)",
            (
                (each.iri, control, of.notation, of.title, of.family, of.enhances)
                for control, of in described.items()
            ),
        )
    file.executemany("INSERT INTO control VALUES (?)", ((control,) for control in controls))
    links: dict[Link, None] = {}
    for mapped, found in ((True, reading.mapped(controls)), (False, reading.linked(controls))):
        for control, counterparts in found.items():
            file.executemany(
                "INSERT INTO counterpart VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (control, mapped, place, each.control, each.relation, each.turned)
                    for place, each in enumerate(counterparts)
                ),
            )
            links |= dict.fromkeys(
                (control, each.control, each.turned) for each in counterparts if each.control in controls
            )
    file.executemany(
        "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?)",
        (
            (*link, claim.iri, claim.document, claim.confidence)
            for link, claim in reading.claims(links).items()
        ),
    )


class Controls:
    """The lists of controls that a file keeps; what it does not keep is `asked` of the graph.

    Not kept are lists and controls that the graph does not hold as such, and claims behind links to things that are
    in no list.
    """

    def __init__(self, file: File, asked: Reading) -> None:
        self._rows = file.rows
        self._asked = asked

    def lists(self) -> tuple[ControlSet, ...]:
        """Return the lists there are, sorted by their IRIs."""
        return self._lists

    @cached_property
    def _lists(self) -> tuple[ControlSet, ...]:
        rows = self._rows("SELECT iri, baseline FROM list ORDER BY iri")
        return tuple(ControlSet(iri, bool(is_baseline)) for iri, is_baseline in rows)

    def members(self, each: ControlSet) -> frozenset[str]:
        """Return the controls of a list; those an edition has withdrawn are not among them."""
        if each not in self._lists:
            return self._asked.members(each)
        rows = self._rows("SELECT control FROM member WHERE list = ?", each.iri)
        return frozenset(control for (control,) in rows)

    def described(self, each: ControlSet) -> Mapping[str, Described]:
        """Return what the members of a list go by."""
        if each not in self._lists:
            return self._asked.described(each)
        rows = self._rows(
            "SELECT control, notation, title, family, enhances FROM member WHERE list = ?", each.iri
        )
        return {control: Described(*said) for control, *said in rows}

    def mapped(self, controls: Iterable[str]) -> Counterparts:
        """Return what controls are mapped to in a set relation, stated or derived, from either side."""
        return self._counterparts(controls, mapped=True)

    def linked(self, controls: Iterable[str]) -> Counterparts:
        """Return what controls are linked to without a set relation, from either side."""
        return self._counterparts(controls, mapped=False)

    def claims(self, links: Iterable[Link]) -> Mapping[Link, Claim]:
        """Return the first claim of each of these links that has one."""
        query = "SELECT iri, document, confidence FROM claim WHERE control = ? AND other = ? AND turned = ?"
        links = tuple(links)
        found = {link: Claim(*row) for link in links for row in self._rows(query, *link)}
        return {**found, **self._asked.claims([link for link in links if link not in found])}

    def _counterparts(self, controls: Iterable[str], *, mapped: bool) -> Counterparts:
        query = (
            "SELECT other, relation, turned FROM control LEFT JOIN counterpart "
            "ON counterpart.control = control.iri AND mapped = ? WHERE control.iri = ? ORDER BY place"
        )
        found: Counterparts = {}
        unknown = []
        for control in controls:
            rows = self._rows(query, mapped, control)
            if not rows:
                unknown.append(control)
            # A control that is kept and has none is a row without a counterpart.
            found[control] = tuple(
                Counterpart(other, relation, bool(turned)) for other, relation, turned in rows if other
            )
        if unknown:
            found |= self._asked.mapped(unknown) if mapped else self._asked.linked(unknown)
        return found
