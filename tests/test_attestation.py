"""How a standard is attested, how often and by whom it is audited, and whom it concerns."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.terms import Iri, literal
from tests.extraction import Facts, extract, extract_file, key, text

SCOPE = "## Microsoft in-scope cloud services\n\n- Azure\n"
NONE = "none"


def page(body: str, heading: str = "Microsoft and ISO/IEC 27001", title: str = "ISO/IEC 27001:2013") -> Facts:
    return extract(f"# {title}\n\n## {heading}\n\n{body}\n\n{SCOPE}")


def models(facts: Facts) -> set[str]:
    return {key(value) for value in facts.values(facts.offering, "ckg:attestationModel")}


def durations(facts: Facts) -> list[str]:
    return sorted(text(value) for value in facts.values(facts.offering, "ckg:auditFrequency"))


def auditors(facts: Facts) -> set[str]:
    values = facts.values(facts.offering, "ckg:auditedBy")
    return {key(value) if value.startswith("<") else text(value) for value in values}


def concerns(facts: Facts) -> list[str]:
    (standard,) = facts.values(facts.offering, "ckg:addresses")
    return [text(value) for value in facts.values(standard, "ckg:appliesTo")]


@pytest.mark.parametrize(
    "sentence",
    [
        "There is currently no formal certification for ISO/IEC 27001.",
        "There is no certification for it.",
        "While there is no compliance certification for ISO/IEC 27001, Azure offers features that help.",
        "ISO/IEC 27001 does not require or recognize certifications.",
        "An organization cannot be certified against ISO/IEC 27001.",
    ],
)
def test_that_no_certification_exists_is_a_fact_and_never_inverted(sentence: str) -> None:
    assert models(page(sentence)) == {NONE}


@pytest.mark.parametrize(
    ("sentence", "model"),
    [
        ("Azure has been certified for ISO/IEC 27001.", "certification"),
        ("Microsoft received the ISO/IEC 27001 certification in May.", "certification"),
        ("Azure is certified to ISO/IEC 27001 by a registrar.", "certification"),
        ("Microsoft engaged an independent auditor to look at Azure.", "third-party-attestation"),
        ("An independent auditor examined Azure and attested that it meets ISO/IEC 27001.", "third-party-attestation"),
        ("Azure has earned a Provisional Authority to Operate.", "authorization"),
        ("Microsoft published a self-assessment for Azure.", "self-assessment"),
        ("Microsoft contractually commits to ISO/IEC 27001.", "contractual"),
    ],
)  # fmt: skip
def test_a_sentence_about_the_provider_tells_how_it_is_attested(sentence: str, model: str) -> None:
    facts = page(sentence)
    assert models(facts) == {model}
    (claim,) = facts.claims("ckg:attestationModel")
    assert facts.evidence(claim) == [sentence]
    assert facts.values(claim, "prov:wasDerivedFrom") == [facts.document]


@pytest.mark.parametrize(
    "sentence",
    [
        "Azure has undergone independent audits for SOC 2.",
        "Azure has been certified for SOC 2.",
        "There is no formal certification for SOC 2.",
        "If your business needs certification, you can use the certificate of Azure.",
        "Your organization has been certified for ISO/IEC 27001.",
        "Has Azure been certified for ISO/IEC 27001?",
        "Azure has not been certified for ISO/IEC 27001.",
        "Certification to ISO/IEC 27001 helps organizations.",
    ],
)
def test_nothing_is_attested_by_another_standard_a_wish_a_question_or_a_denial(sentence: str) -> None:
    assert models(page(sentence)) == set()


def test_a_certification_that_is_not_offered_is_not_one_that_was_achieved() -> None:
    facts = page("The agency does not offer certification of Microsoft for this standard.")
    assert models(facts) == {"none"}


def test_what_is_offered_in_place_of_certification_stands_beside_it() -> None:
    body = "There is no certification for ISO/IEC 27001.\n\nMicrosoft has made contractual commitments to comply."
    assert models(page(body)) == {NONE, "contractual"}


def test_an_audit_that_is_part_of_a_certification_is_not_told_besides() -> None:
    audit = "An independent auditor performed an audit of Azure.\n\n"
    assert models(page(audit)) == {"third-party-attestation"}
    assert models(page(audit + "Azure has been certified for ISO/IEC 27001.")) == {"certification"}


@pytest.mark.parametrize(
    ("sentence", "duration"),
    [
        ("Azure is audited at least annually.", "P1Y"),
        ("Azure is audited once a year by others.", "P1Y"),
        ("The annual assessment covers the datacenters.", "P1Y"),
        ("The certification is renewed annually.", "P1Y"),
        ("The audit is performed once every 12 months.", "P1Y"),
        ("Azure is audited twice a year.", "P6M"),
        ("Azure is assessed every six months.", "P6M"),
        ("Azure is assessed quarterly.", "P3M"),
        ("Azure must be recertified every 24 months.", "P2Y"),
        ("Azure is recertified every three years.", "P3Y"),
    ],
)
def test_a_sentence_tells_how_often_an_audit_takes_place(sentence: str, duration: str) -> None:
    facts = page(sentence, "Audits, reports, and certificates")
    assert durations(facts) == [duration]
    (claim,) = facts.claims("ckg:auditFrequency")
    assert facts.evidence(claim) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Does Microsoft run annual tests?",
        "Microsoft publishes an annual report.",
        "Bridge letters are issued each quarter.",
        "It provides quarterly access to the reports.",
        "The certificate is valid for three years.",
    ],
)
def test_what_is_no_audit_has_no_frequency(sentence: str) -> None:
    assert durations(page(sentence, "Audits, reports, and certificates")) == []


def test_the_audits_of_another_standard_count_where_the_page_lists_its_audits() -> None:
    sentence = "Azure is assessed each year for FedRAMP."
    assert durations(page(sentence, "Audits, reports, and certificates")) == ["P1Y"]
    assert durations(page(sentence)) == []


def test_a_page_may_state_more_than_one_frequency() -> None:
    body = "Basic services must be recertified every 24 months.\n\nOthers must be recertified annually."
    assert durations(page(body, "Audits, reports, and certificates")) == ["P1Y", "P2Y"]


def test_reports_twice_a_year_tell_of_audits_only_where_nothing_else_does() -> None:
    reports = "Reports cover 12 months (the audit period) with new reports issued semi-annually.\n\n"
    heading = "Audits, reports, and certificates"
    assert durations(page(reports, heading)) == ["P6M"]
    assert durations(page(reports + "Azure is audited annually.", heading)) == ["P1Y"]


@pytest.mark.parametrize(
    ("sentence", "auditor"),
    [
        ("Azure was audited by Deloitte for ISO/IEC 27001.", "deloitte"),
        (
            "Azure is audited annually by independent third-party auditors.",
            "independent third-party auditors",
        ),
        ("An independent auditor, PwC, performed an audit of Azure.", "pwc"),
        (
            "After assessments by an ABC-certified auditor, Azure received the certificate.",
            "ABC-certified auditor",
        ),
        ("Azure holds certificates issued by Deloitte.", "deloitte"),
        ("Coalfire has independently validated Azure.", "coalfire"),
        ("Microsoft retained KPMG to audit Azure.", "kpmg"),
    ],
)
def test_an_auditor_is_an_organization_if_one_is_named_else_the_words(sentence: str, auditor: str) -> None:
    assert auditors(page(sentence)) == {auditor}


@pytest.mark.parametrize(
    "sentence",
    [
        "You are responsible for engaging an independent assessor to audit your system on Azure.",
        "Azure Germany has been assessed by others.",
        "Microsoft makes reports of independent auditors available.",
        "After an assessment by a non-accredited auditor, Azure received the certificate.",
        "Azure received the certificate after a self-assessment.",
        "Azure was audited by Microsoft.",
        "Azure was audited by Deloitte for SOC 2.",
    ],
)
def test_whoever_audits_something_else_is_not_the_auditor(sentence: str) -> None:
    assert auditors(page(sentence)) == set()


@pytest.mark.parametrize(
    "sentence",
    [
        "ISO/IEC 27001 applies to organizations of any size.",
        "This standard also applies to agencies.",
        "Every supplier must comply with ISO/IEC 27001.",
        "Suppliers are required to meet the requirements of ISO/IEC 27001.",
    ],
)
def test_a_sentence_that_says_whom_the_standard_concerns_is_kept_whole(sentence: str) -> None:
    assert concerns(page(sentence, "ISO/IEC 27001 overview")) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "SOC 2 applies to service organizations.",
        "The ISO/IEC 27001 certificate applies to Azure.",
        "ISO/IEC 27001 does not apply to agencies.",
        "Look for the parts of ISO/IEC 27001 that apply to you.",
    ],
)
def test_what_concerns_something_else_is_not_kept(sentence: str) -> None:
    assert concerns(page(sentence, "ISO/IEC 27001 overview")) == []


def test_the_answer_to_whom_it_applies_is_kept_in_each_language() -> None:
    pair = '<span data-ttu-id="{0}">{1}</span><span class="sxs-lookup"><span data-stu-id="{0}">{2}</span></span>\n\n'
    body = pair.format("a-1", "**À qui s'applique-t-elle ?**", "**To whom does the standard apply?**")
    body += pair.format("a-2", "Oui.", "Yes.") + pair.format(
        "a-3", "À toutes les banques.", "All banks that trade here."
    )
    facts = extract(
        f"---\nms.contentlocale: fr-FR\n---\n\n# ISO/IEC 27001:2013\n\n{SCOPE}\n## Frequently asked questions\n\n{body}"
    )
    assert sorted(concerns(facts)) == ["All banks that trade here.", "À toutes les banques."]
    assert {
        key(each) for claim in facts.claims("ckg:appliesTo") for each in facts.values(claim, "ckg:evidence")
    } == {"a-3"}


def test_an_answer_that_only_points_elsewhere_tells_nothing() -> None:
    facts = page(
        "**To whom does the standard apply?**\n\nSee the page of the regulator.", "Frequently asked questions"
    )
    assert concerns(facts) == []


@pytest.mark.parametrize(
    ("language", "body", "model", "duration"),
    [
        ("fr-FR", "Les services Azure sont évalués au moins une fois par an.", set(), ["P1Y"]),
        ("ja-JP", "Azure は毎年監査されます。", set(), ["P1Y"]),
        ("fr-FR", "Il n'existe actuellement aucune certification officielle pour ISO/IEC 27001.", {NONE}, []),
        ("ja-JP", "現在、ISO/IEC 27001 に対する正式な認証はありません。", {NONE}, []),
        ("zh-CN", "目前没有针对 ISO/IEC 27001 的正式认证。", {NONE}, []),
    ],
)
def test_a_page_with_nothing_but_its_translation_is_read(
    language: str, body: str, model: set[str], duration: list[str]
) -> None:
    facts = extract(
        f"---\nms.contentlocale: {language}\n---\n\n# ISO/IEC 27001:2013\n\n"
        f"## <a name='audits-reports-and-certificates'></a>X\n\n{body}\n\n"
        "## <a name='microsoft-in-scope-cloud-services'></a>Microsoft\n\n- Azure\n"
    )
    assert (models(facts), durations(facts)) == (model, duration)


# What pages of the corpus say, by their file names, read by hand.
STATED = {
    "offering-FERPA.md": ({NONE, "contractual"}, []),
    "offering-FedRAMP.md": ({"authorization"}, ["P1Y"]),
    "offering-HDS-France.md": ({"certification"}, []),
    "offering-HIPAA-HITECH.md": ({NONE, "contractual"}, []),
    "offering-ISO-27001.md": ({"certification"}, ["P1Y"]),
    "offering-ITAR.md": ({NONE}, []),
    "offering-MARS-E.md": ({NONE}, ["P1Y"]),
    "offering-SOC.md": ({"third-party-attestation"}, ["P1Y"]),
    "offering-SOX.md": ({NONE, "third-party-attestation"}, []),
    "offering-csa-star-self-assessment.md": ({"self-assessment"}, []),
    "offering-ear.md": ({NONE}, []),
    "offering-gxp.md": ({NONE}, []),
    "offering-ismap.md": ({"certification"}, []),
}


@pytest.mark.parametrize("name", STATED)
def test_pages_of_the_corpus_are_attested_as_they_say(corpus: Path, name: str) -> None:
    facts = extract_file(corpus, corpus / "en-us" / name)
    model, duration = STATED[name]
    assert models(facts) >= model
    assert (NONE in models(facts)) == (NONE in model)
    assert durations(facts) == duration


def test_the_offering_is_the_source_of_every_claim_but_of_whom_the_standard_concerns(corpus: Path) -> None:
    facts = extract_file(corpus, corpus / "en-us" / "offering-MARS-E.md")

    def sources(prop: str) -> set[Iri]:
        return {Iri(facts.values(claim, "owl:annotatedSource")[0]) for claim in facts.claims(prop)}

    assert sources("ckg:attestationModel") == sources("ckg:auditFrequency") == {facts.offering}
    assert sources("ckg:appliesTo") == set(facts.values(facts.offering, "ckg:addresses"))
    assert literal("P1Y") not in facts.targets("ckg:auditFrequency")


@pytest.mark.parametrize(
    "title", ["Example Cloud Posture Mandate (ECPM) 3.1", "Example Cloud Posture Mandate (ECPM)"]
)
def test_a_standard_that_no_registry_holds_is_known_by_its_short_name(title):
    """Also where the page addresses an edition of it, and its sentences name the work."""
    facts = page("There is no formal certification for ECPM.", "Microsoft and ECPM", title)

    assert models(facts) == {NONE}


def test_another_standard_beside_an_unregistered_one_is_still_another():
    """What is denied of ISO 9001 says nothing of the page's own standard."""
    title = "Example Cloud Posture Mandate (ECPM) 3.1"
    facts = page("There is no formal certification for ISO 9001.", "Microsoft and ECPM", title)

    assert models(facts) == set()
