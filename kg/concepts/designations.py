"""How publishers number their standards: families of designations, as patterns kept in ontology/.

A family says what its members look like in running text, which key a member gets, and how its name is
written, so that a member nobody registered is still recognised, with its edition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kg import names
from kg.concepts.registry import Registry
from kg.errors import VocabularyError
from kg.records import StandardNode
from kg.terms import Iri, literal, term

_DIGIT = re.compile(r"\d")
_SPACE = re.compile(r"\s+")
_LOOK_BACK = 40  # characters before a name in which "version 2.0 of the" must fit


@dataclass(frozen=True, slots=True)
class Designation:
    """A designation in a text: where, and the nodes it stands for, the edition (if told) before the work."""

    start: int
    end: int
    nodes: tuple[StandardNode, ...]


@dataclass(frozen=True, slots=True)
class ToldEdition:
    """The edition that the words around a name tell.

    `key` ends the key of an edition that nobody registered. `explicit` tells that the text says it is a
    version ("Rev. 4"), rather than just a number that follows the name.
    """

    start: int
    end: int
    version: str
    key: str
    explicit: bool


@dataclass(frozen=True, slots=True)
class _Family:
    iri: Iri
    patterns: tuple[re.Pattern[str], ...]
    signals: tuple[str, ...]
    key: str
    edition_key: str
    label: str
    edition_label: str
    publisher: Iri | None


class Designations:
    """The designation families, and the wordings of editions and of lists of designations."""

    def __init__(self, registry: Registry) -> None:
        self._families = tuple(_families(registry))
        self._signals = _by_signal(self._families)
        self._after = _patterns(registry, "edition-after")
        self._before = tuple(re.compile(p.pattern + r"\Z") for p in _patterns(registry, "edition-before"))
        self._between = _patterns(registry, "coordination")

    def find(self, text: str) -> list[Designation]:
        """Return the designations in a text, in the order of the families; they may overlap."""
        found: list[Designation] = []
        if not _DIGIT.search(text):  # no publisher numbers without
            return found
        present = [families for signal, families in self._signals if signal in text]
        for number in sorted(set(chain.from_iterable(present))):
            family = self._families[number]
            for pattern in family.patterns:
                found += (
                    Designation(match.start(), match.end(), _nodes(family, match))
                    for match in pattern.finditer(text)
                )
        return found

    def edition_around(self, text: str, start: int, end: int, earliest: int = 0) -> ToldEdition | None:
        """Return the edition told right after, or else right before, the name at `start` to `end`."""
        for pattern in self._after:
            match = pattern.match(text, end)
            if match:
                return _told(match, start, match.end())
        before = text[max(earliest, start - _LOOK_BACK) : start]
        for pattern in self._before:
            match = pattern.search(before)
            if match:
                return _told(match, start - (len(before) - match.start()), end)
        return None

    def after_conjunction(self, text: str, end: int) -> int | None:
        """Return where the next member of a list ("27001, 27017, and 27018") starts; None if none follows."""
        for pattern in self._between:
            match = pattern.match(text, end)
            if match:
                return match.end()
        return None


def _families(registry: Registry) -> Iterator[_Family]:
    for iri in registry.members("ckg:DesignationFamily"):
        patterns = []
        for label in registry.labels(iri, "ckg:pattern"):
            try:
                patterns.append(re.compile(label.value))
            except re.error as error:
                raise VocabularyError(
                    f"{iri}: the pattern {label.value!r} is no regular expression: {error}"
                ) from error
        yield _Family(
            iri=iri,
            patterns=tuple(patterns),
            signals=tuple(label.value for label in registry.labels(iri, "ckg:signal")),
            key=registry.text(iri, "ckg:keyTemplate"),
            edition_key=registry.text(iri, "ckg:editionKeyTemplate"),
            label=registry.text(iri, "ckg:labelTemplate"),
            edition_label=registry.text(iri, "ckg:editionLabelTemplate"),
            publisher=registry.iri(iri, "dcterms:publisher"),
        )


def _by_signal(families: Sequence[_Family]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return each signal with the numbers of the families that it may announce."""
    found: dict[str, tuple[int, ...]] = {}
    for number, family in enumerate(families):
        for signal in family.signals:
            found[signal] = (*found.get(signal, ()), number)
    return tuple(found.items())


def _patterns(registry: Registry, wording: str) -> tuple[re.Pattern[str], ...]:
    thing = names.thing("designation-wording", wording)
    return tuple(re.compile(label.value) for label in registry.labels(thing, "ckg:pattern"))


def _nodes(family: _Family, match: re.Match[str]) -> tuple[StandardNode, ...]:
    """Return the edition, if the match tells one, and the work, as nodes of things nobody registered."""
    groups = {name: _SPACE.sub(" ", value or "").strip() for name, value in match.groupdict().items()}
    work = StandardNode(
        iri=names.standard(names.slug(family.key.format_map(groups))),
        labels=(literal(_filled(family.label, groups), "en"),),
        publisher=family.publisher,
        status=term("ckg:Candidate"),
    )
    if not groups.get("version"):
        return (work,)
    edition = StandardNode(
        iri=names.standard(names.slug(family.edition_key.format_map(groups))),
        types=(term("ckg:Edition"),),
        labels=(literal(_filled(family.edition_label, groups), "en"),),
        version_of=work.iri,
        version=literal(groups["version"]),
        publisher=family.publisher,
        status=term("ckg:Candidate"),
    )
    return edition, work


def _filled(template: str, groups: dict[str, str]) -> str:
    return _SPACE.sub(" ", template.format_map(groups)).strip()


def _told(match: re.Match[str], start: int, end: int) -> ToldEdition:
    groups = match.groupdict()
    revision, version, bare = groups.get("revision"), groups.get("version"), groups.get("bare")
    told = revision or version or bare or ""
    return ToldEdition(start, end, told, f"r{told}" if revision else told, explicit=not bare)
