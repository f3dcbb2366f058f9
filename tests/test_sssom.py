"""Mapping sets, read by the library of those who specify SSSOM, in an environment of its own."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

import pytest

import kg
from tests.conftest import CHECKOUT

pytestmark = pytest.mark.sssom

PYTHON = CHECKOUT / ".venv-sssom" / "bin" / "python"


def exported(graph: Path, target: Path) -> dict:
    """Return what the library finds in the mappings of a graph."""
    kg.load(graph).save(target)
    command = [PYTHON, CHECKOUT / "tests" / "read_sssom.py", target]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_mappings_of_the_samples_are_those_that_were_written(tmp_path: Path) -> None:
    """Valid by every check there is, row for row the same, and the same once more after the library wrote them."""
    kg.build([CHECKOUT / "tests" / "data" / "offerings"], out=tmp_path / "graph")
    target = tmp_path / "x.sssom.tsv"
    found = exported(tmp_path / "graph", target)

    lines = [line for line in target.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    written = list(csv.DictReader(lines, delimiter="\t"))
    assert len(written) > 700
    names = ("subject_id", "predicate_id", "object_id", "mapping_justification")
    assert sorted(map(tuple, (row.values() for row in found["rows"]))) == sorted(
        tuple(row[name] for name in names) for row in written
    )
    assert found["faults"] == []
    assert found["same"]
    assert found["metadata"]["license"].startswith("https://")


def test_a_file_without_mappings_is_read_as_none(tmp_path: Path) -> None:
    """The header alone is a mapping set."""
    (tmp_path / "empty.nq").write_text("")
    assert exported(tmp_path / "empty.nq", tmp_path / "empty.sssom.tsv")["rows"] == []
