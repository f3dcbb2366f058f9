"""Wordings that tell what a sentence is about: every example in the registry is a test, and so is the syntax."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import files
from kg.concepts.cues import Cues
from kg.concepts.registry import Registry
from kg.errors import VocabularyError
from kg.terms import Iri, term
from tests.extraction import key, known

REGISTRY = Registry(files.ontology())
CUES = REGISTRY.members("ckg:Cue")
HEAD = """
@prefix ckg: <https://w3id.org/compliance-kg/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix : <https://example.org/> .
"""


def cues(tmp_path: Path, pattern: str, lang: str = "en", more: str = "") -> Cues:
    """Lookups over one cue with one pattern."""
    cue = f':cue a ckg:Cue ; ckg:signals ckg:party ; ckg:pattern "{pattern}"@{lang} .\n'
    (tmp_path / "cues.ttl").write_text(HEAD + cue + more)
    return Cues(Registry(tmp_path))


def found(lookup: Cues, text: str, lang: str = "en") -> list[str]:
    return [text[cue.start : cue.end] for cue in lookup.find(text, lang)]


@pytest.mark.parametrize("cue", CUES, ids=key)
def test_each_example_of_a_cue_yields_it(cue: Iri) -> None:
    missed = [
        example.value
        for example in REGISTRY.labels(cue, "skos:example")
        if cue not in {each.iri for each in known().cues.find(example.value, example.lang)}
    ]
    assert missed == []


@pytest.mark.parametrize("cue", CUES, ids=key)
def test_no_counter_example_of_a_cue_yields_it(cue: Iri) -> None:
    yielded = [
        example.value
        for example in REGISTRY.labels(cue, "ckg:counterExample")
        if cue in {each.iri for each in known().cues.find(example.value, example.lang)}
    ]
    assert yielded == []


@pytest.mark.parametrize("cue", CUES, ids=key)
def test_each_cue_has_a_name_a_source_and_an_example_in_each_of_its_languages(cue: Iri) -> None:
    worded = {label.lang for label in REGISTRY.labels(cue, "ckg:pattern")}
    assert worded == {label.lang for label in REGISTRY.labels(cue, "skos:example")}
    assert REGISTRY.text(cue, "skos:prefLabel")
    assert REGISTRY.iri(cue, "dcterms:source")


def test_every_value_and_every_cue_yielded_to_is_one_the_registries_know() -> None:
    named = [
        other for cue in CUES for name in ("rdf:value", "ckg:yieldsTo") for other in REGISTRY.iris(cue, name)
    ]
    assert [each for each in named if not REGISTRY.knows(each)] == []


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        ("audited (annually|each year)", "It is audited each year.", ["audited each year"]),
        ("audited (annually|each year)", "It is AUDITED, annually.", ["AUDITED, annually"]),
        ("audited (annually|each year)", "It is audited. Annually it is not.", []),
        ("is [at least] audited", "It is at least audited.", ["is at least audited"]),
        ("is [at least] audited", "It is audited.", ["is audited"]),
        ("[at least] once", "It happens at least once.", ["at least once"]),
        ("audited ... year", "It is audited by many others (here) each year.", ["audited by many others (here) each year"]),
        ("audited ... year", "It is audited. That was last year.", []),
        ("audited ... year", "audited one two three four five six seven eight nine ten eleven year", []),
        ("^ who", "Who is it?", ["Who"]),
        ("^ who", "It is who it is.", []),
        ("again $", "Never again.", ["again."]),
        ("customer's duty", "It is the customer’s duty.", ["customer’s duty"]),
        ("third-party audit", "A third party audit, and a third‑party audit.", ["third party audit", "third‑party audit"]),
        ("audit", "The auditor came.", []),
        ("(laut|gemäß) ... Straße", "Gemäß jeder Straße", ["Gemäß jeder Straße"]),
        ("U.S. law", "It is U.S. law.", []),
    ],
)  # fmt: skip
def test_a_pattern_fits_whole_words_in_order_punctuation_aside(
    tmp_path: Path, pattern: str, text: str, words: list[str]
) -> None:
    assert found(cues(tmp_path, pattern), text) == words


def test_in_a_language_without_spaces_words_are_runs_of_characters(tmp_path: Path) -> None:
    lookup = cues(tmp_path, "(毎年|年次)...監査", "ja")
    assert found(lookup, "サービスは毎年、第三者が監査します。", "ja-jp") == ["毎年、第三者が監査"]
    assert found(lookup, "毎年です。監査", "ja-jp") == []


def test_a_word_group_stands_for_its_wordings_in_the_same_language(tmp_path: Path) -> None:
    group = ':group a ckg:WordGroup ; skos:notation "often" ; ckg:word "each day"@en, "souvent"@fr .\n'
    lookup = cues(tmp_path, "audited <often>", more=group)
    assert found(lookup, "audited each day") == ["audited each day"]
    assert found(lookup, "audited souvent") == []


def test_a_cue_says_nothing_where_a_pattern_of_its_exceptions_fits(tmp_path: Path) -> None:
    lookup = cues(tmp_path, "is audited", more=':cue ckg:unless "if you"@en .\n')
    assert found(lookup, "It is audited.") == ["is audited"]
    assert found(lookup, "If you care, it is audited.") == []


def test_a_slot_is_filled_by_an_organization_that_stands_next_to_the_words(tmp_path: Path) -> None:
    firm = ':firm a org:Organization ; skos:prefLabel "Example Audits"@en .\n'
    after, before = tmp_path / "after", tmp_path / "before"
    after.mkdir()
    before.mkdir()
    (cue,) = cues(after, "audited by {organization}", more=firm).find("audited by the Example Audits.", "en")
    assert (cue.value, cue.organization) == ("<https://example.org/firm>", (15, 29))
    assert (
        found(cues(after, "audited by {organization}", more=firm), "audited by a friend of Example Audits")
        == []
    )
    assert found(
        cues(before, "{organization} came", more=firm), "Example Audits came, Example Audits-led"
    ) == ["came"]


def test_an_organization_that_only_qualifies_a_noun_is_not_named(tmp_path: Path) -> None:
    firm = ':firm a org:Organization ; skos:prefLabel "Example"@en .\n'
    assert found(cues(tmp_path, "hired {organization}", more=firm), "hired an Example-approved firm") == []


@pytest.mark.parametrize(
    "pattern",
    ["<nothing>", "[perhaps]", "who {standard} is", "{standard} and {organization}", "{service} is", "..."],
)
def test_a_pattern_that_cannot_fit_is_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(VocabularyError):
        cues(tmp_path, pattern)


def test_a_cue_that_signals_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cues.ttl").write_text(HEAD + ':cue a ckg:Cue ; ckg:pattern "x"@en .')
    with pytest.raises(VocabularyError):
        Cues(Registry(tmp_path))


def test_letters_that_change_their_length_in_lower_case_keep_every_place() -> None:
    text = "İn İstanbul, you are responsible for it."
    places = {
        text[cue.start : cue.end] for cue in known().cues.find(text, "en") if cue.signals == term("ckg:party")
    }
    assert places == {"you are responsible for"}


def test_a_language_that_no_cue_is_known_in_has_none() -> None:
    assert not known().cues.speaks("ko-kr")
    assert known().cues.find("You are responsible for it.", "ko-kr") == ()
    assert known().cues.speaks("zh-tw")


def test_the_provider_is_known_by_its_name() -> None:
    assert known().cues.mentions_provider("As Microsoft says")
    assert not known().cues.mentions_provider("As others say")
