"""The reference engine: pySHACL. Graphs are passed, never addresses; nothing is imported and no script is run."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pyshacl
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.errors import SourceError, VocabularyError
from kg.validation.findings import Finding, severity


def validate(graph: Path, shapes: str) -> list[Finding]:
    """Return what the shapes (N-Triples) find in the union of the graphs in a file of N-Quads."""
    rules, facts = graph_of(shapes), graph_of(graph.read_text(encoding="utf-8"))
    try:
        _, report, said = pyshacl.validate(
            facts,
            shacl_graph=rules,
            inference="none",
            advanced=False,
            do_owl_imports=False,
            js=False,
            meta_shacl=False,
            inplace=True,
        )
    except Exception as error:  # rdflib raises bare ones for a query it cannot translate
        raise VocabularyError(f"the shapes contradict themselves: {error}") from error
    if not isinstance(report, Graph):
        raise VocabularyError(f"the shapes contradict themselves: {said}")
    return [_finding(report, node, rules) for node in report.objects(None, SH.result)]


def _finding(report: Graph, result: Node, rules: Graph) -> Finding:
    """Return one result of the report; a message that pySHACL made up itself is left out."""
    shape = report.value(result, SH.sourceShape)
    path = report.value(result, SH.resultPath)
    by = (shape, report.value(result, SH.sourceConstraint))
    spoken = any(rules.value(each, SH.message) for each in by if each is not None)
    messages = sorted(str(message) for message in report.objects(result, SH.resultMessage)) if spoken else []
    return Finding(
        shape=str(_named(shape, rules)),
        focus=term_text(report.value(result, SH.focusNode)),
        path="" if path is None else path_text(path, report),
        value=term_text(report.value(result, SH.value)),
        constraint=str(report.value(result, SH.sourceConstraintComponent)),
        severity=severity(str(report.value(result, SH.resultSeverity))),
        message=messages[0] if messages else "",
    )


def _named(shape: Node | None, rules: Graph) -> Node | None:
    """Return a shape, or the nearest shape above it that has an IRI."""
    above = shape
    while isinstance(above, BNode):
        above = rules.value(None, SH.property, above)
    return above or shape


def path_text(path: Node, graph: Graph) -> str:
    """Return a SHACL path in the syntax of SPARQL, spelled as the fast engine spells it."""
    if isinstance(path, URIRef):
        return term_text(path)
    if graph.value(path, RDF.first) is not None:
        return f"({'/'.join(path_text(step, graph) for step in graph.items(path))})"
    if (inner := graph.value(path, SH.alternativePath)) is not None:
        return f"({'|'.join(path_text(step, graph) for step in graph.items(inner))})"
    if (inner := graph.value(path, SH.inversePath)) is not None:
        return f"^{path_text(inner, graph)}"
    for predicate, sign in ((SH.zeroOrMorePath, "*"), (SH.oneOrMorePath, "+"), (SH.zeroOrOnePath, "?")):
        if (inner := graph.value(path, predicate)) is not None:
            return f"({path_text(inner, graph)}){sign}"
    raise VocabularyError(f"not a SHACL path: {path}")


def graph_of(text: str) -> Graph:
    """Return N-Quads text as one rdflib graph, every literal exactly as written."""
    graph = Graph()
    try:
        for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS):
            graph.add((_node(quad.subject), _node(quad.predicate), _node(quad.object)))
    except SyntaxError as error:
        raise SourceError(f"the graph cannot be validated: {error}", line=error.lineno or 0) from error
    return graph


def _node(value: object) -> Node:
    if isinstance(value, ox.NamedNode):
        return URIRef(value.value)
    if isinstance(value, ox.BlankNode):
        return BNode(value.value)
    if not isinstance(value, ox.Literal):
        raise SourceError(f"the graph cannot be validated: {value} is a triple term")
    if value.language:
        return Literal(value.value, lang=value.language)
    return Literal(value.value, datatype=URIRef(value.datatype.value), normalize=False)


def term_text(node: Node | None) -> str:
    """Return a term in N-Triples syntax, an empty string for none."""
    if isinstance(node, URIRef):
        return f"<{node}>"
    if isinstance(node, BNode):
        return f"_:{node}"
    if isinstance(node, Literal):
        datatype = ox.NamedNode(str(node.datatype)) if node.datatype else None
        return str(
            ox.Literal(str(node), language=node.language, datatype=None if node.language else datatype)
        )
    return ""
