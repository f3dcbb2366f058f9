"""The benchmark runs on any folder of pages."""

from __future__ import annotations

import pytest

from kg import bench, bench_serving, files, pipeline, publication
from kg.errors import KgError


@pytest.mark.slow
def test_it_gives_ratios_to_the_bare_engines():
    """Each row says what was measured, and beside what."""
    table = bench.run(files.samples(), rounds=1)
    rows = {row["what"]: row for row in table}

    assert table.header == ("what", "seconds", "ratio", "against")
    assert rows["full build"]["seconds"] > 0
    assert (
        rows["full build, first in its process"]["seconds"] == rows["full build"]["seconds"]
    )  # of one round
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


@pytest.mark.slow
def test_serving_is_measured_beside_the_bare_server(tmp_path):
    """Every figure of ours has its ratio to the same of the bare server over the same published graph, and the floor beside it."""
    place = tmp_path / "graph"
    pipeline.build([files.samples()], out=place, check=False)
    rows = {row["what"]: row for row in bench_serving.run(place, rounds=1)}

    assert len(rows) == 21
    for what, row in rows.items():
        assert row["seconds"] > 0
        if what.startswith("kg serve: "):
            assert row["against"] in rows
            assert row["ratio"] == pytest.approx(row["seconds"] / rows[row["against"]]["seconds"], rel=0.1)


def test_without_the_bare_server_it_says_what_to_install(tmp_path, monkeypatch):
    """There is nothing to compare with."""
    with publication.draft(tmp_path) as draft:
        draft.write([b"<https://example.org/a> <https://example.org/b> <https://example.org/c> .\n"])
        draft.publish({}, {})
    monkeypatch.setattr(bench_serving.shutil, "which", lambda *_, **__: None)

    with pytest.raises(KgError, match="no oxigraph server"):
        bench_serving.run(tmp_path)
