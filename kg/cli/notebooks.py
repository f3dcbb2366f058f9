"""The verb that brings the analyst notebooks, and opens them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from kg import files
from kg.cli.output import told
from kg.errors import KgError, NotFoundError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("kg-notebooks"))
@click.option(
    "--open/--no-open", "opens", default=True, help="Open them in Jupyter (the default), or only copy them."
)
@click.option("--overwrite", is_flag=True, help="Replace notebooks that are there and differ.")
def notebooks(folder: Path, *, opens: bool, overwrite: bool) -> None:
    """Copy the analyst notebooks to FOLDER (./kg-notebooks) and open them in Jupyter.

    They answer from the bundled samples; set CKG_GRAPH to the folder of a graph of yours to see them on that.
    What you changed is kept, unless you say --overwrite.

    \b
    Example:
      kg notebooks my-notebooks --no-open
    """  # noqa: D301
    if opens and find_spec("jupyterlab") is None:
        raise KgError(
            "Jupyter is not installed", "pip install 'compliance-kg[notebooks]', or kg notebooks --no-open"
        )
    for name in copied(folder, overwrite=overwrite):
        told(f"{folder / name} is there and differs: kept; --overwrite replaces it")
    told(f"the notebooks are in {folder}")
    if opens:
        subprocess.run([sys.executable, "-m", "jupyterlab", str(folder)], check=False)  # noqa: S603  (our own program)


def copied(folder: Path, *, overwrite: bool) -> list[str]:
    """Copy the notebooks and return the names of those that were kept, as they differ from ours."""
    sources = sorted(files.notebooks().glob("*.ipynb"))
    if not sources:
        raise NotFoundError(f"no notebooks came with this installation ({files.notebooks()} holds none)")
    kept = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in sources:
            target = folder / source.name
            if target.exists() and not overwrite and target.read_bytes() != source.read_bytes():
                kept.append(source.name)
            else:
                shutil.copyfile(source, target)
    except OSError as error:
        raise KgError(f"{error.filename or folder}: {error.strerror or error}") from error
    return kept
