"""How compliance with a page's standard is shown, how often and by whom it is audited, and whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kg.concepts.cues import Cue
from kg.documents.model import Segment
from kg.errors import Issue
from kg.records import Claim, Record
from kg.sources.offering.answers import APPLIES_TO, Asked
from kg.sources.offering.page import Page, literals
from kg.sources.offering.statements import AUDITS, Statement, is_own, standards_near
from kg.terms import BASE, Iri, Term, literal, term

_MODEL = term("ckg:attestationModel")
_FREQUENCY = term("ckg:auditFrequency")
_AUDITED_BY = term("ckg:auditedBy")
_APPLIES_TO = term("ckg:appliesTo")
_ELSEWHERE = term("rdfs:seeAlso")
_NONE = Iri(f"<{BASE}attestation-model/none>")
_OVERVIEW = Iri(f"<{BASE}section-role/overview>")
_SHORT_ANSWER = 4  # words: "Yes." tells nobody to whom a standard applies


def read(page: Page, said: Iterable[Statement], asked: Iterable[Asked]) -> Iterator[Record | Issue]:
    """Yield claims of attestation model, audit frequency and auditor of the offering, and of whom it concerns.

    `said` are the statements of the page, `asked` its questions.
    """
    if page.offering is None:
        return
    reader = _Reader(page, page.offering)
    for statement in said:
        reader.statement(statement)
    reader.answers(asked)
    yield from reader.claims()


@dataclass(slots=True)
class _Said:
    """A claim while what states it is gathered: the segments, and the cues that were found in them."""

    evidence: dict[Iri, None] = field(default_factory=dict)
    cues: list[Cue] = field(default_factory=list)


class _Reader:
    """Gathers what the sentences of one page say of its offering and its standard."""

    def __init__(self, page: Page, offering: Iri) -> None:
        self._page = page
        self._offering = offering
        self._said: dict[tuple[Iri, Iri, Term], _Said] = {}

    def claims(self) -> Iterator[Claim]:
        """Yield what was gathered, but for what only cues state that yield to others found on the page."""
        found = {cue.iri for said in self._said.values() for cue in said.cues}
        for (source, prop, target), said in self._said.items():
            if any(cue.yields_to.isdisjoint(found) for cue in said.cues):
                yield Claim(
                    iri=self._page.claim(prop, source, target),
                    source=source,
                    prop=prop,
                    target=target,
                    evidence=tuple(said.evidence),
                    derived_from=(self._page.iri,),
                )

    def statement(self, statement: Statement) -> None:
        """Take in one sentence."""
        for cue in statement.cues:
            if cue.signals == _MODEL and cue.value == _NONE:
                if self._is_about(statement, cue):
                    self._say(_MODEL, _NONE, statement.segment, cue)
            elif cue.signals == _MODEL and cue.value:
                if self._is_ours(statement, cue):
                    self._say(_MODEL, cue.value, statement.segment, cue)
            elif cue.signals == _FREQUENCY and cue.value:
                if statement.role == AUDITS or self._is_about(statement, cue):
                    self._say(_FREQUENCY, cue.value, statement.segment, cue)
            elif cue.signals == _AUDITED_BY:
                if self._is_ours(statement, cue):
                    self._auditor(statement, cue)
            elif cue.signals == _APPLIES_TO and self._holds(statement, cue):
                self._applies(statement.segment, cue)

    def answers(self, questions: Iterable[Asked]) -> None:
        """Take in the answers to the question to whom the standard applies."""
        find = self._page.concepts.cues.find
        for asked in questions:
            question = next((cue for cue in find(asked.text, asked.lang) if cue.signals == APPLIES_TO), None)
            if question is None:
                continue
            for segment in asked.answer:
                if _words(segment.reading) < _SHORT_ANSWER:
                    continue
                if all(cue.signals != _ELSEWHERE for cue in find(segment.reading, asked.lang)):
                    self._applies(segment, question)
                break

    def _is_about(self, statement: Statement, cue: Cue) -> bool:
        """Whether a sentence speaks of no other standard than the page's own, as far as the cue goes."""
        return standards_near(self._page, statement, cue.start, cue.end) is not False

    def _is_ours(self, statement: Statement, cue: Cue) -> bool:
        """Whether a sentence tells of the provider or its services, and of no standard but the page's own."""
        page = self._page
        if not (
            page.concepts.cues.mentions_provider(statement.text)
            or page.concepts.services.find(statement.text, statement.lang)
        ):
            return False
        near = standards_near(page, statement, cue.start, cue.end)
        return bool(near) or (near is None and statement.role != _OVERVIEW)

    def _holds(self, statement: Statement, cue: Cue) -> bool:
        """Whether the page's own standard stands where the cue asks for it."""
        place = cue.standard
        if place is None:
            return True
        page = self._page
        found = page.concepts.standards.find(
            statement.text, statement.lang, own=page.standard, also=page.own_names
        )
        return any(
            is_own(page, mention.iri) and place.holds(statement.text, mention.start, mention.end)
            for mention in found
        )

    def _auditor(self, statement: Statement, cue: Cue) -> None:
        """Take in who audits: the organization named, else the words that describe it where an audit is told of."""
        if cue.value and cue.organization:
            if cue.value != self._page.provider and not self._in_service(statement, *cue.organization):
                self._say(_AUDITED_BY, cue.value, statement.segment, cue)
        elif any(each.signals in {_MODEL, _FREQUENCY} and each.value != _NONE for each in statement.cues):
            cues = self._page.concepts.cues
            named = [each for _, _, each in cues.organizations(statement.text) if cues.is_auditor(each)]
            words = literal(statement.text[cue.start : cue.end], statement.lang)
            auditors: list[Term] = [*named] or [words]
            for auditor in auditors:
                self._say(_AUDITED_BY, auditor, statement.segment, cue)

    def _in_service(self, statement: Statement, start: int, end: int) -> bool:
        """Whether a name is part of a service's name, as Germany is of Azure Germany."""
        services = self._page.concepts.services.find(statement.text, statement.lang)
        return any(found.start < end and start < found.end for found in services)

    def _applies(self, segment: Segment, cue: Cue) -> None:
        """Take in a sentence that says whom the standard concerns, in each language it is said in."""
        if self._page.standard:
            for text in literals(segment.texts):
                self._say(_APPLIES_TO, text, segment, cue, source=self._page.standard)

    def _say(self, prop: Iri, target: Term, segment: Segment, cue: Cue, *, source: Iri | None = None) -> None:
        said = self._said.setdefault((source or self._offering, prop, target), _Said())
        said.evidence[self._page.segment(segment)] = None
        said.cues.append(cue)


def _words(text: str) -> int:
    """Return the number of words; in a script without spaces, each two signs count as one."""
    return max(len(text.split()), sum(1 for c in text if c >= "\u2e80") // 2)
