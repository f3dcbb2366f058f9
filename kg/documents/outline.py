"""From headings in order to a tree of sections, each with an anchor of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kg.documents.model import Block, Link, Section, Segment, Span, Text, Texts

_SPACE = re.compile(r"\s")
_PUNCTUATION = re.compile(r"[^\w\- ]")


def slug(heading: str) -> str:
    """Return the anchor the documentation site gives a heading: lower case, hyphens, no punctuation."""
    return _PUNCTUATION.sub("", _SPACE.sub(" ", heading.strip().lower())).replace(" ", "-")


@dataclass(slots=True)
class Part:
    """A heading with the blocks that follow it, before it takes its place in the tree."""

    level: int
    line: int
    heading: Segment | None = None
    anchor: str = ""
    links: tuple[Link, ...] = ()
    blocks: list[Block] = field(default_factory=list)
    inner: list[Section] = field(default_factory=list)


def tree(parts: list[Part]) -> tuple[Section, ...]:
    """Return the sections as their levels nest; text before the first heading stands beside, never above."""
    anchors = _anchors(parts)
    top: list[Section] = []
    open_parts: list[tuple[Part, str]] = []

    def close() -> None:
        part, anchor = open_parts.pop()
        above = open_parts[-1][0].inner if open_parts else top
        above.append(
            Section(
                anchor=anchor,
                level=part.level,
                heading=part.heading,
                line=part.line,
                blocks=tuple(part.blocks),
                sections=tuple(part.inner),
                links=part.links,
            )
        )

    for part, anchor in zip(parts, anchors, strict=True):
        while open_parts and (open_parts[-1][0].level >= part.level or open_parts[-1][0].level == 0):
            close()
        open_parts.append((part, anchor))
    while open_parts:
        close()
    return tuple(top)


def title(parts: list[Part], stated: object, lang: str) -> Texts:
    """Return a page's title: its first top heading, else what the front matter states, else any heading."""
    headings = [part.heading for part in parts if part.heading is not None and part.heading.texts]
    tops = [part.heading for part in parts if part.level == 1 and part.heading and part.heading.texts]
    if tops:
        return tops[0].texts
    if isinstance(stated, str) and stated.strip():
        return (Text(" ".join(stated.split()), lang),)
    return headings[0].texts if headings else ()


def as_one(segments: tuple[Segment, ...], links: tuple[Link, ...]) -> tuple[Segment | None, tuple[Link, ...]]:
    """Return a heading's segments as one, None if it has none, with the links that stand in it."""
    if len(segments) < 2:
        return (segments[0] if segments else None), links
    first = segments[0]
    bold: list[Span] = []
    shifts: dict[str, int] = {}
    length = 0
    for segment in segments:
        shifts[segment.id] = length
        bold.extend(Span(span.start + length, span.end + length) for span in segment.bold)
        length += len(segment.reading) + 1
    langs = sorted({text.lang for segment in segments for text in segment.texts}, key="en".__eq__)
    texts = tuple(
        # What stands outside the pairs belongs to both languages.
        Text(
            " ".join(
                next((text.value for text in segment.texts if text.lang == lang), segment.reading)
                for segment in segments
            ),
            lang,
        )
        for lang in langs
    )
    moved = tuple(
        Link(
            link.texts,
            link.href,
            link.line,
            first.id,
            link.span and Span(link.span.start + shifts[link.segment], link.span.end + shifts[link.segment]),
        )
        for link in links
    )
    return Segment(first.id, first.line, texts, tuple(bold)), moved


def _anchors(parts: list[Part]) -> list[str]:
    """Return an anchor for each part: the author's, else the heading's slug; a repeated one is numbered."""
    used: set[str] = set()
    numbers: dict[str, int] = {}
    anchors: list[str] = []
    for part in parts:
        anchor = ""
        if part.level:
            wanted = part.anchor or slug(part.heading.reading if part.heading else "") or f"line-{part.line}"
            anchor = wanted
            while anchor in used:
                numbers[wanted] = numbers.get(wanted, 0) + 1
                anchor = f"{wanted}-{numbers[wanted]}"
            used.add(anchor)
        anchors.append(anchor)
    return anchors
