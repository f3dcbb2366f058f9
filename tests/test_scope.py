"""Which services are in scope: lists, tables and sentences of the sections that say so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import concepts, files, names
from kg.documents import markdown
from kg.documents.model import Section
from kg.errors import Issue
from kg.records import Claim, Record, ServiceNode, Unresolved
from kg.sources.offering import scope
from kg.sources.offering.identity import identify
from kg.sources.offering.page import Page
from kg.terms import Iri, literal, term

LOCALES = ("de-de", "es-es", "fr-fr", "it-it", "ja-jp", "pt-br", "zh-cn", "zh-tw")


def page_of(data: str | bytes, path: str = "offering-test.md", *, offering: bool = True) -> Page:
    """A page as the readers see it; its own standard is what it is about, else ISO/IEC 27001:2013."""
    known = concepts.load(files.ontology())
    document = markdown.read(data.encode() if isinstance(data, str) else data, path)
    iri = names.document(document.language, "test", document.sha256)
    identity = identify(document, iri, known)
    roles: dict[str, Iri] = {}

    def assign(section: Section, inherited: Iri | None) -> None:
        own = known.sections.role(section.anchor, section.title, "en") if section.level > 1 else None
        role = own or inherited
        if role:
            roles[section.anchor] = role
        for below in section.sections:
            assign(below, role)

    for section in document.sections:
        assign(section, None)
    return Page(
        document=document,
        iri=iri,
        concepts=known,
        slug=identity.slug,
        roles=roles,
        offering=names.offering("microsoft", identity.slug) if offering else None,
        standard=identity.standard or names.standard("iso-27001-2013"),
        provider=names.organization("microsoft"),
    )


def in_scope(text: str) -> Page:
    return page_of(f"# ISO/IEC 27001:2013\n\n## Microsoft in-scope cloud services\n\n{text}\n")


def key(iri: Iri | None) -> str:
    return iri[:-1].rpartition("/")[2] if iri else ""


def claims(records: list[Record | Issue]) -> list[Claim]:
    return [record for record in records if isinstance(record, Claim)]


def services(text: str) -> list[str]:
    return [key(claim.target) for claim in claims(list(scope.read(in_scope(text))))]


def test_each_item_becomes_claims_that_point_at_its_own_line() -> None:
    page = in_scope("- Azure and Azure Government\n- Intune")
    found = claims(list(scope.read(page)))
    assert [(key(claim.target), claim.evidence) for claim in found] == [
        ("azure", (page.segment("line-5.1"),)),
        ("azure-government", (page.segment("line-5.1"),)),
        ("intune", (page.segment("line-6.1"),)),
    ]
    assert {claim.source for claim in found} == {page.offering}
    assert {claim.prop for claim in found} == {term("ckg:hasInScopeService")}
    assert all(claim.derived_from == (page.iri,) for claim in found)


def test_a_claims_iri_tells_its_qualifier_cloud_and_level_apart() -> None:
    page = in_scope("Covered services for DoD Impact Level 5\n\n- Power BI (version 9)\n")
    (claim,) = claims(list(scope.read(page)))
    qualifier = literal("(version 9)", "en")
    assert claim.qualifier == (qualifier,)
    assert key(claim.impact_level) == "il5"
    assert claim.iri == page.claim(
        claim.prop, claim.source, claim.target, qualifier, "", claim.impact_level or ""
    )


def test_the_same_statement_in_two_lists_is_one_claim_with_two_places() -> None:
    (claim,) = claims(list(scope.read(in_scope("### SOC 1\n\n- Intune\n\n### SOC 3\n\n- Intune"))))
    assert claim.evidence is not None
    assert len(claim.evidence) == 2


FORMS = {
    "raw list": "<ul>\n<li>Azure</li>\n<li>Contoso Vault and <a href='x'>Intune</a></li>\n</ul>",
    "list in running text": "These are covered: <ul><li>Azure</li><li>Contoso Vault and Intune</li></ul>",
    "raw table": "<table><tr><th>Service</th></tr><tr><td>Azure</td></tr><tr><td>Contoso Vault and Intune</td></tr></table>",
    "terms": "<dl><dt>Azure</dt><dd>All of it.</dd><dt>Contoso Vault</dt><dt>Intune</dt></dl>",
    "lines of a cell": "| Services |\n|---|\n| Azure<br>Contoso Vault<br>Intune |",
    "list in a cell": "| Services |\n|---|\n| <ul><li>Azure</li><li>Contoso Vault</li><li>Intune</li></ul> |",
    "tabs": "# [Cloud](#tab/cloud)\n\n- Azure\n\n# [More](#tab/more)\n\n- Contoso Vault and Intune\n\n---",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_services_are_read_in_whatever_form_they_are_listed(text: str) -> None:
    assert services(text) == ["azure", "contoso-vault", "intune"]


TICKS = (
    "| Service | Last change | Commercial | GCC High | DoD |\n|---|---|---|---|---|\n"
    "| Exchange Online | May | ✔ | yes | :heavy_check_mark: |\n| Sway | June | ✅ (preview) | No | ❌ |\n"
    "| Microsoft Forms | June | | | |\n| Stream | July | Planned | In progress | n/a |\n"
)


def test_a_tick_tells_the_cloud_and_a_row_without_one_is_not_in_scope() -> None:
    found = list(scope.read(in_scope(TICKS)))
    assert [(key(claim.target), key(claim.cloud)) for claim in claims(found)] == [
        ("exchange-online", "commercial"),
        ("exchange-online", "gcc-high"),
        ("exchange-online", "dod"),
        ("sway", "commercial"),
    ]
    assert [issue.code for issue in found if isinstance(issue, Issue)] == ["out-of-scope", "out-of-scope"]


def test_ticks_for_another_standard_or_for_what_is_planned_do_not_count() -> None:
    table = "| Service | {} | PCI DSS | Planned 2024 |\n|---|---|---|---|\n| Azure | ✔ | ✔ | |\n| Intune | | ✔ | ✔ |\n"
    assert services(table.format("ISO/IEC 27001")) == ["azure"]
    assert services(table.format("ISO 27001:2013")) == ["azure"]


def test_a_level_in_the_name_of_a_standard_is_no_cloud() -> None:
    (claim,) = claims(list(scope.read(in_scope("| Service | DoD SRG IL4 |\n|---|---|\n| Intune | IL4 |\n"))))
    assert (key(claim.target), key(claim.impact_level), claim.cloud) == ("intune", "il4", None)


def test_columns_may_tell_the_clouds_of_the_services_listed_below_them() -> None:
    table = "| | Azure | Azure Government |\n|---|---|---|\n| **Services** | Key Vault, Batch | Key Vault |\n"
    found = [(key(claim.target), key(claim.cloud)) for claim in claims(list(scope.read(in_scope(table))))]
    assert found == [
        ("azure-key-vault", "commercial"),
        ("azure-batch", "commercial"),
        ("azure-key-vault", "government"),
    ]


def test_a_suite_with_its_cloud_in_brackets_tells_the_cloud_of_a_row() -> None:
    table = "| Environment | Services |\n|---|---|\n| Office 365 (commercial) | Sway, Planner |\n"
    found = [(key(claim.target), key(claim.cloud)) for claim in claims(list(scope.read(in_scope(table))))]
    assert found == [("sway", "commercial"), ("microsoft-planner", "commercial")]


def test_a_suite_before_its_service_is_part_of_the_name() -> None:
    assert services("- Office 365 SharePoint Online and Azure Government Dynamics 365") == [
        "sharepoint-online",
        "azure-government",
        "dynamics-365",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "### Azure\n\n- Batch\n- Functions",
        "| Azure service |\n|---|\n| Batch |\n| Functions |",
        "### Azure\n\n| Group | Services |\n|---|---|\n| Compute | Batch, Functions |",
    ],
)
def test_a_name_may_leave_out_what_the_heading_says(text: str) -> None:
    assert services(text) == ["azure-batch", "azure-functions"]
    assert services("- Batch") == ["batch"]


def test_what_a_sign_means_is_no_service() -> None:
    found = list(scope.read(in_scope("- ● = Azure and Intune\n- Azure")))
    assert [key(claim.target) for claim in claims(found)] == ["azure"]
    assert [issue.code for issue in found if isinstance(issue, Issue)] == ["legend"]


def test_a_table_tells_the_cloud_of_each_row() -> None:
    page = page_of(
        "# ISO/IEC 27001:2013\n\n### Office 365 applicability and in-scope services\n\n"
        "| **Applicability** | **In-scope services** |\n|---|---|\n"
        "| **Office 365** | Exchange Online, Sway |\n| **GCC High** | Exchange Online |\n"
        "| GCC, DoD | Planner |\n"
    )
    found = [(key(claim.target), key(claim.cloud)) for claim in claims(list(scope.read(page)))]
    assert found == [
        ("exchange-online", "commercial"),
        ("sway", "commercial"),
        ("exchange-online", "gcc-high"),
        ("microsoft-planner", "gcc"),
        ("microsoft-planner", "dod"),
    ]


def test_a_row_that_a_line_break_tore_apart_keeps_its_cloud() -> None:
    page = page_of(
        "# ISO/IEC 27001:2013\n\n### Office 365 applicability and in-scope services\n\n"
        "| **Applicability** | **In-scope services** |\n|---|---|\n"
        "| **GCC** | Exchange Online, \nSway, Planner |\n"
    )
    assert [key(claim.cloud) for claim in claims(list(scope.read(page)))] == ["gcc", "gcc", "gcc"]


def test_a_table_of_services_marks_the_clouds_they_are_in() -> None:
    page = in_scope("| Service | GCC | DoD |\n|---|---|---|\n| Intune | ✓ | |\n| Power BI | ✓ | ✓ |\n")
    found = [(key(claim.target), key(claim.cloud)) for claim in claims(list(scope.read(page)))]
    assert found == [("intune", "gcc"), ("power-bi", "gcc"), ("power-bi", "dod")]


def test_a_table_may_group_services_by_a_word_that_names_none() -> None:
    page = in_scope("| Category | Services |\n|---|---|\n| Compute | Azure Batch, Azure Functions |\n")
    assert [key(claim.target) for claim in claims(list(scope.read(page)))] == [
        "azure-batch",
        "azure-functions",
    ]


def test_a_table_may_tell_the_level_of_each_service() -> None:
    page = in_scope("| Service | Level |\n|---|---|\n| Azure Government | DoD IL5 |\n| Intune | DoD IL4 |\n")
    found = [(key(claim.target), key(claim.impact_level)) for claim in claims(list(scope.read(page)))]
    assert found == [("azure-government", "il5"), ("intune", "il4")]


def test_a_heading_names_a_service_where_nothing_below_it_does() -> None:
    assert services("### Azure\n\nIt was audited.\n\n### Office 365\n\n- Yammer\n") == ["azure", "yammer"]


def test_an_item_that_only_heads_a_list_names_no_service() -> None:
    assert services("- Core services\n    - Intune\n    - Yammer\n") == ["intune", "yammer"]


@pytest.mark.parametrize(
    "text",
    [
        "The following services are not in scope:\n\n- Azure\n- Intune",
        "### Services not in scope\n\n- Azure\n- Intune",
        "- Not in scope: Azure, Intune",
    ],
)
def test_what_is_said_to_be_out_of_scope_is_never_in_scope(text: str) -> None:
    assert services(text) == []


def test_what_is_left_out_after_a_name_qualifies_it() -> None:
    (claim,) = claims(list(scope.read(in_scope("- Azure, excluding Azure Government and Azure Germany"))))
    assert key(claim.target) == "azure"
    assert claim.qualifier == (literal("excluding Azure Government and Azure Germany", "en"),)


def test_items_below_a_service_are_services_of_that_suite() -> None:
    records = list(scope.read(in_scope("- Office 365\n    - Exchange Online\n    - Contoso Mailer\n")))
    assert [(key(claim.target), claim.qualifier) for claim in claims(records)] == [
        ("office-365", None),
        ("exchange-online", (literal("Office 365", "en"),)),
        ("contoso-mailer", (literal("Office 365", "en"),)),
    ]
    (candidate,) = [record for record in records if isinstance(record, ServiceNode)]
    assert candidate.status == term("ckg:Candidate")
    assert key(candidate.umbrella) == "office-365"


def test_places_below_a_service_qualify_it_and_are_no_services() -> None:
    text = "- Azure. The certificate holds in the following regions:\n    - France Central (Paris)\n- Intune"
    found = claims(list(scope.read(in_scope(text))))
    assert [key(claim.target) for claim in found] == ["azure", "intune"]
    assert found[0].qualifier is not None
    assert "France Central (Paris)" in found[0].qualifier[0]
    assert services("The following Azure regions are in scope:\n\n- Japan East\n- Japan West") == []


def test_a_paragraph_of_names_is_a_list() -> None:
    assert services("[Azure and Azure Government](https://example.org/)") == ["azure", "azure-government"]


def test_a_sentence_that_says_what_is_in_scope_is_read_where_there_is_no_list() -> None:
    sentence = "The audit covered Azure and Power BI. It did not cover Yammer."
    assert services(sentence) == ["azure", "power-bi"]
    assert services(f"{sentence}\n\n- Intune") == ["intune"]


def test_alerts_state_no_scope() -> None:
    assert services("- Intune\n\n> [!NOTE]\n> Azure Government") == ["intune"]


def test_a_name_nobody_registered_is_a_candidate_and_an_issue() -> None:
    records = list(scope.read(in_scope("- Contoso Weather Service")))
    assert [key(claim.target) for claim in claims(records)] == ["contoso-weather-service"]
    assert [record.code for record in records if isinstance(record, Issue)] == ["candidate-service"]


def test_words_that_name_nothing_are_unresolved_and_an_issue() -> None:
    records = list(scope.read(in_scope("- See a detailed list of covered services")))
    assert claims(records) == []
    (unresolved,) = [record for record in records if isinstance(record, Unresolved)]
    assert unresolved.expected == term("ckg:CloudService")
    assert [record.code for record in records if isinstance(record, Issue)] == ["unresolved-service"]


def test_a_page_that_is_no_offering_states_no_scope() -> None:
    page = page_of("# Notes\n\n## Microsoft in-scope cloud services\n\n- Azure\n", offering=False)
    assert list(scope.read(page)) == []


@pytest.mark.parametrize("slug", ["iso-27001", "mars-e"])
def test_the_seeds_services_are_exactly_those_read_by_hand(corpus: Path, expected: Path, slug: str) -> None:
    told = json.loads((expected / "documents.json").read_text(encoding="utf-8"))["docs"]
    document = next(each for each in told if each["slug"] == slug)
    page = page_of((corpus.parent / document["file"].removeprefix("shared/")).read_bytes())
    wanted = {page.concepts.services.get(name) for name in document["in_scope_services"]}
    assert None not in wanted
    assert {claim.target for claim in claims(list(scope.read(page)))} == wanted


def pages(folder: Path) -> Iterator[tuple[str, Page]]:
    for path in sorted(folder.glob("*.md")):
        yield path.name.lower(), page_of(path.read_bytes(), path.name)


def statements(page: Page) -> set[tuple[str, str]]:
    return {(key(claim.target), key(claim.cloud)) for claim in claims(list(scope.read(page)))}


@pytest.mark.slow
@pytest.mark.parametrize(
    "translated, original", [("", "en-us"), ("variants/sxs-2021", "variants/en-us-2021")]
)
def test_translations_state_the_same_scope_as_their_originals(
    corpus: Path, translated: str, original: str
) -> None:
    originals = {name: statements(page) for name, page in pages(corpus / original)}
    differing = [
        f"{locale}/{name}"
        for locale in LOCALES
        for name, page in pages(corpus / translated / locale)
        if statements(page) != originals[name]
    ]
    assert differing == []


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["fr-fr", "ja-jp"])
def test_pages_with_the_translation_alone_state_nearly_the_same_scope(corpus: Path, locale: str) -> None:
    originals = {name: statements(page) for name, page in pages(corpus / "en-us")}
    found = {name: statements(page) for name, page in pages(corpus / "variants" / "nosxs" / locale)}
    assert sum(found[name] == originals[name] for name in found) >= 0.95 * len(found)


@pytest.mark.slow
def test_every_list_item_and_row_becomes_a_claim_or_an_issue(corpus: Path) -> None:
    folders = ["en-us", *(f"variants/en-us-{year}" for year in (2019, 2021, 2023)), "variants/nosxs/ja-jp"]
    counts: Counter[str] = Counter()
    for folder in folders:
        for name, page in pages(corpus / folder):
            records = list(scope.read(page))
            cited = {iri for claim in claims(records) for iri in claim.evidence or ()}
            lines = {record.line for record in records if isinstance(record, Issue)}
            told = " ".join(str(claim.qualifier) for claim in claims(records))
            for role in (scope.IN_SCOPE, scope.APPLICABILITY):
                for block in (
                    inner for each in page.sections(role) for outer in each.blocks for inner in outer.walk()
                ):
                    if block.kind not in {"item", "row"} or block.header or not block.reading:
                        continue
                    counts["items"] += 1
                    known = any(page.segment(segment) in cited for segment in block.segments)
                    if not known and not lines.intersection(segment.line for segment in block.segments):
                        # What stands below an item in a list of places tells where the service is in scope.
                        assert block.reading in told, f"{name}: {block.reading}"
            counts["unresolved"] += sum(isinstance(record, Unresolved) for record in records)
    assert counts["items"] > 1500
    assert counts["unresolved"] <= 0.02 * counts["items"]
