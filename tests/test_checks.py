"""Technical checks: policy definitions, initiatives, and scanners' compliance files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.sources import Extraction, Input
from kg.sources.checks.azure_policy import AzurePolicy
from kg.sources.checks.scanner import Scanner
from kg.terms import term
from tests.catalog_files import DATA, claims, codes, knowledge, read, read_file, said, short, typed

INITIATIVES = "azure-policy/policySetDefinitions/Regulatory Compliance"
GOVERNMENT = "azure-policy/policySetDefinitions/Azure Government/Regulatory Compliance"


def definition(
    guid: str = "g-1", effect: str = "[parameters('effect')]", **properties: Any
) -> dict[str, Any]:
    """Return a policy definition."""
    return {
        "properties": {
            "displayName": "Lamps should burn",
            "policyType": "BuiltIn",
            "metadata": {"version": "1.0.0", "category": "Key Vault"},
            "parameters": {"effect": {"type": "String", "defaultValue": "AuditIfNotExists"}},
            "policyRule": {"if": {}, "then": {"effect": effect}},
            **properties,
        },
        "name": guid,
    }


def mapped(found: Extraction) -> set[tuple[str, str]]:
    """Return check and control of each claim, without what their names share."""
    return {
        (each["owl:annotatedSource"].rpartition("/")[2], each["owl:annotatedTarget"].removeprefix("control/"))
        for each in claims(found, "ckg:CheckMapping")
    }


# Definitions ---------------------------------------------------------------------------------------------------


def test_a_definition_is_a_check_on_a_service() -> None:
    found = read(definition())
    check = "check/azure-policy/g-1"
    assert typed(found, "ckg:Check") == {check}
    assert said(found, check, "rdfs:label") == ["Lamps should burn"]
    assert said(found, check, "dcterms:identifier") == ["g-1"]
    assert said(found, check, "ckg:checkedService") == ["service/azure-key-vault"]
    assert said(found, check, "pav:version") == ["1.0.0"]
    assert said(found, short(found.graph), "dcterms:source") == ["https://github.com/Azure/azure-policy"]


@pytest.mark.parametrize(
    ("stated", "effect"),
    [
        ("deny", ["deny"]),
        ("Audit", ["audit"]),
        ("auditIfNotExists", ["auditifnotexists"]),
        ("[parameters('effect')]", ["auditifnotexists"]),
        ("[parameters('missing')]", []),
    ],
)
def test_effects_are_told_in_one_spelling(stated: str, effect: list[str]) -> None:
    """Effects come in two cases, or as a parameter whose default counts."""
    assert said(read(definition(effect=stated)), predicate="ckg:checkEffect") == effect


@pytest.mark.parametrize("category", ["Regulatory Compliance", "General", "Moonlight"])
def test_a_category_that_is_no_service_checks_none(category: str) -> None:
    found = read(definition(metadata={"category": category}))
    assert said(found, predicate="ckg:checkedService") == []
    assert said(found, predicate="ckg:checkCategory") == [category]


@pytest.mark.slow
def test_definitions_in_the_folder(catalogs: Path) -> None:
    """551 of the definitions are manual and check no service; the same identifier stands in two clouds 65 times."""
    checks: Counter[str] = Counter()
    effects: Counter[str] = Counter()
    for file in sorted((catalogs / "azure-policy/policyDefinitions").rglob("*.json")):
        found = read(file.read_bytes(), file.name)
        (check,) = typed(found, "ckg:Check")
        checks[check] += 1
        effects.update(said(found, predicate="ckg:checkEffect"))
        if said(found, predicate="ckg:checkCategory") == ["Regulatory Compliance"]:
            assert said(found, predicate="ckg:checkEffect") == ["manual"]
            assert said(found, predicate="ckg:checkedService") == []
    assert (sum(checks.values()), len(checks)) == (969, 904)
    assert sum(count > 1 for count in checks.values()) == 65
    assert effects["manual"] == 551
    assert all(effect == effect.lower() for effect in effects)


# Initiatives ---------------------------------------------------------------------------------------------------


def test_an_initiative_says_which_controls_its_checks_assess() -> None:
    """Its framework is the catalog beside it, which nothing but its title names; `[Preview]` is no part of it."""
    found = read_file(DATA, "lantern_initiative.json")
    guid = "00000000-aaaa-4000-8000-000000000001"
    assert mapped(found) == {(guid, f"lantern-keepers-code-3.1/{key}") for key in ("lk-01", "lk-01.1")}
    (version, _) = said(found, predicate="pav:version")
    assert version == "1.0.0"


def test_policies_without_group_and_groups_without_policy_are_told() -> None:
    found = read_file(DATA, "lantern_initiative.json")
    assert codes(found) == ["policy-without-group", "group-without-policy"]
    assert "Lantern_3.1_OIL-2" in found.issues[1].message


@pytest.mark.parametrize(
    ("name", "prefix", "control"),
    [
        ("FedRAMP_H_audit.json", "nist-800-53-r4/", "nist-800-53-r4/ac-2"),
        ("FedRAMP_M_audit.json", "nist-800-53-r4/", "nist-800-53-r4/ac-2.7"),
        ("NIST_SP_800-53_R4.json", "nist-800-53-r4/", "nist-800-53-r4/ac-2.7"),
        ("NIST_SP_800-53_R5.1.1.json", "nist-800-53-r5/", "nist-800-53-r5/ac-2.1"),
        ("ISO_IEC_27001_2022.json", "iso-27001-2022/", "iso-27001-2022/6.1.2"),
        ("ISO_IEC_27002_2022.json", "iso-27002-2022/", "iso-27002-2022/5.1"),
        ("NIST_SP_800-53_R5.json", "nist-800-53-r5/", "nist-800-53-r5/ac-2"),
        ("ISO27001_2013_audit.json", "iso-27001-2013/", "iso-27001-2013/a.9.2.1"),
        ("IRS1075_audit.json", "irs-1075/", "irs-1075/9.3.1.2"),
    ],
)
def test_initiatives_in_the_folder_assess_controls_of_their_framework(
    catalogs: Path, name: str, prefix: str, control: str
) -> None:
    found = read_file(catalogs, f"{INITIATIVES}/{name}")
    assert {target for _, target in mapped(found) if not target.startswith(prefix)} == set()
    assert control in {target for _, target in mapped(found)}
    assert "unknown-identifier" not in codes(found)


def test_two_clouds_have_initiatives_of_their_own_over_the_same_checks(catalogs: Path) -> None:
    public, government = (
        read_file(catalogs, f"{folder}/FedRAMP_H_audit.json") for folder in (INITIATIVES, GOVERNMENT)
    )
    assert public.graph != government.graph
    checks = [{check for check, _ in mapped(found)} for found in (public, government)]
    assert checks[0] & checks[1]


def test_each_claim_points_at_the_policy_that_makes_it(catalogs: Path) -> None:
    found = read_file(catalogs, f"{INITIATIVES}/FedRAMP_M_audit.json")
    segments = typed(found, "ckg:Segment")
    assert {each["ckg:evidence"] for each in claims(found, "ckg:CheckMapping")} <= segments
    assert said(found, short(found.graph), "dcterms:license") == ["https://opensource.org/license/mit"]


# Scanners ------------------------------------------------------------------------------------------------------


def compliance(*requirements: dict[str, Any], framework: str = "NIST-800-53-Revision-4") -> dict[str, Any]:
    """Return a scanner's compliance file."""
    return {"Framework": framework, "Version": "", "Provider": "AWS", "Requirements": list(requirements)}


def test_a_requirement_names_a_control_and_its_checks() -> None:
    found = read(compliance({"Id": "ac-2-1", "Checks": ["lamp_lit", "wick_trimmed"]}))
    assert mapped(found) == {("lamp-lit", "nist-800-53-r4/ac-2.1"), ("wick-trimmed", "nist-800-53-r4/ac-2.1")}
    assert sorted(said(found, predicate="rdfs:label")) == ["lamp lit", "wick trimmed"]


def test_repeated_requirements_and_checks_count_once() -> None:
    found = read(compliance({"Id": "ac_2", "Checks": ["a", "a"]}, {"Id": "ac_2", "Checks": ["a", "b"]}))
    assert mapped(found) == {("a", "nist-800-53-r4/ac-2"), ("b", "nist-800-53-r4/ac-2")}


def test_what_is_said_twice_has_two_places_as_evidence() -> None:
    found = read(compliance({"Id": "ac-2-12-a", "Checks": ["a"]}, {"Id": "ac-2-12-b", "Checks": ["a"]}))
    (claim,) = typed(found, "ckg:CheckMapping")
    assert len(said(found, claim, "ckg:evidence")) == 2


def test_a_part_of_a_control_is_assessed_as_the_control() -> None:
    """Parts are not controls: what assesses `ac-2-12-a` assesses AC-2(12), and the evidence names the part."""
    found = read(compliance({"Id": "ac-2-12-a", "Checks": ["a"]}, {"Id": "ac_2_d_1", "Checks": ["b"]}))
    assert mapped(found) == {("a", "nist-800-53-r4/ac-2.12"), ("b", "nist-800-53-r4/ac-2")}
    assert [value for value in said(found, predicate="rdf:value") if value.startswith("ac-2-12-a")]


def test_requirements_that_cannot_be_placed_are_issues() -> None:
    found = read(compliance({"Id": "no such control", "Checks": ["a"]}, {"Id": "ac-2", "Checks": ["b"]}))
    assert codes(found) == ["unknown-identifier"]


@pytest.mark.parametrize(
    ("path", "catalog"),
    [
        ("aws/nist_800_53_revision_4_aws.json", "nist-800-53-r4"),
        ("aws/nist_800_53_revision_5_aws.json", "nist-800-53-r5"),
        ("aws/fedramp_moderate_revision_4_aws.json", "nist-800-53-r4"),
        ("azure/mitre_attack_azure.json", "mitre-attack"),
        ("azure/fedramp_20x_ksi_low_azure.json", "fedramp-20x-ksi-low-25.05c"),
    ],
)
def test_scanner_files_in_the_folder_are_placed_without_rest(catalogs: Path, path: str, catalog: str) -> None:
    found = read_file(catalogs, f"prowler/{path}")
    assert found.issues == ()
    assert {target.partition("/")[0] for _, target in mapped(found)} == {catalog}
    stated = {
        check
        for each in json.loads((catalogs / "prowler" / path).read_bytes())["Requirements"]
        for check in each["Checks"]
    }
    assert len({check for check, _ in mapped(found)}) == len(stated)


# What is malformed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b'{"properties": {"policyType": "x", "policyRule": ',
        b'{"a": {"policyType": "x", "policyRule": 1}}',
        b'{"Framework": "x", "Requirements": ',
        b'{"Framework": "x", "Requirements": {}}',
    ],
)
def test_what_is_malformed_is_refused(data: bytes) -> None:
    item = Input("x", data)
    (source,) = [each for each in (AzurePolicy(), Scanner()) if each.accepts(item)]
    with pytest.raises(SourceError):
        source.extract(item, knowledge())


def test_a_definition_without_a_name_is_an_issue() -> None:
    content = definition()
    del content["name"]
    assert codes(read(content)) == ["policy-without-name"]


NAMES = st.sampled_from(
    [
        "name",
        "id",
        "displayName",
        "policyType",
        "metadata",
        "category",
        "version",
        "policyRule",
        "then",
        "effect",
        "parameters",
        "defaultValue",
        "policyDefinitions",
        "policyDefinitionGroups",
        "groupNames",
        "policyDefinitionId",
        "Id",
        "Checks",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=14,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=6), VALUES)
def test_any_values_are_read_or_refused(properties: dict[str, Any], other: Any) -> None:
    """Values of a wrong type anywhere never raise anything but SourceError."""
    policy = {"properties": {"policyType": "x", "policyRule": {}, **properties}, "name": other}
    scan = {"Framework": other, "Provider": other, "Requirements": [properties, other]}
    for source, content in ((AzurePolicy(), policy), (Scanner(), scan)):
        try:
            found = source.extract(Input("x", json.dumps(content).encode()), knowledge())
        except SourceError:
            continue
        assert all(s.startswith("<") and p.startswith("<") and o for s, p, o in found.triples)
        assert term("rdf:type") in {p for _, p, _ in found.triples}
