"""Files that a page includes: their blocks take the place of the line that names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath

from kg import names
from kg.concepts import Concepts
from kg.documents import markdown
from kg.documents.model import Block, Cell, Document, Link, Section, Segment
from kg.errors import Issue, SourceError
from kg.sources import Input
from kg.sources.offering.identity import slug_of
from kg.terms import Iri

MAX_DEPTH = 8
"""How deep files may include files."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A document with what it includes in place.

    `segments` gives the IRI of each segment that stands in an included file, by its id in `document`.
    """

    document: Document
    segments: Mapping[str, Iri] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


def resolve(document: Document, item: Input, concepts: Concepts) -> Inclusion:
    """Return a document with the files it includes in place of the lines that name them."""
    if not any(block.kind == "include" for block in document.blocks()):
        return Inclusion(document)
    splicer = _Splicer(document, item, concepts)
    sections = tuple(splicer.section(section) for section in document.sections)
    return Inclusion(replace(document, sections=sections), splicer.segments, tuple(splicer.issues))


class _Splicer:
    """Puts included blocks in place, their segments under ids of their own."""

    def __init__(self, document: Document, item: Input, concepts: Concepts) -> None:
        self.segments: dict[str, Iri] = {}
        self.issues: list[Issue] = []
        self._path = document.path
        self._item = item
        self._concepts = concepts
        self._neighbours = _by_lower_case(tuple(item.neighbours))
        self._number = 0

    def section(self, section: Section) -> Section:
        """Return a section, and those below it, with what they include."""
        return replace(
            section,
            blocks=tuple(self._blocks(section.blocks)),
            sections=tuple(self.section(inner) for inner in section.sections),
        )

    def _blocks(self, blocks: tuple[Block, ...]) -> Iterator[Block]:
        for block in blocks:
            if block.kind == "include":
                yield from self._included(block.target, block.line, self._path, (self._path.lower(),))
            elif block.items:
                yield block._replace(items=tuple(self._blocks(block.items)))
            else:
                yield block

    def _included(self, target: str, line: int, where: str, above: tuple[str, ...]) -> Iterator[Block]:
        """Yield the blocks of the file that a target names, seen from the file at `where`."""
        key = _beside(where, target).lower()
        path = self._neighbours.get(key)
        if key in above or len(above) > MAX_DEPTH:
            self.issues.append(Issue(self._path, line, "include-loop", f"{target} includes itself"))
            return
        if path is None:
            self.issues.append(Issue(self._path, line, "missing-include", f"no input file {target}"))
            return
        try:
            document = _read(self._item.neighbours[path].read_bytes(), path)
        except (OSError, SourceError) as error:
            self.issues.append(
                Issue(self._path, line, "unreadable-include", f"{target} cannot be read: {error}")
            )
            return
        self._number += 1
        prefix = f"include-{self._number}."
        whole = names.document(document.language, slug_of(document, self._concepts), document.sha256)
        for segment in document.segments():
            self.segments[prefix + segment.id] = names.part(whole, "segment", segment.id)
        for section in document.walk():
            for block in section.blocks:
                if block.kind == "include":
                    yield from self._included(block.target, line, path, (*above, key))
                else:
                    yield _moved(block, prefix, line)


_read = lru_cache(maxsize=8)(markdown.read)  # many pages include the same few files


@lru_cache(maxsize=2)
def _by_lower_case(paths: tuple[str, ...]) -> Mapping[str, str]:
    """Return paths by their lower-case form; of several with one form, the first counts."""
    return {path.lower(): path for path in sorted(paths, reverse=True)}


def _beside(path: str, target: str) -> str:
    """Return the path that a relative target names, seen from a file; parents above the top are the top."""
    parts: list[str] = list(PurePosixPath(path).parent.parts)
    for part in PurePosixPath(target.replace("\\", "/").replace("%20", " ")).parts:
        if part == "..":
            del parts[-1:]
        elif part not in {".", "~", "/"}:
            parts.append(part)
    return "/".join(parts)


def _moved(block: Block, prefix: str, line: int) -> Block:
    """Return a block as it stands in the including page: on the line that includes it, its ids prefixed."""

    def segments(those: tuple[Segment, ...]) -> tuple[Segment, ...]:
        return tuple(each._replace(id=prefix + each.id, line=line) for each in those)

    def links(those: tuple[Link, ...]) -> tuple[Link, ...]:
        return tuple(each._replace(segment=prefix + each.segment, line=line) for each in those)

    return block._replace(
        line=line,
        segments=segments(block.segments),
        links=links(block.links),
        items=tuple(_moved(each, prefix, line) for each in block.items),
        cells=tuple(Cell(segments(cell.segments), links(cell.links)) for cell in block.cells),
    )
