"""Standards are found by name and by designation, with their editions; what is unclear stays unclear."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from kg import files, names
from kg.concepts.registry import Registry
from kg.concepts.standards import Mention, Standards
from kg.errors import VocabularyError
from kg.terms import Iri, literal, term


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry(files.ontology())


@pytest.fixture(scope="module")
def standards(registry: Registry) -> Standards:
    return Standards(registry)


def std(key: str) -> Iri:
    return names.standard(key)


def keys(mentions: list[Mention]) -> list[str]:
    return [mention.iri[1:-1].rsplit("/", 1)[-1] for mention in mentions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We follow ISO 27001.", ["iso-27001"]),
        ("ISO/IEC 27001:2013 is an edition.", ["iso-27001-2013"]),
        ("ISO/IEC 27002: 2013 too", ["iso-27002-2013"]),
        ("ISO 27001 (2022) as well", ["iso-27001-2022"]),
        ("DIN EN ISO 9001:2015", ["iso-9001-2015"]),
        ("ISO27001 run together", ["iso-27001"]),
        ("the ISO/IEC 27000 family of standards", ["iso-27000-family"]),
        ("NIST SP 800-53 Rev. 4", ["nist-800-53-r4"]),
        ("NIST 800–53, Revision 5", ["nist-800-53-r5"]),  # with an en dash
        ("NIST 800-53r4 and NIST 800.53r4", ["nist-800-53-r4", "nist-800-53-r4"]),
        ("Special Publication 800-53A", ["nist-800-53a"]),
        (
            "National Institute of Standards and Technology (NIST) Special Publication (SP) 800-37 Rev. 2",
            ["nist-800-37-r2"],
        ),
        ("FIPS 140-2 and FIPS Pub 140-3", ["fips-140-2", "fips-140-3"]),
        ("Federal Information Processing Standard (FIPS) Publication 140-2", ["fips-140-2"]),
        ("MARS-E 2.0 and MARS-E", ["mars-e-2.0", "mars-e"]),
        ("C5:2020", ["c5-2020"]),
        ("CSA CCM v3.0.1", ["csa-ccm-3.0.1"]),
        ("WCAG version 2.1", ["wcag-2.1"]),
        ("version 1.1 of the NIST CSF", ["nist-csf-1.1"]),
        ("FedRAMP Rev. 5", ["fedramp-r5"]),
        ("a FedRAMP High authorization", ["fedramp-high"]),
        ("a SOC 2 Type 2 report", ["soc-2-type-2"]),
        ("FDA CFR Title 21 Part 11 and 21 CFR Part 11", ["21-cfr-part-11", "21-cfr-part-11"]),
        ("SEC Rule 17a-4(f), CFTC Rule 1.31(c-d)", ["sec-17a-4-f", "cftc-1.31"]),
        ("Regulation (EU) 2016/679", ["gdpr"]),
        ("Statement on Standards for Attestation Engagements No. 18 (SSAE 18)", ["ssae-18"]),
    ],
)
def test_a_name_or_designation_gives_the_registered_thing(
    standards: Standards, text: str, expected: list[str]
) -> None:
    found = standards.find(text)
    assert keys(found) == expected
    assert not any(mention.candidates for mention in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ISO 27001, 27017, and 27018", ["iso-27001", "iso-27017", "iso-27018"]),
        ("ISO/IEC 27001:2013 and 27002:2013", ["iso-27001-2013", "iso-27002-2013"]),
        ("SOC 1, 2, and 3", ["soc-1", "soc-2", "soc-3"]),
        ("FedRAMP Moderate and High baselines", ["fedramp-moderate", "fedramp-high"]),
        ("NIST SP 800-53 and 800-171", ["nist-800-53", "nist-800-171"]),
        ("MARS-E 2.0 and 2.2", ["mars-e-2.0", "mars-e-2.2"]),
        ("DoD Impact Levels 2, 4, and 5", ["dod-il2", "dod-il4", "dod-il5"]),
        ("CIS benchmarks, controls, and images", ["cis-benchmarks"]),
        ("MARS-E 2.0 and 2 other frameworks", ["mars-e-2.0"]),
        ("ISO 27001 and 12 other standards", ["iso-27001"]),
    ],
)
def test_a_list_that_leaves_out_the_common_start_is_completed(
    standards: Standards, text: str, expected: list[str]
) -> None:
    assert keys(standards.find(text)) == expected


def test_mentions_quote_the_text_and_stand_in_order(standards: Standards) -> None:
    text = "FedRAMP rests on NIST SP 800-53 Rev. 4, as does the Cloud Controls Matrix (CCM) v3.0.1."
    found = standards.find(text)
    assert [text[each.start : each.end] for each in found] == [each.label for each in found]
    assert [each.label for each in found] == [
        "FedRAMP",
        "NIST SP 800-53 Rev. 4",
        "Cloud Controls Matrix (CCM) v3.0.1",
    ]


def test_a_name_and_its_short_name_in_parentheses_are_one_mention(standards: Standards) -> None:
    (found,) = standards.find("Minimum Acceptable Risk Standards for Exchanges (MARS-E) 2.0 Framework")
    assert found.iri == std("mars-e-2.0")


@pytest.mark.parametrize(
    ("text", "edition", "work"),
    [
        ("ISO 22400-1:2014", "iso-22400-1-2014", "iso-22400-1"),
        ("NIST SP 800-999 Rev. 2", "nist-800-999-r2", "nist-800-999"),
        ("ETSI EN 303 645 V2.1.1", "en-303-645-2.1.1", "en-303-645"),
        ("IEC 62443-4-2:2019", "iec-62443-4-2-2019", "iec-62443-4-2"),
        ("GB/T 22239-2019", "gb-t-22239-2019", "gb-t-22239"),
        ("BS 10012:2017", "bs-10012-2017", "bs-10012"),
    ],
)
def test_an_unregistered_member_of_a_family_becomes_a_candidate_with_its_edition(
    standards: Standards, text: str, edition: str, work: str
) -> None:
    (found,) = standards.find(f"They are audited against {text}.")
    assert found.iri == std(edition)
    assert [node.iri for node in found.candidates] == [std(edition), std(work)]
    assert found.candidate is not None
    assert found.candidate.version_of == std(work)
    assert {node.status for node in found.candidates} == {term("ckg:Candidate")}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Executive Order 13999", "executive-order-13999"),
        ("RFC 8446", "rfc-8446"),
        ("34 CFR 99.33(a)", "34-cfr-99.33"),
        ("22 CFR 120", "22-cfr-part-120"),
        ("Commission Delegated Regulation (EU) 2017/565", "eu-regulation-2017-565"),
        ("Directive 2013/36/EU", "eu-directive-2013-36-eu"),
        ("NISTIR 8259", "nistir-8259"),
        ("APRA CPS 900", "apra-cps-900"),
        ("FINMA Circular 2023/1", "finma-2023-1"),
        ("Public Law 113-283", "public-law-113-283"),
        ("FIPS 205", "fips-205"),
    ],
)
def test_designations_of_many_publishers_are_recognised(standards: Standards, text: str, key: str) -> None:
    (found,) = standards.find(f"See {text} for more.")
    assert found.iri == std(key)
    assert [node.iri for node in found.candidates] == [std(key)]


def test_an_unknown_version_of_a_registered_standard_is_a_candidate_edition(standards: Standards) -> None:
    (found,) = standards.find("certified to HITRUST CSF v9.6")
    (node,) = found.candidates
    assert (node.iri, node.version_of, node.version) == (
        std("hitrust-csf-9.6"),
        std("hitrust-csf"),
        literal("9.6"),
    )


def test_a_law_gets_no_edition_from_a_number_that_follows_it(standards: Standards) -> None:
    assert keys(standards.find("GDPR 2.0 is a joke, and HIPAA version 3 as well")) == ["gdpr", "hipaa"]


@pytest.mark.parametrize(
    "text",
    [
        "Hear with your ear, and do not go too far.",
        "The common criteria for apps and controls.",
        "Learn more at www.fedramp.gov or call 1-800-171-5555.",
        "ISO/IEC JTC 1/SC 27 is a committee.",
        "It supports 256-bit keys, 99.9% uptime, and 2,019 users in 2013.",
        "",
    ],
)
def test_ordinary_words_and_numbers_are_no_standards(standards: Standards, text: str) -> None:
    assert standards.find(text) == ()


def test_an_ambiguous_name_is_reported_and_not_guessed(standards: Standards) -> None:
    assert standards.find("The ISM applies.") == ()
    (found,) = standards.ambiguous("The ISM applies.")
    assert (found.label, found.iris) == ("ISM", (std("australian-ism"), std("nz-ism")))


def test_the_standard_of_the_page_settles_an_ambiguous_name(standards: Standards) -> None:
    own = std("pdpa-argentina")
    assert keys(standards.find("The PDPA applies.", own=own)) == ["pdpa-argentina"]
    assert standards.ambiguous("The PDPA applies.", own=own) == []


def test_the_publisher_of_the_pages_standard_settles_an_ambiguous_name(standards: Standards) -> None:
    assert keys(standards.find("The ISM applies.", own=std("irap"))) == ["australian-ism"]


def test_a_text_that_names_one_of_them_in_full_settles_an_ambiguous_name(standards: Standards) -> None:
    text = "The New Zealand Information Security Manual applies. The ISM is public."
    assert keys(standards.find(text)) == ["nz-ism", "nz-ism"]


def test_names_that_hold_on_one_page_only_are_found_there(standards: Standards) -> None:
    own = std("qcf")
    text = "QCF builds on ISO 27001."
    assert keys(standards.find(text, own=own, also=(("QCF", own),))) == ["qcf", "iso-27001"]
    assert keys(standards.find(text)) == ["iso-27001"]


@pytest.mark.parametrize(
    ("text", "lang", "key"),
    [
        ("交易可接受的最小風險標準 (MARS-E)", "zh-tw", "mars-e"),
        ("Le RGPD s’applique.", "fr-fr", "gdpr"),
        ("Die DSGVO gilt.", "de-de", "gdpr"),
        ("聯邦風險與授權管理計畫 (FedRAMP)", "zh-tw", "fedramp"),
    ],
)
def test_names_are_known_in_other_languages(standards: Standards, text: str, lang: str, key: str) -> None:
    assert keys(standards.find(text, lang)) == [key]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("iso 27001", "iso-27001"),
        ("ISO/IEC 27001:2013", "iso-27001-2013"),
        ("mars-e 2.0", "mars-e-2.0"),
        ("sp 800-53 rev 4", "nist-800-53-r4"),
        ("800-53r4", "nist-800-53-r4"),
        ("nist 800-53", "nist-800-53"),
        ("soc 2", "soc-2"),
        ("Pci Dss v4.0", "pci-dss-4.0"),
        ("DSGVO", "gdpr"),
    ],
)
def test_get_takes_a_whole_name_whatever_its_case(standards: Standards, name: str, key: str) -> None:
    assert standards.get(name) == std(key)


@pytest.mark.parametrize("name", ["CSF", "no such standard", "ISO 99999", "ISO 27001 and ISO 27002", ""])
def test_get_knows_nothing_of_unclear_or_unregistered_names(standards: Standards, name: str) -> None:
    assert standards.get(name) is None


def test_an_edition_knows_its_work_and_takes_kind_and_publisher_from_it(standards: Standards) -> None:
    edition = std("nist-800-53-r4")
    assert standards.standard_of(edition) == std("nist-800-53")
    assert standards.standard_of(std("hipaa")) == std("hipaa")
    assert standards.programme_of(std("fedramp-moderate")) == std("fedramp")
    assert standards.publisher(edition) == names.organization("nist")
    assert standards.kind(edition) == names.thing("standard-kind", "standard")
    assert standards.kind(std("mars-e-2.0")) == names.thing("standard-kind", "framework")
    assert std("nist-800-53-r5") in standards.editions(std("nist-800-53"))
    assert standards.label(edition) == "NIST SP 800-53 Rev. 4"
    assert standards.label(std("gdpr"), "fr") == "RGPD"


def test_every_edition_is_of_a_registered_work_and_tells_its_version(
    registry: Registry, standards: Standards
) -> None:
    wrong = [
        edition
        for edition in registry.members("ckg:Edition")
        if not registry.text(edition, "pav:version")
        or not all(standards.knows(work) for work in registry.iris(edition, "dcterms:isVersionOf"))
        or standards.standard_of(edition) == edition
    ]
    assert wrong == []


def test_every_standard_has_an_english_name_and_every_work_a_kind(
    registry: Registry, standards: Standards
) -> None:
    wrong = [
        thing
        for thing in registry.members("ckg:Standard")
        if not standards.label(thing) or standards.kind(thing) is None
    ]
    assert wrong == []


def test_nothing_named_in_the_registries_of_standards_is_missing(registry: Registry) -> None:
    said = (
        "dcterms:publisher",
        "dcterms:isVersionOf",
        "dcterms:isPartOf",
        "dcterms:replaces",
        "schema:about",
    )
    things = (
        *registry.members("ckg:Standard"),
        *registry.members("ckg:OfferingTitle"),
        *registry.members("ckg:DesignationFamily"),
    )
    missing = {
        other
        for thing in things
        for predicate in said
        for other in registry.iris(thing, predicate)
        if not registry.labels(other, "skos:prefLabel")
    }
    assert missing == set()


def test_a_registered_designation_has_the_key_its_family_gives(
    registry: Registry, standards: Standards
) -> None:
    """A key that differs would make two things of one standard."""
    wrong = []
    for thing in registry.members("ckg:Standard"):
        label = standards.label(thing)
        if re.match(r"(ISO|NIST SP|FIPS|ISAE|SSAE|CNSSI|IRS Pub|AT-C|APRA C|BSI-Standard|NEN)\b.*\d", label):
            wrong += [mention for mention in standards.find(label)[:1] if mention.iri != thing]
    assert wrong == []


@pytest.mark.parametrize(
    "key",
    [
        "iso-27001",
        "iso-27001-2013",
        "iso-20000-1-2011",
        "mars-e",
        "mars-e-2.0",
        "nist-800-53",
        "nist-800-53-r4",
        "nist-800-53-r5",
        "fedramp",
        "fedramp-low",
        "fedramp-moderate",
        "fedramp-high",
        "soc-2",
        "soc-2-type-2",
    ],
)
def test_the_keys_of_the_contract_are_registered(standards: Standards, key: str) -> None:
    assert standards.knows(std(key))


def test_a_family_whose_pattern_is_no_regular_expression_is_a_mistake_in_the_vocabulary(
    tmp_path: Path,
) -> None:
    (tmp_path / "bad.ttl").write_text(
        "@prefix ckg: <https://w3id.org/compliance-kg/ontology#> .\n"
        '<https://example.org/f> a ckg:DesignationFamily ; ckg:signal "X" ; ckg:pattern "X(" .\n'
    )
    with pytest.raises(VocabularyError, match="no regular expression"):
        Standards(Registry(tmp_path))


def test_the_names_in_hand_made_expectations_are_known(standards: Standards, expected: Path) -> None:
    with (expected / "relations.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    wanted = {name for row in rows for name in (row["subject"], row["object"])}
    assert {name for name in wanted if not standards.find(name)} == set()
