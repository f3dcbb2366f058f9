"""What the IRIs of the project lead to, and how the service describes itself."""

from __future__ import annotations

import json
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import rdflib

from kg.terms import BASE, ONTOLOGY, PREFIXES
from kg.web import negotiation
from tests.serving import running

OWL, SD, VOID = (rdflib.Namespace(PREFIXES[name]) for name in ("owl", "sd", "void"))
CKG = rdflib.Namespace(ONTOLOGY)
MARS = "id/standard/mars-e-2.0"
FORMS = {
    "text/turtle": "turtle",
    "application/ld+json": "json-ld",
    "application/n-triples": "nt",
    "application/trig": "trig",
    "application/n-quads": "nquads",
}


def read(reply, form="turtle"):
    """Return the triples of an answer, by a reader that is not ours."""
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=reply.body, format=form)
    return set(dataset.triples((None, None, None)))


@pytest.mark.parametrize(("media_type", "form"), FORMS.items())
def test_a_thing_is_described_in_every_form_alike(sample_server, media_type, form):
    """Whichever a client asks for, it gets the same statements."""
    reply = sample_server.ask(MARS, headers={"accept": media_type})
    assert (reply.status, reply.media_type) == (200, media_type)
    assert read(reply, form) == read(sample_server.ask(MARS))


def test_the_claims_about_a_thing_come_with_their_evidence(sample_server):
    """Every claim leads to a segment that is described along with it."""
    said = read(sample_server.ask(MARS))
    thing = rdflib.URIRef(BASE + "standard/mars-e-2.0")
    claims = {s for s, p, o in said if p in {OWL.annotatedSource, OWL.annotatedTarget} and o == thing}
    evidence = {o for s, p, o in said if s in claims and p == CKG.evidence}
    assert claims
    assert evidence
    assert evidence <= {s for s, p, o in said if p == rdflib.RDF.value}


def test_what_leads_to_a_thing_is_told(sample_server):
    """The edition names its programme, and the programme's description says so."""
    said = read(sample_server.ask("id/standard/mars-e"))
    version = rdflib.DCTERMS.isVersionOf
    assert any(p == version and o == rdflib.URIRef(BASE + "standard/mars-e") for s, p, o in said)


def test_what_is_too_much_is_cut_and_told(sample_server):
    """Many controls lead to the scheme they are in."""
    reply = sample_server.ask("id/standard/nist-800-53-r4", {"format": "nt"})
    assert reply.status == 200
    assert reply.headers["x-cut"] == "incoming"
    assert len(reply.body) < 1_000_000


def test_a_document_leads_to_all_it_says(sample_server):
    """The IRI of a document is that of its graph."""
    found = sample_server.query(
        "SELECT ?d (COUNT(*) AS ?n) { GRAPH ?d { ?d a ckg:SourceDocument . ?s ?p ?o } } GROUP BY ?d"
    )
    for row in found.json()["results"]["bindings"][:3]:
        document, count = row["d"]["value"], int(row["n"]["value"])
        reply = sample_server.ask(document.replace(BASE, "id/"), {"format": "nq"})
        inside = [line for line in reply.body.splitlines() if line.endswith(f" <{document}> .".encode())]
        assert len(inside) == count


def test_nothing_that_is_described_has_no_name(sample_server):
    """No blank nodes, neither of things nor of the service."""
    for path in (MARS, "sparql", ".well-known/void", "ontology"):
        reply = sample_server.ask(path, headers={"accept": "application/n-triples"})
        assert reply.status == 200
        assert b"_:" not in reply.body.replace(b'"', b"").split(b"\n")[0]
        assert not any(isinstance(each, rdflib.BNode) for triple in read(reply, "nt") for each in triple)


def test_an_unknown_thing_is_told_with_those_nearest(sample_server):
    """404 as a problem, in which `nearest` leads on."""
    reply = sample_server.ask("id/standard/mars-e-2.00")
    assert (reply.status, reply.media_type) == (404, "application/problem+json")
    assert BASE + "standard/mars-e-2.0" in reply.json()["nearest"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "%00",
        "a b",
        "é",
        "%C3%A9",
        "%ff",
        "<>",
        "..",
        "../../etc/passwd",
        "%2e%2e%2f",
        "x" * 4000,
        "%",
        "a%22b",
        "a%3E%7D",
        "💥",
    ],
)
def test_whatever_is_asked_for_is_a_thing_or_is_not(sample_server, path):
    """Odd paths are not found; none is a fault, none leads to a file."""
    reply = sample_server.ask("id/" + quote(path, safe="/%."))
    assert reply.status in {400, 404}
    assert reply.media_type == "application/problem+json"


def test_the_vocabulary_is_given_as_it_is_written_and_in_other_forms(sample_server):
    """Every term the file defines is in each form."""
    turtle, triples = (sample_server.ask("ontology", {"format": form}) for form in ("ttl", "nt"))
    assert turtle.body.startswith(b"# ")
    assert read(turtle) == read(triples, "nt")
    assert (CKG.Offering, rdflib.RDF.type, OWL.Class) in read(triples, "nt")


def test_head_tags_and_304(sample_server):
    """HEAD has the headers of GET and no body; who has the answer is told so until the graph changes."""
    got, head = sample_server.ask(MARS), sample_server.ask(MARS, method="HEAD")
    assert head.body == b""
    assert head.headers["content-length"] == str(len(got.body))
    assert head.headers["etag"] == got.headers["etag"]
    assert got.headers["x-graph-sha256"] in got.headers["etag"]
    again = sample_server.ask(MARS, headers={"if-none-match": got.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    other = sample_server.ask(MARS, {"format": "nt"}, headers={"if-none-match": got.headers["etag"]})
    assert other.status == 200


def test_what_is_in_no_acceptable_form_is_not_sent(sample_server):
    """406 names what there is; 405 names the methods."""
    assert sample_server.ask(MARS, headers={"accept": "image/png"}).status == 406
    assert sample_server.ask(MARS, {"format": "png"}).status == 400
    refused = sample_server.ask(MARS, method="DELETE")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert sample_server.ask(MARS, method="OPTIONS").status == 204


def test_the_service_describes_itself_at_its_endpoint(sample_server):
    """A client finds the endpoint, what it speaks, and the dataset behind it."""
    endpoint = rdflib.URIRef(sample_server.url + "sparql")
    graph = rdflib.Graph().parse(data=sample_server.ask("sparql").body, format="turtle")
    assert (endpoint, rdflib.RDF.type, SD.Service) in graph
    assert (endpoint, SD.endpoint, endpoint) in graph
    assert (endpoint, SD.feature, SD.UnionDefaultGraph) in graph
    assert (endpoint, SD.supportedLanguage, SD.SPARQL11Query) in graph
    assert not list(graph.objects(endpoint, SD.extensionFunction))
    formats = list(graph.objects(endpoint, SD.resultFormat))
    assert len(formats) == len(set(negotiation.TABLES.values())) + len(set(negotiation.TRIPLES.values()))
    dataset = graph.value(endpoint, SD.defaultDataset)
    assert (dataset, rdflib.RDF.type, SD.Dataset) in graph
    assert graph.value(graph.value(dataset, SD.defaultGraph), VOID.triples)


def test_the_figures_are_those_of_the_data(sample_server):
    """VoID counts what queries count."""
    graph = rdflib.Graph().parse(data=sample_server.ask(".well-known/void").body, format="turtle")
    dataset = rdflib.URIRef(sample_server.url + "sparql#dataset")

    def counted(text):
        (row,) = sample_server.query(f"SELECT (COUNT({text}").json()["results"]["bindings"]
        return int(row["n"]["value"])

    assert int(graph.value(dataset, VOID.triples)) == counted("*) AS ?n) { ?s ?p ?o }")
    assert int(graph.value(dataset, VOID.distinctSubjects)) == counted("DISTINCT ?s) AS ?n) { ?s ?p ?o }")
    assert int(graph.value(dataset, VOID.distinctObjects)) == counted("DISTINCT ?o) AS ?n) { ?s ?p ?o }")
    assert int(graph.value(dataset, VOID["classes"])) == counted("DISTINCT ?c) AS ?n) { ?s a ?c }")
    partition = graph.value(predicate=VOID["class"], object=CKG.Offering)
    assert int(graph.value(partition, VOID.entities)) == counted("*) AS ?n) { ?s a ckg:Offering }")
    named = list(graph.objects(dataset, SD.namedGraph))
    assert len(named) == counted("DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    licensed = {
        graph.value(each, SD.name)
        for each in named
        if graph.value(graph.value(each, SD.name), rdflib.DCTERMS.license)
    }
    assert len(licensed) == counted("DISTINCT ?g) AS ?n) { GRAPH ?g { ?g dcterms:license ?l } }")


def test_the_example_is_a_thing_that_can_be_looked_up(sample_server):
    """And so is every vocabulary an IRI."""
    graph = rdflib.Graph().parse(data=sample_server.ask("sparql").body, format="turtle")
    dataset = rdflib.URIRef(sample_server.url + "sparql#dataset")
    example = str(graph.value(dataset, VOID.exampleResource))
    assert sample_server.ask(example.replace(BASE, "id/")).status == 200
    assert rdflib.URIRef(ONTOLOGY) in set(graph.objects(dataset, VOID.vocabulary))


def test_the_answers_are_the_same_each_time(sample_server):
    """Prefixes and statements have an order."""
    for path in (MARS, "sparql", "ontology"):
        replies = {
            sample_server.ask(path, headers={"accept-encoding": f"gzip;q=0, x{n}"}).body for n in range(3)
        }
        assert len(replies) == 1
    assert ox.parse(sample_server.ask(MARS).body, ox.RdfFormat.TURTLE)
    assert json.loads(sample_server.ask(MARS, {"format": "jsonld"}).body)


def test_a_graph_that_is_not_ours_is_served_and_described(tmp_path):
    """Blank nodes, texts where IRIs are usual, and names of no use are no reason not to start."""
    place = tmp_path / "odd.nq"
    a, licence = PREFIXES["rdf"] + "type", PREFIXES["dcterms"] + "license"
    place.write_text(
        f'_:x <{a}> "a text" _:g .\n_:x <{a}> _:y .\n<urn:g> <{licence}> "Apache 2.0" <urn:g> .\n'
        f'<urn:a> <{PREFIXES["skos"]}prefLabel> "" .\n<urn:a> <{a}> <{ONTOLOGY}Standard> .\n'
        f'<urn:a> <urn:p> <<( <urn:s> <urn:p> "o" )>> .\n'
        f'<{BASE}standard/b> <urn:p> _:x .\n<{BASE}standard/b> <urn:p> <<( <urn:s> <urn:p> "o" )>> .\n'
    )
    with running(place, tmp_path / "log") as server:
        graph = rdflib.Graph().parse(data=server.ask("sparql", headers={"accept": "text/turtle"}).body)
        dataset = rdflib.URIRef(server.url + "sparql#dataset")
        assert int(graph.value(dataset, VOID.triples)) == 8
        assert server.ask("id/standard/b", {"format": "nt"}).body.count(b"\n") == 2
        assert server.ask("search", {"q": "b"}).status == 200
        assert server.ask("id/nothing").status == 404


def test_the_context_of_json_ld_is_there(sample_server):
    """As it is published, and not sent twice."""
    reply = sample_server.ask("ontology/context.jsonld")

    assert reply.media_type == "application/ld+json"
    assert reply.json()["@context"]["ckg"] == ONTOLOGY
    assert (
        sample_server.ask("ontology/context.jsonld", headers={"if-none-match": reply.headers["etag"]}).status
        == 304
    )
