"""A second build reads only what has changed, and its graph has the bytes of a build from nothing."""

from __future__ import annotations

import pickle

import pytest

from kg import pipeline, publication, reading, reuse
from kg.sources import recognition
from tests import notes


@pytest.fixture(autouse=True)
def _notes(monkeypatch):
    monkeypatch.setattr(recognition, "SOURCES", (notes.Notes(),))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of notes built once, and a way to build it again that tells which files were read."""
    return _Place(tmp_path, monkeypatch)


class _Place:
    def __init__(self, root, monkeypatch):
        self.root, self.out, self.ontology = root, root / "graph", notes.ontology(root / "ontology")
        self.folder = notes.corpus(root / "in", 6)
        self.read = []
        read_one = reading.read_one
        monkeypatch.setattr(
            reading, "read_one", lambda file, task: self.read.append(file.path) or read_one(file, task)
        )

    def build(self, **options):
        self.read.clear()
        build = pipeline.build(
            [self.folder], out=self.out, ontology=self.ontology, workers=1, check=False, **options
        )
        return build.report, sorted(self.read)

    def fresh(self, **options):
        """The name of the graph that a build from nothing gives."""
        build = pipeline.build([self.folder], ontology=self.ontology, workers=1, check=False, **options)
        return build.report.sha256


def test_a_second_build_of_the_same_reads_nothing(place):
    """Issues and counts are as they were."""
    notes.write(place.folder, {"odd.txt": "note x en-US\nodd\n", "other.txt": "no note\n"})
    first, read = place.build()
    assert len(read) == 8

    again, read = place.build()

    assert read == []
    assert again == first


def test_only_the_changed_file_is_read_again(place):
    """Files that are new, changed or gone; the graph is what a build from nothing gives."""
    place.build()
    notes.write(
        place.folder,
        {"new.txt": "note new en-US\nhello\n", "en-us/note-0.txt": "note thing-0 en-US\nchanged\n"},
    )
    (place.folder / "fr-fr" / "note-1.txt").unlink()

    report, read = place.build()

    assert read == ["en-us/note-0.txt", "new.txt"]
    assert report.sha256 == place.fresh()
    assert place.build()[1] == []


def test_a_file_that_moved_is_read_again(place):
    """Its path is in the graph."""
    place.build()
    (place.folder / "en-us" / "note-0.txt").rename(place.folder / "moved.txt")

    report, read = place.build()

    assert read == ["moved.txt"]
    assert report.sha256 == place.fresh()


def test_a_file_is_read_again_when_a_neighbour_changes_that_it_looked_at(place):
    """Whether the neighbour changed, came or went; and where all names were looked at, when any name is new."""
    notes.write(
        place.folder,
        {
            "a.txt": "note a en-US\nsee part.inc\n",
            "b.txt": "note b en-US\nsee later.inc\n",
            "c.txt": "note c en-US\nall\n",
        },
    )
    notes.write(place.folder, {"part.inc": "first"})
    place.build()

    notes.write(place.folder, {"part.inc": "second"})
    report, read = place.build()
    assert read == ["a.txt", "part.inc"]
    assert report.sha256 == place.fresh()

    notes.write(place.folder, {"later.inc": "here"})
    report, read = place.build()
    assert read == ["b.txt", "c.txt", "later.inc"]
    assert report.sha256 == place.fresh()


def test_files_that_make_up_one_graph_are_read_again(place):
    """Their lines cannot be told apart in the former graph."""
    notes.write(place.folder, {"x/1.txt": "note x en-US\nhello\n", "y/2.txt": "note x en-US\nhello\n"})
    place.build()

    report, read = place.build()

    assert read == ["x/1.txt", "y/2.txt"]
    assert report.sha256 == place.fresh()


@pytest.mark.parametrize("what", ["code", "ontology", "base", "damage", "parts", "nothing"])
def test_nothing_is_taken_over_where_the_rules_are_others_or_the_graph_is_not_whole(place, what, monkeypatch):
    """Another code, ontology or base reads everything again, and so does any doubt."""
    place.build()
    version = publication.current(place.out)
    options = {}
    if what == "code":
        monkeypatch.setattr(reuse, "_code", lambda: b"other")
    elif what == "ontology":
        kg = place.ontology / "kg.ttl"
        kg.write_text(kg.read_text() + 'ckg:Segment rdfs:label "again"@fr .\n')
    elif what == "base":
        options = {"base": "https://example.org/"}
    elif what == "damage":
        version.lines.write_bytes(version.lines.read_bytes().replace(b"sentence", b"sentents"))
    elif what == "parts":
        parts = version.folder / reuse.PARTS
        parts.write_bytes(parts.read_bytes()[:-20])
    else:
        (version.folder / reuse.PARTS).unlink()

    report, read = place.build(**options)

    assert len(read) == 6
    assert report.sha256 == place.fresh(**options)


def test_a_file_of_parts_can_run_nothing(place):
    """Only our own values are read from it."""
    place.build()
    version = publication.current(place.out)
    parts = version.folder / reuse.PARTS
    mark = parts.read_bytes()[:32]

    class Evil:
        def __reduce__(self):
            return (open, (str(place.root / "evil"), "w"))

    parts.write_bytes(mark + pickle.dumps({("a", "b"): Evil()}))

    assert len(place.build()[1]) == 6
    assert not (place.root / "evil").exists()


def test_an_equal_graph_is_not_judged_again(tmp_path, monkeypatch):
    """What the shapes found is in the report of the former build."""
    folder = notes.write(tmp_path / "in", {"odd.txt": "note Two-Words en-US\n"})
    first = pipeline.build([folder], out=tmp_path / "graph").report
    monkeypatch.setattr("kg.validation.check", None)

    again = pipeline.build([folder], out=tmp_path / "graph").report

    assert first.validation.findings
    assert again.validation == first.validation
