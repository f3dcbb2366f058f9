"""Sheets of a workbook: bold headers that stay, filters, widths, links, no formulas, and the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, TypeAlias

from kg import extras, hypertext
from kg.queries.rendering import breadth
from kg.tables.cells import clean, inert

# What Excel can hold: signs in a cell, rows in a sheet, links in a sheet, signs of an address.
_SIGNS, _ROWS, _LINKS, _ADDRESS = 32_767, 1_048_576, 65_530, 2_079
_CUT = " …(cut)"
_WIDEST, _MEASURED = 60, 200
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  (a workbook's dates have no zone)
_A4 = 9
_HEAD, _FONT = "#1F3A5F", "Calibri"
_LINE, _UPRIGHT, _TALLEST = (
    15.0,
    150.0,
    409.0,
)  # heights of a line, an upright header, the tallest row, in points


@dataclass(frozen=True, slots=True)
class Styled:
    """A cell with more than a value: a link to an address, a background colour (`RRGGBB`), bold words."""

    value: str | float | date | None
    link: str = ""
    colour: str = ""
    bold: bool = False


Value: TypeAlias = str | int | float | bool | date | Styled | None


class Workbook:
    """A workbook that grows sheet by sheet and is then written; it is made in memory, without files of its own."""

    def __init__(self, title: str) -> None:
        """Begin a workbook; KgError where XlsxWriter is not installed."""
        made = extras.needed("xlsxwriter", "tables").Workbook
        self._made = io.BytesIO()
        self._book = made(
            self._made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._book.set_properties({"title": title, "author": "compliance-kg", "created": _EPOCH})
        self._looks: dict[tuple[tuple[str, Any], ...], Any] = {}

    def sheet(
        self, name: str, header: Sequence[str], rows: Iterable[Sequence[Value]], *, upright: bool = False
    ) -> None:
        """Add a sheet with a header that stays in sight and a filter on each column.

        A matrix has an `upright` header over narrow columns, and its first column stays in sight too.
        """
        kept, more = _limited(rows)
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, int(upright))
        widths = _widths(header, kept, upright=upright)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.autofilter(0, 0, len(kept), max(len(header), 1) - 1)
        _set_up_print(sheet)
        if upright:
            sheet.set_row(0, _UPRIGHT)
        for place, title in enumerate(header):
            sheet.write_string(0, place, clean(inert(title)), self._header(upright=upright and place > 0))
        links = 0
        for number, row in enumerate(kept, 1):
            height = _height(row, widths)
            if height > _LINE:
                sheet.set_row(number, height)
            for place, value in enumerate(row):
                links += self._write(sheet, number, place, value, linked=links < _LINKS)
        if more:
            note = f"… and {more:,} rows that no sheet has room for"
            self._write(sheet, len(kept) + 1, 0, note, linked=False)

    def write(self, target: IO[bytes]) -> None:
        """Write the workbook; two of the same content have the same bytes."""
        self._book.close()
        target.write(self._made.getbuffer())

    def _look(self, **properties: Any) -> Any:
        """Return a format of cells, the same one for the same properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self._book.add_format({"font_name": _FONT, "font_size": 11, **properties})
        return self._looks[key]

    def _header(self, *, upright: bool) -> Any:
        return self._look(
            bold=True, font_color="#FFFFFF", bg_color=_HEAD, text_wrap=True, rotation=90 if upright else 0,
            valign="bottom" if upright else "vcenter",
        )  # fmt: skip

    def _write(self, sheet: Any, row: int, place: int, value: Value, *, linked: bool) -> bool:
        """Write one cell; return whether it became a link."""
        styled = value if isinstance(value, Styled) else Styled(value)
        known = styled.value
        look: dict[str, Any] = {"valign": "top", "text_wrap": isinstance(known, str)}
        if styled.colour:
            look = {
                "valign": "vcenter",
                "align": "center",
                "text_wrap": True,
                "bg_color": f"#{styled.colour}",
            }
        if styled.bold:
            look["bold"] = True
        leads = linked and len(styled.link) <= _ADDRESS and hypertext.linked(styled.link)
        if leads:
            look |= {"font_color": "#0563C1", "underline": 1}
        if isinstance(known, str) and leads:
            sheet.write_url(row, place, styled.link, self._look(**look), _fitting(known))
        elif isinstance(known, str):
            sheet.write_string(row, place, _fitting(known), self._look(**look))
        elif known is None:
            sheet.write_blank(row, place, None, self._look(**look))
        elif isinstance(known, bool):
            sheet.write_boolean(row, place, known, self._look(**look))
        elif isinstance(known, date):
            sheet.write_datetime(row, place, known, self._look(**look, num_format="yyyy-mm-dd"))
        else:
            sheet.write_number(row, place, known, self._look(**look))
        return leads and isinstance(known, str)


def _limited(rows: Iterable[Sequence[Value]]) -> tuple[list[Sequence[Value]], int]:
    """Return the rows a sheet has room for, and how many it has none for."""
    every = list(rows)
    room = _ROWS - 2
    return every[:room], max(len(every) - room, 0)


def _fitting(text: str) -> str:
    """Return a text that a cell can hold and no spreadsheet takes for a formula."""
    safe = clean(inert(text))
    return safe if len(safe) <= _SIGNS else safe[: _SIGNS - len(_CUT)] + _CUT


def _widths(header: Sequence[str], rows: Sequence[Sequence[Value]], *, upright: bool) -> list[float]:
    """Return how wide columns are: as their first rows need, within limits."""
    widths = []
    for place, name in enumerate(header):
        upright_here = upright and place > 0
        wants = max((breadth(line) for row in rows[:_MEASURED] for line in _lines(row[place])), default=0)
        wants = wants if upright_here else max(wants, breadth(name))
        widths.append(float(min(max(wants + 3, 5 if upright_here else 10), 24 if upright_here else _WIDEST)))
    return widths


def _height(row: Sequence[Value], widths: Sequence[float]) -> float:
    """Return how high a row is, wrapped into the widths of its columns: not every program works it out itself."""
    lines = (
        sum(-(-max(breadth(line), 1) // max(int(width) - 2, 1)) for line in _lines(value))
        for value, width in zip(row, widths, strict=True)
    )
    return min(max(lines, default=1) * _LINE, _TALLEST)


def _lines(value: Value) -> list[str]:
    known = value.value if isinstance(value, Styled) else value
    return [] if known is None else str(known)[:_SIGNS].split("\n")


def _set_up_print(sheet: Any) -> None:
    """Print on landscape pages as wide as the table, the header on each, with page numbers."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C&A, page &P of &N")
