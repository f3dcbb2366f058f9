"""What the graph may say: a dozen record classes, each field naming its predicate, and one lowering.

A record is one node. `triples` turns any record into triples, nothing else; a `Claim` gives the plain
triple as well as the node that says who said it, where.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

from kg.terms import Iri, Literal, Term, Triple, term

RDF_TYPE = term("rdf:type")


def says(predicate: str, *, required: bool = False) -> Any:
    """Declare a field's predicate by prefixed name; fields left out (None, empty tuple) say nothing."""
    metadata = {"predicate": predicate}
    return field(metadata=metadata) if required else field(default=None, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A node with its types; `types` may name finer classes than the record class does."""

    rdf_types: ClassVar[tuple[str, ...]] = ()

    iri: Iri
    types: tuple[Iri, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument(Record):
    """A file that was read."""

    rdf_types = ("ckg:SourceDocument",)

    slug: Literal = says("ckg:slug", required=True)
    path: Literal = says("ckg:path", required=True)
    sha256: Literal = says("ckg:sha256", required=True)
    language: Literal | None = says("dcterms:language")
    titles: tuple[Literal, ...] | None = says("dcterms:title")
    description: Literal | None = says("dcterms:description")
    modified: Literal | None = says("dcterms:modified")
    commit: Literal | None = says("ckg:sourceCommit")
    method: Literal | None = says("ckg:translationMethod")
    original: Iri | None = says("schema:translationOfWork")
    licence: Iri | None = says("dcterms:license")
    source: Iri | Literal | None = says("dcterms:source")
    about: tuple[Iri, ...] | None = says("schema:about")


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionNode(Record):
    """A section of a document: its heading, and what it is for."""

    rdf_types = ("ckg:Section",)

    labels: tuple[Literal, ...] | None = says("rdfs:label")
    role: Iri | None = says("ckg:sectionRole")
    whole: Iri = says("schema:isPartOf", required=True)
    line: Literal = says("ckg:line", required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentNode(Record):
    """A sentence, heading, item or cell, in each language it was said in."""

    rdf_types = ("ckg:Segment",)

    values: tuple[Literal, ...] = says("rdf:value", required=True)
    source: Iri = says("oa:hasSource", required=True)
    section: Iri | None = says("schema:isPartOf")
    selector: Iri | None = says("oa:hasSelector")
    line: Literal | None = says("ckg:line")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNode(Record):
    """One link in a document: words, normalised target, and the target as written."""

    rdf_types = ("ckg:Link",)

    labels: tuple[Literal, ...] | None = says("rdfs:label")
    segment: Iri = says("ckg:evidence", required=True)
    target: Iri | None = says("ckg:linksTo")
    href: Literal = says("ckg:href", required=True)
    whole: Iri = says("schema:isPartOf", required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering(Record):
    """A provider's compliance offering for a standard."""

    rdf_types = ("ckg:Offering",)

    labels: tuple[Literal, ...] | None = says("rdfs:label")
    provider: Iri | None = says("schema:provider")
    described_by: Iri = says("ckg:describedBy", required=True)
    resources: tuple[Iri, ...] | None = says("dcterms:references")
    background: tuple[Iri, ...] | None = says("ckg:hasBackgroundDocument")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardNode(Record):
    """A standard that a document names and the registry does not hold, or that a catalog defines."""

    rdf_types = ("ckg:Standard",)

    labels: tuple[Literal, ...] | None = says("skos:prefLabel")
    other_labels: tuple[Literal, ...] | None = says("skos:altLabel")
    notation: Literal | None = says("skos:notation")
    publisher: Iri | None = says("dcterms:publisher")
    version_of: Iri | None = says("dcterms:isVersionOf")
    version: Literal | None = says("pav:version")
    status: Iri | None = says("ckg:reviewStatus")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNode(Record):
    """A cloud service that a list names and the registry does not hold."""

    rdf_types = ("ckg:CloudService",)

    labels: tuple[Literal, ...] | None = says("skos:prefLabel")
    status: Iri | None = says("ckg:reviewStatus")
    umbrella: Iri | None = says("skos:broader")
    provider: Iri | None = says("schema:provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact(Record):
    """A document offered as evidence."""

    rdf_types = ("ckg:Artifact",)

    labels: tuple[Literal, ...] | None = says("rdfs:label")
    url: Iri | None = says("dcat:accessURL")
    kind: Iri | None = says("ckg:artifactKind")
    attests: tuple[Iri, ...] | None = says("ckg:attests")
    covers: tuple[Iri, ...] | None = says("ckg:covers")
    issued: Literal | None = says("dcterms:issued")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Record):
    """A link offered for further reading."""

    rdf_types = ("dcterms:BibliographicResource",)

    labels: tuple[Literal, ...] | None = says("rdfs:label")
    url: Iri | None = says("dcat:accessURL")
    kind: Iri | None = says("ckg:artifactKind")
    part_of: Iri | None = says("dcterms:isPartOf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Record):
    """A question that a document asks and answers."""

    rdf_types = ("schema:Question",)

    texts: tuple[Literal, ...] = says("schema:text", required=True)
    answer: Iri | None = says("schema:acceptedAnswer")
    whole: Iri = says("schema:isPartOf", required=True)
    position: Literal | None = says("schema:position")
    evidence: tuple[Iri, ...] | None = says("ckg:evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Record):
    """The answer to a question, all of its paragraphs."""

    rdf_types = ("schema:Answer",)

    texts: tuple[Literal, ...] = says("schema:text", required=True)
    whole: Iri = says("schema:isPartOf", required=True)
    evidence: tuple[Iri, ...] | None = says("ckg:evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility(Record):
    """A duty of the provider, the customer, both, or the assessor."""

    rdf_types = ("ckg:Responsibility",)

    party: Iri = says("ckg:party", required=True)
    values: tuple[Literal, ...] = says("rdf:value", required=True)
    offering: Iri | None = says("ckg:dutyUnder")
    evidence: tuple[Iri, ...] = says("ckg:evidence", required=True)
    document: Iri = says("prov:wasDerivedFrom", required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved(Record):
    """A name that was seen and could not be placed."""

    rdf_types = ("ckg:Unresolved",)

    labels: tuple[Literal, ...] = says("rdfs:label", required=True)
    expected: Iri = says("ckg:expected", required=True)
    evidence: tuple[Iri, ...] = says("ckg:evidence", required=True)
    whole: Iri = says("schema:isPartOf", required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Record):
    """Something a reader may doubt: a triple, and who said it, where.

    `claim_type` is the class the contract names (`ckg:InScopeClaim` …); `stated` is False where the claim
    is kept without its plain triple.
    """

    rdf_types = ("ckg:Claim", "owl:Axiom")

    source: Iri = says("owl:annotatedSource", required=True)
    prop: Iri = says("owl:annotatedProperty", required=True)
    target: Term = says("owl:annotatedTarget", required=True)
    evidence: tuple[Iri, ...] | None = says("ckg:evidence")
    derived_from: tuple[Iri, ...] = says("prov:wasDerivedFrom", required=True)
    qualifier: tuple[Literal, ...] | None = says("ckg:qualifier")
    impact_level: Iri | None = says("ckg:impactLevel")
    cloud: Iri | None = says("ckg:cloud")
    covers: tuple[Iri, ...] | None = says("ckg:covers")
    wording: Literal | None = says("ckg:wording")
    stated: bool = True


@cache
def _plan(record_class: type[Record]) -> tuple[tuple[Iri, ...], tuple[tuple[str, Iri], ...]]:
    """Return a record class's types, and the predicate of each of its fields."""
    types = tuple(term(name) for name in record_class.rdf_types)
    said = tuple(
        (each.name, term(each.metadata["predicate"])) for each in fields(record_class) if "predicate" in each.metadata
    )
    return types, said


def triples(record: Record) -> Iterator[Triple]:
    """Yield what a record says, its types first."""
    types, said = _plan(type(record))
    subject = record.iri
    for rdf_type in types:
        yield subject, RDF_TYPE, rdf_type
    for rdf_type in record.types:
        if rdf_type not in types:
            yield subject, RDF_TYPE, rdf_type
    if isinstance(record, Claim) and record.stated:
        yield record.source, record.prop, record.target
    for name, predicate in said:
        value = getattr(record, name)
        if value is None:
            continue
        if isinstance(value, tuple):
            for each in value:
                yield subject, predicate, each
        else:
            yield subject, predicate, value
