"""Documents in, a graph out: the same bytes however it is built, and no document can stop it."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg import files, pipeline, publication, reading
from kg.assembly import DERIVED, METADATA
from kg.errors import Issue, KgError, NotFoundError
from kg.sources import recognition
from kg.terms import BASE, term
from tests import notes

TYPE, OF = term("rdf:type"), term("schema:translationOfWork")


@pytest.fixture(autouse=True)
def _notes(monkeypatch):
    monkeypatch.setattr(recognition, "SOURCES", (notes.Notes(),))


@pytest.fixture(scope="module")
def ontology(tmp_path_factory):
    return notes.ontology(tmp_path_factory.mktemp("ontology"))


def built(paths, ontology, **options):
    """Build without the shapes, which are about real documents; return the lines and the report."""
    build = pipeline.build(paths, ontology=ontology, check=False, **options)
    return lines_of(build), build.report


def lines_of(build):
    return build.graph._lines.decode().splitlines()


def test_each_document_is_a_named_graph_and_so_are_the_ontology_and_the_build_itself(tmp_path, ontology):
    """Everything is in a graph that says where it comes from."""
    lines, report = built([notes.corpus(tmp_path, 3)], ontology)

    graphs = {line.rpartition(" ")[0].rpartition(" ")[2] for line in lines}

    assert {graph.removeprefix(f"<{BASE}").split("/")[0] for graph in graphs} == {"document", "graph"}
    assert f"<{BASE}document/ontology/kg>" in graphs
    assert METADATA in graphs
    assert (report.files, report.documents, report.sources) == (3, 3, {"note": 3})
    assert report.counts == {"sentences": 6}
    assert report.quads == len(lines)


def test_lines_are_sorted_as_bytes_and_say_nothing_twice(tmp_path, ontology):
    """`LC_ALL=C sort -u -c` would agree, in whatever language the names are."""
    notes.write(
        tmp_path, {"z.txt": "note thing-1 ja-JP\n日本語\n\U0001f600\uffee\n", "ä.txt": "note ä zh-TW\n中\n"}
    )
    lines, _ = built([notes.corpus(tmp_path)], ontology)

    assert lines == sorted(set(lines), key=str.encode)


SCRIPT = """
import sys
from kg import pipeline, reading
from kg.sources import recognition
from tests import notes
recognition.SOURCES = (notes.Notes(),)
reading.CHUNK = 2
out, ontology, workers, *paths = sys.argv[1:]
pipeline.build(paths, out=out, ontology=__import__("pathlib").Path(ontology), workers=int(workers), check=False)
"""


def test_the_same_files_give_the_same_bytes_in_any_order_place_language_and_number_of_workers(
    tmp_path, ontology
):
    """Order of inputs, hash seed, locale, time zone, folder and workers change nothing."""
    hashes = set()
    for number in range(6):
        folder = tmp_path / f"place-{number}"
        notes.corpus(folder / "in", 11)
        paths = [str(folder / "in" / name) for name in ("en-us", "fr-fr", "zh-tw")]
        random.Random(number).shuffle(paths)
        environment = {
            **os.environ,
            "PYTHONHASHSEED": str(number),
            "LC_ALL": ("C", "C.UTF-8", "POSIX")[number % 3],
            "TZ": ("UTC", "Asia/Taipei")[number % 2],
            "PYTHONPATH": str(Path(__file__).parent.parent),
        }
        arguments = [str(folder / "out"), str(ontology), str(1 + number % 3), *paths]
        subprocess.run([sys.executable, "-c", SCRIPT, *arguments], env=environment, check=True, cwd=folder)
        hashes.add(publication.current(folder / "out").sha256)

    assert len(hashes) == 1


BAD = {
    "empty.md": (b"", "empty", 0),
    "blank.md": (b" \n\n", "empty", 0),
    "binary.md": (b"text\n\x00\x01\x02" + b"more text here" * 9, "binary", 2),
    "workbook.md": (b"PK\x03\x04\x00\x00", "unrecognised", 0),
    "picture.md": (b"\x89PNG\r\n\x1a\n", "unrecognised", 0),
    "latin-1.md": ("note x en-US\nna\u00efve\n".encode("latin-1"), "wrong-encoding", 2),
    "utf-16.md": ("note x en-US\n".encode("utf-16"), "wrong-encoding", 0),
    "utf-16-le.md": ("note x en-US\n".encode("utf-16-le"), "wrong-encoding", 0),
    "other.md": (b"no kind of source\n", "unrecognised", 0),
    "line.md": (b"note x en-US\n" + b"x" * 2000, "too-large", 0),
    "bad.md": (b"note x en-US\nfine\nbad\n", "bad-sentence", 3),
    "crash.md": (b"note x en-US\ncrash\n", "fault", 0),
    "deep.md": (b"note x en-US\ndeep\n", "too-deep", 0),
    "hang.md": (b"note x en-US\nhang\n", "too-slow", 0),
}


@pytest.mark.parametrize("workers", [1, 2])
def test_each_bad_file_is_one_named_issue_and_the_rest_is_built(tmp_path, ontology, workers, monkeypatch):
    """Whatever is wrong with a file, its issue says what and where, and the others are in the graph."""
    monkeypatch.setattr(reading, "SECONDS_PER_FILE", 1)
    monkeypatch.setattr(reading, "CHUNK", 4)
    notes.write(tmp_path / "bad", {name: data for name, (data, _, _) in BAD.items()})
    good, _ = built([notes.corpus(tmp_path / "good")], ontology)

    lines, report = built([tmp_path / "good", tmp_path / "bad"], ontology, workers=workers, max_bytes=1000)

    assert {(issue.path, issue.code, issue.line) for issue in report.issues} == {
        (name, code, line) for name, (_, code, line) in BAD.items()
    }
    assert len(report.issues) == len(BAD)
    assert lines == good


def test_a_file_that_ends_its_worker_is_found_and_named(tmp_path, ontology, monkeypatch):
    """The files read along with it are read again, without it."""
    monkeypatch.setattr(reading, "CHUNK", 4)
    good, _ = built([notes.corpus(tmp_path / "good", 16)], ontology)
    notes.write(tmp_path / "bad", {f"en-us/note-{n}-die.txt": "note x en-US\ndie\n" for n in (1, 7)})

    lines, report = built([tmp_path / "good", tmp_path / "bad"], ontology, workers=2)

    assert [(issue.path, issue.code) for issue in report.issues] == [
        ("en-us/note-1-die.txt", "worker-died"),
        ("en-us/note-7-die.txt", "worker-died"),
    ]
    assert lines == good


def test_an_unreadable_file_and_folder_are_issues(tmp_path, ontology, monkeypatch):
    """A disk error costs what it concerns, and no more."""
    notes.corpus(tmp_path, 3)
    read_bytes, scandir = Path.read_bytes, os.scandir

    def refuse_file(place):
        if place.name == "note-1.txt":
            raise PermissionError(13, "Permission denied")
        return read_bytes(place)

    def refuse_folder(place):
        if Path(place).name == "zh-tw":
            raise PermissionError(13, "Permission denied")
        return scandir(place)

    monkeypatch.setattr(Path, "read_bytes", refuse_file)
    monkeypatch.setattr(os, "scandir", refuse_folder)
    _, report = built([tmp_path], ontology)

    assert report.issues == (
        Issue("fr-fr/note-1.txt", 0, "unreadable", "Permission denied"),
        Issue("zh-tw", 0, "unreadable", "Permission denied"),
    )
    assert report.documents == 1


def test_issues_of_sources_are_sorted_and_counted(tmp_path, ontology):
    """The report is the same however the work was split."""
    notes.write(tmp_path, {"b.txt": "note b en-US\nodd\nodd\n", "a.txt": "note a en-US\nodd\n"})
    _, report = built([tmp_path], ontology)

    assert [(issue.path, issue.line) for issue in report.issues] == [("a.txt", 2), ("b.txt", 2), ("b.txt", 3)]
    assert report.codes == {"odd-sentence": 3}
    assert not report.clean


def test_one_document_under_two_paths_is_one_graph_with_both(tmp_path, ontology):
    """Equal bytes with one slug and language have one IRI, in whichever order they come."""
    notes.write(tmp_path, {"a/one.txt": "note x en-US\nhello\n", "b/two.txt": "note x en-US\nhello\n"})
    lines, report = built([tmp_path], ontology)

    assert [line.split('"')[1] for line in lines if term("ckg:path") in line] == ["a/one.txt", "b/two.txt"]
    assert (report.files, report.documents) == (2, 1)
    assert len([line for line in lines if '"hello"' in line]) == 1


def test_a_translation_is_tied_to_the_original_whose_sentences_it_holds(tmp_path, ontology):
    """Of several versions of the original the one with the English sentences of the page, in the derived graph."""
    notes.write(
        tmp_path,
        {
            "en/new.txt": "note x en-US\nfirst\nsecond\nthird\n",
            "en/old.txt": "note x en-US\nfirst\nformer\nother\n",
            "fr/x.txt": "note x fr-FR\nfirst@en\npremier\nsecond@en\nthird@en\n",
            "fr/y.txt": "note y fr-FR\nfirst@en\n",
            "de/x.txt": "note x de-DE\nerstens\n",
        },
    )
    lines, _ = built([tmp_path], ontology)
    found = [line.split(" ") for line in lines if f" {OF} " in line]

    assert [(line[0].split("/")[-3:-1], line[2].split("/")[-3:-1], line[3]) for line in found] == [
        (["fr-fr", "x"], ["en-us", "x"], DERIVED)
    ]
    new = next(line.split(" ")[0] for line in lines if '"en/new.txt"' in line)
    assert found[0][2] == new


def test_the_metadata_says_hashes_counts_and_versions_and_nothing_of_this_run(tmp_path, ontology):
    """Every named graph has its count and the hash of its lines; no path of this machine is in the graph."""
    lines, report = built([notes.corpus(tmp_path)], ontology)
    text = "\n".join(lines)
    counted = [
        line.split('"')[1] for line in lines if line.startswith(METADATA) and term("void:triples") in line
    ]

    assert int(counted[0]) == report.quads - sum(line.endswith(f" {METADATA} .") for line in lines)
    assert text.count(str(term("ckg:graphSha256"))) == len(
        {line.rpartition(" ")[0].rpartition(" ")[2] for line in lines} - {METADATA}
    )
    assert str(tmp_path) not in text


def test_the_base_of_things_can_be_another(tmp_path, ontology):
    """Only IRIs of things change, and the lines are sorted still."""
    folder = notes.corpus(tmp_path)
    lines, _ = built([folder], ontology, base="https://example.org/our/")
    usual, _ = built([folder], ontology)

    assert lines == sorted(lines)
    assert not any(BASE in line for line in lines)
    hashes = term("ckg:graphSha256")
    assert sorted(line.replace("https://example.org/our/", BASE) for line in lines if hashes not in line) == [
        line for line in usual if hashes not in line
    ]


def test_progress_is_told_until_all_files_are_done(tmp_path, ontology, monkeypatch):
    """A bar can be drawn from it, with one worker and with several."""
    monkeypatch.setattr(reading, "CHUNK", 5)
    folder = notes.corpus(tmp_path)
    for workers in (1, 2):
        told = []
        built(
            [folder],
            ontology,
            workers=workers,
            progress=lambda done, total, told=told: told.append((done, total)),
        )

        assert told == sorted(told)
        assert told[-1] == (12, 12)


def test_strict_publishes_nothing_where_something_was_not_understood(tmp_path, ontology):
    """The former graph stays; the report says why."""
    out = tmp_path / "graph"
    folder = notes.corpus(tmp_path / "in", 2)
    pipeline.build([folder], out=out, ontology=ontology, check=False, strict=True)
    former = publication.current(out).sha256
    notes.write(folder, {"odd.txt": "note x en-US\nodd\n"})

    refused = pipeline.build([folder], out=out, ontology=ontology, check=False, strict=True)

    assert publication.current(out).sha256 == former
    assert refused.report.published is None
    with pytest.raises(KgError, match="nothing was published"):
        refused.graph  # noqa: B018


def test_what_was_published_is_what_an_unpublished_build_gives(tmp_path, ontology):
    """The same lines, in a folder with its report; the figures of the run are in the manifest only."""
    folder = notes.corpus(tmp_path / "in")
    lines, report = built([folder], ontology)
    published, _ = pipeline.build([folder], out=tmp_path / "graph", ontology=ontology, check=False), None
    version = publication.current(tmp_path / "graph")

    assert version.lines.read_text(encoding="utf-8").splitlines() == lines
    assert version.sha256 == report.sha256 == published.report.sha256
    assert version.report["issues"] == []
    assert version.manifest["quads"] == len(lines)
    assert "seconds" not in json.dumps(dict(version.report))


def test_where_nothing_could_be_read_the_former_graph_stays(tmp_path, ontology):
    """An empty graph is no answer to a wrong folder."""
    out = tmp_path / "graph"
    pipeline.build([notes.corpus(tmp_path / "in", 2)], out=out, ontology=ontology, check=False)
    former = publication.current(out).sha256

    report = pipeline.build(
        [notes.write(tmp_path / "other", {"other.md": "no kind of source\n"})],
        out=out,
        ontology=ontology,
        check=False,
    ).report

    assert report.published is None
    assert publication.current(out).sha256 == former


def test_the_workers_of_a_killed_build_end_with_it(tmp_path, ontology):
    """And the next build finds nothing in its way."""
    notes.corpus(tmp_path / "in", 6)
    notes.write(
        tmp_path / "in", {"hang.txt": "note x en-US\nhang\n", "hang too.txt": "note x en-US\nhang\nhang\n"}
    )
    arguments = [str(tmp_path / "out"), str(ontology), "2", str(tmp_path / "in")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    builder = subprocess.Popen([sys.executable, "-c", SCRIPT, *arguments], env=environment, cwd=tmp_path)

    def children() -> list[int]:
        return [
            int(pid) for pid in Path(f"/proc/{builder.pid}/task/{builder.pid}/children").read_text().split()
        ]

    deadline = time.monotonic() + 20
    while not (workers := children()) and time.monotonic() < deadline:
        time.sleep(0.05)
    builder.kill()
    builder.wait()
    while any(_lives(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert workers
    assert not any(_lives(pid) for pid in workers)


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_the_garbage_collector_is_on_again_after_a_build_that_failed_too(tmp_path, ontology):
    """A build runs without it, whoever called it does not."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(KgError):
        built([notes.corpus(tmp_path / "notes", 1)], ontology, out=tmp_path / "file")

    assert gc.isenabled()


def test_what_a_caller_froze_stays_out_of_the_collectors_sight(tmp_path, ontology):
    """A build ages what it made by freezing it for a moment, but nothing where that would thaw what is not its own."""
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        built([notes.corpus(tmp_path / "notes", 1)], ontology)

        assert gc.get_freeze_count() > frozen / 2
    finally:
        gc.unfreeze()


def test_a_path_that_is_not_there_is_an_error(tmp_path, ontology):
    """Nothing is built from a typing error."""
    with pytest.raises(NotFoundError):
        pipeline.build([tmp_path / "nothing"], ontology=ontology)


def test_with_the_real_sources_each_kind_of_bad_input_is_named_and_the_samples_are_built(
    tmp_path, monkeypatch
):
    """The list of the issue: empty, binary, encoding, a 100 MB line, nesting, YAML, a loop, a broken link."""
    monkeypatch.undo()
    good = pipeline.build([files.samples()], check=False)
    bad = notes.write(
        tmp_path,
        {
            "empty.md": b"",
            "binary.md": bytes(range(256)) * 20,
            "latin-1.md": "# S\u00e9curit\u00e9\n\nune page\n".encode("latin-1"),
            "utf-16.md": "# A page\n\nwith some words\n".encode("utf-16"),
            "line.md": b"# A page\n\n",
            "quotes.md": b"# A page\n\n" + b">" * 50_000 + b" deep\n",
            "catalog.json": b'{"catalog": {"groups": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        },
    )
    os.truncate(bad / "line.md", 100_000_000)
    (bad / "loop").symlink_to(bad)
    (bad / "broken.md").symlink_to("nowhere.md")
    (bad / "yaml.md").write_text(
        "---\ntitle: [never closed\n---\n# A page\n\nwith some words\n", encoding="utf-8"
    )

    build = pipeline.build([files.samples(), bad], check=False)

    codes = {issue.path: issue.code for issue in build.report.issues if "/" not in issue.path}
    assert codes == {
        "empty.md": "empty",
        "binary.md": "binary",
        "latin-1.md": "wrong-encoding",
        "utf-16.md": "wrong-encoding",
        "line.md": "too-large",
        "quotes.md": "too-deep",
        "catalog.json": "not-well-formed",
        "loop": "directory-loop",
        "broken.md": "broken-link",
        "yaml.md": "front-matter",
    }
    kept = {line for line in lines_of(build) if METADATA not in line}
    assert {line for line in lines_of(good) if METADATA not in line} <= kept


def test_the_registries_alone_conform_to_the_shapes(tmp_path):
    """A build checks its graph, the ontology included."""
    notes.write(tmp_path, {"other.md": "no kind of source\n"})
    report = pipeline.build([tmp_path], ontology=files.ontology()).report

    assert report.validation is not None
    assert [str(finding) for finding in report.validation.of("Violation")] == []
