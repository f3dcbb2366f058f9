"""How compliance with a page's standard is shown, how often and by whom it is audited, and whom it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.concepts.cues import Cue
from kg.documents.model import Segment
from kg.errors import Issue
from kg.records import Claim, Record
from kg.sources.offering.answers import APPLIES_TO, questions
from kg.sources.offering.page import Page, literals
from kg.sources.offering.statements import AUDITS, Statement, is_own, standards_near, statements
from kg.terms import BASE, Iri, Term, literal, term

_MODEL = term("ckg:attestationModel")
_FREQUENCY = term("ckg:auditFrequency")
_AUDITED_BY = term("ckg:auditedBy")
_APPLIES_TO = term("ckg:appliesTo")
_NONE = Iri(f"<{BASE}attestation-model/none>")
_OVERVIEW = Iri(f"<{BASE}section-role/overview>")
_SHORT_ANSWER = 4  # words: "Yes." tells nobody to whom a standard applies


def read(page: Page) -> Iterator[Record | Issue]:
    """Yield claims of attestation model, audit frequency and auditor of the offering, and of whom it concerns."""
    if page.offering is None:
        return
    reader = _Reader(page, page.offering)
    for statement in statements(page):
        reader.statement(statement)
    reader.answers()
    yield from reader.claims()


@dataclass(slots=True)
class _Said:
    """A claim while the segments that state it are gathered; `fallback` until a stronger cue states it."""

    evidence: dict[Iri, None] = field(default_factory=dict)
    fallback: bool = True


class _Reader:
    """Gathers what the sentences of one page say of its offering and its standard."""

    def __init__(self, page: Page, offering: Iri) -> None:
        self._page = page
        self._offering = offering
        self._said: dict[tuple[Iri, Iri, Term], _Said] = {}

    def claims(self) -> Iterator[Claim]:
        """Yield what was gathered; what only fallbacks say is left out where more was said of the property."""
        strong = {(source, prop) for (source, prop, _), said in self._said.items() if not said.fallback}
        for (source, prop, target), said in self._said.items():
            if said.fallback and (source, prop) in strong:
                continue
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
        audits = [cue for cue in statement.cues if cue.signals in {_MODEL, _FREQUENCY} and cue.value != _NONE]
        for cue in statement.cues:
            if cue.signals == _MODEL and cue.value:
                if self._is_none(statement, cue) if cue.value == _NONE else self._is_ours(statement, cue):
                    self._say(_MODEL, cue.value, statement.segment, fallback=cue.fallback)
            elif cue.signals == _FREQUENCY and cue.value:
                if statement.role == AUDITS or self._is_about(statement, cue):
                    self._say(_FREQUENCY, cue.value, statement.segment, fallback=cue.fallback)
            elif cue.signals == _AUDITED_BY and (cue.value or audits):
                if self._is_ours(statement, cue):
                    self._auditor(statement, cue)
            elif cue.signals == _APPLIES_TO and self._holds(statement, cue):
                self._applies(statement.segment)

    def answers(self) -> None:
        """Take in the answers to the question to whom the standard applies."""
        cues = self._page.concepts.cues
        for asked in questions(self._page):
            if any(cue.signals == APPLIES_TO for cue in cues.find(asked.text, asked.lang)):
                telling = (each for each in asked.answer if _words(each.reading) >= _SHORT_ANSWER)
                first = next(telling, None)
                if first:
                    self._applies(first)

    def _is_none(self, statement: Statement, cue: Cue) -> bool:
        """Whether a sentence that denies a certification denies one to the page's own standard."""
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

    def _is_about(self, statement: Statement, cue: Cue) -> bool:
        near = standards_near(self._page, statement, cue.start, cue.end)
        return near is not False

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
        """Take in who audits: the organization named, else the words that describe it."""
        cues = self._page.concepts.cues
        named = (
            [Iri(cue.value)]
            if cue.value
            else [each for _, _, each in cues.organizations(statement.text) if cues.is_auditor(each)]
        )
        for organization in named:
            if organization != self._page.provider:
                self._say(_AUDITED_BY, organization, statement.segment)
        if not named:
            words = literal(statement.text[cue.start : cue.end], statement.lang)
            self._say(_AUDITED_BY, words, statement.segment, fallback=True)

    def _applies(self, segment: Segment) -> None:
        """Take in a sentence that says whom the standard concerns, in each language it is said in."""
        if self._page.standard:
            for text in literals(segment.texts):
                self._say(_APPLIES_TO, text, segment, source=self._page.standard)

    def _say(
        self, prop: Iri, target: Term, segment: Segment, *, source: Iri | None = None, fallback: bool = False
    ) -> None:
        said = self._said.setdefault((source or self._offering, prop, target), _Said())
        said.evidence[self._page.segment(segment)] = None
        said.fallback = said.fallback and fallback


def _words(text: str) -> int:
    """Return the number of words; in a script without spaces, each two signs count as one."""
    return max(len(text.split()), sum(1 for c in text if c >= "\u2e80") // 2)
