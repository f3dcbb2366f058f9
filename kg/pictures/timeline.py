"""A timeline of the editions of standards, and which replaced which."""

from __future__ import annotations

import re

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kg.pictures.canvas import BLUE, FAINT, PALE, SMALL, breadth, empty, finished, inked, legible, sheet
from kg.pictures.columns import column, named
from kg.queries.table import Plain, Table

_ROW = 0.29  # inches
_YEAR = 0.34
_WIDE = 6.4
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_NEAR = 0.05  # between labels, in inches


def editions(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return the editions of each standard on its own line, by date of issue; a line leads to what was replaced.

    The table is that of the analysis `editions`: standard, edition, version, issued, replaces. A filled mark is a
    date to the month or day, an open one to the year. Editions without a date are counted in the caption.
    """
    with inked():
        rows = [
            (standard, str(edition), _version(version, label), at, exact, str(replaces or ""))
            for standard, edition, label, version, issued, replaces in zip(
                named(table, "standard", most=44)[0],
                column(table, "edition"),
                named(table, "edition")[0],
                column(table, "version"),
                column(table, "issued"),
                column(table, "replaces"),
                strict=True,
            )
            for at, exact in (_year(issued),)
        ]
        dated = [row for row in rows if row[3]]
        if not dated:
            return empty(
                title or "Editions", caption, "There is nothing to draw: no edition has a date of issue."
            )
        first = {name: min(row[3] for row in dated if row[0] == name) for name, *_ in dated}
        names = sorted(first, key=lambda name: (first[name], name))
        start, end = int(min(first.values())), int(max(row[3] for row in dated)) + 1
        wide = _WIDE if end - start > 6 else max(2.5, (end - start) * 4 * _YEAR)
        scale = wide / (end - start)
        figure, axes = sheet(wide, _ROW * len(names))
        at = {edition: (year, names.index(name)) for name, edition, _, year, _, _ in dated}
        for place in range(len(names)):
            axes.axhline(place, color=PALE, linewidth=0.6, zorder=0)
        for _, edition, _, _, _, former in dated:
            if former in at:
                axes.annotate(
                    "", at[edition], at[former], zorder=1,
                    arrowprops={"arrowstyle": "-|>", "color": FAINT, "linewidth": 0.8, "shrinkA": 3, "shrinkB": 3,
                                "mutation_scale": 6},
                )  # fmt: skip
        for _, edition, _, year, exact, _ in dated:
            axes.plot(
                year, at[edition][1], "o", markersize=5, markeredgecolor=BLUE, zorder=2,
                markerfacecolor=BLUE if exact else "white",
            )  # fmt: skip
        for place, name in enumerate(names):
            line = sorted((year, version) for standard, _, version, year, _, _ in dated if standard == name)
            _versions(axes, line, place, scale)
        axes.set_yticks(range(len(names)), names, fontsize=SMALL + 0.5)
        axes.set_ylim(len(names) - 0.3, -0.8)
        axes.set_xlim(start - 0.3, end + 0.3)
        step = next(each for each in (1, 2, 5, 10, 20, 50, 100, 1000) if (end - start) / each <= wide / 0.5)
        ticks = range(start - start % -step, end + 1, step)
        axes.set_xticks(list(ticks), [str(year) for year in ticks], fontsize=SMALL)
        axes.grid(axis="x", color=PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="both", length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        note = "A filled mark is dated to the month or day, an open one to the year; an arrow leads from what was replaced."
        if len(rows) > len(dated):
            note += f" {len(rows) - len(dated)} editions have no date of issue and are not shown."
        return finished(figure, title or "Editions of standards", "\n".join(filter(None, (note, caption))))


def _versions(axes: Axes, line: list[tuple[float, str]], place: int, scale: float) -> None:
    """Write the versions above the marks of a line; one that would touch its neighbour goes below, or is left out."""
    ends = {True: -1.0, False: -1.0}
    for year, version in line:
        half = breadth(version, SMALL - 1) / 2
        middle = year * scale
        above = next((side for side in (True, False) if middle - half > ends[side] + _NEAR), None)
        if above is None:
            continue
        ends[above] = middle + half
        axes.annotate(
            version, (year, place), (0, 4 if above else -4), textcoords="offset points", ha="center",
            va="bottom" if above else "top", fontsize=SMALL - 1, color=FAINT,
        )  # fmt: skip


def _version(version: Plain, label: str) -> str:
    return legible(version or label, most=14)


def _year(issued: Plain) -> tuple[float, bool]:
    """Return a date as a year and a part of it, 0 for none, and whether it is known to the month at least.

    >>> _year("2020-07"), _year("2013"), _year(None)
    ((2020.5, True), (2013.0, False), (0.0, False))
    """
    found = _DATE.match(str(issued or ""))
    if not found:
        return 0.0, False
    year, month, day = (int(part) if part else 0 for part in found.groups())
    return year + max(month - 1, 0) / 12 + max(day - 1, 0) / 366, month > 0
