"""OSCAL catalogs and profiles: what they say in each form, and what a profile comes to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from kg.sources import Extraction
from kg.sources.oscal.tree import kind
from kg.terms import term
from tests.catalog_files import DATA, claims, codes, read, read_file, said, short, typed

LANTERN = "control/lantern-keepers-code-3.1/"
NIST4, NIST5 = "nist-oscal/rev4/NIST_SP-800-53_rev4", "nist-oscal/rev5/NIST_SP-800-53_rev5"
FEDRAMP4, FEDRAMP5 = "fedramp-oscal/rev4/FedRAMP_rev4", "fedramp-oscal/rev5/FedRAMP_rev5"
R5_520 = "nist-oscal/rev5/5.2.0/NIST_SP-800-53_rev5_catalog.json"


def without_file(found: Extraction) -> set[tuple[str, str, str]]:
    """Return what was read without what differs between two files: hash, path and the graph's name."""
    own = {term("ckg:sha256"), term("ckg:path")}
    graph = found.graph[1:-1]
    return {(s.replace(graph, ""), p, o.replace(graph, "")) for s, p, o in found.triples if p not in own}


def members(found: Extraction) -> list[str]:
    """Return the members of a baseline without the prefix they share."""
    return [each.rpartition("/")[2] for each in said(found, predicate="skos:member")]


# The catalogs in the folder ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "active", "withdrawn"),
    [(f"{NIST4}_catalog-min.json", 826, 96), (R5_520, 1014, 182)],
)
def test_catalogs_have_as_many_controls_as_published(
    catalogs: Path, path: str, active: int, withdrawn: int
) -> None:
    found = read_file(catalogs, path)
    gone = {short(s) for s, p, _ in found.triples if p == term("ckg:withdrawn")}
    controls = typed(found, "ckg:Control")
    assert (len(controls - gone), len(controls & gone)) == (active, withdrawn)
    assert found.issues == ()


@pytest.mark.parametrize(
    ("path", "key", "count"),
    [
        (f"{NIST4}_LOW-baseline_profile.json", "nist-800-53-r4-low", 124),
        (f"{NIST4}_MODERATE-baseline_profile.json", "nist-800-53-r4-moderate", 261),
        (f"{NIST4}_HIGH-baseline_profile.json", "nist-800-53-r4-high", 343),
        (f"{NIST5}_LOW-baseline_profile.json", "nist-800-53-r5-low", 149),
        (f"{NIST5}_MODERATE-baseline_profile.json", "nist-800-53-r5-moderate", 287),
        (f"{NIST5}_HIGH-baseline_profile.json", "nist-800-53-r5-high", 370),
        (f"{NIST5}_PRIVACY-baseline_profile.json", "nist-800-53-r5-privacy", 96),
        (f"{FEDRAMP4}_LOW-baseline_profile.json", "fedramp-r4-low", 125),
        (f"{FEDRAMP4}_MODERATE-baseline_profile.json", "fedramp-r4-moderate", 325),
        (f"{FEDRAMP4}_HIGH-baseline_profile.json", "fedramp-r4-high", 421),
        (f"{FEDRAMP4}_LI-SaaS-baseline_profile.json", "fedramp-r4-li-saas", 126),
        (f"{FEDRAMP5}_LOW-baseline_profile.json", "fedramp-r5-low", 156),
        (f"{FEDRAMP5}_MODERATE-baseline_profile.json", "fedramp-r5-moderate", 323),
        (f"{FEDRAMP5}_HIGH-baseline_profile.json", "fedramp-r5-high", 410),
    ],
)
def test_baselines_have_as_many_members_as_published(catalogs: Path, path: str, key: str, count: int) -> None:
    found = read_file(catalogs, path)
    assert typed(found, "ckg:Baseline") == {f"baseline/{key}"}
    assert len(set(said(found, f"baseline/{key}", "skos:member"))) == count


@pytest.mark.parametrize(
    ("profile", "resolved"),
    [
        (f"{NIST4}_LOW-baseline_profile.json", f"{NIST4}_LOW-baseline-resolved-profile_catalog-min.json"),
        (
            f"{FEDRAMP4}_LI-SaaS-baseline_profile.json",
            f"{FEDRAMP4}_LI-SaaS-baseline-resolved-profile_catalog.json",
        ),
    ],
)
def test_our_resolution_is_the_published_one(catalogs: Path, profile: str, resolved: str) -> None:
    """The same baseline has the same members, whether we resolve the profile or its publisher did."""
    ours, theirs = read_file(catalogs, profile), read_file(catalogs, resolved)
    assert typed(ours, "ckg:Baseline") == typed(theirs, "ckg:Baseline")
    assert set(members(ours)) == set(members(theirs))


@pytest.mark.parametrize(
    ("one", "ending"),
    [
        (f"{NIST4}_MODERATE-baseline_profile", "xml"),
        (f"{NIST4}_MODERATE-baseline_profile", "yaml"),
        (f"{FEDRAMP4}_LOW-baseline_profile", "xml"),
        (f"{FEDRAMP4}_LOW-baseline_profile", "yaml"),
    ],
)
def test_each_form_of_a_published_profile_says_the_same(catalogs: Path, one: str, ending: str) -> None:
    beside = {term("dcterms:source"), term("dcterms:license")}  # of the file, known by its hash
    json_form, other = (
        {each for each in without_file(read_file(catalogs, f"{one}.{form}")) if each[1] not in beside}
        for form in ("json", ending)
    )
    assert json_form == other


def test_a_published_catalog_says_the_same_in_yaml(catalogs: Path) -> None:
    path = "cms-ars/3.1/CMS_ARS_3_1_LOW-baseline_catalog.json"
    data = (catalogs / path).read_bytes()
    as_yaml = yaml.dump(
        json.loads(data), Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False
    )
    beside = {term("dcterms:source"), term("dcterms:license")}
    one, other = (
        {each for each in without_file(found) if each[1] not in beside}
        for found in (read(data, path), read(as_yaml, path))
    )
    assert one == other


def test_of_three_labels_the_one_without_a_class_is_the_notation(catalogs: Path) -> None:
    found = read_file(catalogs, R5_520)
    assert said(found, "control/nist-800-53-r5/ac-2.1", "skos:notation") == ["AC-2(1)"]


def test_parameters_are_shown_by_their_labels_whatever_they_are_called(catalogs: Path) -> None:
    """r5 renamed `ac-2_prm_1` to `ac-02_odp.01`; neither name is left in a statement."""
    for path in (
        R5_520,
        "nist-oscal/rev5/5.0.1/NIST_SP-800-53_rev5_catalog-min.json",
        f"{NIST4}_catalog-min.json",
    ):
        found = read_file(catalogs, path)
        texts = [o for _, p, o in found.triples if p == term("ckg:statement")]
        assert len(texts) > 800
        assert not [
            text
            for text in texts
            if "insert: param" in text or "_prm_" in text or "_odp" in text or "{{" in text
        ]


@pytest.mark.parametrize(("path", "gone"), [(f"{NIST4}_catalog-min.json", "ac-13"), (R5_520, "ac-13")])
def test_withdrawn_in_either_spelling_with_what_took_its_place(catalogs: Path, path: str, gone: str) -> None:
    found = read_file(catalogs, path)
    catalog = "nist-800-53-r4" if "rev4" in path else "nist-800-53-r5"
    assert said(found, f"control/{catalog}/{gone}", "ckg:withdrawn") == ["true"]
    assert said(found, f"control/{catalog}/{gone}", "dcterms:isReplacedBy")


def test_enhancements_listed_beside_their_control_are_below_it(catalogs: Path) -> None:
    found = read_file(catalogs, "cms-ars/3.1/CMS_ARS_3_1_catalog.json")
    assert said(found, "control/cms-ars-3.1/ac-2.1", "skos:broader") == ["control/cms-ars-3.1/ac-2"]
    assert said(found, "control/cms-ars-3.1/ac-2", "skos:broader") == ["control/cms-ars-3.1/ac"]


def test_quirks_of_the_ars_catalog_are_told(catalogs: Path) -> None:
    """One control listed twice, links by label of which some lead nowhere, leftovers of a word processor."""
    found = read_file(catalogs, "cms-ars/3.1/CMS_ARS_3_1_catalog.json")
    assert [issue.message for issue in found.issues if issue.code == "duplicate-control"] == [
        "cm-7.5 is listed more than once; the first one counts"
    ]
    assert codes(found).count("dangling-link") > 0
    assert not [o for _, _, o in found.triples if "_x000D_" in o]
    assert said(found, predicate="skos:related")


def test_a_tailored_catalog_is_mapped_to_the_controls_of_the_same_identifier(catalogs: Path) -> None:
    found = read_file(catalogs, "cms-ars/3.1/CMS_ARS_3_1_catalog.json")
    mapped = {each["owl:annotatedSource"]: each for each in claims(found)}
    assert mapped["control/cms-ars-3.1/ac-2.1"]["owl:annotatedTarget"] == "control/nist-800-53-r4/ac-2.1"
    assert (
        mapped["control/cms-ars-3.1/ar-1"]["owl:annotatedTarget"] == "control/nist-800-53-r4-appendix-j/ar-1"
    )
    for each in mapped.values():
        assert each["owl:annotatedProperty"] == "skos:mappingRelation"
        assert each["sssom:mapping_justification"] == "semapv:LexicalMatching"
        assert "ckg:setRelation" not in each


@pytest.mark.parametrize(
    ("path", "licence"),
    [
        (R5_520, "https://creativecommons.org/publicdomain/mark/1.0/"),
        (f"{FEDRAMP4}_HIGH-baseline_profile.json", "https://creativecommons.org/publicdomain/zero/1.0/"),
    ],
)
def test_a_file_says_its_licence_and_where_it_is_published(catalogs: Path, path: str, licence: str) -> None:
    found = read_file(catalogs, path)
    document = short(found.graph)
    assert said(found, document, "dcterms:license") == [licence]
    assert said(found, document, "dcterms:source")[0].startswith("https://")


# Catalogs of our own -------------------------------------------------------------------------------------------


def test_xml_and_yaml_and_json_of_one_catalog_say_the_same() -> None:
    in_yaml = read_file(DATA, "lantern_catalog.yaml")
    in_xml = read_file(DATA, "lantern_catalog.xml")
    in_json = read(yaml.safe_load((DATA / "lantern_catalog.yaml").read_text()), "lantern_catalog.json")
    assert without_file(in_yaml) == without_file(in_xml) == without_file(in_json)


def test_an_unknown_framework_gets_an_edition_of_a_work() -> None:
    found = read_file(DATA, "lantern_catalog.yaml")
    edition = "standard/lantern-keepers-code-3.1"
    assert edition in typed(found, "ckg:Edition")
    assert said(found, edition, "dcterms:isVersionOf") == ["standard/lantern-keepers-code"]
    assert said(found, edition, "skos:prefLabel") == ["Lantern Keepers Code 3.1"]
    assert "standard/lantern-keepers-code" in typed(found, "ckg:Standard")
    assert said(found, LANTERN + "lk-01", "skos:inScheme") == [edition]


def test_controls_say_identifier_notation_title_and_place() -> None:
    found = read_file(DATA, "lantern_catalog.yaml")
    assert said(found, LANTERN + "lk-01", "dcterms:identifier") == ["lk-01"]
    assert said(found, LANTERN + "lk-01", "skos:notation") == ["LK-1"]
    assert said(found, LANTERN + "lk-01", "skos:prefLabel") == ["Trim the wick"]
    assert said(found, LANTERN + "lk-01", "skos:broader") == [LANTERN + "lk"]
    assert said(found, LANTERN + "lk-01.1", "skos:broader") == [LANTERN + "lk-01"]
    assert said(found, LANTERN + "oil-2.1", "skos:broader") == [LANTERN + "oil-2"], "listed flat"


def test_statements_keep_items_and_show_parameters() -> None:
    found = read_file(DATA, "lantern_catalog.yaml")
    assert said(found, LANTERN + "lk-01", "ckg:statement") == [
        "Trim the wick [Selection: each [Assignment: how often]; on demand]."
    ]
    assert said(found, LANTERN + "lk-01.1", "ckg:statement") == [
        r"The keeper:\na. hones the scissors; and\nb. wipes them."
    ]
    assert said(found, LANTERN + "lk-01", "ckg:guidance") == ["A short wick burns *clean*."]


def test_links_lead_to_controls_parts_groups_and_back_matter() -> None:
    found = read_file(DATA, "lantern_catalog.yaml")
    assert said(found, LANTERN + "lk-01", "skos:related") == [
        LANTERN + each for each in ("lk-02", "lk-01.1", "oil")
    ]
    (reference,) = said(found, LANTERN + "lk-01", "dcterms:references")
    assert said(found, reference, "rdfs:label") == ["The keeper's almanac"]
    assert said(found, reference, "dcat:accessURL") == ["https://example.org/almanac"]
    assert said(found, LANTERN + "oil-2.1", "dcterms:requires") == [LANTERN + "lk-02"]


def test_withdrawn_controls_say_what_replaced_them() -> None:
    found = read_file(DATA, "lantern_catalog.yaml")
    for gone in ("oil-1", "oil-2.1"):
        assert said(found, LANTERN + gone, "ckg:withdrawn") == ["true"]
        assert said(found, LANTERN + gone, "dcterms:isReplacedBy") == [LANTERN + "oil-2"]
    assert said(found, LANTERN + "oil-2", "ckg:withdrawn") == []


def test_dangling_links_and_duplicates_are_issues() -> None:
    found = read_file(DATA, "lantern_catalog.yaml")
    assert codes(found) == ["dangling-link", "duplicate-control"]
    assert "'#oil-99'" in found.issues[0].message
    assert said(found, LANTERN + "oil-2", "skos:prefLabel") == ["Buy oil by the barrel"], "the first counts"


@pytest.mark.parametrize("version", ["1.0.0", "1.0.4", "1.1.3", "1.2.1"])
def test_every_version_of_the_format_is_read(version: str) -> None:
    catalog = {
        "catalog": {
            "metadata": {"title": "Small", "oscal-version": version},
            "controls": [{"id": "s-1", "title": "One"}],
        }
    }
    assert typed(read(catalog), "ckg:Control") == {"control/small/s-1"}


def test_old_and_new_parameter_syntax_read_alike() -> None:
    """OSCAL 1.0 wrote `{{ x }}` in places where 1.1 writes `{{ insert: param, x }}`."""

    def statement(insert: str) -> list[str]:
        control = {
            "id": "s-1",
            "params": [{"id": "s-1_prm_1", "label": "day"}],
            "parts": [{"name": "statement", "prose": f"On {insert}."}],
        }
        return said(
            read({"catalog": {"metadata": {"title": "Small"}, "controls": [control]}}),
            predicate="ckg:statement",
        )

    assert (
        statement("{{ s-1_prm_1 }}")
        == statement("{{ insert: param, s-1_prm_1 }}")
        == ["On [Assignment: day]."]
    )


def test_iso_controls_have_no_titles_and_no_texts() -> None:
    control = {"id": "a.5.1", "title": "A title", "parts": [{"name": "statement", "prose": "A text."}]}
    group = {"id": "a.5", "title": "A theme", "controls": [control]}
    found = read({"catalog": {"metadata": {"title": "ISO/IEC 27001:2022"}, "groups": [group]}})
    assert "control/iso-27001-2022/a.5.1" in typed(found, "ckg:Control")
    everything = " ".join(o for _, _, o in found.triples)
    assert not [text for text in ("A title", "A text.", "A theme") if text in everything]


def test_a_known_work_without_editions_gets_the_one_the_file_tells() -> None:
    catalog = {
        "metadata": {"title": "Secure Controls Framework", "version": "2026.1"},
        "controls": [{"id": "GOV-01", "title": "x"}],
    }
    found = read({"catalog": catalog})
    assert said(found, "control/scf/gov-01", "skos:inScheme") == ["standard/scf-2026.1"]
    assert said(found, "standard/scf-2026.1", "dcterms:isVersionOf") == ["standard/scf"]
    assert "standard/scf" not in typed(found, "ckg:Edition")


def test_the_schema_may_be_named_before_the_root() -> None:
    assert (
        kind(b'{"$schema": "http://csrc.nist.gov/ns/oscal/1.0/schema.json", "catalog": {"uuid": ""}}')
        == "catalog"
    )
    assert kind(b'<?xml version="1.0"?><o:profile xmlns:o="http://csrc.nist.gov/ns/oscal/1.0">') == "profile"
    assert kind(b"# A page about `<catalog xmlns='http://csrc.nist.gov/ns/oscal/1.0'>`") == ""
