"""What the graph may say: a dozen record classes, each field naming its predicate, and one lowering.

A record is one node. `triples` turns any record into triples, `nodes` into texts for lines, and nothing else
does; a `Claim` gives the plain triple as well as the node that says who said it, where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, ClassVar

from kg.nodes import Node
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
    version: Literal | None = says("pav:version")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionNode(Record):
    """An edition whose controls a catalog file defines; the registry may say the same and more."""

    rdf_types = ("ckg:Edition", "ckg:Standard", "skos:ConceptScheme")

    labels: tuple[Literal, ...] | None = says("skos:prefLabel")
    version: Literal | None = says("pav:version")
    version_of: Iri | None = says("dcterms:isVersionOf")


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlGroup(Record):
    """A family of controls."""

    rdf_types = ("ckg:ControlGroup", "skos:Concept")

    labels: tuple[Literal, ...] | None = says("skos:prefLabel")
    identifier: Literal = says("dcterms:identifier", required=True)
    notation: Literal = says("skos:notation", required=True)
    scheme: Iri = says("skos:inScheme", required=True)
    broader: Iri | None = says("skos:broader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Record):
    """A control or enhancement, as its defining catalog gives it."""

    rdf_types = ("ckg:Control", "skos:Concept")

    labels: tuple[Literal, ...] | None = says("skos:prefLabel")
    other_labels: tuple[Literal, ...] | None = says("skos:altLabel")
    identifier: Literal = says("dcterms:identifier", required=True)
    notation: Literal = says("skos:notation", required=True)
    scheme: Iri = says("skos:inScheme", required=True)
    broader: Iri | None = says("skos:broader")
    withdrawn: Literal | None = says("ckg:withdrawn")
    replaced_by: tuple[Iri, ...] | None = says("dcterms:isReplacedBy")
    related: tuple[Iri, ...] | None = says("skos:related")
    requires: tuple[Iri, ...] | None = says("dcterms:requires")
    references: tuple[Iri, ...] | None = says("dcterms:references")
    statements: tuple[Literal, ...] | None = says("ckg:statement")
    guidance: tuple[Literal, ...] | None = says("ckg:guidance")


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlMention(Record):
    """A control that a file speaks of and does not define: only how its identifier is written."""

    notation: Literal = says("skos:notation", required=True)
    labels: tuple[Literal, ...] | None = says("rdfs:label")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline(Record):
    """A selection of controls, resolved: `members` are the controls it selects."""

    rdf_types = ("ckg:Baseline", "skos:Collection")

    labels: tuple[Literal, ...] | None = says("skos:prefLabel")
    members: tuple[Iri, ...] = says("skos:member", required=True)
    impact_level: Iri | None = says("ckg:impactLevel")
    part_of: Iri | None = says("dcterms:isPartOf")
    selects_from: tuple[Iri, ...] | None = says("ckg:selectsFrom")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingClaim(Claim):
    """A mapping between two controls, in the SSSOM slots."""

    set_relation: Literal | None = says("ckg:setRelation")
    modifier: Iri | None = says("sssom:predicate_modifier")
    justification: Iri = says("sssom:mapping_justification", required=True)
    confidence: Literal | None = says("sssom:confidence")
    mapping_source: Iri | None = says("sssom:mapping_source")
    subject_version: Literal | None = says("sssom:subject_source_version")
    object_version: Literal | None = says("sssom:object_source_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Record):
    """A technical check: a policy definition or a scanner's check."""

    rdf_types = ("ckg:Check",)

    labels: tuple[Literal, ...] | None = says("rdfs:label")
    identifier: Literal = says("dcterms:identifier", required=True)
    checked_service: tuple[Iri, ...] | None = says("ckg:checkedService")
    effect: Literal | None = says("ckg:checkEffect")
    category: Literal | None = says("ckg:checkCategory")
    version: Literal | None = says("pav:version")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckClaim(Claim):
    """A check assesses a control, as an initiative or framework file says."""

    initiative: Literal | None = says("ckg:initiative")
    version: Literal | None = says("pav:version")


@dataclass(frozen=True, slots=True)
class _Plan:
    """How records of a class are told: their types, the predicates of their fields in order, and the values.

    `typed` are the types as texts for lines; `values` gives a record's IRI and then what its fields hold.
    """

    types: tuple[Iri, ...]
    typed: tuple[str, ...]
    predicates: tuple[Iri, ...]
    values: Callable[[Record], tuple[Any, ...]]


_plans: dict[type[Record], _Plan] = {}


def _plan(record_class: type[Record]) -> _Plan:
    """Return how records of a class are told."""
    plan = _plans.get(record_class)
    if plan is None:
        said = sorted(
            (term(each.metadata["predicate"]), each.name) for each in fields(record_class) if each.metadata
        )
        types = tuple(term(name) for name in record_class.rdf_types)
        plan = _plans[record_class] = _Plan(
            types=types,
            typed=tuple(f"{RDF_TYPE} {each}" for each in types),
            predicates=tuple(predicate for predicate, _ in said),
            values=attrgetter("iri", *(name for _, name in said)),
        )
    return plan


def triples(record: Record) -> list[Triple]:
    """Return what a record says, its types first."""
    plan = _plan(type(record))
    subject, *values = plan.values(record)
    said: list[Triple] = [(subject, RDF_TYPE, rdf_type) for rdf_type in plan.types]
    said += [(subject, RDF_TYPE, rdf_type) for rdf_type in record.types if rdf_type not in plan.types]
    if isinstance(record, Claim) and record.stated:
        said.append((record.source, record.prop, record.target))
    for predicate, value in zip(plan.predicates, values, strict=True):
        if value is None:
            continue
        if isinstance(value, tuple):
            said += [(subject, predicate, each) for each in value]
        else:
            said.append((subject, predicate, value))
    return said


def nodes(records: Iterable[Record]) -> Iterator[Node]:
    """Yield what records say, ready to become lines; a claim's plain triple is a node of its own."""
    for record in records:
        plan = _plan(type(record))
        subject, *values = plan.values(record)
        said = [*plan.typed]
        said += {f"{RDF_TYPE} {each}" for each in record.types if each not in plan.types}
        for predicate, value in zip(plan.predicates, values, strict=True):
            if value is None:
                continue
            if not isinstance(value, tuple):
                said.append(f"{predicate} {value}")
            elif len(value) == 1:
                said.append(f"{predicate} {value[0]}")
            else:
                said += {f"{predicate} {each}" for each in value}
        said.sort()  # all but the types are in order already, which takes next to no time
        yield Node(subject, said)
        if isinstance(record, Claim) and record.stated:
            yield Node(record.source, [f"{record.prop} {record.target}"])
