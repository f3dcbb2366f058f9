"""What is kept beside a published graph answers as the graph itself does."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import files, kept, pipeline, publication, store
from kg.control_lists import Asked, ControlLists, ControlSet
from kg.graph import Graph
from kg.publication import DamagedError
from kg.queries.words import NAMED, spellings


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a published graph of the bundled samples, with an index, however small it is."""
    folder = tmp_path_factory.mktemp("graph")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "INDEXED_FROM", 0)
        pipeline.build([files.samples()], out=folder, check=False)
        Graph.open(folder).query("ASK {}")
    return folder


@pytest.fixture(scope="module")
def graph(published: Path) -> Graph:
    """The graph with what is kept beside it."""
    return Graph.open(published)


@pytest.fixture(scope="module")
def asked(published: Path) -> Asked:
    """The same graph, asked for all."""
    return Asked(Graph.open(published, in_memory=True).select)


@pytest.fixture(scope="module")
def controls(published: Path, asked: Asked) -> kept.Controls:
    """The lists of controls that are kept."""
    return kept.Controls(_file(published), asked)


def _file(folder: Path) -> kept.File:
    found = kept.beside(publication.current(folder))
    assert found is not None
    return found


def test_every_list_has_the_same_members_and_words_for_them(controls: kept.Controls, asked: Asked) -> None:
    """Baselines and editions, withdrawn controls not among them."""
    assert controls.lists() == asked.lists()
    assert {each.is_baseline for each in asked.lists()} == {True, False}
    for each in asked.lists():
        assert controls.members(each) == asked.members(each) != frozenset()
        assert controls.described(each) == asked.described(each)


def test_every_control_has_the_same_counterparts_and_claims(controls: kept.Controls, asked: Asked) -> None:
    """Mapped or linked, in their order, with the first claim of each."""
    every = sorted(control for each in asked.lists() for control in asked.members(each))
    mapped, linked = asked.mapped(every), asked.linked(every)

    assert controls.mapped(every) == mapped
    assert controls.linked(every) == linked
    links = [
        (control, each.control, each.turned)
        for found in (mapped, linked)
        for control, counterparts in found.items()
        for each in counterparts
    ]
    claims = asked.claims(links)
    assert len(claims) == len(set(links)) > 100
    assert controls.claims(links) == claims


def test_every_name_is_kept(published: Path, graph: Graph) -> None:
    """Those of each class that words may name, and of its subclasses."""
    memory = Graph.open(published, in_memory=True)
    names = kept.Names(_file(published), memory.select)
    for name in NAMED:
        classes = memory.words.classes(name)
        assert set(names(classes)) == set(spellings(memory.select, classes)), name

    assert list(graph.words.names) == list(memory.words.names)


def test_the_graph_is_not_asked_for_what_is_kept(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gap and coverage by the names of lists read nothing of the index."""
    expected = Graph.open(published, in_memory=True).gap("mars-e-2.2", "fedramp-r4-moderate")
    graph = Graph.open(published)
    monkeypatch.setattr(Graph, "results", lambda *_, **__: pytest.fail("the graph was asked"))

    assert graph.gap("mars-e-2.2", "fedramp-r4-moderate").rows == expected.rows
    assert len(expected) == 62
    assert graph.coverage("mars-e-2.2", "fedramp-r4-moderate")


def test_what_is_not_kept_is_asked_of_the_graph(
    published: Path, controls: kept.Controls, asked: Asked
) -> None:
    """Lists that the graph does not name as such, controls in no list, and links to things in none."""
    data = """
        @prefix ckg: <https://w3id.org/compliance-kg/ontology#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        <x:list> skos:member <x:a> .
        <x:a> skos:exactMatch <x:b> ; skos:mappingRelation <x:c> .
        GRAPH <x:document> { <x:claim> owl:annotatedSource <x:a> ; owl:annotatedTarget <x:b> }"""
    place = published / "other.trig"
    place.write_text(data)
    other = Asked(Graph.open(place).select)
    apart = kept.Controls(_file(published), other)

    unnamed = ControlSet("x:list", is_baseline=True)
    assert apart.members(unnamed) == frozenset({"x:a"})
    assert list(apart.described(unnamed)) == ["x:a"]
    assert [each.control for each in apart.mapped(["x:a"])["x:a"]] == ["x:b"]
    assert [each.control for each in apart.linked(["x:a"])["x:a"]] == ["x:c"]
    link = ("x:a", "x:b", False)
    assert apart.claims([link])[link].iri == "x:claim"
    withdrawn = "https://w3id.org/compliance-kg/id/control/nist-800-53-r4/ac-13"
    assert withdrawn not in {control for each in asked.lists() for control in asked.members(each)}
    assert controls.mapped([withdrawn]) == asked.mapped([withdrawn])


def test_a_graph_in_memory_reads_no_file(published: Path) -> None:
    """Whoever asks may not be able to open files any more; all is at hand there."""
    graph = Graph.open(published, in_memory=True)

    assert graph._kept is None
    assert isinstance(graph.lists, ControlLists)


def test_without_the_file_the_graph_is_asked(published: Path, tmp_path: Path) -> None:
    """One that was taken away, or of a version that kept other things."""
    version = publication.current(published)
    place = next(version.folder.glob("kept-*"))
    expected = Graph.open(published).coverage("mars-e-2.2", "fedramp-r4-moderate").rows
    aside = place.rename(tmp_path / place.name)
    try:
        assert Graph.open(published).coverage("mars-e-2.2", "fedramp-r4-moderate").rows == expected
        assert not place.exists()
    finally:
        aside.rename(place)


def test_a_damaged_file_says_what_to_do(published: Path, tmp_path: Path) -> None:
    """It can be removed: the lines are the truth."""
    version = publication.current(published)
    place = next(version.folder.glob("kept-*"))
    aside = place.rename(tmp_path / place.name)
    place.write_bytes(b"SQLite format 3\0" + b"\1" * 4096)
    try:
        with pytest.raises(DamagedError, match=r"kept-\d+\.sqlite cannot be read: .+") as raised:
            Graph.open(published).coverage("mars-e-2.2", "fedramp-r4-moderate")
        assert "remove it" in raised.value.hint
    finally:
        aside.replace(place)


def test_what_cannot_be_written_leaves_nothing(published: Path, tmp_path: Path) -> None:
    """Neither half a file nor an error: the graph can be asked."""
    folder = tmp_path / ("0" * 64)
    folder.mkdir()
    version = publication.Version(folder)

    def full(_: str) -> None:
        raise OSError(28, "No space left on device")

    kept.write(version, full)  # type: ignore[arg-type]
    assert not list(folder.iterdir())

    kept.write(version, Graph.open(published, in_memory=True).select)
    assert [each.name for each in folder.iterdir()] == [next(_parent(published).glob("kept-*")).name]


def _parent(published: Path) -> Path:
    return publication.current(published).folder
