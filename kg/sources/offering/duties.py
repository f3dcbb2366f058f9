"""Who has to do what: the duties of the provider, the customer, both, or the assessor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg import names
from kg.errors import Issue
from kg.records import Record, Responsibility
from kg.sources.offering.page import Page, literals
from kg.sources.offering.statements import Statement
from kg.terms import Iri, term

_PARTY = term("ckg:party")


def read(page: Page, said: Iterable[Statement]) -> Iterator[Record | Issue]:
    """Yield a responsibility for each statement of a page that gives a party a duty, one for each party."""
    if page.offering is None:
        return
    for statement in said:
        parties = dict.fromkeys(
            Iri(cue.value) for cue in statement.cues if cue.signals == _PARTY and cue.value is not None
        )
        for party in parties:
            evidence = page.segment(statement.segment)
            yield Responsibility(
                iri=names.part(page.iri, "duty", names.digest(evidence, party)),
                party=party,
                values=literals(statement.segment.texts),
                offering=page.offering,
                evidence=(evidence,),
                document=page.iri,
            )
