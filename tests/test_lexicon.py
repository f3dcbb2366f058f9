"""Names are found as whole words, longest first, whatever the typography."""

from __future__ import annotations

import pytest

from kg.concepts.lexicon import Found, Lexicon, fold, places, plain, words

NAMES = Lexicon(
    [
        ("Azure", 1),
        ("Azure Government", 2),
        ("EAR", 3),
        ("MARS-E", 4),
        ("ISM", 5),
        ("ISM", 6),
        ("資訊安全", 7),
    ]
)


def test_the_longest_name_wins() -> None:
    assert NAMES.find("azure government and Azure") == [Found(0, 16, (2,)), Found(21, 26, (1,))]


def test_a_name_cut_off_by_the_end_of_the_text_is_not_found() -> None:
    assert NAMES.find("Azure Gov") == [Found(0, 5, (1,))]


def test_a_version_is_not_found_in_a_longer_one() -> None:
    versions = Lexicon([("Controls", 1), ("Controls v8", 2), ("Part 500", 3)])
    assert [found.keys for found in versions.find("Controls v8.1, Controls v8. Part 500.17")] == [
        (1,),
        (2,),
        (3,),
    ]


def test_only_whole_words_are_found() -> None:
    assert NAMES.find("Azureus, preMARS-Ex") == []


@pytest.mark.parametrize(
    ("text", "keys"), [("The EAR", [3]), ("an ear", []), ("Ear", []), ("MARS‑E", [4]), ("Mars-e", [])]
)
def test_short_capitals_are_found_in_capitals_only(text: str, keys: list[int]) -> None:
    assert [key for found in NAMES.find(text) for key in found.keys] == keys


def test_a_name_of_two_things_gives_both() -> None:
    assert NAMES.find("the ISM") == [Found(4, 7, (5, 6))]
    assert NAMES.get("ism") == (5, 6)


def test_names_are_found_in_scripts_without_spaces() -> None:
    assert [found.keys for found in NAMES.find("符合資訊安全標準")] == [(7,)]


def test_typography_is_made_plain_character_for_character() -> None:
    text = "“A”–B\u00a0（C）"
    assert plain(text) == '"A"-B (C)'
    assert len(plain(text)) == len(text)
    assert fold("  Foo–BAR ") == "foo - bar"


@pytest.mark.parametrize("text", ["", "Die Straße „Azure“ – v8.1", "資訊安全 ISO 27001", "İSO's ﬁne_print ᾼͅ"])
def test_words_are_those_that_have_places(text: str) -> None:
    assert words(text) == tuple(plain(text)[start:end].casefold() for start, end in places(text))


def test_an_empty_name_stands_for_nothing() -> None:
    assert Lexicon([("", 1), ("  ", 2)]).find("any text") == []
