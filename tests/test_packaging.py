"""The wheel, installed alone in an empty environment, does the demo."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

pytestmark = pytest.mark.packaging


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command and return what it wrote to stdout; the test fails with its stderr if it failed."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, ".", cwd=CHECKOUT)
    return next(target.glob("*.whl"))


def test_the_wheel_carries_ontology_shapes_queries_and_samples(wheel: Path) -> None:
    """Everything the program reads at run time is inside."""
    names = zipfile.ZipFile(wheel).namelist()

    for wanted in ("kg/_assets/ontology/kg.ttl", "kg/_assets/shapes/", "kg/queries/", "kg/_assets/samples/"):
        assert any(name.startswith(wanted) for name in names), wanted
    assert not [name for name in names if name.startswith(("tests/", "notebooks/"))]


def test_what_the_container_copies_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """The container file names the sources one by one: none that the wheel is made of is left out."""
    text = (CHECKOUT / "kg/web/deploy/Containerfile").read_text()
    for sources, target in re.findall(r"^COPY (?!--from)(.*) (\S+)$", text, re.MULTILINE):
        for source in sources.split():
            there = tmp_path / "source" / (source if target == "./" else target)
            there.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (CHECKOUT / source).is_dir() else shutil.copy
            copy(CHECKOUT / source, there)

    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        tmp_path,
        "source",
        cwd=tmp_path,
    )

    made = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    assert sorted(made.namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_runs_the_demo_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """Only what the wheel declares is installed, and `kg demo` answers with a sentence."""
    home = tmp_path / "env"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    # The locked versions, and of those only what the wheel itself declares.
    pins = re.findall(
        r"^(\S+==\S+(?: ;[^\\\n]*)?)", (CHECKOUT / "requirements.lock").read_text(), re.MULTILINE
    )
    (tmp_path / "constraints.txt").write_text("\n".join(pins))
    run(python, "-m", "pip", "install", "-q", "-c", "constraints.txt", wheel, cwd=tmp_path)

    shown = run(home / "bin" / "kg", "demo", tmp_path / "demo", cwd=tmp_path)

    assert "MARS-E" in shown
    assert "Azure Government" in shown
