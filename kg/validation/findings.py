"""What a validation found."""

from __future__ import annotations

from dataclasses import dataclass

from kg import hypertext

_SHACL = "http://www.w3.org/ns/shacl#"
_SHOWN = 100  # findings in a notebook
_RANK = {"Warning": 1, "Info": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a shape found wrong, and the document and line it was read from.

    `shape` and `constraint` are IRIs, `focus` and `value` N-Triples terms, `path` is in the syntax of SPARQL
    property paths; each is empty where there is none. `severity` is "Violation", "Warning" or "Info", or the
    IRI of a severity of one's own, which weighs as much as a violation. `document` is the path of the file below the folder
    that was given, `line` counts from 1 (0: the file as a whole).
    """

    shape: str
    focus: str
    path: str
    value: str
    constraint: str
    severity: str
    message: str
    document: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = f"{self.document}:{self.line}" if self.line else self.document
        said = self.message or f"{self.constraint.rpartition('#')[2]} of {self.shape}"
        about = " ".join(part for part in (self.focus, self.path, self.value) if part)
        return (
            f"{where}: {self.severity}: {said} [{about}]" if where else f"{self.severity}: {said} [{about}]"
        )

    def order(self) -> tuple[int, str, int, str, str, str, str, str]:
        """Return what findings are sorted by: the gravest first, then as they stand in the documents."""
        return (
            _RANK.get(self.severity, 0),
            self.document,
            self.line,
            self.shape,
            self.focus,
            self.path,
            self.value,
            self.constraint,
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What a validation found, gravest first; warnings and remarks do not stop a graph from conforming."""

    findings: tuple[Finding, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether every finding is a warning or a remark."""
        return all(finding.severity in _RANK for finding in self.findings)

    def of(self, severity: str) -> tuple[Finding, ...]:
        """Return the findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    def _repr_html_(self) -> str:
        """Return the report as a notebook shows it: the verdict, then the gravest findings with their places."""
        verdict = "conforms" if self.conforms else "does not conform"
        rows = (
            [
                hypertext.words(cell)
                for cell in (
                    each.severity,
                    f"{each.document}:{each.line}" if each.line else each.document,
                    each.message,
                    each.focus,
                    each.value,
                )
            ]
            for each in self.findings[:_SHOWN]
        )
        rest = len(self.findings) - _SHOWN
        header = ("severity", "where", "message", "focus", "value")
        grid = (
            hypertext.grid(header, rows, f"… and {rest:,} more" if rest > 0 else "") if self.findings else ""
        )
        return f"<p><b>The graph {verdict} to the shapes</b>, {len(self.findings):,} findings.</p>{grid}"


def severity(iri: str) -> str:
    """Return the short name of a severity of SHACL's own, another one's IRI as it is."""
    return iri.removeprefix(_SHACL)
