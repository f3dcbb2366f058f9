"""The command line: what each verb prints where, and with which exit code it ends."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from kg import files
from kg.cli import kg as group

HERE = Path(__file__).parent


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    command = [sys.executable, "-m", "kg", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the graph of the samples in ./graph."""
    place = tmp_path_factory.mktemp("verbs")
    done = run("build", files.samples(), "-o", place / "graph", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "5 documents of 5 files" in done.stderr
    return place


def test_every_verb_has_help_with_an_example() -> None:
    """Whoever asks for help sees how it is typed."""
    context = group.make_context("kg", [], resilient_parsing=True)
    for name in group.list_commands(context):
        verb = group.get_command(context, name)
        assert verb is not None
        assert f"kg {name}" in (verb.help or ""), name


@pytest.mark.parametrize("form", ["table", "json", "csv", "tsv", "ttl"])
@pytest.mark.parametrize(
    "words",
    [
        ("ask", "services-in-scope", "MARS-E 2.0"),
        ("query", "SELECT ?s WHERE { ?s a ckg:Offering } ORDER BY ?s"),
        ("stats",),
        ("sources",),
    ],
)
def test_every_answering_verb_answers_in_every_format(
    folder: Path, words: tuple[str, ...], form: str
) -> None:
    """The answer goes to stdout, and is what the format says."""
    done = run(*words, "--format", form, cwd=folder)

    assert done.returncode == 0, done.stderr
    assert done.stdout
    if form == "json":
        assert json.loads(done.stdout)
    if form == "csv":
        assert len(list(csv.reader(io.StringIO(done.stdout)))) > 1


def test_values_are_given_in_order_or_by_name(folder: Path) -> None:
    """Both ways ask the same."""
    one = run("ask", "is-in-scope", "Intune", "ISO 27001", "--format", "csv", cwd=folder)
    other = run("ask", "is-in-scope", "standard=ISO 27001", "service=Intune", "--format", "csv", cwd=folder)

    assert one.stdout == other.stdout
    assert "yes" in one.stdout


def test_show_leads_to_the_sentence(folder: Path) -> None:
    """What is said of a thing stands there with the words that say it, and the file and line."""
    done = run("show", "std:mars-e", cwd=folder)

    assert done.returncode == 0, done.stderr
    assert "based on" in done.stdout
    assert "parent framework" in done.stdout
    assert "offering-MARS-E.md" in done.stdout


def test_a_conforming_graph_ends_with_zero_and_a_violation_with_one(folder: Path, tmp_path: Path) -> None:
    """`kg check` is a yes or a no."""
    assert run("check", cwd=folder).returncode == 0
    bad = tmp_path / "bad.ttl"
    bad.write_text("<https://example.org/x> a <https://w3id.org/compliance-kg/ontology#Offering> .")
    assert run("check", bad).returncode == 1


def test_an_ask_query_that_answers_no_ends_with_one(folder: Path) -> None:
    """The shell can branch on the answer."""
    assert run("query", "ASK { std:mars-e-2.0 a ckg:CloudService }", cwd=folder).returncode == 1


@pytest.mark.parametrize(
    "words",
    [
        ("ask", "no-such-question"),
        ("ask", "services-in-scope", "no such standard at all"),
        ("query", "SELECT WHERE {"),
        ("query", "DROP ALL"),
        ("query", "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"),
        ("nonsense",),
        ("stats", "no/such/graph"),
        ("export", "graph", "-o", "x.unknown"),
        ("gap", "mars-e-2.2"),
        ("fetch", "no-such-source"),
    ],
)
def test_what_cannot_be_done_ends_with_two_and_a_reason(folder: Path, words: tuple[str, ...]) -> None:
    """No traceback, nothing on stdout, a message that begins with what it is."""
    done = run(*words, cwd=folder)

    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "rror" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_part_that_holds_nothing_is_said_to(folder: Path, tmp_path: Path) -> None:
    """The file is written, which standard was meant is told, and a script sees that there was nothing."""
    target = tmp_path / "part.ttl"
    named = ("--class", "Artifact", "--standard", "21-cfr-part-11")
    done = run("export", "graph", "-o", target, *named, cwd=folder)

    assert done.returncode == 1
    assert target.exists()
    assert "standard: FDA 21 CFR Part 11 (std:21-cfr-part-11)" in done.stderr
    assert "is empty" in done.stderr


def test_an_export_to_the_standard_output_is_the_file(folder: Path, tmp_path: Path) -> None:
    """Byte for byte, and without a suffix the format is asked for."""
    target = tmp_path / "standards.csv"
    run("export", "graph", "-o", target, "--table", "standards", cwd=folder)
    printed = run("export", "graph", "-o", "-", "--format", "csv", "--table", "standards", cwd=folder)
    unnamed = run("export", "graph", "-o", "-", cwd=folder)

    assert printed.stdout.encode() == target.read_bytes().replace(b"\r\n", b"\n")
    assert printed.stderr == ""
    assert (unnamed.returncode, unnamed.stdout) == (2, "")
    assert "--format csv" in unnamed.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("ask", "xyzzy"), "`kg ask` lists the questions"),
        (("query", "SELECT ?s { ?s foo:p ?o }"), "declare it (PREFIX foo: <…>)"),
        (("serve", "--port", "99999"), "kg serve --help"),
    ],
)
def test_an_error_says_what_to_do(folder: Path, words: tuple[str, ...], hint: str) -> None:
    """A hint, in its own line."""
    done = run(*words, cwd=folder)

    assert done.returncode == 2
    assert f"hint: {hint}" in done.stderr


@pytest.mark.parametrize("words", [("search", "xyzzyxyzzy"), ("query", "SELECT ?s { ?s a <urn:nope> }")])
def test_an_empty_answer_is_said_to_be_one(folder: Path, words: tuple[str, ...]) -> None:
    """People are told so; data stay data."""
    assert "nothing" in run(*words, cwd=folder).stderr
    assert "nothing" not in run(*words, "--format", "csv", cwd=folder).stdout


def test_a_verb_of_verbs_alone_shows_them() -> None:
    """As the program does without any verb."""
    done = run("network")

    assert done.returncode == 0
    assert "kg network hubs" in done.stdout


def test_nothing_readable_ends_with_two(tmp_path: Path) -> None:
    """A build of nothing leaves no graph."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.md").write_bytes(b"")
    done = run("build", tmp_path / "in", "-o", tmp_path / "graph")

    assert done.returncode == 2
    assert "empty" in done.stderr
    assert not (tmp_path / "graph" / "current").exists()


def test_issues_end_with_one_where_strictness_is_asked_for(tmp_path: Path) -> None:
    """And with zero, the rest built, where it is not."""
    source = tmp_path / "in"
    source.mkdir()
    (source / "good.md").write_text((files.samples() / "en-us" / "offering-MARS-E.md").read_text())
    (source / "bad.md").write_bytes(b"\xff\xfe\x00")

    assert run("build", source, "-o", tmp_path / "one").returncode == 0
    strict = run("build", source, "-o", tmp_path / "two", "--strict")
    assert strict.returncode == 1
    assert not (tmp_path / "two" / "current").exists()


@pytest.mark.parametrize("suffix", ["nq", "trig", "ttl", "nt", "jsonld"])
def test_exports_are_the_same_twice(folder: Path, tmp_path: Path, suffix: str) -> None:
    """The same graph gives the same bytes."""
    for name in ("one", "two"):
        assert run("export", "graph", "-o", tmp_path / f"{name}.{suffix}", cwd=folder).returncode == 0

    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_gap_answers_without_any_graph(tmp_path: Path) -> None:
    """A fresh clone knows the control lists of NIST, FedRAMP and MARS-E."""
    done = run("gap", "mars-e-2.2", "fedramp-r4-moderate", "--format", "csv", cwd=tmp_path)

    assert done.returncode == 1
    assert len(list(csv.DictReader(io.StringIO(done.stdout)))) == 62


def test_path_shows_each_step_with_its_sentence(folder: Path) -> None:
    """From MARS-E to FedRAMP, by what the pages say."""
    done = run("path", "MARS-E 2.0", "FedRAMP", "--format", "json", cwd=folder)
    steps = json.loads(done.stdout)

    assert done.returncode == 0
    assert any(step["sentence"] for step in steps)
    assert not any(str(step["relation"]).endswith("notDemonstratedBy") for step in steps)


def test_a_reader_that_has_enough_is_no_error(folder: Path) -> None:
    """`kg ask … | head -1` ends quietly."""
    command = f"{sys.executable} -m kg ask contents --format csv | head -1"
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False)

    assert done.stdout.startswith("what,")
    assert "Traceback" not in done.stderr
