"""Wordings that tell what a sentence is about: patterns kept in ontology/cues.ttl, matched on whole words.

A pattern is words in order. Typography, case and the punctuation between words do not count.

    (audited|assessed)     one of these            [at least|about]   one of these, or nothing
    ...                    up to ten words         <auditor>          one of the wordings of a `ckg:WordGroup`;
                                                   <provider> holds the names of the providers besides
    {organization}         first or last: a registered organization stands right before or right after
    {standard}             the same with the standard the page is about
    ^ and $                the sentence begins, or ends, here
    *-certified            in a word group: the word alone, or with another that a hyphen joins to it, but not "non-"

In a language without spaces, words are runs of characters, and `...` is up to thirty characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kg.concepts.lexicon import Lexicon, plain, words
from kg.concepts.registry import Registry
from kg.errors import VocabularyError
from kg.terms import Iri, Term, bare, typed

_ELEMENT = re.compile(r"\.\.\.|\{\w+\}|<[\w-]+>|\([^)]*\)|\[[^\]]*\]|[\^$]|(?:(?!\.\.\.)[^\s(\[{<^$])+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
# What a hyphen may join to a word, as in "JASA-certified", but for what denies it.
_QUALIFIED: Final = r"(?:(?!non-)[^\W_]+-)?"
# What may stand between two words: white space and punctuation, and an elided article, but no end of a sentence.
_ELIDED = r"(?:[^\W\d_]{1,2}')?"
_BETWEEN = rf"[^\w.!?\x01-\x03]+{_ELIDED}"
_GAP = rf"[^\w\s.!?]*\s+(?:\S+(?<![a-z0-9)][.!?])\s+){{0,10}}?[^\w\s]*{_ELIDED}"
_GAP_UNSPACED = r"[^\x01-\x03]{0,30}?"
# What ends a sentence in scripts without spaces, as signs that a set of characters holds at less cost: with the
# full stops themselves, patterns take twice as long to compile.
_STOPS: Final = (("。", "\x01"), ("！", "\x02"), ("？", "\x03"))
_NEAR: Final = 8  # characters between a slot's name and the words that ask for it
_SLOTS: Final = ("{organization}", "{standard}")
_HYPHENS: Final = frozenset("-\u2010\u2011")
_UNSPACED: Final = frozenset({"ja", "zh"})

# Most patterns wait for a word that is seldom used, and compiling all of them takes as long as reading fifty pages.
_regex = lru_cache(maxsize=None)(re.compile)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a text a name must stand: right before the offset, or else right after it."""

    offset: int
    before: bool

    def holds(self, text: str, start: int, end: int) -> bool:
        """Whether a name from `start` to `end` stands here, an article and punctuation aside."""
        if self.before:
            return 0 <= self.offset - end <= _NEAR and not _WORD.search(text, end, self.offset)
        between = text[self.offset : start]
        return 0 <= start - self.offset <= _NEAR and len(_WORD.findall(between)) <= 1


@dataclass(frozen=True, slots=True)
class Cue:
    """A wording found in a text: what it signals, the value it stands for, and where.

    `signals` is the property (or class) that the wording speaks of, `value` what it says of it, None where
    the text itself is the value. It counts only where none of the cues it yields to was found on the page.
    `organization` is the stretch in which an organization is named that the pattern asks for. `standard` is
    where the page's own standard must be named for the cue to hold. Each is None where nothing is asked for.
    """

    iri: Iri
    signals: Iri
    value: Term | None
    start: int
    end: int
    yields_to: frozenset[Iri] = frozenset()
    organization: tuple[int, int] | None = None
    standard: Place | None = None


@dataclass(frozen=True, slots=True)
class _Compiled:
    words: str  # as a regular expression
    anchors: frozenset[str]  # one of these is in every text that fits
    others: tuple[frozenset[str], ...]  # and one of each of these
    slot: str  # the slot that it leaves open, else empty
    leads: bool  # whether what fills the slot stands before the words


@dataclass(frozen=True, slots=True)
class _Pattern:
    cue: Iri
    signals: Iri
    value: Term | None
    yields_to: frozenset[Iri]
    compiled: _Compiled
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Language:
    spaced: bool
    patterns: tuple[_Pattern, ...]
    by_anchor: Mapping[str, tuple[int, ...]]


class Cues:
    """The wordings that tell of audits, certification, duties and questions, and the organizations they name."""

    def __init__(self, registry: Registry) -> None:
        groups = _word_groups(registry)
        self._languages = {lang: _language(lang, found) for lang, found in _patterns(registry, groups)}
        self._organizations = Lexicon(
            (label.value, thing)
            for thing in registry.members("org:Organization")
            for label in registry.labels(thing, "skos:prefLabel", "skos:altLabel")
        )
        self._auditors = frozenset(registry.members("ckg:Auditor"))
        self._providers = Lexicon((name, name) for name in _providers(registry))
        self.find = lru_cache(maxsize=1 << 16)(self._find)
        self.organizations = lru_cache(maxsize=1 << 14)(self._find_organizations)
        self.mentions_provider = lru_cache(maxsize=1 << 14)(self._mentions_provider)

    def speaks(self, lang: str) -> bool:
        """Whether any cue is known in a language."""
        return _base(lang) in self._languages

    def is_auditor(self, organization: Iri) -> bool:
        """Whether the registry knows an organization as one that audits others."""
        return organization in self._auditors

    def _find(self, text: str, lang: str) -> tuple[Cue, ...]:
        """Return the cues of a text in the order of their patterns, one for each cue and place."""
        language = self._languages.get(_base(lang))
        if language is None:
            return ()
        folded = _folded(text)
        found: dict[tuple[Iri, int], Cue] = {}
        for number in _candidates(language, text, folded):
            pattern = language.patterns[number]
            for match in _regex(pattern.compiled.words).finditer(folded):
                key = (pattern.cue, match.start())
                if key in found or any(_regex(each).search(folded) for each in pattern.unless):
                    continue
                cue = self._cue(pattern, match, text)
                if cue:
                    found[key] = cue
        return tuple(found.values())

    def _cue(self, pattern: _Pattern, match: re.Match[str], text: str) -> Cue | None:
        """Return a match as a cue, None if it needs an organization and none stands there."""
        slot, leads = pattern.compiled.slot, pattern.compiled.leads
        place = Place(match.start() if leads else match.end(), leads)
        named = None
        if slot == "{organization}":
            named = next(
                (each for each in self.organizations(text) if place.holds(text, each[0], each[1])), None
            )
            if named is None:
                return None
        return Cue(
            pattern.cue,
            pattern.signals,
            pattern.value or (named[2] if named else None),
            match.start(),
            match.end(),
            pattern.yields_to,
            named[:2] if named else None,
            place if slot == "{standard}" else None,
        )

    def _find_organizations(self, text: str) -> tuple[tuple[int, int, Iri], ...]:
        """Return the organizations a text names, (start, end, organization) each.

        Ambiguous names are left out, and names that only qualify what follows, as in "CDSA-certified".
        """
        return tuple(
            (found.start, found.end, found.keys[0])
            for found in self._organizations.find(text)
            if len(found.keys) == 1 and text[found.end : found.end + 1] not in _HYPHENS
        )

    def _mentions_provider(self, text: str) -> bool:
        """Whether a text names the provider of a cloud service."""
        return bool(self._providers.find(text))


def _providers(registry: Registry) -> tuple[str, ...]:
    """Return the names of the organizations that provide cloud services."""
    services = registry.members("ckg:CloudService")
    providers = {each for service in services for each in registry.iris(service, "schema:provider")}
    return tuple(
        label.value
        for provider in sorted(providers)
        for label in registry.labels(provider, "skos:prefLabel", "skos:altLabel")
    )


def _word_groups(registry: Registry) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the wordings of each word group in each language, by (language, name)."""
    groups: dict[tuple[str, str], tuple[str, ...]] = {}
    for group in registry.members("ckg:WordGroup"):
        name = registry.text(group, "skos:notation")
        for label in registry.labels(group, "ckg:word"):
            key = (_base(label.lang), name)
            groups[key] = (*groups.get(key, ()), label.value)
    for key in [key for key in groups if key[1] == "provider"]:
        groups[key] += _providers(registry)
    return groups


def _base(lang: str) -> str:
    """Return a language without its region: what is said in one is understood in all."""
    return lang.partition("-")[0]


def _patterns(
    registry: Registry, groups: Mapping[tuple[str, str], tuple[str, ...]]
) -> Iterator[tuple[str, tuple[_Pattern, ...]]]:
    """Yield each language with its patterns, in the order of the cues."""
    found: dict[str, list[_Pattern]] = {}
    for cue in registry.members("ckg:Cue"):
        signals = registry.iri(cue, "ckg:signals")
        if signals is None:
            raise VocabularyError(f"{bare(cue)} signals nothing")
        for label in registry.labels(cue, "ckg:pattern"):
            compiler = _Compiler(cue, _base(label.lang), groups)
            found.setdefault(_base(label.lang), []).append(
                _Pattern(
                    cue,
                    signals,
                    _value(registry, cue),
                    frozenset(registry.iris(cue, "ckg:yieldsTo")),
                    compiler.compile(label.value),
                    tuple(
                        compiler.compile(each.value).words
                        for each in registry.labels(cue, "ckg:unless")
                        if _base(each.lang) == _base(label.lang)
                    ),
                )
            )
    for lang, patterns in sorted(found.items()):
        yield lang, tuple(patterns)


def _value(registry: Registry, cue: Iri) -> Term | None:
    concept = registry.iri(cue, "rdf:value")
    if concept:
        return concept
    text = registry.text(cue, "rdf:value")
    return typed(text, "xsd:duration") if text else None


def _language(lang: str, patterns: tuple[_Pattern, ...]) -> _Language:
    by_anchor: dict[str, tuple[int, ...]] = {}
    for number, pattern in enumerate(patterns):
        for anchor in pattern.compiled.anchors:
            by_anchor[anchor] = (*by_anchor.get(anchor, ()), number)
    return _Language(lang not in _UNSPACED, patterns, by_anchor)


def _candidates(language: _Language, text: str, folded: str) -> list[int]:
    """Return the numbers of the patterns that may fit a text: it holds a word of each of their elements."""
    patterns = language.patterns
    if language.spaced:
        present = set(words(text))  # which the lexicons ask for as well
        anchors = language.by_anchor.keys() & present
        found = {number for anchor in anchors for number in language.by_anchor[anchor]}
        return sorted(
            number for number in found if not any(map(present.isdisjoint, patterns[number].compiled.others))
        )
    anchors = {anchor for anchor in language.by_anchor if anchor in folded}
    found = {number for anchor in anchors for number in language.by_anchor[anchor]}
    return sorted(
        number
        for number in found
        if all(any(each in folded for each in others) for others in patterns[number].compiled.others)
    )


class _Compiler:
    """Turns the patterns of one cue in one language into regular expressions."""

    def __init__(self, cue: Iri, lang: str, groups: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
        self._cue = cue
        self._lang = lang
        self._groups = groups
        self._spaced = lang not in _UNSPACED

    def compile(self, text: str) -> _Compiled:
        """Return a pattern as a regular expression; VocabularyError where it is none."""
        elements = _ELEMENT.findall(_folded(text))
        slots = [element for element in elements if element.startswith("{")]
        leads = bool(slots) and elements[0] == slots[0]
        if slots:
            if len(slots) > 1 or slots[0] not in _SLOTS or slots[0] not in {elements[0], elements[-1]}:
                raise self._fault(text, f"there may be one of {', '.join(_SLOTS)}, first or last")
            elements.remove(slots[0])
        out: list[str] = []
        required: list[tuple[str, ...]] = []
        apart = ""  # what must stand between the words before and the next one
        for element in elements:
            if element == "^":
                out.append(r"\A\W*")
            elif element == "$":
                out.append(r"\W*\Z")
            elif element == "...":
                out.append(_GAP if self._spaced else _GAP_UNSPACED)
                apart = ""
            else:
                options = self._options(element)
                written = _spaced if self._spaced else _unspaced
                words = f"(?:{'|'.join(map(written, options))})"
                between = _BETWEEN if self._spaced else r"\s*"
                if element.startswith("["):
                    out.append(f"(?:{apart}{words})?" if apart else f"(?:{words}{between})?")
                else:
                    out.append(apart + words)
                    required.append(options)
                    apart = between
        if not required:
            raise self._fault(text, "no word must be there")
        before, after = (r"(?<!\w)(?<!non-)", r"(?!\w)") if self._spaced else ("", "")
        rarest = max(required, key=lambda options: min(len(_longest(option)) for option in options))
        return _Compiled(
            f"{before}{''.join(out)}{after}",
            _anchors(rarest),
            tuple(_anchors(options) for options in required if options is not rarest),
            slots[0] if slots else "",
            leads,
        )

    def _options(self, element: str) -> tuple[str, ...]:
        """Return the wordings an element stands for, longest first."""
        parts = element[1:-1].split("|") if element[0] in "([" else [element]
        found = {option for part in parts for option in (self._group(part) if part[0] == "<" else (part,))}
        return tuple(sorted(found, key=lambda each: (-len(each), each)))

    def _group(self, element: str) -> tuple[str, ...]:
        found = self._groups.get((self._lang, element[1:-1]), ())
        if not found:
            raise self._fault(element, f"there is no such word group in the language {self._lang}")
        return tuple(map(_folded, found))

    def _fault(self, text: str, why: str) -> VocabularyError:
        return VocabularyError(f"{bare(self._cue)}: {text!r}: {why}")


def _anchors(options: tuple[str, ...]) -> frozenset[str]:
    """Return a word of each wording, one of which is in every text that holds one of the wordings."""
    return frozenset(_longest(option).casefold() for option in options)


@lru_cache(maxsize=1 << 13)
def _spaced(option: str) -> str:
    """Return a wording as a regular expression."""
    words = _BETWEEN.join(map(re.escape, _WORD.findall(option)))
    return f"{_QUALIFIED}{words}" if option.startswith("*-") else words


def _unspaced(option: str) -> str:
    """Return a wording of a language without spaces as a regular expression."""
    return re.escape(option.strip())


# The wordings of a group come again in each pattern that names it.
@lru_cache(maxsize=1 << 13)
def _longest(option: str) -> str:
    parts: list[str] = _PART.findall(option) or [option.strip()]
    return max(parts, key=lambda part: (len(part), part))


def _folded(text: str) -> str:
    """Return a text in lower case with plain quotes, hyphens and stops, character for character."""
    same = plain(text)
    for stop, sign in _STOPS:
        same = same.replace(stop, sign)
    lower = same.lower()
    if len(lower) == len(same):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in same)
