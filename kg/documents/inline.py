"""Running text: from the parser's events of one paragraph, heading, item or cell to its sentence pairs and links.

On bilingual pages each sentence is a pair of spans, the translation (`data-ttu-id`) and after it the English
(`data-stu-id`, within a span of class `sxs-lookup`). Emphasis and links may stand within a span or around spans.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

MAX_ALERT: Final = 80
"""Longest mark, in characters, that may name an alert."""

Event: TypeAlias = tuple[str, str, int]
"""What the parser met within running text: kind, value, and where in the source (byte offset).

Kinds: `Text`, `Code`, `Html`, `Break`, and `Strong`, `Link`, `Image` with their ends `/Strong`, `/Link`, `/Image`.
Tags of sentence pairs in their usual spelling: `Native` begins a pair and its translation, `English` ends that and
begins its English, each with the id as value; `/Pair` ends both spans of the English. `Marked` is text that holds
marks for such tags (see `kg.documents.sidebyside`).
"""

Piece: TypeAlias = tuple[str, bool, int, int]
"""Some text, whether it is bold, the number of the link it belongs to (-1: none), and its byte offset."""

_SPAN = re.compile(r"""<span\b[^>]*?\bdata-(?P<side>[ts])tu-id\s*=\s*["']?(?P<id>[^"'\s>]+)""", re.IGNORECASE)
# How many spans end where these stand.
_ENDS: Final = {"English": 1, "/Pair": 2}
_ANCHOR = re.compile(r"""<a\b[^>]*?\b(?:name|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_HREF = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_NAMED = re.compile(r'<a (?:name|id)="([^"<>]+)">')
_ALERT = re.compile(r"\s*\[!([A-Za-z][\w-]*)\]\s*")
_TAG_NAME = re.compile(r"<(/?)([A-Za-z][\w-]*)")
_BOLD_TAGS: Final = frozenset(("b", "strong"))
_SILENT_TAGS: Final = frozenset(
    ("a", "abbr", "b", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "s",
     "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr")
)  # fmt: skip
# A raised number is a mark, and no part of the word before it.
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_INCLUDE = re.compile(r"\[!INCLUDE\s*\Z", re.IGNORECASE)


class Pair:
    """A sentence in translation and in English, as pieces, under the source's own id."""

    __slots__ = ("english", "id", "native", "offset")

    def __init__(self, identifier: str, offset: int) -> None:
        self.id = identifier
        self.offset = offset
        self.native: list[Piece] = []
        self.english: list[Piece] = []


Part: TypeAlias = Pair | list[Piece]
"""A sentence pair, or the pieces of text that stand outside any pair."""


@dataclass(slots=True)
class Run:
    """Running text, sorted into parts.

    `links` are destination and byte offset of each link, by number; `includes` those of each `[!INCLUDE]`.
    `anchor` is the name an `<a name=…>` gave. `oddities` are byte offset, code and message.
    """

    parts: list[Part]
    links: list[tuple[str, int]] = field(default_factory=list)
    includes: list[tuple[str, int]] = field(default_factory=list)
    anchor: str = ""
    oddities: list[tuple[int, str, str]] = field(default_factory=list)


def gather(events: list[Event]) -> Run:
    """Return running text sorted into sentence pairs and what stands outside them."""
    target: list[Piece] = []
    parts: list[Part] = [target]
    run = Run(parts)
    links = run.links
    pairs: dict[str, Pair] = {}
    # What text goes to, outside in: one entry for each open span.
    spans: list[list[Piece]] = []
    outer_links: list[int] = []
    bold = 0
    raised = False
    link = -1
    included = -1
    shelf = target
    for kind, value, offset in events:
        if kind == "Text":
            if raised:
                value = value.translate(_RAISED)  # noqa: PLW2901
            if included >= 0 and link < 0 and value[:1] == "]":
                target.append((value[1:], bold > 0, link, offset))
                included = -1
            else:
                target.append((value, bold > 0, link, offset))
        elif kind == "Native":
            spans.append(target)
            target = _side(parts, pairs, kind, value, offset)
        elif kind in _ENDS or (kind == "Html" and value == "</span>"):
            for _ in range(_ENDS.get(kind, 1)):
                if not spans:
                    run.oddities.append((offset, "unbalanced-span", "`</span>` closes no span"))
                    continue
                target = spans.pop()
                if not spans:
                    target = []
                    parts.append(target)
            if kind == "English":
                spans += (target, target)
                target = _side(parts, pairs, kind, value, offset)
        elif kind == "Html":
            if value[:5].lower() == "<span":
                spans.append(target)
                match = _SPAN.match(value)
                if match:
                    side = "Native" if match["side"] in "tT" else "English"
                    target = _side(parts, pairs, side, match["id"], offset)
            else:
                tag = _TAG_NAME.match(value)
                if tag is None:
                    continue
                closing, name = tag[1], tag[2].lower()
                if name == "a":
                    if closing:
                        if outer_links:
                            link = outer_links.pop()
                        continue
                    outer_links.append(link)
                    href = _HREF.match(value)
                    if href is not None:
                        link = len(links)
                        links.append((href[1] or href[2] or href[3] or "", offset))
                        target.append(("", False, link, offset))
                    elif not run.anchor:
                        named = _ANCHOR.match(value)
                        run.anchor = (named[1] or named[2] or named[3] or "") if named else ""
                elif name == "sup":
                    raised = not closing
                elif name in _BOLD_TAGS:
                    bold = max(0, bold - 1) if closing else bold + 1
                elif name not in _SILENT_TAGS:
                    target.append((" ", False, link, offset))
        elif kind == "Link":
            outer_links.append(link)
            link = len(links)
            links.append((value, offset))
            if target and "INCLUDE" in target[-1][0].upper() and _take_include(target):
                run.includes.append((value, offset))
                included = link
                # What the include is called is no text of this page.
                shelf, target = target, []
            else:
                target.append(("", bold > 0, link, offset))
        elif kind == "/Link":
            if link == included >= 0:
                target = shelf
            link = outer_links.pop() if outer_links else -1
        elif kind == "Break":
            target.append((" ", bold > 0, link, offset))
        elif kind == "Strong":
            bold += 1
        elif kind == "/Strong":
            bold = max(0, bold - 1)
        elif kind == "Code":
            target.append((value, bold > 0, link, offset))
    if spans:
        run.oddities.append((events[-1][2], "unbalanced-span", "a span is never closed"))
    return run


def _side(parts: list[Part], pairs: dict[str, Pair], side: str, identifier: str, offset: int) -> list[Piece]:
    """Return what the text of one side of a pair goes to; a side that is there already begins another pair."""
    pair = pairs.get(identifier)
    if pair is None or (pair.native if side == "Native" else pair.english):
        pair = pairs[identifier] = Pair(identifier, offset)
        parts.append(pair)
    return pair.native if side == "Native" else pair.english


def _take_include(pieces: list[Piece]) -> bool:
    """Whether pieces end with `[!INCLUDE`; if so, it is taken off them."""
    for place in range(len(pieces) - 1, max(-1, len(pieces) - 4), -1):
        text = "".join(piece[0] for piece in pieces[place:])
        match = _INCLUDE.search(text)
        if match:
            _, bold, link, offset = pieces[place]
            pieces[place:] = [(text[: match.start()], bold, link, offset)]
            return True
    return False


def take_anchor(events: list[Event]) -> str:
    """Return the name that an empty `<a name="…">` gives, if events begin with one; if so, it is taken off them."""
    if len(events) > 2 and events[0][0] == "Html" and events[1][:2] == ("Html", "</a>"):
        match = _NAMED.fullmatch(events[0][1])
        if match:
            del events[:2]
            return match[1]
    return ""


def take_alert(run: Run) -> str:
    """Return which alert a quote is, if its text begins with `[!NOTE]` or the like; if so, that is taken off."""
    for part in run.parts:
        if isinstance(part, Pair):
            return ""
        text = ""
        for place, piece in enumerate(part):
            text += piece[0]
            match = _ALERT.match(text)
            if match:
                part[: place + 1] = [(text[match.end() :], *piece[1:])]
                return match[1].lower()
            if len(text) > MAX_ALERT:
                return ""
    return ""
