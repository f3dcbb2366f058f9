"""Lists of controls as tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.sources import Input
from kg.sources.control_list import ControlList
from tests.catalog_files import DATA, codes, knowledge, read, read_file, said, short, typed

MARS_E = "mars-e/2.2/mars-e-2.2-controls.csv"
HEAD = "Control ID,Control Label,Control Title\n"


def test_mars_e_selects_377_controls_of_three_catalogs(catalogs: Path) -> None:
    found = read_file(catalogs, MARS_E)
    members = said(found, "baseline/mars-e-2.2", "skos:member")
    assert len(members) == len(set(members)) == 377
    assert {member.split("/")[1] for member in members} == {
        "nist-800-53-r4",
        "nist-800-53-r4-appendix-j",
        "mars-e-2.2",
    }
    assert {member for member in members if "/mars-e-2.2/" in member} == {
        f"control/mars-e-2.2/{key}" for key in ("mp-cms-1", "sc-aca-1", "sc-aca-2")
    }
    assert found.issues == ()


def test_the_label_counts_where_the_identifier_differs() -> None:
    """Identifiers in the list of MARS-E were derived, and two are wrong; labels are printed in the source."""
    found = read(HEAD + "AC-2 (3),AC-2 (4),Automated Audit Actions\n", "mars-e-2.2-controls.csv")
    assert said(found, "baseline/mars-e-2.2", "skos:member") == ["control/nist-800-53-r4/ac-2.4"]


def test_a_list_defines_only_what_no_catalog_does(catalogs: Path) -> None:
    """CMS's own controls and those of Appendix J have their titles here; NIST's have them in the catalog."""
    found = read_file(catalogs, MARS_E)
    assert {control.split("/")[1] for control in typed(found, "ckg:Control")} == {
        "nist-800-53-r4-appendix-j",
        "mars-e-2.2",
    }
    assert said(found, "control/mars-e-2.2/mp-cms-1", "skos:prefLabel")
    assert said(found, "control/mars-e-2.2/mp-cms-1", "skos:inScheme") == ["standard/mars-e-2.2"]
    assert said(found, "control/nist-800-53-r4/ac-2", "skos:prefLabel") == []


def test_the_list_says_edition_selection_licence_and_source(catalogs: Path) -> None:
    found = read_file(catalogs, MARS_E)
    assert said(found, "baseline/mars-e-2.2", "dcterms:isPartOf") == ["standard/mars-e-2.2"]
    assert said(found, "baseline/mars-e-2.2", "ckg:selectsFrom") == ["standard/nist-800-53-r4"]
    assert said(found, short(found.graph), "dcterms:license") == [
        "https://creativecommons.org/publicdomain/mark/1.0/"
    ]
    assert said(found, short(found.graph), "dcterms:source")


def test_rows_that_cannot_be_placed_and_duplicates_are_issues_with_their_line() -> None:
    rows = "x,AC-2,One\nx,nonsense,Two\nx,,\nx,AC-2,Again\nshort\n"
    found = read(HEAD + rows, "mars-e-2.2-controls.csv")
    assert [(issue.code, issue.line) for issue in found.issues] == [
        ("unknown-identifier", 3),
        ("duplicate-control", 5),
    ]
    assert said(found, predicate="skos:member") == ["control/nist-800-53-r4/ac-2"]


def test_every_row_is_evidence_with_its_line() -> None:
    found = read(HEAD + "x,AC-2,One\n", "mars-e-2.2-controls.csv")
    segment = f"{short(found.graph)}/segment/row-2"
    assert said(found, segment, "rdf:value") == ["AC-2 One"]
    assert said(found, segment, "ckg:line") == ["2"]


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_list_of_an_unknown_framework_is_a_baseline_of_its_own(separator: str) -> None:
    table = "\n".join(
        separator.join(row) for row in (("Control", "Title"), ("LK-01", "Trim"), ("LK-02", "Count"))
    )
    found = read(table, "harbour-watch.csv")
    assert said(found, "baseline/harbour-watch", "skos:member") == [
        f"control/harbour-watch/lk-0{n}" for n in (1, 2)
    ]
    assert "standard/harbour-watch-unversioned" in typed(found, "ckg:Edition")
    assert said(found, "standard/harbour-watch-unversioned", "dcterms:isVersionOf") == [
        "standard/harbour-watch"
    ]


def test_a_list_named_after_a_catalog_beside_it_selects_from_that() -> None:
    found = read("Control,Title\nLK-01,Trim\n", "lantern_catalog.csv", DATA)
    assert said(found, predicate="skos:member") == ["control/lantern-keepers-code-3.1/lk-01"]
    assert codes(found) == []


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"Control\nAC-2\n", b"# Control, title\n", b"\xff\xfe"])
def test_other_tables_are_not_claimed(data: bytes) -> None:
    assert not ControlList().accepts(Input("x.csv", data))


@pytest.mark.parametrize("rows", ["", "\n\n", "x,,\n", '"' + "x" * 200_000])
def test_a_list_that_names_no_control_is_refused(rows: str) -> None:
    with pytest.raises(SourceError):
        read(HEAD + rows, "mars-e-2.2-controls.csv")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_rows_are_read_or_refused(rows: str) -> None:
    item = Input("mars-e-2.2.csv", (HEAD + rows).encode())
    try:
        found = ControlList().extract(item, knowledge())
    except SourceError:
        return
    assert typed(found, "ckg:Baseline")
