"""Identifiers of controls: every spelling of one control is one control."""

from __future__ import annotations

import pytest

from kg.concepts.controls import plain_key
from tests.catalog_files import knowledge

R4, R5 = "nist-800-53-r4", "nist-800-53-r5"


def placed(text: str, catalog: str) -> tuple[str, str, str] | None:
    """Return where an identifier leads: catalog, key, part."""
    framework = knowledge().controls.known(catalog)
    assert framework
    name = knowledge().controls.name(text, framework)
    return (name.catalog, name.key, name.part) if name else None


@pytest.mark.parametrize(
    "spelling",
    [
        "ac-2.1",
        "AC-2(1)",
        "AC-2 (1)",
        "AC-02(01)",
        "ac-2-1",
        "ac_2_1",
        "ac-02.01",
        "NIST_SP_800-53_R5_AC-2(1)",
        "NIST_SP_800-53_R5.1.1_AC.2.1",
        "NIST_SP_800-53_R5_AC-2_1",
        "FedRAMP_High_R4_AC-2(1)",
        " AC-2(1) ",
    ],
)
@pytest.mark.parametrize("catalog", [R4, R5])
def test_every_spelling_is_one_control(spelling: str, catalog: str) -> None:
    assert placed(spelling, catalog) == (catalog, "ac-2.1", "")


@pytest.mark.parametrize(
    "spelling", ["ac-2", "AC-2", "AC-02", "ac_2", "..._R5.1.1_AC.2", "NIST_SP_800-53_R5_AC-2"]
)
def test_a_control_is_not_its_enhancement(spelling: str) -> None:
    assert placed(spelling, R5) == (R5, "ac-2", "")


@pytest.mark.parametrize(
    ("spelling", "key", "part"),
    [
        ("ac-2-12-a", "ac-2.12", "a"),
        ("ac_2_d_1", "ac-2", "d.1"),
        ("AC-1.a", "ac-1", "a"),
        ("AC-2.f.1(ii)", "ac-2", "f.1.ii"),
        ("AC-17-IS.1", "ac-17", "is.1"),
        ("AC-6(1)-IS.1", "ac-6.1", "is.1"),
    ],
)
def test_parts_of_a_control_are_told_from_it(spelling: str, key: str, part: str) -> None:
    assert placed(spelling, R4) == (R4, key, part)


def test_two_editions_have_two_controls() -> None:
    controls = knowledge().controls
    r4, r5 = controls.known(R4), controls.known(R5)
    assert r4
    assert r5
    one, other = controls.name("AC-2", r4), controls.name("AC-2", r5)
    assert one
    assert other
    assert one.iri != other.iri


@pytest.mark.parametrize("catalog", [R4, "mars-e-2.2", "mars-e-2.0"])
def test_privacy_families_of_revision_4_are_in_appendix_j(catalog: str) -> None:
    assert placed("AR-1", catalog) == ("nist-800-53-r4-appendix-j", "ar-1", "")
    assert placed("SE-2", catalog) == ("nist-800-53-r4-appendix-j", "se-2", "")


def test_revision_5_has_no_appendix_j() -> None:
    assert placed("AR-1", R5) is None


def test_a_list_that_selects_leads_to_the_controls_it_selects() -> None:
    assert placed("AC-2 (7)", "mars-e-2.2") == (R4, "ac-2.7", "")


@pytest.mark.parametrize(
    ("spelling", "key", "part"),
    [("MP-CMS-1", "mp-cms-1", ""), ("SC-ACA-2", "sc-aca-2", ""), ("MP-CMS-1-IS.1.a", "mp-cms-1", "is.1.a")],
)
def test_controls_of_cms_own_are_theirs(spelling: str, key: str, part: str) -> None:
    assert placed(spelling, "mars-e-2.2") == ("mars-e-2.2", key, part)


@pytest.mark.parametrize(
    ("spelling", "key", "part"),
    [
        ("A.5.16", "a.5.16", ""),
        ("a.5.16", "a.5.16", ""),
        ("ISO27001-2013_A.9.2.1", "a.9.2.1", ""),
        ("6.1.1(e)", "6.1.1", "e"),
    ],
)
def test_clauses_and_annex_controls(spelling: str, key: str, part: str) -> None:
    assert placed(spelling, "iso-27001-2013") == ("iso-27001-2013", key, part)


@pytest.mark.parametrize("text", ["", "AC", "AC-", "account management", "IP-(1)", "AC-2" * 100])
def test_what_is_no_identifier_is_placed_nowhere(text: str) -> None:
    assert placed(text, R4) is None


def test_keys_are_written_as_people_write_them() -> None:
    framework = knowledge().controls.known(R5)
    assert framework
    assert [knowledge().controls.notation(key, framework) for key in ("ac-2", "ac-2.1")] == [
        "AC-2",
        "AC-2(1)",
    ]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("NIST Special Publication 800-53 Revision 4", R4),
        (
            "Electronic Version of NIST SP 800-53 Rev 5.1.1 Controls and SP 800-53A Rev 5.1.1 Assessment Procedures",
            R5,
        ),
        ("NIST_SP-800-53_rev4_catalog.json", R4),
        ("urn:intuitem:risk:framework:iso27001-2022", "iso-27001-2022"),
        ("general-nist-800-53-r5-2", R5),
        ("usa-federal-cms-marse-2-0", "mars-e-2.0"),
        ("https://example.org/content/NIST_SP-800-53_rev5_catalog.xml", R5),
    ],
)
def test_files_call_frameworks_by_many_names(name: str, key: str) -> None:
    found = knowledge().controls.framework(name)
    assert found
    assert found.key == key


@pytest.mark.parametrize(
    "title",
    [
        "Harbour Controls, based on NIST SP 800-53 Rev. 5",
        "Harbour Overlay for NIST SP 800-53 Rev 5",
        "Ferry controls mapped to ISO/IEC 27001:2022",
        "Pier Catalog (derived from NIST Special Publication 800-53 Revision 4)",
    ],
)
def test_a_title_that_leans_on_a_framework_is_not_its_name(title: str) -> None:
    assert knowledge().controls.framework(title) is None


def test_a_name_nothing_knows_leads_to_no_framework() -> None:
    assert knowledge().controls.framework("Lantern Keepers Code") is None


@pytest.mark.parametrize(
    ("title", "version", "key", "edition", "work"),
    [
        (
            "Lantern Keepers Code",
            "3.1",
            "lantern-keepers-code-3.1",
            "lantern-keepers-code-3.1",
            "lantern-keepers-code",
        ),
        (
            "Lantern Keepers Code 3.1",
            "3.1",
            "lantern-keepers-code-3.1",
            "lantern-keepers-code-3.1",
            "lantern-keepers-code",
        ),
        (
            "Lantern Keepers Code",
            "",
            "lantern-keepers-code",
            "lantern-keepers-code-unversioned",
            "lantern-keepers-code",
        ),
        ("Lanterns 2025", "2", "lanterns-2025-2", "lanterns-2025-2", "lanterns-2025"),
    ],
)
def test_an_unknown_framework_is_named_after_title_and_version(
    title: str, version: str, key: str, edition: str, work: str
) -> None:
    made = knowledge().controls.unknown(title, version)
    assert made.work
    ends = [iri[1:-1].rpartition("/")[2] for iri in (made.edition, made.work)]
    assert [made.key, *ends] == [key, edition, work]
    assert not made.registered


@pytest.mark.parametrize(
    ("text", "key"), [("LK-01 (2)", "lk-01.2"), ("H.1", "h.1"), ("Art. 5 (2)", "art.5.2"), ("(...)", "")]
)
def test_identifiers_of_unknown_grammar_keep_what_tells_them_apart(text: str, key: str) -> None:
    assert plain_key(text) == key


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("FedRAMP Rev 4 Moderate Baseline", "moderate"),
        ("FedRAMP Rev 4 Tailored Low Impact Software as a Service (LI-SaaS) Baseline", "li-saas"),
        ("NIST Special Publication 800-53 Revision 5.1.1 LOW IMPACT BASELINE", "low"),
        ("Revision 5 PRIVACY BASELINE", "privacy"),
    ],
)
def test_a_title_tells_the_level_of_a_baseline(title: str, level: str) -> None:
    found = knowledge().controls.level(title)
    assert found
    assert found.key == level
