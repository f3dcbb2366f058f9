"""The verbs that look at a graph as a network, and the pictures verbs draw."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner

from kg import network
from kg.cli import kg as command
from kg.cli.networking import network as group
from tests import golden


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The graph of the samples as a file."""
    place = tmp_path_factory.mktemp("graph") / "graph.nq"
    golden.graph().save(place)
    return str(place)


def run(*arguments: str):
    """A command line's result."""
    return CliRunner().invoke(command, arguments, standalone_mode=False)


def test_each_analysis_is_a_verb_with_an_example():
    """By the same name; nobody has to look for it in the library."""
    assert set(group.commands) == set(network.ANALYSES)
    for name, verb in group.commands.items():
        assert f"kg network {name}" in (verb.help or ""), name


@pytest.mark.parametrize(
    "arguments",
    [
        ("hubs", "--by", "in"),
        ("communities",),
        ("similar", "--least", "0.1"),
        ("cover",),
        ("cover", "Intune", "--services"),
        ("loss",),
        ("loss", "mars-e"),
        ("paths", "MARS-E 2.0", "FedRAMP"),
        ("scope", "MARS-E"),
        ("editions", "ISO 27001"),
        ("relations", "MARS-E"),
    ],
    ids=" ".join,
)
def test_a_verb_answers_as_the_library_does_and_draws_it(arguments, sample, tmp_path):
    """Rows of CSV on stdout, and a picture where one is asked for."""
    picture = tmp_path / "p.svg"
    done = run("network", *arguments, "-g", sample, "--format", "csv", "--plot", str(picture))

    assert done.exception is None
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1
    assert picture.read_bytes().startswith(b"<?xml")
    assert "drawn to" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("coverage", "mars-e-2.2", "fedramp-r4-moderate"),
        ("gap", "mars-e-2.2", "nist-800-53-r5"),
        ("network", "cover", "mars-e-2.2"),
    ],
    ids=" ".join,
)
def test_verbs_about_controls_draw_the_reference_dataset(arguments, tmp_path, monkeypatch):
    """Where there is no graph."""
    monkeypatch.chdir(tmp_path)
    done = run(*arguments, "--format", "csv", "--plot", "p.svg")

    assert done.exception is None
    assert (tmp_path / "p.svg").stat().st_size > 5000


def test_a_question_is_drawn(sample, tmp_path):
    """The matrix of services and standards, as it is printed."""
    done = run("ask", "scope-matrix", "-g", sample, "--plot", str(tmp_path / "p.svg"))

    assert done.exception is None
    assert b"Azure Government" in (tmp_path / "p.svg").read_bytes()


def test_another_kind_of_file_is_refused_before_any_work(tmp_path):
    """The error names those there are; there is not even a graph."""
    done = run("network", "hubs", "-g", str(tmp_path / "none"), "--plot", "p.gif")

    assert ".svg" in str(done.exception)


def test_nothing_found_is_no(tmp_path):
    """The exit code is 1, and the picture says so."""
    empty = tmp_path / "empty.nq"
    empty.write_text("", encoding="utf-8")

    done = run("network", "hubs", "-g", str(empty), "--plot", str(tmp_path / "p.svg"))

    assert done.return_value == 1
    assert b"nothing to draw" in (tmp_path / "p.svg").read_bytes()
