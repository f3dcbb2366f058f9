"""OSCAL catalogs and profiles, in JSON, XML or YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeAlias

from kg import names
from kg.concepts import Concepts
from kg.concepts.controls import Framework, plain_key
from kg.errors import Issue, SourceError
from kg.records import Baseline, Control, MappingClaim, Record, SegmentNode, SourceDocument, triples
from kg.sources import Extraction, Input
from kg.sources.editions import edition_of
from kg.sources.oscal import catalog as catalogs
from kg.sources.oscal import neighbours
from kg.sources.oscal import profile as profiles
from kg.sources.oscal.tree import kind, node, read, words
from kg.terms import Iri, Literal, Triple, literal, term, typed


class Oscal:
    """Catalogs define controls; profiles and resolved profiles select them into baselines."""

    name = "oscal"

    def accepts(self, item: Input) -> bool:
        """Whether the file is an OSCAL catalog or profile."""
        return kind(item.data) in {"catalog", "profile"}

    def extract(self, item: Input, concepts: Concepts) -> Extraction:
        """Return a catalog's controls, or a profile's baseline."""
        try:
            return _extract(item, concepts)
        except RecursionError as error:
            raise SourceError("nested too deeply", code="too-deep") from error


_SHOWN = 10
_CONTROL = term("ckg:Control")
_LEXICAL = term("semapv:LexicalMatching")
_CONTROL_MAPPING = term("ckg:ControlMapping")
_MAPPING_RELATION = term("skos:mappingRelation")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=[T ]|$)")


def _extract(item: Input, concepts: Concepts) -> Extraction:
    root, tree = kind(item.data), read(item.data)
    metadata = node(tree, "metadata")
    title, version = words(metadata, "title") or PurePosixPath(item.path).stem, words(metadata, "version")
    made: list[Record | Issue] = []
    about: list[Iri] = []
    levels: list[Triple] = []
    if root == "profile":
        resolved = profiles.resolve(tree, neighbours.finder(item), item.path)
        made += _troubles(item, resolved)
        baseline, told = _baseline(concepts, title, _homes(concepts, title, version, resolved))
        slug, levels = baseline.iri[1:-1].rpartition("/")[2], list(_levels(baseline.iri, title, concepts))
        about += [baseline.part_of] if baseline.part_of else []
        made += [*told, baseline]
    else:
        framework = neighbours.framework(title, version, item.path, concepts)
        # A catalog that calls itself the baseline of a level of a known framework defines nothing of its own.
        named_so = "baseline" in title.lower() and concepts.controls.level(title) and framework.registered
        if catalogs.is_selection(tree) or named_so:
            ids = profiles.flatten(tree)[0]
            baseline, told = _baseline(concepts, title, dict.fromkeys(ids, (framework, version)))
            slug = baseline.iri[1:-1].rpartition("/")[2]
            about += [baseline.part_of] if baseline.part_of else []
            made += [*told, baseline]
        else:
            slug = framework.key
            framework, defined = _defined(framework, version, concepts)
            document = names.catalog_document(slug, item.sha256)
            at = catalogs.context(item.path, document, tree, framework, concepts.controls)
            made += [*defined, *catalogs.read(tree, at)]
            made += list(_same_identifiers(made, framework, version, document, concepts))
        about.append(framework.edition)
    document = names.catalog_document(slug, item.sha256)
    licence, source = concepts.publications.of(item.sha256, *about)
    modified = _DATE.match(words(metadata, "last-modified"))
    head = SourceDocument(
        iri=document,
        slug=literal(slug),
        path=literal(item.path),
        sha256=literal(item.sha256),
        titles=(literal(title, "en"),),
        modified=typed(modified[0], "xsd:date") if modified else None,
        version=literal(version) if version else None,
        licence=licence,
        source=source,
    )
    said = [triple for each in (*made, head) if isinstance(each, Record) for triple in triples(each)]
    counts = {"controls": sum(isinstance(each, Control) for each in made)}
    issues = tuple(each for each in made if isinstance(each, Issue))
    return Extraction(document, (*said, *levels), issues, counts)


def _defined(framework: Framework, version: str, concepts: Concepts) -> tuple[Framework, tuple[Record, ...]]:
    """Return a framework with the edition its controls are in, and what is to be said of that edition."""
    edition, told = edition_of(framework, version, concepts)
    return replace(framework, edition=edition), told


def _same_identifiers(
    made: list[Record | Issue], framework: Framework, version: str, document: Iri, concepts: Concepts
) -> Iterator[Record]:
    """Yield that controls of a tailored catalog correspond to those of the same identifier in the one it tailors."""
    origin = concepts.controls.known(framework.tailors)
    if origin is None:
        return
    theirs = concepts.standards.version(origin.edition)
    for each in made:
        name = concepts.controls.name(_text(each.notation), origin) if isinstance(each, Control) else None
        if not isinstance(each, Control) or name is None or name.part:
            continue
        key = _text(each.identifier)
        segment = names.part(document, "segment", f"control.{key}")
        yield SegmentNode(iri=segment, values=(each.notation,), source=document)
        yield MappingClaim(
            iri=names.claim(document, _MAPPING_RELATION, each.iri, name.iri, ""),
            types=(_CONTROL_MAPPING,),
            source=each.iri,
            prop=_MAPPING_RELATION,
            target=name.iri,
            evidence=(segment,),
            derived_from=(document,),
            justification=_LEXICAL,
            mapping_source=document,
            subject_version=literal(version) if version else None,
            object_version=literal(theirs) if theirs else None,
        )


def _text(value: Literal) -> str:
    return value[1:-1]


Homes: TypeAlias = Mapping[str, tuple[Framework, str]]


def _homes(concepts: Concepts, title: str, version: str, resolved: profiles.Resolved) -> Homes:
    """Return the framework, and its version, of each control that a profile selects."""
    found: dict[str, tuple[Framework, str]] = {}
    for source in resolved.catalogs:
        metadata = node(source.tree, "metadata")
        own, release = words(metadata, "title") or PurePosixPath(source.name).stem, words(metadata, "version")
        found[source.name] = neighbours.framework(own, release, source.name, concepts), release
    called = [
        name
        for wanted in resolved.unfound
        for name in (wanted.title, *(PurePosixPath(href).stem for href in wanted.hrefs))
    ]
    known = concepts.controls.framework(*filter(None, called), title)
    guessed = known or concepts.controls.unknown(title, version), version
    return {one: found.get(resolved.origins.get(one, ""), guessed) for one in resolved.selected}


def _baseline(concepts: Concepts, title: str, homes: Homes) -> tuple[Baseline, list[Record]]:
    """Return the baseline that a selection is, and what is to be said of the editions it selects from."""
    if not homes:
        raise SourceError("the profile selects no control", code="empty-baseline")
    controls = concepts.controls
    members: dict[Iri, None] = {}
    editions: dict[Iri, None] = {}
    told: dict[Iri, Record] = {}
    for framework, version in dict.fromkeys(homes.values()):
        edition, records = edition_of(framework, version, concepts)
        editions[edition] = None
        told |= {each.iri: each for each in records}
    for control_id, (framework, _) in homes.items():
        name = controls.name(control_id, framework)
        key = plain_key(control_id)
        if name or key:
            members[name.iri if name else names.control(framework.key, key)] = None
    source = next(iter(homes.values()))[0]
    programme = _programme(concepts, title, source)
    level = controls.level(title)
    revision = source.key.rpartition("-")[2]
    if programme is None and level:
        key = f"{source.key}-{level.key}"
    elif programme and level:
        key = f"{programme.rpartition('/')[2][:-1]}-{revision}-{level.key}"
    else:
        key = names.slug(title) or f"{source.key}-selection"
    baseline = Baseline(
        iri=names.baseline(key),
        labels=(literal(title, "en"),),
        members=tuple(members),
        impact_level=level.impact if level else None,
        part_of=programme or next(iter(editions)),
        selects_from=tuple(editions),
    )
    return baseline, list(told.values())


def _troubles(item: Input, resolved: profiles.Resolved) -> Iterator[Issue]:
    """Yield what a profile names and the inputs do not hold."""
    for missing in dict.fromkeys(resolved.missing):
        yield Issue(item.path, 0, "missing-control", f"the profile names {missing!r}, which no import holds")
    if resolved.not_placed:
        what = f"{len(resolved.not_placed)} controls are selected and have no place in the profile's own arrangement"
        yield Issue(item.path, 0, "not-placed", f"{what}: {', '.join(resolved.not_placed[:_SHOWN])}")
    for wanted in resolved.unfound:
        what = f"{wanted.hrefs[0]!r} is not among the inputs; its listed ids count"
        yield Issue(item.path, 0, "missing-import", what)
    for cycle in resolved.cycles:
        yield Issue(item.path, 0, "import-cycle", f"{cycle!r} imports itself in the end")


def _programme(concepts: Concepts, title: str, source: Framework) -> Iri | None:
    """Return the programme that a baseline's title names besides the catalog it selects from."""
    own = concepts.standards.standard_of(source.edition)
    for mention in concepts.standards.find(title):
        work = concepts.standards.standard_of(mention.iri)
        whole = concepts.registry.iri(work, "dcterms:isPartOf") or work
        if whole not in {own, source.edition}:
            return whole
    return None


def _levels(baseline: Iri, title: str, concepts: Concepts) -> Iterator[Triple]:
    """Yield the triple that ties a programme's level to its baseline, where the registry holds the level."""
    level = concepts.controls.level(title)
    if level is None:
        return
    for mention in concepts.standards.find(title):
        work = concepts.standards.standard_of(mention.iri)
        whole = concepts.registry.iri(work, "dcterms:isPartOf") or work
        key = names.standard(f"{whole.rpartition('/')[2][:-1]}-{level.key}")
        if concepts.registry.knows(key):
            yield key, term("ckg:hasBaseline"), baseline
            return
