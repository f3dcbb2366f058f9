"""Where a finding comes from: the document and line that stand behind a node of the graph."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from kg.terms import term
from kg.validation.findings import Finding

_PATH, _LINE, _EVIDENCE = term("ckg:path"), term("ckg:line"), term("ckg:evidence")
_PART_OF, _SOURCE, _TARGET = term("schema:isPartOf"), term("owl:annotatedSource"), term("owl:annotatedTarget")
_PROPERTY = term("owl:annotatedProperty")
_KEPT = frozenset({_PATH, _LINE, _EVIDENCE, _PART_OF, _SOURCE, _TARGET, _PROPERTY})
_OBJECT = re.compile(r'(<[^>]*>|_:\S+|"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^<[^>]*>)?)(?: (<[^>]*>|_:\S+))? \.\s*$')


class _Origins:
    """What N-Quads text says about where some of its nodes come from."""

    def __init__(self, text: str, nodes: Iterable[str]) -> None:
        self._paths: dict[str, str] = {}
        self._says: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._claims: dict[str, list[str]] = defaultdict(list)
        self._graphs: dict[str, str] = {}
        wanted = set(nodes)
        self._read(text, wanted, first=True)
        behind = {claim for claims in self._claims.values() for claim in claims}
        behind |= {each for node in wanted for values in self._says[node].values() for each in values}
        self._read(text, behind - wanted)
        segments = {each for claim in behind for each in self._says[claim][_EVIDENCE]}
        if segments - wanted - behind:
            self._read(text, segments - wanted - behind)

    def _read(self, text: str, wanted: set[str], *, first: bool = False) -> None:
        """Keep what the text says of the wanted nodes; the first time also which documents and claims there are."""
        for line in io.StringIO(text):
            subject, _, rest = line.partition(" ")
            predicate, _, rest = rest.partition(" ")
            if subject not in wanted and not (first and predicate in (_PATH, _SOURCE, _TARGET)):
                continue
            parts = _OBJECT.match(rest)
            if not parts:
                continue
            value, graph = parts.groups()
            if first and predicate == _PATH:
                self._paths[subject] = value[1:-1]
            if first and predicate in (_SOURCE, _TARGET) and value in wanted:
                self._claims[value].append(subject)
            if subject in wanted:
                if graph:
                    self._graphs.setdefault(subject, graph)
                if predicate in _KEPT:
                    self._says[subject][predicate].append(value)

    def of(self, finding: Finding) -> tuple[str, int]:
        """Return the document's path and the line behind a finding; ("", 0) where nothing tells."""
        focus = finding.focus
        claim = self._claim(finding)
        for node in (focus, claim):
            if node and (document := self._document(node)):
                return self._paths[document], self._line(node)
        graph = self._graphs.get(focus, "")
        return self._paths.get(graph, ""), 0

    def _claim(self, finding: Finding) -> str:
        """Return the claim that comes nearest to stating what was found wrong, or an empty string."""

        def likeness(claim: str) -> tuple[int, str]:
            says = self._says[claim]
            return (finding.path in says[_PROPERTY]) + 2 * (finding.value in says[_TARGET]), claim

        return max(self._claims.get(finding.focus, ()), key=likeness, default="")

    def _document(self, node: str) -> str:
        """Return the document that a node is, or is part of by its IRI."""
        bare = node.rstrip(">")
        while bare.count("/") > 3:
            if f"{bare}>" in self._paths:
                return f"{bare}>"
            bare = bare.rpartition("/")[0]
        return ""

    def _line(self, node: str) -> int:
        """Return the line a node begins on, else the first line of what it points at as evidence, else 0."""
        lines = [
            int(value.split('"')[1])
            for each in (node, *self._says[node][_EVIDENCE], *self._says[node][_PART_OF])
            for value in self._says[each][_LINE]
        ]
        return lines[0] if lines else 0


def located(findings: Iterable[Finding], text: str) -> list[Finding]:
    """Return the findings with document and line, as the N-Quads text they are about tells them."""
    found = list(findings)
    if not found:
        return found
    origins = _Origins(text, {finding.focus for finding in found})
    return [
        replace(finding, document=document, line=line)
        for finding in found
        for document, line in [origins.of(finding)]
    ]
