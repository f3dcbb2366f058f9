"""What a page is made of: the document itself, its sections, its segments in every language, and its links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from kg import names
from kg.documents.model import Block, Link, Section
from kg.documents.urls import normalise
from kg.errors import Issue
from kg.records import LinkNode, Record, SectionNode, SegmentNode, SourceDocument
from kg.sources.offering.page import Page, literals
from kg.sources.offering.resources import address
from kg.terms import Iri, Literal, integer, literal, typed

_DATES = (
    re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ].*)?"),
)


def read(page: Page) -> Iterator[Record | Issue]:
    """Yield the document with all its texts, and an issue for each oddity of its syntax."""
    document = page.document
    yield _source(page)
    number = 0
    for section in document.walk():
        yield SectionNode(
            iri=page.section(section),
            labels=literals(section.heading.texts) if section.heading else None,
            role=page.roles.get(section.anchor),
            whole=page.iri,
            line=integer(section.line),
        )
        yield from _segments(page, section)
        for link in _links(section):
            if link.span is None and document.bilingual:
                words = link.texts[0].value if link.texts else link.href
                yield page.issue(
                    link.line, "link-in-translation-only", f"the English text has no such link: {words}"
                )
                continue
            number += 1
            yield LinkNode(
                iri=names.part(page.iri, "link", str(number)),
                labels=literals(link.texts) or None,
                segment=page.segment(link.segment),
                target=address(normalise(link.href)),
                href=literal(link.href),
                whole=page.iri,
            )
    for trouble in document.troubles:
        yield page.issue(trouble.line, trouble.code, trouble.message)


def _source(page: Page) -> SourceDocument:
    document = page.document
    meta = document.meta
    return SourceDocument(
        iri=page.iri,
        slug=literal(page.slug),
        path=literal(document.path),
        sha256=literal(document.sha256),
        language=literal(document.language),
        titles=literals(document.title) or None,
        description=_text(meta.get("description"), document.language),
        modified=_date(meta.get("ms.date")) or _date(meta.get("ms.lasthandoff")),
        commit=_text(meta.get("ms.sourcegitcommit")),
        method=_text(meta.get("ms.translationtype")),
        about=(page.offering,) if page.offering else None,
    )


def _segments(page: Page, section: Section) -> Iterator[SegmentNode]:
    """Yield the segments of one section, its heading first; one without words is not told."""
    part: Iri = page.section(section)
    heading = (section.heading,) if section.heading else ()
    inner = (segment for block in section.blocks for each in block.walk() for segment in each.segments)
    for segment in (*heading, *inner):
        values = literals(segment.texts)
        if values:
            yield SegmentNode(
                iri=page.segment(segment),
                values=values,
                source=page.iri,
                section=part,
                line=integer(segment.line),
            )


def _links(section: Section) -> Iterator[Link]:
    yield from section.links
    blocks: Iterator[Block] = (each for block in section.blocks for each in block.walk())
    for block in blocks:
        yield from block.links


def _text(value: object, lang: str = "") -> Literal | None:
    """Return a value of the front matter as a literal, None where it is no text or holds nothing."""
    return literal(" ".join(value.split()), lang) if isinstance(value, str) and value.strip() else None


def _date(value: object) -> Literal | None:
    """Return a day of the front matter as a typed literal, None where it is none."""
    if isinstance(value, datetime):
        return typed(value.date().isoformat(), "xsd:date")
    if isinstance(value, date):
        return typed(value.isoformat(), "xsd:date")
    if not isinstance(value, str):
        return None
    for pattern in _DATES:
        match = pattern.fullmatch(value.strip())
        if match:
            try:
                day = date(int(match["year"]), int(match["month"]), int(match["day"]))
            except ValueError:
                return None
            return typed(day.isoformat(), "xsd:date")
    return None
