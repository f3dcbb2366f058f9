"""The fast engine: the Rust crate `shacl` behind its Python binding."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import shacl

from kg.errors import SourceError, VocabularyError
from kg.validation.findings import Finding, severity


@lru_cache(maxsize=4)
def _compiled(shapes: str) -> shacl.Shapes:
    try:
        return shacl.Shapes.from_text(shapes, format="ntriples")
    except ValueError as error:
        raise VocabularyError(f"the shapes contradict themselves: {error}") from error


def validate(graph: Path, shapes: str) -> list[Finding]:
    """Return what the shapes (N-Triples) find in the union of the graphs in a file of N-Quads."""
    compiled = _compiled(shapes)
    try:
        report = compiled.validate_file(str(graph))
    except ValueError as error:
        raise SourceError(f"the graph cannot be validated: {error}") from error
    return [
        Finding(
            shape=_bare(result.root_shape or result.source_shape or ""),
            focus=result.focus_node,
            path=result.path or "",
            value=result.value or "",
            constraint=result.component_iri,
            severity=severity(result.severity_iri),
            message=result.message or "",
        )
        for result in report.results
    ]


def _bare(node: str) -> str:
    return node[1:-1] if node.startswith("<") else node
