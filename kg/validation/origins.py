"""Where a finding comes from: the document and line that stand behind a node of the graph."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from mmap import mmap
from pathlib import Path

from kg.lines import Lines, first_line
from kg.terms import PREFIXES, term
from kg.validation.findings import Finding

_PATH, _LINE, _EVIDENCE = term("ckg:path"), term("ckg:line"), term("ckg:evidence")
_SOURCE, _TARGET = term("owl:annotatedSource"), term("owl:annotatedTarget")
_PROPERTY = term("owl:annotatedProperty")
_ANNOTATED = f"<{PREFIXES['owl']}annotated"
_OBJECT = re.compile(r'(<[^>]*>|_:\S+|"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^<[^>]*>)?)(?: (<[^>]*>|_:\S+))? \.\s*$')
_NUMBER = re.compile(r'"(\d+)"')
_PREFIX = re.compile(r"^@prefix ([\w.-]*:) <([^>]*)> *\.", re.MULTILINE)


def located(findings: Sequence[Finding], graph: Path) -> list[Finding]:
    """Return the findings with document and line, as the graph itself tells them in its sorted N-Quads."""
    if not findings:
        return []
    with Lines(graph).mapped() as whole:
        origins = _Origins(whole, findings)
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


@dataclass(frozen=True, slots=True)
class _Saying:
    """What one line says of its subject, and in which graph."""

    predicate: str
    value: str
    graph: str


class _Origins:
    """What sorted lines say about where some nodes come from."""

    def __init__(self, whole: bytes | mmap, findings: Iterable[Finding]) -> None:
        self._whole = whole
        self._about = cache(self._find)
        self._claims: dict[str, list[str]] = defaultdict(list)
        self._find_claims({each.focus for each in findings if not self._document(each.focus)})

    def of(self, finding: Finding) -> tuple[str, int]:
        """Return the path of the document and the line behind a finding; ("", 0) where nothing tells."""
        for node in (finding.focus, self._claim(finding), finding.value):
            if document := self._document(node):
                return document, self._line(node)
        graph = next((saying.graph for saying in self._about(finding.focus) if saying.graph), "")
        return next(self._values(graph, _PATH), "")[1:-1], 0

    def _document(self, node: str) -> str:
        """Return the path of the document that a node is, or lies below, or an empty string."""
        bare = node.rstrip(">")
        while bare.count("/") > 3:
            if path := next(self._values(f"{bare}>", _PATH), ""):
                return path[1:-1]
            bare = bare.rpartition("/")[0]
        return ""

    def _claim(self, finding: Finding) -> str:
        """Return the claim that comes nearest to stating what was found wrong, or an empty string."""

        def likeness(claim: str) -> tuple[int, str]:
            same_target = finding.value in self._values(claim, _TARGET)
            return 2 * same_target + (finding.path in self._values(claim, _PROPERTY)), claim

        return max(self._claims.get(finding.focus, ()), key=likeness, default="")

    def _line(self, node: str) -> int:
        """Return the line a node begins on, else that of its first evidence, else 0."""
        for each in (node, *sorted(self._values(node, _EVIDENCE))):
            for value in self._values(each, _LINE):
                if number := _NUMBER.match(value):
                    return int(number[1])
        return 0

    def _values(self, node: str, predicate: str) -> Iterator[str]:
        return (saying.value for saying in self._about(node) if saying.predicate == predicate)

    def _find(self, node: str) -> tuple[_Saying, ...]:
        """Return what the lines say of a node: as they are sorted, they stand together."""
        prefix = f"{node} ".encode()
        sayings = []
        place = first_line(self._whole, prefix)
        while self._whole[place : place + len(prefix)] == prefix:
            end = self._whole.find(b"\n", place) + 1 or len(self._whole)
            predicate, _, rest = self._whole[place + len(prefix) : end].decode().partition(" ")
            if said := _OBJECT.match(rest):
                sayings.append(_Saying(predicate, said[1], said[2] or ""))
            place = end
        return tuple(sayings)

    def _find_claims(self, nodes: Iterable[str]) -> None:
        """Find the claims about nodes that lie below no document."""
        wanted = "|".join(re.escape(node) for node in sorted(nodes) if node.startswith("<"))
        if not wanted:
            return
        annotated = "|".join(each.removeprefix(_ANNOTATED) for each in (_SOURCE, _TARGET))
        for found in re.finditer(f" {_ANNOTATED}(?:{annotated}) ({wanted}) ".encode(), self._whole):
            start = self._whole.rfind(b"\n", 0, found.start()) + 1
            subject = self._whole[start : found.start()].decode()
            if " " not in subject:  # else the words stand in a text
                self._claims[found[1].decode()].append(subject)
