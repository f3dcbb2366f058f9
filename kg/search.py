"""Search in the names of things: in every language, by beginnings, and in spite of typing errors.

An inverted index leads from the words of names to the names, and from pieces of words to words; what it finds
is put in order by how near the whole names are (`kg.queries.nearness`), which is also how single names are
resolved. Scripts that put no spaces between words are indexed by pairs of signs.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from math import log

import pyoxigraph as ox

from kg.errors import NotFoundError, QueryError
from kg.queries.nearness import Likeness, compact, nearest, words
from kg.queries.table import Table, Value
from kg.queries.words import NAMED, Name, spoken
from kg.terms import PREFIXES

LONGEST = 200  # signs of a search
MOST = 1000  # things found

# Han, Kana, Thai, Lao, Burmese and Khmer: words are not set apart.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_WORDS = 12  # of a search are looked for; more would take long, and find no name
_CONSIDERED = 200  # names, by their words alone
_BEGINNINGS = 200  # words of the index that a beginning may stand for
_ALIKE = 24  # words of the index that a word with typing errors may stand for
_LEAST_WORD = 0.7
_LEAST_NAME = 0.55
_OTHER_NAME = 0.02  # less, for a name a thing is only also known by


class Index:
    """The names of a graph's things, to be searched; made once."""

    def __init__(self, names: Sequence[Name], labels: Iterable[tuple[str, str]]) -> None:
        self._names = names
        self._labels = dict(labels)
        self._places: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            for term in dict.fromkeys(_terms(name.words)):
                self._places.setdefault(term, []).append(number)
        self._terms = sorted(self._places)
        self._pieces: dict[str, list[int]] = {}
        for number, term in enumerate(self._terms):
            for piece in _pieces(term):
                self._pieces.setdefault(piece, []).append(number)
        self._together = sorted((compact(name.words), number) for number, name in enumerate(names))

    def search(self, text: str, *, limit: int, kind: str) -> Table:
        """Return the things whose names fit; see `Graph.search`."""
        if len(text) > LONGEST:
            raise QueryError(f"a search takes {LONGEST} signs at most")
        if not 1 <= limit <= MOST:
            raise QueryError(f"a search gives between 1 and {MOST} things, not {limit}")
        wanted = _kind(kind) if kind else ""
        likeness = Likeness(words(text))
        best: dict[str, tuple[float, int]] = {}
        for number in self._candidates(words(text), wanted):
            name = self._names[number]
            score = likeness.of(name.words) - _OTHER_NAME * name.rank[0]
            known = best.get(name.thing)
            if score >= _LEAST_NAME and (known is None or (-score, number) < (-known[0], known[1])):
                best[name.thing] = (score, number)
        order = sorted((-score, number) for score, number in best.values())
        return Table.of(
            ("thing", "label", "kind", "name", "language", "score"),
            (self._row(number, -less) for less, number in order[:limit]),
        )

    def _row(self, number: int, score: float) -> tuple[Value, ...]:
        name = self._names[number]
        prefix, _, local = NAMED[name.rank[1]].partition(":")
        return (
            ox.NamedNode(name.thing),
            self._labels.get(name.thing, name.text),
            ox.NamedNode(PREFIXES[prefix] + local),
            ox.Literal(name.text, language=name.language) if name.language else name.text,
            name.language or None,
            round(score, 3),
        )

    def _candidates(self, meant: tuple[str, ...], kind: str) -> list[int]:
        """Return the names that share most with the words meant, the rarer words counting more."""
        total: Counter[int] = Counter()
        weight_of_all = 0.0
        for term in islice(dict.fromkeys(_terms(meant)), _WORDS):
            found: dict[int, float] = {}
            for known, fits in self._like(term):
                places = self._places[known]
                weight = fits * log(1 + len(self._names) / len(places))
                for number in places:
                    found[number] = max(found.get(number, 0.0), weight)
            weight_of_all += max(found.values(), default=0.0)
            for number, weight in found.items():
                total[number] += weight  # type: ignore[assignment]  # typeshed has counts be whole
        for number in self._run_together(compact(meant)):
            total[number] += weight_of_all + 1  # type: ignore[assignment]
        fitting = (
            (weight, -number)
            for number, weight in total.items()
            if not kind or NAMED[self._names[number].rank[1]] == kind
        )
        return [-less for _, less in heapq.nlargest(_CONSIDERED, fitting)]

    def _run_together(self, text: str) -> Iterator[int]:
        """Yield the names that, run together, begin with a text: `MARSE` is `MARS-E`."""
        if text:
            start = bisect_left(self._together, (text, 0))
            for key, number in islice(self._together, start, start + _BEGINNINGS):
                if not key.startswith(text):
                    return
                yield number

    def _like(self, term: str) -> list[tuple[str, float]]:
        """Return the words of the index that a word may stand for, and how well they fit."""
        if term.isdecimal():
            return [(term, 1.0)] if term in self._places else []
        start = bisect_left(self._terms, term)
        found = {
            known: 1.0 if known == term else 0.9
            for known in islice(self._terms, start, start + _BEGINNINGS)
            if known.startswith(term)
        }
        pieces = _pieces(term)
        shared: Counter[int] = Counter()
        for piece in pieces:
            shared.update(self._pieces.get(piece, ()))
        likeness = Likeness((term,))
        near = heapq.nsmallest(
            _ALIKE,
            (
                (-count / (len(pieces) + len(self._terms[number])), number)
                for number, count in shared.items()
                if count > 1
            ),
        )
        for _, number in near:
            known = self._terms[number]
            if known not in found and (score := likeness.of((known,))) >= _LEAST_WORD:
                found[known] = 0.8 * score
        return list(found.items())


def _terms(spoken_words: Sequence[str]) -> Iterator[str]:
    """Yield what a name is found by: its words, or of unspaced scripts each sign and each two signs."""
    for word in spoken_words:
        if _UNSPACED.search(word):
            yield from word if len(word) == 1 else (one + other for one, other in pairwise(word))
        else:
            yield word


def _pieces(term: str) -> list[str]:
    """Return the threes of signs of a word with its ends marked; none of numbers and short words."""
    if len(term) < 4 or term.isdecimal():
        return []
    marked = f"^{term}$"
    return [marked[place : place + 3] for place in range(len(marked) - 2)]


def _kind(text: str) -> str:
    """Return the kind that words mean: `cloud service`, `CloudService` and `ckg:CloudService` are one."""
    known = {spoken(each.partition(":")[2]): each for each in NAMED}
    wanted = spoken(text.partition(":")[2] or text)
    if wanted not in known:
        raise NotFoundError(f"no kind of thing is called {text!r}", nearest(wanted, known) or tuple(known))
    return known[wanted]
