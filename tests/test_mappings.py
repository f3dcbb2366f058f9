"""Crosswalks in each of six formats: what they state, and nothing more."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.sources import Input
from kg.sources.mappings import Mappings
from kg.sources.mappings.formats import reader
from kg.terms import term
from tests.catalog_files import DATA, claims, codes, knowledge, pairs, read, read_file, said, short, typed

R4, R5 = "control/nist-800-53-r4/", "control/nist-800-53-r5/"
OLIR = "ciso-assistant/mapping-nist-sp-800-53-rev5-to-iso27001-2022.yaml"
ISO = "ciso-assistant/mapping-iso27001-2013-to-iso27001-2022.yaml"
COLLECTION = "r4-r5-mapping/NIST_SP-800-53_rev5-to-rev4_mapping-collection.json"
TABLE = "r4-r5-mapping/nist_rev5_to_nist_rev4_crosswalk.csv"
ATTACK = "ctid-mappings/nist_800_53-rev5_attack-16.1-enterprise.json"
SCF = "scf/usa-federal-cms-marse-2-0.json"

# The files in the folder ---------------------------------------------------------------------------------------


def test_account_management_reaches_three_annex_a_controls(catalogs: Path) -> None:
    found = read_file(catalogs, OLIR)
    assert {b for a, b in pairs(found) if a == R5 + "ac-2"} == {
        f"control/iso-27001-2022/{key}" for key in ("a.5.16", "a.5.18", "a.8.2")
    }


def test_both_directions_of_a_library_are_one_crosswalk(catalogs: Path) -> None:
    """The library tells each pair twice, once from either side; the claims have one direction."""
    found = read_file(catalogs, OLIR)
    assert found.counts["mapping rows"] == 2 * found.counts["mappings"]
    assert all(a.startswith(R5) and b.startswith("control/iso-27001-2022/") for a, b in pairs(found))


def test_a_pair_told_twice_has_both_places_as_evidence(catalogs: Path) -> None:
    found = read_file(catalogs, OLIR)
    assert all(len(said(found, each["iri"], "ckg:evidence")) == 2 for each in claims(found)[:20])


def test_editions_of_iso_27001_are_mapped_with_set_relations(catalogs: Path) -> None:
    found = read_file(catalogs, ISO)
    relations = Counter(each["ckg:setRelation"] for each in claims(found))
    assert relations == {"equal-to": 77, "subset-of": 48, "superset-of": 6, "intersects-with": 3}


@pytest.mark.parametrize(
    "path", [OLIR, ISO, "scf/general-iso-27001-2022.json", "scf/general-iso-27002-2022.json"]
)
def test_controls_of_iso_get_identifiers_and_never_titles(catalogs: Path, path: str) -> None:
    found = read_file(catalogs, path)
    about = {p for s, p, _ in found.triples if "/control/iso-" in s}
    named = {term(name) for name in ("skos:prefLabel", "skos:altLabel", "rdfs:label", "ckg:statement")}
    assert not about & named


def test_collection_and_table_of_one_crosswalk_state_the_same(catalogs: Path) -> None:
    keys = (
        "owl:annotatedSource",
        "owl:annotatedProperty",
        "owl:annotatedTarget",
        "ckg:setRelation",
        "sssom:confidence",
    )

    def stated(path: str) -> set[tuple[str | None, ...]]:
        return {tuple(each.get(key) for key in keys) for each in claims(read_file(catalogs, path))}

    assert stated(COLLECTION) == stated(TABLE)
    assert len(stated(TABLE)) == 740


def test_rows_without_a_counterpart_are_no_mappings(catalogs: Path) -> None:
    """The table begins with a row of descriptions and has controls that lead nowhere; neither is an issue."""
    found = read_file(catalogs, TABLE)
    assert found.issues == ()
    assert (R5 + "ac-2", R4 + "ac-2") in pairs(found)


def test_pairs_of_the_scf_state_no_set_relation_and_forbid_derivatives(catalogs: Path) -> None:
    found = read_file(catalogs, SCF)
    assert {each["owl:annotatedProperty"] for each in claims(found)} == {"skos:mappingRelation"}
    assert not [each for each in claims(found) if "ckg:setRelation" in each]
    assert said(found, short(found.graph), "dcterms:license") == [
        "https://creativecommons.org/licenses/by-nd/4.0/"
    ]
    assert "control/scf/ac-2" not in {a for a, _ in pairs(found)}


def test_quirky_identifiers_of_mars_e_2_are_placed(catalogs: Path) -> None:
    """Statement parts, CMS standards (-IS, once -iS) and CMS's own controls; nothing is left over."""
    found = read_file(catalogs, SCF)
    targets = {b for _, b in pairs(found)}
    assert found.issues == ()
    assert "control/mars-e-2.0/mp-cms-1" in targets
    assert "control/nist-800-53-r4-appendix-j/ar-1" in targets
    assert not [each for each in targets if "is" in each.rpartition("/")[2].split("-")]


def test_attack_mappings_leave_out_what_is_not_mappable(catalogs: Path) -> None:
    whole = json.loads((catalogs / ATTACK).read_bytes())["mapping_objects"]
    mappable = {(each["capability_id"], each["attack_object_id"]) for each in whole if each["capability_id"]}
    found = read_file(catalogs, ATTACK)
    assert len(claims(found)) == len(mappable) < len(whole)
    assert {each["sssom:object_source_version"] for each in claims(found)} == {"16.1"}


def test_a_capability_of_a_cloud_is_in_a_framework_of_its_own(catalogs: Path) -> None:
    found = read_file(catalogs, "ctid-mappings/azure-04.26.2025_attack-16.1-enterprise.json")
    assert {a.split("/")[1] for a, _ in pairs(found)} == {"azure-04-26-2025"}
    assert {b.split("/")[1] for _, b in pairs(found)} == {"mitre-attack"}


def test_paragraphs_of_hipaa_are_spelled_two_ways(catalogs: Path) -> None:
    brackets = read_file(catalogs, "scf/usa-federal-law-hipaa-security-rule-2013.json")
    underscores = read_file(catalogs, "prowler/azure/hipaa_azure.json")
    control = "control/hipaa-security-rule/164.308.a.1.ii.a"
    assert control in {b for _, b in pairs(brackets)}
    assert control in said(underscores, predicate="ckg:assesses")


@pytest.mark.parametrize("path", [OLIR, ISO, COLLECTION, TABLE, ATTACK, SCF])
def test_every_claim_says_where_it_stands(catalogs: Path, path: str) -> None:
    found = read_file(catalogs, path)
    segments = typed(found, "ckg:Segment")
    document = short(found.graph)
    for each in claims(found):
        assert each["ckg:evidence"] in segments
        assert each["prov:wasDerivedFrom"] == each["sssom:mapping_source"] == document
        assert each["sssom:mapping_justification"].startswith("semapv:")


# Files of our own, of frameworks nobody knows ------------------------------------------------------------------


def test_a_collection_of_unknown_frameworks_leads_to_the_controls_of_the_catalog_beside_it() -> None:
    found = read_file(DATA, "lantern_to_harbour.json")
    lantern = typed(read_file(DATA, "lantern_catalog.yaml"), "ckg:Control")
    assert {a for a, _ in pairs(found)} <= lantern
    assert {b for _, b in pairs(found)} == {f"control/harbour-rules/h.{n}" for n in (1, 2, 3)}


def test_a_mapping_told_the_other_way_is_turned() -> None:
    found = read_file(DATA, "lantern_to_harbour.json")
    assert pairs(found, "subset-of") == pairs(found), "H.3 superset-of lk-02 is lk-02 subset-of H.3"


def test_confidence_is_a_share_however_it_is_given() -> None:
    shares = {each.get("sssom:confidence") for each in claims(read_file(DATA, "lantern_to_harbour.json"))}
    assert shares == {"0.8", None}


def test_sssom_expands_prefixes_and_keeps_justification_and_licence() -> None:
    found = read_file(DATA, "lantern_to_tide.sssom.tsv")
    (equal,) = [each for each in claims(found) if each.get("ckg:setRelation") == "equal-to"]
    assert equal["owl:annotatedSource"] == "control/lantern-keepers-code-3.1/lk-01"
    assert equal["owl:annotatedTarget"] == "control/tide-tables/t1"
    assert equal["sssom:mapping_justification"] == "semapv:LexicalMatching"
    assert equal["sssom:confidence"] == "0.7"
    assert equal["sssom:subject_source_version"] == "3.1"
    assert said(found, short(found.graph), "dcterms:license") == [
        "https://creativecommons.org/publicdomain/zero/1.0/"
    ]


def test_sssom_negation_is_kept_without_a_plain_triple() -> None:
    found = read_file(DATA, "lantern_to_tide.sssom.tsv")
    (negated,) = [each for each in claims(found) if each.get("ckg:setRelation") == "no-relationship"]
    assert negated["owl:annotatedProperty"] == "skos:relatedMatch"
    assert negated["sssom:predicate_modifier"] == "sssom:NegatedPredicate"
    assert said(found, negated["owl:annotatedSource"], "skos:relatedMatch") == []


def test_sssom_predicates_that_state_no_set_relation() -> None:
    """An unknown predicate gives a mapping without a relation; a negated equality states none, and is told."""
    found = read_file(DATA, "lantern_to_tide.sssom.tsv")
    assert pairs(found, "") == {("control/lantern-keepers-code-3.1/oil-2", "control/tide-tables/t5")}
    assert codes(found) == ["unread-mapping", "unread-mapping"]
    assert "negated" in found.issues[0].message
    assert len(claims(found)) == 4, "sssom:NoTermFound is no mapping"


def collection(*maps: dict[str, Any], source: str = "NIST_SP-800-53_rev5_catalog.json") -> dict[str, Any]:
    """Return an OSCAL collection that maps r5 to r4."""
    sides = {
        "source-resource": {"type": "catalog", "href": source},
        "target-resource": {"type": "catalog", "href": "NIST_SP-800-53_rev4_catalog.json"},
    }
    return {"mapping-collection": {"metadata": {"title": "x"}, "mappings": [{**sides, "maps": list(maps)}]}}


def one(a: str, relation: str, b: str) -> dict[str, Any]:
    """Return one map of a collection."""
    return {"relationship": relation, "sources": [{"id-ref": a}], "targets": [{"id-ref": b}]}


def test_a_part_of_a_control_gets_no_set_relation() -> None:
    """What is said of a part is not said of the whole."""
    found = read(collection(one("ac-2.a", "equal-to", "ac-2"), one("ac-3", "equal-to", "ac-3")))
    assert pairs(found, "") == {(R5 + "ac-2", R4 + "ac-2")}
    assert pairs(found, "equal-to") == {(R5 + "ac-3", R4 + "ac-3")}


@pytest.mark.parametrize(
    ("word", "relation", "predicate"),
    [
        ("equal-to", "equal-to", "skos:exactMatch"),
        ("equivalent-to", "equivalent-to", "skos:closeMatch"),
        ("subset-of", "subset-of", "skos:broadMatch"),
        ("superset-of", "superset-of", "skos:narrowMatch"),
        ("intersects-with", "intersects-with", "skos:relatedMatch"),
        ("no-relationship", "no-relationship", "skos:relatedMatch"),
        ("resembles", None, "skos:mappingRelation"),
    ],
)
def test_words_and_properties_of_set_relations(word: str, relation: str | None, predicate: str) -> None:
    (claim,) = claims(read(collection(one("ac-2", word, "ac-2"))))
    assert (claim.get("ckg:setRelation"), claim["owl:annotatedProperty"]) == (relation, predicate)


def test_unknown_identifiers_and_empty_maps_are_issues() -> None:
    found = read(collection(one("no such", "equal-to", "ac-2"), {"relationship": "equal-to", "sources": []}))
    assert Counter(codes(found)) == {"unknown-identifier": 1, "unread-mapping": 1}


def test_a_collection_reads_alike_in_json_yaml_and_xml() -> None:
    in_yaml = (
        "mapping-collection:\n  metadata:\n    title: x\n  mappings:\n"
        "    - source-resource: {type: catalog, href: NIST_SP-800-53_rev5_catalog.json}\n"
        "      target-resource: {type: catalog, href: NIST_SP-800-53_rev4_catalog.json}\n"
        "      maps:\n        - relationship: subset-of\n          sources: [{id-ref: ac-2}]\n          targets: [{id-ref: ac-3}]\n"
    )
    in_xml = (
        '<mapping-collection xmlns="http://csrc.nist.gov/ns/oscal/1.0"><metadata><title>x</title></metadata><mapping>'
        '<source-resource type="catalog" href="NIST_SP-800-53_rev5_catalog.json"/>'
        '<target-resource type="catalog" href="NIST_SP-800-53_rev4_catalog.json"/>'
        '<map><relationship>subset-of</relationship><source id-ref="ac-2"/><target id-ref="ac-3"/></map>'
        "</mapping></mapping-collection>"
    )
    expected = {(R5 + "ac-2", R4 + "ac-3")}
    forms = collection(one("ac-2", "subset-of", "ac-3")), in_yaml, in_xml
    assert [pairs(read(form), "subset-of") for form in forms] == [expected] * 3


def test_a_table_with_empty_rows_and_several_targets() -> None:
    head = "$$Source_Resource,$$Target_Resource,$$Map_Source_ID_Ref_list,$$Map_Relationship,$$Map_Target_ID_Ref_list,$$Map_Confidence_Score\n"
    rows = (
        "The catalog that is mapped,The other catalog,The controls,How they are related,Its controls,How sure\n"
        "NIST_SP-800-53_rev5,NIST_SP-800-53_rev4,ac-2,intersects-with,ac-2 ac-3,90%\n"
        "NIST_SP-800-53_rev5,NIST_SP-800-53_rev4,ac-4,,,\n"
        ",,,,,\n"
        "NIST_SP-800-53_rev5,NIST_SP-800-53_rev4,ac-5,rhymes-with,ac-5,\n"
    )
    found = read(head + rows, "table.csv")
    assert pairs(found) == {(R5 + "ac-2", R4 + "ac-2"), (R5 + "ac-2", R4 + "ac-3")}
    assert {each["sssom:confidence"] for each in claims(found)} == {"0.9"}
    assert [(issue.code, issue.line) for issue in found.issues] == [("unread-mapping", 6)]


# What is malformed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b'{"mapping-collection": {"mappings": []}}',
        b'{"mapping-collection": {"mappings": [',
        b"mapping-collection:\n  mappings: [\n",
        b"$$Map_Source_ID_Ref_list,x\n1,2\n",
        b'$$Map_Source_ID_Ref_list\n"\0',
        b"$$Map_Source_ID_Ref_list\n" + b"x" * 200_000 + b"\n",
        b"# mapping_set_id: [\nsubject_id\tpredicate_id\tobject_id\n",
        b"urn: urn:x\nobjects:\n  requirement_mapping_set: [\n",
        b"urn: urn:x\nobjects: requirement_mapping_set\n",
        b'{"scf_to_framework": ',
        b'{"metadata": {"mapping_framework": "x", "attack_version": "1"}',
    ],
)
def test_what_is_malformed_is_refused(data: bytes) -> None:
    item = Input("x", data)
    assert Mappings().accepts(item)
    with pytest.raises(SourceError):
        Mappings().extract(item, knowledge())


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"a,b\n1,2\n", b"subject_id\tobject_id\n", b"# A page\n\nurn: x\n", b"\xff\xfe\x00"]
)
def test_what_is_no_crosswalk_is_not_claimed(data: bytes) -> None:
    assert reader(data) is None


NAMES = st.sampled_from(
    [
        "metadata",
        "title",
        "mappings",
        "maps",
        "sources",
        "targets",
        "id-ref",
        "relationship",
        "type",
        "confidence-score",
        "percentage",
        "source-resource",
        "href",
        "scf_to_framework",
        "framework_to_scf",
        "display_name",
        "framework_id",
        "attack_version",
        "mapping_framework",
        "mapping_objects",
        "capability_id",
        "attack_object_id",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=16,
)


def read_or_refused(data: bytes) -> bool:
    """Whether a source reads bytes or refuses them in the one way it may."""
    item = Input("x", data)
    try:
        return not Mappings().accepts(item) or bool(Mappings().extract(item, knowledge()))
    except SourceError:
        return True


@settings(max_examples=150, deadline=None)
@given(
    VALUES,
    st.sampled_from(
        [
            '{"mapping-collection": %s}',
            '{"scf_to_framework": {"mappings": %s}}',
            '{"metadata": {"mapping_framework": "x", "attack_version": "1"}, "mapping_objects": [%s]}',
        ]
    ),
)
def test_any_values_are_read_or_refused(value: Any, form: str) -> None:
    assert read_or_refused((form % json.dumps(value)).encode())


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=60),
    st.sampled_from(
        [
            "subject_id\tpredicate_id\tobject_id\n",
            "Map_Source_ID_Ref_list,Map_Relationship,Map_Target_ID_Ref_list\n",
            "urn: urn:x\nrequirement_mapping_set:\n",
        ]
    ),
)
def test_any_text_is_read_or_refused(text: str, start: str) -> None:
    assert read_or_refused((start + text).encode())
    assert read_or_refused(text.encode())
