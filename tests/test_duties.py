"""Who has to do what: provider, customer, both, or the assessor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extraction import Facts, extract, extract_file, key, text

SCOPE = "## Microsoft in-scope cloud services\n\n- Azure\n"


def page(body: str, heading: str = "Microsoft and ISO/IEC 27001") -> Facts:
    return extract(f"# ISO/IEC 27001:2013\n\n## {heading}\n\n{body}\n\n{SCOPE}")


def parties(facts: Facts) -> list[str]:
    return [key(facts.value(duty, "ckg:party")) for duty in facts.iris("ckg:Responsibility")]


@pytest.mark.parametrize(
    ("sentence", "party"),
    [
        ("Microsoft ensures that the platform meets its terms.", "provider"),
        ("Microsoft is required to recertify its services.", "provider"),
        ("Microsoft commits to using the data for nothing else.", "provider"),
        ("We remain responsible for what our subcontractors do.", "provider"),
        ("The contract defines our responsibility for keeping controls up.", "provider"),
        ("Some controls are the responsibility of Microsoft.", "provider"),
        ("You are responsible for engaging an assessor.", "customer"),
        ("You are, however, wholly responsible for your own compliance.", "customer"),
        ("Customers must sign a further agreement.", "customer"),
        ("However, you need to achieve your own attestation.", "customer"),
        ("It's up to you to determine whether a service complies.", "customer"),
        ("Proving it is the responsibility of the customer.", "customer"),
        ("Financial institutions must notify the regulator first.", "customer"),
        ("Privacy is a shared responsibility between Microsoft and its customers.", "shared"),
        ("Provider and customer share that responsibility.", "shared"),
        ("The auditor must be a certified public accountant.", "assessor"),
    ],
)
def test_a_sentence_gives_a_duty_to_a_party(sentence: str, party: str) -> None:
    facts = page(sentence)
    assert parties(facts) == [party]
    (duty,) = facts.iris("ckg:Responsibility")
    assert [text(value) for value in facts.values(duty, "rdf:value")] == [sentence]
    assert facts.evidence(duty) == [sentence]
    assert facts.value(duty, "ckg:dutyUnder") == facts.offering
    assert facts.value(duty, "prov:wasDerivedFrom") == facts.document


@pytest.mark.parametrize(
    "sentence",
    [
        "Microsoft offers guidance to customers.",
        "Microsoft is, however, not liable for it.",
        "Customers can use the report as a tool.",
        "You do not need to notify the regulator.",
        "What must customers do first?",
        "You must have an existing subscription to download the report.",
        "The directorate is responsible for supervision.",
        "If you need to comply, this page helps.",
    ],
)
def test_an_offer_a_denial_and_a_question_give_no_duty(sentence: str) -> None:
    assert parties(page(sentence)) == []


def test_one_sentence_may_give_duties_to_two_parties() -> None:
    assert sorted(
        parties(page("Microsoft ensures the platform is safe, but you are responsible for your data."))
    ) == [
        "customer",
        "provider",
    ]


def test_a_sentence_said_twice_gives_two_duties_each_with_its_evidence() -> None:
    facts = page("Customers must register.\n\nCustomers must register.")
    evidence = [facts.values(duty, "ckg:evidence") for duty in facts.iris("ckg:Responsibility")]
    assert len(evidence) == 2
    assert evidence[0] != evidence[1]


@pytest.mark.parametrize(
    "heading", ["Resources", "White papers", "Use Microsoft Compliance Manager to assess your risk"]
)
def test_lists_of_links_and_advertisements_give_no_duties(heading: str) -> None:
    assert parties(page("- Customers must read this.", heading)) == []


def test_a_page_that_is_no_offering_gives_no_duties() -> None:
    assert parties(extract("# Notes\n\nCustomers must register.\n")) == []


@pytest.mark.parametrize(
    ("language", "sentence", "party"),
    [
        ("fr-FR", "Il vous incombe d'engager un évaluateur.", "customer"),
        ("fr-FR", "Microsoft s'assure que la plateforme est conforme.", "provider"),
        ("ja-JP", "お客様は評価者と契約する責任があります。", "customer"),
        ("de-DE", "Kunden müssen eigene Kontrollen umsetzen.", "customer"),
    ],
)
def test_duties_are_read_in_other_languages_too(language: str, sentence: str, party: str) -> None:
    facts = extract(
        f"---\nms.contentlocale: {language}\n---\n\n# ISO/IEC 27001:2013\n\n{sentence}\n\n"
        "## <a name='microsoft-in-scope-cloud-services'></a>Microsoft\n\n- Azure\n"
    )
    assert parties(facts) == [party]


def test_the_duties_of_a_seed_are_those_that_it_states(corpus: Path) -> None:
    """MARS-E: what Microsoft ensures and answers for; what the customer remains to do is not said there."""
    facts = extract_file(corpus, corpus / "seeds" / "000_54141762e3dca777.txt")
    assert set(parties(facts)) == {"provider"}
    iso = extract_file(corpus, corpus / "seeds" / "002_e99439ab16eeac3c.txt")
    assert parties(iso) == ["customer"]
