"""Questions that a page asks and answers.

A question is a paragraph in bold, the bold words a paragraph or list item begins with, a heading, a summary of
something that opens, a text after `Q:`, or where nothing tells it but its form, a paragraph that is a question.
Its answer is what follows, up to the next question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kg import names
from kg.documents.model import Block, Cell, Section, Segment, Span, Text, Texts, reading
from kg.errors import Issue
from kg.records import Answer, Question, Record
from kg.sources.offering.page import Page, literals
from kg.terms import BASE, Iri, integer, term

QUESTIONS = Iri(f"<{BASE}section-role/questions>")
_QUESTION = term("schema:Question")
RELIANCE = term("ckg:RelianceQuestion")
APPLIES_TO = term("ckg:AppliesToQuestion")

# "Q:", "Q1.", "Question 2:", "F:" (Frage), "P:" (pregunta), "D:" (domanda), "問:" and what answers them.
_ASKS = re.compile(
    r"(?:Q(?:uestion)?\s?\d*|F(?:rage)?|P(?:regunta)?|D(?:omanda)?|問|质问|問題|问)\s?[:：.)]\s*"
)
_ANSWERS = re.compile(r"(?:A(?:nswer|ntwort)?\s?\d*|R(?:éponse|espuesta|isposta|esposta)?|答)\s?[:：.)]\s*")
# A question mark, or in Japanese the particle that stands for one, with what may close after it.
_ASKING_END = re.compile(r"(?:[?？؟]|か[。.]?)[\s\"'”’»)*_:：]*\Z")
_QUESTION_MARK = re.compile(r"[?？؟]\s*")
_LABEL_WORDS = 3  # a bold paragraph of so few words and no question mark labels what follows
_LABEL_SIGNS = 7  # the same in a script without spaces
_IDEOGRAPH = re.compile("[\u2e80-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a page puts it, with the segments that ask it and the blocks that answer it.

    `opening` are the segments of the answer that stand in the block of the question itself.
    """

    segments: tuple[Segment, ...]
    opening: tuple[Segment, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def line(self) -> int:
        """The line on which the question begins."""
        return self.segments[0].line

    @property
    def text(self) -> str:
        """The words of the question that meaning is read from."""
        return " ".join(segment.reading for segment in self.segments)

    @property
    def lang(self) -> str:
        """The language of `text`."""
        found = reading(self.segments[0].texts)
        return found.lang if found else "en"

    @property
    def answer(self) -> tuple[Segment, ...]:
        """The segments of the answer, in order."""
        return (
            *self.opening,
            *(segment for block in self.blocks for each in block.walk() for segment in each.segments),
        )


def read(page: Page, found: Sequence[Asked]) -> Iterator[Record | Issue]:
    """Yield the questions found on a page with their answers, and an issue for each that is not answered."""
    for number, asked in enumerate(found, 1):
        answer = names.part(page.iri, "answer", str(number))
        texts = _answer_texts(asked)
        signals = {cue.signals for cue in page.concepts.cues.find(asked.text, asked.lang)}
        yield Question(
            iri=names.part(page.iri, "question", str(number)),
            types=tuple(kind for kind in (RELIANCE, APPLIES_TO) if kind in signals),
            texts=literals(_without_mark(_joined(asked.segments), _ASKS)),
            answer=answer if texts else None,
            whole=page.iri,
            position=integer(number),
            evidence=_evidence(page, asked.segments),
        )
        if texts:
            yield Answer(
                iri=answer, texts=literals(texts), whole=page.iri, evidence=_evidence(page, asked.answer)
            )
        else:
            yield page.issue(asked.line, "question-without-answer", f"nothing answers: {asked.text}")


def questions(page: Page) -> tuple[Asked, ...]:
    """Return the questions of a page in document order."""
    found: list[Asked] = []
    for section in page.document.sections:
        found.extend(_in_section(page, section, above=None))
    return tuple(found)


def _in_section(page: Page, section: Section, above: _Gatherer | None) -> Iterator[Asked]:
    """Yield the questions of a section and those below it; `above` gathers for the section it is part of."""
    if page.roles.get(section.anchor) != QUESTIONS:
        for inner in section.sections:
            yield from _in_section(page, inner, None)
        return
    gatherer = above or _Gatherer(page, _blocks_below(page, section))
    if section.heading and (above or is_question(section.heading)):
        gatherer.heading(section.heading)
    for block in section.blocks:
        gatherer.block(block)
    outside: list[Asked] = []
    for inner in section.sections:
        outside.extend(_in_section(page, inner, gatherer))
    if above is None:
        yield from gatherer.found()
    yield from outside


def _blocks_below(page: Page, section: Section) -> tuple[Block, ...]:
    """Return the blocks of a section on questions, and of those below it that are on questions too."""
    return tuple(
        block for each in section.walk() if page.roles.get(each.anchor) == QUESTIONS for block in each.blocks
    )


@dataclass(slots=True)
class _Open:
    segments: tuple[Segment, ...]
    opening: tuple[Segment, ...] = ()
    blocks: list[Block] = field(default_factory=list)


class _Gatherer:
    """Takes in the headings and blocks of one list of questions, and tells what is asked and what answers it."""

    def __init__(self, page: Page, blocks: Sequence[Block]) -> None:
        self._page = page
        self._open: list[_Open] = []
        # Once some questions are items, every item that begins in bold may be one; else items only answer.
        self._items = not any(_is_bold(block) for block in blocks if block.kind == "paragraph")

    def found(self) -> Iterator[Asked]:
        """Yield the questions gathered."""
        for each in self._open:
            yield Asked(each.segments, each.opening, tuple(each.blocks))

    def heading(self, heading: Segment) -> None:
        """Take in a heading: a question, or the name of a group of them."""
        if is_question(heading) or self._has_form(heading):
            self._open.append(_Open((heading,)))

    def block(self, block: Block) -> None:
        """Take in a block: a question, a question with its answer, or more of the last answer."""
        asked = self._question(block)
        if asked is not None:
            asked.blocks.extend(block.items)
            self._open.append(asked)
        elif self._open:
            self._open[-1].blocks.append(block)

    def _question(self, block: Block) -> _Open | None:
        """Return the question that a block begins with, None if it asks nothing."""
        if block.kind == "html":
            return self._summary(block)
        if block.kind == "row" and not block.header and len(block.cells) > 1:
            return self._beside(block.cells[0], block.cells[1:])
        if block.kind not in {"paragraph", "item"} or not block.segments or block.alert:
            return None
        if block.kind == "item" and not (self._items or _ASKS.match(block.reading)):
            return None
        segments = _apart(block.segments)
        lead = _leading(segments)
        if lead and self._asks_in_bold(segments[:lead], whole=lead == len(segments)):
            return _Open(segments[:lead], segments[lead:])
        mark = _ASKS.match(segments[0].reading)
        if mark and mark.end() < len(segments[0].reading):
            last = next((i for i, each in enumerate(segments, 1) if is_question(each)), 1)
            return _Open(segments[:last], segments[last:])
        told = block.kind == "paragraph" or any(child.kind != "item" for child in block.items)
        alone = told and len(segments) == 1 and not _is_linked(block)
        return _Open(segments) if alone and is_question(segments[0]) and self._has_form(segments[0]) else None

    def _beside(self, first: Cell, others: Sequence[Cell]) -> _Open | None:
        """Return the question of a table row that answers it in its other cells."""
        answer = tuple(segment for cell in others for segment in cell.segments)
        if not answer or not first.segments or not is_question(first.segments[-1]):
            return None
        return _Open(first.segments, answer)

    def _summary(self, block: Block) -> _Open | None:
        """Return the question that raw HTML begins with: the summary of what opens below it."""
        if block.segments and is_question(block.segments[0]):
            return _Open(block.segments[:1], block.segments[1:])
        return None

    def _asks_in_bold(self, segments: Sequence[Segment], *, whole: bool) -> bool:
        """Whether bold words are a question; `whole`: nothing but them stands in the paragraph."""
        text = " ".join(segment.reading for segment in segments)
        if _ends_asking(text):
            return True
        return whole and not text.endswith((":", "：")) and (self._has_form(segments[0]) or _is_long(text))

    def _has_form(self, segment: Segment) -> bool:
        """Whether a text is worded as a question; so is any in a language that no cue is known in."""
        cues, lang = self._page.concepts.cues, _lang(segment)
        return any(cue.signals == _QUESTION for cue in cues.find(segment.reading, lang)) or not cues.speaks(
            lang
        )


def _apart(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return segments with a first one that begins with a question in bold cut in two after the question."""
    first = segments[0]
    head = first.reading[: first.bold[0].end] if first.bold and first.bold[0].start == 0 else ""
    if not head or first.all_bold or not _ends_asking(head):
        return tuple(segments)
    cuts = [(text, _QUESTION_MARK.search(text.value)) for text in first.texts]
    asked = tuple(Text(text.value[: cut.end()], text.lang) for text, cut in cuts if cut)
    rest = tuple(Text(text.value[cut.end() if cut else 0 :].strip(), text.lang) for text, cut in cuts)
    length = max((len(text.value) for text in asked), default=0)
    return (
        Segment(first.id, first.line, asked, (Span(0, length),)),
        Segment(first.id, first.line, rest),
        *segments[1:],
    )


def is_question(segment: Segment) -> bool:
    """Whether a segment ends as a question does."""
    return _ends_asking(segment.reading)


def _is_bold(block: Block) -> bool:
    return bool(block.segments) and all(segment.all_bold for segment in block.segments)


def _leading(segments: Sequence[Segment]) -> int:
    """Return how many segments a block begins with that are wholly bold."""
    return next((i for i, segment in enumerate(segments) if not segment.all_bold), len(segments))


def _is_linked(block: Block) -> bool:
    """Whether all words of a block are links."""
    covered = sum(link.span.end - link.span.start for link in block.links if link.span)
    return covered >= len(block.reading) - 1


def _ends_asking(text: str) -> bool:
    return _ASKING_END.search(text) is not None


def _is_long(text: str) -> bool:
    if _IDEOGRAPH.search(text):
        return len(text) > _LABEL_SIGNS
    return len(text.split()) > _LABEL_WORDS


def _lang(segment: Segment) -> str:
    text = reading(segment.texts)
    return text.lang if text else "en"


def _joined(segments: Iterable[Segment], between: str = " ") -> Texts:
    """Return segments as one text in each language."""
    words: dict[str, list[str]] = {}
    for segment in segments:
        for text in segment.texts:
            if text.value:
                words.setdefault(text.lang, []).append(text.value)
    return tuple(Text(between.join(values), lang) for lang, values in words.items())


def _answer_texts(asked: Asked) -> Texts:
    """Return the answer in each language, one line for each paragraph or item."""
    lines: dict[str, list[str]] = {}
    parts = [asked.opening, *(each.segments for block in asked.blocks for each in block.walk())]
    for part in parts:
        for text in _joined(part):
            lines.setdefault(text.lang, []).append(text.value)
    whole = tuple(Text("\n".join(values), lang) for lang, values in lines.items())
    return _without_mark(whole, _ANSWERS)


def _without_mark(texts: Texts, mark: re.Pattern[str]) -> Texts:
    """Return texts without the `Q:` or `A:` they begin with, and without stray asterisks at their ends."""
    return tuple(
        Text(
            mark.sub("", text.value.strip("* "), count=1)
            if mark.match(text.value)
            else text.value.strip("* "),
            text.lang,
        )
        for text in texts
    )


def _evidence(page: Page, segments: Iterable[Segment]) -> tuple[Iri, ...]:
    return tuple(page.segment(segment) for segment in segments if segment.texts)
