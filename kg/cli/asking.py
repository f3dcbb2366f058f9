"""Verbs that ask: saved questions, SPARQL, and what is known of one thing."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pyoxigraph as ox

from kg.cli.output import answers, asked, ended_at_once, over_graph, printed, told, told_meaning
from kg.cli.plotting import plottable, plotted
from kg.errors import KgError, NotFoundError, QueryError
from kg.queries import Param, Question, Table, question, questions, resolve, usages
from kg.queries.binding import Bound, require

if TYPE_CHECKING:
    import rdflib


@click.command()
@click.argument("name", metavar="[QUESTION]", required=False)
@click.argument("values", nargs=-1)
@click.option(
    "--every", is_flag=True, help="Show every place that says so, not only the first and how many more."
)
@click.option(
    "--matrix", is_flag=True, help="Show one row for each service and one column for each standard."
)
@over_graph
@answers
@plottable
def ask(
    name: str | None,
    values: tuple[str, ...],
    place: Path,
    at: str,
    form: str,
    plot: Path | None,
    *,
    every: bool,
    matrix: bool,
) -> int:
    """Ask a saved question, by its name or number; without one, list the questions.

    Values are given in the order of the parameters, or as NAME=VALUE. They may be names in any language,
    beginnings of names, prefixed names or IRIs. The exit code is 1 where the answer is no, or has no rows.

    \b
    Examples:
      kg ask
      kg ask services-in-scope "MARS-E 2.0"
      kg ask is-in-scope "azure gov" standard="ISO 27001"
      kg ask scope-matrix --matrix --format csv
      kg ask scope-matrix --plot scope.svg
    """  # noqa: D301
    if name is None:
        return _list(form)
    saved = question(name)
    given = _given(saved, values)
    require(saved, given)
    graph = asked(place, at)
    bound = resolve(saved, given, graph.words)
    _tell_meanings(graph, given, bound)
    found = graph.ask(saved.name, **bound)
    plotted(graph, found, plot)
    table = _matrix(saved, found) if matrix else found
    shown = printed(table, form, fold=not every)
    if form == "table":
        _sum_up(saved, table, shown)
    return 1 if _is_no(table) else 0


def _tell_meanings(graph: Any, given: Mapping[str, Any], bound: Mapping[str, Sequence[Bound]]) -> None:
    """Say how words were understood that are not simply a thing's name."""
    for name, terms in bound.items():
        said = given[name] if isinstance(given[name], list) else [given[name]]
        for words, term in zip(said, terms, strict=True):
            if isinstance(term, ox.NamedNode):
                told_meaning(name, words, term.value, graph.words)


def _list(form: str) -> int:
    """Print the questions; for people, without the words that only machines need."""
    if form == "table":
        printed(usages(), form)
        told('\nkg ask QUESTION VALUE…   such as: kg ask services-in-scope "MARS-E 2.0"')
    else:
        rows = [
            (
                each.number,
                each.name,
                each.summary,
                each.description,
                " ".join(each.tags),
                _signature(each.params),
            )
            for each in questions().values()
        ]
        printed(Table.of(("number", "name", "summary", "description", "tags", "params"), rows), form)
    return 0


def _signature(params: Sequence[Param]) -> str:
    """Return parameters with their types: `standard: ckg:Standard, file: xsd:string?`."""
    return ", ".join(
        f"{param.name}: {param.type}{'…' if param.many else ''}{'?' if param.optional else ''}"
        for param in params
    )


def _matrix(asked: Question, table: Table) -> Table:
    needed = ("serviceLabel", "addressedLabel", "documents")
    if not set(needed) <= set(table.header):
        raise QueryError(
            f"{asked.name} has no services and standards to set against each other",
            hint="kg ask scope-matrix --matrix",
        )
    return table.matrix(*needed)


def _is_no(table: Table) -> bool:
    """Whether the answer is no: no rows, or a column `answer` that says so in every row."""
    return not table or (
        "answer" in table.header and all(str(said).startswith("no") for said in table.column("answer"))
    )


def _sum_up(asked: Question, table: Table, shown: int) -> None:
    if not table:
        told(f"nothing found: {asked.summary}")
    elif shown < len(table):
        told(f"{_counted(shown)} from {len(table):,} places; --every shows each")
    else:
        told(_counted(shown))


def _counted(rows: int) -> str:
    return f"{rows:,} row{'s' if rows != 1 else ''}"


def _given(asked: Question, values: tuple[str, ...]) -> dict[str, str | list[str]]:
    """Return values by parameter: named ones first, the others in the order of what is left."""
    names = {param.name: param for param in asked.params}
    given: dict[str, str | list[str]] = {}
    loose: list[str] = []
    for value in values:
        name, equals, said = value.partition("=")
        if equals and name in names:
            _put(given, names[name], said)
        elif equals and name.isidentifier():
            asked.param(name)
        else:
            loose.append(value)
    left = [param for param in asked.params if param.name not in given]
    for value in loose:
        if not left:
            raise QueryError(f"{asked.name} takes no further value: {value!r}", hint=f"kg ask {asked.usage}")
        _put(given, left[0], value)
        if not left[0].many:
            left.pop(0)
    return given


def _put(given: dict[str, str | list[str]], param: Param, value: str) -> None:
    if param.many:
        held = given.setdefault(param.name, [])
        assert isinstance(held, list)
        held.append(value)
    else:
        given[param.name] = value


@click.command()
@click.argument("sparql", required=False)
@click.option(
    "-f", "--file", type=click.Path(path_type=Path), help="A file with the query; - for standard input."
)
@over_graph
@answers
def query(sparql: str | None, file: Path | None, place: Path, at: str, form: str) -> int:
    """Ask anything in SPARQL; the project's prefixes are bound.

    The exit code is 1 where an ASK answers no.

    \b
    Examples:
      kg query "SELECT ?offering WHERE { ?offering a ckg:Offering }"
      kg query -f question.rq --format csv
    """  # noqa: D301
    text = _text(sparql, file)
    graph = asked(place, at)
    if not at:
        graph.query("ASK {}")  # an index that is made first is made in whole
    with ended_at_once():
        answer = graph.query(text)
    if isinstance(answer, bool):
        printed(Table.of(("answer",), [(answer,)]), form)
        return 0 if answer else 1
    if isinstance(answer, Table):
        printed(answer, form)
    else:
        _print_graph(answer, form)
    if form == "table" and not len(answer):
        told("nothing found")
    return 0


def _print_graph(graph: rdflib.Graph, form: str) -> None:
    """Print triples: as Turtle or JSON-LD, else as a table in the order of their terms."""
    if form in {"ttl", "json"}:
        click.echo(graph.serialize(format="json-ld" if form == "json" else "turtle"))
        return
    rows = sorted(tuple(term.n3() for term in triple) for triple in graph)
    printed(Table.of(("subject", "predicate", "object"), rows), form)


def _text(sparql: str | None, file: Path | None) -> str:
    if sparql and file:
        raise QueryError("a query is given both as text and as a file", hint="give one of the two")
    if sparql:
        return sparql
    if file is None:
        raise QueryError("no query is given", hint='kg query "SELECT …", or kg query -f FILE')
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {file}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise KgError(f"{file} cannot be read: {error}") from error


@click.command()
@click.argument("text")
@click.option("--kind", default="", help="Only things of a kind, such as control or standard.")
@click.option("--limit", default=20, show_default=True, help="How many things to find.")
@over_graph
@answers
def search(text: str, kind: str, limit: int, place: Path, at: str, form: str) -> int:
    """Find things by their names, in any language, by beginnings and with typing errors; exit code 1 for none.

    \b
    Examples:
      kg search "fedrmp moderate"
      kg search "account management" --kind control --format json
    """  # noqa: D301
    found = asked(place, at).search(text, limit=limit, kind=kind)
    printed(found, form)
    if not found:
        told(f"nothing has a name like {text!r}")
    return 0 if found else 1


@click.command()
@click.argument("name")
@click.option(
    "--every", is_flag=True, help="Show every place that says so, not only the first in each language."
)
@over_graph
@answers
def show(name: str, place: Path, at: str, form: str, *, every: bool) -> None:
    """Show one thing: what is said of it, and the sentences behind that, in every language.

    \b
    Examples:
      kg show "MARS-E 2.0"
      kg show svc:intune --format json
    """  # noqa: D301
    from kg.cli import showing  # noqa: PLC0415

    thing = asked(place, at).describe(name)
    if form == "table":
        showing.for_people(thing, every=every)
    elif form == "ttl":
        click.echo(showing.turtle(thing), nl=False)
    else:
        printed(showing.statements(thing), form)
