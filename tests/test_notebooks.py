"""The analyst notebooks run from top to bottom without a network, and say what is committed in them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from kg import pipeline
from tests.conftest import CHECKOUT

FOLDER = CHECKOUT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# Whoever a notebook asks beyond this machine gets an error.
OFFLINE = """
import socket
_connect = socket.socket.connect
def _local(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise OSError(f"a notebook asked for {address}")
    return _connect(self, address)
socket.socket.connect = _local
"""


def executed(path: Path, where: Path, **environment: str) -> nbformat.NotebookNode:
    """Return a notebook as it is after a run in an empty folder."""
    startup = where / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-offline.py").write_text(OFFLINE)
    book = nbformat.read(path, as_version=4)
    settings = {
        "IPYTHONDIR": str(where / "ipython"),
        "PYTHONPATH": str(CHECKOUT),
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    client = NotebookClient(book, timeout=600, resources={"metadata": {"path": str(where)}})
    client.execute(env={**os.environ, **settings, **environment})
    return book


def said(book: nbformat.NotebookNode) -> list[str]:
    """Return the texts a notebook shows, in their order; pictures apart, which differ with the fonts of a machine."""
    texts = []
    for cell in book.cells:
        printed: list[str] = []
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":  # which comes in one piece or in several, as it happens
                printed.append(output.text)
            else:
                data = output.get("data", {})
                texts += [data[kind] for kind in ("text/plain", "text/html") if kind in data]
        texts.append("".join(printed))
    # Where an object lies in memory, and how it is told apart in a page.
    return [re.sub(r"0x[0-9a-f]{8,}", "0x", text) for text in texts]


def test_there_are_six_notebooks() -> None:
    """One story each."""
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_is_committed(path: Path, tmp_path: Path) -> None:
    """On the bundled samples; `make notebooks` writes the outputs anew."""
    committed = nbformat.read(path, as_version=4)
    assert all(cell.get("execution_count") for cell in committed.cells if cell.cell_type == "code")

    assert said(executed(path, tmp_path)) == said(committed)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_tells_a_story(path: Path) -> None:
    """Title first, a conclusion at the end, and words before what they are about."""
    cells = nbformat.read(path, as_version=4).cells

    assert cells[0].cell_type == cells[-1].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert cells[-1].source.startswith("## Conclusion")
    assert sum(cell.cell_type == "markdown" for cell in cells) >= 5


@pytest.fixture(scope="module")
def whole(corpus: Path, catalogs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of the whole corpus and the catalogs."""
    place = tmp_path_factory.mktemp("whole") / "graph"
    pipeline.build([corpus, catalogs], out=place, check=False)
    return place


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_whole_corpus(path: Path, whole: Path, tmp_path: Path) -> None:
    """Every cell, with more rows."""
    book = executed(path, tmp_path, CKG_GRAPH=str(whole))

    assert not [
        output for cell in book.cells for output in cell.get("outputs", ()) if output.output_type == "error"
    ]
