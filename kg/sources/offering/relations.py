"""Relations between standards that a page states: who stands how to whom, in which words, in which sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kg.concepts.clauses import REFERENCE, Name
from kg.concepts.patterns import ORGANIZATION
from kg.concepts.phrases import Reference, Wording
from kg.concepts.standards import Mention
from kg.documents import sentences
from kg.documents.model import Block, Section, Segment, reading
from kg.errors import Issue
from kg.records import Claim, Record, StandardNode
from kg.sources.offering.page import Page
from kg.terms import Iri, Literal, literal, term

_RELATION = term("ckg:StandardRelation")
_SUPERSEDES = term("ckg:supersedes")
_OF_PARTS = frozenset({_SUPERSEDES, term("ckg:subsetOf"), term("ckg:incorporates"), term("ckg:extends")})
_LAWS = frozenset({"law", "regulation"})
_POINTS_BACK = 3  # sentences in which the name may stand that "this report" means
_LEADING = 12  # characters before the name that leads a list item: "the ", "Annex A: "


def read(page: Page) -> Iterator[Record | Issue]:
    """Yield a claim for each relation between standards the page states, and the standards new to the registry."""
    stated: dict[tuple[Iri, Iri, Iri], _Stated] = {}
    fresh: dict[Iri, StandardNode] = {}
    for section in page.document.walk():
        for said in _sayings(page, section):
            for source, target in said.pairs:
                if not _differ(page, said.prop, source, target):
                    continue
                entry = stated.setdefault((said.prop, source, target), _Stated(said.wording))
                entry.evidence.update(dict.fromkeys(said.evidence))
            used = {iri for pair in said.pairs for iri in pair}
            fresh.update((node.iri, node) for node in said.fresh if node.iri in used)
    for (prop, source, target), entry in stated.items():
        yield Claim(
            iri=page.claim(prop, source, target),
            types=(_RELATION,),
            source=source,
            prop=prop,
            target=target,
            evidence=tuple(entry.evidence),
            derived_from=(page.iri,),
            wording=entry.wording,
        )
    yield from fresh.values()


@dataclass(slots=True)
class _Stated:
    wording: Literal
    evidence: dict[Iri, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Saying:
    """A relation as one sentence says it, all pairs of a list at once."""

    prop: Iri
    pairs: tuple[tuple[Iri, Iri], ...]
    wording: Literal
    evidence: tuple[Iri, ...]
    fresh: tuple[StandardNode, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    lang: str
    segments: tuple[Segment, ...]


def _sayings(page: Page, section: Section) -> Iterator[_Saying]:
    spoken = _Spoken(page, list(_sentences(page, section.blocks)))
    for number, sentence in enumerate(spoken.sentences):
        if not page.concepts.phrases.may_signal(sentence.text, sentence.lang):
            continue
        mentions = spoken.mentions(number)
        named = spoken.names(number)
        for wording in page.concepts.phrases.find(sentence.text, named, sentence.lang):
            pairs = _pairs(page, wording)
            if pairs and not (len(sentence.segments) > 1 and len(wording.sources) > 1):
                yield _Saying(
                    prop=wording.prop,
                    pairs=pairs,
                    wording=literal(sentence.text[wording.start : wording.end], sentence.lang),
                    evidence=tuple(page.segment(segment) for segment in sentence.segments),
                    fresh=tuple(node for mention in mentions for node in mention.candidates),
                )


def _pairs(page: Page, wording: Wording) -> tuple[tuple[Iri, Iri], ...]:
    own = (page.standard,) if page.standard else ()
    sources = tuple(name.iri for name in wording.sources) or own
    targets = tuple(name.iri for name in wording.targets) or own
    return tuple((source, target) for source in sources for target in targets)


def _differ(page: Page, prop: Iri, source: Iri, target: Iri) -> bool:
    """Whether a relation is between two standards: neither an edition nor a part of the other, but as one may be."""
    if source == target:
        return False
    standards = page.concepts.standards
    works = standards.standard_of(source), standards.standard_of(target)
    if works[0] == works[1]:
        return prop == _SUPERSEDES
    return prop in _OF_PARTS or (
        standards.programme_of(source) != works[1] and standards.programme_of(target) != works[0]
    )


def _sentences(page: Page, blocks: Sequence[Block]) -> Iterator[_Sentence]:
    """Yield the sentences of blocks in order; an introduction and the list after it also as one sentence."""
    for number, block in enumerate(blocks):
        if block.kind in {"code", "html", "include"}:
            continue
        for segment in block.segments:
            text = reading(segment.texts)
            if text is not None:
                for start, end in sentences.split(text.value):
                    yield _Sentence(text.value[start:end], text.lang, (segment,))
        if block.segments and block.segments[-1].reading.rstrip().endswith((":", "：")):
            items = block.items or tuple(_items_after(blocks, number))
            joined = _with_list(page, block.segments[-1], items)
            if joined:
                yield joined
        yield from _sentences(page, block.items)


def _items_after(blocks: Sequence[Block], number: int) -> Iterator[Block]:
    for block in blocks[number + 1 :]:
        if block.kind != "item":
            return
        yield block


def _with_list(page: Page, intro: Segment, items: Sequence[Block]) -> _Sentence | None:
    """Return "The standard maps to:" and the names that lead the items of the list as one sentence."""
    text = reading(intro.texts)
    if text is None or not page.concepts.phrases.may_signal(text.value, text.lang):
        return None
    last = sentences.split(text.value)[-1]
    led: list[tuple[str, Segment]] = []
    for item in items:
        first = item.segments[0] if item.segments else None
        words = reading(first.texts) if first else None
        if first is None or words is None:
            continue
        mentions = page.concepts.standards.find(words.value, words.lang, own=page.standard)
        if mentions and mentions[0].start <= _LEADING:
            led.append((mentions[0].label, first))
    if not led:
        return None
    opening = text.value[last[0] : last[1]].rstrip(" :：")
    listed = ", ".join(label for label, _ in led)
    return _Sentence(f"{opening} {listed}", text.lang, (intro, *(segment for _, segment in led)))


def _free(start: int, end: int, taken: Sequence[tuple[int, int]]) -> bool:
    return all(end < left or right <= start for left, right in taken)


class _Spoken:
    """The sentences of a section, and who is meant by "it" and "this standard" in them."""

    def __init__(self, page: Page, spoken: Sequence[_Sentence]) -> None:
        self.sentences = spoken
        self._page = page
        self._mentions: dict[int, list[Mention]] = {}
        self._names: dict[int, tuple[Name, ...]] = {}

    def mentions(self, number: int) -> list[Mention]:
        """Return the standards that a sentence names."""
        if number not in self._mentions:
            sentence = self.sentences[number]
            self._mentions[number] = self._page.concepts.standards.find(
                sentence.text, sentence.lang, own=self._page.standard
            )
        return self._mentions[number]

    def names(self, number: int) -> tuple[Name, ...]:
        """Return what a sentence names or points at, from left to right."""
        if number not in self._names:
            self._names[number] = tuple(sorted(self._find_names(number), key=lambda name: name.start))
        return self._names[number]

    def _find_names(self, number: int) -> Iterator[Name]:
        sentence = self.sentences[number]
        phrases = self._page.concepts.phrases
        taken: list[tuple[int, int]] = []
        for mention in self.mentions(number):
            taken.append((mention.start, mention.end))
            yield Name(mention.start, mention.end, mention.iri, self._kinds(mention.iri))
        for reference in phrases.references(sentence.text, sentence.lang):
            if _free(reference.start, reference.end + 1, taken):
                meant = self._meant(number, reference)
                if meant:
                    taken.append((reference.start, reference.end))
                    yield Name(reference.start, reference.end, meant, self._kinds(meant) | {REFERENCE})
        for name in phrases.organizations(sentence.text):
            if name.iri != self._page.provider and _free(name.start, name.end, taken):
                yield name

    def _kinds(self, iri: Iri) -> frozenset[str]:
        standards = self._page.concepts.standards
        kind = standards.kind(iri)
        word = kind[1:-1].rsplit("/", 1)[-1] if kind else ""
        edition = {"edition"} if standards.standard_of(iri) != iri else set()
        return frozenset(edition | {"law" if word in _LAWS else word})

    def _meant(self, number: int, reference: Reference) -> Iri | None:
        """Return the standard that words point at, as far as the section tells."""
        own = self._page.standard
        if reference.manner == "definite":
            return own
        if self._named_before(number, reference.start):
            return None
        if reference.manner == "this" and reference.noun:
            return self._last_with(number, reference.noun) or own
        before = self._previous(number)
        if before is None:
            return own
        names = self._standards(before)
        if reference.manner == "pronoun":
            sentence = self.sentences[before]
            subject = {
                n.iri for n in self._page.concepts.phrases.subject(sentence.text, names, sentence.lang)
            }
            if len(subject) == 1:
                return next(iter(subject))
        named = {name.iri for name in names}
        if reference.manner == "this" and names:
            return names[-1].iri
        return next(iter(named)) if len(named) == 1 else None if named else own

    def _standards(self, number: int) -> tuple[Name, ...]:
        return tuple(name for name in self.names(number) if ORGANIZATION not in name.kinds)

    def _previous(self, number: int) -> int | None:
        return number - 1 if number else None

    def _named_before(self, number: int, position: int) -> bool:
        return any(mention.end <= position for mention in self.mentions(number))

    def _last_with(self, number: int, noun: str) -> Iri | None:
        """Return what was last named together with a noun: "the SOC 1 attestation … This attestation"."""
        for earlier in range(number - 1, max(-1, number - 1 - _POINTS_BACK), -1):
            text = self.sentences[earlier].text
            for mention in reversed(self.mentions(earlier)):
                if text[mention.end :].lstrip().casefold().startswith(
                    noun
                ) or mention.label.casefold().endswith(noun):
                    return mention.iri
        return None
