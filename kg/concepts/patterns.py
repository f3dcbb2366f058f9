"""The pattern language of phrases: words with slots, fitted to one sentence.

`{A}` is the standard of which something is said and `{B}` what is said of it, in the direction of the
property, whatever the grammar: `{B} is the basis of {A}` signals `ckg:basedOn`.

    (is|was built)    one of these           [also|and then]   one of these, or nothing
    <be>, [<be>]      a word of a class      ...               any words, but no name
    {A} ... words     {A} is the subject     [...]             a few words, but no name
    {A} and {B}       the first name of a list, and the others
    {B:law}           a slot for names of a kind; {B:law/organization} for either
    {B:near}          its name follows within four words, none of them a preposition
    {B:bracketed}     its name follows in brackets
    {*}               any other name
    {A:own}           the standard the page is about, not named in the sentence; {A:own/law} if of that kind
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from kg.concepts.clauses import Clause, Group, Name, WordClasses, Words, words_of
from kg.errors import VocabularyError

ORGANIZATION = "organization"

_ELEMENT = re.compile(r"\{[^}]*\}|\([^)]*\)|\[[^\]]*\]|<[^>]*>|\.\.\.|[^\s]+")
_SLOT = re.compile(r"\{([AB*])(?::([a-z/]+))?\}")
_MANNERS = frozenset({"near", "bracketed"})
_GAP = 25
_SHORT_GAP = 6
_END = frozenset({";", "?", "!"})


@dataclass(frozen=True, slots=True)
class _Words:
    options: Mapping[str, tuple[Words, ...]]  # by their first word
    optional: bool


@dataclass(frozen=True, slots=True)
class _Slot:
    letter: str
    kinds: frozenset[str]
    near: bool
    bracketed: bool

    def admits(self, name: Name) -> bool:
        """Whether a name may fill the slot; an organization only where the slot asks for one."""
        return not self.kinds.isdisjoint(name.kinds) if self.kinds else ORGANIZATION not in name.kinds


@dataclass(frozen=True, slots=True)
class _Pair:
    first: str
    others: str


@dataclass(frozen=True, slots=True)
class _Gap:
    reach: int


_Element: TypeAlias = _Words | _Slot | _Pair | _Gap
_Bound: TypeAlias = tuple[tuple[_Slot | _Pair, Group], ...]
_Fit: TypeAlias = tuple[int, frozenset[int], _Bound]  # where the last words end, the words, the slots


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern fits a sentence: the names in its slots, and the words that signal.

    An empty group stands for the standard the page is about. `signal` are the words of the pattern, which
    stand from word `first` to word `last`.
    """

    sources: Group
    targets: Group
    first: int
    last: int
    signal: frozenset[int]


class Pattern:
    """A wording with slots, compiled.

    `anchors`: one of these words is in every sentence that fits, and one of each of `others`. `own` is the slot that the standard of the
    page fills without being named, if any. `acting` tells that an organization may fill a slot.
    """

    def __init__(self, text: str, classes: WordClasses | None) -> None:
        self.text = text
        self.own, self._elements = _compile(text, classes)
        self.anchors, self.others = _anchors(self._elements, text)
        self.acting = any(isinstance(e, _Slot) and ORGANIZATION in e.kinds for e in self._elements)
        self._leading: _Slot | _Pair | None = None
        rest = self._elements
        if isinstance(rest[0], _Slot | _Pair):
            self._leading, rest = rest[0], rest[1:]
        self._far = self._leading is not None and isinstance(rest[0], _Gap)
        self._rest = rest[1:] if self._far else rest
        self._starts = _starts(self._rest)

    def matches(self, clause: Clause) -> Iterator[Match]:
        """Yield where the pattern fits a sentence, for each place where its words begin at most once."""
        for at in clause.places(self._starts):
            for end, signal, bound in _fit(clause, self._rest, at):
                before = clause.before(at, far=self._far) if self._leading else ()
                if self._leading and not before:
                    break
                led = ((self._leading, before),) if self._leading else ()
                filled = self._fill(clause, (*led, *bound))
                if filled:
                    yield Match(filled["A"], filled["B"], min(signal), end, signal)
                    break

    def _fill(self, clause: Clause, bound: _Bound) -> dict[str, Group]:
        """Return the names in each slot; nothing where a slot does not admit them."""
        filled: dict[str, Group] = {self.own.letter: ()} if self.own else {}
        for slot, group in bound:
            if isinstance(slot, _Pair):
                if len(group) < 2:
                    return {}
                filled[slot.first], filled[slot.others] = group[:1], group[1:]
            else:
                admitted = tuple(n for n in group if slot.admits(clause.names[n]))
                if not admitted:
                    return {}
                filled[slot.letter] = admitted
        return filled


def _compile(text: str, classes: WordClasses | None) -> tuple[_Slot | None, tuple[_Element, ...]]:
    elements: list[_Element] = []
    own: _Slot | None = None
    for part in _ELEMENT.findall(text):
        if part in {"...", "[...]"}:
            elements.append(_Gap(_GAP if part == "..." else _SHORT_GAP))
        elif part.startswith("{"):
            slot = _SLOT.fullmatch(part)
            if slot is None:
                raise VocabularyError(f"{part} is no slot, in the pattern {text!r}")
            kinds = frozenset((slot[2] or "").split("/")) - {""}
            if "own" in kinds:
                own = _Slot(slot[1], kinds - {"own"}, near=False, bracketed=False)
            else:
                elements.append(_Slot(slot[1], kinds - _MANNERS, "near" in kinds, "bracketed" in kinds))
        else:
            elements.append(_Words(_options(part, classes, text), optional=part.startswith("[")))
    elements = _paired(elements)
    letters = ({own.letter} if own else set()) | {e.letter for e in elements if isinstance(e, _Slot)}
    letters |= {letter for e in elements if isinstance(e, _Pair) for letter in (e.first, e.others)}
    if not {"A", "B"} <= letters:
        raise VocabularyError(f"the pattern {text!r} lacks a slot")
    return own, tuple(elements)


def _paired(elements: list[_Element]) -> list[_Element]:
    """Return elements with `{A} and {B}` as one: both stand in the same list."""
    for i in range(len(elements) - 2):
        left, joined, right = elements[i : i + 3]
        if not (isinstance(left, _Slot) and isinstance(right, _Slot) and isinstance(joined, _Words)):
            continue
        if joined.options == {"and": (("and",),)}:
            return [*elements[:i], _Pair(left.letter, right.letter), *elements[i + 3 :]]
    return elements


def _options(part: str, classes: WordClasses | None, text: str) -> dict[str, tuple[Words, ...]]:
    """Return the word sequences an element stands for by their first word, longest first."""
    inner = part[1:-1] if part[0] in "([" and len(part) > 1 else part
    found: set[Words] = set()
    for option in inner.split("|"):
        choices: list[Words] = [()]
        for piece in re.findall(r"<[^>]*>|[^<>]+", option):
            if piece.startswith("<"):
                members = classes.of(piece[1:-1]) if classes else frozenset()
                if not members:
                    raise VocabularyError(f"there is no word class {piece}, in the pattern {text!r}")
                more = [tuple(member.split(" ")) for member in sorted(members)]
            else:
                more = [tuple(word for word, _, _ in words_of(piece))]
            choices = [(*before, *after) for before in choices for after in more]
        found.update(choices)
    units = classes.units if classes else ()
    options: dict[str, tuple[Words, ...]] = {}
    for words in sorted({_fused(words, units) for words in found}, key=lambda words: (-len(words), words)):
        options[words[0]] = (*options.get(words[0], ()), words)
    return options


def _fused(words: Words, units: tuple[Words, ...]) -> Words:
    """Return words with those that make up a unit as one, as a sentence has them."""
    if len(words) == 1:  # as most are
        return words
    joined = list(words)
    for unit in units:
        for i in range(len(joined) - len(unit), -1, -1):
            if tuple(joined[i : i + len(unit)]) == unit:
                joined[i : i + len(unit)] = [" ".join(unit)]
    return tuple(joined)


def _anchors(elements: tuple[_Element, ...], text: str) -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """Return the longest word of each option of each element that must be there, the rarest one's apart."""
    required = [e.options.values() for e in elements if isinstance(e, _Words) and not e.optional]
    if not required:
        raise VocabularyError(f"the pattern {text!r} has no word that must be there")
    longest = [frozenset(_longest(words) for same in options for words in same) for options in required]
    rarest = max(longest, key=lambda words: (min(map(len, words)), sorted(words)))
    return rarest, tuple(words for words in longest if words is not rarest)


def _starts(elements: tuple[_Element, ...]) -> frozenset[str]:
    """Return the words that a fit of these elements may begin with; empty if it may begin with any."""
    found: set[str] = set()
    for element in elements:
        if not isinstance(element, _Words):
            return frozenset()
        found.update(element.options)
        if not element.optional:
            return frozenset(found)
    return frozenset()


def _longest(option: Words) -> str:
    return max((part for word in option for part in word.split(" ")), key=lambda part: (len(part), part))


def _fit(clause: Clause, elements: tuple[_Element, ...], at: int) -> Iterator[_Fit]:
    """Yield each way in which elements fit the words from `at` on."""
    if not elements:
        yield at, frozenset(), ()
        return
    element, rest = elements[0], elements[1:]
    if isinstance(element, _Words):
        word = clause.words[at] if at < len(clause.words) else ""
        for option in element.options.get(word, ()):
            end = at + len(option)
            if len(option) == 1 or tuple(clause.words[at:end]) == option:
                for last, signal, bound in _fit(clause, rest, end):
                    yield last, signal | set(range(at, end)), bound
        if element.optional:
            yield from _fit(clause, rest, at)
        elif word == "(" and clause.after_bracket(at) > at:
            yield from _fit(clause, elements, clause.after_bracket(at))
    elif isinstance(element, _Gap):
        for here in range(at, at + element.reach + 1):
            yield from _fit(clause, rest, here)
            if here >= len(clause.words) or clause.words[here] in _END or clause.is_name(here):
                return
    else:
        yield from _fit_slot(clause, element, rest, at)


def _fit_slot(clause: Clause, slot: _Slot | _Pair, rest: tuple[_Element, ...], at: int) -> Iterator[_Fit]:
    near = isinstance(slot, _Slot) and slot.near
    if isinstance(slot, _Slot) and slot.bracketed:
        if clause.words[at : at + 1] != ["("]:
            return
        at += 1
    for group, end in clause.ahead(at, near=near):
        for last, signal, bound in _fit(clause, rest, end):
            yield (last if rest else at), signal, ((slot, group), *bound)
