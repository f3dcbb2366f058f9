"""Documents that a page offers: evidence of audits, background, and further reading."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from kg import files, names
from kg.concepts.artifacts import ArtifactKinds
from kg.concepts.registry import Registry
from kg.documents.urls import normalise
from kg.errors import Issue
from kg.records import Artifact, Claim, Record, Resource, StandardNode, Unresolved
from kg.sources.offering import artifacts
from kg.sources.offering.page import Page
from kg.terms import Literal, bare, literal, term, typed
from tests.test_scope import LOCALES, key, page_of, pages

HAS_ARTIFACT = term("ckg:hasArtifact")
HAS_BACKGROUND = term("ckg:hasBackgroundDocument")
REFERENCES = term("dcterms:references")
KINDS = {
    "certificate": "certificate",
    "report": "audit-report",
    "soa": "statement-of-applicability",
}


def audits(text: str) -> Page:
    return page_of(f"# ISO/IEC 27001:2013\n\n## Audits, reports, and certificates\n\n{text}\n")


def offered(page: Page, prop: str = HAS_ARTIFACT) -> list[Artifact | Resource]:
    """What the page offers by one property, in document order."""
    records = list(artifacts.read(page))
    nodes = {record.iri: record for record in records if isinstance(record, Artifact | Resource)}
    return [nodes[record.target] for record in records if isinstance(record, Claim) and record.prop == prop]


def dated(written: str) -> Literal:
    value, datatype = written.split("^^")
    return typed(value.strip('"'), datatype)


def facts(page: Page) -> list[tuple[str, list[str], list[str]]]:
    """Kind, standards attested and services covered of each piece of evidence."""
    return [
        (key(each.kind), [key(iri) for iri in each.attests or ()], [key(iri) for iri in each.covers or ()])
        for each in offered(page)
        if isinstance(each, Artifact)
    ]


@pytest.mark.parametrize(
    "label, kind",
    [
        ("Azure ISO 27001 Certificate", "certificate"),
        ("Azure Cyber Essentials PLUS certification", "certificate"),
        ("ISO 27001 and 27018 Audit Assessment Report", "audit-report"),
        ("SOC 2 Type II Report.pdf", "audit-report"),
        ("Statement of Applicability (SOA)", "statement-of-applicability"),
        ("ISO 27001 SOA", "statement-of-applicability"),
        ("Letter of Certification", "attestation-letter"),
        ("PCI DSS Attestation of Compliance (AoC)", "attestation-letter"),
        ("Q1 bridge letter", "attestation-letter"),
        ("Standard Coverage User Guide", "guidance"),
        ("Shared responsibility matrix", "mapping"),
    ],
)
def test_the_longest_words_in_a_label_tell_the_kind(label: str, kind: str) -> None:
    found = ArtifactKinds(Registry(files.ontology())).of(label)
    assert key(found) == kind


@pytest.mark.parametrize(
    "label, lang, kind",
    [
        ("Certificat ISO 27001", "fr-fr", "certificate"),
        ("Prüfbericht zu ISO 27001", "de-de", "audit-report"),
        ("Azure ISO 27001 適用宣言書", "ja-jp", "statement-of-applicability"),
        ("ISO 27001 稽核評估報告", "zh-tw", "audit-report"),
    ],
)
def test_kinds_are_told_in_other_languages_too(label: str, lang: str, kind: str) -> None:
    assert key(ArtifactKinds(Registry(files.ontology())).of(label, lang)) == kind


def test_a_linked_item_is_evidence_with_address_label_and_place() -> None:
    page = audits("- [Azure ISO 27001 Certificate](https://aka.ms/en-us/cert?ocid=x)")
    artifact, claim = list(artifacts.read(page))
    assert isinstance(artifact, Artifact)
    assert artifact.iri == names.web("artifact", "https://aka.ms/cert")
    assert artifact.url == "<https://aka.ms/cert>"
    assert artifact.labels == (literal("Azure ISO 27001 Certificate", "en"),)
    assert isinstance(claim, Claim)
    assert (claim.prop, claim.target, claim.types) == (
        HAS_ARTIFACT,
        artifact.iri,
        (term("ckg:ArtifactClaim"),),
    )
    assert claim.evidence == (page.segment("line-5.1"),)


def test_a_label_tells_what_is_attested_and_covered() -> None:
    page = audits(
        "- [Azure, Flow, and Stream — ISO 27001 and 27018 Audit Assessment Report](https://aka.ms/a)"
    )
    assert facts(page) == [
        ("audit-report", ["iso-27001", "iso-27018"], ["azure", "power-automate", "microsoft-stream"])
    ]


def test_a_heading_tells_what_is_covered_where_the_label_does_not() -> None:
    page = audits(
        "### Dynamics 365\n\n- [Audit report](https://aka.ms/a) (Spanish)\n- [Yammer report](https://aka.ms/b)"
    )
    assert facts(page) == [
        ("audit-report", ["iso-27001-2013"], ["dynamics-365"]),
        ("audit-report", ["iso-27001-2013"], ["yammer"]),
    ]
    assert offered(page)[0].labels == (literal("Audit report (Spanish)", "en"),)


def test_a_sentence_before_the_list_tells_what_is_covered() -> None:
    page = audits("Documentation for Azure and Intune\n\n- [Certificate](https://aka.ms/a)")
    assert facts(page) == [("certificate", ["iso-27001-2013"], ["azure", "intune"])]


def test_clouds_after_a_suite_are_services_of_their_own() -> None:
    page = audits("- [Office 365 — Global and Germany ISO 27001 Certificate](https://aka.ms/a)")
    assert facts(page)[0][2] == ["office-365", "office-365-germany"]


def test_a_bare_name_of_a_service_is_of_the_kind_of_the_others() -> None:
    page = audits(
        "### Azure\n\n- [Azure ISO 27001 certificate](https://aka.ms/a)\n\n"
        "### Azure DevOps Services\n\n- [Azure DevOps Services](https://example.org/b)\n"
    )
    assert [kind for kind, _, _ in facts(page)] == ["certificate", "certificate"]


def test_an_address_tells_the_kind_of_a_bare_name() -> None:
    page = audits(
        "- [Azure DevOps Services](https://example.org/Certificate-Client-Directory-Search-Results/?x=1)"
    )
    assert [kind for kind, _, _ in facts(page)] == ["certificate"]


@pytest.mark.parametrize(
    "text",
    [
        "- [See additional audit reports](https://aka.ms/other)",
        "[See bridge letters and additional audit reports](https://aka.ms/auditreports)",
        "- [Voir d’autres documents](https://aka.ms/auditreports)",
        "Get a [complete list of benchmarks](https://example.org/) for all products.",
        "Details are on the [ENX portal](https://portal.example.org/).",
        "Send mail to [the team](mailto:team@example.org).",
        "The standard is [explained elsewhere](https://example.org/) at length and in much detail.",
    ],
)
def test_indexes_portals_and_passing_links_are_no_evidence(text: str) -> None:
    assert offered(audits(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[Azure FACT certificate](https://aka.ms/a)",
        "The certification is renewed each year: [Azure FACT certificate](https://aka.ms/a)",
        "Download the [Azure audit report](https://aka.ms/a) if you need all the details of what was examined.",
        "[Azure & Rule 1.31](https://aka.ms/a) - a long description of the assessment of Azure storage",
    ],
)
def test_a_sentence_that_offers_a_document_gives_evidence(text: str) -> None:
    assert [each.url for each in offered(audits(text))] == ["<https://aka.ms/a>"]


def test_links_beside_each_other_are_documents_and_a_sentence_that_links_is_none() -> None:
    listed = "[Azure](https://example.com/a.pdf)<br>[Office 365](https://example.com/b.pdf)"
    assert [each.url for each in offered(audits(listed))] == [
        "<https://example.com/a.pdf>",
        "<https://example.com/b.pdf>",
    ]
    spoken = (
        "[Azure](https://example.com/a.pdf) is bought as often as [Office 365](https://example.com/b.pdf) is."
    )
    assert offered(audits(spoken)) == []


def test_items_after_an_announcement_are_documents_without_an_address() -> None:
    page = audits("SOC 1 Type 2 reports for:\n\n- Azure and Power BI\n- Office 365")
    assert facts(page) == [
        ("audit-report", ["soc-1-type-2"], ["azure", "power-bi"]),
        ("audit-report", ["soc-1-type-2"], ["office-365"]),
    ]
    assert {each.url for each in offered(page)} == {None}


@pytest.mark.parametrize(
    "item, issued",
    [
        ("[Azure ISO 27001 audit report (2023-06-30)](https://x.test/a)", '"2023-06-30"^^xsd:date'),
        ("[Azure P-ATO letter signed March 3, 2017](https://x.test/a)", '"2017-03-03"^^xsd:date'),
        ("[Azure certificate](https://x.test/a) (dated 30 June 2023)", '"2023-06-30"^^xsd:date'),
        ("[Azure certificate](https://x.test/a), June 2023", '"2023-06"^^xsd:gYearMonth'),
        ("[Rapport d'audit Azure du 1er juillet 2022](https://x.test/a)", '"2022-07-01"^^xsd:date'),
        ("[Rapport d'audit Azure, 1er juillet 2022](https://x.test/a)", '"2022-07-01"^^xsd:date'),
        ("[Azure Prüfbericht vom 30. Juni 2023](https://x.test/a)", '"2023-06-30"^^xsd:date'),
        ("[Informe de auditoría de Azure, 30 de junio de 2023](https://x.test/a)", '"2023-06-30"^^xsd:date'),
        ("[Azure 監査報告書 (2023 年 6 月 30 日)](https://x.test/a)", '"2023-06-30"^^xsd:date'),
        ("[FY23 Azure audit report](https://x.test/a)", None),
        ("[Azure audit report 06/07/2023](https://x.test/a)", None),
        ("[Azure audit report, 2023-02-30](https://x.test/a)", None),
        ("[Azure certificate, valid until June 30, 2026](https://x.test/a)", None),
        ("[Azure audit report, April 1, 2022 to March 31, 2023](https://x.test/a)", None),
        ("[Azure ISO/IEC 27001:2013 certificate](https://x.test/a)", None),
        ("[Azure certificate](https://x.test/a) was renewed before the audit of June 30, 2023", None),
    ],
)
def test_a_date_beside_a_document_is_its_date_of_issue_where_it_can_be_no_other(
    item: str, issued: str | None
) -> None:
    [found] = offered(audits(f"- {item}"))
    assert isinstance(found, Artifact)
    assert found.issued == (dated(issued) if issued else None)


def test_a_table_groups_documents_by_its_first_cell() -> None:
    page = audits("| Service | Documents |\n|---|---|\n| Intune | [Certificate](https://aka.ms/a) |\n")
    assert facts(page) == [("certificate", ["iso-27001-2013"], ["intune"])]


def test_an_item_that_offers_nothing_is_unresolved_and_an_issue() -> None:
    records = list(artifacts.read(audits("- Participant ID: 12345")))
    assert [record.expected for record in records if isinstance(record, Unresolved)] == [term("ckg:Artifact")]
    assert [record.code for record in records if isinstance(record, Issue)] == ["unresolved-artifact"]


def test_a_document_listed_twice_is_one_artifact_with_two_places() -> None:
    page = audits("- [SOA](https://aka.ms/a)\n- [Statement of Applicability](https://aka.ms/a)")
    (artifact,) = offered(page)
    assert artifact.labels == (literal("SOA", "en"), literal("Statement of Applicability", "en"))
    (claim,) = [record for record in artifacts.read(page) if isinstance(record, Claim)]
    assert claim.evidence == (page.segment("line-5.1"), page.segment("line-6.1"))


def test_an_unregistered_standard_on_a_label_is_recorded_as_candidate() -> None:
    records = list(artifacts.read(audits("- [Azure ISO/IEC 49999 certificate](https://aka.ms/a)")))
    assert [key(record.iri) for record in records if isinstance(record, StandardNode)] == ["iso-49999"]


def test_backgrounders_and_white_papers_are_background_and_no_evidence() -> None:
    page = page_of(
        "# ISO/IEC 27001:2013\n\n## Microsoft and ISO/IEC 27001\n\n"
        "Learn more: [Download the backgrounder](https://aka.ms/a)\n\n"
        "## White papers\n\n- [Thirteen controls](https://aka.ms/b)\n\n"
        "## Download the offering backgrounder\n\nDownload the [PDF](https://example.org/c.pdf).\n"
    )
    assert offered(page) == []
    assert [(key(each.kind), each.url) for each in offered(page, HAS_BACKGROUND)] == [
        ("backgrounder", "<https://aka.ms/a>"),
        ("white-paper", "<https://aka.ms/b>"),
        ("backgrounder", "<https://example.org/c.pdf>"),
    ]


def test_resources_are_the_items_of_the_list_nested_and_unlinked_ones_too() -> None:
    page = page_of(
        "# ISO/IEC 27001:2013\n\n## Resources\n\n- Suite of documents\n"
        "    - [Volume I](https://example.org/1)\n- [The standard](https://example.org/2) (for purchase)\n"
        "- [A white paper](https://example.org/3)\n"
    )
    found = offered(page, REFERENCES)
    assert [each.labels for each in found] == [
        (literal("Suite of documents", "en"),),
        (literal("Volume I", "en"),),
        (literal("The standard (for purchase)", "en"),),
        (literal("A white paper", "en"),),
    ]
    assert isinstance(found[1], Resource)
    assert found[1].part_of == found[0].iri
    assert offered(page, HAS_BACKGROUND) == []


def test_labels_carry_both_languages() -> None:
    def pair(key: str, own: str, english: str) -> str:
        return (
            f'<span data-ttu-id="{key}">{own}</span><span class="sxs-lookup">'
            f'<span data-stu-id="{key}">{english}</span></span>'
        )

    page = page_of(
        "---\nms.contentlocale: de-DE\n---\n# ISO/IEC 27001:2013\n\n## Audits, reports, and certificates\n\n"
        f"- [{pair('a-1', 'Azure-Zertifikat', 'Azure certificate')}](https://aka.ms/a)\n"
    )
    (artifact,) = offered(page)
    assert artifact.labels == (literal("Azure-Zertifikat", "de-de"), literal("Azure certificate", "en"))


def test_a_page_that_is_no_offering_offers_nothing() -> None:
    page = page_of("# Notes\n\n## Resources\n\n- [A](https://example.org/)\n", offering=False)
    assert list(artifacts.read(page)) == []


def urls_of(found: list[Artifact | Resource]) -> list[str]:
    return [bare(each.url) for each in found if each.url]


@pytest.mark.parametrize("slug", ["iso-27001", "mars-e"])
def test_the_seeds_documents_are_exactly_those_read_by_hand(corpus: Path, expected: Path, slug: str) -> None:
    told = json.loads((expected / "documents.json").read_text(encoding="utf-8"))["docs"]
    document = next(each for each in told if each["slug"] == slug)
    page = page_of((corpus.parent / document["file"].removeprefix("shared/")).read_bytes())

    evidence = offered(page)
    assert urls_of(evidence) == [normalise(each["url"]) for each in document["artifacts"]]
    assert [literal(each["label"], "en") in (node.labels or ()) for each, node in zip(document["artifacts"], evidence, strict=True)] == [True] * len(evidence)  # fmt: skip
    assert [key(each.kind) for each in evidence] == [KINDS[each["type"]] for each in document["artifacts"]]

    reading = offered(page, REFERENCES)
    assert urls_of(reading) == [normalise(url) for each in document["resources"] for url in each["urls"]]
    wanted = [literal(each["label"], "en") for each in document["resources"]]
    assert [next(label for label in node.labels or () if label.endswith("@en")) for node in reading] == wanted


def links_of(page: Page) -> set[tuple[str, str]]:
    return {
        (prop, url)
        for prop in (HAS_ARTIFACT, HAS_BACKGROUND, REFERENCES)
        for url in urls_of(offered(page, prop))
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "translated, original", [("", "en-us"), ("variants/sxs-2021", "variants/en-us-2021")]
)
def test_translations_offer_the_same_documents_as_their_originals(
    corpus: Path, translated: str, original: str
) -> None:
    originals = {name: links_of(page) for name, page in pages(corpus / original)}
    differing = [
        f"{locale}/{name}"
        for locale in LOCALES
        for name, page in pages(corpus / translated / locale)
        if links_of(page) != originals[name]
    ]
    assert differing == []


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["fr-fr", "ja-jp"])
def test_pages_with_the_translation_alone_offer_nearly_the_same(corpus: Path, locale: str) -> None:
    originals = {name: links_of(page) for name, page in pages(corpus / "en-us")}
    found = {name: links_of(page) for name, page in pages(corpus / "variants" / "nosxs" / locale)}
    assert sum(found[name] == originals[name] for name in found) >= 0.95 * len(found)


@pytest.mark.slow
def test_every_item_on_audits_becomes_a_claim_an_index_or_an_issue(corpus: Path) -> None:
    counts: Counter[str] = Counter()
    for folder in ("en-us", *(f"variants/en-us-{year}" for year in (2019, 2021, 2023))):
        for name, page in pages(corpus / folder):
            records: list[Record | Issue] = list(artifacts.read(page))
            cited = {iri for record in records if isinstance(record, Claim) for iri in record.evidence or ()}
            lines = {record.line for record in records if isinstance(record, Issue)}
            for block in (inner for each in page.sections(artifacts.AUDITS) for outer in each.blocks for inner in outer.walk()):  # fmt: skip
                if block.kind != "item" or not block.reading:
                    continue
                counts["items"] += 1
                if block.line not in lines and not any(
                    page.segment(segment) in cited for segment in block.segments
                ):
                    assert page.concepts.services.wordings.within("index-link", block.reading), (
                        f"{name}: {block.reading}"
                    )
            counts["unresolved"] += sum(isinstance(record, Unresolved) for record in records)
    assert counts["items"] > 250
    assert counts["unresolved"] <= 0.05 * counts["items"]
