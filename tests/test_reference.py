"""The reference dataset: what regeneration gives, byte for byte, and no more than facts."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import files, reference
from kg.errors import KgError
from kg.terms import BASE, term
from tests.catalog_files import knowledge

FOLDER = files.ontology() / "reference"
MEMBER, WITHDRAWN, TYPE = (term(name)[1:-1] for name in ("skos:member", "ckg:withdrawn", "rdf:type"))


def quads(name: str) -> list[ox.Quad]:
    """Return what one file of the dataset says."""
    return list(ox.parse(path=str(FOLDER / f"{name}.trig")))


def named() -> list[str]:
    """Return the names of the files, as the list of sources has them."""
    with (FOLDER / "sources.tsv").open(encoding="utf-8", newline="") as table:
        return [row["name"] for row in csv.DictReader(table, delimiter="\t")]


def test_every_file_has_a_source_and_no_other_is_there() -> None:
    assert sorted(f"{name}.trig" for name in named()) == sorted(path.name for path in FOLDER.glob("*.trig"))


@pytest.mark.slow
def test_regeneration_gives_the_same_bytes(catalogs: Path, tmp_path: Path) -> None:
    (tmp_path / "sources.tsv").write_bytes((FOLDER / "sources.tsv").read_bytes())
    written = reference.write(catalogs, tmp_path, knowledge())
    assert sorted(path.name for path in written) == sorted(path.name for path in FOLDER.glob("*.trig"))
    assert [path.name for path in written if path.read_bytes() != (FOLDER / path.name).read_bytes()] == []


def test_a_folder_without_the_sources_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sources.tsv").write_bytes((FOLDER / "sources.tsv").read_bytes())
    with pytest.raises(KgError):
        reference.write(tmp_path, tmp_path, knowledge())


@pytest.mark.parametrize("name", named())
def test_each_graph_says_licence_source_date_and_how_it_is_made(name: str) -> None:
    text = (FOLDER / f"{name}.trig").read_text()
    assert "kg reference CATALOGS" in text.partition("@prefix")[0]
    graphs = {quad.graph_name for quad in quads(name)}
    assert len(graphs) == 1
    (graph,) = graphs
    said = {quad.predicate.value for quad in quads(name) if quad.subject == graph}
    assert {
        term(each)[1:-1] for each in ("dcterms:license", "dcterms:source", "ckg:sha256", "ckg:path")
    } <= said


@pytest.mark.parametrize("name", named())
def test_texts_of_controls_stay_in_the_catalogs(name: str) -> None:
    left_out = {
        term(each)[1:-1] for each in ("ckg:statement", "ckg:guidance", "skos:related", "dcterms:references")
    }
    assert not {quad.predicate.value for quad in quads(name)} & left_out
    longest = max(len(quad.object.value) for quad in quads(name) if isinstance(quad.object, ox.Literal))
    assert longest < 200


@pytest.mark.parametrize(
    ("name", "active", "withdrawn"), [("nist-800-53-r4", 826, 96), ("nist-800-53-r5", 1014, 182)]
)
def test_catalogs_hold_as_many_controls_as_published(name: str, active: int, withdrawn: int) -> None:
    control = term("ckg:Control")[1:-1]
    types = {
        q.subject for q in quads(name) if q.predicate.value == TYPE and q.object == ox.NamedNode(control)
    }
    gone = {quad.subject for quad in quads(name) if quad.predicate.value == WITHDRAWN}
    assert (len(types - gone), len(types & gone)) == (active, withdrawn)


def test_baselines_hold_as_many_members_as_published() -> None:
    members: defaultdict[str, set[str]] = defaultdict(set)
    for name in named():
        for quad in quads(name):
            if quad.predicate.value == MEMBER:
                members[quad.subject.value.removeprefix(f"{BASE}baseline/")].add(quad.object.value)
    assert {key: len(found) for key, found in sorted(members.items())} == {
        "fedramp-r4-high": 421,
        "fedramp-r4-li-saas": 126,
        "fedramp-r4-low": 125,
        "fedramp-r4-moderate": 325,
        "fedramp-r5-high": 410,
        "fedramp-r5-li-saas": 156,
        "fedramp-r5-low": 156,
        "fedramp-r5-moderate": 323,
        "mars-e-2.2": 377,
        "nist-800-53-r4-high": 343,
        "nist-800-53-r4-low": 124,
        "nist-800-53-r4-moderate": 261,
        "nist-800-53-r5-high": 370,
        "nist-800-53-r5-low": 149,
        "nist-800-53-r5-moderate": 287,
        "nist-800-53-r5-privacy": 96,
    }
    assert len(members["mars-e-2.2"] - members["fedramp-r4-moderate"]) == 62
    assert len(members["fedramp-r4-moderate"] - members["mars-e-2.2"]) == 10


def test_nothing_of_iso_is_in_the_dataset() -> None:
    assert not [name for name in named() if "/control/iso-" in (FOLDER / f"{name}.trig").read_text()]
