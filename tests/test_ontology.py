"""The vocabulary and the registries: described, consistent, and nothing used that is not declared."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCTERMS, ORG, OWL, PROV, RDF, RDFS, SH, SKOS, VANN, VOID, Graph, URIRef

from kg import files, records
from kg.terms import ONTOLOGY, PREFIXES, bare, term
from kg.validation import check, parsed
from tests.conftest import CHECKOUT

CKGSH = "https://w3id.org/compliance-kg/shapes#"
TURTLE = sorted(files.ontology().glob("*.ttl")) + sorted(files.shapes().glob("*.ttl"))

# Terms of vocabularies that come with no library here, as they stood when they were looked up in
# SSSOM 1.1, PAV 2.3, the Web Annotation Vocabulary, and the Data Privacy Vocabulary 2.
LOOKED_UP = {
    "https://w3id.org/sssom/": {
        "MappingSet", "NegatedPredicate", "confidence", "mapping_justification", "mapping_source",
        "object_source_version", "predicate_modifier", "reviewer_id", "subject_source_version",
    },
    "https://w3id.org/semapv/vocab/": {
        "CompositeMatching", "LexicalMatching", "ManualMappingCuration", "MappingChaining", "SemanticSimilarityThresholdMatching",
        "UnspecifiedMatching",
    },
    "http://purl.org/pav/": {"version"},
    "http://www.w3.org/ns/oa#": {"Annotation", "SpecificResource", "hasSelector", "hasSource"},
    "https://w3id.org/dpv#": {
        "Certification", "ComplianceAssessment", "ContractualTerms", "Customer", "Law", "Obligation", "Standard",
        "hasResponsibleEntity",
    },
}  # fmt: skip
IN_A_LIBRARY = {
    str(namespace): namespace
    for namespace in (
        rdflib.DCAT,
        DCTERMS,
        ORG,
        OWL,
        PROV,
        RDF,
        RDFS,
        rdflib.SDO,
        SH,
        SKOS,
        VANN,
        VOID,
        rdflib.XSD,
    )
}
# schema.org terms younger than the library's list.
YOUNGER = {"https://schema.org/Certification"}


@cache
def kg() -> Graph:
    """The vocabulary."""
    return Graph().parse(files.ontology() / "kg.ttl")


@cache
def declared() -> frozenset[str]:
    """Every term of ours."""
    return frozenset(
        str(subject).removeprefix(ONTOLOGY)
        for subject in kg().subjects()
        if str(subject).startswith(ONTOLOGY)
    )


def terms() -> list[URIRef]:
    """Every class, property and named thing of ours, in order."""
    return [URIRef(ONTOLOGY + name) for name in sorted(declared())]


def name_of(term: object) -> str:
    return str(term).rpartition("#")[2]


@pytest.mark.parametrize("term", terms(), ids=name_of)
def test_a_term_is_labelled_defined_and_explained_by_an_example(term: URIRef) -> None:
    """The definition reads "A x is a y …", where x is the label, and says what sets x apart."""
    label = kg().value(term, RDFS.label)
    definition = str(kg().value(term, SKOS.definition))
    name = re.escape(str(label).replace("-", " "))

    assert getattr(label, "language", None) == "en"
    assert re.match(
        rf"an? {name}( relation| value| name)? is an? ", definition.replace("-", " "), re.IGNORECASE
    )
    assert re.search(r"\b(that|which|who|whose|in which)\b", definition), definition
    assert definition.endswith(".")
    assert kg().value(term, RDFS.isDefinedBy) == URIRef(ONTOLOGY.removesuffix("#"))


@pytest.mark.parametrize("term", terms(), ids=name_of)
def test_an_example_is_turtle_that_uses_its_term_and_declared_ones_only(term: URIRef) -> None:
    """Examples are read with the prefixes of the registries."""
    prefixes = {**local_prefixes(), **PREFIXES}
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in sorted(prefixes.items()))

    for example in kg().objects(term, SKOS.example):
        graph = Graph().parse(data=head + str(example), format="turtle")
        used = {str(node) for triple in graph for node in triple}
        assert str(term) in used
        assert {name.removeprefix(ONTOLOGY) for name in used if name.startswith(ONTOLOGY)} <= declared()


@pytest.mark.parametrize(
    "path", [files.ontology() / "README.md", files.shapes() / "README.md"], ids=lambda path: path.parent.name
)
def test_what_a_readme_shows_is_turtle(path: Path) -> None:
    """The blocks to copy from can be parsed."""
    blocks = re.findall(r"```turtle\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    prefixes = {**local_prefixes(), **PREFIXES, "ckgsh": CKGSH}
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in sorted(prefixes.items()))

    assert blocks
    for block in blocks:
        assert len(Graph().parse(data=head + block, format="turtle")) > 3


@cache
def local_prefixes() -> dict[str, str]:
    """The prefixes for concepts and things, one for each kind, as the registries write them."""
    folder = PREFIXES["std"].removesuffix("standard/")
    found = {
        kind: f"{folder}{kind}/"
        for kind in ("attestation-model", "cloud", "party-role", "phrase", "review-status", "standard-kind")
    }
    return {
        **found,
        "kind": f"{folder}artifact-kind/",
        "role": f"{folder}section-role/",
        "level": f"{folder}impact-level/",
    }


@pytest.mark.parametrize("path", TURTLE, ids=lambda path: path.name)
def test_no_blank_nodes_but_in_the_lists_of_shapes(path: Path) -> None:
    """Every node can be named in an issue, a finding or a diff."""
    quads = list(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()))
    in_lists = {quad.subject for quad in quads if quad.predicate.value in {str(RDF.first), str(RDF.rest)}}
    blank = {node for quad in quads for node in (quad.subject, quad.object) if isinstance(node, ox.BlankNode)}

    assert blank <= in_lists
    assert not blank or path.parent == files.shapes()


@pytest.mark.parametrize("path", TURTLE, ids=lambda path: path.name)
def test_language_tags_are_lower_case(path: Path) -> None:
    """So that the store changes nothing."""
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()):
        if isinstance(quad.object, ox.Literal) and quad.object.language:
            assert quad.object.language == quad.object.language.lower(), quad


def our_names(text: str) -> set[str]:
    """The terms of ours that a text names, prefixed or in full."""
    return set(re.findall(r"\bckg:(\w+)", text)) | set(re.findall(re.escape(ONTOLOGY) + r"(\w+)", text))


USERS = [
    path
    for pattern in (
        "ontology/**/*.ttl", "shapes/*.ttl", "kg/**/*.py", "kg/**/*.rq", "kg/**/*.tsv", "tests/**/*.py",
        "tests/**/*.ttl", "ontology/README.md", "shapes/README.md", "README.md",
    )
    for path in sorted(CHECKOUT.glob(pattern))
    if path != Path(__file__)
]  # fmt: skip


@pytest.mark.parametrize("path", USERS, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_every_term_of_ours_that_is_used_is_declared(path: Path) -> None:
    """A capital letter wrong in a name would otherwise be a thing that no shape looks at."""
    assert our_names(path.read_text(encoding="utf-8")) - declared() == set()


def test_every_declared_term_is_used() -> None:
    """A term that nothing uses says nothing."""
    used = {
        name
        for path in USERS
        if path.name not in {"kg.ttl", "alignments.ttl"}
        for name in our_names(path.read_text(encoding="utf-8"))
    }

    assert declared() - used == set()


def test_every_shape_that_is_named_exists() -> None:
    """Fixtures and lists of properties name no shape that was renamed."""
    texts = [path.read_text(encoding="utf-8") for path in USERS if path.suffix == ".ttl"]
    graph = Graph()
    for path in sorted(files.shapes().glob("*.ttl")):
        graph.parse(path)
    existing = {str(subject).removeprefix(CKGSH) for subject in graph.subjects()}

    assert {name for text in texts for name in re.findall(r"\bckgsh:([\w-]+)", text)} <= existing


def foreign() -> set[str]:
    """The terms of other vocabularies that the ontology and the shapes name, things on the web aside."""
    found: set[str] = set()
    for path in TURTLE:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()):
            nodes = (quad.predicate, quad.object) if path.name != "alignments.ttl" else (quad.object,)
            found |= {node.value for node in nodes if isinstance(node, ox.NamedNode)}
    return found


def test_terms_of_other_vocabularies_are_real() -> None:
    """Nobody is pointed at a term that does not exist."""
    for iri in sorted(foreign() - YOUNGER):
        for namespace, known in LOOKED_UP.items():
            if iri.startswith(namespace):
                assert iri.removeprefix(namespace) in known, iri
        for namespace, library in IN_A_LIBRARY.items():
            if iri.startswith(namespace) and iri != namespace:
                assert iri.removeprefix(namespace) in library, iri


def test_terms_of_oscal_and_d3fend_are_real(catalogs: Path) -> None:
    """Both vocabularies are among the shared catalogs."""
    texts = {
        "https://w3id.org/lmodel/": (catalogs / "oscal-linkml" / "oscal.owl.ttl").read_text(encoding="utf-8"),
        "http://d3fend.mitre.org/ontologies/d3fend.owl#": (
            catalogs / "d3fend" / "d3fend-protege.ttl"
        ).read_text(encoding="utf-8"),
    }
    named = [(iri, namespace) for iri in foreign() for namespace in texts if iri.startswith(namespace)]

    assert {namespace for _, namespace in named} == set(texts)
    for iri, namespace in named:
        local = iri.removeprefix(namespace)
        assert re.search(
            rf"^(<{re.escape(iri)}>|:{re.escape(local)}) a owl:", texts[namespace], re.MULTILINE
        ), iri


def test_what_is_aligned_is_declared() -> None:
    """Alignments hang on terms of ours or on concepts of our schemes."""
    subjects = {
        quad.subject.value
        for quad in ox.parse(path=str(files.ontology() / "alignments.ttl"), format=ox.RdfFormat.TURTLE)
    }
    known = {
        quad.subject.value
        for path in sorted(files.ontology().glob("*.ttl"))
        if path.name != "alignments.ttl"
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    }

    assert subjects <= known


def test_relations_are_relations_and_the_negative_is_not() -> None:
    """All but ckg:notDemonstratedBy are dcterms:relation, so that no path crosses the negative."""
    relations = set(kg().subjects(RDF.type, URIRef(ONTOLOGY + "RelationProperty")))
    positive = {each for each in relations if (each, RDFS.subPropertyOf, DCTERMS.relation) in kg()}

    assert len(relations) == 16
    assert relations - positive == {URIRef(ONTOLOGY + "notDemonstratedBy")}


def test_properties_say_where_they_stand_without_inference() -> None:
    """rdfs:domain and rdfs:range would type things that nobody typed."""
    assert not list(kg().subjects(RDFS.domain)) + list(kg().subjects(RDFS.range))
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty, RDF.Property):
        for each in kg().subjects(RDF.type, kind):
            assert (each, rdflib.SDO.domainIncludes, None) in kg(), each
            assert (each, rdflib.SDO.rangeIncludes, None) in kg(), each


def test_the_registries_conform_to_the_shapes() -> None:
    """Every entry has what the shapes for ontology/ ask for; warnings are listed but do not fail."""
    report = check("", shapes=files.shapes(), context=files.ontology())

    assert [str(finding) for finding in report.of("Violation")] == []


@pytest.mark.parametrize("path", TURTLE, ids=lambda path: path.name)
def test_a_registry_says_at_its_top_what_it_holds(path: Path) -> None:
    """A comment before the first entry tells a reader what the file is for."""
    text = path.read_text(encoding="utf-8")

    assert re.search(r"^# \S", text[: text.index(" ;")], re.MULTILINE)


@pytest.mark.parametrize(
    "name", ["standards", "organizations", "offerings", "sections", "artifacts", "clouds", "cues"]
)
def test_a_registry_made_from_pages_names_them_at_its_top(name: str) -> None:
    """Names seen in many pages are credited once, for the file."""
    text = (files.ontology() / f"{name}.ttl").read_text(encoding="utf-8")

    assert re.search(r"^# Sources?: ", text, re.MULTILINE)
    assert re.search(r"^# Licence: ", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["services", "designations", "frameworks", "phrases", "cues"])
def test_every_entry_of_a_registry_has_a_source(name: str) -> None:
    """Knowledge without a source cannot be checked or corrected."""
    graph = Graph().parse(files.ontology() / f"{name}.ttl")
    entries = {
        subject
        for subject in graph.subjects(RDF.type)
        if not set(graph.objects(subject, RDF.type)) & {SKOS.ConceptScheme}
    }
    helpers = {
        "WordClass",
        "WordGroup",
        "ListWording",
        "TitleWording",
        "DesignationWording",
        "Auditor",
        "BaselineLevel",
    }

    unsourced = {
        str(entry)
        for entry in entries
        if (entry, DCTERMS.source, None) not in graph
        and not {name_of(kind) for kind in graph.objects(entry, RDF.type)} & helpers
    }

    assert unsourced == set()


def test_prefixes_mean_the_same_in_every_file() -> None:
    """A name can be copied from one file into another."""
    meanings: dict[str, set[str]] = {}
    for path in TURTLE:
        for prefix, iri in re.findall(
            r"^@prefix ([\w-]*): <([^>]*)>", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            meanings.setdefault(prefix, set()).add(iri)

    for prefix, iri in PREFIXES.items():
        assert meanings.get(prefix, {iri}) == {iri}, prefix


def test_every_file_names_its_graph_in_n_quads_as_in_turtle() -> None:
    """Parsing keeps every statement; nothing in the files depends on where they lie."""
    for path in TURTLE:
        assert path.as_uri() not in parsed(path), path.name


def record_fields() -> list[tuple[str, str, str]]:
    """Every record class with the predicates of ours that its fields name."""
    found = []
    for name, record in vars(records).items():
        if isinstance(record, type) and issubclass(record, records.Record) and record.rdf_types:
            found += [
                (name, record.rdf_types[0], predicate)
                for field in fields(record)
                if (predicate := field.metadata.get("predicate", "")).startswith("ckg:")
            ]
    return found


@pytest.mark.parametrize(("name", "rdf_type", "predicate"), record_fields())
def test_what_a_record_says_is_meant_to_be_said_of_its_class(
    name: str, rdf_type: str, predicate: str
) -> None:
    """schema:domainIncludes at the property names the record's class, or one above or below it."""
    domains = set(kg().objects(URIRef(bare(term(predicate))), rdflib.SDO.domainIncludes))
    own = URIRef(bare(term(rdf_type)))
    kin = set(kg().transitive_objects(own, RDFS.subClassOf)) | set(
        kg().transitive_subjects(RDFS.subClassOf, own)
    )

    assert domains & kin, name
