"""Compliance-offering pages in Markdown, and the plain pages beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kg import names
from kg.concepts import Concepts
from kg.documents import markdown
from kg.documents.model import Document, Section, Text, reading
from kg.errors import Issue
from kg.records import Answer, Claim, Offering, Question, Record, Unresolved, nodes
from kg.sources import Extraction, Input
from kg.sources.offering import (
    answers,
    artifacts,
    attestation,
    duties,
    includes,
    relations,
    scope,
    texts,
)
from kg.sources.offering.identity import identify, slug_of
from kg.sources.offering.page import Page, literals
from kg.sources.offering.recognition import is_markdown
from kg.sources.offering.statements import statements
from kg.terms import BASE, Iri

_ROLE = f"<{BASE}section-role/"
# Lists of which every item must become something: the counts tell each kind apart.
_LISTS = {
    Iri(f"{_ROLE}in-scope>"): "service items",
    Iri(f"{_ROLE}office-365-applicability>"): "service items",
    Iri(f"{_ROLE}audits>"): "artifact items",
    Iri(f"{_ROLE}resources>"): "resource items",
    answers.QUESTIONS: "answer items",
}


class Offerings:
    """The source of Markdown pages: offerings with all they state, other pages with their texts alone."""

    name = "offering"

    def accepts(self, item: Input) -> bool:
        """Whether the bytes are Markdown, or plain text that reads as such."""
        return is_markdown(item.data)

    def extract(self, item: Input, concepts: Concepts) -> Extraction:
        """Return what a page says; SourceError where its bytes are no text."""
        document = markdown.read(item.data, item.path)
        slug = slug_of(document, concepts)
        iri = names.document(document.language, slug, document.sha256)
        identity = identify(document, iri, concepts)
        inclusion = includes.resolve(document, item, concepts)
        page = Page(
            document=document,
            iri=iri,
            concepts=concepts,
            slug=slug,
            roles=_roles(document.sections, concepts, title=_title_of(document)),
            offering=identity.offering,
            standard=identity.standard,
            provider=identity.provider,
            own_names=identity.own_names,
            standards=identity.standards,
            included=inclusion.segments,
        )
        told = texts.read(page)
        found = _meaning(replace(page, document=inclusion.document))
        records = [*_offering(page), *identity.records, *(each for each in found if isinstance(each, Record))]
        issues = [
            *identity.issues,
            *inclusion.issues,
            *told.issues,
            *(each for each in found if isinstance(each, Issue)),
        ]
        unread, counts = _conserved(page, records, issues)
        issues.extend(unread)
        counts.update(_tallies(records))
        return Extraction(
            iri,
            (),
            tuple(issues),
            dict(sorted(counts.items())),
            (*told.nodes, *nodes(records)),
        )


def _meaning(page: Page) -> list[Record | Issue]:
    """Return what the readers make of a page; of one that is no offering, its questions alone."""
    asked = answers.questions(page)
    found = list(answers.read(page, asked))
    if page.offering:
        said = tuple(statements(page))
        found.extend(scope.read(page))
        found.extend(artifacts.read(page))
        found.extend(relations.read(page))
        found.extend(attestation.read(page, said, asked))
        found.extend(duties.read(page, said))
    return found


def _title_of(document: Document) -> Section | None:
    """Return the section under the page's title, whose words are on the page and no part of it."""
    return next((section for section in document.walk() if section.level == 1), None)


def _roles(
    sections: Iterable[Section], concepts: Concepts, above: Iri | None = None, *, title: Section | None = None
) -> dict[str, Iri]:
    """Return the role of each section by its anchor, its own or that of the section above; none of the title's."""
    roles: dict[str, Iri] = {}
    before: Iri | None = None
    for section in sections:
        words = reading(section.heading.texts) if section.heading else None
        own = concepts.sections.role(section.anchor, words.value, words.lang) if words else None
        if section is title and own != answers.QUESTIONS:
            own = None  # a page may be one list of questions
        elif above and words and _names_services(words, concepts):
            own = None
        role = own or above
        if answers.QUESTIONS in {above, before} and section.heading and answers.is_question(section.heading):
            role = answers.QUESTIONS  # whatever it asks about
        before = role
        if role:
            roles[section.anchor] = role
        roles.update(_roles(section.sections, concepts, role, title=title))
    return roles


def _names_services(words: Text, concepts: Concepts) -> bool:
    """Whether a heading only names services, as "Azure and Azure Government" does."""
    parsed = concepts.services.parse(words.value, words.lang)
    return (
        bool(parsed.names)
        and not parsed.rest
        and all(name.iri and not name.qualifier for name in parsed.names)
    )


def _offering(page: Page) -> Iterator[Offering]:
    if page.offering:
        yield Offering(
            iri=page.offering,
            labels=literals(page.document.title) or None,
            provider=page.provider,
            described_by=page.iri,
        )


def _conserved(page: Page, records: list[Record], issues: list[Issue]) -> tuple[list[Issue], Counter[str]]:
    """Return an issue for each item of a list that should become something and did not, and how many items there are."""
    evidence = {segment for record in records for segment in getattr(record, "evidence", None) or ()}
    lines = {issue.line for issue in issues}
    counts: Counter[str] = Counter()
    unread: list[Issue] = []
    for section in page.document.walk():
        kind = _LISTS.get(page.roles.get(section.anchor, Iri("")))
        for block in section.blocks:
            for item in block.walk():
                if item.kind != "item":
                    continue
                counts["list items"] += 1
                if kind is None or not (page.offering or kind == "answer items"):
                    continue
                counts[kind] += 1
                if not any(
                    each.line in lines or any(page.segment(segment) in evidence for segment in each.segments)
                    for each in item.walk()
                ):
                    unread.append(
                        page.issue(item.line, "unread-item", f"in a list, and not read: {item.reading}")
                    )
    return unread, counts


def _tallies(records: list[Record]) -> Mapping[str, int]:
    kinds = {
        "claims": Claim,
        "questions": Question,
        "answers": Answer,
        "unresolved": Unresolved,
        "offerings": Offering,
    }
    found = Counter(map(type, records))
    return {name: found[kind] for name, kind in kinds.items() if kind in found}
