"""Standards by name: every standard, edition and level that a text mentions.

Two kinds of knowledge meet here. The registry knows names; designation families know how publishers number
their standards, so that `ISO 22301:2019` is understood though nobody registered it. Both are data in
ontology/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from kg import names
from kg.concepts.designations import Designation, Designations
from kg.concepts.lexicon import Lexicon, places, plain, words
from kg.concepts.registry import Registry
from kg.records import StandardNode
from kg.terms import Iri, literal, term

Names: TypeAlias = tuple[tuple[str, Iri], ...]

_NAMED = ("skos:prefLabel", "skos:altLabel", "skos:hiddenLabel")
_BINDING = frozenset({"law", "regulation"})
_OPENING = re.compile(r"\s*\((?:the |also |or )?[\"'“]?")
_CLOSING = re.compile(r"[\"'”]?\)")
_REACH = 60  # characters looked at after "and": the tail of a name is shorter
_JOINTS = " -:/("  # where a name can be cut for the next one to share its start
_DIGITS = re.compile(r"\d{3}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A standard, edition or level that a text names, and where.

    `label` is the name as written. `candidates` are the nodes to record where the registry does not hold
    the thing: the edition, then its work if that is new as well; empty where it does.
    """

    start: int
    end: int
    iri: Iri
    label: str
    candidates: tuple[StandardNode, ...] = ()

    @property
    def candidate(self) -> StandardNode | None:
        """The node of the thing itself where the registry does not hold it."""
        return self.candidates[0] if self.candidates else None


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A name that may stand for several standards, where nothing tells which."""

    start: int
    end: int
    label: str
    iris: tuple[Iri, ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    iris: tuple[Iri, ...]
    candidates: tuple[StandardNode, ...] = ()


class Standards:
    """The standards, laws, programmes and editions the registries know, and the grammar of designations."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._things = tuple(sorted({*registry.members("ckg:Standard"), *registry.members("ckg:Edition")}))
        self._known = frozenset(self._things)
        self._work_of = {
            thing: work for thing in self._things if (work := registry.iri(thing, "dcterms:isVersionOf"))
        }
        self._designations = Designations(registry)
        self._editions = self._index_editions()
        self._names = tuple(self._all_names())
        self._keywords = _keywords(name for name, _, _ in self._names)
        self._lexicon = lru_cache(maxsize=None)(self._make_lexicon)
        self._page_lexicon = lru_cache(maxsize=64)(Lexicon[Iri])
        self._scan = lru_cache(maxsize=1 << 17)(self._scan_text)
        # Pages of one standard say the same in every language and version.
        self.find = lru_cache(maxsize=1 << 16)(self._find)

    def _find(
        self, text: str, lang: str = "en", own: Iri | None = None, also: Names = ()
    ) -> tuple[Mention, ...]:
        """Return the standards a text names, left to right.

        `own` is the standard the page is about, which settles a name that fits several, as does a text that
        elsewhere names one of them in full; `also` are further names that hold on this page only. Names that
        stay ambiguous are left to `ambiguous`.
        """
        return tuple(
            Mention(hit.start, hit.end, iri, text[hit.start : hit.end], hit.candidates)
            for hit, iri in self._settle(self._scan(text, lang, also), own)
            if iri is not None
        )

    def ambiguous(
        self, text: str, lang: str = "en", own: Iri | None = None, also: Names = ()
    ) -> list[Ambiguity]:
        """Return the names in a text that fit several standards, where neither `own` nor the text tells which."""
        return [
            Ambiguity(hit.start, hit.end, text[hit.start : hit.end], hit.iris)
            for hit, iri in self._settle(self._scan(text, lang, also), own)
            if iri is None
        ]

    def get(self, name: str) -> Iri | None:
        """Return what a whole name stands for in any language, case aside; None if unknown or ambiguous."""
        exact = self._lexicon("").get(name)
        if exact:
            return exact[0] if len(exact) == 1 else None
        for spelling in (name.strip(), name.strip().upper()):
            hits = self._scan(spelling, "", ())
            if len(hits) == 1 and (hits[0].start, hits[0].end) == (0, len(spelling)):
                iris = hits[0].iris
                return iris[0] if len(iris) == 1 and iris[0] in self._known else None
        return None

    def knows(self, iri: Iri) -> bool:
        """Whether the registry holds a standard, edition or level."""
        return iri in self._known

    def standard_of(self, iri: Iri) -> Iri:
        """Return the work that an edition belongs to; anything else is its own work."""
        return self._work_of.get(iri, iri)

    def programme_of(self, iri: Iri) -> Iri:
        """Return the programme, suite or series that a level or part belongs to, else its work."""
        work = self.standard_of(iri)
        return self._registry.iri(work, "dcterms:isPartOf") or work

    def label(self, iri: Iri, lang: str = "en") -> str:
        """Return the preferred name in a language, else in English; empty if the registry has none."""
        labels = {label.lang: label.value for label in self._registry.labels(iri, "skos:prefLabel")}
        return labels.get(lang) or labels.get("en") or ""

    def version(self, iri: Iri) -> str:
        """Return the version that an edition is, empty where the registry does not say."""
        return self._registry.text(iri, "pav:version")

    def publisher(self, iri: Iri) -> Iri | None:
        """Return who publishes a standard, or the work or programme that it belongs to."""
        return self._inherited(iri, "dcterms:publisher")

    def kind(self, iri: Iri) -> Iri | None:
        """Return the kind of thing it is (law, programme …), else that of its work or programme."""
        return self._inherited(iri, "ckg:standardKind")

    def editions(self, iri: Iri) -> tuple[Iri, ...]:
        """Return the editions of a work that the registry holds."""
        return tuple(sorted(set(self._editions.get(iri, {}).values())))

    def _inherited(self, iri: Iri, predicate: str) -> Iri | None:
        for thing in (iri, self.standard_of(iri), self.programme_of(iri)):
            value = self._registry.iri(thing, predicate)
            if value:
                return value
        return None

    def _index_editions(self) -> dict[Iri, dict[str, Iri]]:
        editions: dict[Iri, dict[str, Iri]] = {}
        for thing in self._things:
            version = self._registry.text(thing, "pav:version")
            for work in self._registry.iris(thing, "dcterms:isVersionOf"):
                if version:
                    editions.setdefault(work, {})[version.casefold()] = thing
        return editions

    def _all_names(self) -> Iterator[tuple[str, str, Iri]]:
        """Yield (name, language, thing); a name that starts with its publisher's short name, in full too."""
        for thing in self._things:
            publisher = self.publisher(thing)
            short = self._registry.text(publisher, "skos:notation") if publisher else ""
            long = self._registry.text(publisher, "skos:prefLabel") if publisher else ""
            for label in self._registry.labels(thing, *_NAMED):
                yield label.value, label.lang, thing
                if short and long != short and label.value.startswith(short + " "):
                    rest = label.value[len(short) :]
                    yield long + rest, label.lang, thing
                    yield f"{long} ({short}){rest}", label.lang, thing

    def _make_lexicon(self, lang: str) -> Lexicon[Iri]:
        """Return the names of one language and English; those of all languages for an empty one."""
        wanted = {lang, lang.partition("-")[0], "en", ""}
        return Lexicon((name, thing) for name, its, thing in self._names if not lang or its in wanted)

    def _settle(self, hits: tuple[_Hit, ...], own: Iri | None) -> Iterator[tuple[_Hit, Iri | None]]:
        """Yield each hit with the one thing it means; None where nothing in the text or page tells."""
        clear = {self.standard_of(hit.iris[0]) for hit in hits if len(hit.iris) == 1}
        for hit in hits:
            yield hit, hit.iris[0] if len(hit.iris) == 1 else self._choice(hit.iris, own, clear)

    def _choice(self, iris: tuple[Iri, ...], own: Iri | None, clear: set[Iri]) -> Iri | None:
        """Return which of several things is meant.

        It is the page's own standard, else one of the same programme or publisher, else the one that the
        text names in full elsewhere; None where that leaves none or several.
        """
        if own in iris:
            return own
        if own is not None:
            for kin in (self.programme_of, self.publisher):
                related = [iri for iri in iris if kin(iri) == kin(own)]
                if len(related) == 1:
                    return related[0]
        named = [iri for iri in iris if self.standard_of(iri) in clear]
        return named[0] if len(named) == 1 else None

    def _scan_text(self, text: str, lang: str, also: Names) -> tuple[_Hit, ...]:
        straight = plain(text)
        spans = self._spans(straight, lang, also)
        hits: list[_Hit] = []
        position = 0
        for number, span in enumerate(spans):
            if span.start < position:
                continue
            following = spans[number + 1] if number + 1 < len(spans) else None
            hit = self._with_short_name(straight, span, following)
            hit = self._with_edition(straight, hit, position)
            hits.append(hit)
            starts = {each.start for each in spans[number + 1 :]}
            hits += self._listed(straight, hit, lang, starts)
            position = hits[-1].end
        return tuple(hits)

    def _spans(self, text: str, lang: str, also: Names) -> list[_Hit]:
        """Return names and designations, leftmost and longest first, none overlapping."""
        spans: list[_Hit] = []
        if self._may_name(text):
            spans += [
                _Hit(found.start, found.end, found.keys)
                for found in self._lexicon(lang).find(text)
                if not text[found.start : found.end].islower()  # "common criteria", www.fedramp.gov
            ]
        if also:
            spans += [
                _Hit(found.start, found.end, found.keys) for found in self._page_lexicon(also).find(text)
            ]
        spans += [self._placed(found) for found in self._designations.find(text)]
        if len(spans) < 2:
            return spans
        spans.sort(key=lambda span: (span.start, -span.end))
        apart = spans[:1]
        for span in spans[1:]:
            if span.start >= apart[-1].end:
                apart.append(span)
        return apart

    def _may_name(self, text: str) -> bool:
        present = set(words(text))
        return any(not self._keywords[word].isdisjoint(present) for word in present & self._keywords.keys())

    def _placed(self, found: Designation) -> _Hit:
        """Return a designation as the registered thing it means, else with the nodes to record."""
        node, work = found.nodes[0], found.nodes[-1]
        hit = _Hit(found.start, found.end, (node.iri,))
        if node.iri in self._known:
            return hit
        registered = {
            iri for label in work.labels or () for iri in self._lexicon("").get(label[1 : label.rindex('"')])
        }
        if len(registered) == 1:
            (iri,) = registered
            if node is work or not node.version:
                return replace(hit, iris=(iri,))
            return self._as_edition(hit, iri, node.version[1:-1], node)
        return replace(hit, candidates=tuple(each for each in found.nodes if each.iri not in self._known))

    def _as_edition(self, hit: _Hit, work: Iri, version: str, node: StandardNode) -> _Hit:
        """Return a hit as the registered edition of that version, else as the candidate `node`."""
        known = self._edition(work, version)
        if known:
            return replace(hit, iris=(known,), candidates=())
        node = replace(node, version_of=work)
        return replace(hit, iris=(node.iri,), candidates=(node, *hit.candidates))

    def _edition(self, work: Iri, version: str) -> Iri | None:
        editions = self._editions.get(work, {})
        version = version.casefold()
        return (
            editions.get(version) or editions.get(f"{version}.0") or editions.get(version.removesuffix(".0"))
        )

    def _with_short_name(self, text: str, hit: _Hit, following: _Hit | None) -> _Hit:
        """Return a name together with the other name of the same thing in parentheses after it."""
        if following is None or hit.candidates or following.candidates:
            return hit
        opening = _OPENING.match(text, hit.end)
        closing = _CLOSING.match(text, following.end)
        if not opening or not closing or opening.end() != following.start:
            return hit
        works = {self.standard_of(iri) for iri in hit.iris}
        same = tuple(iri for iri in following.iris if self.standard_of(iri) in works)
        if len(same) != 1:
            return hit
        edition = next(
            (iri for iri in (*same, *hit.iris) if self.standard_of(iri) == self.standard_of(same[0]) != iri),
            same[0],
        )
        return replace(hit, end=closing.end(), iris=(edition,))

    def _with_edition(self, text: str, hit: _Hit, earliest: int) -> _Hit:
        """Return a work with the edition that the words around it tell, as that edition."""
        if len(hit.iris) != 1 or (hit.candidates and hit.candidates[0].version):
            return hit
        work = hit.iris[0]
        if self.standard_of(work) != work:
            return hit
        told = self._designations.edition_around(text, hit.start, hit.end, earliest)
        if told is None:
            return hit
        wider = replace(hit, start=told.start, end=told.end)
        known = self._edition(work, told.version)
        if known:
            return replace(wider, iris=(known,))
        kind = self.kind(work)
        if not told.explicit or (kind and kind[1:-1].rsplit("/", 1)[-1] in _BINDING):
            return hit
        written = _text(hit.candidates[0]) if hit.candidates else text[hit.start : hit.end]
        name = self.label(work) or written
        node = StandardNode(
            iri=names.standard(f"{work[1:-1].rsplit('/', 1)[-1]}-{told.key}"),
            types=(term("ckg:Edition"),),
            labels=(literal(f"{name} {told.key}", "en"),),
            version_of=work,
            version=literal(told.version),
            status=term("ckg:Candidate"),
        )
        return self._as_edition(wider, work, told.version, node)

    def _listed(self, text: str, first: _Hit, lang: str, starts: set[int]) -> list[_Hit]:
        """Return the further members of a list that leaves out the common start of their names.

        In "ISO 27001, 27017, and 27018" or "FedRAMP Moderate and High" a member is what makes a name
        together with the start of the first one. `starts` are the places where a whole name stands.
        """
        written = text[first.start : first.end]
        heads = [
            written[:start] for start, _ in reversed(places(written)[1:]) if written[start - 1] in _JOINTS
        ]
        members: list[_Hit] = []
        end = first.end
        while heads:
            start = self._designations.after_conjunction(text, end)
            if start is None or start in starts:
                break
            member = next(self._completions(heads, text[start : start + _REACH], lang), None)
            if member is None:
                break
            members.append(replace(member, start=start, end=start + member.end))
            end = members[-1].end
        return members

    def _completions(self, heads: list[str], rest: str, lang: str) -> Iterator[_Hit]:
        """Yield what `rest` begins with when it stands after a head, `end` counted in `rest`."""
        for head in heads:
            spans = self._spans(head + rest, lang, ())
            if not spans or spans[0].start or spans[0].end <= len(head):
                continue
            hit = self._with_edition(head + rest, spans[0], 0)
            if rest[0].islower() or (hit.candidates and not _DIGITS.match(rest)):
                continue
            yield replace(hit, end=hit.end - len(head))


def _text(node: StandardNode) -> str:
    label = node.labels[0] if node.labels else '""'
    return label[1 : label.rindex('"')]


def _keywords(all_names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return for the longest word of each name the next longest ones, one of which must stand with it.

    A text without such a pair holds none of the names, and is passed over without a closer look; a name
    of one word is paired with itself.
    """
    pairs: dict[str, set[str]] = {}
    for name in sorted(set(all_names)):
        ordered = sorted(words(name), key=lambda word: (-len(word), word))
        if ordered:
            pairs.setdefault(ordered[0], set()).add(ordered[1] if len(ordered) > 1 else ordered[0])
    return {word: frozenset(others) for word, others in pairs.items()}
