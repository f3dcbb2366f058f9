"""The graph of the samples, and of a page with what the samples do not show; built once for each test process."""

from __future__ import annotations

from functools import cache

from kg import pipeline
from kg.graph import Graph
from tests.conftest import CHECKOUT

PAGES = (CHECKOUT / "tests" / "data" / "offerings", CHECKOUT / "tests" / "data" / "questions")


@cache
def graph() -> Graph:
    """Return the graph; it is in memory."""
    return pipeline.build(PAGES, check=False).graph
