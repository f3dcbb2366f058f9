"""The lists of controls of one graph: baselines and editions, their members, and what is mapped to what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeAlias


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
class Claim:
    """A claim that a counterpart stands on: its IRI, the document it is in, and how sure that is."""

    iri: str
    document: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Described:
    """What a control goes by, and what it belongs to."""

    notation: str
    title: str
    family: str
    enhances: str


Link: TypeAlias = tuple[
    str, str, bool
]  # control, counterpart, whether it is said from the counterpart's side
Counterparts: TypeAlias = dict[str, tuple[Counterpart, ...]]


class Reading(Protocol):
    """Where lists of controls are read: asked of a graph, or kept beside one."""

    def lists(self) -> tuple[ControlSet, ...]:
        """Return the lists there are, sorted by their IRIs."""

    def members(self, each: ControlSet) -> frozenset[str]:
        """Return the controls of a list; those an edition has withdrawn are not among them."""

    def described(self, each: ControlSet) -> Mapping[str, Described]:
        """Return what the members of a list go by."""

    def mapped(self, controls: Iterable[str]) -> Counterparts:
        """Return what controls are mapped to in a set relation, stated or derived, from either side."""

    def linked(self, controls: Iterable[str]) -> Counterparts:
        """Return what controls are linked to without a set relation, from either side."""

    def claims(self, links: Iterable[Link]) -> Mapping[Link, Claim]:
        """Return the first claim of each of these links that has one."""


class ControlLists:
    """The lists of controls of a graph; what was read of one is kept, since a graph does not change."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._members: dict[ControlSet, frozenset[str]] = {}
        self._described: dict[ControlSet, Mapping[str, Described]] = {}
        self._mapped: Counterparts = {}
        self._linked: Counterparts = {}
        self._claims: dict[Link, Claim] = {}

    @cached_property
    def baselines(self) -> tuple[str, ...]:
        """The IRIs of the baselines there are."""
        return tuple(each.iri for each in self._lists if each.is_baseline)

    @cached_property
    def editions(self) -> tuple[str, ...]:
        """The IRIs of the editions that define controls."""
        return tuple(each.iri for each in self._lists if not each.is_baseline)

    @cached_property
    def _lists(self) -> tuple[ControlSet, ...]:
        return self._reading.lists()

    def members(self, each: ControlSet) -> frozenset[str]:
        """Return the controls of a list; those an edition has withdrawn are not among them."""
        if each not in self._members:
            self._members[each] = self._reading.members(each)
        return self._members[each]

    def described(self, each: ControlSet) -> Mapping[str, Described]:
        """Return what the members of a list go by."""
        if each not in self._described:
            self._described[each] = self._reading.described(each)
        return self._described[each]

    def counterparts(
        self, controls: Iterable[str], held: frozenset[str]
    ) -> dict[str, tuple[Counterpart, ...]]:
        """Return those of the controls `held` that each control is mapped to, stated or derived, from either side.

        Links that state no set relation are looked at only where no mapping does.
        """
        found = _among(held, controls, self._mapped, self._reading.mapped)
        rest = [control for control, mapped in found.items() if not mapped]
        return found | _among(held, rest, self._linked, self._reading.linked)

    def claim(self, control: str, counterpart: Counterpart) -> Counterpart:
        """Return a counterpart with claim, source and confidence; look many up at once with `read_claims` first."""
        found = self._claims.get((control, counterpart.control, counterpart.turned))
        if found is None:
            return counterpart
        return replace(counterpart, claim=found.iri, document=found.document, confidence=found.confidence)

    def read_claims(self, pairs: Iterable[tuple[str, Counterpart]]) -> None:
        """Read the claims behind these pairs of a control and its counterpart."""
        links = [(control, each.control, each.turned) for control, each in pairs]
        self._claims |= self._reading.claims([link for link in links if link not in self._claims])


def _among(
    held: frozenset[str],
    controls: Iterable[str],
    known: Counterparts,
    read: Callable[[Iterable[str]], Counterparts],
) -> Counterparts:
    """Return the counterparts of controls that are held, reading those not known yet."""
    controls = tuple(controls)
    known |= read([control for control in controls if control not in known])
    return {
        control: tuple(each for each in known.get(control, ()) if each.control in held)
        for control in controls
    }
