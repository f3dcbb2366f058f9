"""The sentences of a page that state something, with what they are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.concepts.cues import Cue
from kg.documents.model import Segment, reading
from kg.sources.offering.answers import QUESTIONS, is_question
from kg.sources.offering.page import Page
from kg.terms import BASE, Iri

_ROLE = f"<{BASE}section-role/"
AUDITS = Iri(f"{_ROLE}audits>")
# Lists of names and links, and what the provider sells besides: nothing there tells of audits or duties.
_SILENT = frozenset(
    Iri(f"{_ROLE}{name}>")
    for name in (
        "resources",
        "compliance-manager",
        "backgrounder",
        "white-papers",
        "guidance",
        "customer-stories",
    )
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A segment that states something: its words in the language meaning is read from, and the cues in it."""

    segment: Segment
    role: Iri | None
    text: str
    lang: str
    cues: tuple[Cue, ...]


def statements(page: Page) -> Iterator[Statement]:
    """Yield the segments that hold a cue, but for questions, table rows and lists of links, in document order."""
    find = page.concepts.cues.find
    for section in page.document.walk():
        role = page.roles.get(section.anchor)
        if role in _SILENT:
            continue
        for block in section.blocks:
            for inner in block.walk():
                if inner.kind in {"row", "code"}:
                    continue
                for segment in inner.segments:
                    text = reading(segment.texts)
                    cues = find(text.value, text.lang) if text else ()
                    if not text or not cues or is_question(segment):
                        continue
                    if role != QUESTIONS or not segment.all_bold:
                        yield Statement(segment, role, text.value, text.lang, cues)


def standards_near(page: Page, statement: Statement, start: int, end: int) -> bool | None:
    """Return whether the standard named nearest to a stretch of a statement is the page's own.

    None where the statement names no standard at all.
    """
    found = page.concepts.standards.find(
        statement.text, statement.lang, own=page.standard, also=page.own_names
    )
    if not found:
        return None
    apart = [max(mention.start - end, start - mention.end, 0) for mention in found]
    return any(
        is_own(page, mention.iri) for mention, far in zip(found, apart, strict=True) if far == min(apart)
    )


def is_own(page: Page, standard: Iri) -> bool:
    """Whether a standard is one the page is about, a version or part of it, or what it is a version or part of."""
    own = page.standards or ((page.standard,) if page.standard else ())
    # No registry ties an edition it does not hold to its work, which is what the page's own names stand for.
    if any(standard == named for _, named in page.own_names):
        return True
    wider = _wider(page, standard)
    return any(
        each in wider or standard in _wider(page, each) for each in (_work(page, each) for each in own)
    )


def _work(page: Page, standard: Iri) -> Iri:
    return page.concepts.standards.standard_of(standard)


def _wider(page: Page, standard: Iri) -> tuple[Iri, ...]:
    """Return a standard, its work, and the programmes that it is part of, from near to far."""
    found = [standard]
    for wider in (_work(page, standard), page.concepts.standards.programme_of(standard)):
        if wider not in found:
            found.extend(each for each in _wider(page, wider) if each not in found)
    return tuple(found)
