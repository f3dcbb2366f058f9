"""What every verb shares: where the graph is, in which form an answer is printed, how progress shows."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg.errors import NotFoundError

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.queries import Table, Words
    from kg.remote import RemoteGraph

Verb = TypeVar("Verb", bound=Callable[..., Any])
DEFAULT = Path("graph")
BOLD, DIM, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def answers(verb: Verb) -> Verb:
    """Give a verb the option that says in which form it answers."""
    return answers_also()(verb)


def answers_also(*forms: str) -> Callable[[Verb], Verb]:
    """Give a verb the option that says in which form it answers, with forms only this verb has."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "csv", "tsv", "ttl", *forms]),
        default="table",
        show_default=True,
        help="How the answer is printed.",
    )


def at_server(verb: Verb) -> Verb:
    """Give a verb the option that names a server to ask."""
    return click.option(
        "--at", metavar="URL", default="", help="Ask a SPARQL server instead of a graph here."
    )(verb)


def over_graph(verb: Verb) -> Verb:
    """Give a verb the options that say which graph it asks: one on this machine, or a server's."""
    verb = at_server(verb)
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


def asked(place: Path, at: str) -> Graph | RemoteGraph:
    """Return the graph of a server where one is named, else the one at a place."""
    if not at:
        return opened(place)
    from kg.remote import connect  # noqa: PLC0415

    graph = connect(at)
    if graph.caution:
        told(f"careful: {graph.caution}")
    return graph


def opened_or_reference(place: Path) -> Graph:
    """Return the graph at a place; without one there, the reference dataset that comes with the program."""
    if place != DEFAULT or place.exists():
        return opened(place)
    from kg import pipeline  # noqa: PLC0415

    told("no graph in ./graph: answering from the reference dataset")
    return pipeline.build([], check=False).graph


def asked_or_reference(place: Path, at: str) -> Graph | RemoteGraph:
    """Return the graph of a server where one is named, else the one at a place, else the reference dataset."""
    return asked(place, at) if at else opened_or_reference(place)


@contextmanager
def ended_at_once() -> Iterator[None]:
    """Let an interrupt end the program: the engine does not look up from a query before it has answered it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def told(message: str) -> None:
    """Say something that is no part of the answer."""
    click.echo(message, err=True)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say on stderr what is being done and since when, where a person watches; nothing for the first second."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()

    def show() -> None:
        seconds = 1
        while not done.wait(1):
            click.echo(f"\r{what} … {seconds} s", err=True, nl=False)
            seconds += 1
        if seconds > 1:
            click.echo("\r\x1b[K", err=True, nl=False)

    clock = threading.Thread(target=show, daemon=True)
    clock.start()
    try:
        yield
    finally:
        done.set()
        clock.join()


def told_meaning(what: str, said: str, thing: str, words: Words) -> None:
    """Say which thing was meant, by its IRI, where what was said is not simply its name."""
    from kg.queries.binding import named  # noqa: PLC0415  (the verbs that ask nothing start without an engine)
    from kg.queries.rendering import short  # noqa: PLC0415

    if named(said) is None and (label := words.label(thing)).casefold() != said.casefold():
        told(f"{what}: {label} ({short(thing)})")


def told_left_out(graphs: Sequence[str]) -> None:
    """Say which sources are not handed on, and how they would be."""
    if graphs:
        told("left out, as their licences forbid to hand on derivatives (--all-licences takes them in):")
    for graph in graphs:
        told(f"  {graph}")


def printed(table: Table, form: str, *, fold: bool = False) -> int:
    """Print an answer to stdout, for people as wide as the terminal; return how many rows were shown.

    For people, with `fold`, rows that say the same and differ in their evidence only are one.
    """
    if form != "table":
        click.echo(table.to(form), nl=False)
        return len(table)
    from kg.queries import rendering  # noqa: PLC0415

    people = rendering.for_people(table, fold=fold)
    click.echo(rendering.aligned(people, width=terminal_width(), colour=coloured()), nl=False)
    return len(people)


def terminal_width() -> int:
    """Return how wide the terminal is, 0 where the answer goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def coloured() -> bool:
    """Whether a person watches who wants colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def styled(words: str, style: str) -> str:
    """Return words in a style (`BOLD`, `DIM`) where colours are wanted."""
    return f"{style}{words}{_OFF}" if coloured() else words


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
