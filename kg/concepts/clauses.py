"""A sentence as phrases see it: words, names, lists of names, and which name a verb has for its subject.

No grammar of a language is here. What the words of a language do (begin a clause, negate, list, point back)
is told by the word classes in ontology/phrases.ttl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kg.concepts.lexicon import plain
from kg.terms import Iri

Words: TypeAlias = tuple[str, ...]
Group: TypeAlias = tuple[int, ...]  # numbers of names, as they stand in a sentence

REFERENCE = "reference"

_IDEOGRAPH = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
_LETTER = rf"[^\W_{_IDEOGRAPH}]"
_WORD = re.compile(
    rf"n't\b|'(?:s|re|ve|ll|d)\b|[{_IDEOGRAPH}]|{_LETTER}+?(?=n't\b)|{_LETTER}+(?:-{_LETTER}+)*|\S"
)
_WHOLE_WORD = re.compile(
    rf"[{_IDEOGRAPH}]|{_LETTER}+(?:-{_LETTER}+)*|\S"
)  # the same where nothing is contracted
_NAME = "\0"  # stands for a name among the words
_OPENING = {")": "(", "]": "["}
_SHUTTING = frozenset(_OPENING)
_OPEN = frozenset(_OPENING.values())
_QUOTES = frozenset("\"'*")
_STOPS = frozenset(";.?!")
_BEGINNINGS = frozenset({",", ":", "-", "*"})  # what an introduction to a sentence ends with
_LEAD = 25  # words between a phrase and the name it speaks of
_NEAR = 4  # the same, where a phrase wants the name near
_TAIL = 12  # words between a name and the phrase that speaks of it
_LINK = 16  # words between two names of a list
_MODIFIERS = 6  # words between the start of a noun phrase and the name in it
_OPENING_WORDS = 12  # words between the start of a sentence and the name it is about


@dataclass(frozen=True, slots=True)
class Name:
    """A thing that a text names or points at, and where; `kinds` tell which slots of a phrase it fits.

    Words that only point ("it", "this standard") are of the kind `reference`.
    """

    start: int
    end: int
    iri: Iri
    kinds: frozenset[str] = frozenset()


class WordClasses:
    """What the words of one language do; `units` are groups of words that count as one word, longest first."""

    def __init__(self, members: Mapping[str, frozenset[str]], units: tuple[Words, ...]) -> None:
        self._members = members
        self.units = units
        self.breaks = self.of("break")
        self.stop = self.breaks | self.of("finite")
        self.finite = self.of("finite")
        self.facet = self.of("facet")
        self.determiner = self.of("determiner")
        self.preposition = self.of("preposition")
        self.participle = self.of("participle")
        self.relative = self.of("relative")
        self.join = self.of("join")
        self.negation = self.of("negation")
        self.late_negation = self.of("late-negation")
        self.example = self.of("example")
        self.aside = self.of("aside") | _QUOTES | _OPEN
        self.passed_over = self.aside | self.of("auxiliary")
        self.pointers = frozenset(
            word
            for name in ("kind", "named-kind", "result", "this", "pronoun", "possessive")
            for word in self.of(name)
        )
        self.slight = self.determiner | self.facet | self.preposition | self.participle

    def of(self, name: str) -> frozenset[str]:
        """Return the words of a class; none if the language has no such class."""
        return self._members.get(name, frozenset())


def words_of(text: str) -> list[tuple[str, int, int]]:
    """Return the words and signs of a text as (case-folded word, start, end)."""
    straight = plain(text)
    return [(m[0].casefold(), *m.span()) for m in _word(straight).finditer(straight)]


def plain_words(text: str) -> list[str]:
    """Return the words and signs of a text, case-folded, without their places."""
    straight = plain(text).casefold()
    found: list[str] = _word(straight).findall(straight)
    return found


def _word(text: str) -> re.Pattern[str]:
    """Return what finds the words of a text; looking for contractions at each letter takes thrice the time."""
    return _WORD if "'" in text else _WHOLE_WORD


class Clause:
    """One sentence cut into words and names, with the names that belong together in lists."""

    def __init__(self, text: str, names: Sequence[Name], classes: WordClasses) -> None:
        self.names = tuple(names)
        self.words: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self._text = text
        self._class = classes
        self._fill()
        places = [at for at, word in enumerate(self.words) if word == _NAME]
        self._number = {at: number for number, at in enumerate(places)}
        self._place = places
        self._partner = self._pair_brackets()
        self._lists = self._make_lists()

    def places(self, words: frozenset[str]) -> list[int]:
        """Return where one of these words stands; every place if there are none."""
        return [at for at, word in enumerate(self.words) if not words or word in words]

    def place(self, number: int) -> int:
        """Return the word that a name stands for."""
        return self._place[number]

    def is_name(self, at: int) -> bool:
        """Whether a word is a name, and not a word that only points at one."""
        return at in self._number and REFERENCE not in self.names[self._number[at]].kinds

    def after_bracket(self, at: int) -> int:
        """Return the word after the bracket that opens at `at`; `at` itself if none does."""
        return max(at, self._partner.get(at, -1) + 1)

    def ahead(self, at: int, *, near: bool) -> Iterator[tuple[Group, int]]:
        """Yield the names that stand next after word `at`, with each place where the phrase may go on."""
        found = self._next_name(at, near=near, into_brackets=False)
        if found is None:
            found = self._next_name(at, near=near, into_brackets=True)
        if found is None:
            return
        group = tuple(n for n in self._lists[self._number[found]] if self._place[n] >= found)
        after = self._place[group[-1]] + 1
        for end in range(self._after_facets(after), after - 1, -1):
            yield group, end
        if len(group) > 1:
            yield group[:1], found + 1

    def before(self, at: int, *, far: bool) -> Group:
        """Return the names that a phrase starting at word `at` is said of; `far`: anywhere before it."""
        i = at - 1
        while i >= 0 and self.words[i] in self._class.passed_over:
            i -= 1
        if i < 0:
            return ()
        word = self.words[i]
        if word in self._class.relative:
            return self._antecedent(i)
        found = self._noun_phrase(i, about=self.words[at] != ",")
        if found:
            return found
        if word in self._class.join or (far and word == ","):
            return self.subject(i)
        if word == ",":
            return self._interrupted(i)
        return self.subject(i) if far and word not in self._class.stop and word != _NAME else ()

    def subject(self, limit: int | None = None) -> Group:
        """Return the names that are the subject of the sentence; none if it is about something else."""
        end = len(self.words) if limit is None else limit
        first = next((at for at in self._place if at < end and self._bracket(at) < 0), None)
        if first is None or not self._is_about(first):
            return ()
        lead = [i for i in range(first) if self._bracket(i) < 0]
        for cut in range(len(lead) - 1, -1, -1):
            word = self.words[lead[cut]]
            if word in _BEGINNINGS or (word in self._class.breaks and word not in self._class.relative):
                lead = lead[cut + 1 :]
                break
        while lead and self.words[lead[0]] in self._class.join | self._class.aside:
            lead = lead[1:]
        if not self._opens_noun_phrase(lead):
            return ()
        return tuple(n for n in self._lists[self._number[first]] if first <= self._place[n] < end)

    def negated(self, start: int, end: int) -> bool:
        """Whether a negation stands among the words from `start` to `end`, or right before or long after them."""
        if any(word in self._class.late_negation for word in self.words[end : end + _TAIL]):
            return True
        inside = self._bracket(start) >= 0
        for i in range(max(0, start - 3), min(end, len(self.words))):
            if self.words[i] not in self._class.negation or (self._bracket(i) >= 0 and not inside):
                continue
            between = self.words[i:start]
            if not any(word in _BEGINNINGS or word in _STOPS or word in self._class.join for word in between):
                return True
        return False

    def _fill(self) -> None:
        """Cut the sentence into words; a name is one word, and so is a unit of the language."""
        position = 0
        for name in (*self.names, None):
            stop = name.start if name else len(self._text)
            for word, left, right in words_of(self._text[position:stop]):
                self.words.append(word)
                self.spans.append((position + left, position + right))
            if name:
                self.words.append(_NAME)
                self.spans.append((name.start, name.end))
                position = name.end
        present = set(self.words)
        for unit in self._class.units:
            if not present.issuperset(unit):
                continue
            for i in range(len(self.words) - len(unit), -1, -1):
                if tuple(self.words[i : i + len(unit)]) == unit:
                    span = (self.spans[i][0], self.spans[i + len(unit) - 1][1])
                    self.words[i : i + len(unit)] = [" ".join(unit)]
                    self.spans[i : i + len(unit)] = [span]

    def _pair_brackets(self) -> dict[int, int]:
        partner: dict[int, int] = {}
        open_at: list[int] = []
        for i, word in enumerate(self.words):
            if word in _OPEN:
                open_at.append(i)
            elif word in _SHUTTING and open_at and self.words[open_at[-1]] == _OPENING[word]:
                left = open_at.pop()
                partner[left], partner[i] = i, left
        return partner

    def _bracket(self, at: int) -> int:
        """Return the opening bracket a word stands in, -1 for none."""
        return max((left for left, right in self._partner.items() if left < at < right), default=-1)

    def _after_facets(self, at: int) -> int:
        while at < len(self.words) and self.words[at] in self._class.facet:
            at += 1
        return at

    def _next_name(self, at: int, *, near: bool, into_brackets: bool) -> int | None:
        i, steps, comma = at, 0, -1
        example = False
        while i < len(self.words) and steps <= (_NEAR if near else _LEAD):
            word = self.words[i]
            if i in self._number:
                fits = self.is_name(i) or i == at
                return i if fits and (example or self._reaches(comma, i)) else None
            if word in _OPEN and not into_brackets:
                i = self._partner.get(i, len(self.words)) + 1
                continue
            if word in self._class.stop or word in self._class.negation or word in _STOPS:
                return None
            if (word in _SHUTTING and not into_brackets) or (near and word in self._class.preposition):
                return None
            comma = i if word == "," else comma
            example = example or word in self._class.example
            i, steps = i + 1, steps + 1
        return None

    def _reaches(self, comma: int, at: int) -> bool:
        """Whether a name after a comma still belongs to the phrase before the comma."""
        if comma < 0:
            return True
        if self._begins_clause(at):
            return False
        if at - comma <= 2:
            return True
        later = self.words[comma + 3 : at]
        return self.words[comma + 1] in self._class.join and self._class.determiner.isdisjoint(later)

    def _noun_phrase(self, at: int, *, about: bool) -> Group:
        """Return the names whose noun phrase ends at word `at`; `about`: names that it is about."""
        i = at
        tail: list[str] = []
        while i >= 0 and i not in self._number:
            word = self.words[i]
            if word in _SHUTTING:
                i = self._partner.get(i, 0) - 1
                continue
            if word in _OPEN or word in {";", ":"} or len(tail) > _TAIL:
                return ()
            tail.insert(0, word)
            i -= 1
        if i < 0 or not self._is_tail(tail):
            return ()
        group = tuple(n for n in self._lists[self._number[i]] if self._place[n] <= i)
        if about and self.words[at] == "," and not set(group) <= set(self.subject(at)):
            return ()
        return group if not about or self._is_about(self._place[group[0]]) else ()

    def _is_tail(self, words: list[str]) -> bool:
        """Whether the words after a name belong to its noun phrase: "the M audit report of Azure, a …,"."""
        words = [word for word in words if word not in _QUOTES]
        while words and (
            words[0] in self._class.facet
            or (words[0] in self._class.join and not self._class.facet.isdisjoint(words[1:2]))
        ):
            words = words[1:]
        if not words or words == [","]:
            return True
        if words[0] == words[-1] == ",":
            return words[1] not in self._class.join
        # "M extends N to clouds and …": what is joined goes on with the subject of the sentence.
        loose = words[-1] not in self._class.join and "," not in words
        return loose and words[0] in self._class.preposition and self._class.stop.isdisjoint(words)

    def _is_about(self, at: int) -> bool:
        """Whether a noun phrase is about the name in it: "audit of M" is, "customers of M" is not."""
        i, steps = at - 1, 0
        while i >= 0 and steps <= _MODIFIERS:
            word = self.words[i]
            if word in _SHUTTING:
                i = self._partner.get(i, 0) - 1
                continue
            if word in self._class.preposition:
                return self._holds(i)
            if word in self._class.stop | self._class.determiner | self._class.join or word in ",;:(":
                return True
            i, steps = i - 1, steps + 1
        return True

    def _holds(self, at: int) -> bool:
        """Whether what stands before the preposition at `at` stands for what follows it: "requirements of"."""
        i = at - 1
        while i >= 0 and (self.words[i] in self._class.participle or len(self.words[i]) == 1):
            i -= 1
        if i < 0 or self.words[i] not in self._class.facet:
            return False
        while i >= 0 and self.words[i] in self._class.facet | self._class.determiner:
            i -= 1
        return i < 0 or self.words[i] not in self._class.preposition or self._holds(i)

    def _opens_noun_phrase(self, lead: list[int]) -> bool:
        """Whether the words before a name begin its noun phrase; a verb among them says that they do not."""
        opened = bool(lead) and self.words[lead[0]] in self._class.determiner
        before = ""
        for number, i in enumerate(lead):
            word = self.words[i]
            if word in self._class.stop:
                return False
            if word in self._class.determiner:
                if number and before not in self._class.preposition | self._class.determiner:
                    return False
            elif not opened and word not in self._class.slight and self._text[self.spans[i][0]].islower():
                return False
            before = word
        return len(lead) <= _OPENING_WORDS

    def _interrupted(self, at: int) -> Group:
        """Return the subject if the comma at `at` ends what was put in after it: "M, which …, is"."""
        subject = self.subject(at)
        after = self._after_facets(self._place[subject[-1]] + 1) if subject else at
        return subject if after < at and self.words[after] == "," else ()

    def _antecedent(self, at: int) -> Group:
        """Return the names that a relative pronoun points back to."""
        i = at - 1
        while i >= 0 and (self.words[i] in self._class.preposition or self.words[i] == ","):
            i -= 1
        if i < 0:
            return ()
        found = self._noun_phrase(i, about=False)
        return found or (self.subject(i) if self.words[i] in self._class.facet else ())

    def _make_lists(self) -> dict[int, Group]:
        """Return for each name the list it stands in, itself alone if in none."""
        lists: dict[int, Group] = {}
        by_bracket: dict[int, list[int]] = {}
        for number, at in enumerate(self._place):
            by_bracket.setdefault(self._bracket(at), []).append(number)
        for numbers in by_bracket.values():
            run: list[int] = []
            for number in numbers:
                if run and not self._linked(run, number):
                    lists.update(dict.fromkeys(run, tuple(run)))
                    run = []
                run.append(number)
            lists.update(dict.fromkeys(run, tuple(run)))
        return lists

    def _linked(self, run: list[int], number: int) -> bool:
        """Whether a name goes on the list `run`: "M1, M2, and the controls in M3"."""
        gap = self._between(self._place[run[-1]] + 1, self._place[number])
        joins = [k for k, word in enumerate(gap) if word in self._class.join or word == ","]
        if not joins or len(gap) > _LINK:
            return False
        bars = self._class.stop | self._class.negation | self._class.example | _STOPS | {":"}
        lead = gap[joins[-1] + 1 :]
        if not bars.isdisjoint(gap) or len(lead) > _MODIFIERS or joins[0] > _MODIFIERS:
            return False
        begins_clause = self._begins_clause(self._place[number])
        if all(gap[k] == "," for k in joins):
            return not begins_clause and self._class.slight.issuperset(lead) and len(lead) <= _NEAR
        return not (begins_clause and "," in gap and (len(run) == 1 or self._is_closed(run)))

    def _is_closed(self, run: list[int]) -> bool:
        """Whether a word has joined the last name of a list to it, as in "M1 and M2"."""
        gap = self._between(self._place[run[-2]] + 1, self._place[run[-1]])
        return not self._class.join.isdisjoint(gap)

    def _between(self, start: int, end: int) -> list[str]:
        """Return the words from `start` to `end`, those in brackets left out."""
        words: list[str] = []
        i = start
        while i < end:
            if self.after_bracket(i) > i:
                i = self.after_bracket(i)
            else:
                words.append(self.words[i])
                i += 1
        return words

    def _begins_clause(self, at: int) -> bool:
        """Whether the name at `at` is the subject of a verb that follows."""
        i = at + 1
        while i < len(self.words) and (self.words[i] in self._class.facet or self.after_bracket(i) > i):
            i = max(i + 1, self.after_bracket(i))
        return i < len(self.words) and self.words[i] in self._class.finite
