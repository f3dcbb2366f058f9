"""Verbs about lists of controls: what is missing, what is covered, what corresponds, what changed."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg import controls
from kg.cli.output import (
    Verb,
    answers,
    answers_also,
    asked_or_reference,
    over_graph,
    printed,
    told,
    told_left_out,
)
from kg.cli.plotting import plottable, plotted
from kg.errors import KgError, QueryError
from kg.gap import Row, Status

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.remote import RemoteGraph

_SHOWN = 8


def against(verb: Verb) -> Verb:
    """Give a verb its two lists of controls: A, and B or the controls one has."""
    verb = click.option(
        "--have",
        type=click.Path(path_type=Path),
        help="A file with the identifiers of controls you have, instead of B.",
    )(verb)
    verb = click.argument("given", metavar="[B]", required=False)(verb)
    return click.argument("wanted", metavar="A")(verb)


def _rows(
    place: Path, at: str, wanted: str, given: str | None, have: Path | None
) -> tuple[Graph | RemoteGraph, tuple[Row, ...]]:
    graph = asked_or_reference(place, at)
    if (given is None) == (have is None):
        raise QueryError("one list to compare with is needed", hint="name a second list, or give --have FILE")
    identifiers = _identifiers(have) if have else []
    rows = controls.compared(graph, wanted, given, identifiers)
    unknown = controls.placed(graph, wanted, identifiers)[1] if identifiers else ()
    if unknown:
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        told(f"not controls of {wanted}, and not counted: {', '.join(unknown[:_SHOWN])}{more}")
    return graph, rows


def _identifiers(file: Path) -> list[str]:
    """Return the identifiers in a file: the first column of a CSV, or one a line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [row[0].strip() for row in csv.reader(lines) if row and row[0].strip()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KgError(f"{file} cannot be read: {error}") from error


@click.command()
@against
@click.option("--all", "everything", is_flag=True, help="Show what is covered, too.")
@click.option("--in-order", is_flag=True, help="Put first what closes most.")
@over_graph
@answers
@plottable
def gap(
    wanted: str,
    given: str | None,
    have: Path | None,
    place: Path,
    at: str,
    form: str,
    plot: Path | None,
    *,
    everything: bool,
    in_order: bool,
) -> int:
    """Show which controls of A are not covered by B, and how that is known; exit code 1 if there are any.

    \b
    Examples:
      kg gap mars-e-2.2 fedramp-r4-moderate
      kg gap fedramp-r5-moderate --have implemented.csv --in-order
      kg gap mars-e-2.2 nist-800-53-r5 --plot gap.svg
    """  # noqa: D301
    graph, rows = _rows(place, at, wanted, given, have)
    printed(
        controls.to_do_table(rows) if in_order else controls.gap_table(graph, rows, everything=everything),
        form,
    )
    plotted(graph, controls.coverage_table(rows), plot, name="gap", title=f"{wanted}: covered and open")
    return _tally(rows)


def _tally(rows: Sequence[Row]) -> int:
    counts = {status: sum(row.status is status for row in rows) for status in Status}
    told(
        f"{len(rows):,} controls: "
        + ", ".join(f"{count:,} {status.value}" for status, count in counts.items())
    )
    return 0 if counts[Status.COVERED] == len(rows) else 1


@click.command()
@against
@over_graph
@answers
@plottable
def coverage(
    wanted: str, given: str | None, have: Path | None, place: Path, at: str, form: str, plot: Path | None
) -> None:
    """Show what share of A is met by B, by family: in full, in part, unknown, not at all.

    \b
    Examples:
      kg coverage mars-e-2.2 fedramp-r4-moderate
      kg coverage mars-e-2.2 nist-800-53-r5 --plot coverage.svg
    """  # noqa: D301
    graph, rows = _rows(place, at, wanted, given, have)
    table = controls.coverage_table(rows)
    printed(table, form)
    by = f" by {given}" if given else ""
    plotted(graph, table, plot, title=f"How far {wanted} is covered{by}")


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@click.option(
    "--all-licences", is_flag=True, help="Keep in a file of mappings what may be used, but not handed on."
)
@over_graph
@answers_also("sssom", "oscal")
def crosswalk(one: str, other: str, place: Path, at: str, form: str, *, all_licences: bool) -> int:
    """List the mappings between the controls of two lists, stated and derived, with their sources.

    `sssom` prints SSSOM TSV, `oscal` an OSCAL mapping-collection; both leave out what a licence without
    derivatives covers.

    \b
    Examples:
      kg crosswalk nist-800-53-r5 nist-800-53-r4 --format csv
      kg crosswalk nist-800-53-r5 iso-27001-2022 --format oscal
    """  # noqa: D301
    graph = asked_or_reference(place, at)
    table = controls.crosswalk_table(graph, one, other)
    if form not in {"sssom", "oscal"}:
        printed(table, form)
        return 0 if len(table) else 1
    from kg import formats  # noqa: PLC0415  (only these two forms need it)

    mappings = formats.of(graph, table, f"{one} to {other}", all_licences=all_licences)
    told_left_out(mappings.left_out)
    click.echo(formats.text(mappings, form), nl=False)
    return 0 if mappings.rows else 1


@click.command()
@click.argument("former", metavar="FORMER")
@click.argument("latter", metavar="LATER")
@over_graph
@answers
@plottable
def changes(former: str, latter: str, place: Path, at: str, form: str, plot: Path | None) -> int:
    """Show what changed from one edition of a catalog to a later one.

    \b
    Examples:
      kg changes nist-800-53-r4 nist-800-53-r5
      kg changes nist-800-53-r4 nist-800-53-r5 --plot changes.svg
    """  # noqa: D301
    graph = asked_or_reference(place, at)
    table = controls.changes_table(graph, former, latter)
    printed(table, form)
    plotted(graph, table, plot, title=f"From {former} to {latter}")
    return 0 if len(table) else 1


@click.command()
@click.argument("start", metavar="A")
@click.argument("end", metavar="B")
@click.option(
    "--best",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="How many paths by evidence to show besides the shortest.",
)
@over_graph
@answers
@plottable
def path(start: str, end: str, best: int, place: Path, at: str, form: str, plot: Path | None) -> int:
    """Show how two things are connected: all shortest paths, and the best by evidence, step by step.

    \b
    Example:
      kg path "MARS-E 2.0" FedRAMP
    """  # noqa: D301
    graph = asked_or_reference(place, at)
    table = graph.path(start, end, best=best)
    printed(table, form)
    plotted(graph, table, plot, title=f"From {start} to {end}")
    return 0 if len(table) else 1
