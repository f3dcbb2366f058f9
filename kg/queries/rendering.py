"""Tables for people: on a terminal of any width, and in a notebook."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import pyoxigraph as ox

from kg import hypertext
from kg.queries.table import Table, Value, plain
from kg.terms import PREFIXES

_BOLD, _DIM, _CYAN, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"
_WORDS = re.compile(r"(\s+)")
# A terminal would obey these: they are shown as the symbols Unicode has for them.
_CONTROLS: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), "·"),
}
# Where a statement comes from, and those of it that the path of the file stands for.
_BEHIND_PATH = {"document", "language", "claim", "segment"}
_EVIDENCE = {"sentence", "path", "line"} | _BEHIND_PATH
_SHOWN = 200  # rows in a notebook
_LEAST = 12  # a column that gives way keeps as many signs


def short(iri: str) -> str:
    """Return an IRI as a prefixed name where one of our prefixes fits, else as it is.

    >>> short("https://w3id.org/compliance-kg/id/standard/mars-e-2.0")
    'std:mars-e-2.0'
    """
    best = ""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and len(namespace) > len(PREFIXES.get(best, "")):
            best = prefix
    return f"{best}:{iri[len(PREFIXES[best]) :]}" if best else iri


def shown(value: Value) -> str:
    """Return a cell as a person reads it: prefixed names, no control characters."""
    known = plain(value)
    if known is None:
        return ""
    if isinstance(known, bool):
        return "yes" if known else "no"
    text = short(value.value) if isinstance(value, ox.NamedNode) else str(known)
    return text.translate(_CONTROLS)


def for_people(table: Table, *, fold: bool = True) -> Table:
    """Return a table with what machines need taken out.

    A column `x` gives way to `xLabel` beside it, `line` joins `path` (`page.md:12`), which stands for the other
    columns of evidence, and columns with nothing in them go. Rows that say the same and differ in their
    evidence only are folded into the first of them; `more` counts the others.
    """
    names = table.header
    rows = [dict(zip(names, row, strict=True)) for row in table.rows]
    if "path" in names:
        if fold:
            rows = _folded(rows)
        for row in rows:
            if row.get("line") is not None:
                row["path"] = f"{shown(row['path'])}:{shown(row['line'])}"
    gone = {name for name in names if f"{name}Label" in names}
    for row in rows:
        for name in gone:
            if row[f"{name}Label"] is None:
                row[f"{name}Label"] = row[name]
    if "path" in names:
        gone |= {"line", *_BEHIND_PATH}
    known = [name for name in (*names, "more") if any(row.get(name) is not None for row in rows)]
    kept = [name for name in (known if rows else names) if name not in gone]
    return Table.of(
        [name.removesuffix("Label") for name in kept], [[row.get(name) for name in kept] for row in rows]
    )


def _folded(rows: list[dict[str, Value]]) -> list[dict[str, Value]]:
    """Return the first of all rows that differ in their evidence only, and how many more there are of them."""
    found: dict[tuple[tuple[str, str], ...], dict[str, Value]] = {}
    for row in rows:
        says = tuple((name, str(value)) for name, value in row.items() if name not in _EVIDENCE)
        if not says:
            return rows
        first = found.get(says)
        if first is None:
            found[says] = dict(row)
        else:
            more = first.get("more")
            first["more"] = 1 + (more if isinstance(more, int) else 0)
    return list(found.values())


def text(table: Table, *, width: int = 0, colour: bool = False, limit: int = 0, fold: bool = True) -> str:
    """Return a table as aligned lines, cells wrapped so that no line is wider than `width` (0: any width).

    Of a table longer than `limit` (0: any length) the first rows are shown, and how many more there are. Rows
    that differ in their evidence only are one, unless `fold` is not wanted.
    """
    return aligned(for_people(table, fold=fold), width=width, colour=colour, limit=limit)


def aligned(people: Table, *, width: int = 0, colour: bool = False, limit: int = 0) -> str:
    """Return a table that is for people already as `text` does."""
    if not people.header:
        return ""
    cells = [[shown(value) for value in row] for row in people.rows[: limit or None]]
    numeric = [
        all(isinstance(plain(row[i]), int | float | None) for row in people.rows)
        for i in range(len(people.header))
    ]
    wants = [max(map(breadth, column)) for column in zip(people.header, *cells, strict=True)]
    widths = _shares(wants, width - 2 * (len(wants) - 1)) if width else wants
    lines = _row(people.header, widths, numeric, _BOLD if colour else "")
    lines.append(
        (_DIM if colour else "") + "  ".join("─" * each for each in widths) + (_OFF if colour else "")
    )
    tall = False
    for number, row in enumerate(cells):
        block = _row(row, widths, numeric, "")
        # Rows that needed wrapping are set apart by an empty line, short ones stay together.
        if number and (tall or len(block) > 2):
            lines.append("")
        tall = len(block) > 2
        lines += block
    if len(people.rows) > len(cells):
        lines.append(f"… and {len(people.rows) - len(cells)} more")
    return "\n".join(lines) + "\n"


def html(table: Table) -> str:
    """Return a table as HTML for people; every text is escaped, and only web addresses become links."""
    people = for_people(table)
    rest = len(people) - _SHOWN
    return hypertext.grid(
        people.header,
        ([_cell(value) for value in row] for row in people.rows[:_SHOWN]),
        f"… and {rest:,} more rows" if rest > 0 else "",
    )


def _cell(value: Value) -> str:
    if isinstance(value, ox.NamedNode):
        return hypertext.link(value.value, shown(value))
    return hypertext.words(shown(value))


def breadth(words: str) -> int:
    """Return how many terminal cells a text takes: an ideograph takes two, a combining mark none."""
    return len(words) if words.isascii() else sum(map(_cells, words))


@lru_cache(maxsize=4096)
def _cells(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def _shares(wants: list[int], room: int) -> list[int]:
    """Return column widths that fit into `room`: narrow columns keep theirs, wide ones share what is left."""
    widths = list(wants)
    if sum(wants) <= room:
        return widths
    order = sorted(range(len(wants)), key=lambda i: wants[i])
    left = room
    for position, index in enumerate(order):
        fair = left // (len(order) - position)
        widths[index] = min(wants[index], max(fair, _LEAST))
        left -= widths[index]
    return widths


def wrap(words: str, width: int) -> list[str]:
    """Return a text as lines no broader than `width`, broken between words or ideographs where possible."""
    lines = [""]
    used = 0
    for part in _WORDS.split(words):
        if not part:
            continue
        need = breadth(part)
        if used + need <= width:
            lines[-1] += part
            used += need
        elif part.isspace():
            lines.append("")
            used = 0
        else:
            if used and need <= width:
                lines.append("")
                used = 0
            for sign in part if need > width - used else (part,):
                size = breadth(sign)
                if used and used + size > width:
                    lines.append("")
                    used = 0
                lines[-1] += sign
                used += size
    return (
        [line.rstrip() for line in lines]
        if len(lines) == 1 or lines[-1].strip()
        else [x.rstrip() for x in lines[:-1]]
    )


def _row(cells: tuple[str, ...] | list[str], widths: list[int], numeric: list[bool], style: str) -> list[str]:
    wrapped = [wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for number in range(max(map(len, wrapped))):
        parts = []
        for block, width, right in zip(wrapped, widths, numeric, strict=True):
            part = block[number] if number < len(block) else ""
            pad = " " * (width - breadth(part))
            parts.append(f"{pad}{part}" if right else f"{part}{pad}")
        line = "  ".join(parts).rstrip()
        lines.append(f"{style}{line}{_OFF}" if style else line)
    return lines
