"""What breaks if a source goes: the statements that have their only evidence in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from kg.controls import Answers
from kg.errors import NotFoundError
from kg.network.statements import labels, stated
from kg.queries import Table
from kg.queries.nearness import nearest
from kg.queries.table import Value, plain
from kg.queries.texts import text
from kg.terms import BASE, PREFIXES

_RANKING = ("rank", "source", "documents", "statements", "lost", "share")
_LOST = ("source", "sourceLabel", "property", "target", "targetLabel", "claims", "derived")
KINDS = ("page", "file")

Statement = tuple[str, str, Value]


def loss(graph: Answers, *sources: str, by: str = "page") -> Table:
    """Return what has its only evidence in a source; without one, the sources by how much does.

    A statement is lost where each claim of it rests on what goes; a derived claim rests on every step it was
    derived from, and a step on its document: the environments of J. de Kleer, An Assumption-based TMS,
    Artificial Intelligence 28(2), 1986. `by` says what goes together: a `page` in all its languages and versions
    (its slug), or each `file`. A source is named by slug, path or IRI. With sources the columns are source,
    property, target, claims (how many go with it) and derived; else rank, source, documents, statements (in how
    many it is evidence), lost, and their share. Only claims count: what a registry states as well
    is told as lost with its last claim.
    """
    if by not in KINDS:
        raise NotFoundError(f"sources go by {' or by '.join(KINDS)}, not by {by!r}", KINDS)
    evidence = _evidence(graph)
    documents = _documents(graph)
    if sources:
        gone = frozenset().union(*(_named(documents, name) for name in sources))
        return _lost_table(graph, evidence, evidence.lost(gone))
    return _ranking(evidence, documents, by)


@dataclass(frozen=True)
class Evidence:
    """Claims, what each states, and what each was derived from: documents or other claims."""

    states: Mapping[str, Statement]
    origins: Mapping[str, tuple[str, ...]]

    @cached_property
    def claims(self) -> dict[Statement, list[str]]:
        """The claims of each statement."""
        found: dict[Statement, list[str]] = {}
        for claim, statement in self.states.items():
            found.setdefault(statement, []).append(claim)
        return found

    @cached_property
    def needs(self) -> dict[str, frozenset[str]]:
        """For each claim the documents without any one of which it falls."""
        found: dict[str, frozenset[str]] = {}
        for claim in self.origins:
            reached, ahead = set[str](), [claim]
            passed = set[str]()
            while ahead:
                for origin in self.origins[ahead.pop()]:
                    if origin not in self.origins:
                        reached.add(origin)
                    elif origin not in passed:
                        passed.add(origin)
                        ahead.append(origin)
            found[claim] = frozenset(reached)
        return found

    def lost(self, gone: frozenset[str]) -> list[Statement]:
        """Return the statements left without a claim where documents are gone, in the order of their terms."""
        return sorted(
            (
                statement
                for statement, claims in self.claims.items()
                if all(self.needs[claim] & gone for claim in claims)
            ),
            key=lambda statement: tuple(map(str, statement)),
        )


def _evidence(graph: Answers) -> Evidence:
    parts = PREFIXES["doc"]
    states = {
        claim: (source, prop, target)
        for claim, (source, prop, target) in stated(graph).items()
        # A link or question of a page is part of it, and nothing another page could say.
        if not (isinstance(target, ox.NamedNode) and target.value.startswith(parts))
    }
    origins: dict[str, tuple[str, ...]] = {}
    for claim, origin in graph.select(text("network", "origins")).rows:
        if isinstance(claim, ox.NamedNode) and isinstance(origin, ox.NamedNode) and claim.value in states:
            origins[claim.value] = (*origins.get(claim.value, ()), origin.value)
    return Evidence({claim: states[claim] for claim in sorted(origins)}, origins)


@dataclass(frozen=True, slots=True)
class _Document:
    iri: str
    path: str
    slug: str


def _documents(graph: Answers) -> tuple[_Document, ...]:
    return tuple(
        _Document(str(row["document"]), str(row["path"] or ""), str(row["slug"] or ""))
        for row in graph.select(text("network", "documents"))
    )


def _named(documents: Iterable[_Document], name: str) -> frozenset[str]:
    """Return the documents that a slug, path or IRI names."""
    known: dict[str, set[str]] = {}
    for each in documents:
        for called in (each.iri, each.path, each.slug):
            known.setdefault(called, set()).add(each.iri)
    if not name or name not in known:
        near = nearest(name, tuple(text for text in known if text and "//" not in text), 5)
        raise NotFoundError(f"no source has the slug, path or IRI {name!r}", tuple(near))
    return frozenset(known[name])


def _ranking(evidence: Evidence, documents: Iterable[_Document], by: str) -> Table:
    belongs = {each.iri: (each.slug if by == "page" else each.path) or each.iri for each in documents}
    files = Counter(belongs.values())
    stands: Counter[str] = Counter()
    falls: Counter[str] = Counter()
    for claims in evidence.claims.values():
        sources = [{belongs.get(each, each) for each in evidence.needs[claim]} for claim in claims]
        stands.update(set[str]().union(*sources))
        falls.update(set.intersection(*sources))
    ranked = sorted(stands, key=lambda source: (-falls[source], -stands[source], source))
    return Table.of(
        _RANKING,
        (
            (
                rank,
                source,
                files[source],
                stands[source],
                falls[source],
                round(falls[source] / stands[source], 4),
            )
            for rank, source in enumerate(ranked, 1)
        ),
    )


def _lost_table(graph: Answers, evidence: Evidence, lost: Iterable[Statement]) -> Table:
    statements = list(lost)
    things = {
        iri for source, _, target in statements for iri in (source, plain(target)) if isinstance(iri, str)
    }
    names = labels(graph, (iri for iri in things if iri.startswith(BASE)))
    return Table.of(
        _LOST,
        (
            (
                ox.NamedNode(source),
                names.get(source),
                ox.NamedNode(prop),
                target,
                names.get(str(plain(target))),
                len(claims := evidence.claims[source, prop, target]),
                all(origin in evidence.origins for claim in claims for origin in evidence.origins[claim]),
            )
            for source, prop, target in statements
        ),
    )
