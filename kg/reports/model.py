"""A report as data: sections of statements, each with the numbers of the sources that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is said: the document, the line, and the sentence with its translation beside it.

    `language` and `foreign` are the languages of sentence and translation; anything not known is empty or 0.
    """

    document: str
    path: str = ""
    line: int = 0
    sentence: str = ""
    language: str = ""
    translation: str = ""
    foreign: str = ""

    @property
    def place(self) -> str:
        """The file and line, else the name of the graph that says so."""
        where = self.path or self.document
        return f"{where}:{self.line}" if self.line else where


@dataclass(frozen=True, slots=True)
class Statement:
    """Something said: its words, an address they lead to, its sources by number, how many more sources there are."""

    words: str
    sources: tuple[int, ...]
    more: int = 0
    link: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Statements under one heading, such as a cloud or a party; the heading may be empty."""

    heading: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report; without groups, nothing of its kind is in the graph."""

    title: str
    groups: tuple[Group, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A report about a standard, a service or a whole graph; `sources` are numbered from 1."""

    title: str
    iri: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]


class Numbers:
    """Sources numbered in the order in which they are first cited."""

    def __init__(self) -> None:
        self._numbers: dict[Source, int] = {}

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources cited so far."""
        return tuple(self._numbers)

    def statement(self, words: str, sources: Sequence[Source], link: str = "") -> Statement:
        """Return a statement that cites the first of its sources, and the first that sets two languages side by side."""
        distinct = list(dict.fromkeys(sources))
        bilingual = [source for source in distinct if source.translation]
        cited = list(dict.fromkeys([*distinct[:1], *bilingual[:1]]))
        numbers = tuple(self._numbers.setdefault(source, len(self._numbers) + 1) for source in cited)
        return Statement(words, numbers, len(distinct) - len(cited), link)
