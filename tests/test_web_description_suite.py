"""The W3C suite for service descriptions: three assertions about what a GET on the endpoint alone gives."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib

from kg.terms import PREFIXES

SD = rdflib.Namespace(PREFIXES["sd"])
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
# The terms of SPARQL 1.1 Service Description (W3C Recommendation, 21 March 2013), by the class each may be said of.
OF = {
    SD.Service: (
        "endpoint feature defaultEntailmentRegime defaultSupportedEntailmentProfile extensionFunction extensionAggregate"
        " languageExtension supportedLanguage propertyFeature defaultDataset availableGraphs resultFormat inputFormat"
    ),
    SD.Dataset: "defaultGraph namedGraph",
    SD.NamedGraph: "name graph entailmentRegime supportedEntailmentProfile",
    SD.Graph: "",
    SD.GraphCollection: "namedGraph",
}
FEATURES = "DereferencesURIs UnionDefaultGraph RequiresDataset EmptyGraphs BasicFederatedQuery"
LANGUAGES = "SPARQL10Query SPARQL11Query SPARQL11Update"


def returns_rdf(graph, url):
    """There are triples."""
    return len(graph) > 0


def has_endpoint_triple(graph, url):
    """The service that is described is the one that was asked."""
    return (None, SD.endpoint, rdflib.URIRef(url)) in graph


def conforms_to_schema(graph, url):
    """Each term is one of the vocabulary, said of a thing of its class."""
    known = {SD[name]: of for of, names in OF.items() for name in names.split()}
    known[SD.namedGraph] = None
    for subject, predicate, value in graph:
        if predicate == rdflib.RDF.type and value.startswith(str(SD)):
            assert value in OF or value in {SD.Feature, SD.Language, SD.Function, SD.Aggregate}
        if predicate.startswith(str(SD)):
            assert predicate in known, predicate
            assert known[predicate] is None or (subject, rdflib.RDF.type, known[predicate]) in graph, (
                predicate
            )
        if predicate == SD.feature:
            assert value in {SD[name] for name in FEATURES.split()}
        if predicate == SD.supportedLanguage:
            assert value in {SD[name] for name in LANGUAGES.split()}
    return len(set(graph.subjects(rdflib.RDF.type, SD.Service))) == 1


CHECKS = {
    "returns-rdf": returns_rdf,
    "has-endpoint-triple": has_endpoint_triple,
    "conforms-to-schema": conforms_to_schema,
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_assertion_of_the_suite_holds(name: str, suites: Path, sample_server) -> None:
    """For each entry of the manifest, in Turtle and in every other form that is offered."""
    manifest = rdflib.Graph().parse(suites / "sparql11" / "service-description" / "manifest.ttl")
    entries = {str(entry).rpartition("#")[2] for entry in manifest.subjects(MF.name, None)}
    assert entries == set(CHECKS)

    for media_type, form in (
        ("text/turtle", "turtle"),
        ("application/ld+json", "json-ld"),
        ("*/*", "turtle"),
    ):
        reply = sample_server.ask(headers={"accept": media_type})
        assert reply.status == 200
        graph = rdflib.Graph().parse(data=reply.body, format=form)
        assert CHECKS[name](graph, f"{sample_server.url}sparql")
