"""Which document is the original of a translation: the one that says the English sentences it was made from."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from kg import nodes
from kg.derivation.conclusions import Conclusions
from kg.sources import Extraction
from kg.terms import Iri, Triple, term

_SLUG, _LANGUAGE, _COMMIT = (term(name) for name in ("ckg:slug", "dcterms:language", "ckg:sourceCommit"))
_VALUE, _ORIGINAL = term("rdf:value"), term("schema:translationOfWork")
_TEXT = len(_VALUE) + 1
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Page:
    """What is compared of one document: its English sentences as hashes."""

    graph: Iri
    slug: str
    language: str
    commit: str
    sentences: frozenset[int]

    @property
    def is_english(self) -> bool:
        """Whether the document was written in English."""
        return self.language.startswith('"en')


class Translations:
    """`schema:translationOfWork`, where one document among the inputs is the original of another."""

    def select(self, found: Extraction) -> Page | None:
        """Return a document's English sentences, and the names by which its translations go."""
        graph = found.graph
        told = nodes.triples(node for node in found.nodes if node.subject == graph)
        about: dict[str, str] = {
            name: value for subject, name, value in chain(found.triples, told) if subject == graph
        }
        if _SLUG not in about or _LANGUAGE not in about:
            return None
        values = [f"{_VALUE} {value}" for _, predicate, value in found.triples if predicate == _VALUE]
        for _, said, _ in found.nodes:
            place = bisect_left(said, _VALUE)  # what is said is in order
            while place < len(said) and said[place].startswith(_VALUE):
                values.append(said[place])
                place += 1
        english = [each for each in values if each.endswith(('"@en', '"@en-us'))]
        sentences = frozenset([zlib.crc32(each[_TEXT : each.rindex('"')].encode()) for each in english])
        return Page(graph, about[_SLUG], about[_LANGUAGE], about.get(_COMMIT, ""), sentences)

    def conclude(self, selected: Sequence[object]) -> Conclusions:
        """Return the original of each translation, where the inputs hold it."""
        by_slug: defaultdict[str, list[Page]] = defaultdict(list)
        for page in selected:
            if isinstance(page, Page):
                by_slug[page.slug].append(page)
        triples = sorted(triple for pages in by_slug.values() for triple in _among(pages))
        return Conclusions(tuple(triples))


def _among(pages: Sequence[Page]) -> Iterator[Triple]:
    """Yield the originals among documents of one slug."""
    originals = [page for page in pages if page.is_english]
    translations = [page for page in pages if not page.is_english]
    found = {page.graph: _best(page, originals) for page in translations if page.sentences}
    # Without English beside it, a page is a translation of what its bilingual twin of the same commit is.
    twins: defaultdict[tuple[str, str], set[Iri]] = defaultdict(set)
    for page in translations:
        if page.commit:
            twins[page.language, page.commit].update(found.get(page.graph, ()))
    for page in translations:
        works = found.get(page.graph) or twins.get((page.language, page.commit)) or set()
        if not works and not page.sentences and len(originals) == 1:
            works = {originals[0].graph}
        for work in works:
            yield page.graph, _ORIGINAL, work


def _best(page: Page, originals: Sequence[Page]) -> set[Iri]:
    """Return the documents whose sentences are most like the English ones of a page; several where they tie."""
    shares: Mapping[Iri, float] = {
        each.graph: len(page.sentences & each.sentences) / len(page.sentences | each.sentences)
        for each in originals
    }
    best = max(shares.values(), default=0.0)
    return {graph for graph, share in shares.items() if share == best} if best >= _ALIKE else set()
