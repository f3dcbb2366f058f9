"""What an item of a list of services names: the values that reading it gives."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kg.terms import Iri


@dataclass(frozen=True, slots=True)
class Name:
    """One service that an item names.

    `iri` is None where the registry does not hold it; `suite` is then the registered service its name
    starts with, if any. `qualifier` is what the item says of it besides its name.
    """

    label: str
    start: int
    end: int
    iri: Iri | None
    suite: Iri | None = None
    qualifier: str = ""
    cloud: Iri | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an item names; `rest` are stretches that name nothing known and say nothing of a name.

    `open` tells that the item speaks of others besides, without naming them.
    """

    names: tuple[Name, ...] = ()
    rest: tuple[str, ...] = ()
    open: bool = False

    @property
    def registered(self) -> bool:
        """Whether the item names services, all of them registered, and nothing else."""
        return bool(self.names) and not self.rest and all(name.iri for name in self.names)


@dataclass(slots=True)
class Reading:
    """One item while it is read, from left to right."""

    text: str
    lang: str
    position: int = 0
    names: list[Name] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    open: bool = False
    separated: bool = False

    def qualify(self, words: str, *, every: bool = False) -> None:
        """Add words to the qualifier of the last name, or of every name."""
        words = words.strip()
        if not words:
            return
        for index in range(0 if every else len(self.names) - 1, len(self.names)):
            name = self.names[index]
            self.names[index] = replace(name, qualifier=f"{name.qualifier} {words}".strip())


def of_suite(members: tuple[Name, ...], umbrella: str) -> list[Name]:
    """Return the members of a suite, each qualified by it."""
    return [replace(member, qualifier=f"{umbrella} {member.qualifier}".strip()) for member in members]


def once(found: list[Name]) -> list[Name]:
    """Return names without those that say the same twice."""
    seen: set[tuple[Iri | str, str]] = set()
    once = []
    for name in found:
        key = (name.iri or name.label.casefold(), name.qualifier)
        if key not in seen:
            seen.add(key)
            once.append(name)
    return once
