"""What reports say: of a standard, of a service, of a whole graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from kg.queries.rendering import short
from kg.queries.texts import filled, listed
from kg.queries.words import local, spoken
from kg.reports.evidence import Answers, Said, names, said
from kg.reports.model import Group, Numbers, Page, Section, Source
from kg.tables.labels import Labels
from kg.terms import bare, term

_LISTED = "In scope means listed there: neither certified nor compliant."
# What is to be said below a section, by the query it comes from.
_NOTES = {"scope": _LISTED, "listings": _LISTED}
_SOURCE = bare(term("dcterms:source"))
_DURATION = re.compile(r"P([1-9][0-9]*)([YMWD])")
_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}

Words = Callable[[Said, Labels], str]
Heading = Callable[[Said, Labels], str]


def standard(graph: Answers, name: str) -> Page:
    """Return what documents say of a standard, its editions and levels; `name` is an IRI or words."""
    iri = graph.words.resolve(name, "ckg:Standard").value
    family = filled("reports", "about", standard=listed([iri]))
    about = listed(map(str, graph.select(family).column("about")))
    pages = list(map(str, graph.select(filled("reports", "pages", about=about)).column("document")))
    documents = listed(pages)
    made = _Sections(graph)
    made.add("What it is", _value, _relation, "standard", thing=listed([iri]))
    made.add("Who is bound by it", _said_of, _relation, "bound", about=about, documents=documents)
    made.add("Services in scope, by cloud", _value, _cloud, "scope", documents=documents)
    made.add("Evidence offered", _value, made.kind, "artifacts", documents=documents)
    made.add("Attestation and audit", _value, _relation, "audits", documents=documents)
    made.add("Duties", _sentence, _value, "duties", documents=documents)
    made.add("Relations to other standards", _related, _relation, "relations", about=about)
    made.add("Questions and answers", _sentence, _value, "questions", documents=documents)
    return made.page(graph.words.label(iri), iri, (("pages read", f"{len(pages):,}"),))


def service(graph: Answers, name: str) -> Page:
    """Return what documents say of a service; `name` is an IRI or words."""
    iri = graph.words.resolve(name, "ckg:CloudService").value
    thing = listed([iri])
    made = _Sections(graph)
    made.add("What it is", _value, _relation, "service", thing=thing)
    made.add("In scope for, by cloud", _value, _cloud, "listings", thing=thing)
    made.add("Evidence that names it", _value, made.kind, "naming", thing=thing)
    return made.page(graph.words.label(iri), iri, ())


def overview(graph: Answers) -> Page:
    """Return what a whole graph holds: the standards that pages address, and how they relate to one another."""
    made = _Sections(graph)
    made.add("Standards addressed", _value, _nothing, "addressed")
    made.add("Relations between standards", _related, _relation, "all-relations")
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

    def add(self, title: str, words: Words, heading: Heading, query: str, **parts: str) -> None:
        """Add what a query finds, a statement for all places that say the same."""
        found = said(self._graph, query, **parts)
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
        self._sections.append(Section(title, tuple(groups), _NOTES.get(query, "") if groups else ""))

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
            for row in self._graph.select(filled("reports", "links", artifacts=listed(things))):
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
