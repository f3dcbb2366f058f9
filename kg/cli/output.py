"""What every verb shares: where the graph is, in which form an answer is printed, how progress shows."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg.errors import NotFoundError

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.queries import Table

Verb = TypeVar("Verb", bound=Callable[..., Any])
DEFAULT = Path("graph")


def answers(verb: Verb) -> Verb:
    """Give a verb the option that says in which form it answers."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "csv", "tsv", "ttl"]),
        default="table",
        show_default=True,
        help="How the answer is printed.",
    )(verb)


def over_graph(verb: Verb) -> Verb:
    """Give a verb the options that say which graph it asks: one on this machine, or a server's."""
    verb = click.option(
        "--at", metavar="URL", default="", help="Ask a SPARQL server instead of a graph here."
    )(verb)
    return click.option(
        "-g", "--graph", "place", type=click.Path(path_type=Path), default=DEFAULT, show_default=True,
        help="A folder made by `kg build`, or any RDF file.",
    )(verb)  # fmt: skip


def graph_argument(verb: Verb) -> Verb:
    """Give a verb its graph as an argument, ./graph if none is given."""
    return click.argument("place", metavar="[GRAPH]", type=click.Path(path_type=Path), default=DEFAULT)(verb)


def opened(place: Path) -> Graph:
    """Return the graph at a place; the error says how to make one."""
    from kg.graph import Graph  # noqa: PLC0415  (the verbs that ask nothing start without an engine)

    try:
        return Graph.open(place, notify=told)
    except NotFoundError as error:
        raise NotFoundError(f"{error.message}; make one with `kg build PATH… -o {place}`") from error


def opened_or_reference(place: Path) -> Graph:
    """Return the graph at a place; without one there, the reference dataset that comes with the program."""
    if place != DEFAULT or place.exists():
        return opened(place)
    from kg import pipeline  # noqa: PLC0415

    told("no graph in ./graph: answering from the reference dataset")
    return pipeline.build([], check=False).graph


def told(message: str) -> None:
    """Say something that is no part of the answer."""
    click.echo(message, err=True)


def printed(table: Table, form: str) -> None:
    """Print an answer to stdout, for people as wide as the terminal."""
    if form != "table":
        click.echo(table.to(form), nl=False)
        return
    from kg.queries import rendering  # noqa: PLC0415

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else 0
    colour = terminal and "NO_COLOR" not in os.environ
    click.echo(rendering.text(table, width=width, colour=colour), nl=False)


class Bar:
    """A progress bar on stderr, drawn only where a person watches."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None
        self._done = 0

    def __call__(self, done: int, total: int) -> None:
        """Show how far the work is."""
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._done)
        self._done = done
        if done >= total:
            self.close()

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
