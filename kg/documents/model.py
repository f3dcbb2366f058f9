"""The shape of a document that was read: a tree of sections, in each of them blocks, in each of them segments.

A segment is the smallest text that can be quoted: one sentence, heading, list item or table cell, in one
language or in two. Meaning is read from `Segment.reading`, evidence points at `Segment.id`.

What a document holds by the hundred is a named tuple, which is made in a third of the time of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

BlockKind: TypeAlias = Literal["paragraph", "item", "row", "code", "html", "include"]


class Text(NamedTuple):
    """Words in one language; `lang` is a lower-case BCP 47 tag (`en`, `zh-tw`)."""

    value: str
    lang: str


Texts: TypeAlias = tuple[Text, ...]


def reading(texts: Texts) -> Text | None:
    """Return the text that meaning is read from: the English one, else the first, else None."""
    if texts and texts[-1].lang == "en":  # where a page has it, it stands last
        return texts[-1]
    for text in texts:
        if text.lang == "en" or text.lang.startswith("en-"):
            return text
    return texts[0] if texts else None


class Span(NamedTuple):
    """A stretch of a segment's reading text, by character offsets, that is set apart: bold, or a link's words."""

    start: int
    end: int


class Link(NamedTuple):
    """A link as written: its words in each language, where it goes, and where it stands.

    `href` is the destination as CommonMark understands it (entities and escapes resolved), not normalised.
    `segment` is the id of the segment that holds it. `span` is the stretch of that segment's reading text
    which the link covers, None where the link stands in the other language only.
    """

    texts: Texts
    href: str
    line: int
    segment: str
    span: Span | None = None


class Segment(NamedTuple):
    """The smallest text that can be quoted.

    `id` is the source's own (`e7167-115`), else `line-<n>.<k>`: the k-th segment that starts on line n.
    `texts` holds each language once, the document's own language first, then English.
    Texts are plain: markup, entities and escapes resolved, white space folded, hard breaks as spaces.
    `bold` tells the stretches of the reading text in strong emphasis.
    """

    id: str
    line: int
    texts: Texts
    bold: tuple[Span, ...] = ()

    @property
    def reading(self) -> str:
        """The words meaning is read from; empty where the segment holds no text."""
        texts = self.texts
        if texts and texts[-1].lang == "en":  # asked for so often that a call less is felt
            return texts[-1].value
        text = reading(texts)
        return text.value if text else ""

    @property
    def all_bold(self) -> bool:
        """Whether the whole reading text is in strong emphasis, trailing punctuation aside."""
        text = self.reading
        if not text or not self.bold:
            return False
        covered = sum(span.end - span.start for span in self.bold)
        return covered >= len(text.rstrip(" :.?")) and self.bold[0].start == 0


class Cell(NamedTuple):
    """One cell of a table row."""

    segments: tuple[Segment, ...]
    links: tuple[Link, ...]

    @property
    def reading(self) -> str:
        """The cell's words, its segments joined by a space."""
        return " ".join(segment.reading for segment in self.segments if segment.reading)


class Block(NamedTuple):
    """A paragraph, list item, table row, code block, raw HTML block or `[!INCLUDE]`.

    `items` are the blocks nested in a list item (sub-lists, further paragraphs), in order.
    `cells` are a row's cells (`segments` and `links` then hold the same, flattened); `header` marks the
    header row, and `table` numbers the tables of a document from 1, so that rows can be held together.
    `alert` is the kind of alert the block stands in (`note`, `important` …), else empty.
    `target` is what an include names.
    """

    kind: BlockKind
    line: int
    segments: tuple[Segment, ...] = ()
    links: tuple[Link, ...] = ()
    items: tuple[Block, ...] = ()
    cells: tuple[Cell, ...] = ()
    header: bool = False
    table: int = 0
    alert: str = ""
    ordered: bool = False
    target: str = ""

    @property
    def reading(self) -> str:
        """The block's own words, its segments joined by a space; nested items not included."""
        return " ".join(segment.reading for segment in self.segments if segment.reading)

    def walk(self) -> Iterator[Block]:
        """Yield this block and all that are nested in it, in document order."""
        yield self
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; the text before the first heading is a section without one.

    `anchor` is unique in the document: the author's own (`<a name=…>`), else the slug of the reading
    heading, a repeated one with `-1`, `-2` … after it. `level` is 0 for the text before any heading.
    """

    anchor: str
    level: int
    heading: Segment | None
    line: int
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def title(self) -> str:
        """The heading's reading text; empty for the text before the first heading."""
        return self.heading.reading if self.heading else ""

    def walk(self) -> Iterator[Section]:
        """Yield this section and all below it, in document order."""
        yield self
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something odd in the syntax that the reader went on after: becomes an issue."""

    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read: front matter, and a tree of sections.

    `language` is the BCP 47 tag in its usual spelling (`zh-TW`), from `ms.contentlocale`, else `en-US`.
    `bilingual` tells whether translation and English stand side by side.
    """

    path: str
    sha256: str
    language: str
    bilingual: bool
    meta: Mapping[str, object]
    title: Texts
    sections: tuple[Section, ...]
    troubles: tuple[Trouble, ...] = ()

    def walk(self) -> Iterator[Section]:
        """Yield every section in document order."""
        for section in self.sections:
            yield from section.walk()

    def blocks(self) -> Iterator[Block]:
        """Yield every block, nested ones after the block that holds them, in document order."""
        for section in self.walk():
            for block in section.blocks:
                yield from block.walk()

    def segments(self) -> Iterator[Segment]:
        """Yield every segment, headings included, in document order."""
        for section in self.walk():
            if section.heading:
                yield section.heading
            for block in section.blocks:
                for inner in block.walk():
                    yield from inner.segments

    def links(self) -> Iterator[Link]:
        """Yield every link, those in headings included, in document order."""
        for section in self.walk():
            yield from section.links
            for block in section.blocks:
                for inner in block.walk():
                    yield from inner.links
