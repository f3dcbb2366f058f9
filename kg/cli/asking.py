"""Verbs that ask: saved questions, SPARQL, and what is known of one thing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.output import answers, opened, over_graph, printed, told
from kg.errors import KgError, QueryError
from kg.queries import Param, Question, Table, question, questions

if TYPE_CHECKING:
    from kg.views import Thing


@click.command()
@click.argument("name", metavar="[QUESTION]", required=False)
@click.argument("values", nargs=-1)
@over_graph
@answers
def ask(name: str | None, values: tuple[str, ...], place: Path, at: str, form: str) -> int:
    """Ask a saved question; without a name, list the questions.

    Values are given in the order of the parameters, or as NAME=VALUE; words will do. The exit code is 1 where
    the answer has no rows.

    \b
    Examples:
      kg ask
      kg ask services-in-scope "MARS-E 2.0"
      kg ask is-in-scope service=Intune standard="ISO 27001"
    """  # noqa: D301
    if name is None:
        listed = [(each.number, each.usage, each.summary) for each in questions().values()]
        printed(Table.of(("number", "question", "summary"), listed), form)
        return 0
    asked = question(name)
    given = _given(asked, values)
    table = _graph(place, at).ask(asked.name, **given)
    printed(table, form)
    if form == "table":
        told(f"{len(table):,} rows")
    return 0 if len(table) else 1


def _given(asked: Question, values: tuple[str, ...]) -> dict[str, str | list[str]]:
    """Return values by parameter: named ones first, the others in the order of what is left."""
    names = {param.name: param for param in asked.params}
    given: dict[str, str | list[str]] = {}
    loose: list[str] = []
    for value in values:
        name, equals, said = value.partition("=")
        if equals and name in names:
            _put(given, names[name], said)
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


def _graph(place: Path, at: str) -> Any:
    if not at:
        return opened(place)
    from kg.remote import connect  # noqa: PLC0415

    return connect(at)


@click.command()
@click.argument("sparql", required=False)
@click.option(
    "-f",
    "--file",
    "file",
    type=click.Path(path_type=Path),
    help="A file with the query; - for standard input.",
)
@over_graph
@answers
def query(sparql: str | None, file: Path | None, place: Path, at: str, form: str) -> int:
    """Ask anything in SPARQL; the project's prefixes are bound.

    The exit code is 1 where an ASK answers no.

    \b
    Example:
      kg query "SELECT ?s WHERE { ?s a ckg:Offering }"
    """  # noqa: D301
    answer = _graph(place, at).query(_text(sparql, file))
    if isinstance(answer, bool):
        printed(Table.of(("answer",), [(answer,)]), form)
        return 0 if answer else 1
    if isinstance(answer, Table):
        printed(answer, form)
        return 0
    click.echo(answer.serialize(format="json-ld" if form == "json" else "turtle"))
    return 0


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
    except (OSError, UnicodeDecodeError) as error:
        raise KgError(f"{file} cannot be read: {error}") from error


@click.command()
@click.argument("name")
@over_graph
@answers
def show(name: str, place: Path, at: str, form: str) -> None:
    """Show one thing: what is said of it, and the sentences behind that.

    \b
    Examples:
      kg show "MARS-E 2.0"
      kg show svc:intune
    """  # noqa: D301
    thing = _graph(place, at).describe(name)
    if form == "table":
        _shown(thing)
    else:
        printed(thing.statements if form == "ttl" else thing.evidence, form)


def _shown(thing: Thing) -> None:
    click.echo(click.style(thing.label, bold=True) + f"\n{thing.iri}\n")
    printed(thing.statements.select("property", "value", "valueLabel", "path"), "table")
    if len(thing.evidence):
        click.echo("\nWhere this is said:\n")
        printed(
            thing.evidence.select("sourceLabel", "property", "targetLabel", "sentence", "path", "line"),
            "table",
        )
