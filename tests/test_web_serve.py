"""The verb `kg serve`: what it says, and how it fails."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import pytest

from kg.errors import KgError
from kg.web.limits import Limits, size
from tests.conftest import CHECKOUT
from tests.serving import running


@pytest.fixture
def place(tmp_path):
    """A graph of one statement."""
    path = tmp_path / "one.nt"
    path.write_text("<https://example.org/a> <https://example.org/b> <https://example.org/c> .\n")
    return path


def failed(*arguments):
    """Run the verb where it must fail; return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "kg", "serve", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert not done.stdout
    return done.stderr


def test_it_says_what_it_serves_and_where(place, tmp_path):
    """Once it is ready to answer, with the port it took."""
    with running(place, tmp_path / "log") as server:
        assert server.statements == 1
        assert server.query("ASK { ?s ?p ?o }").json()["boolean"] is True
        assert server.said() == f"serving 1 statements at {server.url}\n"


def test_stopped_while_it_loads_it_ends_at_once(tmp_path):
    """With code 0, and no process stays behind."""
    place = tmp_path / "many.nt"
    place.write_text("".join(f"<http://a/{n}> <http://b> <http://c/{n}> .\n" for n in range(300_000)))
    command = [sys.executable, "-m", "kg", "serve", str(place), "--port", "0"]
    with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(1.5)
        process.terminate()
        _, said = process.communicate(timeout=20)

    assert process.returncode in {0, -15}  # the latter if it had not come to listen to signals yet
    assert "Traceback" not in said


def test_without_a_graph_it_says_how_to_make_one(tmp_path):
    """Exit code 2, with the command."""
    assert "kg build" in failed(str(tmp_path / "nothing"), "--port", "0")


def test_a_port_that_is_taken_is_told(place):
    """Before the graph is loaded."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = failed(str(place), "--port", str(taken.getsockname()[1]))

    assert "cannot be listened at" in said
    assert "--port 0" in said


@pytest.mark.parametrize(
    "arguments", [["--memory", "much"], ["--workers", "0"], ["--clock", "0"], ["--max-body", "-1"]]
)
def test_a_limit_that_is_none_is_refused(place, arguments):
    """With a message, never a traceback."""
    said = failed(str(place), "--port", "0", *arguments)

    assert said.startswith("error: ")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "text, expected", [("64kB", 64_000), ("2 GB", 2_000_000_000), ("1.5M", 1_500_000), ("10", 10)]
)
def test_sizes_are_written_for_people(text, expected):
    """Decimal units, in any case."""
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "GB", "-1", "1 TB", "1e9"])
def test_what_is_no_size_is_refused(text):
    """With an example of one."""
    with pytest.raises(KgError, match="is no size"):
        size(text)


def test_limits_are_on_by_default():
    """Nobody has to ask for them."""
    limits = Limits()

    assert (limits.clock, limits.memory, limits.max_body, limits.max_result) == (
        10,
        2 * 10**9,
        64_000,
        16_000_000,
    )
    assert (limits.max_depth, limits.max_tokens, limits.queue, limits.workers) == (100, 10_000, 64, 2)
