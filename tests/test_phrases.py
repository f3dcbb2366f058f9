"""Each phrase does what its examples promise; the pattern language does what its description says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg import files, names
from kg.concepts.clauses import Clause, Name, WordClasses
from kg.concepts.lexicon import Lexicon
from kg.concepts.patterns import ORGANIZATION, Pattern
from kg.concepts.phrases import Phrases, Reference, Wording
from kg.concepts.registry import Label, Registry
from kg.concepts.standards import Standards
from kg.errors import VocabularyError
from kg.terms import Iri, term

REGISTRY = Registry(files.ontology())
STANDARDS = Standards(REGISTRY)
PHRASES = Phrases(REGISTRY)
ALL = REGISTRY.members("ckg:Phrase")
ORGANIZATIONS: Lexicon[Iri] = Lexicon(
    (label.value, party)
    for party in REGISTRY.members("org:Organization")
    for label in REGISTRY.labels(party, "skos:prefLabel", "skos:altLabel")
)
NEGATIVE = term("ckg:notDemonstratedBy")


def key(iri: str) -> str:
    return iri.strip("<>").rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def kinds(iri: Iri) -> frozenset[str]:
    kind = STANDARDS.kind(iri)
    law = {"law"} if kind and key(kind) in {"law", "regulation"} else set()
    edition = {"edition"} if STANDARDS.standard_of(iri) != iri else set()
    return frozenset(law | edition)


def wordings(sentence: str, lang: str = "en") -> tuple[Wording, ...]:
    named = [Name(m.start, m.end, m.iri, kinds(m.iri)) for m in STANDARDS.find(sentence, lang)]
    named += [
        party
        for party in PHRASES.organizations(sentence)
        if all(party.end <= name.start or name.end <= party.start for name in named)
    ]
    return PHRASES.find(sentence, tuple(sorted(named, key=lambda name: name.start)), lang)


def pairs(sentence: str, lang: str = "en") -> set[tuple[str, Iri, str]]:
    return {
        (key(source.iri) if source else "own", wording.prop, key(target.iri) if target else "own")
        for wording in wordings(sentence, lang)
        for source in wording.sources or (None,)
        for target in wording.targets or (None,)
    }


def promised(phrase: Iri) -> set[tuple[str, Iri, str]]:
    prop = REGISTRY.iri(phrase, "ckg:signals")
    assert prop is not None

    def thing(name: str) -> str:
        iri = STANDARDS.get(name) or next(iter(ORGANIZATIONS.get(name)), None)
        assert name == "own" or iri is not None, f"{name} is in no registry"
        return key(iri) if iri else "own"

    found = set()
    for label in REGISTRY.labels(phrase, "ckg:promises"):
        source, target = label.value.split(" -> ")
        found.add((thing(source), prop, thing(target)))
    return found


@pytest.mark.parametrize("phrase", ALL, ids=key)
def test_the_examples_of_a_phrase_yield_what_it_promises_and_nothing_else(phrase: Iri) -> None:
    found: set[tuple[str, Iri, str]] = set()
    for label in REGISTRY.labels(phrase, "skos:example"):
        yielded = pairs(label.value, label.lang)
        assert yielded, f"{label.value!r} yields nothing"
        found |= yielded
    assert found == promised(phrase)


@pytest.mark.parametrize("phrase", ALL, ids=key)
def test_the_counterexamples_of_a_phrase_yield_nothing(phrase: Iri) -> None:
    said = {
        label.value: pairs(label.value, label.lang) for label in REGISTRY.labels(phrase, "ckg:counterExample")
    }
    assert {text: yielded for text, yielded in said.items() if yielded} == {}


@pytest.mark.parametrize("phrase", ALL, ids=key)
def test_a_phrase_says_what_it_signals_and_where_it_was_seen(phrase: Iri) -> None:
    prop = REGISTRY.iri(phrase, "ckg:signals")
    assert prop in REGISTRY.members("ckg:RelationProperty")
    assert REGISTRY.text(phrase, "skos:prefLabel")
    assert REGISTRY.iris(phrase, "dcterms:source")
    assert REGISTRY.labels(phrase, "skos:example")


@pytest.mark.parametrize(
    "example",
    [
        label
        for phrase in ALL
        if REGISTRY.iri(phrase, "ckg:signals") != NEGATIVE
        for label in REGISTRY.labels(phrase, "skos:example")
        if label.lang == "en"
    ],
    ids=lambda label: label.value[:40],
)
def test_a_negated_example_is_never_a_positive_relation(example: Label) -> None:
    text = example.value
    for wording in wordings(text):
        words = text[wording.start : wording.end]
        negated = re.sub(r"^(.*?\b(?:is|are|was|were|been|be|may|can))\b", r"\1 not", words, count=1)
        if negated == words:
            negated = f"does not {words}"
        sentence = text[: wording.start] + negated + text[wording.end :]
        assert wording.prop not in {prop for _, prop, _ in pairs(sentence)}, sentence


CLASSES = WordClasses(
    {
        "be": frozenset({"is", "are"}),
        "finite": frozenset({"is", "are", "has", "helps"}),
        "break": frozenset({"which", "that"}),
        "relative": frozenset({"which", "that"}),
        "join": frozenset({"and", "or"}),
        "determiner": frozenset({"the", "a"}),
        "preposition": frozenset({"of", "for", "in", "with"}),
        "facet": frozenset({"audit", "controls"}),
        "negation": frozenset({"not"}),
        "emphasis": frozenset({"not only"}),
        "example": frozenset({"including"}),
    },
    (("not", "only"),),
)


def fits(pattern: str, sentence: str) -> set[tuple[str, str]]:
    """Return which single capital letters of a sentence (its names; O is an organization) a pattern relates."""
    found = [
        Name(
            m.start(),
            m.end(),
            names.standard(m[0]),
            frozenset({ORGANIZATION} if m[0] == "O" else {"law"} if m[0] == "L" else ()),
        )
        for m in re.finditer(r"\b[A-Z]\b", sentence)
    ]
    clause = Clause(sentence, found, CLASSES)
    return {
        (key(clause.names[source].iri), key(clause.names[target].iri))
        for match in Pattern(pattern, CLASSES).matches(clause)
        for source in match.sources
        for target in match.targets
    }


@pytest.mark.parametrize(
    ("pattern", "sentence", "expected"),
    [
        ("{A} (rests on|uses) {B}", "X uses Y", {("X", "Y")}),
        ("{A} (rests on|uses) {B}", "X rests on Y", {("X", "Y")}),
        ("{A} (rests on|uses) {B}", "X rests in Y", set()),
        ("{A} uses [all of] {B}", "X uses all of Y", {("X", "Y")}),
        ("{A} <be> based on {B}", "X are based on Y", {("X", "Y")}),
        ("{B} <be> the base of {A}", "Y is the base of X", {("X", "Y")}),
        ("{A} uses {B}", "X uses Y, Z, and the controls in W", {("X", "Y"), ("X", "Z"), ("X", "W")}),
        ("{A} uses {B}", "X and V uses Y", {("X", "Y"), ("V", "Y")}),
        ("{A} uses {B}", "the X audit uses the well known Y", {("X", "Y")}),
        ("{A} uses {B}", "X uses things, including Y", {("X", "Y")}),
        ("{A} uses {B}", "X uses things, and Z helps Y", set()),
        ("{A} uses {B}", "the customers of X uses Y", set()),
        ("{A} uses {B}", "the controls of X uses Y", {("X", "Y")}),
        ("{A} uses {B}", "Z, which uses Y", {("Z", "Y")}),
        ("{A} uses {B}", "X has parts and uses Y", {("X", "Y")}),
        ("{A} uses {B}", "X (with Z) uses Y", {("X", "Y")}),
        ("{A} ... using {B}", "X has words using Y", {("X", "Y")}),
        ("{A} using {B}", "X has words using Y", set()),
        ("{A} uses {B:near}", "X uses one two three Y", {("X", "Y")}),
        ("{A} uses {B:near}", "X uses one two three four five Y", set()),
        ("{A} uses {B:near}", "X uses parts of Y", set()),
        ("{A} uses it {B:bracketed}", "X uses it (Y)", {("X", "Y")}),
        ("{A} uses it {B:bracketed}", "X uses it Y", set()),
        ("{A} and {B} <be> alike", "X, Y and Z are alike", {("X", "Y"), ("X", "Z")}),
        ("{A} uses {B:law}", "X uses Y", set()),
        ("{A} uses {B:law}", "X uses L", {("X", "L")}),
        ("{A} uses {B}", "X uses O", set()),
        ("{A} uses {B:law/organization}", "X uses O", {("X", "O")}),
        ("moved {B} ... to {A}", "moved Y past Z to X", set()),
        ("moved {B} ... {*} ... to {A}", "moved Y past Z to X", {("X", "Y")}),
        ("{A} adds [...] to {B}", "X adds one two to Y", {("X", "Y")}),
        ("{A} adds [...] to {B}", "X adds one two three four five six seven to Y", set()),
    ],
)
def test_the_pattern_language(pattern: str, sentence: str, expected: set[tuple[str, str]]) -> None:
    assert fits(pattern, sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "negated"),
    [
        ("X is not on Y", True),
        ("X is not only on Y", False),
        ("X (not Z) is on Y", False),
        ("not X is on Y", True),
    ],
)
def test_a_negation_counts_unless_it_is_emphasis_or_in_brackets(sentence: str, negated: bool) -> None:
    found = [Name(m.start(), m.end(), names.standard(m[0])) for m in re.finditer(r"\b[XYZ]\b", sentence)]
    clause = Clause(sentence, found, CLASSES)
    assert clause.negated(clause.place(0), clause.place(len(found) - 1)) is negated


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{A} uses", "lacks a slot"),
        ("{A} {B}", "no word"),
        ("{A} <none> {B}", "no word class"),
        ("{A} uses {C}", "no slot"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        Pattern(pattern, CLASSES)


def test_a_phrase_without_a_property_is_refused(tmp_path: Path) -> None:
    (tmp_path / "phrases.ttl").write_text(
        "@prefix ckg: <https://w3id.org/compliance-kg/ontology#> .\n"
        '<https://example.org/p> a ckg:Phrase ; ckg:pattern "{A} uses {B}"@en .\n'
    )
    with pytest.raises(VocabularyError, match="without ckg:signals"):
        Phrases(Registry(tmp_path))


def test_a_text_without_any_signal_word_is_passed_over() -> None:
    assert not PHRASES.may_signal("Learn more here.", "en")
    assert PHRASES.may_signal("FedRAMP is based on NIST SP 800-53.", "en-us")
    assert not PHRASES.may_signal("FedRAMP is based on NIST SP 800-53.", "xx")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The standard is new.", [Reference(0, 12, "definite", "standard")]),
        ("It is new.", [Reference(0, 2, "pronoun")]),
        ("This in turn is new.", [Reference(0, 4, "this")]),
        ("This attestation is new.", [Reference(0, 16, "this", "attestation")]),
        ("This international standard is new.", [Reference(0, 27, "pronoun", "standard")]),
        ("This standard is new.", [Reference(0, 13, "nearest", "standard")]),
        ("The policy is new.", [Reference(0, 10, "named", "policy")]),
        ("Its controls are new.", [Reference(0, 12, "possessive", "controls")]),
        ("We know its controls.", []),
        ("It is important to know.", []),
        ("They took it.", []),
        ("NIST SP 800-53, the standard that FedRAMP uses", []),
    ],
)
def test_words_that_point_back_are_found(sentence: str, expected: list[Reference]) -> None:
    assert list(PHRASES.references(sentence, "en")) == expected
