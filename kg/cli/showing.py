"""One thing on a page: its names, what is said of it, and under each statement the words that say so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

import click
import pyoxigraph as ox

from kg.cli.output import BOLD, DIM, styled, terminal_width
from kg.crosswalk import converse
from kg.queries import Table
from kg.queries.rendering import short, shown, wrap
from kg.queries.table import plain
from kg.queries.words import local, spoken
from kg.terms import PREFIXES

if TYPE_CHECKING:
    from kg.queries.table import Value
    from kg.views import Thing

Row: TypeAlias = "dict[str, Value]"

_NAMES = [PREFIXES["skos"] + name for name in ("prefLabel", "altLabel", "hiddenLabel", "notation")]
_TYPE = PREFIXES["rdf"] + "type"
_MOST = 8  # values of one property shown before the rest is counted
_HEADER = (
    "subject", "property", "propertyLabel", "value", "valueLabel", "sentence", "path", "line", "language", "claim", "document",
)  # fmt: skip


def statements(thing: Thing) -> Table:
    """Return all statements about a thing as one table, those with a sentence behind them last."""
    own = ox.NamedNode(thing.iri)
    plain = (
        (own, row["property"], row["propertyLabel"], row["value"], row["valueLabel"], None, row["path"], None, None, None, row["document"])
        for row in _rows(thing.statements)
    )  # fmt: skip
    said = (
        (row["source"], row["property"], row["propertyLabel"], row["target"], row["targetLabel"], row["sentence"], row["path"],
         row["line"], row["language"], row["claim"], row["document"])
        for row in _rows(thing.evidence)
    )  # fmt: skip
    return Table.of(_HEADER, [*plain, *said])


def turtle(thing: Thing) -> str:
    """Return what is said of a thing, and by it, as Turtle."""
    triples = {
        ox.Triple(ox.NamedNode(thing.iri), row["property"], row["value"])  # type: ignore[arg-type]  # terms, both
        for row in _rows(thing.statements)
    } | {
        ox.Triple(row["source"], row["property"], row["target"])  # type: ignore[arg-type]  # terms, all three
        for row in _rows(thing.evidence)
    }
    ordered = sorted(triples, key=str)
    return (ox.serialize(ordered, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES) or b"").decode()


def for_people(thing: Thing, *, every: bool) -> None:
    """Print a thing as a page."""
    click.echo(styled(thing.label, BOLD) + "  " + styled(short(thing.iri), DIM))
    for line in _facts(thing):
        click.echo(line)
    about: dict[tuple[str, str, str], list[Row]] = {}
    for row in _rows(thing.evidence):
        about.setdefault((str(row["source"]), str(row["property"]), str(row["target"])), []).append(row)
    former = ""
    for rows in about.values():
        heading = _heading(thing, rows[0])
        if heading[0] != former:
            former = heading[0]
            click.echo("\n" + styled(former, BOLD))
        _statement(heading[1], rows, every=every)
    _mappings(thing)


def _mappings(thing: Thing) -> None:
    """Print to which other standards the controls of a standard are mapped, how many, and who says so."""
    others: dict[tuple[str, str], list[Row]] = {}
    for row in _rows(thing.mappings):
        others.setdefault((shown(row["standard"]), shown(row["otherLabel"] or row["other"])), []).append(row)
    if others:
        click.echo("\n" + styled("its controls are mapped to those of", BOLD))
    for (standard, other), rows in others.items():
        of = "" if standard == shown(ox.NamedNode(thing.iri)) else f" (from {standard})"
        click.echo(f"  {other}{of}")
        for document in dict.fromkeys(shown(row["document"]) for row in rows):
            said = [row for row in rows if shown(row["document"]) == document]
            counts = (f"{_count(row)} {_relation(row)}" for row in said)
            made = ", ".join(dict.fromkeys(local(str(plain(row["justification"]))) for row in said))
            for line in _indented(f"{', '.join(counts)}; {spoken(made)}", 6, hanging=6):
                click.echo(line)
            click.echo(" " * 6 + styled(shown(said[0]["path"]) or document, DIM))


def _count(row: Row) -> str:
    return f"{int(str(plain(row['mappings']))):,}"


def _relation(row: Row) -> str:
    """Return a set relation as seen from the thing that is shown."""
    stated = shown(row["relation"]) if row["relation"] is not None else ""
    return (converse(stated) if plain(row["turned"]) else stated) or "linked"


def _facts(thing: Thing) -> Iterable[str]:
    """Yield what no claim makes, a property to a line."""
    said: dict[str, list[str]] = {}
    for row in _rows(thing.statements):
        prop = row["property"]
        assert isinstance(prop, ox.NamedNode)
        name = "is a" if prop.value == _TYPE else shown(row["propertyLabel"]) or spoken(local(prop.value))
        value = shown(row["valueLabel"] or row["value"])
        if isinstance(row["value"], ox.Literal) and row["value"].language and prop.value in _NAMES:
            value = f"{value} ({row['value'].language})"
        values = said.setdefault(name, [])
        if value not in values and value != thing.label:
            values.append(value)
    for name, values in said.items():
        if values:
            more = f" and {len(values) - _MOST} more" if len(values) > _MOST else ""
            yield from _indented(f"{name}: {', '.join(values[:_MOST])}{more}", 2, hanging=4)


def _heading(thing: Thing, row: Row) -> tuple[str, str]:
    """Return the property, and the other side of a statement: `is in scope of`-wise where the thing is its target."""
    prop = shown(row["propertyLabel"]) or spoken(local(shown(row["property"])))
    if str(row["source"]) == str(ox.NamedNode(thing.iri)):
        return prop, shown(row["targetLabel"] or row["target"])
    return f"{prop}, said of", f"{shown(row['sourceLabel'] or row['source'])}"


def _statement(other: str, rows: list[Row], *, every: bool) -> None:
    """Print one statement with the words behind it: in each language once, or in every place."""
    for line in _indented(other, 2, hanging=4):
        click.echo(line)
    quoted: set[str] = set()
    places = len({(str(row["path"]), str(row["line"])) for row in rows})
    for row in rows:
        sentence = row["sentence"]
        language = sentence.language or "" if isinstance(sentence, ox.Literal) else ""
        if not every and language in quoted:
            continue
        quoted.add(language)
        where = (
            f"{shown(row['path'])}:{shown(row['line'])}"
            if row["line"] is not None
            else shown(row["path"] or row["document"])
        )
        words = (
            f"“{shown(sentence)}”" if sentence is not None else "no words: concluded from other statements"
        )
        for line in _indented(words, 6, hanging=6):
            click.echo(line)
        click.echo(" " * 6 + styled(where, DIM))
    if not every and places > len(quoted):
        click.echo(" " * 6 + styled(f"{places} places in all; --every shows each", DIM))


def _indented(words: str, indent: int, *, hanging: int) -> Iterable[str]:
    """Yield a text in lines as wide as the terminal, the first indented and the others more so."""
    room = max(terminal_width() - hanging, 20) if terminal_width() else 0
    lines = wrap(words, room) if room else [words]
    for number, line in enumerate(lines):
        yield " " * (hanging if number else indent) + line


def _rows(table: Table) -> Iterable[Row]:
    return (dict(zip(table.header, row, strict=True)) for row in table.rows)
