"""Wordings that say how one standard stands to another, kept as patterns in ontology/phrases.ttl."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from kg.concepts.clauses import Clause, Name, WordClasses, Words, plain_words, words_of
from kg.concepts.lexicon import Lexicon
from kg.concepts.patterns import ORGANIZATION, Match, Pattern
from kg.concepts.registry import Registry
from kg.errors import VocabularyError
from kg.terms import Iri, bare, term

_NEGATIVE = term("ckg:notDemonstratedBy")


@dataclass(frozen=True, slots=True)
class Wording:
    """A wording found in a sentence: each of `sources` stands in the property to each of `targets`.

    `start` and `end` tell the words that signal the relation. Empty `sources` or `targets` stand for the
    standard the page is about, which must be of one of the `own_kinds` if there are any.
    """

    prop: Iri
    phrase: Iri
    sources: tuple[Name, ...]
    targets: tuple[Name, ...]
    start: int
    end: int
    own_kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reference:
    """Words that point at a standard without its name: "it", "this standard".

    `manner` is `pronoun` or `possessive` (the subject of the sentence before), `this` (what was named last),
    `nearest` (what was named last with the noun, else the standard the page is about), `definite` (the standard
    the page is about) or `named` (the same, if its name has the noun); `noun` is the noun that goes with it, if any.
    """

    start: int
    end: int
    manner: str
    noun: str = ""


@dataclass(frozen=True, slots=True)
class _Phrase:
    iri: Iri
    prop: Iri
    priority: int
    pattern: Pattern


class Phrases:
    """The wordings that signal relations between standards, and the words that point back to one."""

    def __init__(self, registry: Registry) -> None:
        self._classes = _word_classes(registry)
        self._phrases = _phrases(registry, self._classes)
        self._by_anchor = {lang: _by_anchor(phrases) for lang, phrases in self._phrases.items()}
        self._acting = frozenset(
            word
            for phrases in self._phrases.values()
            for phrase in phrases
            if phrase.pattern.acting
            for word in phrase.pattern.anchors
        )
        self._organizations: Lexicon[Iri] = Lexicon(
            (label.value, organization)
            for organization in registry.members("org:Organization")
            for label in registry.labels(organization, "skos:prefLabel", "skos:altLabel")
            if label.lang in {"", "en"}
        )
        self._words = lru_cache(maxsize=1 << 16)(_word_set)
        self._may_signal = lru_cache(maxsize=1 << 17)(self._has_anchor)
        self._fitting = lru_cache(maxsize=1 << 16)(self._numbers)
        self._find = lru_cache(maxsize=1 << 16)(self._read)
        self._references = lru_cache(maxsize=1 << 16)(self._read_references)

    def may_signal(self, text: str, lang: str) -> bool:
        """Whether a text holds a word without which no phrase fits; cheap."""
        return self._may_signal(text, _language(lang))

    def may_fit(self, sentence: str, lang: str) -> bool:
        """Whether a sentence holds all the words without which no phrase fits; costs more than `may_signal`."""
        return bool(self._fitting(sentence, _language(lang)))

    def organizations(self, sentence: str) -> list[Name]:
        """Return the organizations a sentence names, if it may say something that an organization does."""
        if self._acting.isdisjoint(self._words(sentence)):
            return []
        found = self._organizations.find(sentence)
        return [Name(f.start, f.end, f.keys[0], frozenset({ORGANIZATION})) for f in found if len(f.keys) == 1]

    def references(self, sentence: str, lang: str) -> tuple[Reference, ...]:
        """Return the words that point at a standard without its name."""
        return self._references(sentence, _language(lang))

    def find(self, sentence: str, names: tuple[Name, ...], lang: str) -> tuple[Wording, ...]:
        """Return the wordings of one sentence, given the names in it from left to right."""
        return self._find(sentence, names, _language(lang))

    def subject(self, sentence: str, names: tuple[Name, ...], lang: str) -> tuple[Name, ...]:
        """Return the names that a sentence is about."""
        classes = self._classes.get(_language(lang))
        if classes is None or not names:
            return ()
        clause = Clause(sentence, names, classes)
        return tuple(clause.names[number] for number in clause.subject())

    def _has_anchor(self, text: str, lang: str) -> bool:
        anchors = self._by_anchor.get(lang)
        return anchors is not None and not anchors.keys().isdisjoint(self._words(text))

    def _read_references(self, sentence: str, lang: str) -> tuple[Reference, ...]:
        classes = self._classes.get(lang)
        if classes is None or classes.pointers.isdisjoint(self._words(sentence)):
            return ()
        return tuple(_references(words_of(sentence), classes))

    def _numbers(self, sentence: str, lang: str) -> tuple[int, ...]:
        """Return the numbers of the phrases of whose elements a sentence holds a word each."""
        by_anchor, words = self._by_anchor.get(lang, {}), self._words(sentence)
        present = by_anchor.keys() & words
        if not present:
            return ()
        phrases = self._phrases[lang]
        numbers = {number for word in present for number in by_anchor[word]}
        return tuple(
            sorted(each for each in numbers if not any(map(words.isdisjoint, phrases[each].pattern.others)))
        )

    def _read(self, sentence: str, names: tuple[Name, ...], lang: str) -> tuple[Wording, ...]:
        numbers = self._fitting(sentence, lang)
        if not numbers or not names or sentence.rstrip(" \"'”’)*").endswith(("?", "？")):
            return ()
        fitting = [self._phrases[lang][number] for number in numbers]
        standards = tuple(name for name in names if ORGANIZATION not in name.kinds)
        plain = [p for p in fitting if not p.pattern.acting and (len(standards) > 1 or p.pattern.own)]
        acting = [p for p in fitting if p.pattern.acting]
        found: list[Wording] = []
        if standards and plain:
            found += _wordings(Clause(sentence, standards, self._classes[lang]), plain)
        if acting and standards and len(names) > len(standards):
            found += _wordings(Clause(sentence, names, self._classes[lang]), acting)
        return tuple(found)


@cache
def _language(lang: str) -> str:
    return lang.partition("-")[0].lower() or "en"


def _word_set(text: str) -> frozenset[str]:
    """Return the words of a text, those that a hyphen joins also alone: one may be a name, as in "GDPR-aligned"."""
    words = set(plain_words(text))
    for word in [word for word in words if "-" in word]:
        words.update(word.split("-"), "-")
    return frozenset(words)


def _word_classes(registry: Registry) -> dict[str, WordClasses]:
    members: dict[str, dict[str, frozenset[str]]] = {}
    units: dict[str, set[Words]] = {}
    for thing in registry.members("ckg:WordClass"):
        name = registry.text(thing, "skos:notation")
        for label in registry.labels(thing, "ckg:word"):
            words = tuple(word for word, _, _ in words_of(label.value))
            of = members.setdefault(_language(label.lang), {})
            of[name] = of.get(name, frozenset()) | {" ".join(words)}
            if len(words) > 1:
                units.setdefault(_language(label.lang), set()).add(words)
    return {
        lang: WordClasses(of, tuple(sorted(units.get(lang, ()), key=lambda unit: (-len(unit), unit))))
        for lang, of in members.items()
    }


def _phrases(registry: Registry, classes: dict[str, WordClasses]) -> dict[str, tuple[_Phrase, ...]]:
    """Return the phrases of each language, one for each pattern."""
    found: dict[str, tuple[_Phrase, ...]] = {}
    for iri in registry.members("ckg:Phrase"):
        prop = registry.iri(iri, "ckg:signals")
        if prop is None:
            raise VocabularyError(f"{bare(iri)}: a phrase without ckg:signals")
        priority = int(registry.text(iri, "ckg:priority") or 0)
        for label in sorted(registry.labels(iri, "ckg:pattern"), key=lambda label: label.value):
            lang = _language(label.lang)
            try:
                pattern = Pattern(label.value, classes.get(lang))
            except VocabularyError as error:
                raise VocabularyError(f"{bare(iri)}: {error.message}") from error
            found[lang] = (*found.get(lang, ()), _Phrase(iri, prop, priority, pattern))
    return found


def _by_anchor(phrases: Sequence[_Phrase]) -> dict[str, tuple[int, ...]]:
    """Return each word that a phrase cannot do without, with the numbers of the phrases that wait for it."""
    found: dict[str, tuple[int, ...]] = {}
    for number, phrase in enumerate(phrases):
        for word in phrase.pattern.anchors:
            found[word] = (*found.get(word, ()), number)
    return found


def _references(words: Sequence[tuple[str, int, int]], classes: WordClasses) -> Iterator[Reference]:
    kinds, results, asides = classes.of("kind"), classes.of("result"), classes.of("aside")
    this_words, pointing, pronouns = classes.of("this"), classes.of("pointing"), classes.of("pronoun")
    verbs, breaks, expletives = classes.of("finite"), classes.of("break"), classes.of("expletive")
    named, possessives = classes.of("named-kind"), classes.of("possessive")
    for i, (word, start, end) in enumerate(words):
        this = word in this_words
        if not (this or word in pointing or word in pronouns or (i == 0 and word in possessives)):
            continue
        following = [next_word for next_word, _, _ in words[i + 1 : i + 7]]
        if not following:
            return
        if word in pointing and following[0] in kinds:
            if this or i == 0 or words[i - 1][0] != "," or following[1:2] not in (["that"], ["which"]):
                yield Reference(start, words[i + 1][2], "nearest" if this else "definite", following[0])
        elif word in pointing and following[0] in named:
            yield Reference(start, words[i + 1][2], "named", following[0])
        elif word in possessives:
            length = _noun_at(following[:3], classes.of("facet"), verbs | breaks)
            if length:
                yield Reference(start, words[i + length][2], "possessive", words[i + length][0])
        elif this and following[0] in results:
            yield Reference(start, words[i + 1][2], "this", following[0])
        elif this and (following[0] in verbs | asides or following[0] == "in"):
            yield Reference(start, end, "this")
        elif this and (length := _noun_at(following[:3], kinds, verbs | breaks)):
            yield Reference(start, words[i + length][2], "pronoun", words[i + length][0])
        elif word in pronouns and following[0] in verbs | asides and expletives.isdisjoint(following):
            yield Reference(start, end, "pronoun")


def _noun_at(following: list[str], kinds: frozenset[str], others: frozenset[str]) -> int:
    """Return how many words on the noun stands that "this" goes with, 0 if none does."""
    for length, word in enumerate(following, start=1):
        if word in kinds:
            return length
        if word in others:
            return 0
    return 0


def _wordings(clause: Clause, phrases: Sequence[_Phrase]) -> Iterator[Wording]:
    """Yield the wordings of one sentence, each pair of names once, by the strongest phrase that fits."""
    found = [(phrase, match) for phrase in phrases for match in phrase.pattern.matches(clause)]
    found.sort(key=lambda each: _weight(clause, *each))
    used: list[Match] = []
    paired: set[tuple[int, int]] = set()
    for phrase, match in found:
        pairs = {(a, b) for a in match.sources or (-1,) for b in match.targets or (-1,)}
        if pairs <= paired or any(
            other.signal & match.signal and set(other.targets) & set(match.targets) for other in used
        ):
            continue
        used.append(match)
        paired |= pairs | {(b, a) for a, b in pairs}
        if phrase.prop == _NEGATIVE or not _denied(clause, match):
            yield Wording(
                prop=phrase.prop,
                phrase=phrase.iri,
                sources=tuple(clause.names[n] for n in match.sources),
                targets=tuple(clause.names[n] for n in match.targets),
                start=clause.spans[match.first][0],
                end=clause.spans[match.last - 1][1],
                own_kinds=phrase.pattern.own.kinds if phrase.pattern.own else frozenset(),
            )


def _weight(clause: Clause, phrase: _Phrase, match: Match) -> tuple[int, int, int, int, str, str]:
    """Return what phrases are ordered by: priority, then nearness to the name that follows, then length."""
    following = [at for n in (*match.sources, *match.targets) if (at := clause.place(n)) >= match.last]
    distance = min(following) - match.last if following else 0
    return -phrase.priority, distance, match.first - match.last, match.first, phrase.iri, phrase.pattern.text


def _denied(clause: Clause, match: Match) -> bool:
    """Whether the sentence says the contrary: a negated phrase is no relation."""
    places = [clause.place(n) for n in (*match.sources, *match.targets)]
    first, last = min(match.first, *places), max(match.last, *places)
    return clause.negated(first, last)
