"""Run the notebooks on the bundled samples and keep what they show: `make notebooks`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat

from tests.test_notebooks import NOTEBOOKS, executed


def main() -> None:
    """Write each notebook with its outputs, without what differs from run to run."""
    for path in NOTEBOOKS:
        with tempfile.TemporaryDirectory() as folder:
            book = executed(path, Path(folder))
        for cell in book.cells:
            cell.metadata.pop("execution", None)
        nbformat.write(book, path)
        print(path.name)  # noqa: T201  (a command)


if __name__ == "__main__":
    main()
