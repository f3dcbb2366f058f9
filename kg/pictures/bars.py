"""Bars: how far each family is covered, and any number by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from kg.errors import QueryError
from kg.pictures.canvas import (
    BLUE,
    FAINT,
    SKY,
    SMALL,
    VERMILION,
    empty,
    finished,
    inked,
    sheet,
)  # fmt: skip
from kg.pictures.columns import column, named, number
from kg.queries.table import Table
from kg.queries.words import local, spoken

# Each status by colour, lightness and pattern, so that grey and any kind of colour vision tell them apart.
STATUS: Mapping[str, Mapping[str, Any]] = {
    "covered": {"facecolor": BLUE, "hatch": "", "edgecolor": "white"},
    "partial": {"facecolor": SKY, "hatch": "////", "edgecolor": "white"},
    "unknown": {"facecolor": "#EEEEEE", "hatch": "....", "edgecolor": FAINT},
    "missing": {"facecolor": "#F6C9A8", "hatch": "xxxx", "edgecolor": VERMILION},
}
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "withdrawn": STATUS["missing"],
    "added": STATUS["covered"],
    "retitled": STATUS["partial"],
}
_ROW = 0.21  # inches
_WIDE = 4.2
_ALL = "all"


def coverage(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return for each family how many of its controls are covered, in part, unknown or missing, as shares of it.

    The table is that of `Graph.coverage`, with or without its last row for the whole list, or of `Graph.gap` with
    everything. Families stand in alphabetical order, the whole list apart at the bottom.
    """
    with inked():
        counts = by_family(table)
        families = sorted(counts)
        if not families:
            return empty(title or "Coverage", caption)
        whole = {status: sum(counts[family][status] for family in families) for status in STATUS}
        places = {family: float(at) for at, family in enumerate(families)} | {_ALL: len(families) + 0.5}
        figure, axes = sheet(_WIDE, _ROW * (len(families) + 1.5))
        for family, place in places.items():
            held = whole if family == _ALL else counts[family]
            total, start = sum(held.values()), 0.0
            for status in (each for each in STATUS if held[each]):
                share = held[status] / total
                axes.barh(place, share, left=start, height=0.78, linewidth=0.5, **STATUS[status])
                start += share
            axes.text(
                1.02, place, f"{held['covered']} of {total}", va="center", fontsize=SMALL,
                fontweight="bold" if family == _ALL else "normal",
            )  # fmt: skip
        axes.set_yticks(list(places.values()), list(places), fontsize=SMALL + 0.5)
        axes.set_ylim(len(families) + 1, -0.55)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"], fontsize=SMALL)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.text(1.02, -0.75, "covered", fontsize=SMALL, color=FAINT, va="bottom")
        axes.legend(
            handles=legend(status for status in STATUS if whole[status]),
            loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, handlelength=1.6, columnspacing=1.2, borderaxespad=0.2,
        )  # fmt: skip
        return finished(figure, title or "Controls covered, by family", caption)


def changes(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return for each family how many controls an edition withdrew, to the left, and added or retitled, to the right.

    The table is that of `Graph.changes`; a control that went into several others counts once.
    """
    with inked():
        if not table:
            return empty(title or "Changes", caption, "Nothing changed.")
        pairs = sorted(
            set(zip(map(str, column(table, "control")), map(str, column(table, "change")), strict=True))
        )
        counts: dict[str, dict[str, int]] = {}
        for control, change in pairs:
            if change not in CHANGES:
                raise QueryError(f"{change!r} is no change of a control", hint=f"one of {', '.join(CHANGES)}")
            counts.setdefault(_family(control), dict.fromkeys(CHANGES, 0))[change] += 1
        families = sorted(counts)
        figure, axes = sheet(_WIDE, _ROW * len(families))
        for place, family in enumerate(families):
            ends = [0, 0]  # to the left and to the right
            for change, look in CHANGES.items():
                count, side = counts[family][change], int(change != "withdrawn")
                if not count:
                    continue
                sign = 1 if side else -1
                axes.barh(place, sign * count, left=ends[side], height=0.78, linewidth=0.5, **look)
                ends[side] += sign * count
            for end, align in zip(ends, ("right", "left"), strict=True):
                if end:
                    axes.annotate(
                        f"{abs(end)}", (end, place), (4 if end > 0 else -4, 0), textcoords="offset points", ha=align,
                        va="center", fontsize=SMALL,
                    )  # fmt: skip
        axes.axvline(0, color=FAINT, linewidth=0.8)
        axes.set_yticks(range(len(families)), families, fontsize=SMALL + 0.5)
        axes.set_ylim(len(families) - 0.4, -0.6)
        axes.set_xticks([])
        axes.margins(x=0.06)
        axes.tick_params(axis="y", length=0)
        for side_name in ("left", "bottom"):
            axes.spines[side_name].set_visible(False)
        present = [change for change in CHANGES if any(held[change] for held in counts.values())]
        axes.legend(
            handles=[Patch(label=change, linewidth=0.5, **CHANGES[change]) for change in present],
            loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, handlelength=1.6, columnspacing=1.2, borderaxespad=0.2,
        )  # fmt: skip
        return finished(figure, title or "What changed from one edition to the next, by family", caption)


def _family(control: str) -> str:
    """Return the family in the identifier of a control: `AC` of `ac-2.1`, `A.5` of `a.5.1`."""
    key = local(control)
    return (key.partition("-")[0] if "-" in key else key.rpartition(".")[0] or key).upper()


def by_family(table: Table) -> dict[str, dict[str, int]]:
    """Return how many controls of each family have each status, of a table of counts or one of controls."""
    counts: dict[str, dict[str, int]] = {}
    if "status" in table.header:
        for family, status in zip(column(table, "family"), column(table, "status"), strict=True):
            held = counts.setdefault(str(family), dict.fromkeys(STATUS, 0))
            if status not in held:
                raise QueryError(f"{status!r} is no status of a control", hint=f"one of {', '.join(STATUS)}")
            held[str(status)] += 1
        return counts
    for row in table:
        family = str(row.get("family", ""))
        if family != _ALL:
            counts[family] = {status: int(number(row.get(status))) for status in STATUS}
    return {family: held for family, held in counts.items() if sum(held.values())}


def legend(states: Iterable[str]) -> list[Patch]:
    """Return the keys of a legend for these states."""
    return [Patch(label=status, linewidth=0.5, **STATUS[status]) for status in states]


def ranking(
    table: Table, *, name: str = "", value: str = "", title: str = "", caption: str = "", most: int = 30
) -> Figure:
    """Return the numbers of a column by name, as dots on lines, the first `most` rows in the order of the table.

    `name` and `value` are columns; without, the first column of things (or of texts) and the first of numbers that
    is no rank. QueryError for a table with nothing to name or to count.
    """
    with inked():
        if not table:
            return empty(title or "Ranking", caption)
        label = name or _first(table, str)
        counted = value or _first(table, float, int)
        names = named(table, label, most=52)[0][:most]
        values = [number(cell) for cell in column(table, counted)[:most]]
        figure, axes = sheet(_WIDE, _ROW * len(names))
        places = range(len(names))
        axes.hlines(places, 0, values, color=SKY, linewidth=2.2)
        axes.plot(values, places, "o", color=BLUE, markersize=4.2, clip_on=False)
        digits = 0 if all(cell == int(cell) for cell in values) else 3
        for place, cell in zip(places, values, strict=True):
            axes.annotate(
                f"{cell:,.{digits}f}",
                (cell, place),
                (6, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
            )
        axes.set_yticks(list(places), names, fontsize=SMALL + 0.5)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(min(0.0, *values, 0.0), max(*values, 0.0) or 1.0)
        axes.set_xticks([])
        axes.tick_params(axis="y", length=0)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        note = f"The first {most} of {len(table):,}." if len(table) > most else ""
        heading = title or f"{_spoken(counted).capitalize()} by {_spoken(label)}"
        return finished(figure, heading, "\n".join(filter(None, (note, caption))))


def steps(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return how a cover grows: a bar for what each step adds, beginning where the one before ended.

    The table is that of the analysis `cover`.
    """
    with inked():
        if not table:
            return empty(title or "Cover", caption, "Nothing covers any of what is wanted.")
        (names,) = named(table, "chosen")
        adds, covered = (list(map(number, column(table, each))) for each in ("adds", "covered"))
        total = max(map(number, column(table, "total")))
        figure, axes = sheet(_WIDE, _ROW * (len(names) + 0.5))
        for place, (add, end) in enumerate(zip(adds, covered, strict=True)):
            axes.barh(place, end - add, height=0.7, facecolor="#E3EDF4", edgecolor="none")
            axes.barh(
                place, add, left=end - add, height=0.7, facecolor=BLUE, edgecolor="white", linewidth=0.5
            )
            before = end - add > total / 10  # there is room where the bars before have been
            axes.annotate(
                f"+{add:,.0f}", (end - add if before else end, place), (-4 if before else 4, 0), va="center",
                textcoords="offset points", ha="right" if before else "left", fontsize=SMALL,
            )  # fmt: skip
        axes.axvline(total, color=VERMILION, linewidth=0.9, linestyle=(0, (4, 2)))
        axes.text(
            total, -0.75, f"wanted: {total:,.0f}", ha="right", va="bottom", fontsize=SMALL, color=VERMILION
        )
        axes.set_yticks(
            range(len(names)), [f"{name}   {at}" for at, name in enumerate(names, 1)], fontsize=SMALL + 0.5
        )
        axes.set_ylim(len(names) - 0.4, -0.7)
        axes.set_xlim(0, total * 1.02)
        axes.set_xlabel("covered so far", fontsize=SMALL + 0.5)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=SMALL)
        axes.spines["left"].set_visible(False)
        return finished(
            figure, title or "The fewest that together cover what is wanted", f"{_proof(table)}\n{caption}"
        )


def _proof(table: Table) -> str:
    row = next(iter(table))
    said = (
        "Fewer cannot do (branch and bound)."
        if row["optimal"]
        else f"At most {row['bound']} times the fewest (greedy choice, Chvátal 1979)."
    )
    left = int(number(row["uncoverable"]))
    return f"{said} {left:,} of those wanted nothing covers." if left else said


def _first(table: Table, *kinds: type) -> str:
    """Return the first column of a table that holds texts, or numbers that are no rank."""
    for name in table.header:
        values = [value for value in table.column(name) if value is not None]
        counts = name not in {"rank", "step", "route", "number", "line", "community"}
        if (
            values
            and counts
            and all(isinstance(value, kinds) and not isinstance(value, bool) for value in values)
        ):
            return name
    wanted = "texts" if str in kinds else "numbers"
    raise QueryError(f"there is nothing to draw: the table has no column of {wanted}")


def _spoken(name: str) -> str:
    return spoken(name.removesuffix("Label"))
