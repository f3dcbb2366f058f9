"""The benchmark runs on any folder of pages."""

from __future__ import annotations

import pytest

from kg import bench, files
from kg.errors import KgError


@pytest.mark.slow
def test_it_gives_ratios_to_the_bare_engines():
    """Each row says what was measured, and beside what."""
    table = bench.run(files.samples(), rounds=1)
    rows = {row["what"]: row for row in table}

    assert table.header == ("what", "seconds", "ratio", "against")
    assert rows["full build"]["seconds"] > 0
    assert rows["after a change of one page"]["ratio"] > 0
    assert rows["loading, with the union"]["against"] == "bare bulk load"
    assert rows["export as N-Quads"]["ratio"] > 0
    assert sum(rows[name]["ratio"] for name in rows if name.startswith("full build: ")) == pytest.approx(
        1, abs=0.1
    )


def test_a_folder_without_pages_is_an_error(tmp_path):
    """There is nothing to compare."""
    with pytest.raises(KgError, match="no Markdown"):
        bench.run(tmp_path)
