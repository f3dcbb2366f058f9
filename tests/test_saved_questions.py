"""The saved questions: each describes itself, runs in any tool, answers on the samples, and cannot be subverted."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib.plugins.sparql
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import files, pipeline
from kg.errors import KgError, NotFoundError
from kg.graph import Graph
from kg.queries import bind, questions
from kg.terms import PREFIXES

NAMES = tuple(questions())
# What each question is asked about; those not named here are asked without values.
VALUES: dict[str, dict[str, object]] = {
    "services-in-scope": {"standard": "MARS-E 2.0"},
    "is-in-scope": {"service": "Intune", "standard": "ISO 27001"},
    "offerings-covering-all": {"services": ["Azure", "Intune"]},
    "scope-difference": {"standard": "ISO 27001", "other": "ISO 20000-1"},
    "service-names": {"service": "Power Automate"},
    "paths-between": {"start": "MARS-E 2.0", "end": "NIST SP 800-53"},
    "rests-on": {"standard": "MARS-E 2.0"},
    "mandates": {"standard": "MARS-E 2.0"},
    "superseded": {"standard": "NIST SP 800-53"},
    "controls-in": {"list": "bl:fedramp-r4-moderate"},
    "controls-missing": {"wanted": "MARS-E 2.2", "given": "FedRAMP r4 Moderate"},
    "coverage-by-family": {"wanted": "MARS-E 2.2", "given": "FedRAMP r4 Moderate"},
    "controls-to-close": {"wanted": "FedRAMP r4 Low", "have": ["nist-800-53-r4:ac-1"]},
    "left-for-customer": {
        "wanted": "MARS-E 2.2",
        "inherited": "FedRAMP r4 Moderate",
        "provider": "Microsoft",
    },
    "mappings-between": {"from": "std:nist-800-53-r5", "to": "std:nist-800-53-r4"},
    "changes-between": {"from": "std:nist-800-53-r4", "to": "std:nist-800-53-r5"},
    "controls-without-checks": {"list": "bl:fedramp-r4-moderate"},
    "checks-for-control": {"control": "nist-800-53-r4:ac-2"},
    "artifacts-for-service": {"service": "Azure"},
    "artifact-siblings": {"standard": "ISO 27001"},
    "audit-cycle": {"standard": "ISO 27001"},
    "shared-links": {"least": 2},
    "duties": {"standard": "MARS-E 2.0"},
    "reuse-in-certification": {"standard": "MARS-E 2.0"},
    "texts-on-topic": {"topic": "certification"},
    "provenance-of": {"thing": "std:mars-e-2.0"},
}
# The samples hold no technical checks, nothing that two of them offer as evidence, and nothing not understood.
EMPTY_ON_SAMPLES = {"checks-for-control", "shared-artifacts", "not-understood"}


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of the bundled samples and the reference dataset."""
    return pipeline.build([files.samples()], check=False).graph


@pytest.mark.parametrize("name", NAMES)
def test_every_question_parses_as_it_stands_in_both_engines(name: str) -> None:
    """The file runs unchanged in any SPARQL tool."""
    text = questions()[name].sparql

    ox.Store().query(text)
    rdflib.plugins.sparql.prepareQuery(text)


@pytest.mark.parametrize("name", NAMES)
def test_every_question_says_what_its_columns_and_parameters_are(name: str) -> None:
    """Columns are the variables projected; each parameter has one VALUES line."""
    asked = questions()[name]
    found = ox.Store().query(asked.sparql)

    assert isinstance(found, ox.QuerySolutions)
    if not asked.method:
        assert [variable.value for variable in found.variables] == list(asked.columns)
    for param in asked.params:
        assert len(re.findall(rf"VALUES \?{param.name} \{{", asked.sparql)) == 1, param.name
    assert "ORDER BY" in asked.sparql


@pytest.mark.parametrize("name", NAMES)
def test_every_question_answers_on_the_samples(name: str, graph: Graph) -> None:
    """With rows, the same twice."""
    table = graph.ask(name, **VALUES.get(name, {}))

    assert table.rows == graph.ask(name, **VALUES.get(name, {})).rows
    assert bool(table.rows) is (name not in EMPTY_ON_SAMPLES)


def test_the_questions_asked_for_are_all_there() -> None:
    """Numbers of the list of questions that this version answers."""
    numbers = {asked.number for asked in questions().values()}

    assert {*range(1, 29), *range(33, 36)} <= numbers


def test_mars_e_has_three_services_and_their_sentence(graph: Graph) -> None:
    """Azure, Azure Government and Intune, each with the list item that names it."""
    rows = list(graph.ask("services-in-scope", standard="MARS-E 2.0"))

    assert {row["serviceLabel"] for row in rows} == {"Azure", "Azure Government", "Intune"}
    assert {row["sentence"] for row in rows} == {"Azure and Azure Government", "Intune"}


def test_a_misspelled_name_gets_the_nearest(graph: Graph) -> None:
    """The error helps to ask again."""
    with pytest.raises(NotFoundError) as error:
        graph.ask("services-in-scope", standard="MARSE 2.1")

    assert any("MARS-E" in name for name in error.value.nearest)


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1))
def test_no_value_can_become_syntax(text: str) -> None:
    """Whatever is given as text stays one literal, equal to itself; what cannot be one is refused."""
    asked = questions()["texts-on-topic"]
    try:
        bound = bind(asked, {"topic": text})
    except KgError:
        return
    values = re.search(r"VALUES \?topic \{ (.*) \}", bound)
    assert values is not None
    query = f"SELECT ?topic WHERE {{ VALUES ?topic {{ {values[1]} }} }}"
    [solution] = list(ox.Store().query(query))
    assert solution["topic"].value == text.strip() or solution["topic"].value == text
    ox.Store().query(bound, prefixes=PREFIXES)


TWO_KINDS = """
@prefix ckg: <https://w3id.org/compliance-kg/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix ex: <https://example.org/> .
ex:certificate skos:prefLabel "certificate"@en . ex:report skos:prefLabel "audit report"@en .
ex:artifact a ckg:Artifact ; rdfs:label "Both at once"@en ; ckg:artifactKind ex:certificate, ex:report ;
  dcat:accessURL <https://example.org/file.pdf> .
ex:service a ckg:CloudService ; skos:prefLabel "Example service"@en .
ex:one a ckg:Standard ; skos:prefLabel "Example one"@en . ex:two a ckg:Standard ; skos:prefLabel "Example two"@en .
ex:offering-one a ckg:Offering ; ckg:addresses ex:one ; ckg:hasArtifact ex:artifact ; ckg:describedBy ex:page-one .
ex:offering-two a ckg:Offering ; ckg:addresses ex:two ; ckg:hasArtifact ex:artifact ; ckg:describedBy ex:page-two .
ex:about-one a ckg:Claim ; owl:annotatedSource ex:offering-one ; owl:annotatedProperty ckg:addresses ;
  owl:annotatedTarget ex:one ; prov:wasDerivedFrom ex:page-one .
ex:about-two a ckg:Claim ; owl:annotatedSource ex:offering-two ; owl:annotatedProperty ckg:addresses ;
  owl:annotatedTarget ex:two ; prov:wasDerivedFrom ex:page-two .
ex:claim-one a ckg:Claim, ckg:ArtifactClaim ; owl:annotatedSource ex:offering-one ; owl:annotatedProperty ckg:hasArtifact ;
  owl:annotatedTarget ex:artifact ; ckg:covers ex:service ; ckg:evidence ex:segment-one ; prov:wasDerivedFrom ex:page-one .
ex:claim-two a ckg:Claim, ckg:ArtifactClaim ; owl:annotatedSource ex:offering-two ; owl:annotatedProperty ckg:hasArtifact ;
  owl:annotatedTarget ex:artifact ; ckg:covers ex:service ; ckg:evidence ex:segment-two ; prov:wasDerivedFrom ex:page-two .
ex:segment-one a ckg:Segment ; rdf:value "Both at once"@en ; ckg:line 1 . ex:page-one ckg:path "one.md" .
ex:segment-two a ckg:Segment ; rdf:value "Both at once"@en ; ckg:line 1 . ex:page-two ckg:path "two.md" .
"""


@pytest.mark.parametrize(
    ("name", "values"),
    [("artifacts-for-service", {"service": "https://example.org/service"}), ("shared-artifacts", {})],
)
def test_each_kind_of_an_artifact_goes_by_its_own_name(
    name: str, values: dict[str, object], tmp_path: Path
) -> None:
    """Pages may call one document a certificate and an audit report: neither kind takes the other's label."""
    place = tmp_path / "two-kinds.ttl"
    place.write_text(TWO_KINDS)

    found = {(row["kind"], row["kindLabel"]) for row in Graph.open(place).ask(name, **values)}

    assert found == {
        ("https://example.org/certificate", "certificate"),
        ("https://example.org/report", "audit report"),
    }
