"""Documents that a page offers as evidence of audits, and documents it offers for background.

Evidence stands in the sections on audits: list items, table cells, and links in sentences that offer a
document. Headings group it, and say which services a document covers that names none itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from kg import names
from kg.concepts.standards import Mention
from kg.documents.model import Block, Link, Section, Segment, Texts, reading
from kg.documents.urls import normalise
from kg.errors import Issue
from kg.records import Artifact, Claim, Record, StandardNode, Unresolved
from kg.sources.offering import resources
from kg.sources.offering.page import Page, literals
from kg.terms import BASE, Iri, Literal, term

_ROLE = f"<{BASE}section-role/"
AUDITS = Iri(f"{_ROLE}audits>")
_BACKGROUNDERS = Iri(f"{_ROLE}backgrounder>")
_ELSEWHERE = frozenset(Iri(f"{_ROLE}{name}>") for name in ("audits", "resources"))

_KIND = f"<{BASE}artifact-kind/"
_OTHER = Iri(f"{_KIND}other>")
_BACKGROUNDER = Iri(f"{_KIND}backgrounder>")
_GUIDANCE = Iri(f"{_KIND}guidance>")
_WHITE_PAPER = Iri(f"{_KIND}white-paper>")
_ATTESTING = frozenset(
    Iri(f"{_KIND}{name}>")
    for name in ("certificate", "audit-report", "statement-of-applicability", "attestation-letter", "mapping")
)
_KIND_OF_ROLE = {
    _BACKGROUNDERS: _BACKGROUNDER,
    Iri(f"{_ROLE}white-papers>"): _WHITE_PAPER,
    Iri(f"{_ROLE}guidance>"): _GUIDANCE,
}

_HAS_ARTIFACT = term("ckg:hasArtifact")
_HAS_BACKGROUND = term("ckg:hasBackgroundDocument")
_ARTIFACT_CLAIM = term("ckg:ArtifactClaim")
_ARTIFACT = term("ckg:Artifact")

_HEAD = re.compile(r"\s+[—–-]\s+|—|:\s|：")  # what ends the names of services at the start of a label
_SHARE = 0.6  # of a sentence that a link covers which is all the sentence says
_LINKED = 0.9  # of a segment that links cover where it is a list of them
_REACH = 20  # signs after a dash in which the clouds of the suite before it are named
_ASIDE = frozenset("(（,，、–—-")  # what a remark on the link before it begins with
_REMARK = 60  # signs beside the link that still belong to the label: "(Spanish)"


def read(page: Page) -> Iterator[Record | Issue]:
    """Yield evidence, background documents and resources that a page offers, and what was not understood."""
    if page.offering is None:
        return
    yield from _Evidence(page, page.offering).read()
    yield from _background(page, page.offering)
    yield from resources.read(page)


@dataclass(frozen=True, slots=True)
class _Offer:
    """A document that a page offers: its words, its address, and where that stands."""

    texts: Texts
    url: str | None
    segment: Segment
    line: int

    @property
    def label(self) -> str:
        text = reading(self.texts)
        return text.value if text else ""

    @property
    def lang(self) -> str:
        text = reading(self.texts)
        return text.lang if text else "en"


@dataclass(slots=True)
class _Group:
    """What headings and lead-in sentences say of the documents below them."""

    titles: tuple[str, ...]
    lead_in: str = ""
    offers: list[_Offer] = field(default_factory=list)
    hints: dict[int, str] = field(default_factory=dict)
    beside: dict[int, str] = field(default_factory=dict)  # the words after a link, as far as the next


@dataclass(slots=True)
class _Document:
    """An artifact while what a page says of it is gathered."""

    labels: dict[Literal, None] = field(default_factory=dict)
    url: str | None = None
    kinds: dict[Iri, None] = field(default_factory=dict)
    attests: dict[Iri, None] = field(default_factory=dict)
    covers: dict[Iri, None] = field(default_factory=dict)
    issued: dict[Literal, None] = field(default_factory=dict)
    evidence: dict[Iri, None] = field(default_factory=dict)


class _Evidence:
    """The evidence that the sections on audits of one page offer."""

    def __init__(self, page: Page, offering: Iri) -> None:
        self._page = page
        self._offering = offering
        self._services = page.concepts.services
        self._kinds = page.concepts.artifacts
        self._wordings = page.concepts.services.wordings
        self._documents: dict[Iri, _Document] = {}
        self._candidates: dict[Iri, StandardNode] = {}
        self._others: list[Record | Issue] = []

    def read(self) -> Iterator[Record | Issue]:
        """Yield artifacts with their claims, candidate standards, and what was not understood."""
        for section in self._page.document.sections:
            self._sections(section, ())
        for artifact, document in self._documents.items():
            yield _artifact(artifact, document)
            yield Claim(
                iri=self._page.claim(_HAS_ARTIFACT, self._offering, artifact),
                types=(_ARTIFACT_CLAIM,),
                source=self._offering,
                prop=_HAS_ARTIFACT,
                target=artifact,
                evidence=tuple(document.evidence),
                derived_from=(self._page.iri,),
                covers=tuple(document.covers) or None,
            )
        yield from self._candidates.values()
        yield from self._others

    def _sections(self, section: Section, titles: tuple[str, ...]) -> None:
        """Read the topmost sections on audits, each with all below it."""
        if self._page.roles.get(section.anchor) != AUDITS:
            for below in section.sections:
                self._sections(below, titles)
            return
        groups = list(self._groups(section, ()))
        offers = [(offer, group) for group in groups for offer in group.offers]
        told = {id(offer): self._told_kind(offer, group) for offer, group in offers}
        common = Counter(kind for kind in told.values() if kind)
        usual = min(common, key=lambda kind: (-common[kind], kind)) if common else None
        for offer, group in offers:
            self._document(offer, group, told[id(offer)] or self._untold_kind(offer, group, usual))

    def _groups(self, section: Section, titles: tuple[str, ...]) -> Iterator[_Group]:
        """Yield what a section on audits offers, one group for each heading."""
        if self._page.roles.get(section.anchor) != AUDITS:
            return
        titles = (*titles, section.title)
        group = _Group(titles)
        for block in section.blocks:
            if block.kind == "paragraph" and not block.alert:
                if group.offers:
                    yield group
                    group = _Group(titles)
                group.lead_in = block.reading
                self._paragraph(block, group)
            elif block.kind == "item":
                self._item(block, group)
            elif block.kind == "row" and not block.header:
                self._row(block, group)
        yield group
        for below in section.sections:
            yield from self._groups(below, titles)

    def _item(self, block: Block, group: _Group) -> None:
        """Gather what a list item and the items below it offer."""
        below = [child for child in block.items if child.kind == "item"]
        offers = list(self._offers(block))
        group.offers += offers
        if len(offers) == 1:
            group.beside[id(offers[0])] = _after(block.links[0], offers[0].segment)
        group.hints.update((id(offer), block.reading) for offer in offers if offer.label != block.reading)
        if not offers and not any(_is_index(self._page, link) for link in block.links):
            self._without_document(block, group, below)
        for child in below:
            if offers and not child.links:  # words about the document above
                offer = offers[-1]
                group.hints[id(offer)] = f"{group.hints.get(id(offer), '')} {child.reading}".strip()
            else:
                self._item(child, group)

    def _offers(self, block: Block) -> Iterator[_Offer]:
        """Yield the documents that the links of an item or cell lead to."""
        segments = {segment.id: segment for segment in block.segments}
        links = [link for link in block.links if _leads_to_document(link) and not _is_index(self._page, link)]
        for link in links:
            segment = segments.get(link.segment) or block.segments[0]
            yield _Offer(
                resources.label(link, segment, alone=len(links) == 1, remark=_REMARK),
                normalise(link.href),
                segment,
                link.line,
            )

    def _without_document(self, block: Block, group: _Group, below: list[Block]) -> None:
        """Take an item that links no document as one where the words before the list say so."""
        segment = next((each for each in block.segments if each.reading), None)
        text = block.reading
        if segment is None:
            if not below:
                self._issue(block.line, "empty-item", "a list item without words")
            return
        if self._wordings.within("index-link", text):
            return
        if block.links:
            self._issue(block.line, "other-page", f"leads to another page instead of a document: {text}")
            return
        lang = _language(segment)
        announced = self._kinds.of(group.lead_in, lang) in _ATTESTING and _announces(group.lead_in)
        if announced and self._services.parse(text, lang).registered:
            group.offers.append(_Offer(segment.texts, None, segment, block.line))
            return
        self._others.append(
            Unresolved(
                iri=names.part(self._page.iri, "unresolved", f"artifact-{segment.id}"),
                labels=literals(segment.texts),
                expected=_ARTIFACT,
                evidence=(self._page.segment(segment),),
                whole=self._page.iri,
            )
        )
        self._issue(block.line, "unresolved-artifact", f"offers no document: {text}")

    def _row(self, row: Block, group: _Group) -> None:
        """Gather what a table row offers; its first cell says what the others are about."""
        about = row.cells[0].reading if row.cells else ""
        for offer in self._offers(row):
            group.offers.append(offer)
            if about != offer.label:
                group.hints[id(offer)] = about

    def _paragraph(self, block: Block, group: _Group) -> None:
        """Gather the documents that sentences offer."""
        for link in block.links:
            segment = next((each for each in block.segments if each.id == link.segment), None)
            if segment is None or not _leads_to_document(link) or _is_index(self._page, link):
                continue
            if _only_links(block, segment) or self._offered(link, segment):
                generic = self._wordings.within("generic-link", _words(link))
                offer = _Offer(
                    segment.texts if generic else link.texts, normalise(link.href), segment, link.line
                )
                group.offers.append(offer)
                group.hints[id(offer)] = segment.reading[link.span.end :] if link.span else ""
                group.beside[id(offer)] = _after(link, segment)

    def _offered(self, link: Link, segment: Segment) -> bool:
        """Whether a sentence offers what it links: all it says, what it leads up to, or a report to get."""
        text, words = segment.reading, _words(link)
        start, end = (link.span.start, link.span.end) if link.span else (0, len(words))
        generic = self._wordings.within("generic-link", words)
        kind = self._kinds.of(text if generic else words, _language(segment))
        if kind == Iri(f"{_KIND}portal>"):
            return False
        offers = self._wordings.within("offer", text[:start] if text.isascii() else text)
        alone = len(words) >= _SHARE * len(text) or (start == 0 and _HEAD.match(f"{text[end:]} ") is not None)
        led_up_to = _announces(text[:start]) and not text[end:].strip(" .。()")
        return alone or led_up_to or (kind in _ATTESTING and (offers or generic))

    def _told_kind(self, offer: _Offer, group: _Group) -> Iri | None:
        """Return the kind of document that its label, the words about it or its address tell."""
        return (
            self._kinds.of(offer.label, offer.lang)
            or self._kinds.of(group.hints.get(id(offer), ""), offer.lang)
            or (self._kinds.of_url(offer.url) if offer.url else None)
        )

    def _untold_kind(self, offer: _Offer, group: _Group, usual: Iri | None) -> Iri:
        """Return the kind of a document whose label only names services: that of the others beside it."""
        bare = self._services.parse(offer.label, offer.lang).registered
        if bare and offer.url is None:
            return self._kinds.of(group.lead_in) or _OTHER
        return usual if bare and usual else _OTHER

    def _document(self, offer: _Offer, group: _Group, kind: Iri) -> None:
        """Gather what one offer says of its document."""
        if offer.url:
            artifact = resources.web("artifact", offer.url)
        else:
            artifact = names.part(self._page.iri, "artifact", offer.segment.id)
        document = self._documents.setdefault(artifact, _Document(url=offer.url))
        document.labels.update((label, None) for label in literals(offer.texts))
        document.kinds[kind] = None
        document.evidence[self._page.segment(offer.segment)] = None
        document.covers.update((service, None) for service in self._covered(offer, group))
        issued = self._issued(offer, group)
        if issued:
            document.issued[issued] = None
        mentions = self._mentions(offer, group)
        for mention in mentions:
            document.attests[mention.iri] = None
            self._candidates.update((node.iri, node) for node in mention.candidates)
        if not mentions and self._page.standard:
            document.attests[self._page.standard] = None

    def _mentions(self, offer: _Offer, group: _Group) -> list[Mention]:
        """Return the standards that a label or the words about it name; a bare name of services has neither."""
        around = [offer.label, group.hints.get(id(offer), "")]
        if offer.url is None:
            around.append(group.lead_in)
        find, own = self._page.concepts.standards.find, self._page.standard
        return [mention for words in around for mention in find(words, offer.lang, own=own)]

    def _issued(self, offer: _Offer, group: _Group) -> Literal | None:
        """Return the date that a label, else the words right beside it, give the document; not that of a standard."""
        label = offer.label
        for mention in self._page.concepts.standards.find(label, offer.lang):
            label = label[: mention.start] + " " * (mention.end - mention.start) + label[mention.end :]
        of_issue = self._page.concepts.dates.of_issue
        return of_issue(label) or of_issue(group.beside.get(id(offer), ""))

    def _covered(self, offer: _Offer, group: _Group) -> Iterator[Iri]:
        """Yield the services that a label names, else those of the words around it, nearest first."""
        told = [
            dict.fromkeys(self._named(words, offer.lang))
            for words in (
                offer.label,
                group.hints.get(id(offer), ""),
                *reversed(group.titles[1:]),
                group.lead_in,
            )
        ]
        nearest = next((each for each in told if each), {})
        yield from nearest
        for each in told[2:-1]:  # headings that name the same services and more
            if not each.keys().isdisjoint(nearest):
                yield from each

    def _named(self, words: str, lang: str) -> Iterator[Iri]:
        """Yield the services that words name: a list before a dash or colon, and names in what follows."""
        head, *following = _HEAD.split(words, maxsplit=1)
        listed = self._services.parse(head, lang)
        own: list[Iri] = []
        if len(listed.names) == 1 and listed.registered and following:  # Office 365 — Global and Germany
            suite = listed.names[0].iri
            clouds = [
                cloud for start, _, cloud in self._services.clouds.named(following[0]) if start < _REACH
            ]
            found = [self._services.in_cloud(suite, cloud) for cloud in clouds if suite]
            own = [service for service in found if service]
            if own and len(own) == len(found):
                yield from own
                return
        if listed.registered:
            yield from (name.iri for name in listed.names if name.iri)
        yield from own
        for mention in self._services.find(words, lang):
            yield mention.keys[0]

    def _issue(self, line: int, code: str, message: str) -> None:
        self._others.append(self._page.issue(line, code, message))


def _background(page: Page, offering: Iri) -> Iterator[Record]:
    """Yield the backgrounders, white papers and guides that a page offers, each with its claim."""
    kinds = page.concepts.artifacts
    documents: dict[Iri, _Document] = {}
    for section in page.document.walk():
        role = page.roles.get(section.anchor)
        if role in _ELSEWHERE:
            continue
        for block in (inner for outer in section.blocks for inner in outer.walk()):
            if not block.links:
                continue
            segments = {segment.id: segment for segment in block.segments}
            for link in block.links:
                url, segment = normalise(link.href), segments.get(link.segment)
                if url is None or segment is None or not _leads_to_document(link):
                    continue
                told = kinds.of(_words(link), _language(segment)) or kinds.of_url(url)
                listed = role in _KIND_OF_ROLE and (block.kind != "paragraph" or role == _BACKGROUNDERS)
                if not listed and told not in {_BACKGROUNDER, _WHITE_PAPER}:
                    continue
                document = documents.setdefault(resources.web("artifact", url), _Document(url=url))
                document.labels.update((label, None) for label in literals(link.texts))
                usual = _KIND_OF_ROLE[role] if listed and role else _OTHER
                document.kinds[(told or usual) if usual in {_GUIDANCE, _OTHER} else usual] = None
                document.evidence[page.segment(segment)] = None
    for artifact, document in documents.items():
        yield _artifact(artifact, document)
        yield Claim(
            iri=page.claim(_HAS_BACKGROUND, offering, artifact),
            source=offering,
            prop=_HAS_BACKGROUND,
            target=artifact,
            evidence=tuple(document.evidence),
            derived_from=(page.iri,),
        )


def _artifact(artifact: Iri, document: _Document) -> Artifact:
    kind = next((kind for kind in document.kinds if kind != _OTHER), _OTHER)
    return Artifact(
        iri=artifact,
        labels=tuple(document.labels) or None,
        url=resources.address(document.url),
        kind=kind,
        attests=tuple(document.attests) or None,
        covers=tuple(document.covers) or None,
        issued=next(iter(document.issued)) if len(document.issued) == 1 else None,
    )


def _announces(words: str) -> bool:
    return words.rstrip().endswith((":", "："))


def _after(link: Link, segment: Segment) -> str:
    """Return what is said right after a link, in brackets or after a comma; empty where a sentence goes on."""
    following = segment.reading[link.span.end :] if link.span else ""
    return following[:_REMARK] if following.lstrip()[:1] in _ASIDE else ""


def _words(link: Link) -> str:
    text = reading(link.texts)
    return text.value if text else ""


def _language(segment: Segment) -> str:
    text = reading(segment.texts)
    return text.lang if text else "en"


def _is_index(page: Page, link: Link) -> bool:
    """Whether a link leads to a list of documents instead of one."""
    url = normalise(link.href)
    return page.concepts.services.wordings.within("index-link", _words(link)) or (
        url is not None and page.concepts.artifacts.is_index(url)
    )


def _only_links(block: Block, segment: Segment) -> bool:
    """Whether a segment is a list of links, one beside the other, and no sentence."""
    spans = [link.span for link in block.links if link.segment == segment.id and link.span]
    covered = sum(span.end - span.start for span in spans)
    return len(spans) > 1 and covered >= _LINKED * len(segment.reading)


def _leads_to_document(link: Link) -> bool:
    """Whether a link may lead to a document: not to a mailbox, a place on the page or a neighbouring page."""
    url = normalise(link.href)
    return url is not None and not url.startswith(("mailto:", "#")) and ".md" not in url
