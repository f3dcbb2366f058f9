"""What reports say: of a standard, of a service, of a whole graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from kg.queries.rendering import short
from kg.queries.words import local, spoken
from kg.reports.evidence import Answers, Said, names, said, values
from kg.reports.model import Group, Numbers, Page, Section, Source
from kg.tables.labels import Labels
from kg.terms import bare, term

_CLAIM = """?claim prov:wasDerivedFrom ?document ; owl:annotatedProperty ?property ; owl:annotatedSource ?source ;
  owl:annotatedTarget ?target ; ckg:evidence ?segment ."""
_CLOUD = """OPTIONAL { ?claim ckg:cloud ?listed } OPTIONAL { ?target ckg:cloud ?own } BIND(COALESCE(?listed, ?own) AS ?cloud)"""
_ABOUT = """SELECT DISTINCT ?about WHERE {{
  {{ ?about (dcterms:isVersionOf|dcterms:isPartOf)* <{standard}> }}
  UNION {{ <{standard}> (dcterms:isVersionOf|dcterms:isPartOf)+ ?about }}
}} ORDER BY ?about"""
_PAGES = """SELECT DISTINCT ?document WHERE {{
  {about} ?claim owl:annotatedTarget ?about ; owl:annotatedProperty ckg:addresses ; prov:wasDerivedFrom ?document
}} ORDER BY ?document"""
# The LIMIT tells the engine's planner that what follows is about few documents.
_LISTINGS = """{{
  SELECT ?document ?segment ?listed WHERE {{
    ?listing owl:annotatedTarget <{service}> ; owl:annotatedProperty ?lists ; prov:wasDerivedFrom ?document ;
      ckg:evidence ?segment . FILTER(?lists = ckg:hasInScopeService)
    OPTIONAL {{ ?listing ckg:cloud ?listed }}
  }} LIMIT 1000000
}}
?claim prov:wasDerivedFrom ?document ; owl:annotatedProperty ?addresses ; owl:annotatedTarget ?target .
FILTER(?addresses = ckg:addresses)
OPTIONAL {{ <{service}> ckg:cloud ?own }} BIND(COALESCE(?listed, ?own) AS ?cloud)"""
_LINKS = """SELECT ?artifact ?url ?kind WHERE {{
  {things} ?artifact dcat:accessURL ?url OPTIONAL {{ ?artifact ckg:artifactKind ?kind }}
}} ORDER BY ?artifact ?url ?kind"""
# What the registries say of a thing stands for itself: the graph it is in is its source.
_REGISTERED = """?source ?property ?target . GRAPH ?document {{ ?source ?property ?target }}
  VALUES ?source {{ <{thing}> }} VALUES ?property {{ {properties} }}"""
_OF_STANDARD = """skos:altLabel dcterms:title ckg:standardKind dcterms:publisher dcterms:isVersionOf
  dcterms:isPartOf pav:version dcterms:issued dcterms:replaces dcterms:source"""
_OF_SERVICE = "skos:altLabel skos:broader schema:provider ckg:cloud dcterms:source"

_SOURCE = bare(term("dcterms:source"))
_DURATION = re.compile(r"P([1-9][0-9]*)([YMWD])")
_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}

Words = Callable[[Said, Labels], str]
Heading = Callable[[Said, Labels], str]


def standard(graph: Answers, name: str) -> Page:
    """Return what documents say of a standard, its editions and levels; `name` is an IRI or words."""
    iri = graph.words.resolve(name, "ckg:Standard").value
    about = [str(value) for value in graph.select(_ABOUT.format(standard=iri)).column("about")]
    pages = [
        str(value) for value in graph.select(_PAGES.format(about=values("about", about))).column("document")
    ]
    here, there = values("document", pages), values("about", about)
    made = _Sections(graph)
    made.add("What it is", _REGISTERED.format(thing=iri, properties=_OF_STANDARD), _value, _relation)
    made.add(
        "Who is bound by it",
        f"{{ {there} BIND(?about AS ?source) {_CLAIM} }} UNION {{ {here} {_CLAIM} }} FILTER(?property IN (ckg:mandatedBy, ckg:appliesTo))",
        _said_of, _relation,
    )  # fmt: skip
    made.add(
        "Services in scope, by cloud", f"{here} {_CLAIM} FILTER(?property = ckg:hasInScopeService) {_CLOUD}", _value, _cloud,
        note="In scope means listed there: neither certified nor compliant.",
    )  # fmt: skip
    made.add("Evidence offered", f"{here} {_CLAIM} FILTER(?property = ckg:hasArtifact)", _value, made.kind)
    made.add(
        "Attestation and audit",
        f"{here} {_CLAIM} FILTER(?property IN (ckg:attestationModel, ckg:auditFrequency, ckg:auditedBy))", _value, _relation,
    )  # fmt: skip
    made.add(
        "Duties",
        f"{here} ?source prov:wasDerivedFrom ?document ; ckg:party ?target ; ckg:evidence ?segment .",
        _sentence,
        _value,
    )
    made.add(
        "Relations to other standards",
        f"{{ {there} BIND(?about AS ?source) {_CLAIM} }} UNION {{ {there} BIND(?about AS ?target) {_CLAIM} }} ?claim a ckg:StandardRelation",
        _related, _relation,
    )  # fmt: skip
    made.add(
        "Questions and answers",
        f"{here} ?source a schema:Question ; schema:isPartOf ?document ; schema:acceptedAnswer ?answer ; schema:text ?target . ?answer ckg:evidence ?segment"
        ' FILTER(LANGMATCHES(LANG(?target), "en") || NOT EXISTS { ?source schema:text ?english FILTER(LANGMATCHES(LANG(?english), "en")) })',
        _sentence, _value,
    )  # fmt: skip
    return made.page(graph.words.label(iri), iri, (("pages read", f"{len(pages):,}"),))


def service(graph: Answers, name: str) -> Page:
    """Return what documents say of a service; `name` is an IRI or words."""
    iri = graph.words.resolve(name, "ckg:CloudService").value
    made = _Sections(graph)
    made.add("What it is", _REGISTERED.format(thing=iri, properties=_OF_SERVICE), _value, _relation)
    made.add(
        "In scope for, by cloud",
        _LISTINGS.format(service=iri),
        _value, _cloud, note="In scope means listed there: neither certified nor compliant.",
    )  # fmt: skip
    made.add(
        "Evidence that names it",
        f"{{ SELECT ?claim WHERE {{ ?claim ckg:covers <{iri}> }} LIMIT 1000000 }} {_CLAIM} FILTER(?property = ckg:hasArtifact)", _value, made.kind,
    )  # fmt: skip
    return made.page(graph.words.label(iri), iri, ())


def overview(graph: Answers) -> Page:
    """Return what a whole graph holds: the standards that pages address, and how they relate to one another."""
    made = _Sections(graph)
    made.add("Standards addressed", f"{_CLAIM} FILTER(?property = ckg:addresses)", _value, _nothing)
    made.add("Relations between standards", f"?claim a ckg:StandardRelation . {_CLAIM}", _related, _relation)
    facts = tuple(
        (f"{row['what']} {short(str(row['name']))}", f"{row['count']:,}")
        for row in graph.stats()
        if row["what"] in {"whole", "language"}
    )
    return made.page("Compliance knowledge graph", "", facts)


class _Sections:
    """The sections of a report as they are made, with the sources they cite."""

    def __init__(self, graph: Answers) -> None:
        self._graph = graph
        self._numbers = Numbers()
        self._sections: list[Section] = []
        self._kinds: dict[str, tuple[str, str]] = {}

    def add(self, title: str, pattern: str, words: Words, heading: Heading, note: str = "") -> None:
        """Add what a pattern finds, a statement for all places that say the same."""
        found = said(self._graph, pattern)
        labels = names(self._graph, found)
        self._kinds = self._addresses(found)
        grouped: dict[str, dict[tuple[str, str], list[Source]]] = {}
        for each in found:
            link = each.target if each.property == _SOURCE else self._kinds.get(each.target, ("", ""))[0]
            grouped.setdefault(heading(each, labels), {}).setdefault((words(each, labels), link), []).append(
                each.origin
            )
        groups = [
            Group(
                name,
                tuple(
                    self._numbers.statement(text, origins, link)
                    # Sentences stay in the order in which the page has them.
                    for (text, link), origins in (
                        statements.items()
                        if words is _sentence
                        else sorted(statements.items(), key=_by_words)
                    )
                ),
            )
            for name, statements in sorted(grouped.items())
        ]
        self._sections.append(Section(title, tuple(groups), note if groups else ""))

    def kind(self, each: Said, labels: Labels) -> str:
        """Return what kind of document an artifact is."""
        kind = self._kinds.get(each.target, ("", ""))[1]
        return labels[kind] if kind else "Kind not known"

    def page(self, title: str, iri: str, facts: Sequence[tuple[str, str]]) -> Page:
        """Return the report."""
        version = self._graph.version
        known = (*facts, *((("graph", version.sha256),) if version else ()))
        return Page(title, iri, known, tuple(self._sections), self._numbers.sources)

    def _addresses(self, found: Iterable[Said]) -> dict[str, tuple[str, str]]:
        """Return the address and the kind of each artifact."""
        things = sorted(
            {each.target for each in found if not each.target_is_text and "/artifact/" in each.target}
        )
        known: dict[str, tuple[str, str]] = {}
        if things:
            for row in self._graph.select(_LINKS.format(things=values("artifact", things))):
                known.setdefault(str(row["artifact"]), (str(row["url"]), str(row["kind"] or "")))
        return known


def _by_words(item: tuple[tuple[str, str], list[Source]]) -> tuple[str, tuple[str, str]]:
    return item[0][0].casefold(), item[0]


def _value(each: Said, labels: Labels) -> str:
    """Return the name of what is said, or the text; a duration in words."""
    if not each.target_is_text:
        return labels[each.target]
    lasts = _DURATION.fullmatch(each.target)
    if not lasts:
        return each.target
    unit = _UNITS[lasts[2]]
    return f"every {unit}" if lasts[1] == "1" else f"every {lasts[1]} {unit}s"


def _sentence(each: Said, labels: Labels) -> str:
    return each.origin.sentence or _value(each, labels)


def _said_of(each: Said, labels: Labels) -> str:
    """Return whom a standard binds; whom it applies to is said in the words of the page."""
    return each.origin.sentence if each.target_is_text and each.origin.sentence else _value(each, labels)


def _relation(each: Said, labels: Labels) -> str:
    """Return the name of a property; of one from elsewhere, its last part in words."""
    name = labels[each.property]
    return spoken(local(each.property)) if name == short(each.property) else name


def _related(each: Said, labels: Labels) -> str:
    return f"{labels[each.source]} {_relation(each, labels)} {_value(each, labels)}"


def _cloud(each: Said, labels: Labels) -> str:
    return labels[each.cloud] if each.cloud else "No cloud in particular"


def _nothing(each: Said, labels: Labels) -> str:  # noqa: ARG001  (a heading's signature)
    return ""
