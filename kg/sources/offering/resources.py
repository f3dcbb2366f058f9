"""Further reading: the items of the lists of resources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from kg import names
from kg.documents.model import Block, Link, Segment, Texts, reading
from kg.documents.urls import normalise
from kg.records import Claim, Record, Resource
from kg.sources.offering.page import Page, literals
from kg.terms import BASE, Iri, Literal, iri, term

RESOURCES = Iri(f"<{BASE}section-role/resources>")
web = lru_cache(maxsize=1 << 13)(names.web)
_REFERENCES = term("dcterms:references")
_REMARK = 60  # signs beside the link that still belong to the label: "(for purchase)"


def read(page: Page) -> Iterator[Record]:
    """Yield the resources that a page lists, nested and unlinked ones too, each with its claim."""
    if page.offering is None:
        return
    reader = _Reader(page)
    for section in page.sections(RESOURCES):
        for block in section.blocks:
            reader.block(block)
    for resource, found in reader.found.items():
        url = address(found.url)
        yield Resource(
            iri=resource, labels=tuple(found.labels) or None, url=url, kind=found.kind, part_of=found.part_of
        )
        yield Claim(
            iri=page.claim(_REFERENCES, page.offering, resource),
            source=page.offering,
            prop=_REFERENCES,
            target=resource,
            evidence=tuple(found.evidence),
            derived_from=(page.iri,),
        )


def address(url: str | None) -> Iri | None:
    """Return a normalised link target as an IRI; None where it is relative to the page."""
    return iri(url) if url and ("://" in url or url.startswith("mailto:")) else None


def label(link: Link, segment: Segment, *, alone: bool, remark: int) -> Texts:
    """Return the words of a link; its whole segment where only a short remark stands beside it."""
    text = reading(link.texts)
    beside = len(segment.reading) - (len(text.value) if text else 0)
    return segment.texts if alone and 0 < beside <= remark else link.texts


@dataclass(slots=True)
class _Found:
    """A resource while what a page says of it is gathered."""

    url: str | None
    kind: Iri | None
    part_of: Iri | None
    labels: dict[Literal, None] = field(default_factory=dict)
    evidence: dict[Iri, None] = field(default_factory=dict)


class _Reader:
    """Gathers the resources of one page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.found: dict[Iri, _Found] = {}

    def block(self, block: Block) -> None:
        """Gather the resources of one block of a list of resources."""
        if block.kind == "item":
            self._item(block, None)
        elif (block.kind == "row" and not block.header) or _is_item_without_bullet(block):
            for link in block.links:
                self._linked(link, block, None)

    def _item(self, block: Block, part_of: Iri | None) -> None:
        resources = [self._linked(link, block, part_of) for link in block.links]
        segment = next((each for each in block.segments if each.reading), None)
        if not any(resources) and segment is not None:
            resource = names.part(self._page.iri, "resource", segment.id)
            resources = [self._add(resource, segment.texts, None, segment, part_of)]
        whole = next((each for each in resources if each), part_of)
        for child in block.items:
            if child.kind == "item":
                self._item(child, whole)

    def _linked(self, link: Link, block: Block, part_of: Iri | None) -> Iri | None:
        """Add what a link leads to; None where it leads nowhere."""
        url = normalise(link.href)
        segment = next((each for each in block.segments if each.id == link.segment), None)
        if url is None or url.startswith("#") or segment is None:
            return None
        texts = label(link, segment, alone=len(block.links) == 1, remark=_REMARK)
        return self._add(web("resource", url), texts, url, segment, part_of)

    def _add(
        self, resource: Iri, texts: Texts, url: str | None, segment: Segment, part_of: Iri | None
    ) -> Iri:
        text = reading(texts)
        kind = self._page.concepts.artifacts.of(text.value, text.lang) if text else None
        found = self.found.setdefault(resource, _Found(url, kind, part_of if part_of != resource else None))
        found.labels.update((each, None) for each in literals(texts))
        found.evidence[self._page.segment(segment)] = None
        return resource


def _is_item_without_bullet(block: Block) -> bool:
    """Whether a paragraph begins with a link, as the items of a list of resources do."""
    return block.kind == "paragraph" and any(link.span and link.span.start == 0 for link in block.links)
