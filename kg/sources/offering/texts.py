"""What a page is made of: the document itself, its sections, its segments in every language, and its links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from kg import names
from kg.documents.model import Texts
from kg.documents.urls import normalise
from kg.errors import Issue
from kg.nodes import Node
from kg.records import SourceDocument, nodes
from kg.sources.offering.page import Page, literals
from kg.sources.offering.resources import address
from kg.terms import Iri, Literal, integer, literal, term, typed

# What is said of a node stands in the order of these.
_SECTION, _SEGMENT, _LINK = (
    f"{term('rdf:type')} {term(each)}" for each in ("ckg:Section", "ckg:Segment", "ckg:Link")
)
_VALUE, _LABEL, _SOURCE, _PART_OF = map(term, ("rdf:value", "rdfs:label", "oa:hasSource", "schema:isPartOf"))
_EVIDENCE, _HREF, _LINE, _LINKS_TO, _ROLE = map(
    term, ("ckg:evidence", "ckg:href", "ckg:line", "ckg:linksTo", "ckg:sectionRole")
)

_DATES = (
    re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ].*)?"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """The document with all its texts, and an issue for each oddity of its syntax."""

    nodes: tuple[Node, ...]
    issues: tuple[Issue, ...]


def read(page: Page) -> Told:
    """Return the nodes of the document itself, its sections, segments and links.

    They are most of what a graph holds, so they are written as texts at once.
    """
    sections = tuple(_sections(page))
    links, issues = _links(page, {node.subject for node in sections})
    found = (*nodes([_source(page)]), *sections, *links)
    troubles = (page.issue(each.line, each.code, each.message) for each in page.document.troubles)
    return Told(found, (*issues, *troubles))


def _sections(page: Page) -> Iterator[Node]:
    """Yield each section and the segments in it, its heading first; a segment without words is not told."""
    source, whole = f"{_SOURCE} {page.iri}", f"{_PART_OF} {page.iri}"
    for section in page.document.walk():
        iri = page.section(section)
        part = f"{_PART_OF} {iri}"
        heading = (section.heading,) if section.heading else ()
        labels, languages = _words(_LABEL, heading[0].texts) if heading else ([], "")
        role = page.roles.get(section.anchor)
        said = [_SECTION, *labels, whole, _line(section.line)]
        yield Node(iri, [*said, f"{_ROLE} {role}"] if role else said, f"section {role} {languages}")
        inner = (segment for block in section.blocks for each in block.walk() for segment in each.segments)
        for segment in (*heading, *inner):
            values, languages = _words(_VALUE, segment.texts)
            if values:
                said = [_SEGMENT, *values, source, part, _line(segment.line)]
                yield Node(page.segment(segment), said, f"segment {languages}")


def _words(prop: Iri, texts: Texts) -> tuple[list[str], str]:
    """Return what is said of something in texts, in order, and in which languages; empty texts left out."""
    said = [f"{prop} {literal(value, lang)}" for value, lang in texts if value]
    said.sort()
    return said, " ".join([lang for value, lang in texts if value])


@lru_cache(maxsize=1 << 12)
def _line(number: int) -> str:
    return f"{_LINE} {integer(number)}"


def _links(page: Page, told: set[Iri]) -> tuple[list[Node], list[Issue]]:
    """Return the links, and an issue for each that stands in the translation only."""
    links: list[Node] = []
    issues: list[Issue] = []
    whole = f"{_PART_OF} {page.iri}"
    for link in page.document.links():
        if link.span is None and page.document.bilingual:
            words = link.texts[0].value if link.texts else link.href
            message = f"the English text has no such link: {words}"
            issues.append(page.issue(link.line, "link-in-translation-only", message))
            continue
        labels, languages = _words(_LABEL, link.texts)
        segment, href = page.segment(link.segment), f"{_HREF} {literal(link.href)}"
        said = [_LINK, *labels, whole, f"{_EVIDENCE} {segment}", href]
        target = address(normalise(link.href))
        if target:
            said.append(f"{_LINKS_TO} {target}")
        like = f"link {len(said)} {segment in told} {languages}"
        links.append(Node(names.part(page.iri, "link", str(len(links) + 1)), said, like))
    return links, issues


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
