"""A treemap of what is covered and what is not: an area for each family, in it one for each status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kg.pictures.bars import STATUS, by_family, legend
from kg.pictures.canvas import INK, SIZE, SMALL, bare, breadth, empty, finished, inked, sheet
from kg.queries.table import Table

_WIDE, _HIGH = 6.6, 4.4  # inches
_FRAME, _HEAD = 0.025, 0.15


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle: its lower left corner, width and height."""

    x: float
    y: float
    width: float
    height: float


def squarified(sizes: Sequence[float], room: Area) -> list[Area]:
    """Return a rectangle for each size, as large in proportion, as near to squares as rows allow, filling the room.

    M. Bruls, K. Huizing and J. J. van Wijk, Squarified Treemaps, Proceedings of the Joint Eurographics and IEEE TCVG
    Symposium on Visualization, 2000. The sizes are positive, the largest first; rows go along the shorter side.
    """
    found: list[Area] = []
    left = [size * room.width * room.height / sum(sizes) for size in sizes]
    while left:
        short = min(room.width, room.height)
        count = 1
        while count < len(left) and _worst(left[: count + 1], short) <= _worst(left[:count], short):
            count += 1
        row, left = left[:count], left[count:]
        thick = sum(row) / short if short else 0.0
        offset = 0.0
        upright = room.width >= room.height
        for size in row:
            long = size / thick if thick else 0.0
            found.append(
                Area(room.x, room.y + offset, thick, long)
                if upright
                else Area(room.x + offset, room.y, long, thick)
            )
            offset += long
        room = (
            Area(room.x + thick, room.y, room.width - thick, room.height)
            if upright
            else Area(room.x, room.y + thick, room.width, room.height - thick)
        )
    return found


def _worst(row: Sequence[float], short: float) -> float:
    """Return the greatest ratio of sides that rectangles of these sizes have in a row along a side."""
    total = sum(row)
    return max(
        (short**2 * size / total**2, total**2 / (short**2 * size))[size * short**2 < total**2] for size in row
    )


def gap(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return what a list leaves open: an area for each family, the largest first, divided by status.

    The table is that of `Graph.gap` (what is covered is then left out, unless everything was asked for) or of
    `Graph.coverage`. An area is as large as the number of its controls.
    """
    with inked():
        counts = by_family(table)
        if not counts:
            return empty(title or "Gap", caption)
        totals = {family: sum(held.values()) for family, held in counts.items()}
        families = sorted(totals, key=lambda family: (-totals[family], family))
        figure, axes = sheet(_WIDE, _HIGH)
        bare(axes).set_xlim(0, _WIDE)
        axes.set_ylim(_HIGH, 0)
        room = Area(0, 0, _WIDE, _HIGH)
        for family, area in zip(families, squarified([totals[each] for each in families], room), strict=True):
            held = {status: count for status, count in counts[family].items() if count}
            head = _HEAD if area.height > 2.2 * _HEAD else 0.0
            inside = Area(
                area.x + _FRAME, area.y + _FRAME + head,
                area.width - 2 * _FRAME, area.height - 2 * _FRAME - head,
            )  # fmt: skip
            if head:
                _words(axes, area, [f"{family}  {totals[family]}", family], bold=True)
            states = sorted(held, key=lambda status: (-held[status], list(STATUS).index(status)))
            for status, part in zip(states, squarified([held[each] for each in states], inside), strict=True):
                axes.add_patch(
                    Rectangle((part.x, part.y), part.width, part.height, linewidth=0.6, **STATUS[status])
                )
                _count(axes, part, str(held[status]) if head else family)
        present = [status for status in STATUS if any(held[status] for held in counts.values())]
        axes.legend(
            handles=legend(present), loc="upper left", bbox_to_anchor=(0, -0.01), ncols=4, handlelength=1.6,
            borderaxespad=0,
        )  # fmt: skip
        return finished(figure, title or "What is covered and what is open, by family", caption)


def _words(axes: Axes, area: Area, choices: Sequence[str], *, bold: bool) -> None:
    """Write the longest of these texts that fits at the top of an area."""
    for text in choices:
        if breadth(text, SIZE) * 1.1 < area.width - 2 * _FRAME:
            axes.text(
                area.x + _FRAME + 0.02, area.y + _FRAME + _HEAD / 2, text, fontsize=SIZE, va="center",
                fontweight="bold" if bold else "normal",
            )  # fmt: skip
            return


def _count(axes: Axes, area: Area, text: str) -> None:
    if breadth(text, SMALL) + 0.12 < area.width and area.height > 0.16:
        axes.text(
            area.x + area.width / 2, area.y + area.height / 2, text, ha="center", va="center", fontsize=SMALL, color=INK,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"},
        )  # fmt: skip
