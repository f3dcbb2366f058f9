"""The house rules that no linter knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kg import bench_serving
from tests.conftest import CHECKOUT

MODULES = sorted((CHECKOUT / "kg").rglob("*.py"))


def test_no_module_is_longer_than_five_hundred_lines() -> None:
    """A module that grows beyond that is two modules."""
    long = {path.name: count for path in MODULES if (count := len(path.read_text().splitlines())) > 500}
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    """`util` and its like are where code goes that nobody has thought about."""
    empty = re.compile(r"^(utils?|helpers?|common|misc|base|managers?)$")
    assert [path.name for path in MODULES if empty.match(path.stem)] == []


def test_the_imports_point_down_the_pipeline() -> None:
    """Every contract in pyproject.toml is kept."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_nothing_but_fetching_and_the_door_to_servers_can_reach_a_network() -> None:
    """No other module imports what opens connections, but the benchmark of servers that it starts itself."""
    allowed = {"fetching.py", "transport.py", "endpoint.py", "bench_serving.py"}
    opens = re.compile(
        r"^\s*(?:import|from)\s+(urllib\.request|http\.client|socket|requests|httpx|SPARQLWrapper)\b",
        re.MULTILINE,
    )
    found = {path.name for path in MODULES if opens.search(path.read_text()) and "web" not in path.parts}
    assert found <= allowed


def test_the_benchmark_of_servers_talks_to_this_machine_only() -> None:
    """Every address that it uses is a loopback one, and it refuses others."""
    with pytest.raises(AssertionError):
        bench_serving._Client("http://192.0.2.1:80/sparql")


def test_every_module_says_what_it_is() -> None:
    """The first line is a docstring."""
    assert [str(path) for path in MODULES if not path.read_text().lstrip().startswith(('"""', 'r"""'))] == []
