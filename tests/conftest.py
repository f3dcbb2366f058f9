"""Fixtures every test file may use: the shared data folders, where they are there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.serving import Server

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("CKG_SHARED", CHECKOUT.parent / "shared"))


def shared(name: str) -> Path:
    """Return a folder of the shared data, or skip the test that asks for it."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the folder shared/{name} is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The compliance-offering pages."""
    return shared("corpus")


@pytest.fixture(scope="session")
def catalogs() -> Path:
    """The control catalogs and crosswalks."""
    return shared("catalogs")


@pytest.fixture(scope="session")
def expected() -> Path:
    """The expectations made by hand."""
    return shared("expected")


@pytest.fixture(scope="session")
def suites() -> Path:
    """The W3C test suites."""
    return shared("suites")


@pytest.fixture(scope="session")
def sample_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over the graph of the bundled samples, with an access log beside its own."""
    from kg import files, pipeline
    from tests.serving import running

    folder = tmp_path_factory.mktemp("served")
    built = pipeline.build([files.samples()], check=False)
    built.graph.save(folder / "samples.nq")
    with running(folder / "samples.nq", folder / "log", "--access-log", str(folder / "access")) as started:
        yield started
