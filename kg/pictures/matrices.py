"""Heat maps: services by standards, cloud by cloud, and how alike each two things are."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from kg.pictures.canvas import (
    BLACK,
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    SMALL,
    VERMILION,
    YELLOW,
    empty,
    finished,
    inked,
    sheet,
)  # fmt: skip
from kg.pictures.columns import column, named, number, ranked
from kg.queries.table import Table

_CELL = 0.17  # inches
_NO_CLOUD = "no cloud named"
# Dark and light by turns, so that neighbours differ in grey as well; the place in the cell says the same.
_INKS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY, BLACK, YELLOW)
_HEAT = LinearSegmentedColormap.from_list("heat", ["#EAF2F8", SKY, BLUE, "#00243B"])

Cells = dict[tuple[str, str], dict[str, float]]


def scope(table: Table, *, title: str = "", caption: str = "") -> Figure:
    """Return services by standards: a mark where one is in scope of the other, in a place of its own for each cloud.

    The table has service and standard (or addressed), and may have cloud and documents, as those of the analysis
    `scope` and the question `scope-matrix` do. Both sides begin with what has most. Without clouds, the darker a
    cell, the more documents list the service.
    """
    with inked():
        if not table:
            return empty(title or "Services in scope", caption)
        (services,) = named(table, "service", most=48)
        (standards,) = named(table, "standard" if "standard" in table.header else "addressed", most=44)
        (clouds,) = named(table, "cloud") if "cloud" in table.header else ([""] * len(table),)
        documents = (
            map(number, table.column("documents")) if "documents" in table.header else [1.0] * len(table)
        )
        cells: Cells = {}
        for service, standard, cloud, count in zip(services, standards, clouds, documents, strict=True):
            cells.setdefault((service, standard), {})[cloud] = count
        rows = ranked((service, 1) for service, _ in cells)
        across = ranked((standard, 1) for _, standard in cells)
        figure, axes = _grid(rows, across)
        if any(clouds):
            _by_cloud(axes, cells, rows, across, ranked((cloud, 1) for cloud in clouds if cloud))
        else:
            _by_count(axes, cells, rows, across)
        return finished(figure, title or "Services in scope of standards", caption)


def similarity(table: Table, *, title: str = "", caption: str = "", most: int = 40) -> Figure:
    """Return how alike each two things are, the darker the more; those with most in common stand together.

    The table is that of the analysis `similar`; of more than `most` things those most like others are drawn.
    """
    with inked():
        if not table:
            return empty(title or "Similarity", caption)
        ones, others = named(table, "one", "other", most=72)
        pairs = list(zip(ones, others, map(number, column(table, "similarity")), strict=True))
        shares = {(one, other): share for one, other, share in pairs} | {
            (other, one): share for one, other, share in pairs
        }
        things = ranked((end, share) for one, other, share in pairs for end in (one, other))
        order = _chained(sorted(things[:most]), shares)
        numbers = [str(place) for place in range(1, len(order) + 1)]
        figure, axes = _grid(
            [f"{name}  {at:>2}" for name, at in zip(order, numbers, strict=True)], numbers, rotation=0
        )
        for y, one in enumerate(order):
            for x, other in enumerate(order):
                share = 1.0 if one == other else shares.get((one, other), 0.0)
                if share:
                    ink = PALE if one == other else _HEAT(share)
                    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=ink, edgecolor="white", linewidth=0.4))
        _scale(
            axes,
            [(0.05, "0.05"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1")],
            "share of what\neither has",
            len(order),
        )
        note = f"The {most} of {len(things)} with most in common." if len(things) > most else ""
        return finished(figure, title or "How much each two share", "\n".join(filter(None, (note, caption))))


def _chained(things: list[str], shares: dict[tuple[str, str], float]) -> list[str]:
    """Return things so that each stands beside one it is like: always the one most like the last few."""
    left, order = list(things), list[str]()
    while left:
        near = order[-3:]
        best = max(
            left,
            key=lambda thing: sum(shares.get((thing, other), 0.0) for other in (near or left)),
        )
        left.remove(best)
        order.append(best)
    return order


def _grid(rows: list[str], across: list[str], *, rotation: int = 55) -> tuple[Figure, Axes]:
    """Return an area with a square for each row and column, named on the left and on top."""
    figure, axes = sheet(_CELL * len(across), _CELL * len(rows))
    axes.set_xlim(0, len(across))
    axes.set_ylim(len(rows), 0)
    axes.set_yticks([y + 0.5 for y in range(len(rows))], rows, fontsize=SMALL)
    axes.set_xticks(
        [x + 0.5 for x in range(len(across))],
        across,
        fontsize=SMALL,
        rotation=rotation,
        ha="left" if rotation else "center",
        rotation_mode="anchor",
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=2)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for y in range(len(rows) + 1):
        axes.axhline(y, color=PALE, linewidth=1.0 if y % 5 == 0 else 0.4, zorder=0)
    for x in range(len(across) + 1):
        axes.axvline(x, color=PALE, linewidth=1.0 if x % 5 == 0 else 0.4, zorder=0)
    return figure, axes


def _by_cloud(axes: Axes, cells: Cells, rows: list[str], across: list[str], clouds: list[str]) -> None:
    """Draw a bar in each cell for each cloud, and a frame where no cloud is named."""
    width = 0.84 / len(clouds)
    for place, cloud in enumerate(clouds):
        bars = [
            _box(x + 0.08 + place * width, y + 0.1, width * 0.92, 0.8)
            for y, row in enumerate(rows)
            for x, name in enumerate(across)
            if cloud in cells.get((row, name), ())
        ]
        axes.add_collection(PolyCollection(bars, facecolors=_INKS[place % len(_INKS)], edgecolors="none"))
    frames = [
        _box(x + 0.12, y + 0.14, 0.76, 0.72)
        for y, row in enumerate(rows)
        for x, name in enumerate(across)
        if set(cells.get((row, name), ())) == {""}
    ]
    axes.add_collection(PolyCollection(frames, facecolors="#BBBBBB", edgecolors=FAINT, linewidths=0.4))
    _key(axes, clouds, bool(frames), len(across))


def _key(axes: Axes, clouds: list[str], frames: bool, columns: int) -> None:
    """Draw one large cell that says which place is which cloud's."""
    left, top, size = columns + 1.0, 0.3, 2.6
    axes.text(left, top - 0.25, "place in a cell", fontsize=SMALL, color=FAINT, va="bottom")
    width = 0.84 * size / len(clouds)
    axes.add_patch(
        Rectangle((left, top), size, size, fill=False, edgecolor=FAINT, linewidth=0.5, clip_on=False)
    )
    for place, cloud in enumerate(clouds):
        x, ink = left + 0.08 * size + place * width, _INKS[place % len(_INKS)]
        axes.add_patch(
            Rectangle((x, top + 0.1 * size), width * 0.92, 0.8 * size, facecolor=ink, clip_on=False)
        )
        y = top + size + 0.9 + place * 1.15
        axes.plot(
            [x + width * 0.46, x + width * 0.46, left + size + 0.15], [top + size, y, y],
            color=FAINT, linewidth=0.5, clip_on=False,
        )  # fmt: skip
        axes.text(left + size + 0.3, y, cloud, fontsize=SMALL, va="center")
    if frames:
        y = top + size + 0.9 + len(clouds) * 1.15 + 0.6
        axes.add_patch(
            Rectangle(
                (left + size - 0.9, y - 0.4),
                0.76,
                0.72,
                facecolor="#BBBBBB",
                edgecolor=FAINT,
                linewidth=0.4,
                clip_on=False,
            )
        )
        axes.text(left + size + 0.3, y, _NO_CLOUD, fontsize=SMALL, va="center")


def _by_count(axes: Axes, cells: Cells, rows: list[str], across: list[str]) -> None:
    counts = {pair: sum(found.values()) for pair, found in cells.items()}
    largest = max(counts.values())
    for y, row in enumerate(rows):
        for x, name in enumerate(across):
            if (row, name) in counts:
                share = counts[row, name] / largest
                ink = _HEAT(0.15 + 0.85 * share)
                axes.add_patch(
                    Rectangle((x + 0.06, y + 0.06), 0.88, 0.88, facecolor=ink, edgecolor=FAINT, linewidth=0.3)
                )
    steps = sorted({1, round(largest / 2) or 1, round(largest)})
    _scale(axes, [(0.15 + 0.85 * step / largest, str(step)) for step in steps], "documents", len(across))


def _scale(axes: Axes, steps: list[tuple[float, str]], says: str, columns: int) -> None:
    handles = [
        Patch(facecolor=_HEAT(share), edgecolor=FAINT, linewidth=0.3, label=label) for share, label in steps
    ]
    legend = axes.legend(
        handles=handles, title=says, loc="upper left", bbox_to_anchor=(columns + 0.6, 0), bbox_transform=axes.transData,
        title_fontsize=SMALL, fontsize=SMALL, alignment="left", borderaxespad=0, handlelength=1.2, handleheight=1.2,
    )  # fmt: skip
    legend.get_title().set_color(INK)


def _box(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
