"""The README does what it says: its commands and its Python are run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.serving import running

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kg (.+)$", README, re.MULTILINE)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's relative paths lead to the checkout."""
    place = tmp_path_factory.mktemp("readme")
    (place / "tests").symlink_to(CHECKOUT / "tests")
    return place


def test_every_command_in_the_readme_answers(folder: Path) -> None:
    """In the order they stand, each prints something and none fails."""
    assert COMMANDS
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "kg", *shlex.split(command)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, f"{command}: {done.stderr}"
        assert done.stdout or command.startswith("build"), command


def test_the_python_in_the_readme_runs(folder: Path) -> None:
    """The blocks print what was found."""
    for block in PYTHON:
        done = subprocess.run(
            [sys.executable, "-c", block], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Azure Government" in done.stdout or "things read" in done.stdout


def test_the_readme_shows_both_commands() -> None:
    """Whoever clones the project finds the two commands that set it up and test it."""
    assert "make demo" in README
    assert "make test" in README


def test_every_folder_the_readme_names_is_there() -> None:
    """The table of folders is no fiction."""
    named = [
        name
        for row in re.findall(r"^\| (`.+?) \|", README, re.MULTILINE)
        for name in re.findall(r"`([\w/.]+)`", row)
    ]
    assert "kg/graph.py" in named
    assert [name for name in named if not (CHECKOUT / name).exists()] == []


def test_the_server_of_the_readme_answers_the_request_of_the_readme(folder: Path, tmp_path: Path) -> None:
    """The two lines of the section, on a free port: an answer in the form asked for."""
    (serve,) = re.findall(r"^kg serve (\S+) --port (\d+)$", README, re.MULTILINE)
    (curl,) = re.findall(r"^curl (.+)$", README, re.MULTILINE)
    _, accept, url, _, query = shlex.split(curl)
    assert url == f"http://localhost:{serve[1]}/sparql"
    build = [sys.executable, "-m", "kg", "build", "tests/data/offerings", "-o", str(tmp_path / serve[0])]
    subprocess.run(build, cwd=folder, capture_output=True, check=True)
    with running(tmp_path / serve[0], tmp_path / "log") as server:
        reply = server.query(query.removeprefix("query="), accept.removeprefix("Accept: "))

    assert reply.body.startswith(b"offering\r\nhttps://")
