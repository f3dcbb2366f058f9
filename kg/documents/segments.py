"""From sorted running text to segments and links: plain words with an id, a line, and what is set apart in them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kg.documents import sentences
from kg.documents.inline import Pair, Piece, Run
from kg.documents.model import Link, Segment, Span, Text, Trouble
from kg.documents.sidebyside import Framed
from kg.documents.urls import normalise

ENGLISH: Final = "en"
SENTENCE_SPACES: Final = 4
"""Spaces in the shortest text that ought to be translated; shorter ones are often names."""

Stretch = tuple[int, int]


def fold(pieces: Sequence[Piece]) -> tuple[str, list[Stretch], dict[int, Stretch]]:
    """Return the words of some pieces, white space folded, with the bold stretches and each link's stretch."""
    if len(pieces) == 1:
        text, is_bold, link, _ = pieces[0]
        text = " ".join(text.split())
        if link < 0 and not is_bold:
            return text, [], {}
        whole = (0, len(text))
        return text, [whole] if is_bold and text else [], {} if link < 0 else {link: whole}
    out: list[str] = []
    bold: list[Stretch] = []
    links: dict[int, Stretch] = {}
    length = 0
    gap = False
    for text, is_bold, link, _ in pieces:
        words = text.split()
        if not words:
            gap = gap or bool(text)
            if link >= 0 and link not in links:
                links[link] = (length, length)
            continue
        if length and (gap or text[0].isspace()):
            out.append(" ")
            length += 1
        folded = " ".join(words)
        out.append(folded)
        start = length
        length += len(folded)
        gap = text[-1].isspace()
        if is_bold:
            if bold and bold[-1][1] >= start - 1:
                bold[-1] = (bold[-1][0], length)
            else:
                bold.append((start, length))
        if link >= 0:
            known = links.get(link)
            links[link] = (known[0] if known and known[0] != known[1] else start, length)
    return "".join(out), bold, links


class _Found:
    """A link as it is put together: its words on both sides, and where it stands."""

    __slots__ = ("english", "native", "segment", "span")

    def __init__(self) -> None:
        self.native: list[str] = []
        self.english: list[str] = []
        self.segment = ""
        self.span: Span | None = None


class Segmenter:
    """Makes the segments of one document: knows its language, its lines, and the ids given so far."""

    def __init__(self, lang: str, line_starts: Sequence[int], first_line: int) -> None:
        self.lang = lang
        self.troubles: list[Trouble] = []
        self.pairs = 0
        self._line_starts = line_starts
        self._first_line = first_line
        self._ids: set[str] = set()
        self._numbers: dict[str, int] = {}

    def line(self, offset: int) -> int:
        """Return the line of the file that a byte offset of the page lies on."""
        return bisect_right(self._line_starts, offset) + self._first_line

    def trouble(self, offset: int, code: str, message: str) -> None:
        """Note something odd at a byte offset of the page."""
        self.troubles.append(Trouble(self.line(offset), code, message))

    def settle(self, run: Run, *, whole: bool = False) -> tuple[tuple[Segment, ...], tuple[Link, ...]]:
        """Return the segments and links of running text; `whole` keeps what is no pair in one segment."""
        segments: list[Segment] = []
        found: dict[int, _Found] = {}
        for part in run.parts:
            if isinstance(part, Pair):
                segment = self._pair(part, found, run.links)
                if segment is not None:
                    segments.append(segment)
            elif part and (len(part) > 1 or part[0][0] != " "):  # mostly it is the space between two pairs
                segments.extend(self._loose(part, found, whole=whole))
        for offset, code, message in run.oddities:
            self.trouble(offset, code, message)
        if not found:
            return tuple(segments), ()
        if not segments:
            if not run.links[min(found)][0]:
                return (), ()
            segments.append(self._bare_link(run, found))
        return tuple(segments), tuple(self._links(run, found, segments))

    def sentences(self, pairs: Iterable[tuple[str, str, str]], offset: int) -> tuple[Segment, ...]:
        """Return the segments of sentence pairs of words alone on one line: id, translation and English of each."""
        line = self.line(offset)
        found = [
            self._sentence(identifier, line, " ".join(native.split()), " ".join(english.split()))
            for identifier, native, english in pairs
        ]
        return tuple([segment for segment in found if segment])

    def linked(
        self, pair: tuple[str, str, str], offset: int, href: str, begins: int
    ) -> tuple[tuple[Segment, ...], tuple[Link, ...]]:
        """Return the segment of a sentence pair, words on both sides, and the link around it that begins at an offset."""
        identifier, native, english = pair[0], " ".join(pair[1].split()), " ".join(pair[2].split())
        segment = self._sentence(identifier, self.line(offset), native, english)
        if segment is None:
            return (), ()
        texts = (Text(native, self.lang), Text(english, ENGLISH))
        return (segment,), (Link(texts, href, self.line(begins), segment.id, Span(0, len(english))),)

    def framed(self, pair: Framed) -> tuple[tuple[Segment, ...], tuple[Link, ...]]:
        """Return the segment of a sentence pair with one element on each side, and the link that this is."""
        (native, native_place), (english, place) = _unframed(*pair.native), _unframed(*pair.english)
        bold = (place,) if pair.element == "Strong" else ()
        segment = self._sentence(pair.id, self.line(pair.offset), native, english, bold)
        if segment is None:
            return (), ()
        if pair.element != "Link":
            return (segment,), ()
        texts = (Text(native[slice(*native_place)], self.lang), Text(english[slice(*place)], ENGLISH))
        return (segment,), (Link(texts, pair.href, self.line(pair.begins), segment.id, Span(*place)),)

    def words(self, text: str, offset: int, *, whole: bool) -> tuple[Segment, ...]:
        """Return the sentences of words on one line in one language, or all as one segment."""
        text = " ".join(text.split())
        if not text:
            return ()
        line = self.line(offset)
        stretches = ((0, len(text)),) if whole else sentences.split(text)
        return tuple(
            [
                Segment(self._fresh(f"line-{line}.", 1), line, (Text(text[start:end], self.lang),))
                for start, end in stretches
            ]
        )

    def _pair(self, pair: Pair, found: dict[int, _Found], links: list[tuple[str, int]]) -> Segment | None:
        """Return the segment of a sentence pair, None where it holds no text; its links go to `found`."""
        native, native_bold, native_links = fold(pair.native) if pair.native else ("", [], {})
        english, bold, english_links = fold(pair.english) if pair.english else ("", [], {})
        segment = self._sentence(
            pair.id, self.line(pair.offset), native, english, bold if english else native_bold
        )
        if segment is None:
            for number in native_links | english_links:
                found.setdefault(number, _Found())
            return None
        identifier = segment.id
        if native_links or english_links:
            if english and native_links.keys() != english_links.keys():
                native_links = _matched(native_links, english_links, links)
            for number, (start, end) in native_links.items():
                link = found.setdefault(number, _Found())
                if native[start:end]:
                    link.native.append(native[start:end])
                link.segment = link.segment or identifier
                if not english and link.span is None:
                    link.span = Span(start, end)
            for number, (start, end) in english_links.items():
                link = found.setdefault(number, _Found())
                if english[start:end]:
                    link.english.append(english[start:end])
                if link.span is None:
                    link.segment, link.span = identifier, Span(start, end)
        return segment

    def _sentence(
        self, identifier: str, line: int, native: str, english: str, bold: Sequence[Stretch] = ()
    ) -> Segment | None:
        """Return a sentence in both languages as a segment, None where it is empty in both."""
        if native and english:
            if self.lang == ENGLISH:
                texts: tuple[Text, ...] = (Text(english, ENGLISH),)
            else:
                texts = (Text(native, self.lang), Text(english, ENGLISH))
        elif native:
            texts = (Text(native, self.lang),)
        elif english:
            texts = (Text(english, ENGLISH),)
        else:
            return None
        self.pairs += 1
        if identifier in self._ids:
            self.troubles.append(Trouble(line, "duplicate-id", f"sentence id {identifier} is used twice"))
            identifier = self._fresh(f"{identifier}-", 2)
        self._ids.add(identifier)
        if not english:
            message = f"sentence {identifier} has no English side"
            self.troubles.append(Trouble(line, "missing-english", message))
        elif not native:
            message = f"sentence {identifier} has no translation"
            self.troubles.append(Trouble(line, "missing-translation", message))
        elif (
            native == english
            and self.lang != ENGLISH
            and native[-1] in ".?!"
            and native.count(" ") >= SENTENCE_SPACES
        ):
            message = f"sentence {identifier} is in English twice"
            self.troubles.append(Trouble(line, "untranslated", message))
        return Segment(identifier, line, texts, tuple(map(Span._make, bold)) if bold else ())

    def _loose(self, pieces: list[Piece], found: dict[int, _Found], *, whole: bool) -> list[Segment]:
        """Return the sentences of text that stands in one language only; its links go to `found`."""
        text, bold, links = fold(pieces)
        if not text:
            for number in links:
                found.setdefault(number, _Found())
            return []
        stretches = ((0, len(text)),) if whole else sentences.split(text, tuple(links.values()))
        made: list[Segment] = []
        spans = _distributed(bold, stretches) if bold else {}
        for place, (stretch, line) in enumerate(
            zip(stretches, self._lines(pieces, text, stretches), strict=True)
        ):
            said = (Text(text[stretch[0] : stretch[1]], self.lang),)
            made.append(Segment(self._fresh(f"line-{line}.", 1), line, said, tuple(spans.get(place, ()))))
        starts = [start for start, _ in stretches] if links else []
        for number, (left, right) in links.items():
            place = max(0, bisect_right(starts, left) - 1)
            start, end = stretches[place]
            link = found.setdefault(number, _Found())
            if left < right:
                (link.english if self.lang == ENGLISH else link.native).append(text[left:right])
            if link.span is None:
                link.segment = made[place].id
                link.span = Span(min(left, end) - start, min(right, end) - start)
        return made

    def _lines(self, pieces: list[Piece], text: str, stretches: Sequence[Stretch]) -> list[int]:
        """Return the line on which each stretch of folded pieces starts."""
        written = [piece for piece in pieces if piece[0] and not piece[0].isspace()]
        first = self.line(written[0][3])
        if len(stretches) == 1 or first == self.line(written[-1][3]):
            return [first] * len(stretches)
        # Folding changes nothing but white space, so what was written can be found again by counting the rest.
        starts: list[int] = []
        count = 0
        for piece in written:
            starts.append(count)
            count += sum(map(len, piece[0].split()))
        lines: list[int] = []
        count = done = 0
        for start, _ in stretches:
            count += start - done - text.count(" ", done, start)
            done = start
            lines.append(self.line(written[bisect_right(starts, count) - 1][3]))
        return lines

    def _fresh(self, stem: str, first: int) -> str:
        """Return an id that is not in use yet: a stem and the next number, from the first one on."""
        number = self._numbers.get(stem, first - 1)
        while True:
            number += 1
            identifier = f"{stem}{number}"
            if identifier not in self._ids:
                self._numbers[stem] = number
                self._ids.add(identifier)
                return identifier

    def _bare_link(self, run: Run, found: dict[int, _Found]) -> Segment:
        """Return a segment for links that show no word at all: where the first of them goes stands for its words."""
        number = min(found)
        href, offset = run.links[number]
        line = self.line(offset)
        segment = Segment(self._fresh(f"line-{line}.", 1), line, (Text(href, self.lang),))
        found[number].native.append(href)
        found[number].segment, found[number].span = segment.id, Span(0, len(href))
        return segment

    def _links(self, run: Run, found: Mapping[int, _Found], segments: list[Segment]) -> list[Link]:
        """Return the links of running text in the order in which they begin."""
        made: list[Link] = []
        for number in sorted(found):
            link = found[number]
            href, offset = run.links[number]
            texts: list[Text] = []
            if link.native:
                texts.append(Text(" ".join(link.native), self.lang))
            if link.english:
                texts.append(Text(" ".join(link.english), ENGLISH))
            where = link.segment or segments[0].id
            made.append(Link(tuple(texts), href, self.line(offset), where, link.span))
        return made


def _unframed(before: str, inner: str, after: str) -> tuple[str, Stretch]:
    """Return words around and within an element as one text, white space folded, and where the inner words stand."""
    text = " ".join(before.split())
    if text and (before[-1].isspace() or inner[0].isspace()):
        text += " "
    start = len(text)
    text += " ".join(inner.split())
    end = len(text)
    rest = " ".join(after.split())
    if rest and (inner[-1].isspace() or after[0].isspace()):
        text += " "
    return text + rest, (start, end)


def _distributed(bold: list[Stretch], stretches: Sequence[Stretch]) -> dict[int, list[Span]]:
    """Return the bold spans of each stretch, by its number; one that reaches over an end is cut there."""
    starts = [start for start, _ in stretches]
    spans: dict[int, list[Span]] = defaultdict(list)
    for left, right in bold:
        place = max(0, bisect_right(starts, left) - 1)
        while place < len(stretches) and stretches[place][0] < right:
            start, end = stretches[place]
            if left < end:
                spans[place].append(Span(max(left, start) - start, min(right, end) - start))
            place += 1
    return spans


def _matched(
    native: dict[int, Stretch], english: Mapping[int, Stretch], links: list[tuple[str, int]]
) -> dict[int, Stretch]:
    """Return the translation's links under the numbers of the English links they stand for.

    A link that stands on both sides is written twice: first those with the same target are held together,
    then what is left, in order, where the counts agree.
    """
    only_english: dict[str, list[int]] = {}
    for number in english:
        if number not in native:
            only_english.setdefault(_target(links[number][0]), []).append(number)
    if not only_english:
        return native
    counterpart: dict[int, int] = {}
    left: list[int] = []
    for number in native:
        if number not in english:
            candidates = only_english.get(_target(links[number][0]))
            if candidates:
                counterpart[number] = candidates.pop(0)
            else:
                left.append(number)
    right = sorted(number for numbers in only_english.values() for number in numbers)
    if len(left) == len(right):
        counterpart.update(zip(left, right, strict=True))
    return {counterpart.get(number, number): stretch for number, stretch in native.items()}


def _target(href: str) -> str:
    """Return what two links to the same thing share."""
    return normalise(href) or href
