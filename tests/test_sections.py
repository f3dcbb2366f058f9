"""Section roles: anchors first, headings where there is no anchor to go by."""

from __future__ import annotations

import pytest

from kg import files
from kg.concepts.registry import Registry
from kg.concepts.sections import Sections
from kg.terms import BASE, Iri, term


@pytest.fixture(scope="module")
def sections() -> Sections:
    return Sections(Registry(files.ontology()))


def role(name: str) -> Iri:
    return Iri(f"<{BASE}section-role/{name}>")


@pytest.mark.parametrize(
    "anchor, expected",
    [
        ("microsoft-in-scope-cloud-services", "in-scope"),
        ("microsoft-in-scope-cloud-platforms--services", "in-scope"),
        ("microsoft-and-in-scope-cloud-services", "in-scope"),
        ("covered-services-for-soc-3", "in-scope"),
        ("azure-services-in-audit-scope", "in-scope"),
        ("audits-reports--certificates", "audits"),
        ("certificates-reports-and-attestations", "audits"),
        ("compliance-reports", "audits"),
        ("common-questions", "questions"),
        ("further-reading", "resources"),
        ("see-also", "resources"),
        ("services-covered-by-the-certification", "in-scope"),
        ("microsoft-cloud-services-covered", "in-scope"),
        ("applicable-services", "in-scope"),
        ("which-cloud-services-are-in-scope", "in-scope"),
        ("office-365-applicability-and-in-scope-services", "office-365-applicability"),
        ("office-365-environments", "environments"),
        ("audits-reports-and-certificates", "audits"),
        ("office-365-audits-reports-and-certificates", "audits"),
        ("office-365-audit-cycle-and-certification", "audits"),
        ("resources-1", "resources"),
        ("other-microsoft-resources-for-financial-services", "resources"),
        ("iso-iec-27018-overview", "overview"),
        ("microsoft-and-hitrust", "provider-and-standard"),
        ("azure-dynamics-365-and-pci-dss", "provider-and-standard"),
        ("microsoft-azure-p-atos", "authorizations"),
        ("use-microsoft-purview-compliance-manager-to-assess-your-risk", "compliance-manager"),
        ("download-the-offering-backgrounder", "backgrounder"),
    ],
)
def test_an_anchor_tells_the_role_whatever_the_language(
    sections: Sections, anchor: str, expected: str
) -> None:
    assert sections.role(anchor, "見出し", "ja-jp") == role(expected)


@pytest.mark.parametrize(
    "heading, lang, expected",
    [
        ("Audits, Reports and certificates", "en", "audits"),
        ("Services Cloud Microsoft concernés", "fr-fr", "in-scope"),
        ("Services couverts", "fr-fr", "in-scope"),
        ("Abgedeckte Dienste", "de-de", "in-scope"),
        ("対象サービス", "ja-jp", "in-scope"),
        ("Prüfungen, Berichte und Zertifikate", "de-de", "audits"),
        ("Preguntas más frecuentes", "es-es", "questions"),
        ("資源", "zh-tw", "resources"),
        ("Recursos", "pt-br", "resources"),
        ("Frequently Asked Questions", "fr-fr", "questions"),
    ],
)
def test_without_a_known_anchor_the_heading_tells_the_role(
    sections: Sections, heading: str, lang: str, expected: str
) -> None:
    assert sections.role("section-1234", heading, lang) == role(expected)


@pytest.mark.parametrize(
    "heading", ["Office 365", "Manufacturing use cases", "Microsoft Professional Services", ""]
)
def test_a_heading_that_announces_nothing_has_no_role(sections: Sections, heading: str) -> None:
    assert sections.role(heading.lower().replace(" ", "-"), heading, "en") is None


def test_a_role_tells_what_its_items_become(sections: Sections) -> None:
    assert sections.items_become(role("in-scope")) == term("ckg:InScopeClaim")
    assert sections.items_become(role("environments")) is None
