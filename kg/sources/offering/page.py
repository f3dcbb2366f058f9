"""One page as the readers of meaning see it: the document, its names, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg import names
from kg.concepts import Concepts
from kg.concepts.standards import Names
from kg.documents.model import Document, Section, Segment, Texts
from kg.errors import Issue
from kg.terms import Iri, Literal, Term, literal


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about, as far as its sentences cannot be understood without; see `Page`."""

    concepts: Concepts
    standard: Iri | None
    standards: tuple[Iri, ...]
    provider: Iri | None
    own_names: Names


@dataclass(frozen=True, slots=True)
class Page:
    """A document with the names its facts hang on.

    `offering` is None where the page is no offering; `standard` is the main standard or edition it addresses,
    `standards` all of them. `roles` gives the role of each section by its anchor, inherited from the section above where it has
    none of its own. `own_names` are names of the page's own standard that no registry holds, for
    `Standards.find(..., also=page.own_names)`. `included` gives the IRI of each segment that stands in another
    document, which this one includes.
    """

    document: Document
    iri: Iri
    concepts: Concepts
    slug: str
    roles: Mapping[str, Iri]
    offering: Iri | None = None
    standard: Iri | None = None
    provider: Iri | None = None
    own_names: Names = ()
    standards: tuple[Iri, ...] = ()
    included: Mapping[str, Iri] = field(default_factory=dict)
    # A segment is named where it is told, and again wherever it is evidence.
    _segments: dict[str, Iri] = field(default_factory=dict, repr=False, compare=False)

    @property
    def subject(self) -> Subject:
        """What this page is about."""
        return Subject(self.concepts, self.standard, self.standards, self.provider, self.own_names)

    def segment(self, segment: Segment | str) -> Iri:
        """Return the IRI of a segment of this page, given itself or its id."""
        key = segment if isinstance(segment, str) else segment.id
        known = self._segments.get(key)
        if known is None:
            known = self._segments[key] = self.included.get(key) or names.part(self.iri, "segment", key)
        return known

    def section(self, section: Section) -> Iri:
        """Return the IRI of a section of this page."""
        return names.part(self.iri, "section", section.anchor or "before-headings")

    def sections(self, role: Iri) -> tuple[Section, ...]:
        """Return the sections that play a role, in document order."""
        return tuple(each for each in self.document.walk() if self.roles.get(each.anchor) == role)

    def issue(self, line: int, code: str, message: str) -> Issue:
        """Return an issue with a line of this page."""
        return Issue(self.document.path, line, code, message)

    def claim(self, prop: Iri, source: Iri, target: Term, *more: str) -> Iri:
        """Return the IRI of this page's claim; `more` is its qualifier, cloud and impact level, if any."""
        return names.claim(self.iri, prop, source, target, *more)


def literals(texts: Texts) -> tuple[Literal, ...]:
    """Return texts as literals, one for each language, none empty."""
    return tuple(literal(text.value, text.lang) for text in texts if text.value)
