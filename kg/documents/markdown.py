"""Reads a Markdown page with front matter, in one language or in two side by side."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

import pyromark

from kg.documents import decoding, frontmatter, outline, sidebyside
from kg.documents.elements import Elements, Step, begins_line, is_block
from kg.documents.inline import Event, Run, gather, take_alert, take_anchor
from kg.documents.model import Block, BlockKind, Cell, Document, Link, Segment, Trouble
from kg.documents.segments import ENGLISH, Segmenter
from kg.documents.sidebyside import MARK, OPENS, PAIR_BEGINS, Tags
from kg.errors import SourceError

MAX_NESTING: Final = 64
"""Deepest nesting of lists, quotes and emphasis that is read."""

_PARSER: Final = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)
_INLINE: Final = frozenset(("Link", "Strong", "Image", "Emphasis", "Strikethrough"))
_ONE_LINE: Final = frozenset(("Heading", "TableCell"))  # what holds no blocks
_LINKED: Final = ["Link", "Marked", "/Link"]
_LISTS: Final = frozenset(("ul", "ol", "menu", "dl"))
_TAB: Final = "#tab/"  # what the heading of a tab links to
_TIGHT_HEADING = re.compile(r"(#{1,6})(?=[^#\s\d])")


def read(data: bytes, path: str) -> Document:
    """Return a page as a tree of sections; SourceError where the bytes are no text that can be read."""
    troubles: list[Trouble] = []
    text = decoding.text(data, troubles)
    front = frontmatter.parse(text)
    troubles.extend(front.troubles)
    body = text[front.end :]
    language = frontmatter.language(front.meta, PAIR_BEGINS in body, troubles)
    lang = ENGLISH if language.lower().split("-")[0] == ENGLISH else language.lower()
    first_line = text.count("\n", 0, front.end)
    try:
        segmenter, parts = _parts(*sidebyside.marked(body), lang, first_line)
    except _MarkLostError:
        segmenter, parts = _parts(body, Tags(), lang, first_line)
    sections = outline.tree(parts)
    return Document(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        language=language,
        bilingual=segmenter.pairs > 0,
        meta=front.meta,
        title=outline.title(parts, front.meta.get("title"), lang),
        sections=sections,
        troubles=tuple(sorted((*troubles, *segmenter.troubles), key=lambda each: each.line)),
    )


def _parts(body: str, tags: Tags, lang: str, first_line: int) -> tuple[Segmenter, list[outline.Part]]:
    """Return the headings of a page with their blocks, and what made the segments in them."""
    lines = body.encode().split(b"\n")
    starts = list(accumulate((len(line) + 1 for line in lines[:-1]), initial=0))
    segmenter = Segmenter(lang, starts, first_line)
    blocks = _Blocks(segmenter, tags)
    blocks.feed(body)
    if not tags.used:
        raise _MarkLostError
    return segmenter, blocks.parts if blocks.parts[0].blocks else blocks.parts[1:]


class _MarkLostError(Exception):
    """A mark that stands for tags came back as something other than running text."""


class _Frame:
    """An open list item, or the section itself: what gathers in it."""

    __slots__ = ("blocks", "cells", "filled", "floor", "line", "links", "ordered", "segments")

    def __init__(
        self, line: int, blocks: list[Block], *, ordered: bool = False, filled: bool = False, floor: int = 0
    ) -> None:
        self.line = line
        self.blocks = blocks
        self.ordered = ordered
        # Whether running text becomes a paragraph of its own: within an item, the first one is the item's.
        self.filled = filled
        # How many elements of raw HTML were open around the innermost item of Markdown.
        self.floor = floor
        # Of a cell of raw HTML, the cells before it.
        self.cells: list[Cell] = []
        self.segments: tuple[Segment, ...] = ()
        self.links: tuple[Link, ...] = ()


class _Blocks:
    """Puts the parser's events together: `parts` are the headings in order, each with its blocks."""

    def __init__(self, segmenter: Segmenter, tags: Tags) -> None:
        self.parts: list[outline.Part] = []
        self._segmenter = segmenter
        self._tags = tags
        self._frames: list[_Frame] = []
        self._alerts: list[str] = []
        self._alert = ""
        self._quote_begins = False
        self._ordered: list[bool] = []
        self._events: list[Event] = []
        self._start_part(outline.Part(0, 1))
        self._table = 0
        self._cells: list[Cell] = []
        self._block_start = 0
        self._elements = Elements()
        self._one_line = False
        self._level = 0

    def feed(self, body: str, base: int = 0) -> None:
        """Take in a page, or a part of one that begins at a byte offset of it."""
        events = self._events
        tags = None if self._tags.used else self._tags
        depth = 0
        # Typed loosely: each event is a mapping of one entry, taken apart by hand in the hottest loop there is.
        parsed: Iterator[tuple[Any, Any]] = _PARSER.events_with_range(body)
        for event, place in parsed:
            offset = place["start"] + base
            if type(event) is str:
                if event != "Rule":
                    events.append(("Break", " ", offset))
                continue
            kind, value = event.popitem()
            if kind == "Text":
                events.append(("Marked" if tags and MARK in value else "Text", value, offset))
            elif kind == "InlineHtml":
                if value[:5] == "<span" or value == "</span>" or self._one_line or not is_block(value):
                    events.append(("Html", value, offset))
                else:
                    self._raw(value, offset)
            elif kind == "End":
                depth -= 1
                name = value if type(value) is str else next(iter(value))
                if name in _INLINE:
                    events.append(("/" + name, "", offset))
                else:
                    self._end(name, value)
            elif kind == "Start":
                depth += 1
                name = value if type(value) is str else next(iter(value))
                if name == "Link":
                    link = value["Link"]
                    href = link["dest_url"]
                    if tags and (MARK in href or MARK in link["title"]):
                        raise _MarkLostError
                    events.append(
                        ("Link", "mailto:" + href if link["link_type"] == "Email" else href, offset)
                    )
                elif name in _INLINE:
                    events.append((name, "", offset))
                else:
                    if depth > MAX_NESTING:
                        line = self._segmenter.line(offset)
                        message = f"nested deeper than {MAX_NESTING} levels"
                        raise SourceError(message, code="too-deep", line=line)
                    self._start(name, value, offset)
            else:
                events.append(("Code", str(value), offset))
        self._flush()
        if not base:
            self._close(0)

    def _start(self, name: str, value: object, offset: int) -> None:
        """Take in the beginning of a block."""
        if self._events:
            self._flush()
        self._block_start = offset
        self._one_line = name in _ONE_LINE
        if name == "Item":
            ordered = self._ordered[-1]
            frame = _Frame(self._segmenter.line(offset), [], ordered=ordered, floor=len(self._elements))
            self._frames.append(frame)
        elif name == "List":
            self._ordered.append(isinstance(value, dict) and value["List"] is not None)
        elif name == "BlockQuote":
            self._alerts.append(self._alert)
            self._quote_begins = True
        elif name == "Table":
            self._table += 1

    def _end(self, name: str, value: object) -> None:
        """Take in the end of a block."""
        if name == "Paragraph":
            self._flush()
        elif name == "Heading":
            self._heading(int(value["Heading"][1]) if isinstance(value, dict) else 1)
        elif name == "Item":
            self._flush()
            if self._elements:
                self._close(self._frames[-1].floor)
            self._item()
        elif name == "List":
            self._ordered.pop()
        elif name == "BlockQuote":
            self._alert = self._alerts.pop()
            self._quote_begins = False
        elif name == "TableCell":
            self._cell()
        elif name in ("TableHead", "TableRow"):
            self._row(header=name == "TableHead")
        elif name == "CodeBlock":
            if any(kind == "Marked" for kind, _, _ in self._events):
                raise _MarkLostError
            self._verbatim("code")
        elif name == "HtmlBlock":
            self._html()

    def _run(self) -> Run:
        """Return the running text gathered so far, and begin anew."""
        return gather(self._taken())

    def _taken(self) -> list[Event]:
        """Return what has gathered with the tags that marks stand for, and begin anew."""
        events: list[Event] = []
        for each in self._events:
            if each[0] == "Marked":
                events += self._tags.events(each[1], each[2])
            else:
                events.append(each)
        self._events.clear()
        return events

    def _settled(self, *, whole: bool = False) -> tuple[tuple[Segment, ...], tuple[Link, ...]]:
        """Return the segments and links of what has gathered, and begin anew."""
        return self._plain(whole=whole) or self._segmenter.settle(self._run(), whole=whole)

    def _plain(self, *, whole: bool = False) -> tuple[tuple[Segment, ...], tuple[Link, ...]] | None:
        """Return the segments of words alone, or of a sentence pair with one link or emphasis, and begin anew.

        None, and nothing done, where there is more. Most running text is no more than that, and made here in a
        fraction of the time.
        """
        events = self._events
        links: tuple[Link, ...] = ()
        if len(events) == 1:
            kind, text, offset = events[0]
            if kind == "Text":
                segments = self._segmenter.words(text, offset, whole=whole)
            elif kind == "Marked" and (pairs := self._tags.sentences(text)):
                segments = self._segmenter.sentences(pairs, offset)
            else:
                return None
        elif [kind for kind, _, _ in events[:4]] == _LINKED:
            pair = self._tags.sentence(events[1][1])
            if pair is None:
                return None
            segments, links = self._segmenter.linked(pair, events[1][2], events[0][1], events[0][2])
        elif framed := self._tags.framed(events):
            segments, links = self._segmenter.framed(framed)
        else:
            return None
        events.clear()
        return segments, links

    def _cell(self) -> None:
        """Make what has gathered a table cell, cut at tags that begin a new line outside sentence pairs."""
        plain = self._plain()
        if plain:
            self._cells.append(Cell(*plain))
            return
        lines: list[list[Event]] = [[]]
        spans = 0
        for event in self._taken():
            if event[0] == "Html":
                spans += (event[1][:5] == "<span") - (event[1] == "</span>")
                if not spans and begins_line(event[1]):
                    lines.append([])
                    continue
            spans += OPENS.get(event[0], 0)
            lines[-1].append(event)
        settled = [self._segmenter.settle(gather(line)) for line in lines]
        segments = tuple(segment for line, _ in settled for segment in line)
        self._cells.append(Cell(segments, tuple(link for _, links in settled for link in links)))

    def _flush(self) -> None:
        """Make what has gathered a paragraph, or an item's own text."""
        if not self._events:
            return
        _, text, offset = self._events[0]
        frame = self._frames[-1]
        plain = None if self._quote_begins or text.lstrip()[:1] == "#" else self._plain()
        if plain:
            segments, links = plain
            includes: Sequence[tuple[str, int]] = ()
        else:
            run = self._run()
            if self._quote_begins:
                self._quote_begins = False
                self._alert = take_alert(run) or self._alert
            elif len(self._frames) == 1 and self._take_heading(run, offset):
                return
            segments, links = self._segmenter.settle(run)
            includes = run.includes
        if segments:
            if not frame.filled and not frame.blocks:
                frame.segments, frame.links, frame.filled = segments, links, True
            else:
                line = self._segmenter.line(offset)
                kind: BlockKind = "html" if segments[0].reading.startswith(":::") else "paragraph"
                frame.blocks.append(Block(kind, line, segments, links, alert=self._alert))
        for target, place in includes:
            line = self._segmenter.line(place)
            frame.blocks.append(Block("include", line, alert=self._alert, target=target))

    def _take_heading(self, run: Run, offset: int) -> bool:
        """Make a paragraph a heading if it begins with `#` signs and no space after them."""
        for part in run.parts:
            if isinstance(part, list) and part:
                text, bold, link, place = part[0]
                stripped = text.lstrip()
                match = _TIGHT_HEADING.match(stripped)
                if match is None and not (stripped and stripped == "#" * min(6, len(stripped))):
                    return False
                level = len(match[1]) if match else len(stripped)
                part[0] = (stripped[level:], bold, link, place)
                self._segmenter.trouble(
                    offset, "heading-without-space", "no space after the `#` of a heading"
                )
                settled = self._segmenter.settle(run, whole=True)
                self._begin_section(*settled, run.anchor, level, offset)
                return True
        return False

    def _heading(self, level: int) -> None:
        """Make what has gathered a heading; within an item or a quote, a paragraph."""
        if self._elements and not self._frames[-1].floor:
            held, self._events = self._events, []
            self._close(0)  # raw HTML that nobody closed
            self._events = held
        if len(self._frames) > 1 or self._alerts:
            self._flush()
            return
        offset = self._block_start
        anchor = take_anchor(self._events)
        plain = self._plain(whole=True)
        if plain:
            self._begin_section(*plain, anchor, level, offset)
        else:
            run = self._run()
            settled = self._segmenter.settle(run, whole=True)
            self._begin_section(*settled, anchor or run.anchor, level, offset)

    def _begin_section(
        self, segments: tuple[Segment, ...], links: tuple[Link, ...], anchor: str, level: int, offset: int
    ) -> None:
        """Begin a section under a heading."""
        heading, links = outline.as_one(segments, links)
        line = heading.line if heading else self._segmenter.line(offset)
        if any(link.href.startswith(_TAB) for link in links):
            level = self._level + 1  # a tab of the section it stands in, whatever its level
        else:
            self._level = level
        self._start_part(outline.Part(level, line, heading, anchor, links))

    def _start_part(self, part: outline.Part) -> None:
        """Make a part of the outline the one that blocks go to."""
        self.parts.append(part)
        self._frames = [_Frame(part.line, part.blocks, filled=True)]

    def _row(self, *, header: bool) -> None:
        """Make the cells gathered so far a table row."""
        cells = tuple(self._cells)
        self._cells.clear()
        self._frames[-1].blocks.append(
            Block(
                "row",
                self._segmenter.line(self._block_start),
                tuple(segment for cell in cells for segment in cell.segments),
                tuple(link for cell in cells for link in cell.links),
                cells=cells,
                header=header,
                table=self._table,
                alert=self._alert,
            )
        )

    def _item(self) -> None:
        """Make what has gathered since an item began a list item."""
        self._flush()
        frame = self._frames.pop()
        self._frames[-1].blocks.append(
            Block(
                "item",
                frame.line,
                frame.segments,
                frame.links,
                tuple(frame.blocks),
                alert=self._alert,
                ordered=frame.ordered,
            )
        )

    def _verbatim(self, kind: BlockKind) -> None:
        """Make what has gathered a block of one segment: code, or the summary of raw HTML that opens."""
        segments, links = self._settled(whole=True)
        if segments:
            line = self._segmenter.line(self._block_start)
            self._frames[-1].blocks.append(Block(kind, line, segments, links, alert=self._alert))

    def _html(self) -> None:
        """Make what has gathered a block of raw HTML, unless it shows nothing."""
        offset = self._block_start
        source = "".join(value for _, value, _ in self._events)
        self._events.clear()
        if MARK in source and not self._tags.used:
            raise _MarkLostError
        if PAIR_BEGINS in source and source.lstrip().startswith("<span") and "\n" in source.strip():
            # A span alone on its line makes an HTML block of its paragraph: on one line it is running text again.
            self.feed(source.replace("\n", " "), offset)
            return
        self._raw(source, offset)
        if self._events:
            self._flush()

    def _raw(self, source: str, offset: int) -> None:
        """Take in raw HTML."""
        for step in self._elements.steps(source, offset, self._frames[-1].floor):
            if step.kind in ("Text", "Html"):
                self._events.append((step.kind, step.name, step.offset))
            elif step.kind == "Start":
                self._start_element(step)
            else:
                self._end_element(step)

    def _close(self, floor: int) -> None:
        """Close the elements of raw HTML that are open above a floor."""
        for step in self._elements.close(floor):
            self._end_element(step)

    def _start_element(self, step: Step) -> None:
        """Take in the beginning of an element of raw HTML."""
        name, floor = step.name, self._frames[-1].floor
        if name in _LISTS:
            self._start("List", {"List": 1 if name == "ol" else None}, step.offset)
        elif name == "table":
            self._start("Table", None, step.offset)
        elif name in ("li", "dt", "td"):
            self._start("Element", None, step.offset)
            ordered = name == "li" and self._ordered[-1]
            frame = _Frame(self._segmenter.line(step.offset), [], ordered=ordered, floor=floor)
            if name == "td":
                frame.cells, self._cells = self._cells, []
            self._frames.append(frame)
        else:
            self._start("Element", None, step.offset)

    def _end_element(self, step: Step) -> None:
        """Take in the end of an element of raw HTML."""
        name = step.name
        if name in _LISTS:
            self._flush()
            self._end("List", None)
        elif name in ("li", "dt"):
            self._item()
        elif name == "td":
            self._flush()
            frame = self._frames.pop()
            inner = [each for block in frame.blocks for each in block.walk()]
            segments = (*frame.segments, *(each for block in inner for each in block.segments))
            links = (*frame.links, *(each for block in inner for each in block.links))
            self._cells = [*frame.cells, Cell(segments, links)]
        elif name == "tr":
            self._block_start = step.offset
            if self._cells:
                self._row(header=step.header)
        elif name[0] == "h" and name[1:].isdigit():
            self._block_start = step.offset
            self._heading(int(name[1]))
        elif name in ("pre", "summary"):
            self._block_start = step.offset
            self._verbatim("code" if name == "pre" else "html")
        else:
            self._flush()
