"""What every picture shares: ink, letters, measures, title and caption, and the bytes it is saved as."""

from __future__ import annotations

import io
import re
import textwrap
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.textpath import text_to_path

from kg.errors import KgError, NotFoundError

# M. Okabe and K. Ito, Color Universal Design, 2008: told apart with every kind of colour vision.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
INK, FAINT, PALE = "#222222", "#666666", "#E6E6E6"
SIZE, SMALL = 8.0, 6.5  # of letters, in points
_POINTS = 72.0  # to an inch
_GAP = 0.12  # between a picture and its title or caption, in inches
_FORMS = ("svg", "png", "pdf")
# Families with the signs of Chinese, Japanese and Korean, where one is installed; the first is our own letters'.
_FAMILIES = (
    "DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Source Han Sans", "WenQuanYi Micro Hei",
    "IPAexGothic", "Hiragino Sans", "PingFang SC", "Microsoft YaHei", "Yu Gothic", "Arial Unicode MS",
)  # fmt: skip
# What a file of pictures cannot hold, or what turns the direction of all that follows.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


@contextmanager
def inked() -> Iterator[None]:
    """Draw with our letters and lines, and leave the settings of matplotlib as they were."""
    settings: Any = {
        "font.family": list(families()),
        "font.size": SIZE,
        "text.parse_math": False,
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": SIZE,
        "xtick.color": INK,
        "ytick.color": INK,
        "hatch.linewidth": 0.6,
        "legend.frameon": False,
        "legend.fontsize": SIZE - 0.5,
        "svg.fonttype": "none",
        "svg.hashsalt": "compliance-kg",
        "pdf.fonttype": 42,
    }
    with mpl.rc_context(settings):
        yield


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Return the families of letters that are installed, in the order they are tried."""
    known = set(font_manager.get_font_names())
    return tuple(name for name in _FAMILIES if name in known) or ("sans-serif",)


@lru_cache(maxsize=1)
def _signs() -> frozenset[int]:
    """Return the code points that the families have signs for."""
    found: set[int] = set()
    for name in families():
        path = font_manager.findfont(font_manager.FontProperties(family=[name]))
        found |= set(font_manager.get_font(path).get_charmap())
    return frozenset(found)


def legible(label: object, iri: object = None, *, most: int = 60) -> str:
    """Return a label on one line and of at most so many signs.

    Where no letters for it are installed, the last part of the thing's IRI stands for it, if there is one.
    """
    said = " ".join(_UNSEEN.sub("", str("" if label is None else label)).split())
    marks = {ord(sign) for sign in said if not unicodedata.combining(sign)}
    key = str(iri or "").rstrip("/").rpartition("/")[2]
    if key and (not said or not marks <= _signs()):
        said = _UNSEEN.sub("", key)
    if len(said) <= most:
        return said
    # From the middle: names differ at their beginning or end.
    head = (most - 1) * 3 // 5
    return f"{said[:head].rstrip()}…{said[head + 1 - most :].lstrip()}"


@lru_cache(maxsize=4096)
def breadth(text: str, size: float = SIZE) -> float:
    """Return how wide a text is in inches."""
    letters = font_manager.FontProperties(family=list(families()), size=size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a sign that is not there is as wide as its box
        width, _, _ = text_to_path.get_text_width_height_descent(text, letters, ismath=False)
    return float(width) / _POINTS


class Picture(Figure):
    """A figure that a notebook shows as it would be saved, whichever way its own figures are shown."""

    def _repr_svg_(self) -> str:
        return rendered(self).decode()


def sheet(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure with one drawing area of that size in inches; what stands around it takes its own room."""
    figure = Picture(figsize=(max(width, 0.1), max(height, 0.1)), facecolor="white")
    FigureCanvasAgg(figure)
    return figure, figure.add_axes((0.0, 0.0, 1.0, 1.0))


def bare(axes: Axes) -> Axes:
    """Return a drawing area without lines and ticks around it."""
    axes.set_axis_off()
    return axes


def finished(figure: Figure, title: str, caption: str) -> Figure:
    """Return a figure with its title above and its caption below all that is drawn, both aligned left."""
    bounds = figure.get_tightbbox(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    width, height = figure.get_size_inches()
    left = bounds.x0 / width
    if title:
        figure.text(
            left, (bounds.y1 + _GAP) / height, legible(title, most=200), ha="left", va="bottom",
            fontsize=SIZE + 2, fontweight="bold",
        )  # fmt: skip
    if caption:
        signs = max(50, int((bounds.x1 - bounds.x0) / breadth("n", SMALL)))
        lines = [
            line for part in caption.splitlines() for line in textwrap.wrap(_UNSEEN.sub("", part), signs)
        ]
        figure.text(
            left, (bounds.y0 - _GAP) / height, "\n".join(lines), ha="left", va="top", fontsize=SMALL, color=FAINT,
            linespacing=1.4,
        )  # fmt: skip
    return figure


def empty(title: str, caption: str, says: str = "There is nothing to draw: the table has no rows.") -> Figure:
    """Return a figure that says that there is nothing to see."""
    figure, axes = sheet(5.0, 1.2)
    bare(axes).text(0.5, 0.5, says, ha="center", va="center", fontsize=SIZE + 1, color=FAINT)
    return finished(figure, title, caption)


def rendered(figure: Figure, form: str = "svg") -> bytes:
    """Return a figure as SVG, PNG or PDF; the same figure gives the same bytes.

    The text of an SVG stays text: it can be searched, and a reader's own letters show what none here could.
    """
    if form not in _FORMS:
        raise NotFoundError(f"a picture has no format {form!r}", _FORMS)
    target = io.BytesIO()
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[form]
    with inked(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Glyph", category=UserWarning)
        figure.savefig(target, format=form, bbox_inches="tight", pad_inches=0.1, metadata=metadata, dpi=200)
    return target.getvalue()


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure to a file in the format of its suffix: `.svg`, `.png` or `.pdf`; return the path."""
    place = Path(path)
    content = rendered(figure, place.suffix[1:].lower())
    beside = place.with_name(f".{place.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(place)
    except OSError as error:
        raise KgError(f"{place} cannot be written: {error.strerror or error}") from error
    return place
