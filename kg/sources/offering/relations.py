"""Relations between standards that a page states: who stands how to whom, in which words, in which sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.concepts.clauses import REFERENCE, Name
from kg.concepts.patterns import ORGANIZATION
from kg.concepts.phrases import Reference, Wording
from kg.concepts.standards import Mention
from kg.documents import sentences
from kg.documents.model import Block, Segment, Text, reading
from kg.errors import Issue
from kg.records import Claim, Record, StandardNode
from kg.sources.offering.page import Page, Subject
from kg.terms import Iri, Literal, literal, term

_RELATION = term("ckg:StandardRelation")
_SUPERSEDES = term("ckg:supersedes")
_LAWS = frozenset({"law", "regulation"})
_POINTS_BACK = 3  # sentences in which the name may stand that "this report" means
_USUAL = 500  # segments of the longest section that is worth remembering
_LEADING = 12  # characters before the name that leads a list item: "the ", "Annex A: "


_split = lru_cache(maxsize=1 << 16)(sentences.split)


def read(page: Page) -> Iterator[Record | Issue]:
    """Yield a claim for each relation between standards the page states, and the standards new to the registry."""
    stated: dict[tuple[Iri, Iri, Iri], _Saying] = {}
    evidence: dict[tuple[Iri, Iri, Iri], dict[Iri, None]] = {}
    for section in page.document.walk():
        passage = _Passage(section.blocks)
        find = _known_sayings if len(passage.segments) <= _USUAL else _sayings
        for said in find(page.subject, passage):
            fact = (said.prop, said.source, said.target)
            stated.setdefault(fact, said)
            quoted = (page.segment(passage.segments[number]) for number in said.evidence)
            evidence.setdefault(fact, {}).update(dict.fromkeys(quoted))
    for fact, said in stated.items():
        yield Claim(
            iri=page.claim(*fact),
            types=(_RELATION,),
            source=said.source,
            prop=said.prop,
            target=said.target,
            evidence=tuple(evidence[fact]),
            derived_from=(page.iri,),
            wording=said.wording,
        )
    fresh = {node.iri: node for said in stated.values() for node in said.fresh}
    yield from (node for node in fresh.values() if not page.concepts.standards.knows(node.iri))


class _Passage:
    """The blocks of a section; equal to those of other pages that say the same in the words meaning is read from.

    A page has the same English sentences in every language and, mostly, in every year.
    """

    __slots__ = ("_said", "blocks", "segments")

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.segments = tuple(
            segment for block in blocks for inner in block.walk() for segment in inner.segments
        )
        self._said = (
            tuple(reading(segment.texts) for segment in self.segments),
            tuple(map(_form, blocks)),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Passage) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)


def _form(block: Block) -> tuple[object, ...]:
    """Return what a block is made of, without its words."""
    cells = tuple(len(cell.segments) for cell in block.cells)
    return block.kind, len(block.segments), cells, tuple(map(_form, block.items))


@dataclass(frozen=True, slots=True)
class _Saying:
    """One relation as one sentence says it.

    `evidence` are the numbers of the passage's segments that say it, `fresh` the nodes of its standards that no
    registry holds.
    """

    prop: Iri
    source: Iri
    target: Iri
    wording: Literal
    evidence: tuple[int, ...]
    fresh: tuple[StandardNode, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, or an introduction together with the names that lead the items of the list after it.

    `items` tells where in the text each of those names begins, and the segments that name it.
    """

    text: str
    lang: str
    segments: tuple[Segment, ...]
    items: tuple[tuple[int, tuple[Segment, ...]], ...] = ()

    def holding(self, *names: Name | None) -> tuple[Segment, ...]:
        """Return the segments that say the sentence's words about these names."""
        starts = {name.start for name in names if name}
        return (*self.segments, *(each for start, led in self.items if start in starts for each in led))


def _sayings(subject: Subject, passage: _Passage) -> tuple[_Saying, ...]:
    """Return the relations that a passage states on a page about a subject."""
    may_signal = subject.concepts.phrases.may_signal
    texts = (text for segment in passage.segments if (text := reading(segment.texts)))
    if not any(may_signal(text.value, text.lang) for text in texts):
        return ()
    numbers = {segment.id: number for number, segment in enumerate(passage.segments)}
    spoken = _Spoken(subject, list(_sentences(subject, passage.blocks)))
    return tuple(
        _Saying(
            prop=wording.prop,
            source=ends[0],
            target=ends[1],
            wording=literal(sentence.text[wording.start : wording.end], sentence.lang),
            evidence=tuple(numbers[segment.id] for segment in sentence.holding(source, target)),
            fresh=tuple(node for iri in ends for node in fresh.get(iri, ())),
        )
        for sentence, wording, fresh in _wordings(subject, spoken)
        for source, target in _pairs(wording)
        if (ends := _ends(_own(subject), source, target))
        and _differ(subject, wording.prop, *ends, listed=bool(sentence.items))
    )


_known_sayings = lru_cache(maxsize=1 << 13)(_sayings)


def _wordings(
    subject: Subject, spoken: _Spoken
) -> Iterator[tuple[_Sentence, Wording, Mapping[Iri, tuple[StandardNode, ...]]]]:
    """Yield each wording that may hold, with its sentence and the new standards named there."""
    own = _own(subject)
    phrases = subject.concepts.phrases
    for number, sentence in enumerate(spoken.sentences):
        if not phrases.may_fit(sentence.text, sentence.lang) or not spoken.mentions(number):
            continue
        fresh = {mention.iri: mention.candidates for mention in spoken.mentions(number)}
        for wording in phrases.find(sentence.text, spoken.names(number), sentence.lang):
            if sentence.items and len(wording.sources) > 1:
                continue  # "Together, A and B include:" does not tell which of them includes what
            if not own or not wording.own_kinds or not wording.own_kinds.isdisjoint(_kinds(subject, own)):
                yield sentence, wording, fresh


def _pairs(wording: Wording) -> Iterator[tuple[Name | None, Name | None]]:
    """Yield each source with each target; None stands for the standard of the subject."""
    for source in wording.sources or (None,):
        for target in wording.targets or (None,):
            yield source, target


def _ends(own: Iri | None, source: Name | None, target: Name | None) -> tuple[Iri, Iri] | None:
    ends = source.iri if source else own, target.iri if target else own
    return (ends[0], ends[1]) if ends[0] and ends[1] else None


def _own(subject: Subject) -> Iri | None:
    """Return the standard the page is about; none where it is about several."""
    return subject.standard if len(subject.standards) < 2 else None


def _differ(subject: Subject, prop: Iri, source: Iri, target: Iri, *, listed: bool) -> bool:
    """Whether a relation is between two standards; of one standard an edition may supersede another.

    The items of a list are often guides that bear the name of what they are about, so there a part and its
    whole do not count as two.
    """
    standards = subject.concepts.standards
    works = standards.standard_of(source), standards.standard_of(target)
    if source == target or (works[0] == works[1] and prop != _SUPERSEDES):
        return False
    wholes = standards.programme_of(source), standards.programme_of(target)
    return not (listed and (wholes[0] == works[1] or wholes[1] == works[0]))


def _sentences(subject: Subject, blocks: Sequence[Block]) -> Iterator[_Sentence]:
    """Yield the sentences of blocks in order; an introduction and the list after it also as one sentence."""
    for number, block in enumerate(blocks):
        if block.kind in {"code", "html", "include"}:
            continue
        for cell in block.cells or (block,):
            for text, segments in _runs(cell.segments):
                for start, end in _split(text.value):
                    yield _Sentence(text.value[start:end], text.lang, segments)
        if block.segments and block.segments[-1].reading.rstrip().endswith((":", "：")):
            items = block.items or tuple(_items_after(blocks, number))
            joined = _with_list(subject, block, items)
            if joined:
                yield joined
        yield from _sentences(subject, block.items)


def _runs(segments: Sequence[Segment]) -> Iterator[tuple[Text, tuple[Segment, ...]]]:
    """Yield the text of each segment; as one those that a page cuts within a sentence ("No." and "3402")."""
    run: list[Segment] = []
    said = ""
    lang = ""
    for segment in segments:
        text = reading(segment.texts)
        if text is None or not text.value:
            continue
        if run and lang == text.lang and _goes_on(said, text.value):
            said = f"{said} {text.value}"
        else:
            if run:
                yield Text(said, lang), tuple(run)
            run, said, lang = [], text.value, text.lang
        run.append(segment)
    if run:
        yield Text(said, lang), tuple(run)


def _goes_on(said: str, following: str) -> bool:
    """Whether a sentence that a segment began goes on in the next: after an abbreviation, or in lower case."""
    if said.endswith("."):
        return len(said) not in {end for _, end in _split(f"{said} {following}")}
    return said[-1].isalnum() and following[0].islower()


def _items_after(blocks: Sequence[Block], number: int) -> Iterator[Block]:
    for block in blocks[number + 1 :]:
        if block.kind != "item":
            return
        yield block


def _with_list(subject: Subject, intro: Block, items: Sequence[Block]) -> _Sentence | None:
    """Return "The standard maps to:" and the names that lead the items of the list as one sentence."""
    *_, (text, segments) = _runs(intro.segments)
    if not subject.concepts.phrases.may_signal(text.value, text.lang):
        return None
    start, end = _split(text.value)[-1]
    joined = text.value[start:end].rstrip(" :：")
    listed: list[tuple[int, tuple[Segment, ...]]] = []
    for item in items:
        words, led = next(_runs(item.segments), (Text("", ""), ()))
        mentions = subject.concepts.standards.find(
            words.value, words.lang, own=subject.standard, also=subject.own_names
        )
        if mentions and mentions[0].start <= _LEADING:
            joined += ", " if listed else " "
            listed.append((len(joined), led))
            joined += mentions[0].label
    return _Sentence(joined, text.lang, segments, tuple(listed)) if listed else None


def _kinds(subject: Subject, iri: Iri) -> frozenset[str]:
    """Return the kinds of slots that a standard fits: its own kind, `law` for a regulation too, `edition`."""
    standards = subject.concepts.standards
    kind = standards.kind(iri)
    word = kind[1:-1].rsplit("/", 1)[-1] if kind else ""
    edition = {"edition"} if standards.standard_of(iri) != iri else set()
    return frozenset(edition | {"law" if word in _LAWS else word})


def _free(start: int, end: int, taken: Sequence[tuple[int, int]]) -> bool:
    return all(end < left or right <= start for left, right in taken)


class _Spoken:
    """The sentences of a section, and who is meant by "it" and "this standard" in them."""

    def __init__(self, subject: Subject, spoken: Sequence[_Sentence]) -> None:
        self.sentences = spoken
        self._subject = subject
        self._mentions: dict[int, tuple[Mention, ...]] = {}
        self._names: dict[int, tuple[Name, ...]] = {}

    def mentions(self, number: int) -> tuple[Mention, ...]:
        """Return the standards that a sentence names."""
        if number not in self._mentions:
            sentence = self.sentences[number]
            self._mentions[number] = self._subject.concepts.standards.find(
                sentence.text, sentence.lang, own=self._subject.standard, also=self._subject.own_names
            )
        return self._mentions[number]

    def names(self, number: int) -> tuple[Name, ...]:
        """Return what a sentence names or points at, from left to right."""
        if number not in self._names:
            self._names[number] = tuple(sorted(self._find_names(number), key=lambda name: name.start))
        return self._names[number]

    def _find_names(self, number: int) -> Iterator[Name]:
        sentence = self.sentences[number]
        phrases = self._subject.concepts.phrases
        taken: list[tuple[int, int]] = []
        for mention in self.mentions(number):
            taken.append((mention.start, mention.end))
            yield Name(mention.start, mention.end, mention.iri, _kinds(self._subject, mention.iri))
        for reference in phrases.references(sentence.text, sentence.lang):
            if _free(reference.start, reference.end + 1, taken):
                meant = self._meant(number, reference)
                if meant:
                    taken.append((reference.start, reference.end))
                    yield Name(
                        reference.start, reference.end, meant, _kinds(self._subject, meant) | {REFERENCE}
                    )
        for name in phrases.organizations(sentence.text):
            if name.iri != self._subject.provider and _free(name.start, name.end, taken):
                yield name

    def _meant(self, number: int, reference: Reference) -> Iri | None:
        """Return the standard that words point at, as far as the section tells."""
        own = _own(self._subject)
        if reference.manner == "definite":
            return own
        if reference.manner == "named":
            return own if self._is_called(reference.noun) else None
        if reference.manner == "nearest":
            return self._last_with(number, reference.noun) or own
        if self._named_before(number, reference.start):
            return None
        if reference.manner == "this" and reference.noun:
            return self._last_with(number, reference.noun) or own
        if not number:
            return own if reference.manner == "pronoun" else None
        names = self._standards(number - 1)
        if reference.manner == "this":
            return names[-1].iri if names else None
        before = self.sentences[number - 1]
        subject = self._subject.concepts.phrases.subject(before.text, names, before.lang)
        meant = {name.iri for name in subject or (() if reference.manner == "possessive" else names)}
        return next(iter(meant)) if len(meant) == 1 else None

    def _is_called(self, noun: str) -> bool:
        """Whether the name of the standard the page is about has a noun."""
        own = _own(self._subject)
        called = [name for name, _ in self._subject.own_names]
        if own:
            standards = self._subject.concepts.standards
            called += [standards.label(own), standards.label(standards.standard_of(own))]
        return any(noun in name.casefold().split() for name in called)

    def _standards(self, number: int) -> tuple[Name, ...]:
        return tuple(name for name in self.names(number) if ORGANIZATION not in name.kinds)

    def _named_before(self, number: int, position: int) -> bool:
        return any(mention.end <= position for mention in self.mentions(number))

    def _last_with(self, number: int, noun: str) -> Iri | None:
        """Return what was last named together with a noun: "the SOC 1 attestation … This attestation"."""
        for earlier in range(number - 1, max(-1, number - 1 - _POINTS_BACK), -1):
            text = self.sentences[earlier].text
            for mention in reversed(self.mentions(earlier)):
                words = mention.label.casefold().split()
                if noun in (words[0], words[-1]) or text[mention.end :].lstrip().casefold().startswith(noun):
                    return mention.iri
        return None
