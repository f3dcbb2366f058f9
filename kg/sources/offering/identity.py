"""What a page is: a compliance offering or a plain document, about which standard, from which provider.

A page is told by its content. Its title names the standard, or the registry knows what the title is about;
sections that list services in scope or audits make it an offering. A page that is none gets nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from kg import names
from kg.concepts import Concepts
from kg.concepts.standards import Mention, Names
from kg.concepts.titles import OfferingTitle
from kg.documents.model import Document, Section, Segment, Text, Texts
from kg.errors import Issue
from kg.records import Claim, Record, StandardNode
from kg.terms import Iri, literal, term

ADDRESSES = term("ckg:addresses")
OVERVIEW = names.thing("section-role", "overview")
_FILE = re.compile(r"offering-(.+)\.[^.]+", re.IGNORECASE)
_PLAIN_KEY = re.compile(r"[\w.~-]+", re.ASCII)
# "(MARS-E)", "(BIR 2012)", but neither "(Japan)" nor "(New Zealand)"
_SHORT_NAME = re.compile(
    r"\s*\((?=[^)]*[A-Z0-9][^)]*[A-Z0-9])([A-Z][\w&/.+-]{1,14}(?: [A-Z0-9][A-Z0-9.-]{0,9})?)\)"
)
_EDITION = re.compile(r"(?:[ :]|, )(?:[Vv](?:ersion |\.? ?))?(\d+(?:\.\d+){1,3}|(?:19|20)\d\d)(?!\w)")
_BASED_ON = re.compile(r"\b(?:based on|mapped to|aligned with|according to|under) (?:the )?\Z", re.IGNORECASE)
_NAME_ENDS = re.compile(r"\s*(?:: |\s[–—-]\s|\b(?:based on|according to|under)\b).*")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a page is.

    `standard` is the main standard or edition it addresses, `standards` all of them. `own_names` are names
    of a standard nobody registered, for `Standards.find(..., also=...)`. `records` hold the claims that the
    offering addresses them, and the candidate standards.
    """

    slug: str
    offering: Iri | None = None
    standard: Iri | None = None
    standards: tuple[Iri, ...] = ()
    provider: Iri | None = None
    publisher: Iri | None = None
    own_names: Names = ()
    records: tuple[Record, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class _Subject:
    """What the title tells: the standards, the main one first, and which segments say so."""

    standards: tuple[Iri, ...]
    evidence: tuple[Segment, ...]
    candidates: tuple[StandardNode, ...] = ()
    own_names: Names = ()
    title: OfferingTitle | None = None


def slug_of(document: Document, concepts: Concepts) -> str:
    """Return the key of a document: of its file, of the offering it is about, or of its first heading."""
    name = _FILE.fullmatch(PurePosixPath(document.path).name)
    if name:
        return _key(name[1])
    subject = _subject(document, concepts, "")
    if subject and _is_offering(document, concepts, subject):
        known = subject.title or _known_about(subject.standards, concepts)
        if known:
            return known.slug
    heading = _heading(document)
    return _key(heading.anchor) if heading and heading.anchor else _key(PurePosixPath(document.path).stem)


def identify(document: Document, document_iri: Iri, concepts: Concepts) -> Identity:
    """Return what a page is, with the records and issues that say so."""
    slug = slug_of(document, concepts)
    subject = _subject(document, concepts, slug)
    if subject is None or not _is_offering(document, concepts, subject):
        return Identity(slug)
    provider = (
        _provider(document, concepts)
        or (subject.title.provider if subject.title else None)
        or _provider_of_services(document, concepts)
    )
    if provider is None:
        issue = Issue(
            document.path, 0, "unknown-provider", "an offering, but no registered provider is named"
        )
        return Identity(slug, issues=(issue,))
    subject = _narrowed(document, concepts, subject)
    offering = names.offering(provider[1:-1].rsplit("/", 1)[-1], slug)
    evidence = tuple(names.part(document_iri, "segment", each.id) for each in subject.evidence)
    claims = tuple(
        Claim(
            iri=names.claim(document_iri, ADDRESSES, offering, standard),
            source=offering,
            prop=ADDRESSES,
            target=standard,
            evidence=evidence or None,
            derived_from=(document_iri,),
        )
        for standard in subject.standards
    )
    line = subject.evidence[0].line if subject.evidence else 0
    issues = tuple(
        Issue(document.path, line, "candidate-standard", f"no registered standard: {_name(node)}")
        for node in subject.candidates[:1]
    )
    return Identity(
        slug=slug,
        offering=offering,
        standard=subject.standards[0],
        standards=subject.standards,
        provider=provider,
        publisher=concepts.standards.publisher(subject.standards[0]),
        own_names=subject.own_names,
        records=(*claims, *subject.candidates),
        issues=issues,
    )


def _key(text: str) -> str:
    """Return a name in lower case, as it is where it can stand in an IRI, else as a slug."""
    return text.lower() if _PLAIN_KEY.fullmatch(text) else names.slug(text)


def _heading(document: Document) -> Section | None:
    return next((section for section in document.walk() if section.level == 1), None)


def _titles(document: Document) -> Iterator[Text]:
    """Yield the page's titles, English ones first: those of its first heading, then of its front matter."""
    heading = _heading(document)
    stated = document.meta.get("title")
    lang = document.language.lower()
    texts: Texts = (
        *(heading.heading.texts if heading and heading.heading else ()),
        *((Text(" ".join(stated.split()), lang),) if isinstance(stated, str) else ()),
        *document.title,
    )
    yield from sorted(dict.fromkeys(texts), key=lambda text: not text.lang.startswith("en"))


def _title_segments(document: Document) -> tuple[Segment, ...]:
    """Return what quotes the title: the first heading, else the first segment there is."""
    heading = _heading(document)
    if heading and heading.heading:
        return (heading.heading,)
    first = next(document.segments(), None)
    return (first,) if first else ()


def _subject(document: Document, concepts: Concepts, slug: str) -> _Subject | None:
    """Return what the page's titles are about, else what its slug is known to be about, else a candidate."""
    evidence = _title_segments(document)
    titles = [Text(concepts.titles.bare(text.value), text.lang) for text in _titles(document)]
    for text in titles:
        known = concepts.titles.get(text.value)
        found = concepts.standards.find(text.value, text.lang, own=known.about[0] if known else None)
        if known:
            return _Subject(_told(known.about, found, concepts), evidence, title=known)
        found = _named(text.value, found, concepts)
        if found:
            nodes = tuple(node for mention in found for node in mention.candidates)
            return _Subject(_works(found, concepts), evidence, tuple(dict.fromkeys(nodes)))
    known = concepts.titles.of_slug(slug)
    if known:
        return _Subject(known.about, evidence, title=known)
    return _candidate(titles[0], evidence, concepts) if titles else None


def _told(about: tuple[Iri, ...], found: tuple[Mention, ...], concepts: Concepts) -> tuple[Iri, ...]:
    """Return those that a known title is about, as exactly as its words tell them."""
    work_of = concepts.standards.standard_of
    told = []
    for standard in about:
        same = [mention.iri for mention in found if work_of(mention.iri) == work_of(standard)]
        told.append(next((iri for iri in same if work_of(iri) != iri), same[0] if same else standard))
    return tuple(told)


def _named(title: str, found: tuple[Mention, ...], concepts: Concepts) -> tuple[Mention, ...]:
    """Return the standards a title is about, of those it names: none where it gives a new name first."""
    found = tuple(each for each in found if not _BASED_ON.search(title[: each.start]))
    for match in _SHORT_NAME.finditer(title):
        if found and match.end() <= found[0].start and not concepts.titles.is_organization(match[1]):
            return ()
    return found


def _works(found: tuple[Mention, ...], concepts: Concepts) -> tuple[Iri, ...]:
    """Return the standards of the mentions, each once, as an edition where one is told."""
    works: dict[Iri, Iri] = {}
    for mention in found:
        work = concepts.standards.standard_of(mention.iri)
        if mention.candidate and mention.candidate.version_of:
            work = mention.candidate.version_of
        if works.get(work, work) == work:
            works[work] = mention.iri
    return tuple(works.values())


def _candidate(title: Text, evidence: tuple[Segment, ...], concepts: Concepts) -> _Subject | None:
    """Return a standard that nobody registered, by its title: name, short name in parentheses, edition."""
    shorts = _SHORT_NAME.findall(title.value)
    short = shorts[0] if len(shorts) == 1 and not concepts.titles.is_organization(shorts[0]) else ""
    rest = _SHORT_NAME.sub("", title.value)
    told = _EDITION.search(rest)
    name = _NAME_ENDS.sub("", rest[: told.start()] + rest[told.end() :] if told else rest).strip(" ,:-–—")
    if not names.slug(name):
        return None
    key = names.slug(short)
    if not key or concepts.standards.knows(names.standard(key)):
        key = names.slug(name)
    work = StandardNode(
        iri=names.standard(key),
        labels=(literal(short or name, title.lang),),
        other_labels=(literal(name, title.lang),) if short else None,
        notation=literal(short) if short else None,
        status=term("ckg:Candidate"),
    )
    own_names = tuple((each, work.iri) for each in (name, short) if each)
    if not told:
        return _Subject((work.iri,), evidence, (work,), own_names)
    edition = StandardNode(
        iri=names.standard(f"{key}-{told[1]}"),
        types=(term("ckg:Edition"),),
        labels=(literal(f"{short or name} {told[1]}", title.lang),),
        version_of=work.iri,
        version=literal(told[1]),
        status=term("ckg:Candidate"),
    )
    return _Subject((edition.iri,), evidence, (edition, work), own_names)


def _known_about(standards: tuple[Iri, ...], concepts: Concepts) -> OfferingTitle | None:
    """Return the known offering about the main standard, its work, or the programme of all of them."""
    titles, lookup = concepts.titles, concepts.standards
    programmes = {lookup.programme_of(each) for each in standards}
    known = titles.of_standard(standards[0]) or titles.of_standard(lookup.standard_of(standards[0]))
    return known or (titles.of_standard(programmes.pop()) if len(programmes) == 1 < len(standards) else None)


def _is_offering(document: Document, concepts: Concepts, subject: _Subject) -> bool:
    """Whether the page announces an offering, in its title or by what its sections are for."""
    if any(concepts.titles.bare(text.value) != text.value for text in _titles(document)):
        return True
    if subject.title and subject.title.provider == _provider(document, concepts):
        return True
    lang, title = document.language.lower(), _heading(document)
    return any(
        concepts.sections.role(section.anchor, section.title, lang) in concepts.titles.telling_roles
        for section in document.walk()
        if section.level and section is not title
    )


def _provider(document: Document, concepts: Concepts) -> Iri | None:
    """Return the provider whose services the page speaks of: the one named most, in headings first."""
    headings = " ".join(section.title for section in document.walk())
    found = concepts.titles.provider_in(headings)
    return found or concepts.titles.provider_in(" ".join(each.reading for each in document.segments()))


def _provider_of_services(document: Document, concepts: Concepts) -> Iri | None:
    """Return who provides the services that the page names, None where that is nobody or several."""
    providers = {
        concepts.services.provider(key)
        for segment in document.segments()
        for found in concepts.services.find(segment.reading, document.language.lower())
        for key in found.keys
    }
    return providers.pop() if len(providers) == 1 else None


def _narrowed(document: Document, concepts: Concepts, subject: _Subject) -> _Subject:
    """Return the subject with the edition that the overview tells, where the title tells none."""
    main = subject.standards[0]
    if concepts.standards.standard_of(main) != main or subject.candidates:
        return subject
    lang = document.language.lower()
    told: dict[Iri, Segment] = {}
    for section in document.walk():
        if concepts.sections.role(section.anchor, section.title, lang) != OVERVIEW:
            continue
        for block in section.blocks:
            for inner in block.walk():
                for segment in inner.segments:
                    for mention in concepts.standards.find(segment.reading, own=main):
                        if mention.iri != main and concepts.standards.standard_of(mention.iri) == main:
                            told.setdefault(mention.iri, segment)
    if len(told) != 1:
        return subject
    ((edition, segment),) = told.items()
    return _Subject(
        (edition, *subject.standards[1:]), (*subject.evidence, segment), (), subject.own_names, subject.title
    )


def _name(node: StandardNode) -> str:
    return node.labels[0].rsplit('"', 1)[0][1:] if node.labels else node.iri
