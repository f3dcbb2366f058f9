"""All sources of controls in one build: what nobody has seen loads, what is no source is told, nothing is violated."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kg import pipeline
from kg.sources import Input
from kg.sources.recognition import SOURCES, recognise
from tests.catalog_files import DATA


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Build:
    """Return a build of frameworks that no registry holds."""
    return pipeline.build([DATA], out=tmp_path_factory.mktemp("graph") / "unseen", workers=1)


def test_frameworks_nobody_knows_conform_to_the_shapes(unseen: pipeline.Build) -> None:
    assert unseen.report.validation
    assert [finding for finding in unseen.report.validation.findings if finding.severity == "Violation"] == []
    assert unseen.report.validation.conforms
    assert unseen.report.documents == len(list(DATA.iterdir()))


def test_catalog_profile_crosswalk_and_checks_meet_in_its_controls(unseen: pipeline.Build) -> None:
    """Each file names the catalog in its own way; all that they say of LK-01 is said of one control."""
    rows = unseen.graph.query(
        """SELECT ?control ?baseline ?check ?other WHERE {
             ?control a ckg:Control ; dcterms:identifier "lk-01" .
             ?baseline skos:member ?control .
             ?check ckg:assesses ?control .
             ?claim a ckg:ControlMapping ; owl:annotatedSource ?control ; owl:annotatedTarget ?other }"""
    )
    assert len(rows) == 3, "one baseline, one check, and mappings to H.1, H.2 and T1"


@pytest.mark.slow
def test_every_file_of_the_folder_is_read_or_told(catalogs: Path, tmp_path: Path) -> None:
    build = pipeline.build([catalogs], out=tmp_path / "graph")
    assert build.report.validation
    assert build.report.validation.conforms
    unread = [issue for issue in build.report.issues if issue.code == "unrecognised"]
    assert Counter(issue.path for issue in unread).most_common(1)[0][1] == 1
    assert build.report.files == sum(build.report.sources.values()) + len(unread)
    assert "fault" not in build.report.codes
    assert {Path(issue.path).suffix for issue in unread} <= {".tsv", ".ttl", ".xlsx", ".json", ".jsonld"}


@pytest.mark.parametrize("path", sorted(path.name for path in DATA.iterdir()))
def test_one_source_and_no_other_accepts_a_file(path: str) -> None:
    item = Input(path, (DATA / path).read_bytes())
    accepting = [source.name for source in SOURCES if source.accepts(item)]
    assert accepting
    found = recognise(item)
    assert found
    assert accepting[0] == found.name
    assert len(accepting) == 1
