"""Drawings of networks: standards and their relations, communities, and paths step by step."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon

from kg.pictures.canvas import (
    BLACK,
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SIZE,
    SKY,
    SMALL,
    VERMILION,
    bare,
    breadth,
    empty,
    finished,
    inked,
    legible,
    sheet,
)  # fmt: skip
from kg.pictures.columns import column, named, number
from kg.pictures.layout import bend, placed
from kg.queries.table import Plain, Table
from kg.queries.words import local, spoken

_HIGH = 0.24  # of a box, in inches
_PAD = 0.09
_HEAD = 0.085  # of an arrow
_LINE = 0.165
_APART = 0.62  # paths from each other
_WIDE = 7.0  # of a page
# The kinds of relation most often stated, by colour and stroke; all others are thin and grey.
_LOOKS: Sequence[tuple[str, Any]] = (
    (BLUE, "solid"), (VERMILION, (0, (5, 1.5))), (GREEN, (0, (1.2, 1.2))), (BLACK, (0, (5, 1.5, 1.2, 1.5))),
    (PURPLE, (0, (8, 2))), (ORANGE, "solid"), (SKY, (0, (3, 1, 1, 1, 1, 1))),
    (BLACK, "solid"), (GREEN, (0, (8, 2))), (VERMILION, (0, (1.2, 1.2))),
)  # fmt: skip
_OTHERS = (FAINT, (0, (1, 2)))
_DENIAL = "notDemonstratedBy"

Statement = tuple[str, str, str]


def relations(table: Table, *, title: str = "", caption: str = "", most: int = 45) -> Figure:
    """Return things as boxes and what relates them as arrows, whose colour and stroke tell the kind of relation.

    The table has source, relation and target, as the analyses `relations` and `paths` and the questions
    `rests-on` and `paths-between` do. An arrow leads as the relation is read; one with a bar at its end denies. Of
    more than `most` things those with most relations are drawn.
    """
    with inked():
        if not table:
            return empty(title or "Relations", caption)
        sources, targets = named(table, "source", "target", most=40)
        statements = sorted(
            {
                each
                for each in zip(sources, map(_kind, column(table, "relation")), targets, strict=True)
                if each[0] != each[2]
            }
        )
        kept = _most_related(statements, most)
        drawn = [each for each in statements if each[0] in kept and each[2] in kept]
        network = nx.Graph([(source, target) for source, _, target in drawn])
        if not network:
            return empty(title or "Relations", caption)
        sizes = {node: (breadth(node, SMALL + 0.5) + 2 * _PAD, _HIGH) for node in network}
        at = placed(network, sizes)
        width = max(x + sizes[node][0] / 2 for node, (x, _) in at.items())
        height = max(y + sizes[node][1] / 2 for node, (_, y) in at.items())
        figure, axes = sheet(width, height)
        bare(axes).set_xlim(0, width)
        axes.set_ylim(height, 0)
        boxes = {node: _box(axes, node, at[node], sizes[node][0]) for node in sorted(at)}
        looks = _looks(kind for _, kind, _ in drawn)
        taken: dict[frozenset[str], list[float]] = {}
        for source, kind, target in drawn:
            used = taken.setdefault(frozenset((source, target)), [])
            # Bends of lines that run the other way count from the other side.
            turn = 1 if source < target else -1
            rad = bend(source, target, at, sizes, [each * turn for each in used])
            used.append(rad * turn)
            _arrow(axes, (boxes[source], boxes[target]), looks[kind], rad=rad, denies=kind == _DENIAL)
        _key(axes, looks, Counter(kind for _, kind, _ in drawn))
        total = len({end for source, _, target in statements for end in (source, target)})
        note = f"The {len(at)} of {total} with most relations." if total > len(at) else ""
        return finished(figure, title or "How standards relate", "\n".join(filter(None, (note, caption))))


def _kind(relation: Plain) -> str:
    return local(str(relation))


def _most_related(statements: Sequence[Statement], most: int) -> set[str]:
    degrees: Counter[str] = Counter()
    for source, _, target in statements:
        degrees.update((source, target))
    return set(sorted(degrees, key=lambda node: (-degrees[node], node))[:most])


def _looks(kinds: Iterable[str]) -> dict[str, tuple[str, Any]]:
    counts = Counter(kinds)
    order = sorted(counts, key=lambda kind: (-counts[kind], kind))
    return {kind: _LOOKS[at] if at < len(_LOOKS) else _OTHERS for at, kind in enumerate(order)}


def _box(axes: Axes, label: str, at: tuple[float, float], width: float) -> FancyBboxPatch:
    patch = FancyBboxPatch(
        (at[0] - width / 2 + 0.04, at[1] - _HIGH / 2 + 0.04), width - 0.08, _HIGH - 0.08,
        boxstyle="round,pad=0.04,rounding_size=0.05", facecolor="white", edgecolor=INK, linewidth=0.7, zorder=3,
        clip_on=False,
    )  # fmt: skip
    axes.add_patch(patch)
    axes.text(*at, label, ha="center", va="center", fontsize=SMALL + 0.5, zorder=4)
    return patch


def _arrow(
    axes: Axes,
    ends: tuple[FancyBboxPatch, FancyBboxPatch],
    look: tuple[str, Any],
    *,
    rad: float = 0.0,
    denies: bool = False,
) -> None:
    """Draw an arrow from one box to another; its head is apart from the line, whose dashes would tear it."""
    line = FancyArrowPatch(
        *(_middle(box) for box in ends), patchA=ends[0], patchB=ends[1], shrinkA=1, shrinkB=1.5,
        connectionstyle=f"arc3,rad={rad:.3f}", arrowstyle="-", color=look[0], linestyle=look[1], linewidth=0.9, zorder=2,
        clip_on=False, capstyle="butt",
    )  # fmt: skip
    axes.add_patch(line)
    outline: Any = line.get_path().vertices
    (x, y), (tip_x, tip_y) = outline[-2].tolist(), outline[-1].tolist()
    far = math.hypot(tip_x - x, tip_y - y) or 1.0
    along, across = ((tip_x - x) / far, (tip_y - y) / far), (-(tip_y - y) / far, (tip_x - x) / far)
    back = 0.0 if denies else _HEAD
    corners = [
        (tip_x - along[0] * back + side * across[0] * _HEAD * 0.42, tip_y - along[1] * back + side * across[1] * _HEAD * 0.42)
        for side in (1, -1)
    ]  # fmt: skip
    shape = corners if denies else [(tip_x, tip_y), *corners]
    axes.add_patch(
        Polygon(shape, closed=not denies, facecolor=look[0], edgecolor=look[0], linewidth=1.4 if denies else 0.3, zorder=2, clip_on=False)
    )  # fmt: skip


def _middle(box: FancyBboxPatch) -> tuple[float, float]:
    return box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2


def _key(axes: Axes, looks: dict[str, tuple[str, Any]], counts: Counter[str]) -> None:
    handles = [
        Line2D(
            [], [], color=look[0], linestyle=look[1], linewidth=1.2, label=f"{spoken(kind)} ({counts[kind]})"
        )
        for kind, look in looks.items()
        if look is not _OTHERS
    ]
    rest = [kind for kind, look in looks.items() if look is _OTHERS]
    if rest:
        label = f"{', '.join(map(spoken, rest))} ({sum(counts[kind] for kind in rest)})"
        handles.append(
            Line2D(
                [], [], color=_OTHERS[0], linestyle=_OTHERS[1], linewidth=1.2, label=legible(label, most=70)
            )
        )
    wide = axes.get_xlim()[1] > 6
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, -0.02), ncols=5 if wide else 2, handlelength=3.4,
        borderaxespad=0, fontsize=SMALL + 0.5,
    )  # fmt: skip


def communities(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return each community as a list of its standards, a bar behind each as long as its ties within.

    The table is that of the analysis `communities`.
    """
    with inked():
        if not table:
            return empty(title or "Communities", caption)
        (names,) = named(table, "standard", most=40)
        groups: dict[Plain, list[tuple[str, float]]] = {}
        for group, name, within in zip(table.column("community"), names, table.column("within"), strict=True):
            groups.setdefault(group, []).append((name, number(within)))
        longest = max(within for members in groups.values() for _, within in members) or 1.0
        column_width = max(breadth(name, SMALL) for name in names) + 0.35
        count = max(1, min(len(groups), int(_WIDE / column_width)))
        heights = [0.0] * count
        corners: list[tuple[float, float]] = []
        for members in groups.values():
            place = heights.index(min(heights))
            corners.append((place * column_width, heights[place]))
            heights[place] += _LINE * (len(members) + 2.2)
        figure, axes = sheet(column_width * count, max(heights))
        bare(axes).set_xlim(0, column_width * count)
        axes.set_ylim(max(heights), 0)
        for (group, members), (x, y) in zip(groups.items(), corners, strict=True):
            axes.text(x, y + _LINE / 2, f"{group}", fontsize=SIZE + 1, fontweight="bold", va="center")
            axes.text(
                x + 0.3, y + _LINE / 2, f"{len(members)} standard{'s' if len(members) > 1 else ''}", fontsize=SMALL,
                va="center", color=FAINT,
            )  # fmt: skip
            axes.plot([x, x + column_width - 0.2], [y + _LINE * 1.1] * 2, color=FAINT, linewidth=0.6)
            for at, (name, within) in enumerate(members, 1):
                middle = y + _LINE * (at + 0.75)
                axes.barh(
                    middle,
                    (column_width - 0.2) * within / longest,
                    left=x,
                    height=_LINE * 0.82,
                    color="#CFE3F1",
                )
                axes.text(x + 0.04, middle, name, fontsize=SMALL, va="center")
        quality = sum(number(row["modularity"]) for row in {row["community"]: row for row in table}.values())
        note = f"A bar is as long as a standard's ties within its community. Modularity {quality:.2f} in all."
        return finished(figure, title or "Standards that belong together", f"{note}\n{caption}".rstrip())


class _Stop(NamedTuple):
    """A thing on a path: where its box is, and what leads on from it, by a statement for or against the path."""

    label: str
    middle: float
    width: float
    says: str
    against: bool


def paths(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return paths one below the other, their things as boxes and each step as an arrow that says its relation.

    The table is that of the analysis `paths`, of `Graph.path` or of the question `paths-between`. An arrow to the
    left is a statement that runs against the path. Of several statements of one step the first is drawn.
    """
    with inked():
        if not table:
            return empty(title or "Paths", caption, "No path connects the two.")
        routes = _routes(table)
        costs = (
            dict(zip(_numbers(table), table.column("cost"), strict=True)) if "cost" in table.header else {}
        )
        width = max(stops[-1].middle + stops[-1].width / 2 for stops in routes.values())
        figure, axes = sheet(width + 0.4, _APART * len(routes))
        bare(axes).set_xlim(-0.4, width)
        axes.set_ylim(len(routes) * _APART, 0)
        for at, (key, stops) in enumerate(routes.items()):
            y = (at + 0.6) * _APART
            axes.text(-0.35, y, str(key), fontsize=SIZE, fontweight="bold", va="center")
            boxes = [_box(axes, stop.label, (stop.middle, y), stop.width) for stop in stops]
            for (box, after), (stop, following) in zip(pairwise(boxes), pairwise(stops), strict=True):
                if stop.against:
                    _arrow(axes, (after, box), (VERMILION, "solid"))
                else:
                    _arrow(axes, (box, after), (BLUE, "solid"))
                between = (stop.middle + stop.width / 2 + following.middle - following.width / 2) / 2
                axes.text(between, y - 0.05, stop.says, ha="center", va="bottom", fontsize=SMALL - 0.5)
            if key in costs:
                axes.text(
                    width + 0.15, y, f"{number(costs[key]):g}", fontsize=SMALL, va="center", color=FAINT
                )
        if costs:
            axes.text(width + 0.15, 0.1, "cost", fontsize=SMALL, va="center", color=FAINT)
        return finished(figure, title or "Paths", caption)


def _numbers(table: Table) -> tuple[Plain, ...]:
    return column(table, "route", "path")


def _routes(table: Table) -> dict[Plain, list[_Stop]]:
    """Return the stops of each path, the first at the left."""
    sources, targets = named(table, "source", "target", most=40)
    kinds, against = table.column("relation"), table.column("against")
    # The question tells statements in their own direction, the other two in that of the path.
    stated = "route" in table.header and "cost" not in table.header
    found: dict[Plain, dict[Plain, tuple[str, str, str, bool]]] = {}
    for key, step, source, target, kind, turned in zip(
        _numbers(table), table.column("step"), sources, targets, kinds, against, strict=True
    ):
        ends = (target, source) if turned and stated else (source, target)
        found.setdefault(key, {}).setdefault(step, (*ends, spoken(_kind(kind)), bool(turned)))
    return {key: _stops(list(steps.values())) for key, steps in found.items()}


def _stops(steps: Sequence[tuple[str, str, str, bool]]) -> list[_Stop]:
    things = [steps[0][0], *(target for _, target, _, _ in steps)]
    says = [*((relation, against) for _, _, relation, against in steps), ("", False)]
    stops, x = list[_Stop](), 0.0
    for label, (relation, against) in zip(things, says, strict=True):
        width = breadth(label, SMALL + 0.5) + 2 * _PAD
        stops.append(_Stop(label, x + width / 2, width, relation, against))
        x += width + max(0.5, breadth(relation, SMALL) + 0.25)
    return stops
