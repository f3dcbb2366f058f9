"""The lists of controls of one graph: baselines and editions, their members, and what is mapped to what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pyoxigraph as ox

from kg.crosswalk import EQUAL, EQUIVALENT, INTERSECTS, SUBSET, SUPERSET, converse
from kg.queries.binding import portions
from kg.queries.table import Table
from kg.terms import PREFIXES

Select = Callable[[str], Table]

_SKOS = PREFIXES["skos"]
_TRUE = frozenset({"true", "1"})  # Virtuoso's truth values are numbers
_SPACES = {name: PREFIXES[name] for name in ("ckg", "owl", "skos", "sssom")}
# What a plain mapping triple says; a statement that there is nothing in common has none (contract).
_RELATIONS = {
    "exactMatch": EQUAL,
    "closeMatch": EQUIVALENT,
    "broadMatch": SUBSET,
    "narrowMatch": SUPERSET,
    "relatedMatch": INTERSECTS,
}
_LINK = "mappingRelation"
# Each query begins at a list that is given and goes on along bound ends: the engine then answers in milliseconds.
_MEMBERS = "SELECT DISTINCT ?control WHERE {{ {members} }}"
_SAID = "SELECT DISTINCT ?control ?value WHERE {{ {members} ?control <{property}> ?value }}"
_LINKED = """SELECT DISTINCT ?control ?other ?turned WHERE {{
  VALUES ?control {{ {controls} }}
  {{ ?control <{property}> ?other BIND(false AS ?turned) }} UNION {{ ?other <{property}> ?control BIND(true AS ?turned) }}
}}"""
_MAPPED = "SELECT DISTINCT ?control ?other WHERE {{ ?control <{property}> ?other }}"
# Within one graph, and from the target: other ways round the engine takes three times as long.
_CLAIMS = """SELECT DISTINCT ?control ?other ?claim ?confidence ?document WHERE {{
  VALUES (?control ?other) {{ {pairs} }}
  GRAPH ?document {{
    ?claim <{owl}annotatedTarget> ?{target} ; <{owl}annotatedSource> ?{source} .
    OPTIONAL {{ ?claim <{sssom}confidence> ?confidence }}
  }}
}} ORDER BY ?control ?other ?claim ?document"""
_BASELINES = "SELECT DISTINCT ?list WHERE {{ ?list a <{ckg}Baseline> }} ORDER BY ?list"
_EDITIONS = """SELECT DISTINCT ?list WHERE {{
  ?list a <{skos}ConceptScheme> . FILTER EXISTS {{ ?control <{skos}inScheme> ?list ; a <{ckg}Control> }}
}} ORDER BY ?list"""


@dataclass(frozen=True, slots=True)
class ControlSet:
    """A list of controls: a baseline with its members, or an edition with the controls it defines."""

    iri: str
    is_baseline: bool

    def members(self) -> str:
        """Return the graph pattern of its members, as `?control`."""
        if self.is_baseline:
            return f"<{self.iri}> <{_SKOS}member> ?control ."
        return f"?control <{_SKOS}inScheme> <{self.iri}> ; a <{PREFIXES['ckg']}Control> ."


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
        return tuple(iri for (iri,) in self._rows(_BASELINES.format(**_SPACES)))

    @cached_property
    def editions(self) -> tuple[str, ...]:
        """The IRIs of the editions that define controls."""
        return tuple(iri for (iri,) in self._rows(_EDITIONS.format(**_SPACES)))

    def members(self, each: ControlSet) -> frozenset[str]:
        """Return the controls of a list; those an edition has withdrawn are not among them."""
        if each not in self._members:
            found = {control for (control,) in self._rows(_MEMBERS.format(members=each.members()))}
            if not each.is_baseline:
                found -= {control for control, gone in self._said(each, "ckg", "withdrawn") if gone in _TRUE}
            self._members[each] = frozenset(found)
        return self._members[each]

    def described(self, each: ControlSet) -> Mapping[str, Described]:
        """Return what the members of a list go by."""
        if each not in self._described:
            said = {
                name: _first(self._said(each, "skos", name)) for name in ("notation", "prefLabel", "broader")
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
                query = _CLAIMS.format(
                    pairs=some,
                    source="other" if turned else "control",
                    target="control" if turned else "other",
                    **_SPACES,
                )
                for row in self._select(query):
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
            for control, other in self._rows(_MAPPED.format(property=_SKOS + name)):
                found.setdefault(control, {})[Counterpart(other, relation)] = None
                found.setdefault(other, {})[Counterpart(control, back, turned=True)] = None
        return {control: list(each) for control, each in found.items()}

    def _read_links(self, controls: Iterable[str]) -> None:
        """Read what controls are linked to without a set relation: there are many links, and few are asked for."""
        unread = [control for control in controls if control not in self._linked]
        found: dict[str, list[Counterpart]] = {control: [] for control in unread}
        for some in portions(f"<{control}>" for control in unread):
            for control, other, turned in self._rows(_LINKED.format(controls=some, property=_SKOS + _LINK)):
                found[control].append(Counterpart(other, "", turned=turned in _TRUE))
        self._linked |= {control: tuple(each) for control, each in found.items()}

    def _said(self, each: ControlSet, prefix: str, name: str) -> list[tuple[str, ...]]:
        return self._rows(_SAID.format(members=each.members(), property=PREFIXES[prefix] + name))

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
