"""Verbs that look at a graph as a network: each an analysis of `kg.network`, by the same name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kg.cli.output import Verb, answers, asked_or_reference, over_graph, printed, told
from kg.cli.plotting import plottable, plotted


@click.group(invoke_without_command=True)
@click.pass_context
def network(ctx: click.Context) -> None:
    """Analyse a graph as a network.

    \b
    Examples:
      kg network hubs                           the standards that others rest on
      kg network relations "MARS-E" --plot map.svg
      kg network cover mars-e-2.2               the fewest lists that together cover another
    """  # noqa: D301
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def analysing(verb: Verb) -> Verb:
    """Give a verb what every analysis takes: the graph, the form of the answer, and its picture."""
    return over_graph(answers(plottable(verb)))


def by_edition(verb: Verb) -> Verb:
    """Give a verb the option that keeps the editions of a standard apart."""
    return click.option("--editions", is_flag=True, help="Count each edition and level for itself.")(verb)


def _answered(
    place: Path, at: str, form: str, plot: Path | None, name: str, *things: str, **options: Any
) -> int:
    graph = asked_or_reference(place, at)
    table = graph.analyse(name, *things, **options)
    printed(table, form)
    plotted(graph, table, plot)
    return 0 if len(table) else 1


@network.command()
@click.option(
    "--by", default="pagerank", show_default=True, help="The measure: pagerank, betweenness, in or out."
)
@by_edition
@analysing
def hubs(place: Path, at: str, form: str, plot: Path | None, by: str, *, editions: bool) -> int:
    """Show the standards that others rest on, by several measures.

    \b
    Example:
      kg network hubs --by betweenness --plot hubs.svg
    """  # noqa: D301
    return _answered(place, at, form, plot, "hubs", by=by, editions=editions)


@network.command()
@click.option("--resolution", type=float, default=1.0, show_default=True, help="More gives smaller ones.")
@by_edition
@analysing
def communities(
    place: Path, at: str, form: str, plot: Path | None, resolution: float, *, editions: bool
) -> int:
    """Show which standards belong together, going by the relations between them.

    \b
    Example:
      kg network communities --plot communities.svg
    """  # noqa: D301
    return _answered(place, at, form, plot, "communities", resolution=resolution, editions=editions)


@network.command()
@click.option(
    "--of", default="offerings", show_default=True, help="What to compare: offerings, or standards (lists of controls)."
)  # fmt: skip
@click.option("--least", type=float, default=0.0, show_default=True, help="Leave out what is less alike.")
@analysing
def similar(place: Path, at: str, form: str, plot: Path | None, of: str, least: float) -> int:
    """Show how alike offerings are by their services, or lists by the controls they share.

    \b
    Examples:
      kg network similar --least 0.8
      kg network similar --of standards --plot similar.svg
    """  # noqa: D301
    return _answered(place, at, form, plot, "similar", of=of, least=least)


@network.command()
@click.argument("wanted", nargs=-1)
@click.option("--by", metavar="LIST", help="Cover with single controls of this list.")
@click.option("--services", is_flag=True, help="What is wanted are services: cover them with offerings.")
@analysing
def cover(
    wanted: tuple[str, ...], place: Path, at: str, form: str, plot: Path | None, by: str | None, *, services: bool
) -> int:  # fmt: skip
    """Show the fewest things that together cover what is wanted; exit code 1 if nothing covers any of it.

    Lists of controls, or the controls of one, for a list of controls; offerings for services, for all of them
    without any named.

    \b
    Examples:
      kg network cover mars-e-2.2
      kg network cover mars-e-2.2 --by nist-800-53-r5
      kg network cover Intune "Azure Government" --services --plot cover.svg
    """  # noqa: D301
    code = _answered(place, at, form, plot, "cover", *wanted, by=by, services=services)
    if code:
        told("nothing covers any of what is wanted")
    return code


@network.command()
@click.argument("sources", nargs=-1)
@click.option(
    "--by", default="page", show_default=True, help="What goes together: page (in all languages), or file."
)
@analysing
def loss(sources: tuple[str, ...], place: Path, at: str, form: str, plot: Path | None, by: str) -> int:
    """Show what has its only evidence in a source; without one, the sources by how much does.

    A source is named by its slug, its path or its IRI.

    \b
    Examples:
      kg network loss
      kg network loss mars-e --format csv
    """  # noqa: D301
    return _answered(place, at, form, plot, "loss", *sources, by=by)


@network.command()
@click.argument("start", metavar="A")
@click.argument("end", metavar="B")
@click.option("--best", type=click.IntRange(1), default=5, show_default=True, help="How many paths to show.")
@analysing
def paths(start: str, end: str, place: Path, at: str, form: str, plot: Path | None, best: int) -> int:
    """Show the paths between two things that evidence carries furthest, with what each costs.

    \b
    Example:
      kg network paths "MARS-E 2.0" FedRAMP --plot paths.svg
    """  # noqa: D301
    return _answered(place, at, form, plot, "paths", start, end, best=best)


@network.command()
@click.argument("standards", nargs=-1)
@analysing
def scope(standards: tuple[str, ...], place: Path, at: str, form: str, plot: Path | None) -> int:
    """Show which service is in scope of which standard, cloud by cloud.

    \b
    Example:
      kg network scope FedRAMP "ISO 27001" --plot scope.pdf
    """  # noqa: D301
    return _answered(place, at, form, plot, "scope", *standards)


@network.command()
@click.argument("standards", nargs=-1)
@analysing
def editions(standards: tuple[str, ...], place: Path, at: str, form: str, plot: Path | None) -> int:
    """Show when the editions of standards appeared, and which replaced which.

    \b
    Example:
      kg network editions "NIST SP 800-53" "ISO 27001" --plot editions.svg
    """  # noqa: D301
    return _answered(place, at, form, plot, "editions", *standards)


@network.command()
@click.argument("around", metavar="[STANDARD]...", nargs=-1)
@by_edition
@analysing
def relations(
    around: tuple[str, ...], place: Path, at: str, form: str, plot: Path | None, *, editions: bool
) -> int:
    """Show how standards relate, each statement once; around some of them, or all.

    \b
    Examples:
      kg network relations --plot standards.svg
      kg network relations FedRAMP
    """  # noqa: D301
    return _answered(place, at, form, plot, "relations", *around, editions=editions)
