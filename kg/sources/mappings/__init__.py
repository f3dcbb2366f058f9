"""Crosswalks between the controls of two frameworks, in any of six formats, as SSSOM claims."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from kg import names
from kg.concepts import Concepts
from kg.concepts.controls import ControlName, Framework
from kg.errors import Issue, SourceError
from kg.records import ControlMention, MappingClaim, Record, SegmentNode, SourceDocument, triples
from kg.sources import Extraction, Input
from kg.sources.evidence import also_at
from kg.sources.mappings.formats import reader
from kg.sources.mappings.rows import OURS, MappingSet, Row, Side
from kg.sources.oscal import neighbours
from kg.terms import Iri, decimal, integer, iri, literal, term

PREDICATES: dict[str, Iri] = {
    "equal-to": term("skos:exactMatch"),
    "equivalent-to": term("skos:closeMatch"),
    "subset-of": term("skos:broadMatch"),
    "superset-of": term("skos:narrowMatch"),
    "intersects-with": term("skos:relatedMatch"),
    "no-relationship": term("skos:relatedMatch"),
    "": term("skos:mappingRelation"),
}
_CONTROL_MAPPING = term("ckg:ControlMapping")
_NEGATED = term("sssom:NegatedPredicate")
_MANUAL = term("semapv:ManualMappingCuration")
_OURS = re.compile(re.escape(OURS) + r"([\w.-]+)/([\w.-]+)")
_SEMAPV = "https://w3id.org/semapv/vocab/"


class Mappings:
    """Files that map the controls of one framework to those of another."""

    name = "mapping"

    def accepts(self, item: Input) -> bool:
        """Whether the file is a crosswalk in a format we read."""
        return reader(item.data) is not None

    def extract(self, item: Input, concepts: Concepts) -> Extraction:
        """Return the file's mappings as claims, each with the row that states it."""
        read = reader(item.data)
        if read is None:
            raise SourceError("not a crosswalk in a format that is known", code="unknown-mapping")
        try:
            return _claims(item, concepts, read(item.data))
        except RecursionError as error:
            raise SourceError("nested too deeply", code="too-deep") from error


def _claims(item: Input, concepts: Concepts, found: MappingSet) -> Extraction:
    source = _framework(concepts, found.source, item)
    target = _framework(concepts, found.target, item)
    slug = f"{source.key}-to-{target.key}"
    document = names.catalog_document(slug, item.sha256)
    licence, published = concepts.publications.of(item.sha256)
    licence = licence or found.licence or source.licence_of_crosswalks or target.licence_of_crosswalks
    document_record = SourceDocument(
        iri=document,
        slug=literal(slug),
        path=literal(item.path),
        sha256=literal(item.sha256),
        titles=(literal(found.title or slug, "en"),),
        licence=licence,
        source=published or found.published,
    )
    issues = [
        Issue(item.path, line, "unread-mapping", f"{words} ({where})" if not line else words)
        for where, line, words in found.notes
    ]
    versions = (
        found.source.version or concepts.standards.version(source.edition),
        found.target.version or concepts.standards.version(target.edition),
    )
    said = list(triples(document_record))
    quoted: set[str] = set()
    mentioned: dict[Iri, Record] = {}
    claims: dict[Iri, MappingClaim] = {}
    for row in found.rows:
        a, b = _control(row.source, source, concepts), _control(row.target, target, concepts)
        if a is None or b is None:
            wrong, framework = (row.source, source) if a is None else (row.target, target)
            issues.append(
                Issue(
                    item.path,
                    row.line,
                    "unknown-identifier",
                    f"{wrong!r} is no identifier of {framework.label} ({row.where})",
                )
            )
            continue
        segment = names.part(document, "segment", row.where)
        if row.where not in quoted:
            quoted.add(row.where)
            line = integer(row.line) if row.line else None
            said += triples(
                SegmentNode(iri=segment, values=(literal(row.shown),), source=document, line=line)
            )
        claim = _claim(row, a, b, document, segment, versions)
        known = claims.get(claim.iri)
        claims[claim.iri] = also_at(known, segment) if known else claim
        for name, framework, label in ((a, source, ""), (b, target, row.label)):
            if name.iri not in mentioned:
                mentioned[name.iri] = _mention(name, framework, concepts, label)
    for each in (*mentioned.values(), *claims.values()):
        said += triples(each)
    return Extraction(
        document, tuple(said), tuple(issues), {"mapping rows": len(found.rows), "mappings": len(claims)}
    )


def _framework(concepts: Concepts, side: Side, item: Input) -> Framework:
    called = tuple(name for name in side.names if name)
    known = concepts.controls.framework(*called) or neighbours.called(item, concepts, *called)
    return known or concepts.controls.unknown(_title(called[0] if called else item.path), side.version)


def _control(text: str, framework: Framework, concepts: Concepts) -> ControlName | None:
    """Return the control that an IRI of ours is, or that an identifier spells in a framework."""
    ours = _OURS.fullmatch(text)
    return ControlName(ours[1], ours[2]) if ours else concepts.controls.name(text, framework)


def _title(name: str) -> str:
    """Return a name as a title: of a path, an address or a URN the last part, without the ending of a file."""
    return name if " " in name else re.split(r"[/:#]", PurePosixPath(name.rstrip("/#")).stem)[-1]


def _claim(
    row: Row, a: ControlName, b: ControlName, document: Iri, segment: Iri, versions: tuple[str, str]
) -> MappingClaim:
    predicate = PREDICATES[row.relation]
    negated = row.relation == "no-relationship"
    # A part of a control is less than the control: what is said of the part is not said of the whole.
    relation = row.relation if not a.part and not b.part else ""
    if relation != row.relation:
        predicate, negated = PREDICATES[""], False
    return MappingClaim(
        iri=names.claim(document, predicate, a.iri, b.iri, relation),
        types=(_CONTROL_MAPPING,),
        source=a.iri,
        prop=predicate,
        target=b.iri,
        evidence=(segment,),
        derived_from=(document,),
        set_relation=literal(relation) if relation else None,
        modifier=_NEGATED if negated else None,
        justification=_justification(row.justification),
        confidence=decimal(row.confidence) if row.confidence is not None else None,
        mapping_source=document,
        subject_version=literal(versions[0]) if versions[0] else None,
        object_version=literal(versions[1]) if versions[1] else None,
        stated=not negated,
    )


def _justification(stated: str) -> Iri:
    name = stated.removeprefix("semapv:").removeprefix(_SEMAPV)
    return iri(_SEMAPV + name) if name.isalpha() and name != stated else _MANUAL


def _mention(name: ControlName, framework: Framework, concepts: Concepts, label: str) -> Record:
    """Return what a crosswalk may say of a control that it does not define: how people write its identifier."""
    home = concepts.controls.known(name.catalog) or framework
    notation = concepts.controls.notation(name.key, home) or name.key.upper()
    labels = (literal(label, "en"),) if label and not home.identifiers_only else None
    return ControlMention(iri=name.iri, notation=literal(notation), labels=labels)
