"""Cloud services by name, and lists of them as people write them."""

from __future__ import annotations

import pytest

from kg import files, names
from kg.concepts.lexicon import fold
from kg.concepts.registry import Registry
from kg.concepts.services import Services
from kg.terms import BASE, Iri

LABELS = ("skos:prefLabel", "skos:altLabel", "skos:hiddenLabel")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry(files.ontology())


@pytest.fixture(scope="module")
def services(registry: Registry) -> Services:
    return Services(registry)


def keys(services: Services, text: str, lang: str = "en") -> list[str]:
    """What an item names: the last segment of each IRI, `?` and the name where it is not registered."""
    return [
        name.iri[:-1].rpartition("/")[2] if name.iri else f"?{name.label}"
        for name in services.parse(text, lang).names
    ]


def service(key: str) -> Iri:
    return Iri(f"<{BASE}service/{key}>")


def test_every_registered_service_is_named_after_its_preferred_name(registry: Registry) -> None:
    for iri in registry.members("ckg:CloudService"):
        label = registry.text(iri, "skos:prefLabel")
        assert iri == names.service(names.slug(label)), label


def test_no_name_stands_for_two_services(registry: Registry) -> None:
    owners: dict[str, set[Iri]] = {}
    for iri in registry.members("ckg:CloudService"):
        for label in registry.labels(iri, *LABELS):
            owners.setdefault(fold(label.value), set()).add(iri)
    assert {name: iris for name, iris in owners.items() if len(iris) > 1} == {}


def test_every_service_has_provider_status_source_and_registered_suites(registry: Registry) -> None:
    for iri in registry.members("ckg:CloudService"):
        assert registry.iri(iri, "schema:provider"), iri
        assert registry.iri(iri, "ckg:reviewStatus"), iri
        assert registry.iri(iri, "dcterms:source"), iri
        for suite in registry.iris(iri, "skos:broader"):
            assert registry.has_type(suite, "ckg:CloudService"), suite


@pytest.mark.parametrize(
    "name, key",
    [
        ("azure government", "azure-government"),
        ("Microsoft Flow", "power-automate"),
        ("PowerApps", "power-apps"),
        ("Windows Defender ATP", "microsoft-defender-for-endpoint"),
        ("Microsoft Defender Advanced Threat Protection", "microsoft-defender-for-endpoint"),
        ("Microsoft Cloud App Security", "microsoft-defender-for-cloud-apps"),
        ("Visual Studio Team Services", "azure-devops-services"),
        ("Office 365 GCC High", "office-365-us-government-high"),
        ("Azure Deutschland", "azure-germany"),
        ("Azure China", "azure-operated-by-21vianet"),
    ],
)
def test_former_other_and_foreign_names_lead_to_one_service(services: Services, name: str, key: str) -> None:
    assert services.get(name) == service(key)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Azure, Azure Government, and Azure Germany", ["azure", "azure-government", "azure-germany"]),
        ("Office 365 and Office 365 U.S. Government", ["office-365", "office-365-us-government"]),
        ("Azure & Azure DevOps", ["azure", "azure-devops-services"]),
        ("Azure et Azure Government", ["azure", "azure-government"]),
        ("Azure、Azure Government、Azure ドイツ", ["azure", "azure-government", "azure-germany"]),
        (
            "Security and Compliance Center, Planner",
            ["office-365-security-and-compliance-center", "microsoft-planner"],
        ),
        ("Office 365 and Azure AD sign-in, Yammer", ["office-365-and-azure-ad-sign-in", "yammer"]),
        ("Delve,Planner", ["delve", "microsoft-planner"]),
        (
            "Office 365 U.S. Government Community Cloud (GCC), Office 365 GCC High, and DoD",
            ["office-365-us-government", "office-365-us-government-high", "office-365-us-government-defense"],
        ),
        (
            "Office 365 Government (GCC-High and DoD)",
            ["office-365-us-government-high", "office-365-us-government-defense"],
        ),
    ],
)
def test_composites_are_split_into_atomic_services(
    services: Services, text: str, expected: list[str]
) -> None:
    assert keys(services, text) == expected


@pytest.mark.parametrize(
    "text, key, qualifier",
    [
        (
            "Power BI cloud service either as a standalone service or as included in a branded plan or suite",
            "power-bi",
            "cloud service either as a standalone service or as included in a branded plan or suite",
        ),
        ("Power Automate (formerly Microsoft Flow)", "power-automate", "(formerly Microsoft Flow)"),
        ("Power Virtual Agents (not in scope for Azure Government)", "power-virtual-agents", "(not in scope for Azure Government)"),
        (
            "Microsoft Defender ATP — Endpoint Detection & Response, Secure Score",
            "microsoft-defender-for-endpoint",
            "Endpoint Detection & Response, Secure Score",
        ),
        ("Intune: Cloud service portion of the add-on", "intune", "Cloud service portion of the add-on"),
        ("Azure. The certificate applies to four regions, among them Azure France", "azure", "The certificate applies to four regions, among them Azure France"),
        ("Dynamics 365 CSA STAR Self-Assessment", "dynamics-365", "CSA STAR Self-Assessment"),
        ("Service Cloud Power BI soit en service autonome, soit inclus dans Office 365", "power-bi", "soit en service autonome, soit inclus dans Office 365"),
    ],
)  # fmt: skip
def test_words_after_a_name_qualify_it_and_name_nothing(
    services: Services, text: str, key: str, qualifier: str
) -> None:
    parsed = services.parse(text)
    assert [(name.iri, name.qualifier) for name in parsed.names] == [(service(key), qualifier)]


@pytest.mark.parametrize(
    "text, key",
    [
        ("Office 365 U.S. Governmen", "office-365-us-government"),
        ("harePoint Online", "sharepoint-online"),
        ("Microsoft To- Do for Web", "microsoft-to-do"),
        ("Power Automat", "power-automate"),
        ("Share Point Online", "sharepoint-online"),
        ("Microsoft Threat Expert", "microsoft-threat-experts"),
    ],
)
def test_slips_of_the_pen_are_understood(services: Services, text: str, key: str) -> None:
    assert keys(services, text) == [key]


@pytest.mark.parametrize("text", ["Intune¹", "Intune²³", "Intune †", "Intune‡, Power BI¹²"])
def test_marks_of_footnotes_belong_to_no_name(services: Services, text: str) -> None:
    parsed = services.parse(text)
    assert parsed.registered
    assert parsed.names[0].label == "Intune"
    assert parsed.names[0].qualifier == ""


def test_a_number_is_never_taken_for_a_slip(services: Services) -> None:
    assert services.close("Windows Server 2017") is None


def test_names_with_nothing_between_are_two(services: Services) -> None:
    assert keys(services, "Office OnlineOffice Pro Plus, Stream") == [
        "office-online",
        "office-365-proplus",
        "microsoft-stream",
    ]
    assert keys(services, "Microsoft Defender for Office 365 Microsoft Teams") == [
        "microsoft-defender-for-office-365",
        "microsoft-teams",
    ]


def test_members_in_brackets_are_services_qualified_by_their_suite(services: Services) -> None:
    names_found = services.parse(
        "Office 365 Microservices (including but not limited to Kaizala, Sway), Stream"
    ).names
    assert [(name.iri, name.qualifier) for name in names_found] == [
        (service("office-365-microservices"), "(including but not limited to Kaizala, Sway)"),
        (service("microsoft-kaizala"), "Office 365 Microservices"),
        (service("sway"), "Office 365 Microservices"),
        (service("microsoft-stream"), ""),
    ]


def test_members_after_a_colon_are_services_only_if_all_are_names(services: Services) -> None:
    assert keys(services, "Office 365: Exchange Online, SharePoint Online, and Yammer") == [
        "office-365",
        "exchange-online",
        "sharepoint-online",
        "yammer",
    ]
    assert keys(services, "Microsoft Professional Services: Premier and On Premises for Azure, Intune") == [
        "microsoft-professional-services"
    ]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Windows Server 2016 and 2019", ["windows-server-2016", "windows-server-2019"]),
        ("Azure, Government, and Germany", ["azure", "azure-government", "azure-germany"]),
        (
            "Microsoft Defender for Endpoint, Identity, and Cloud",
            [
                "microsoft-defender-for-endpoint",
                "microsoft-defender-for-identity",
                "microsoft-defender-for-cloud",
            ],
        ),
        (
            "Office 365 GCC/GCC High/DoD",
            ["office-365-us-government", "office-365-us-government-high", "office-365-us-government-defense"],
        ),
    ],
)
def test_a_name_may_go_on_as_the_one_before_it_began(
    services: Services, text: str, expected: list[str]
) -> None:
    assert keys(services, text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Dynamics 365 services: Sales, Field Service", ["dynamics-365", "dynamics-365-sales", "dynamics-365-field-service"]),
        ("Power Platform (Power Apps, Power BI)", ["power-platform", "power-apps", "power-bi"]),
        ("Office 365 (limited in scope to Yammer and Sway)", ["office-365", "yammer", "sway"]),
        ("SharePoint Online, including OneDrive for Business", ["sharepoint-online", "onedrive-for-business"]),
        ("Azure Active Directory (Free, Basic, and Premium)", ["azure-active-directory"]),
    ],
)  # fmt: skip
def test_members_are_told_from_other_words_in_brackets(
    services: Services, text: str, expected: list[str]
) -> None:
    assert keys(services, text) == expected


@pytest.mark.parametrize(
    "text, lang",
    [
        ("Azure Government と Azure China のリージョンを除きます", "ja-jp"),
        ("not in scope: Azure, Intune", "en"),
        ("40 regions, excluding Azure Government and Azure China", "en"),
    ],
)
def test_what_is_left_out_is_not_named(services: Services, text: str, lang: str) -> None:
    assert services.parse(text, lang).names == ()


def test_a_plausible_name_that_nobody_registered_is_a_candidate(services: Services) -> None:
    parsed = services.parse("Azure Quantum Weather, Contoso Identity & Access Manager and Intune")
    assert keys(services, "Azure Quantum Weather, Contoso Identity & Access Manager and Intune") == [
        "?Azure Quantum Weather",
        "?Contoso Identity & Access Manager",
        "intune",
    ]
    assert parsed.names[0].suite == service("azure-quantum")


@pytest.mark.parametrize(
    "text",
    [
        "See a detailed list of covered services in Office 365",
        "Consultez une liste détaillée des services couverts dans Office 365",
        "40 more regions worldwide that are available to customers under contract",
    ],
)
def test_pointers_and_sentences_name_nothing(services: Services, text: str) -> None:
    parsed = services.parse(text)
    assert parsed.names == ()
    assert parsed.rest


def test_others_that_go_unnamed_leave_the_list_open(services: Services) -> None:
    parsed = services.parse("Azure, Dynamics 365, and other Microsoft online services")
    assert [name.iri for name in parsed.names] == [service("azure"), service("dynamics-365")]
    assert parsed.open


def test_ordinary_words_name_services_in_lists_only(services: Services) -> None:
    assert keys(services, "Azure, Flow, Graph, Stream") == [
        "azure",
        "power-automate",
        "microsoft-graph",
        "microsoft-stream",
    ]
    found = services.find("Access to the graph of Azure Government projects and Power BI")
    assert [each.keys[0] for each in found] == [service("azure-government"), service("power-bi")]


def test_impact_levels_are_read_by_name_and_not_from_bare_words(services: Services) -> None:
    (level,) = services.clouds.levels("Covered services for DoD Impact Level 5")
    assert level.endswith("impact-level/il5>")
    assert services.clouds.levels("low, medium, and high effects") == ()
