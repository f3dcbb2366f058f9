"""What one list of controls leaves open of another, on the reference dataset and on a small made-up graph."""

from __future__ import annotations

from collections import Counter

import pytest

from kg import controls, gap, pipeline
from kg.errors import NotFoundError, QueryError
from kg.gap import Status
from kg.graph import Graph

PREFIXES = """
@prefix ckg: <https://w3id.org/compliance-kg/ontology#> .
@prefix std: <https://w3id.org/compliance-kg/id/standard/> .
@prefix bl: <https://w3id.org/compliance-kg/id/baseline/> .
@prefix one: <https://w3id.org/compliance-kg/id/control/one/> .
@prefix two: <https://w3id.org/compliance-kg/id/control/two/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sssom: <https://w3id.org/sssom/> .
"""
LISTS = """
bl:wanted a ckg:Baseline ; skos:prefLabel "Wanted"@en ; skos:member one:aa-1, one:aa-1.1, one:aa-2, one:aa-3, one:aa-4, one:aa-5 .
bl:given a ckg:Baseline ; skos:prefLabel "Given"@en ; skos:member one:aa-1, two:x-1, two:x-2, two:x-3 .
one:aa-1.1 skos:broader one:aa-1 ; skos:notation "AA-1(1)" .
two:x-1 skos:narrowMatch one:aa-2 .
one:aa-3 skos:narrowMatch two:x-2 .
one:aa-4 skos:mappingRelation two:x-3 .
<https://example.org/claim> a ckg:ControlMapping ; owl:annotatedSource one:aa-5 ; owl:annotatedTarget two:x-3 ;
  owl:annotatedProperty skos:relatedMatch ; ckg:setRelation "no-relationship" .
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """A graph in which every status occurs once."""
    place = tmp_path_factory.mktemp("small") / "small.ttl"
    place.write_text(PREFIXES + LISTS)
    return Graph.open(place)


@pytest.fixture(scope="module")
def reference() -> Graph:
    """What a fresh clone answers from."""
    return pipeline.build([], check=False).graph


def statuses(graph: Graph, wanted: str, given: str) -> dict[str, str]:
    """Return the status of each control by its key."""
    rows = controls.compared(graph, wanted, given)
    return {row.control.rpartition("/")[2]: row.status.value for row in rows}


def test_every_status_follows_its_rule(small: Graph) -> None:
    """Held or contained: covered; narrower: partial; linked: unknown; denied or not named: missing."""
    assert statuses(small, "wanted", "given") == {
        "aa-1": "covered",
        "aa-1.1": "missing",
        "aa-2": "covered",
        "aa-3": "partial",
        "aa-4": "unknown",
        "aa-5": "missing",
    }


def test_a_covered_control_does_not_cover_its_enhancement(small: Graph) -> None:
    """The enhancement is asked for on its own."""
    found = statuses(small, "wanted", "given")

    assert (found["aa-1"], found["aa-1.1"]) == ("covered", "missing")


def test_what_is_unknown_is_never_counted_as_covered(small: Graph) -> None:
    """The share counts what is covered, nothing else."""
    *_, whole = gap.coverage(controls.compared(small, "wanted", "given"))

    assert (whole.total, whole.covered, whole.partial, whole.unknown, whole.missing) == (6, 2, 1, 1, 2)
    assert whole.share == pytest.approx(2 / 6)


def test_mars_e_minus_fedramp_moderate_is_fifty_nine_and_three(reference: Graph) -> None:
    """On a fresh clone: 59 NIST-style controls and three of CMS's own, all missing; the reverse is ten."""
    open_rows = [
        row
        for row in controls.compared(reference, "mars-e-2.2", "fedramp-r4-moderate")
        if row.status is not Status.COVERED
    ]
    own = [row for row in open_rows if "/mars-e-2.2/" in row.control]

    assert Counter(row.status for row in open_rows) == {Status.MISSING: 62}
    assert (len(open_rows) - len(own), len(own)) == (59, 3)
    reverse = controls.compared(reference, "fedramp-r4-moderate", "mars-e-2.2")
    assert sum(row.status is not Status.COVERED for row in reverse) == 10


def test_a_list_goes_by_many_names(reference: Graph) -> None:
    """The key, its words and its usual spellings lead to one list."""
    for name in (
        "fedramp-r4-moderate",
        "bl:fedramp-r4-moderate",
        "FedRAMP Rev. 4 Moderate",
        "FedRAMP r4 moderate baseline",
    ):
        assert controls.list_of(reference, name).endswith("/baseline/fedramp-r4-moderate"), name
    assert controls.list_of(reference, "MARS-E 2.2").endswith("/baseline/mars-e-2.2")
    assert controls.list_of(reference, "NIST SP 800-53 Rev. 5").endswith("/standard/nist-800-53-r5")


def test_a_name_that_leaves_the_edition_open_gets_the_choices(reference: Graph) -> None:
    """FedRAMP Moderate is a list in two editions: the error names both."""
    with pytest.raises(QueryError) as error:
        controls.list_of(reference, "FedRAMP Moderate")

    assert "fedramp-r4-moderate" in error.value.hint
    assert "fedramp-r5-moderate" in error.value.hint


def test_an_unknown_list_gets_the_nearest(reference: Graph) -> None:
    """A typing error is answered with the names there are."""
    with pytest.raises(NotFoundError) as error:
        controls.list_of(reference, "fedrmp-r4-modrate")

    assert error.value.nearest


def test_controls_i_have_count_in_any_spelling(reference: Graph) -> None:
    """`AC-02 (01)` and `ac-2.1` are the same control; what is not in the list is nobody's gap."""
    rows = controls.compared(reference, "fedramp-r4-low", None, ["AC-1", "ac-02", "AC 3", "ZZ-9"])
    held = {row.notation for row in rows if row.status is Status.COVERED}

    assert held == {"AC-1", "AC-2", "AC-3"}


def test_a_control_of_another_catalog_counts_by_what_it_is_mapped_to(small: Graph) -> None:
    """`two:x-1` contains `one:aa-2`, `two:x-2` lies within `one:aa-3`."""
    base = "https://w3id.org/compliance-kg/id/control/two/"
    rows = controls.compared(small, "wanted", None, ["aa-1", base + "x-1", base + "x-2", "?", "zz-9"])

    found = {row.control.rpartition("/")[2]: row.status for row in rows}
    assert (found["aa-1"], found["aa-2"], found["aa-3"]) == (Status.COVERED, Status.COVERED, Status.PARTIAL)
    assert found["aa-5"] is Status.MISSING
    assert controls.placed(small, "wanted", ["aa-1", "?", "zz-9"])[1] == ("zz-9",)


def test_identifiers_that_fit_nothing_are_an_error(reference: Graph) -> None:
    """A file of something else is not taken for an empty list."""
    with pytest.raises(QueryError):
        controls.compared(reference, "fedramp-r4-low", None, ["name", "Smith"])


def test_the_order_of_closing_puts_a_control_before_its_enhancements(reference: Graph) -> None:
    """What opens the way to most comes first."""
    rows = controls.compared(reference, "fedramp-r4-moderate", None, ["AC-1"])
    order = [row.notation for row, _ in gap.first_to_close(rows)]

    assert order.index("AC-2") < order.index("AC-2(1)")
    closes = [count for _, count in gap.first_to_close(rows)]
    assert closes == sorted(closes, reverse=True)


def test_changes_are_explained_when_asked_the_wrong_way_round(reference: Graph) -> None:
    """From r5 to r4 is no progress: the error says which way to ask."""
    with pytest.raises(QueryError) as error:
        controls.changes_table(reference, "nist-800-53-r5", "nist-800-53-r4")

    assert "nist-800-53-r4 to nist-800-53-r5" in error.value.hint


def test_changes_between_editions_take_the_revision_for_the_name(reference: Graph) -> None:
    """`r4` and `r5` are the revisions of the one catalog that has controls here, not programmes named after them."""
    in_full = controls.changes_table(reference, "nist-800-53-r4", "nist-800-53-r5")

    assert controls.changes_table(reference, "r4", "r5") == in_full
    with pytest.raises(QueryError, match="r5 is newer than r4"):
        controls.changes_table(reference, "r5", "r4")


def test_changes_from_r4_to_r5_are_those_of_the_catalogs(reference: Graph) -> None:
    """274 active controls of r5 have no namesake in r4; 87 of r4 are withdrawn (counted in the JSON catalogs)."""
    table = controls.changes_table(reference, "nist-800-53-r4", "nist-800-53-r5")
    kinds = {}
    for row in table:
        kinds.setdefault(row["change"], set()).add(row["control"])

    assert len(kinds["added"]) == 274
    assert len(kinds["withdrawn"]) == 87


def test_the_saved_questions_say_what_the_verbs_say(reference: Graph) -> None:
    """Missing controls, shares and what to close first: one judgement, asked in two ways."""
    lists = {"wanted": "MARS-E 2.2", "given": "FedRAMP r4 Moderate"}
    verb = reference.gap("mars-e-2.2", "fedramp-r4-moderate")
    asked = reference.ask("controls-missing", **lists)
    assert asked.select(*verb.header).rows == verb.rows
    assert len(asked) == 62
    assert all(asked.column("document"))

    shares = reference.coverage("mars-e-2.2", "fedramp-r4-moderate")
    assert reference.ask("coverage-by-family", **lists).select(*shares.header).rows == shares.rows

    to_do = controls.to_do_table(controls.compared(reference, "fedramp-r4-moderate", None, ["AC-1"]))
    closing = reference.ask("controls-to-close", wanted="FedRAMP r4 Moderate", have="nist-800-53-r4:ac-1")
    assert closing.select(*to_do.header).rows == to_do.rows


def test_what_is_left_after_inheriting_is_the_gap_and_the_duties(reference: Graph) -> None:
    """Without a page about either programme only controls are left, each with the file that wants it."""
    left = reference.ask("left-for-customer", wanted="MARS-E 2.2", inherited="FedRAMP r4 Moderate")

    assert set(left.column("kind")) == {"control"}
    assert len(left) == 62
    assert all(left.column("document"))


def test_a_list_has_each_control_once_and_its_family(reference: Graph) -> None:
    """A baseline's name means the baseline; those that belong to no family have none, rather than all."""
    listed = reference.ask("controls-in", list="MARS-E 2.2")

    assert len(listed) == 377
    assert len(set(listed.column("control"))) == 377
    families = dict(zip(listed.column("notation"), listed.column("family"), strict=True))
    assert (families["AC-2"], families["AC-2(1)"]) == ("AC", "AC")
    enhances = dict(zip(listed.column("notation"), listed.column("enhances"), strict=True))
    assert str(enhances["AC-2(1)"]).endswith("/ac-2")
    assert enhances["AC-2"] is None


def test_the_page_of_a_standard_tells_to_what_its_controls_are_mapped(reference: Graph) -> None:
    """Both editions of 800-53, each from its own side."""
    of_r5 = list(reference.describe("std:nist-800-53-r5").mappings)
    of_r4 = list(reference.describe("std:nist-800-53-r4").mappings)

    assert {row["otherLabel"] for row in of_r5} == {"NIST SP 800-53 Rev. 4"}
    assert {row["otherLabel"] for row in of_r4} == {"NIST SP 800-53 Rev. 5"}
    assert sum(int(str(row["mappings"])) for row in of_r5) == sum(int(str(row["mappings"])) for row in of_r4)
    assert [row["turned"] for row in of_r5] == [not row["turned"] for row in of_r4]
    assert all(row["document"] for row in of_r5)
    assert not reference.describe("std:mars-e").mappings
