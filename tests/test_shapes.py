"""Each shape is seen to fail, for the reason its fixture gives and no other, and to pass what is right."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg import files
from kg.validation import Engine, Finding, check, parsed

FIXTURES = Path(__file__).parent / "shapes"
FAILING = sorted(FIXTURES.glob("*.fail.ttl"))
PASSING = sorted(FIXTURES.glob("*.pass.ttl"))
CKGSH = "https://w3id.org/compliance-kg/shapes#"
SEVERITIES = {SH.Violation: "Violation", SH.Warning: "Warning", SH.Info: "Info"}
# Vocabularies of kinds that fixtures take as given.
GIVEN = ("kg", "schemes", "artifacts", "clouds", "sections")

Expected = tuple[str, str, str]


@cache
def given() -> str:
    """The vocabulary that fixtures are judged with, as N-Quads."""
    return "".join(parsed(files.ontology() / f"{name}.ttl") for name in GIVEN)


@cache
def shapes() -> Graph:
    """All shapes."""
    graph = Graph()
    for path in sorted(files.shapes().glob("*.ttl")):
        graph.parse(path)
    return graph


def reporting() -> set[Node]:
    """The shapes whose name can stand in a report: those with a target, and the properties they ask for."""
    targets = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
    aimed = {shape for target in targets for shape in shapes().subjects(target)}
    properties = {each for shape in aimed for each in shapes().objects(shape, SH.property)}
    judging = {shape for shape in aimed if set(shapes().predicates(shape)) & {SH.sparql, SH["or"], SH["not"]}}
    return properties | judging


def findings(path: Path, engine: Engine = "shacl") -> tuple[Finding, ...]:
    """What the shapes find in a fixture."""
    return check(parsed(path) + given(), shapes=files.shapes(), engine=engine).findings


def expected(path: Path) -> Counter[Expected]:
    """What a fixture says must be found: focus node, shape and constraint."""
    graph = Graph().parse(path, publicID=path.as_uri())
    return Counter(
        (
            f"<{graph.value(result, SH.focusNode)}>",
            str(graph.value(result, SH.sourceShape)),
            str(graph.value(result, SH.sourceConstraintComponent)),
        )
        for result in graph.objects(URIRef(path.as_uri()), SH.result)
    )


@pytest.mark.parametrize("path", FAILING, ids=lambda path: path.stem)
def test_a_failing_fixture_makes_exactly_its_shape_fire(path: Path) -> None:
    """The findings are those the file lists, and they bear the shape's own severity and a message."""
    found = findings(path)

    assert Counter((each.focus, each.shape, each.constraint) for each in found) == expected(path)
    assert {each.shape for each in found} == {CKGSH + path.name.removesuffix(".fail.ttl")}
    severity = shapes().value(URIRef(found[0].shape), SH.severity)
    assert {each.severity for each in found} == {SEVERITIES[severity]}
    assert all(each.message for each in found)


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.stem)
def test_a_passing_fixture_conforms_without_a_remark(path: Path) -> None:
    """What is right is left alone."""
    assert findings(path) == ()


def test_every_shape_has_been_seen_to_fail() -> None:
    """No shape can report that no fixture makes report."""
    seen = {path.name.removesuffix(".fail.ttl") for path in FAILING}

    assert {str(shape).removeprefix(CKGSH) for shape in reporting()} == seen


@pytest.mark.parametrize(
    "component", ["minCount", "maxCount", "datatype", "pattern", "nodeKind", "minLength"]
)
def test_every_constraint_of_a_property_shape_has_been_seen_to_fail(component: str) -> None:
    """A fixture that shows one constraint of a shape does not excuse the others."""
    name = f"{SH}{component[0].upper()}{component[1:]}ConstraintComponent"
    constrained = {str(shape) for shape in shapes().subjects(SH[component]) if shape in reporting()}

    assert constrained == {
        shape for path in FAILING for _, shape, constraint in expected(path) if constraint == name
    }


def test_every_node_shape_with_a_target_has_a_passing_fixture() -> None:
    """Each class of things has an example that is right."""
    aimed = {
        str(shape).removeprefix(CKGSH)
        for shape in shapes().subjects(RDF.type, SH.NodeShape)
        if (shape, SH.property, None) in shapes() and (shape, SH.targetClass, None) in shapes()
    }

    assert aimed - {path.name.removesuffix(".pass.ttl") for path in PASSING} <= {"RelatedToStandard"}


def test_every_reporting_shape_has_a_name_a_severity_with_its_reason_and_a_message() -> None:
    """Whoever must act is told what to do, and why it weighs what it weighs."""
    graph = shapes()
    for shape in reporting():
        query = graph.value(shape, SH.sparql)
        severity = graph.value(shape, SH.severity)
        reasons = [str(reason) for reason in graph.objects(shape, RDFS.comment)]
        assert isinstance(graph.value(shape, SH.name), Literal), shape
        assert severity in SEVERITIES, shape
        assert graph.value(shape, SH.message) or graph.value(query, SH.message), shape
        assert any(reason.startswith(f"{SEVERITIES[severity]}: ") for reason in reasons), shape


def test_every_shape_has_an_iri_and_only_lists_are_blank() -> None:
    """A report can name the rule that fired."""
    graph = shapes()
    blank = {node for node in graph.all_nodes() if isinstance(node, BNode)}

    assert all((node, RDF.first, None) in graph for node in blank)
    assert all(str(shape).startswith(CKGSH) for shape in graph.subjects(RDF.type, SH.NodeShape))


def test_the_shapes_are_shapes() -> None:
    """SHACL's own shapes for shapes (SHACL, appendix C) find nothing wrong with ours."""
    import pyshacl

    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=shapes(), meta_shacl=True)

    assert conforms, text


def test_a_clash_of_sources_is_a_warning_and_the_graph_conforms() -> None:
    """Contradictions are reported and left to a person."""
    report = check(
        parsed(FIXTURES / "MappingClash-broad.fail.ttl") + given(),
        shapes=files.shapes(),
    )

    assert report.conforms
    assert [each.severity for each in report.findings] == ["Warning"]


@pytest.mark.slow
def test_both_engines_find_the_same_in_all_fixtures() -> None:
    """The fast engine is held against the reference on every kind of mistake at once, messages included."""
    together = given() + "".join(
        parsed(path)
        .replace("<https://example.org/", f"<https://example.org/{path.stem}/")
        .replace("/id/offering/", f"/id/offering/{path.stem}-")
        for path in FAILING + PASSING
    )

    fast = check(together, shapes=files.shapes())
    reference = check(together, shapes=files.shapes(), engine="pyshacl")

    assert {each.shape for each in fast.findings} == {str(shape) for shape in reporting()}
    assert fast == reference


def test_fixtures_are_turtle_without_blank_nodes() -> None:
    """A fixture looks like the data it stands for."""
    for path in FAILING + PASSING:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()):
            assert not isinstance(quad.subject, ox.BlankNode), path.name
            assert not isinstance(quad.object, ox.BlankNode), path.name
