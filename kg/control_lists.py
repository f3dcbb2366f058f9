"""The lists of controls of one graph: baselines and editions, their members, and what is mapped to what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pyoxigraph as ox

from kg.crosswalk import EQUAL, EQUIVALENT, INTERSECTS, SUBSET, SUPERSET, converse
from kg.queries.asked import Select
from kg.queries.binding import portions
from kg.queries.texts import filled, listed, text
from kg.terms import term

_TRUE = frozenset({"true", "1"})  # Virtuoso's truth values are numbers
# What a plain mapping triple says; a statement that there is nothing in common has none (contract).
_RELATIONS = {
    "skos:exactMatch": EQUAL,
    "skos:closeMatch": EQUIVALENT,
    "skos:broadMatch": SUBSET,
    "skos:narrowMatch": SUPERSET,
    "skos:relatedMatch": INTERSECTS,
}


@dataclass(frozen=True, slots=True)
class ControlSet:
    """A list of controls: a baseline with its members, or an edition with the controls it defines."""

    iri: str
    is_baseline: bool

    @property
    def kind(self) -> str:
        """What the queries about such a list are called after."""
        return "baseline" if self.is_baseline else "edition"


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A control that another corresponds to: in which relation, said where, how sure.

    `turned` tells that the source says it from the counterpart's side.
    """

    control: str
    relation: str
    turned: bool = False
    claim: str = ""
    document: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """What a control goes by, and what it belongs to."""

    notation: str
    title: str
    family: str
    enhances: str


class ControlLists:
    """The lists of controls of a graph; what was read of one is kept, since a graph does not change.

    `select` asks the graph a SELECT query.
    """

    def __init__(self, select: Select) -> None:
        self._select = select
        self._members: dict[ControlSet, frozenset[str]] = {}
        self._described: dict[ControlSet, dict[str, Described]] = {}
        self._linked: dict[str, tuple[Counterpart, ...]] = {}
        self._claims: dict[tuple[str, str], Counterpart] = {}

    @cached_property
    def baselines(self) -> tuple[str, ...]:
        """The IRIs of the baselines there are."""
        return tuple(iri for (iri,) in self._rows(text("controls", "baselines")))

    @cached_property
    def editions(self) -> tuple[str, ...]:
        """The IRIs of the editions that define controls."""
        return tuple(iri for (iri,) in self._rows(text("controls", "editions")))

    def members(self, each: ControlSet) -> frozenset[str]:
        """Return the controls of a list; those an edition has withdrawn are not among them."""
        if each not in self._members:
            query = filled("controls", f"{each.kind}-members", list=listed([each.iri]))
            found = {control for (control,) in self._rows(query)}
            if not each.is_baseline:
                found -= {control for control, gone in self._said(each, "ckg:withdrawn") if gone in _TRUE}
            self._members[each] = frozenset(found)
        return self._members[each]

    def described(self, each: ControlSet) -> Mapping[str, Described]:
        """Return what the members of a list go by."""
        if each not in self._described:
            said = {
                name: _first(self._said(each, f"skos:{name}"))
                for name in ("notation", "prefLabel", "broader")
            }
            self._described[each] = {control: _described(control, said) for control in self.members(each)}
        return self._described[each]

    def counterparts(
        self, controls: Iterable[str], held: frozenset[str]
    ) -> dict[str, tuple[Counterpart, ...]]:
        """Return those of the controls `held` that each control is mapped to, stated or derived, from either side.

        Links that state no set relation are looked at only where no mapping does.
        """
        found = {
            control: tuple(each for each in self._mapped.get(control, ()) if each.control in held)
            for control in controls
        }
        self._read_links(control for control, mapped in found.items() if not mapped)
        return {
            control: mapped or tuple(each for each in self._linked.get(control, ()) if each.control in held)
            for control, mapped in found.items()
        }

    def claim(self, control: str, counterpart: Counterpart) -> Counterpart:
        """Return a counterpart with claim, source and confidence; look many up at once with `read_claims` first."""
        return self._claims.get((control, counterpart.control), counterpart)

    def read_claims(self, pairs: Iterable[tuple[str, Counterpart]]) -> None:
        """Read the claims behind these pairs of a control and its counterpart."""
        unread = [(control, each) for control, each in pairs if (control, each.control) not in self._claims]
        for turned in (False, True):
            wanted = {(control, each.control): each for control, each in unread if each.turned == turned}
            for some in portions(f"(<{control}> <{other}>)" for control, other in wanted):
                for row in self._select(
                    filled("controls", "claims-turned" if turned else "claims", pairs=some)
                ):
                    pair = str(row["control"]), str(row["other"])
                    share = row["confidence"]
                    self._claims.setdefault(
                        pair,
                        replace(
                            wanted[pair],
                            claim=str(row["claim"]),
                            document=str(row["document"]),
                            confidence=float(share) if isinstance(share, int | float) else None,
                        ),
                    )

    @cached_property
    def _mapped(self) -> dict[str, list[Counterpart]]:
        """Every mapping with a set relation, under both of its ends.

        All at once: to look from each control of a list for each relation costs more than to read them all.
        """
        found: dict[str, dict[Counterpart, None]] = {}
        for name, relation in _RELATIONS.items():
            back = converse(relation)
            for control, other in self._rows(filled("controls", "mapped", property=term(name))):
                found.setdefault(control, {})[Counterpart(other, relation)] = None
                found.setdefault(other, {})[Counterpart(control, back, turned=True)] = None
        return {control: list(each) for control, each in found.items()}

    def _read_links(self, controls: Iterable[str]) -> None:
        """Read what controls are linked to without a set relation: there are many links, and few are asked for."""
        unread = [control for control in controls if control not in self._linked]
        found: dict[str, list[Counterpart]] = {control: [] for control in unread}
        for some in portions(f"<{control}>" for control in unread):
            for control, other, turned in self._rows(filled("controls", "linked", controls=some)):
                found[control].append(Counterpart(other, "", turned=turned in _TRUE))
        self._linked |= {control: tuple(each) for control, each in found.items()}

    def _said(self, each: ControlSet, name: str) -> list[tuple[str, ...]]:
        return self._rows(
            filled("controls", f"{each.kind}-said", list=listed([each.iri]), property=term(name))
        )

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        return [
            tuple(term.value for term in row if isinstance(term, ox.NamedNode | ox.Literal))
            for row in self._select(query).rows
        ]


def _first(said: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Return the first value of each control in the order of texts."""
    found: dict[str, str] = {}
    for control, value in said:
        found[control] = min(found.get(control, value), value)
    return found


def _described(control: str, said: Mapping[str, Mapping[str, str]]) -> Described:
    key = control.rpartition("/")[2]
    above = said["broader"].get(control, "")
    # A family's key has no number behind a hyphen: `ac`, `a.5`; what an enhancement enhances has one.
    enhances = above if "-" in above.rpartition("/")[2] else ""
    family = key.partition("-")[0] if "-" in key else above.rpartition("/")[2] or key
    return Described(
        notation=said["notation"].get(control, key.upper()),
        title=said["prefLabel"].get(control, ""),
        family=family.upper(),
        enhances=enhances,
    )
