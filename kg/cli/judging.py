"""Verbs that judge a graph: what the shapes find wrong, how much there is of what, what was not understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.output import answers, asked, at_server, graph_argument, opened, printed, told
from kg.queries import Table
from kg.terms import PREFIXES, literal

if TYPE_CHECKING:
    from kg.errors import Issue
    from kg.validation import Finding, Report

_COLUMNS = ("severity", "path", "line", "message", "focus", "property", "value", "shape")
_ISSUE = ("path", "line", "code", "message")


@click.command()
@graph_argument
@answers
def check(place: Path, form: str) -> int:
    """Validate a graph against the shapes; exit code 1 where it does not conform.

    As Turtle, the answer is a SHACL validation report.

    \b
    Examples:
      kg check
      kg check graph --format ttl
    """  # noqa: D301
    report = opened(place).check()
    if form == "ttl":
        click.echo(_turtle(report), nl=False)
    else:
        rows = [
            (
                f.severity,
                f.document or None,
                f.line or None,
                f.message,
                f.focus,
                f.path or None,
                f.value or None,
                f.shape,
            )
            for f in report.findings
        ]
        if rows or form != "table":
            printed(Table.of(_COLUMNS, rows), form)
    told(verdict(report))
    return 0 if report.conforms else 1


def verdict(report: Report) -> str:
    """Return in one line whether a graph conforms, and how much was found of which severity."""
    by_severity = Counter(finding.severity for finding in report.findings)
    counts = ", ".join(
        f"{count:,} {name.rpartition('#')[2].lower()}{'s' if count != 1 else ''}"
        for name, count in by_severity.items()
    )
    return (
        f"{'conforms' if report.conforms else 'does not conform'} to the shapes: {counts or 'nothing found'}"
    )


def _turtle(report: Report) -> str:
    """Return a report in the vocabulary of SHACL."""
    results = "".join(f" ;\n  sh:result {_result(finding)}" for finding in report.findings)
    conforms = "true" if report.conforms else "false"
    return f"@prefix sh: <{PREFIXES['sh']}> .\n\n[] a sh:ValidationReport ;\n  sh:conforms {conforms}{results} .\n"


def _result(finding: Finding) -> str:
    said = {
        "focusNode": finding.focus,
        "resultPath": finding.path if finding.path.startswith("<") and finding.path.count("<") == 1 else "",
        "value": finding.value,
        "sourceShape": _iri(finding.shape),
        "sourceConstraintComponent": _iri(finding.constraint),
        "resultSeverity": _iri(
            finding.severity if "#" in finding.severity else PREFIXES["sh"] + finding.severity
        ),
        "resultMessage": literal(finding.message) if finding.message else "",
    }
    return (
        "[ a sh:ValidationResult"
        + "".join(f" ; sh:{name} {term}" for name, term in said.items() if term)
        + " ]"
    )


def _iri(text: str) -> str:
    return text if not text or text.startswith(("<", "_:")) else f"<{text}>"


@click.command()
@graph_argument
@at_server
@answers
def stats(place: Path, at: str, form: str) -> None:
    """Count what is in a graph: by class, language, relation and licence.

    \b
    Examples:
      kg stats graph
      kg stats --at https://example.org/sparql
    """  # noqa: D301
    printed(asked(place, at).stats(), form)


@click.command()
@graph_argument
@click.option("--issues", is_flag=True, help="List each issue with its line instead of counting by document.")
@answers
def sources(place: Path, form: str, *, issues: bool) -> None:
    """Show what was read, and what was read and not understood, by document.

    \b
    Examples:
      kg sources
      kg sources graph --issues
    """  # noqa: D301
    graph = opened(place)
    printed(issues_table(graph.issues()) if issues else graph.sources(), form)


def issues_table(issues: Iterable[Issue | Mapping[str, Any]]) -> Table:
    """Return issues as rows: path, line (none for a file as a whole), code, message."""
    rows = (
        [issue[name] if isinstance(issue, Mapping) else getattr(issue, name) for name in _ISSUE]
        for issue in issues
    )
    return Table.of(_ISSUE, ((path, line or None, code, message) for path, line, code, message in rows))
