"""Words into things: the names a graph holds, in every language, and the thing each of them means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TypeAlias

import pyoxigraph as ox

from kg.errors import NotFoundError, QueryError
from kg.queries.asked import Select
from kg.queries.binding import named
from kg.queries.nearness import compact, left_over, nearest, words
from kg.queries.rendering import short
from kg.queries.table import plain
from kg.queries.texts import filled, listed, text
from kg.terms import PREFIXES

# What an analyst may name, those meant first where a name fits several; of anything else the IRI must be given.
NAMED = (
    "ckg:Standard", "ckg:CloudService", "ckg:Offering", "org:Organization", "ckg:Baseline", "ckg:Control",
    "ckg:ControlGroup", "ckg:Check", "ckg:SourceDocument", "ckg:Artifact", "skos:Concept", "skos:ConceptScheme",
    "owl:Class", "owl:ObjectProperty", "owl:DatatypeProperty",
)  # fmt: skip
# A name a thing goes by comes before one it is also known by, and that before a mere spelling.
_NAMES = (
    ("skos:prefLabel", 0), ("rdfs:label", 0), ("skos:notation", 0), ("dcterms:identifier", 0), ("dcterms:title", 0),
    ("ckg:slug", 1), ("ckg:path", 0), ("skos:altLabel", 1), ("skos:hiddenLabel", 2),
)  # fmt: skip
_FIRST = NAMED[
    :5
]  # few and often asked for: a whole name among these is meant, the others are not read for it
_FEWEST_SIGNS = 2  # of a shortened name
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a thing, in one language (empty: in none).

    `rank` says how much it is the thing's name (0: goes by it, 1: is also known by it, 2: a mere spelling), then
    which of the kinds in `NAMED` the thing is of.
    """

    thing: str
    text: str
    words: tuple[str, ...]
    rank: tuple[int, int]
    language: str = ""

    @property
    def foreign(self) -> bool:
        """Whether it is in another language than English."""
        return not (self.language or "en").startswith("en")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name as a graph spells it: of what, in which language, how much it is the name, and the class of the thing."""

    thing: str
    text: str
    language: str
    rank: int
    type: str


Spellings: TypeAlias = Callable[[Sequence[str]], Iterable[Spelling]]


def spellings(select: Select, classes: Sequence[str]) -> Iterable[Spelling]:
    """Yield the names of the things of some classes, given by their IRIs."""
    properties = " ".join(
        f"(<{PREFIXES[name.partition(':')[0]]}{name.partition(':')[2]}> {rank})" for name, rank in _NAMES
    )
    for thing, name, rank, type_ in select(
        filled("words", "names", types=listed(classes), properties=properties)
    ).rows:
        if isinstance(thing, ox.NamedNode) and isinstance(name, ox.Literal):
            yield Spelling(
                thing.value, name.value, name.language or "", int(str(plain(rank))), str(plain(type_))
            )


class Words:
    """The things of one graph by their names; `select` asks the graph a SELECT query.

    The names of a type are read once, when first asked for, by `read` if they are kept elsewhere. `others` resolve
    the words for types of which names alone do not tell which thing is meant.
    """

    def __init__(
        self,
        select: Select,
        others: Mapping[str, Callable[[str], str]] | None = None,
        read: Spellings | None = None,
    ) -> None:
        self._select = select
        self._spellings = read or partial(spellings, select)
        self._others = others or {}
        self._by_type: dict[str, _Names] = {}

    def resolve(self, text: str, type_name: str = "rdfs:Resource") -> ox.NamedNode:
        """Return the thing of a type that an IRI, a prefixed name or words stand for.

        Words fit as a whole name in any language first, then run together, then shortened ("azure gov").
        NotFoundError with the nearest names where none fits, QueryError where several do.
        """
        if type_name in self._others:
            return ox.NamedNode(self._others[type_name](text))
        node = named(text.strip())
        if node is not None:
            return self._known(node, text, type_name)
        found = self.find(text, type_name)
        if found is None:
            raise self._unknown(text, type_name)
        return found

    def find(self, text: str, type_name: str = "rdfs:Resource") -> ox.NamedNode | None:
        """Return the thing of a type that words stand for, None where none does; QueryError where several do.

        To look for the nearest names, as `resolve` does then, takes longer than most questions.
        """
        if type_name == "rdfs:Resource":
            first = [
                replace(name, rank=(name.rank[0], place))
                for place, each in enumerate(_FIRST)
                for name in self._names(each).whole(text)
            ]
            found = self._choose(text, first)
            if found is not None:
                return found
        names = self._names(type_name)
        for fitting in (names.whole(text), names.run_together(text), names.shortened(text)):
            found = self._choose(text, fitting)
            if found is not None:
                return found
        return None

    @property
    def names(self) -> Sequence[Name]:
        """All names of the things that may be named by words, those that are most meant first."""
        return self._names("rdfs:Resource").every

    @property
    def labels(self) -> Iterable[tuple[str, str]]:
        """Each of these things with the name it goes by, English where there is one."""
        return self._names("rdfs:Resource").labels

    def label(self, thing: str) -> str:
        """Return the name a thing goes by, English where there is one, else its prefixed name."""
        labels = self._select(filled("words", "label", thing=listed([thing]))).column("label")
        return str(labels[0]) if labels else short(thing)

    def _known(self, node: ox.NamedNode, text: str, type_name: str) -> ox.NamedNode:
        if type_name == "rdfs:Resource":
            exists = self._select(filled("words", "says", thing=str(node)))
        else:
            exists = self._select(
                filled("words", "is", thing=str(node), types=listed(self.classes(type_name)))
            )
        if not exists:
            raise self._unknown(text, type_name, words_of=node.value.rpartition("/")[2].rpartition("#")[2])
        return node

    def _choose(self, text: str, fitting: list[Name]) -> ox.NamedNode | None:
        """Return the thing that the best of the fitting names agree on, None where no name fits."""
        if not fitting:
            return None
        best = min(name.rank for name in fitting)
        things = sorted({name.thing for name in fitting if name.rank == best})
        if len(things) > 1:
            things = self._whole(things)
        if len(things) == 1:
            return ox.NamedNode(things[0])
        shown = ", ".join(f"{self.label(thing)} ({short(thing)})" for thing in things[:_SHOWN])
        more = f" and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
        raise QueryError(
            f"{text!r} may mean {shown}{more}", hint=f"give one of them in full, such as {short(things[0])}"
        )

    def _whole(self, things: list[str]) -> list[str]:
        """Return the one thing that all the others are editions, levels or parts of, else all of them."""
        above = self._select(filled("words", "above", things=listed(things)))
        parts: dict[str, set[str]] = {}
        for row in above:
            parts.setdefault(str(row["whole"]), set()).add(str(row["part"]))
        return [thing for thing in things if parts.get(thing, set()) | {thing} == set(things)] or things

    def _unknown(self, text: str, type_name: str, words_of: str = "") -> NotFoundError:
        kind = "thing" if type_name == "rdfs:Resource" else spoken(type_name.partition(":")[2])
        return NotFoundError(
            f"no {kind} in this graph is called {text!r}", self._names(type_name).near(words_of or text)
        )

    def classes(self, type_name: str) -> list[str]:
        """Return the IRIs of a class and its subclasses."""
        prefix, _, local = type_name.partition(":")
        found = [PREFIXES[prefix] + local]
        for above in found:  # grows as it is read
            found += [each for each in self._subclasses.get(above, ()) if each not in found]
        return found

    @cached_property
    def _subclasses(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self._select(text("words", "subclasses")):
            found.setdefault(str(row["above"]), []).append(str(row["type"]))
        return found

    def _names(self, type_name: str) -> _Names:
        names = self._by_type.get(type_name)
        if names is None:
            names = self._by_type[type_name] = _Names(self._read(type_name))
        return names

    def _read(self, type_name: str) -> Iterable[Name]:
        if type_name == "rdfs:Resource":
            classes = [PREFIXES[name.partition(":")[0]] + name.partition(":")[2] for name in NAMED]
            places = {iri: place for place, iri in enumerate(classes)}
        else:
            classes, places = self.classes(type_name), {}
        for each in self._spellings(classes):
            rank = each.rank, places.get(each.type, 0)
            yield Name(each.thing, each.text, words(each.text), rank, each.language)


class _Names:
    """The names of the things of one type."""

    def __init__(self, names: Iterable[Name]) -> None:
        self.every = sorted(names, key=lambda name: (name.rank, name.thing, name.text, name.language))
        self._things: dict[str, Name] = {}
        for name in sorted(self.every, key=lambda name: (name.rank, name.foreign)):
            self._things.setdefault(name.thing, name)
        self.every += [
            Name(thing, key, words(key), name.rank)
            for thing, name in self._things.items()
            if (key := local(thing))
        ]

    def label(self, thing: str) -> str:
        name = self._things.get(thing)
        return name.text if name else short(thing)

    @property
    def labels(self) -> Iterable[tuple[str, str]]:
        return ((thing, name.text) for thing, name in self._things.items())

    def whole(self, text: str) -> list[Name]:
        return self._whole.get(words(text), []) if words(text) else []

    def run_together(self, text: str) -> list[Name]:
        return self._compact.get(compact(words(text)), []) if words(text) else []

    def shortened(self, text: str) -> list[Name]:
        """Return the names that the text is short for, those with the fewest words left out."""
        given = words(text)
        if len(compact(given)) < _FEWEST_SIGNS:
            return []
        least, fitting = len(given) + 8, list[Name]()
        for name in self.every:
            extra = left_over(given, name.words)
            if extra is not None and extra <= least:
                if extra < least:
                    least, fitting = extra, []
                fitting.append(name)
        return fitting

    def near(self, text: str) -> tuple[str, ...]:
        """Return the labels of the things whose names come closest, each thing once."""
        by_text = {name.text: name.thing for name in reversed(self.every)}
        things = dict.fromkeys(by_text[text] for text in nearest(text, by_text, count=25))
        return tuple(dict.fromkeys(self.label(thing) for thing in things))[:5]

    @cached_property
    def _whole(self) -> dict[tuple[str, ...], list[Name]]:
        found: dict[tuple[str, ...], list[Name]] = {}
        for name in self.every:
            found.setdefault(name.words, []).append(name)
        return found

    @cached_property
    def _compact(self) -> dict[str, list[Name]]:
        found: dict[str, list[Name]] = {}
        for name in self.every:
            found.setdefault(compact(name.words), []).append(name)
        return found


def spoken(name: str) -> str:
    """Return a term's name as words.

    >>> spoken("CloudService"), spoken("isVersionOf")
    ('cloud service', 'is version of')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def local(thing: str) -> str:
    """Return the last part of an IRI, by which people may know a thing as well."""
    return thing.rpartition("#")[2] if "#" in thing else thing.rpartition("/")[2]
