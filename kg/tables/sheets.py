"""Sheets of a workbook: bold headers that stay, filters, widths, links, no formulas, and the same bytes each time."""

from __future__ import annotations

import io
import re
import zipfile
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
_STAMP = (1980, 1, 1, 0, 0, 0)
_CHANGED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_HEAD, _FONT = "FF1F3A5F", "Calibri"
_LINE, _TALLEST = 15.0, 409.0  # heights of a line and of the tallest row, in points


@dataclass(frozen=True, slots=True)
class Styled:
    """A cell with more than a value: a link to an address, a background colour (`RRGGBB`), bold words."""

    value: str | float | date | None
    link: str = ""
    colour: str = ""
    bold: bool = False


Value: TypeAlias = str | int | float | bool | date | Styled | None


class Workbook:
    """A workbook that grows sheet by sheet and is then written."""

    def __init__(self, title: str) -> None:
        """Begin a workbook; KgError where openpyxl is not installed."""
        self._excel = extras.needed("openpyxl", "tables")
        self._cell = extras.needed("openpyxl.cell", "tables").WriteOnlyCell
        styles = extras.needed("openpyxl.styles", "tables")
        self._font, self._fill, self._alignment = styles.Font, styles.PatternFill, styles.Alignment
        self._book = self._excel.Workbook(write_only=True)
        self._book.properties.title = title
        self._book.properties.creator = "compliance-kg"
        self._book.properties.created = _EPOCH

    def sheet(
        self, name: str, header: Sequence[str], rows: Iterable[Sequence[Value]], *, upright: bool = False
    ) -> None:
        """Add a sheet with a header that stays in sight and a filter on each column.

        A matrix has an `upright` header over narrow columns, and its first column stays in sight too.
        """
        from openpyxl.utils import get_column_letter  # noqa: PLC0415

        kept, more = _limited(rows)
        sheet = self._book.create_sheet(name)
        sheet.freeze_panes = "B2" if upright else "A2"
        widths = _widths(header, kept, upright=upright)
        for place, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(header), 1))}{len(kept) + 1}"
        if upright:
            sheet.row_dimensions[1].height = 150
        _set_up_print(sheet)
        sheet.append(
            [self._header(sheet, name, upright=upright and place > 0) for place, name in enumerate(header)]
        )
        links = 0
        for number, row in enumerate(kept, 2):
            height = _height(row, widths)
            if height > _LINE:
                sheet.row_dimensions[number].height = height
            cells = []
            for value in row:
                cell = self._made(sheet, value, linked=links < _LINKS)
                links += cell.hyperlink is not None
                cells.append(cell)
            sheet.append(cells)
        if more:
            sheet.append([self._made(sheet, f"… and {more:,} rows that no sheet has room for", linked=False)])

    def write(self, target: IO[bytes]) -> None:
        """Write the workbook; two of the same content have the same bytes."""
        made = io.BytesIO()
        self._book.save(made)
        with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
            for name in source.namelist():
                data = source.read(name)
                if name == "docProps/core.xml":
                    data = _CHANGED.sub(rb"\g<1>" + f"{_EPOCH.isoformat()}Z".encode() + rb"\g<2>", data)
                entry = zipfile.ZipInfo(name, _STAMP)
                entry.compress_type = zipfile.ZIP_DEFLATED
                copy.writestr(entry, data)

    def _header(self, sheet: Any, name: str, *, upright: bool) -> Any:
        cell = self._cell(sheet, clean(inert(name)))
        cell.data_type = "s"
        cell.font = self._font(name=_FONT, bold=True, color="FFFFFFFF")
        cell.fill = self._fill("solid", fgColor=_HEAD)
        cell.alignment = self._alignment(
            text_rotation=90 if upright else 0, wrap_text=True, vertical="bottom" if upright else "center"
        )
        return cell

    def _made(self, sheet: Any, value: Value, *, linked: bool) -> Any:
        styled = value if isinstance(value, Styled) else Styled(value)
        known = styled.value
        cell = self._cell(sheet, _fitting(known) if isinstance(known, str) else known)
        if isinstance(known, str):
            cell.data_type = "s"  # whatever it begins with
        cell.alignment = self._alignment(vertical="top", wrap_text=isinstance(known, str))
        if styled.colour:
            cell.fill = self._fill("solid", fgColor=f"FF{styled.colour}")
            cell.alignment = self._alignment(horizontal="center", vertical="center", wrap_text=True)
        if styled.bold:
            cell.font = self._font(name=_FONT, bold=True)
        if linked and len(styled.link) <= _ADDRESS and hypertext.linked(styled.link):
            cell.hyperlink = styled.link
            cell.font = self._font(name=_FONT, color="FF0563C1", underline="single")
        return cell


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
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = extras.needed(
        "openpyxl.worksheet.properties", "tables"
    ).PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    sheet.oddFooter.center.text = "&A, page &P of &N"
