"""Where a finding comes from: the document and line that stand behind a node of the graph."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from kg.terms import term
from kg.validation.findings import Finding

_PATH, _LINE, _EVIDENCE = term("ckg:path"), term("ckg:line"), term("ckg:evidence")
_SOURCE, _TARGET = term("owl:annotatedSource"), term("owl:annotatedTarget")
_PROPERTY = term("owl:annotatedProperty")
_KEPT = frozenset({_PATH, _LINE, _EVIDENCE, _SOURCE, _PROPERTY, _TARGET})
_OBJECT = re.compile(r'(<[^>]*>|_:\S+|"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^<[^>]*>)?)(?: (<[^>]*>|_:\S+))? \.\s*$')
_NUMBER = re.compile(r'"(\d+)"')
_PREFIX = re.compile(r"^@prefix ([\w.-]*:) <([^>]*)> *\.", re.MULTILINE)


def located(findings: Sequence[Finding], graph: Path) -> list[Finding]:
    """Return the findings with document and line, as the graph itself tells them in its file of N-Quads."""
    if not findings:
        return []
    nodes = {node for finding in findings for node in (finding.focus, finding.value) if node.startswith("<")}
    with graph.open(encoding="utf-8") as lines:
        origins = _Origins(lines, nodes)
    return [
        replace(finding, document=document, line=line)
        for finding in findings
        for document, line in [origins.of(finding)]
    ]


def written(findings: Sequence[Finding], files: Sequence[Path]) -> list[Finding]:
    """Return the findings, those that nothing was known of with the Turtle file and line that describe the node."""
    if not files:
        return list(findings)
    texts = [(path.name, path.read_text(encoding="utf-8")) for path in files]

    def place(node: str) -> tuple[str, int]:
        for name, text in texts:
            for prefix, namespace in _PREFIX.findall(text):
                local = node[1:-1].removeprefix(namespace)
                if local != node[1:-1] and (
                    found := re.search(rf"^{prefix}{re.escape(local)}\s", text, re.MULTILINE)
                ):
                    return name, text.count("\n", 0, found.start()) + 1
        return "", 0

    def with_place(finding: Finding) -> Finding:
        for node in (finding.value, finding.focus):
            document, line = place(node) if node.startswith("<") else ("", 0)
            if document:
                return replace(finding, document=document, line=line)
        return finding

    return [finding if finding.document else with_place(finding) for finding in findings]


def _above(node: str, known: Container[str]) -> str:
    """Return the known IRI that a node is, or lies below, or an empty string."""
    bare = node.rstrip(">")
    while bare.count("/") > 3:
        if f"{bare}>" in known:
            return f"{bare}>"
        bare = bare.rpartition("/")[0]
    return ""


class _Origins:
    """What lines say about where some nodes come from."""

    def __init__(self, lines: Iterable[str], nodes: set[str]) -> None:
        self._paths: dict[str, str] = {}
        self._lines: dict[str, int] = {}
        self._says: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._claims: dict[str, list[str]] = defaultdict(list)
        self._graphs: dict[str, str] = {}
        for line in lines:
            subject, _, rest = line.partition(" ")
            predicate, _, rest = rest.partition(" ")
            if (predicate in _KEPT or subject in nodes) and (parts := _OBJECT.match(rest)):
                value, graph = parts.groups()
                if subject in nodes and graph:
                    self._graphs.setdefault(subject, graph)
                self._keep(subject, predicate, value, nodes)

    def _keep(self, subject: str, predicate: str, value: str, nodes: set[str]) -> None:
        if predicate == _PATH:
            self._paths[subject] = value[1:-1]
        elif predicate == _LINE and (number := _NUMBER.match(value)):
            self._lines[subject] = int(number[1])
        elif predicate in _KEPT:
            self._says[subject][predicate].append(value)
            if predicate in (_SOURCE, _TARGET) and value in nodes:
                self._claims[value].append(subject)

    def of(self, finding: Finding) -> tuple[str, int]:
        """Return the path of the document and the line behind a finding; ("", 0) where nothing tells."""
        claim = self._claim(finding)
        for node in (finding.focus, claim, finding.value):
            if document := _above(node, self._paths):
                return self._paths[document], self._line(node)
        return self._paths.get(self._graphs.get(finding.focus, ""), ""), 0

    def _claim(self, finding: Finding) -> str:
        """Return the claim that comes nearest to stating what was found wrong, or an empty string."""

        def likeness(claim: str) -> tuple[int, str]:
            says = self._says[claim]
            return 2 * (finding.value in says[_TARGET]) + (finding.path in says[_PROPERTY]), claim

        return max(self._claims.get(finding.focus, ()), key=likeness, default="")

    def _line(self, node: str) -> int:
        """Return the line a node begins on, else that of its first evidence, else 0."""
        lines = (self._lines.get(each, 0) for each in (node, *sorted(self._says[node][_EVIDENCE])))
        return next(filter(None, lines), 0)
