"""Statements of a graph with the places that say so, read by SPARQL patterns that name what is to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Protocol

import pyoxigraph as ox

from kg.publication import Version
from kg.queries import Table, Words
from kg.queries.asked import Asked
from kg.queries.table import plain
from kg.queries.texts import filled, listed
from kg.reports.model import Source
from kg.tables.labels import STEP, Labels

_NUMBERS = re.compile(r"([0-9]+)")


class Answers(Asked, Protocol):
    """What this package needs of a graph."""

    def stats(self) -> Table:
        """Return how much there is of what."""

    @property
    def words(self) -> Words:
        """The things of the graph by their names."""

    @property
    def version(self) -> Version | None:
        """The published version this is."""


@dataclass(frozen=True, slots=True)
class Said:
    """One statement in one place; `target` is a thing's IRI, or a text."""

    source: str
    property: str
    target: str
    target_is_text: bool
    cloud: str
    origin: Source


def said(graph: Answers, query: str, **parts: str) -> list[Said]:
    """Return what a query finds, English pages first, as it stands in them, each with its place and words.

    The query, filled with `parts`, finds source, property, target, cloud, segment and document.
    """
    rows = graph.select(filled("reports", query, **parts)).rows
    texts = _texts(graph, {_text(row[4]) for row in rows} - {""})
    places = _places(graph, {_text(row[5]) for row in rows})
    found = []
    for source, name, target, cloud, segment, document in rows:
        line, words = texts.get(_text(segment), (0, []))
        path, language = places[_text(document)]
        sentence, *_ = [*words, ("", "")]
        translation, *_ = [*(each for each in words[1:] if each[0] != sentence[0]), ("", "")]
        origin = Source(_text(document), path, line, *sentence, *translation)
        each = Said(
            _text(source), _text(name), _text(target), isinstance(target, ox.Literal), _text(cloud), origin
        )
        found.append(((language != "en-US", path, line, _counted(_text(segment)), astuple(each)), each))
    return [each for _, each in sorted(found, key=lambda item: item[0])]


def names(graph: Answers, found: Iterable[Said]) -> Labels:
    """Return the names of all things that statements are about."""
    labels = Labels(graph)
    things = {thing for each in found for thing in (each.source, each.property, each.cloud) if thing}
    labels.read(things | {each.target for each in found if each.target and not each.target_is_text})
    return labels


def _texts(graph: Answers, segments: set[str]) -> dict[str, tuple[int, list[tuple[str, str]]]]:
    """Return the line of each segment, 0 where it has none, and its words with their language, English first."""
    found: dict[str, tuple[int, list[tuple[str, str]]]] = {}
    wanted = sorted(segments)
    for start in range(0, len(wanted), STEP):
        some = listed(wanted[start : start + STEP])
        for segment, words, line in graph.select(filled("reports", "words", things=some)).rows:
            number = plain(line)
            if isinstance(words, ox.Literal):
                here = found.setdefault(_text(segment), (number if isinstance(number, int) else 0, []))
                here[1].append((words.value, words.language or ""))
    return {segment: (line, sorted(words, key=_english_first)) for segment, (line, words) in found.items()}


def _places(graph: Answers, documents: set[str]) -> dict[str, tuple[str, str]]:
    """Return the path and the language of each document, empty where it has none."""
    found: dict[str, tuple[str, str]] = {}
    wanted = sorted(documents)
    for start in range(0, len(wanted), STEP):
        query = filled("reports", "places", documents=listed(wanted[start : start + STEP]))
        for document, path, language in graph.select(query).rows:
            found.setdefault(_text(document), (_text(path), _text(language)))
    return found


def _counted(text: str) -> tuple[tuple[int, str], ...]:
    """Return what sorts a text by its numbers: the second sentence of a line before the tenth."""
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in _NUMBERS.split(text))


def _english_first(words: tuple[str, str]) -> tuple[bool, str, str]:
    return not words[1].startswith("en"), words[1], words[0]


def _text(value: object) -> str:
    return value.value if isinstance(value, ox.NamedNode | ox.Literal) else ""
