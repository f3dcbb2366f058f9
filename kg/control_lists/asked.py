"""Lists of controls, asked of a graph in SPARQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import pyoxigraph as ox

from kg.control_lists.lists import Claim, ControlSet, Counterpart, Counterparts, Described, Link
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


class Asked:
    """What a graph says of its lists of controls; `select` asks it a SELECT query."""

    def __init__(self, select: Select) -> None:
        self._select = select

    def lists(self) -> tuple[ControlSet, ...]:
        """Return the lists there are, sorted by their IRIs."""
        return tuple(
            ControlSet(iri, is_baseline)
            for kind, is_baseline in (("baselines", True), ("editions", False))
            for (iri,) in self._rows(text("controls", kind))
        )

    def members(self, each: ControlSet) -> frozenset[str]:
        """Return the controls of a list; those an edition has withdrawn are not among them."""
        found = {
            control
            for (control,) in self._rows(filled("controls", f"{each.kind}-members", list=listed([each.iri])))
        }
        if not each.is_baseline:
            found -= {control for control, gone in self._said(each, "ckg:withdrawn") if gone in _TRUE}
        return frozenset(found)

    def described(self, each: ControlSet) -> Mapping[str, Described]:
        """Return what the members of a list go by."""
        said = {
            name: _first(self._said(each, f"skos:{name}")) for name in ("notation", "prefLabel", "broader")
        }
        return {control: _described(control, said) for control in self.members(each)}

    def mapped(self, controls: Iterable[str]) -> Counterparts:
        """Return what controls are mapped to in a set relation, stated or derived, from either side."""
        return {control: tuple(self._mapped.get(control, ())) for control in controls}

    @cached_property
    def _mapped(self) -> Mapping[str, Iterable[Counterpart]]:
        """Every mapping with a set relation, under both of its ends.

        All at once: to look from each control of a list for each relation costs more than to read them all.
        """
        found: dict[str, dict[Counterpart, None]] = {}
        for name, relation in _RELATIONS.items():
            back = converse(relation)
            for control, other in self._rows(filled("controls", "mapped", property=term(name))):
                found.setdefault(control, {})[Counterpart(other, relation)] = None
                found.setdefault(other, {})[Counterpart(control, back, turned=True)] = None
        return found

    def linked(self, controls: Iterable[str]) -> Counterparts:
        """Return what controls are linked to without a set relation: there are many links, and few are asked for."""
        found: dict[str, list[Counterpart]] = {control: [] for control in controls}
        for some in portions(f"<{control}>" for control in found):
            for control, other, turned in self._rows(filled("controls", "linked", controls=some)):
                found[control].append(Counterpart(other, "", turned=turned in _TRUE))
        return {control: tuple(each) for control, each in found.items()}

    def claims(self, links: Iterable[Link]) -> Mapping[Link, Claim]:
        """Return the first claim of each of these links that has one."""
        links = tuple(links)
        found: dict[Link, Claim] = {}
        for turned, name in ((False, "claims"), (True, "claims-turned")):
            pairs = (f"(<{control}> <{other}>)" for control, other, back in links if back == turned)
            for some in portions(pairs):
                for row in self._select(filled("controls", name, pairs=some)):
                    share = row["confidence"]
                    found.setdefault(
                        (str(row["control"]), str(row["other"]), turned),
                        Claim(
                            str(row["claim"]),
                            str(row["document"]),
                            float(share) if isinstance(share, int | float) else None,
                        ),
                    )
        return found

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
