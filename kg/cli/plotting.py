"""The option `--plot`: an answer as a picture beside the answer itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.output import Verb, told

if TYPE_CHECKING:
    from kg.answering import Answering
    from kg.queries import Table

_SUFFIXES = (".svg", ".png", ".pdf")


def plottable(verb: Verb) -> Verb:
    """Give a verb the option that draws its answer to a file."""
    return click.option(
        "--plot",
        type=click.Path(path_type=Path),
        callback=_drawable,
        metavar="FILE",
        help="Draw the answer as well, to a file that ends in .svg, .png or .pdf.",
    )(verb)


def _drawable(ctx: click.Context, param: click.Parameter, place: Path | None) -> Path | None:
    """Refuse another kind of file before any work is done."""
    if place is not None and place.suffix.lower() not in _SUFFIXES:
        raise click.BadParameter(f"a picture ends in {', '.join(_SUFFIXES)}, not {place.name!r}", ctx, param)
    return place


def plotted(graph: Answering, table: Table, place: Path | None, *, name: str = "", title: str = "") -> None:
    """Draw an answer to a file, where one was given."""
    if place is None:
        return
    from kg import pictures  # noqa: PLC0415  (needs the extra `plots`)

    told(f"drawn to {pictures.save(graph.draw(table, name, title=title), place)}")
