"""Search in names: languages, beginnings, typing errors, kinds, order."""

from __future__ import annotations

import pytest

import kg
from kg import files
from kg.errors import NotFoundError, QueryError
from kg.graph import Graph
from kg.search import LONGEST

STD = "https://w3id.org/compliance-kg/id/standard/"
SVC = "https://w3id.org/compliance-kg/id/service/"


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of the samples, with the ontology and the reference dataset."""
    return kg.build([files.samples()], check=False).graph


def first(graph: Graph, text: str, kind: str = "") -> str:
    """Return the thing found first."""
    return str(graph.search(text, kind=kind, limit=1).column("thing")[0])


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("MARS-E", STD + "mars-e"),
        ("marse", STD + "mars-e"),
        ("fedrmp", STD + "fedramp"),
        ("FEDRAMP", STD + "fedramp"),
        ("intune", SVC + "intune"),
        ("intnue", SVC + "intune"),
        ("azure goverment", SVC + "azure-government"),
    ],
)
def test_things_are_found_in_spite_of_typing_errors(graph: Graph, text: str, thing: str) -> None:
    """Case, hyphens, swapped and missing letters do not hide a thing."""
    assert first(graph, text) == thing


@pytest.mark.parametrize(
    ("text", "name"),
    [("AC-2", "AC-2"), ("ac-2(1)", "AC-2(1)"), ("acount managment", "Account Management")],
)
def test_controls_are_found_by_identifier_and_by_title(graph: Graph, text: str, name: str) -> None:
    """Identifiers are exact: AC-2 is neither AC-20 nor AC-21."""
    found = list(graph.search(text, kind="control", limit=1))
    assert [row["name"] for row in found] == [name]


def test_beginnings_find_whole_names(graph: Graph) -> None:
    """As one types, the thing is there before its name is whole."""
    assert SVC + "azure-government" in graph.search("azure gov").column("thing")


@pytest.mark.parametrize(("text", "language"), [("健康", "zh"), ("最低可接受", "zh"), ("sécurité", "fr")])
def test_names_in_other_languages_are_found_by_any_part(graph: Graph, text: str, language: str) -> None:
    """Scripts without spaces are searched inside of what is written together; the language is told."""
    found = list(graph.search(text))
    assert found
    assert any(str(row["language"]).startswith(language) and text in str(row["name"]) for row in found)


def test_a_kind_keeps_only_its_things(graph: Graph) -> None:
    """A kind may be written as words or as the class."""
    for kind in ("cloud service", "CloudService", "ckg:CloudService"):
        found = graph.search("azure", kind=kind)
        assert set(found.column("kind")) == {"https://w3id.org/compliance-kg/ontology#CloudService"}


def test_an_unknown_kind_is_told_with_those_there_are(graph: Graph) -> None:
    """A typing error in the kind gets the nearest kind."""
    with pytest.raises(NotFoundError) as error:
        graph.search("azure", kind="controll")
    assert error.value.nearest[0] == "control"


def test_each_thing_comes_once_and_the_best_first(graph: Graph) -> None:
    """Scores fall, things do not repeat, and asking again gives the same."""
    found = graph.search("security", limit=50)
    scores = [float(str(score)) for score in found.column("score")]
    assert scores == sorted(scores, reverse=True)
    assert len(set(found.column("thing"))) == len(found) > 5
    assert found == graph.search("security", limit=50)


@pytest.mark.parametrize(
    "text", ["", " ", "…", "(((", "\x00", "q" * LONGEST, "%", "🦄", "\u202e", "' OR 1=1"]
)
def test_what_is_no_name_finds_nothing_and_breaks_nothing(graph: Graph, text: str) -> None:
    """Signs without letters are no words."""
    assert len(graph.search(text)) == 0


def test_a_search_has_an_end(graph: Graph) -> None:
    """Neither endless texts nor endless answers."""
    with pytest.raises(QueryError, match="200 signs"):
        graph.search("a" * (LONGEST + 1))
    with pytest.raises(QueryError, match="between 1 and"):
        graph.search("azure", limit=0)
