"""Which services are in scope: lists, tables and sentences of the sections that say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cache

from kg import names
from kg.concepts.listed import Name, Parsed
from kg.documents.model import Block, Cell, Section, Segment, reading
from kg.errors import Issue
from kg.records import Claim, Record, ServiceNode, Unresolved
from kg.sources.offering.page import Page, literals
from kg.sources.offering.statements import is_own
from kg.terms import BASE, Iri, Literal, literal, term

IN_SCOPE = Iri(f"<{BASE}section-role/in-scope>")
APPLICABILITY = Iri(f"<{BASE}section-role/office-365-applicability>")
COMMERCIAL = Iri(f"<{BASE}cloud/commercial>")

# A row whose list goes on from the row before: a comma at the end of the one or the start of the other.
_CONTINUED = re.compile(r"[,、，]\s*\n|\n\s*[,、，]")
_PROPERTY = term("ckg:hasInScopeService")
_CLAIM = term("ckg:InScopeClaim")
_SERVICE = term("ckg:CloudService")


def read(page: Page) -> Iterator[Record | Issue]:
    """Yield the claims, candidate services and issues of the sections that tell what is in scope."""
    if page.offering is None:
        return
    scope = _Scope(page, page.offering)
    for section in page.document.sections:
        scope.sections(section)
    yield from scope.records()


@dataclass(slots=True)
class _Stated:
    """A claim while the segments that state it are gathered."""

    service: Iri
    qualifier: Literal | None
    cloud: Iri | None
    level: Iri | None
    evidence: dict[Iri, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Context:
    """What headings and lead-in sentences say of the list below them."""

    level: Iri | None = None
    clouds: tuple[Iri | None, ...] = (None,)
    places: bool = False
    excluded: bool = False
    suites: tuple[str, ...] = ()


class _Scope:
    """The statements of scope that one page makes, gathered section by section."""

    def __init__(self, page: Page, offering: Iri) -> None:
        self._page = page
        self._offering = offering
        self._services = page.concepts.services
        self._stated: dict[Iri, _Stated] = {}
        self._candidates: dict[Iri, ServiceNode] = {}
        self._others: list[Record | Issue] = []
        self._segment = cache(page.segment)
        self._titles: list[str] = []  # of the section that is read and those above it

    def records(self) -> Iterator[Record | Issue]:
        """Yield what was gathered: claims, then candidates, then what was not understood."""
        for claim, stated in self._stated.items():
            yield Claim(
                iri=claim,
                types=(_CLAIM,),
                source=self._offering,
                prop=_PROPERTY,
                target=stated.service,
                evidence=tuple(stated.evidence),
                derived_from=(self._page.iri,),
                qualifier=(stated.qualifier,) if stated.qualifier else None,
                cloud=stated.cloud,
                impact_level=stated.level,
            )
        yield from self._candidates.values()
        yield from self._others

    def sections(self, section: Section, above: Section | None = None) -> None:
        """Gather what a section and those below it state.

        A heading below one that announces services in scope names a service itself where nothing below it does.
        """
        told = self._page.roles.get(section.anchor) in {IN_SCOPE, APPLICABILITY}
        before = len(self._stated)
        self._titles.append(section.title)
        if told:
            self._section(section)
        for below in section.sections:
            self.sections(below, section if told else None)
        self._titles.pop()
        if told and above and section.heading and len(self._stated) == before:
            parsed = self._services.parse(section.title, _language((section.heading,)))
            if parsed.registered and _bare(parsed):
                for name in parsed.names:
                    self._state(name, (section.heading,), _Context())

    def _section(self, section: Section) -> None:
        """Gather what one section states, those below it not included."""
        excluded = self._services.wordings.within("exclusion", section.title)
        context = _Context(self._level(section.title), excluded=excluded, suites=self._suites(*self._titles))
        listed = any(block.kind in {"item", "row"} for block in section.blocks)
        headers: dict[int, Block] = {}
        ticks = {
            (block.table, index)
            for block in section.blocks
            for index, cell in enumerate(block.cells)
            if index and self._marked(cell)
        }
        before: Block | None = None
        for block in section.blocks:
            if block.kind == "item":
                self._item(block, context)
            elif block.kind == "row":
                if block.header:
                    headers[block.table] = block
                    context = replace(
                        context,
                        suites=self._suites(*self._titles, *(cell.reading for cell in block.cells[:1])),
                    )
                else:
                    self._row(block, before, headers.get(block.table), context, ticks)
                    before = block
            elif block.kind == "paragraph" and not block.alert:
                context = self._lead_in(block, context)
                if not context.excluded:
                    self._paragraph(block, context, listed=listed)

    def _level(self, text: str) -> Iri | None:
        """Return the impact level a text names, None if it names none or several."""
        levels = self._services.clouds.levels(text)
        return levels[0] if len(levels) == 1 else None

    def _lead_in(self, block: Block, context: _Context) -> _Context:
        """Return what a paragraph says of the list below it."""
        text, wordings = block.reading, self._services.wordings
        announces = text.rstrip().endswith((":", "："))
        last = next((segment.reading for segment in reversed(block.segments) if segment.reading), "")
        return replace(
            context,
            level=self._level(text) or context.level,
            places=announces and wordings.within("place", text),
            excluded=announces and wordings.within("exclusion", last),
        )

    def _parse(self, block: Block | Cell) -> Parsed:
        return self._services.parse(block.reading, _language(block.segments))

    def _item(self, block: Block, context: _Context, suite: Name | None = None) -> None:
        """Gather what a list item and the items below it state."""
        if context.places or context.excluded:
            for each in block.walk():
                code, told = ("place", "a place") if context.places else ("out-of-scope", "not in scope")
                self._issue(each.segments, code, f"listed as {told}: {each.reading}")
            return
        parsed = self._parse(block)
        text = block.reading
        if self._services.wordings.starts("legend", text):
            self._issue(block.segments, "legend", f"tells what a sign means: {text}")
            return
        below = [child for child in block.items if child.kind == "item"]
        places = bool(below) and text.rstrip().endswith(":") and self._services.wordings.within("place", text)
        if places and parsed.names:
            told = "; ".join(child.reading for child in below)
            last = parsed.names[-1]
            named = Name(
                last.label, last.start, last.end, last.iri, last.suite, f"{last.qualifier} {told}", last.cloud
            )
            parsed = Parsed((*parsed.names[:-1], named), parsed.rest, parsed.open)
        if below and not any(name.iri for name in parsed.names):
            self._issue(block.segments, "list-heading", f"heads a list and names no service: {text}")
            parsed = Parsed()
        elif parsed.names:
            level = self._level(text) or context.level
            self._names(block, parsed, replace(context, level=level), suite)
        elif text or not below:
            self._unresolved(block)
        if places:
            return
        for child in below:
            self._item(child, context, parsed.names[0] if parsed.names else suite)

    def _row(
        self,
        row: Block,
        before: Block | None,
        header: Block | None,
        context: _Context,
        ticks: AbstractSet[tuple[int, int]],
    ) -> None:
        """Gather what a table row states: clouds and their services, or services and where they are in scope."""
        if not row.cells:
            return
        first, others = row.cells[0], [(at, cell) for at, cell in enumerate(row.cells) if at and cell.reading]
        if before and not others and _CONTINUED.search(f"{before.reading}\n{first.reading}"):
            self._cell(first, row, replace(context, clouds=self._clouds(before.cells[0]) or context.clouds))
            return
        clouds = self._clouds(first)
        announced = self._announced(header)
        listing = [
            (at, cell)
            for at, cell in others
            if at in announced or self._lists(cell, beside=first, clouds=clouds)
        ]
        for at, cell in listing:
            column = self._clouds(header.cells[at]) if header and at < len(header.cells) else ()
            self._cell(cell, row, replace(context, clouds=clouds or column or context.clouds))
        if not listing:
            self._marked_service(row, header, context, ticks)

    def _announced(self, header: Block | None) -> frozenset[int]:
        """Return the columns that a header names for services, where the first column is not of services itself."""
        cells = header.cells if header else ()
        names = self._services.wordings.within
        columns = frozenset(at for at, cell in enumerate(cells) if names("service-column", cell.reading))
        return columns if 0 not in columns else frozenset()

    def _lists(self, cell: Cell, *, beside: Cell, clouds: tuple[Iri, ...]) -> bool:
        """Whether a cell lists the services of what the first cell of its row stands for."""
        if self._marked(cell) or self._level(cell.reading):
            return False
        parsed, told = self._parse(cell), self._parse(beside)
        if any(name.iri for name in parsed.names):
            return bool(clouds) or not any(name.iri for name in told.names)
        return bool(clouds) and (not parsed.names or not any(name.iri for name in told.names))

    def _marked_service(
        self, row: Block, header: Block | None, context: _Context, ticks: AbstractSet[tuple[int, int]]
    ) -> None:
        """Gather the service a row is about, for the clouds and levels whose columns mark it or that it tells.

        `ticks` are the columns, by table, that hold ticks: a row without one that counts is not in scope.
        """
        told = {
            index: self._told(header.cells[index], cell)
            for index, cell in enumerate(row.cells)
            if index and header and index < len(header.cells)
        }
        ticked = [index for index in told if (row.table, index) in ticks]
        if ticked and all(told[index] is None for index in ticked):
            self._issue(row.segments, "out-of-scope", f"listed as not in scope: {row.cells[0].reading}")
            return
        headings = [self._without_standards(heading) for heading in told.values() if heading]
        named = [cloud for each in headings for _, _, cloud in self._services.clouds.named(each)]
        levels = [level for each in told.values() if each and (level := self._level(each))]
        for level in levels or (context.level,):
            self._cell(
                row.cells[0], row, replace(context, level=level, clouds=tuple(named) or context.clouds)
            )

    def _without_standards(self, text: str) -> str:
        """Return a text without the names of standards in it: no cloud is meant by DoD in DoD SRG."""
        for mention in reversed(self._page.concepts.standards.find(text)):
            text = text[: mention.start] + text[mention.end :]
        return text

    def _told(self, heading: Cell, cell: Cell) -> str | None:
        """Return what a cell tells of a service: its words, or of a tick the column's; None where it denies."""
        denies = self._services.wordings.starts
        if not self._marked(cell):
            return None if denies("no-mark", cell.reading) else cell.reading
        if heading.reading and denies("no-mark", heading.reading):
            return None
        named = self._page.concepts.standards.find(heading.reading, _language(heading.segments))
        others = named and not any(is_own(self._page, mention.iri) for mention in named)
        return None if others else heading.reading

    def _marked(self, cell: Cell) -> bool:
        text = cell.reading
        return self._services.wordings.at("mark", text) == len(text) > 0

    def _clouds(self, cell: Cell) -> tuple[Iri, ...]:
        """Return the clouds that a cell stands for; a bare suite is its commercial cloud."""
        found: dict[Iri, None] = {}
        for name in self._parse(cell).names:
            cloud = name.cloud or self._services.clouds.get(name.label) or self._services.cloud(name.iri)
            if cloud is None and name.iri and self._services.suite(name.iri) is None:
                cloud = COMMERCIAL
            if cloud is None or (name.qualifier and not name.cloud):
                return ()
            found[cloud] = None
        return tuple(found)

    def _cell(self, cell: Cell, row: Block, context: _Context) -> None:
        lines = [(Cell((segment,), ()), self._parse(Cell((segment,), ()))) for segment in cell.segments]
        if len(lines) > 1 and all(parsed.names for _, parsed in lines):
            for line, parsed in lines:
                self._names(line, parsed, context)
            return
        parsed = self._parse(cell)
        if parsed.names:
            self._names(cell, parsed, context)
        elif cell.reading:
            self._unresolved(Block("row", row.line, segments=cell.segments))

    def _paragraph(self, block: Block, context: _Context, *, listed: bool) -> None:
        """Gather what a paragraph states: a bare list of names, or a sentence that says what is in scope."""
        text = block.reading
        parsed = self._parse(block)
        if parsed.registered and (not text.rstrip().endswith((".", ":", "。", "：")) or _bare(parsed)):
            self._names(block, parsed, context)
        elif not listed:
            for segment in block.segments:
                self._sentence(segment, context)

    def _sentence(self, segment: Segment, context: _Context) -> None:
        text, wordings = segment.reading, self._services.wordings
        if not wordings.within("scope", text) or wordings.within("exclusion", text):
            return
        for found in self._services.find(text, _language((segment,))):
            label = text[found.start : found.end]
            self._state(Name(label, found.start, found.end, found.keys[0]), (segment,), context)

    def _names(
        self, block: Block | Cell, parsed: Parsed, context: _Context, suite: Name | None = None
    ) -> None:
        for name in parsed.names:
            self._state(name, _segments_of(block.segments, name), context, suite)
        for words in parsed.rest:
            self._issue(block.segments, "unread-words", f"said beside names of services: {words}")
        if parsed.open:
            self._issue(block.segments, "open-list", "the list speaks of others without naming them")

    def _state(
        self, name: Name, segments: tuple[Segment, ...], context: _Context, suite: Name | None = None
    ) -> None:
        """Gather one claim for each cloud, and the candidate if the service is not registered."""
        service = name.iri or self._elided(name, context) or self._candidate(name, segments, suite)
        told = f"{suite.label} {name.qualifier}".strip() if suite else name.qualifier
        qualifier = literal(told, _language(segments)) if told else None
        level = self._level(name.qualifier) or context.level
        for row_cloud in context.clouds:
            cloud = name.cloud or row_cloud
            more = (qualifier or "", cloud or "", level or "")
            claim = self._page.claim(_PROPERTY, self._offering, service, *more)
            stated = self._stated.setdefault(claim, _Stated(service, qualifier, cloud, level))
            for segment in segments:
                stated.evidence[self._segment(segment)] = None

    def _suites(self, *headings: str) -> tuple[str, ...]:
        """Return the services that headings name, the nearest heading's first, as words that names may leave out."""
        found = (
            heading[each.start : each.end]
            for heading in reversed(headings)
            for each in self._services.find(heading, "en")
        )
        return tuple(dict.fromkeys(found))

    def _elided(self, name: Name, context: _Context) -> Iri | None:
        """Return the service of a name that leaves out what a heading says: `Batch` below "Azure"."""
        found = (self._services.get(f"{suite} {name.label}") for suite in context.suites)
        return next((service for service in found if service), None)

    def _candidate(self, name: Name, segments: tuple[Segment, ...], suite: Name | None) -> Iri:
        umbrella = name.suite or (suite.iri if suite else None)
        node = self._services.candidate(name.label, _language(segments), umbrella, self._page.provider)
        if node.iri not in self._services and node.iri not in self._candidates:
            self._candidates[node.iri] = node
            self._issue(segments, "candidate-service", f"not in the registry of services: {name.label}")
        return node.iri

    def _unresolved(self, block: Block) -> None:
        segment = next((each for each in block.segments if each.reading), None)
        if segment is None:
            self._others.append(self._page.issue(block.line, "empty-item", "a list item without words"))
            return
        self._others.append(
            Unresolved(
                iri=names.part(self._page.iri, "unresolved", f"service-{segment.id}"),
                labels=literals(segment.texts),
                expected=_SERVICE,
                evidence=tuple(self._page.segment(each) for each in block.segments if each.reading),
                whole=self._page.iri,
            )
        )
        self._issue(block.segments, "unresolved-service", f"names no service: {block.reading}")

    def _issue(self, segments: tuple[Segment, ...], code: str, message: str) -> None:
        line = segments[0].line if segments else 0
        self._others.append(self._page.issue(line, code, message))


def _bare(parsed: Parsed) -> bool:
    return not any(name.qualifier.strip(" .") for name in parsed.names)


def _language(segments: tuple[Segment, ...]) -> str:
    """Return the language that the first segment with words is read in."""
    for segment in segments:
        text = reading(segment.texts)
        if text:
            return text.lang
    return "en"


def _segments_of(segments: tuple[Segment, ...], name: Name) -> tuple[Segment, ...]:
    """Return the segments that hold a name, given by its place in their words joined by spaces."""
    start = 0
    for segment in segments:
        if not segment.reading:
            continue
        end = start + len(segment.reading)
        if start <= name.start <= end:
            return (segment,)
        start = end + 1
    return tuple(segment for segment in segments if segment.reading)[:1]
