"""What a page is, is told by its content: an offering about a standard, or a plain document."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from kg import concepts, files, names
from kg.concepts import Concepts
from kg.documents import markdown
from kg.documents.model import Document
from kg.records import Claim, StandardNode
from kg.sources.offering.identity import Identity, identify, slug_of
from kg.terms import Iri, literal

DOCUMENT = Iri("<https://example.org/id/document/en-us/page/0123456789ab>")
SCOPE = "## Microsoft in-scope cloud services\n\n- Azure\n- Intune\n"


@pytest.fixture(scope="module")
def known() -> Concepts:
    return concepts.load(files.ontology())


def page(title: str, *rest: str, path: str = "page.txt", front: str = "") -> Document:
    stated = f"---\n{front}---\n\n" if front else ""
    return markdown.read(f"{stated}# {title}\n\n{''.join(rest) or SCOPE}".encode(), path)


def of(document: Document, known: Concepts) -> Identity:
    return identify(document, DOCUMENT, known)


def keys(found: Identity) -> list[str]:
    return [standard[1:-1].rsplit("/", 1)[-1] for standard in found.standards]


def test_a_title_that_names_an_edition_gives_that_edition_and_the_known_slug(known: Concepts) -> None:
    found = of(page("Minimum Acceptable Risk Standards for Exchanges (MARS-E) 2.0 Framework"), known)
    assert found.slug == "mars-e"
    assert found.offering == names.offering("microsoft", "mars-e")
    assert found.standard == names.standard("mars-e-2.0")
    assert found.provider == names.organization("microsoft")
    assert found.publisher == names.organization("cms")
    assert found.issues == ()


@pytest.mark.parametrize(
    ("title", "slug", "standards"),
    [
        ("ISO/IEC 22301:2019 Business Continuity", "iso-22301", ["iso-22301-2019"]),
        ("ISO/IEC 27001:2022 Information Security Management", "iso-27001", ["iso-27001-2022"]),
        ("Criminal Justice Information Services (CJIS) Security Policy", "cjis", ["cjis"]),
        ("Payment Card Industry (PCI) Data Security Standard (DSS)", "pci-dss", ["pci-dss"]),
        ("Multi-Tier Cloud Security (MTCS) Standard for Singapore", "mtcs-singapore", ["mtcs"]),
        ("European Banking Authority (EBA)", "eba-eu", ["eba-outsourcing-guidelines"]),
        ("DoD Impact Levels 2, 4, and 5", "dod-disa-l2-l4-l5", ["dod-il2", "dod-il4", "dod-il5"]),
        ("HIPAA and the HITECH Act", "hipaa-hitech", ["hipaa", "hitech"]),
        ("TX-RAMP", "tx-ramp", ["tx-ramp"]),
    ],
)
def test_a_page_never_seen_is_placed_by_its_title(
    known: Concepts, title: str, slug: str, standards: list[str]
) -> None:
    found = of(page(title), known)
    assert (found.slug, keys(found)) == (slug, standards)


def test_a_regulators_name_stands_for_the_rules_it_makes(known: Concepts) -> None:
    found = of(page("Financial Supervision Authority (KNF) Poland"), known)
    assert keys(found) == ["knf-requirements"]
    assert found.publisher == names.organization("knf")


def test_the_overview_tells_the_edition_where_the_title_does_not(known: Concepts) -> None:
    overview = "## ISO/IEC 27018 overview\n\nIn 2014 came ISO/IEC 27018:2014, for clouds.\n\n"
    found = of(page("ISO/IEC 27018 Personal Data in the Cloud", overview, SCOPE), known)
    assert keys(found) == ["iso-27018-2014"]
    (claim,) = (record for record in found.records if isinstance(record, Claim))
    assert len(claim.evidence or ()) == 2


def test_an_overview_that_tells_two_editions_tells_none(known: Concepts) -> None:
    overview = "## About WCAG\n\nWCAG 2.0 came first, and WCAG 2.1 after it.\n\n"
    assert keys(of(page("Web Content Accessibility Guidelines", overview, SCOPE), known)) == ["wcag"]


def test_the_claim_quotes_the_heading(known: Concepts) -> None:
    document = page("TISAX")
    found = of(document, known)
    (claim,) = found.records
    assert isinstance(claim, Claim)
    heading = next(document.segments())
    assert claim.source == found.offering
    assert claim.target == names.standard("tisax")
    assert claim.evidence == (names.part(DOCUMENT, "segment", heading.id),)
    assert claim.derived_from == (DOCUMENT,)


def test_an_unknown_standard_becomes_a_candidate_with_name_short_name_and_edition(known: Concepts) -> None:
    found = of(page("Quondam Cloud Framework (QCF) 3.1 based on ISO 27001"), known)
    edition, work = (record for record in found.records if isinstance(record, StandardNode))
    assert found.standard == edition.iri == names.standard("qcf-3.1")
    assert (edition.version_of, edition.version) == (work.iri, literal("3.1"))
    assert work.labels == (literal("QCF", "en"),)
    assert work.other_labels == (literal("Quondam Cloud Framework", "en"),)
    assert [issue.code for issue in found.issues] == ["candidate-standard"]
    assert ("QCF", work.iri) in found.own_names


def test_the_short_name_of_an_organization_is_not_taken_for_that_of_its_rules(known: Concepts) -> None:
    found = of(page("Quondam Guidance of the Department of Defense (DoD)"), known)
    assert keys(found) == ["quondam-guidance-of-the-department-of-defense"]


def test_a_designation_nobody_registered_gives_a_candidate_of_its_family(known: Concepts) -> None:
    found = of(page("EN 303 645 Cyber Security for Consumer IoT"), known)
    assert keys(found) == ["en-303-645"]
    assert [record.iri for record in found.records if isinstance(record, StandardNode)] == [
        names.standard("en-303-645")
    ]


@pytest.mark.parametrize(
    "document",
    [
        page("How ISO 27001 helps you", "## Layout\n\nA folder of Azure files.\n"),
        page("GDPR for SharePoint Server", "## User generated content\n\nMicrosoft SharePoint.\n"),
        page("Microsoft compliance offerings", "<ul><li><p>ISO 27001</p></li></ul>\n"),
        markdown.read(b"Just a paragraph about Azure.\n", "README.md"),
        markdown.read(b"- [ISO 27001](offering-iso-27001.md)\n- [SOC](offering-soc.md)\n", "index.md"),
    ],
)
def test_a_page_that_is_no_offering_gets_nothing(known: Concepts, document: Document) -> None:
    found = of(document, known)
    assert (found.offering, found.standards, found.records, found.issues) == (None, (), (), ())
    assert found.slug


def test_a_title_that_announces_an_offering_is_enough(known: Concepts) -> None:
    rest = "## Best practices\n\nMicrosoft helps.\n"
    assert of(page("Compliance offering: General Data Protection Regulation (GDPR)", rest), known).offering
    assert of(page("General Data Protection Regulation Summary", rest), known).offering is None


def test_an_offering_of_nobody_we_know_is_an_issue(known: Concepts) -> None:
    found = of(page("ISO 27001", "## Services in scope\n\n- Some cloud\n"), known)
    assert found.offering is None
    assert [issue.code for issue in found.issues] == ["unknown-provider"]


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("offering-ISO-27018.md", "iso-27018"),
        ("docs/Offering-CFTC-1-31-US.md", "cftc-1-31-us"),
        ("offering-with space.md", "with-space"),
    ],
)
def test_the_name_of_an_offering_file_is_its_slug(known: Concepts, path: str, slug: str) -> None:
    assert slug_of(page("Anything", path=path), known) == slug


def test_a_file_named_otherwise_takes_the_slug_of_its_title_else_the_anchor(known: Concepts) -> None:
    assert slug_of(page("FedRAMP"), known) == "fedramp"
    assert slug_of(page("Breach notification", "## Terms\n"), known) == "breach-notification"
    assert slug_of(markdown.read(b"No heading at all.\n", "a/Some Note.md"), known) == "some-note"


def test_a_bilingual_page_is_what_its_english_side_says(known: Concepts) -> None:
    title = (
        '<span data-ttu-id="a-1">交易風險標準架構</span><span class="sxs-lookup">'
        '<span data-stu-id="a-1">MARS-E 2.0 Framework</span></span>'
    )
    assert keys(of(page(title, front="ms.contentlocale: zh-TW\n"), known)) == ["mars-e-2.0"]


def test_a_translated_page_is_placed_by_its_title_in_that_language(known: Concepts) -> None:
    front = 'title: "Lois canadiennes"\nms.contentlocale: fr-FR\n'
    scope = "## Services Cloud Microsoft concernés\n\n- Azure\n"
    document = page("Lois canadiennes sur la protection de la vie privée", scope, front=front)
    assert keys(of(document, known)) == ["canadian-privacy-laws"]


def test_a_title_is_known_with_and_without_the_words_that_announce_an_offering(known: Concepts) -> None:
    title = known.titles.get("Compliance offering — FedRAMP")
    assert title is None  # a standard's name is a title only where a page was published under it
    title = known.titles.get(
        "Compliance offering — Federal Risk and Authorization Management Program (FedRAMP)"
    )
    assert title is not None
    assert title == known.titles.of_slug("fedramp") == known.titles.of_standard(names.standard("fedramp"))


@pytest.mark.slow
def test_every_page_of_the_corpus_has_its_slug_and_the_standard_of_its_english_original(
    known: Concepts, corpus: Path
) -> None:
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    wrong_slugs, invented, by_slug = [], [], defaultdict(set)
    for row in rows:
        document = markdown.read((corpus / row["path"]).read_bytes(), row["path"])
        found = of(document, known)
        if row["slug"] not in {"", found.slug}:
            wrong_slugs.append(row["path"])
        if row["slug"] in {"", "home"} and found.offering:
            invented.append(row["path"])
        if row["slug"] not in {"", "home"} and "en-us-" not in row["path"]:
            by_slug[row["slug"]].add(found.standards)
    assert wrong_slugs == []
    assert invented == []
    assert {slug: told for slug, told in by_slug.items() if len(told) != 1 or not all(told)} == {}


@pytest.mark.slow
def test_the_content_alone_tells_what_the_path_tells(known: Concepts, corpus: Path) -> None:
    """Read under another name, a page is about the same standard."""
    differing = []
    for folder in ("en-us", "zh-tw", "variants/nosxs/fr-fr"):
        for path in sorted((corpus / folder).glob("*.md")):
            data = path.read_bytes()
            named, unnamed = (of(markdown.read(data, name), known) for name in (path.name, "page.txt"))
            if named.standards != unnamed.standards:
                differing.append(f"{folder}/{path.name}")
    assert differing == []


def test_identities_are_values(known: Concepts) -> None:
    document = page("FedRAMP")
    assert of(document, known) == of(document, known)
