"""What is said around a thing: near before far, much tied before little, nothing denied."""

from __future__ import annotations

import pytest

from kg import neighbourhood
from kg.errors import NotFoundError, QueryError
from kg.graph import Graph

PREFIXES = """
@prefix ckg: <https://w3id.org/compliance-kg/ontology#> .
@prefix std: <https://w3id.org/compliance-kg/id/standard/> .
@prefix svc: <https://w3id.org/compliance-kg/id/service/> .
@prefix off: <https://w3id.org/compliance-kg/id/offering/> .
@prefix ex: <https://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sssom: <https://w3id.org/sssom/> .
"""
SAID = """
std:a a ckg:Standard ; skos:prefLabel "Alpha"@en . std:b a ckg:Standard ; skos:prefLabel "Beta"@en .
std:c a ckg:Standard ; skos:prefLabel "Gamma"@en . std:d a ckg:Standard ; skos:prefLabel "Delta"@en .
std:a dcterms:isVersionOf std:b .
ex:1 a ckg:Claim ; owl:annotatedSource std:b ; owl:annotatedProperty ckg:basedOn ; owl:annotatedTarget std:c ;
  ckg:evidence ex:s ; prov:wasDerivedFrom ex:doc .
ex:s rdf:value "Beta is based on Gamma."@en ; ckg:line 7 . ex:doc ckg:path "b.md" .
ex:2 a ckg:Claim ; owl:annotatedSource std:a ; owl:annotatedProperty ckg:mapsTo ; owl:annotatedTarget std:d ;
  sssom:predicate_modifier sssom:NegatedPredicate .
"""


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Alpha is a version of Beta, which is based on Gamma; that Alpha maps to Delta is denied."""
    place = tmp_path_factory.mktemp("near") / "near.ttl"
    place.write_text(PREFIXES + SAID)
    return Graph.open(place)


def labels(found: neighbourhood.Neighbourhood) -> list[str]:
    """The names of the things found, in their order."""
    return [node.label for node in found.nodes]


def test_depth_says_how_far_is_looked(graph: Graph) -> None:
    """One step reaches what a thing is a version of, two what that rests on."""
    assert labels(neighbourhood.around(graph, "Alpha", depth=1)) == ["Alpha", "Beta"]
    assert labels(neighbourhood.around(graph, "Alpha", depth=2)) == ["Alpha", "Beta", "Gamma"]


def test_each_edge_has_its_best_evidence(graph: Graph) -> None:
    """A claim its sentence, file and line; what nobody doubts has none."""
    edges = {edge.label: edge for edge in neighbourhood.around(graph, "Beta").edges}

    assert (edges["based on"].sentence, edges["based on"].place) == ("Beta is based on Gamma.", "b.md:7")
    assert (edges["is version of"].sentence, edges["is version of"].place) == ("", "")


def test_what_is_denied_ties_nothing(graph: Graph) -> None:
    """No edge, and no node that only a denial leads to."""
    assert "Delta" not in labels(neighbourhood.around(graph, "Alpha", depth=3))
    assert labels(neighbourhood.around(graph, "Delta")) == ["Delta"]


def test_what_finds_no_room_is_counted(graph: Graph) -> None:
    """The nearest stay; with no room for what was asked for, that is said."""
    found = neighbourhood.around(graph, "Alpha", depth=2, most=2)

    assert (labels(found), found.left_out) == (["Alpha", "Beta"], 1)
    with pytest.raises(QueryError, match="room for 1"):
        neighbourhood.around(graph, "Alpha", "Beta", most=1)


def test_an_unknown_name_gets_the_nearest(graph: Graph) -> None:
    """As everywhere."""
    with pytest.raises(NotFoundError):
        neighbourhood.around(graph, "Epsilon nine")
