"""Raw HTML as the blocks it shows: lists, tables, headings and paragraphs, also with Markdown between the tags."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

BLOCKS: Final = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
     "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
     "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody",
     "td", "tfoot", "th", "thead", "title", "tr", "ul")
)  # fmt: skip
"""Elements that stand on lines of their own."""
MAX_OPEN: Final = 64
"""Most elements within each other that are told apart; deeper ones only part their words."""

_TOKEN = re.compile(r"<!--.*?(?:-->|\Z)|<[A-Za-z/!?][^>]*(?:>|\Z)|<|[^<]+", re.DOTALL)
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)")
_HIDDEN = re.compile(r"<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_LISTS: Final = frozenset(("ul", "ol", "menu", "dl"))
_CELLS: Final = frozenset(("td", "th"))
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LINES: Final = _HEADINGS | {"summary", "pre"}  # elements of running text that are no paragraphs
_NESTED: Final = "table within a table"  # its rows and cells only part words
_TABLES: Final = frozenset(("table", _NESTED))
_ROWS: Final = _CELLS | {"tr"}
_ITEMS: Final = frozenset(("li", "dt"))


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at a place of raw HTML: words or an inline tag, or a block that begins or ends there.

    `kind` is `Text` or `Html` (`name` is what is written), `Start` or `End` (`name` is the element: `ul`, `ol`,
    `li`, `table`, `tr`, `td`, `h2` … and `p` for whatever else parts words). `offset` is in bytes: of an element
    that ends, where it began. `header` tells of a row that ends whether it is a header row.
    """

    kind: str
    name: str
    offset: int
    header: bool = False


@dataclass(slots=True)
class _Open:
    name: str
    offset: int
    heads: bool = True  # a row, whether all its cells are headings


class Elements:
    """The elements of raw HTML that are open at a place of a page: tags may be far apart, with Markdown between."""

    def __init__(self) -> None:
        self._open: list[_Open] = []

    def __len__(self) -> int:
        return len(self._open)

    def steps(self, source: str, offset: int, floor: int) -> Iterator[Step]:
        """Yield what a piece of raw HTML does, comments left out; the elements below a floor stay open."""
        place = offset
        for token in _TOKEN.finditer(_HIDDEN.sub(_blanked, source)):
            text = token[0]
            if text[0] != "<" or len(text) == 1:
                yield Step("Text", html.unescape(text), place)
            elif not text.startswith(("<!", "<?")):
                tag = _TAG.match(text)
                name = tag[2].lower() if tag else ""
                if name not in BLOCKS:
                    yield Step("Html", text, place)
                elif tag and tag[1]:
                    yield from self._end(name, place, floor)
                else:
                    yield from self._start(name, place, floor)
            place += len(text.encode())

    def close(self, floor: int) -> Iterator[Step]:
        """Yield the ends of all elements that are open above a floor."""
        while len(self._open) > floor:
            element = self._open.pop()
            header = element.name == "tr" and element.heads
            yield Step("End", element.name, element.offset, header)

    def _start(self, name: str, offset: int, floor: int) -> Iterator[Step]:
        """Yield what a tag begins, after the ends that it implies."""
        if self._open and len(self._open) > floor and self._open[-1].name in _LINES:
            yield from self.close(len(self._open) - 1)
        if name in _ROWS | {"li", "dt", "dd"}:
            yield from self._start_part(name, offset, floor)
        elif len(self._open) >= MAX_OPEN:
            yield Step("Start", "p", offset)
        elif name == "table" and self._within({name}, set(), floor) is not None:
            yield self._push(_NESTED, offset)
        elif name in _LISTS or name in _LINES or name in {"table", "thead"}:
            yield self._push(name, offset)
        else:
            yield Step("Start", "p", offset)

    def _start_part(self, name: str, offset: int, floor: int) -> Iterator[Step]:
        """Yield the beginning of an item, row or cell, and of the list or row around it where that is not open."""
        if len(self._open) >= MAX_OPEN - 1:
            yield Step("Start", "p", offset)
        elif name in _ROWS:
            yield from self._start_in_table(name, offset, floor)
        else:
            yield from self._start_in_list(name, offset, floor)

    def _start_in_table(self, name: str, offset: int, floor: int) -> Iterator[Step]:
        if self._within({"table"}, {_NESTED}, floor) is None:
            yield Step("Start", "p", offset)
            return
        before = self._within({"tr"} if name == "tr" else _CELLS, _TABLES, floor)
        if before is not None:
            yield from self.close(before)
        if name in _CELLS:
            row = self._within({"tr"}, _TABLES, floor)
            if row is None:
                row = len(self._open)
                yield self._push("tr", offset)
            if name == "td" and self._within({"thead"}, _TABLES, floor) is None:
                self._open[row].heads = False
        yield self._push("td" if name in _CELLS else name, offset)

    def _start_in_list(self, name: str, offset: int, floor: int) -> Iterator[Step]:
        item = self._within(_ITEMS, _LISTS | _CELLS, floor)
        if item is not None and name == "dd" and self._open[item].name == "dt":
            yield from self.close(item + 1)
            yield Step("Start", "p", offset)
            return
        if item is not None:
            yield from self.close(item)
        if self._within(_LISTS, _ITEMS | _CELLS, floor) is None:
            yield self._push("ul" if name == "li" else "dl", offset)
        yield self._push("li" if name == "li" else "dt", offset)

    def _end(self, name: str, offset: int, floor: int) -> Iterator[Step]:
        """Yield what a closing tag ends; a cell shuts in what it holds."""
        wanted: AbstractSet[str] = {name}
        bounds: AbstractSet[str] = _CELLS
        if name in _ROWS:
            wanted, bounds = ({"tr"} if name == "tr" else _CELLS), _TABLES
        elif name == "table":
            wanted, bounds = _TABLES, frozenset()
        elif name in {"dt", "dd"}:
            wanted = set()  # more may be said of the term
        found = self._within(wanted, bounds, floor)
        if found is None:
            yield Step("End", "p", offset)
        else:
            yield from self.close(found)

    def _push(self, name: str, offset: int) -> Step:
        self._open.append(_Open(name, offset))
        return Step("Start", name, offset)

    def _within(self, names: AbstractSet[str], bounds: AbstractSet[str], floor: int) -> int | None:
        """Return where the innermost open element of some names stands, None if a bound stands further in."""
        for place in range(len(self._open) - 1, floor - 1, -1):
            if self._open[place].name in names:
                return place
            if self._open[place].name in bounds:
                return None
        return None


def is_block(tag: str) -> bool:
    """Whether a tag is one of an element that stands on lines of its own."""
    name = _TAG.match(tag)
    return name is not None and name[2].lower() in BLOCKS


def begins_line(tag: str) -> bool:
    """Whether what follows a tag within a cell stands on a new line."""
    name = _TAG.match(tag)
    return name is not None and (name[2].lower() == "br" or name[2].lower() in BLOCKS)


def _blanked(match: re.Match[str]) -> str:
    """Return white space as long in bytes as what it stands for."""
    return " " * len(match[0].encode())
