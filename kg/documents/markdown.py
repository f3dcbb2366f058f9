"""Reads a Markdown page with front matter, in one language or in two side by side."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any, Final

import pyromark

from kg.documents import frontmatter, markup, outline
from kg.documents.inline import Event, Pair, Run, gather
from kg.documents.model import Block, Cell, Document, Link, Segment, Span, Text, Texts, Trouble
from kg.documents.segments import ENGLISH, Segmenter
from kg.errors import SourceError

MAX_SIZE: Final = 20_000_000
"""Largest file, in bytes, that is read."""
MAX_LINE: Final = 1_000_000
"""Longest line, in bytes, that is read."""
MAX_NESTING: Final = 64
"""Deepest nesting of lists, quotes and emphasis that is read."""

MAX_ALERT: Final = 80
"""Longest mark, in characters, that may name an alert."""

_PARSER: Final = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)
_INLINE: Final = frozenset(("Link", "Strong", "Image", "Emphasis", "Strikethrough"))
_CONTROL_BYTES: Final = bytes((*range(9), 11, 12, *range(14, 32), 127))
_CONTROL_ENTITY = re.compile(
    r"&#(?:[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|7[fF])|0*(?:[0-8]|1[124-9]|2\d|3[01]|127));"
)
_CONTROL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|{_CONTROL_ENTITY.pattern}")
# Marks that show nothing and only stand in the way of recognising a word.
_INVISIBLES: Final = "\u00ad\u200b\u200e\u200f\u2060\ufeff"
_INVISIBLE = re.compile(f"[{_INVISIBLES}]")
_LINE_END = re.compile(r"\r\n?")
_PAIR_MARK: Final = '<span data-ttu-id="'
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?")
_ALERT = re.compile(r"\s*\[!([A-Za-z][\w-]*)\]\s*")
_TIGHT_HEADING = re.compile(r"(#{1,6})(?=[^#\s\d])")


def read(data: bytes, path: str) -> Document:
    """Return a page as a tree of sections; SourceError where the bytes are no text that can be read."""
    troubles: list[Trouble] = []
    text = _without_control(_decode(data), data, troubles)
    front = frontmatter.parse(text)
    troubles.extend(front.troubles)
    body = text[front.end :]
    language = _language(front.meta, _PAIR_MARK in body, troubles)
    lang = ENGLISH if language.lower().split("-")[0] == ENGLISH else language.lower()
    encoded = body.encode()
    starts = list(accumulate((len(line) + 1 for line in encoded.split(b"\n")[:-1]), initial=0))
    segmenter = Segmenter(lang, starts, text.count("\n", 0, front.end))
    blocks = _Blocks(segmenter)
    blocks.feed(body)
    if not blocks.parts[0].blocks:
        del blocks.parts[0]
    sections = outline.tree(blocks.parts)
    return Document(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        language=language,
        bilingual=segmenter.pairs > 0,
        meta=front.meta,
        title=_title(blocks.parts, front.meta, lang),
        sections=sections,
        troubles=tuple(sorted((*troubles, *segmenter.troubles), key=lambda each: each.line)),
    )


def _decode(data: bytes) -> str:
    """Return the text of a file with line feeds only, SourceError where it is none or too large."""
    if len(data) > MAX_SIZE:
        raise SourceError(f"{len(data)} bytes are too many, the limit is {MAX_SIZE}", code="too-large")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in data:
        raise SourceError(
            "this is a binary file", code="binary", line=data.count(b"\n", 0, data.index(b"\0")) + 1
        )
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1 if encoding == "utf-8-sig" else 0
        raise SourceError(
            f"this is not {encoding.removesuffix('-sig').upper()} text: {error.reason}",
            code="wrong-encoding",
            line=line,
            hint="save the file as UTF-8",
        ) from error
    if not text.strip():
        raise SourceError("the file is empty", code="empty")
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    if len(text) > MAX_LINE:
        for number, written in enumerate(text.split("\n"), 1):
            if len(written) > MAX_LINE:
                message = f"a line of {len(written)} characters is too long, the limit is {MAX_LINE}"
                raise SourceError(message, code="line-too-long", line=number)
    return text


def _without_control(text: str, data: bytes, troubles: list[Trouble]) -> str:
    """Return a file's text without characters that show nothing; control characters are noted."""
    # Looking for single bytes is far cheaper than a regular expression over every character.
    suspect = len(data.translate(None, _CONTROL_BYTES)) < len(data) or b"\xef\xbf" in data
    if (suspect and _CONTROL.search(text)) or ("&#" in text and _CONTROL_ENTITY.search(text)):
        found = _CONTROL.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 0
        troubles.append(Trouble(line, "control-character", "control characters were left out"))
        text = _CONTROL.sub("", text)
    if any(map(text.__contains__, _INVISIBLES)):
        text = _INVISIBLE.sub("", text)
    return text


def _language(meta: Mapping[str, object], has_pairs: bool, troubles: list[Trouble]) -> str:
    """Return the language tag a page states, in its usual spelling.

    A page that states none is in English (US), or, where a translation stands beside the English, in an
    undetermined language.
    """
    stated = meta.get("ms.contentlocale")
    unstated = "und" if has_pairs else "en-US"
    if stated is None:
        if has_pairs:
            troubles.append(
                Trouble(1, "locale", "the page does not say which language it is translated into")
            )
        return unstated
    match = _LOCALE.fullmatch(str(stated).strip())
    if match is None:
        troubles.append(Trouble(1, "locale", f"{stated!r} is no language tag"))
        return unstated
    language, script, region = match.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


def _title(parts: list[outline.Part], meta: Mapping[str, object], lang: str) -> Texts:
    """Return a page's title: its first top heading, else what the front matter says, else any heading."""
    headings = [part for part in parts if part.heading is not None and part.heading.texts]
    for part in headings:
        if part.level == 1 and part.heading:
            return part.heading.texts
    stated = meta.get("title")
    if isinstance(stated, str) and stated.strip():
        return (Text(" ".join(stated.split()), lang),)
    return headings[0].heading.texts if headings and headings[0].heading else ()


class _Frame:
    """An open list item, or the section itself: what gathers in it."""

    __slots__ = ("blocks", "filled", "line", "links", "ordered", "segments")

    def __init__(
        self, line: int, blocks: list[Block], *, ordered: bool = False, filled: bool = False
    ) -> None:
        self.line = line
        self.blocks = blocks
        self.ordered = ordered
        # Whether running text becomes a paragraph of its own: within an item, the first one is the item's.
        self.filled = filled
        self.segments: tuple[Segment, ...] = ()
        self.links: tuple[Link, ...] = ()


class _Blocks:
    """Puts the parser's events together: `parts` are the headings in order, each with its blocks."""

    def __init__(self, segmenter: Segmenter) -> None:
        self.parts: list[outline.Part] = []
        self._segmenter = segmenter
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

    def feed(self, body: str, base: int = 0) -> None:
        """Take in a page, or a part of one that begins at a byte offset of it."""
        events = self._events
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
                events.append(("Text", value, offset))
            elif kind == "InlineHtml":
                events.append(("Html", value, offset))
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

    def _start(self, name: str, value: object, offset: int) -> None:
        """Take in the beginning of a block."""
        if self._events:
            self._flush()
        self._block_start = offset
        if name == "Item":
            self._frames.append(_Frame(self._segmenter.line(offset), [], ordered=self._ordered[-1]))
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
        elif name == "List":
            self._ordered.pop()
        elif name == "BlockQuote":
            self._alert = self._alerts.pop()
            self._quote_begins = False
        elif name == "TableCell":
            segments, links = self._segmenter.settle(self._run())
            self._cells.append(Cell(segments, links))
        elif name in ("TableHead", "TableRow"):
            self._row(header=name == "TableHead")
        elif name == "CodeBlock":
            self._code()
        elif name == "HtmlBlock":
            self._html()

    def _run(self) -> Run:
        """Return the running text gathered so far, and begin anew."""
        run = gather(self._events)
        self._events.clear()
        return run

    def _flush(self) -> None:
        """Make what has gathered a paragraph, or an item's own text."""
        if not self._events:
            return
        offset = self._events[0][2]
        run = self._run()
        if self._quote_begins:
            self._quote_begins = False
            self._take_alert(run)
        elif len(self._frames) == 1 and self._take_heading(run, offset):
            return
        segments, links = self._segmenter.settle(run)
        frame = self._frames[-1]
        if segments:
            if not frame.filled and not frame.blocks:
                frame.segments, frame.links, frame.filled = segments, links, True
            else:
                line = self._segmenter.line(offset)
                raw = segments[0].reading.startswith(":::")
                kind = "html" if raw else "paragraph"
                frame.blocks.append(Block(kind, line, segments, links, alert=self._alert))  # type: ignore[arg-type]
        for target, place in run.includes:
            line = self._segmenter.line(place)
            frame.blocks.append(Block("include", line, alert=self._alert, target=target))

    def _take_alert(self, run: Run) -> None:
        """Note which alert a quote is, if its text begins with `[!NOTE]` or the like, and take that off."""
        for part in run.parts:
            if isinstance(part, Pair):
                return
            text = ""
            for place, piece in enumerate(part):
                text += piece[0]
                match = _ALERT.match(text)
                if match:
                    self._alert = match[1].lower()
                    part[: place + 1] = [(text[match.end() :], *piece[1:])]
                    return
                if len(text) > MAX_ALERT:
                    return

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
                self._begin_section(run, level, offset)
                return True
        return False

    def _heading(self, level: int) -> None:
        """Make what has gathered a heading; within an item or a quote, a paragraph."""
        if len(self._frames) > 1 or self._alerts:
            self._flush()
            return
        self._begin_section(self._run(), level, self._block_start)

    def _begin_section(self, run: Run, level: int, offset: int) -> None:
        """Begin a section under a heading."""
        segments, links = self._segmenter.settle(run, whole=True)
        heading, links = _as_one(segments, links)
        line = heading.line if heading else self._segmenter.line(offset)
        self._start_part(outline.Part(level, line, heading, run.anchor, links))

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

    def _code(self) -> None:
        """Make what has gathered a code block."""
        segments, links = self._segmenter.settle(self._run(), whole=True)
        if segments:
            line = self._segmenter.line(self._block_start)
            self._frames[-1].blocks.append(Block("code", line, segments, links, alert=self._alert))

    def _html(self) -> None:
        """Make what has gathered a block of raw HTML, unless it shows nothing."""
        offset = self._block_start
        source = "".join(value for _, value, _ in self._events)
        self._events.clear()
        if _PAIR_MARK in source and source.lstrip().startswith("<span") and "\n" in source.strip():
            # A span alone on its line makes an HTML block of its paragraph: on one line it is running text again.
            self.feed(source.replace("\n", " "), offset)
            return
        segments: list[Segment] = []
        links: list[Link] = []
        for events in markup.runs(source, offset):
            more_segments, more_links = self._segmenter.settle(gather(events))
            segments.extend(more_segments)
            links.extend(more_links)
        if segments:
            line = self._segmenter.line(offset)
            self._frames[-1].blocks.append(
                Block("html", line, tuple(segments), tuple(links), alert=self._alert)
            )


def _as_one(
    segments: tuple[Segment, ...], links: tuple[Link, ...]
) -> tuple[Segment | None, tuple[Link, ...]]:
    """Return a heading's segments as one, with the links that stand in it."""
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
    langs = sorted({text.lang for segment in segments for text in segment.texts}, key=ENGLISH.__eq__)
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
