"""The verb that writes a graph to a file, in any format there is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from kg.cli.output import graph_argument, opened, printed, told, told_left_out, told_meaning, waiting
from kg.errors import QueryError
from kg.queries import Table


@click.command()
@graph_argument
@click.option(
    "-o",
    "--out",
    type=str,
    help="The file; its suffix says the format. A folder gets a table for each class; - is the standard output.",
)
@click.option("--as", "--format", "name", default="", help="The format, where the suffix does not say it.")
@click.option("--list", "lists", is_flag=True, help="List the formats.")
@click.option(
    "--of-graph", "graphs", metavar="IRI|PATH", multiple=True, help="Only this named graph or document."
)
@click.option(
    "--class", "classes", metavar="CLASS", multiple=True, help="Only what is said of things of this class."
)
@click.option(
    "--standard", "standards", metavar="NAME", multiple=True, help="Only what is about this standard."
)
@click.option("--language", "languages", metavar="TAG", multiple=True, help="Only texts in this language.")
@click.option(
    "--licence", "licences", metavar="NAME|IRI", multiple=True, help="Only graphs under this licence."
)
@click.option("--around", metavar="NAME", multiple=True, help="What a diagram (.mmd, .dot) is to be about.")
@click.option(
    "--depth",
    type=click.IntRange(1, 6),
    default=1,
    show_default=True,
    help="How many statements far a diagram looks.",
)
@click.option(
    "--service",
    metavar="NAME",
    default="",
    help="A report (.md, .html) about this service; --standard as well.",
)
@click.option(
    "--gap",
    nargs=2,
    metavar="WANTED GIVEN",
    default=("", ""),
    help="Lists of controls to compare in a workbook.",
)
@click.option(
    "--table", metavar="NAME", default="", help="The table of another class than claims (.csv, .parquet)."
)
@click.option(
    "--frame",
    metavar="CLASS",
    default="",
    help="The things of a class as trees, with their claims and sentences (.jsonld).",
)
@click.option(
    "--questions", is_flag=True, help="In a folder of tables, an answer to each saved question, too."
)
@click.option(
    "--exact", is_flag=True, help="Leave texts in .csv that a spreadsheet takes for formulas as they are."
)
@click.option("--all-licences", is_flag=True, help="Keep what may be used, but not handed on when changed.")
def export(
    place: Path,
    out: str | None,
    name: str,
    graphs: tuple[str, ...],
    classes: tuple[str, ...],
    standards: tuple[str, ...],
    languages: tuple[str, ...],
    licences: tuple[str, ...],
    around: tuple[str, ...],
    depth: int,
    gap: tuple[str, str],
    *,
    lists: bool,
    all_licences: bool,
    **chosen: Any,
) -> int:
    """Write a graph, or a part of it, to a file: RDF, tables, a workbook, a report, networks, mappings or a diagram.

    Each kind of part may be named several times; what is written fits one of each kind. Sources whose licence
    forbids derivatives, and what was concluded from them, are left out. The exit code is 1 where the part that is
    named holds nothing.

    \b
    Examples:
      kg export graph -o graph.trig
      kg export graph -o mars-e.ttl --standard "MARS-E 2.0" --language en
      kg export graph -o - --format csv --table standards
      kg export graph -o mappings.sssom.tsv
      kg export graph -o mars-e.mmd --around "MARS-E 2.0"
      kg export graph -o tables/ --format parquet --questions
      kg export graph -o standards.jsonld --frame ckg:Standard
      kg export graph -o graph.xlsx --gap mars-e-2.2 fedramp-r4-moderate
      kg export graph -o mars-e.html --standard "MARS-E 2.0"
      kg export --list
    """  # noqa: D301
    from kg import saving  # noqa: PLC0415
    from kg.selection import Selection  # noqa: PLC0415

    if lists:
        rows = [
            (", ".join(f".{each}" for each in form.suffixes), form.name, form.about)
            for form in saving.FORMATS
        ]
        printed(Table.of(("suffix", "format", "what"), rows), "table")
        return 0
    if not out:
        raise QueryError("no file is named to write to", hint="kg export GRAPH -o FILE; kg export --list")
    options: dict[str, Any] = {option: value for option, value in chosen.items() if value}
    if gap[0]:
        options |= {"wanted": gap[0], "given": gap[1]}
    to_stdout = out == "-"
    if to_stdout and not name:
        raise QueryError("the standard output has no suffix", hint="name the format, such as --format csv")
    graph = opened(place)
    whole = graph
    left_out: tuple[str, ...] = ()
    if not all_licences:
        whole, left_out = graph.shareable()
    for words in standards:
        told_meaning("standard", words, whole.words.resolve(words, "ckg:Standard").value, whole.words)
    if to_stdout or not saving.is_folder(out, name):
        about, standards = saving.subject(saving.form(name or Path(out).name), standards)
        options |= about
    selection = Selection(graphs, classes, standards, languages, licences)
    part = whole.selected(selection)
    diagram = saving.Around(around, depth)
    with waiting(f"writing {out}"):
        if to_stdout:
            part.write(sys.stdout.buffer, name, around=diagram, all_licences=True, **options)
        else:
            part.save(out, name, around=diagram, all_licences=True, **options)
    told_left_out(left_out)
    if not to_stdout:
        told(f"written to {out}")
    if selection and not part.statements:
        told("nothing in the graph is of the part that was named: what was written is empty")
        return 1
    return 0
