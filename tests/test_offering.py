"""A page becomes a graph: what the seeds state exactly, nothing dropped, nothing invented, nothing crashed on."""

from __future__ import annotations

import gc
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import files
from kg.documents.urls import normalise
from kg.errors import SourceError
from kg.sources import Input
from kg.sources.offering import Offerings
from kg.terms import literal, term
from tests.extraction import Facts, extract, extract_file, key, known, text, texts

LOCALES = ("de-de", "es-es", "fr-fr", "it-it", "ja-jp", "pt-br", "zh-cn", "zh-tw")
KINDS = {"certificate": "certificate", "report": "audit-report", "soa": "statement-of-applicability"}
PAGE = """# ISO/IEC 27001:2013

## Microsoft and ISO/IEC 27001

Azure is audited once a year for ISO/IEC 27001 by an accredited certification body.

## Microsoft in-scope cloud services

- Azure
- Intune

## Audits, reports, and certificates

- [Azure ISO 27001 certificate](https://example.com/certificate.pdf)

## Frequently asked questions

**To whom does the standard apply?**

It applies to any organization.

## Resources

- [The standard](https://www.iso.org/standard/54534.html)
"""
TRANSLATED = """---
title: Norme
ms.date: 11/30/2020
ms.translationtype: MT
ms.contentlocale: fr-FR
ms.sourcegitcommit: 0123abc
---

# <a name="iso-27001"></a><span data-ttu-id="a-1">Norme</span><span class="sxs-lookup"><span data-stu-id="a-1">ISO/IEC 27001</span></span>

<span data-ttu-id="a-2">Voir [ce site](https://example.com/fr-fr/site?a=1).</span><span class="sxs-lookup"><span data-stu-id="a-2">See [this site](https://example.com/en-us/site?a=1).</span></span>
"""


def seeds(expected: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((expected / "documents.json").read_text())["docs"]
    return found


def seed(file: str, corpus: Path) -> Facts:
    return extract_file(corpus, corpus.parent / file.removeprefix("shared/"))


@pytest.fixture(scope="module", params=["iso-27001", "mars-e", "mars-e in French"])
def read_by_hand(
    request: pytest.FixtureRequest, corpus: Path, expected: Path
) -> tuple[dict[str, Any], Facts]:
    """A seed as it was read by hand, and as it is read here."""
    slug, *other = request.param.split(" in ")
    wanted = next(each for each in seeds(expected) if each["slug"] == slug)
    return wanted, seed(wanted["same_english_text_in"][0] if other else wanted["file"], corpus)


def test_a_seed_has_its_slug_and_addresses_its_standard_and_edition(
    read_by_hand: tuple[dict[str, Any], Facts],
) -> None:
    wanted, facts = read_by_hand
    (edition,) = facts.values(facts.offering, "ckg:addresses")
    registry, standards = known().registry, known().standards
    assert facts.value(facts.document, "ckg:slug") == literal(wanted["slug"])
    assert key(facts.offering) == f"microsoft-{wanted['slug']}"
    assert registry.text(edition, "pav:version") == wanted["version"]
    assert standards.standard_of(edition) == standards.get(wanted["standard"].split(" (")[0])
    publishers = [iri for _, _, iri in known().cues.organizations(wanted["publisher"])]
    assert standards.publisher(edition) in publishers


def test_a_seed_has_its_services(read_by_hand: tuple[dict[str, Any], Facts]) -> None:
    wanted, facts = read_by_hand
    expected = [known().services.get(name) for name in wanted["in_scope_services"]]
    assert sorted(facts.values(facts.offering, "ckg:hasInScopeService")) == sorted(map(str, expected))


def test_a_seed_has_its_artifacts_with_their_kinds(read_by_hand: tuple[dict[str, Any], Facts]) -> None:
    wanted, facts = read_by_hand
    found = {
        (facts.value(each, "dcat:accessURL"), key(facts.value(each, "ckg:artifactKind")))
        for each in facts.values(facts.offering, "ckg:hasArtifact")
    }
    assert found == {(f"<{normalise(each['url'])}>", KINDS[each["type"]]) for each in wanted["artifacts"]}


def test_a_seed_is_audited_yearly_by_the_sentence_that_says_so(
    read_by_hand: tuple[dict[str, Any], Facts],
) -> None:
    wanted, facts = read_by_hand
    (claim,) = facts.claims("ckg:auditFrequency")
    assert [text(value) for value in facts.values(facts.offering, "ckg:auditFrequency")] == ["P1Y"]
    assert any(wanted["audit_cycle"] in sentence for sentence in facts.evidence(claim))


def test_a_seed_asks_its_questions_in_order(read_by_hand: tuple[dict[str, Any], Facts]) -> None:
    wanted, facts = read_by_hand
    assert facts.questions() == wanted["faq_questions"]
    assert len(facts.iris("schema:Answer")) == wanted["faq_count"]


def test_a_seed_lists_its_resources(read_by_hand: tuple[dict[str, Any], Facts]) -> None:
    wanted, facts = read_by_hand
    resources = facts.values(facts.offering, "dcterms:references")
    urls = [facts.value(each, "dcat:accessURL") for each in resources]
    labels = {label for each in resources for label in texts(facts.values(each, "rdfs:label"), "en")}
    assert Counter(urls) == Counter(
        f"<{normalise(each['urls'][0])}>" if each["urls"] else None for each in wanted["resources"]
    )
    assert labels == {each["label"] for each in wanted["resources"]}


def test_a_seed_has_each_link_of_its_english_side_once(read_by_hand: tuple[dict[str, Any], Facts]) -> None:
    wanted, facts = read_by_hand
    assert len(facts.iris("ckg:Link")) == wanted["links_count"]


def test_a_document_says_what_its_front_matter_says() -> None:
    facts = extract(TRANSLATED, "fr-fr/offering-ISO-27001.md")
    said = {
        name: facts.value(facts.document, name)
        for name in ("ckg:slug", "ckg:path", "dcterms:language", "dcterms:modified", "ckg:sourceCommit")
    }
    assert said == {
        "ckg:slug": literal("iso-27001"),
        "ckg:path": literal("fr-fr/offering-ISO-27001.md"),
        "dcterms:language": literal("fr-FR"),
        "dcterms:modified": '"2020-11-30"^^<http://www.w3.org/2001/XMLSchema#date>',
        "ckg:sourceCommit": literal("0123abc"),
    }
    assert facts.value(facts.document, "ckg:translationMethod") == literal("MT")
    assert set(facts.values(facts.document, "dcterms:title")) == {
        literal("Norme", "fr-fr"),
        literal("ISO/IEC 27001", "en"),
    }


def test_a_segment_has_its_words_in_both_languages_its_line_and_its_section() -> None:
    facts = extract(TRANSLATED)
    segment = facts.document[:-1] + "/segment/a-2>"
    assert set(facts.values(segment, "rdf:value")) == {
        literal("Voir ce site.", "fr-fr"),
        literal("See this site.", "en"),
    }
    assert facts.value(segment, "oa:hasSource") == facts.document
    assert text(facts.value(segment, "ckg:line") or literal("")) == "11"
    assert facts.value(segment, "schema:isPartOf") == facts.document[:-1] + "/section/iso-27001>"


def test_what_is_said_of_a_node_is_sorted_and_said_once() -> None:
    """The lines of a graph are made from it as it stands."""
    for page in (PAGE, TRANSLATED):
        found = Offerings().extract(Input("offering-test.md", page.encode()), known())
        assert found.nodes
        for node in found.nodes:
            assert node.said == sorted(set(node.said))


def test_a_link_keeps_its_address_as_written_and_as_normalised() -> None:
    facts = extract(TRANSLATED)
    (link,) = facts.iris("ckg:Link")
    assert facts.value(link, "ckg:linksTo") == "<https://example.com/site?a=1>"
    assert text(facts.value(link, "ckg:href") or literal("")).startswith("https://example.com/")
    assert facts.value(link, "ckg:evidence") == facts.document[:-1] + "/segment/a-2>"


def test_a_link_that_only_the_translation_has_is_an_issue() -> None:
    page = TRANSLATED.replace("See [this site](https://example.com/en-us/site?a=1).", "See this site.")
    facts = extract(page)
    assert facts.iris("ckg:Link") == []
    assert [issue.code for issue in facts.issues] == ["link-in-translation-only"]


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2021-03-04", "2021-03-04"),
        ("3/4/2021", "2021-03-04"),
        ("'2021-03-04T10:00:00Z'", "2021-03-04"),
        ("2021-03-04 10:00:00", "2021-03-04"),
        ("13/45/2021", None),
        ("soon", None),
        ("[1]", None),
    ],
)
def test_a_date_is_read_in_any_usual_form_or_left_out(stated: str, day: str | None) -> None:
    facts = extract(f"---\nms.date: {stated}\n---\n\n# Title\n")
    found = facts.value(facts.document, "dcterms:modified")
    assert (text(found) if found else None) == day


def test_text_before_any_heading_is_a_section_of_its_own() -> None:
    facts = extract("Words before.\n\n# Top\n\nWords after.\n", "page.md")
    assert [key(each) for each in facts.iris("ckg:Section")] == ["before-headings", "top"]


def test_sections_have_the_role_that_they_or_the_section_above_announce() -> None:
    facts = extract(PAGE.replace("**To whom", "### Basics\n\n**To whom"))
    roles = {key(each): key(facts.value(each, "ckg:sectionRole")) for each in facts.iris("ckg:Section")}
    assert roles["microsoft-in-scope-cloud-services"] == "in-scope"
    assert roles["frequently-asked-questions"] == roles["basics"] == "questions"
    assert roles["resources"] == "resources"


def in_scope(facts: Facts) -> list[str]:
    return [key(target) for target in facts.targets("ckg:hasInScopeService")]


def test_a_heading_that_only_names_services_keeps_the_role_of_the_section_above() -> None:
    body = "# FedRAMP\n\n## Services in scope\n\n### Azure and Azure Government\n\n| Group | Services |\n|---|---|\n| Compute | Batch, Key Vault |\n"
    assert in_scope(extract(f"{body}\nMicrosoft.")) == ["azure-batch", "azure-key-vault"]


def test_the_title_of_a_page_is_no_heading_of_a_list() -> None:
    facts = extract(
        "# Microsoft services in scope of FedRAMP\n\nIntune is sold too.\n\n## Services in scope\n\n- Azure\n"
    )
    assert in_scope(facts) == ["azure"]


def test_a_page_may_have_all_its_headings_on_the_top_level() -> None:
    facts = extract(
        "# FedRAMP\n\n# Services in scope\n\n- Azure\n\n# Audit reports\n\n- [Microsoft SSP](https://example.com/a.pdf)\n"
    )
    assert in_scope(facts) == ["azure"]
    assert len(facts.targets("ckg:hasArtifact")) == 1


def test_the_services_tell_the_provider_that_a_page_does_not_name() -> None:
    facts = extract("# FedRAMP\n\n## Services in scope\n\n- Azure\n- Intune\n", "offering-fedramp.md")
    assert key(facts.value(facts.offering, "schema:provider")) == "microsoft"


def test_a_page_that_is_no_offering_gets_its_texts_links_and_questions_alone() -> None:
    facts = extract(
        "# Notes\n\nSee [this](https://example.com).\n\n## FAQ\n\n**Why?**\n\nBecause.\n", "README.md"
    )
    assert facts.offering is None
    classes = {value for _, prop, value in facts.triples if prop == term("rdf:type")}
    assert classes == {
        term(name)
        for name in (
            "ckg:SourceDocument",
            "ckg:Section",
            "ckg:Segment",
            "ckg:Link",
            "schema:Question",
            "schema:Answer",
        )
    }


def test_an_included_file_is_read_in_place_and_its_sentences_stay_its_own(tmp_path: Path) -> None:
    included = tmp_path / "includes" / "Shared-Text.md"
    included.parent.mkdir()
    included.write_text("Your organization is responsible for its own compliance.\n")
    page = PAGE.replace("- Azure\n- Intune", "- Azure\n\n[!INCLUDE [x](../includes/shared-text.md)]")
    facts = extract(page, "docs/offering-iso-27001.md", {"includes/Shared-Text.md": included})
    (duty,) = facts.iris("ckg:Responsibility")
    (segment,) = facts.values(duty, "ckg:evidence")
    alone = extract(included.read_bytes(), "includes/Shared-Text.md")
    assert alone.values(segment, "rdf:value") == facts.values(duty, "rdf:value")
    assert facts.values(segment, "rdf:value") == []
    assert facts.issues == ()


def test_an_included_file_that_is_no_input_is_an_issue_with_its_line() -> None:
    facts = extract("# Page\n\n[!INCLUDE [x](../../elsewhere/x.md)]\n")
    assert [(issue.line, issue.code) for issue in facts.issues] == [(3, "missing-include")]


def test_files_that_include_each_other_are_an_issue(tmp_path: Path) -> None:
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_text("# A\n\n[!INCLUDE [b](b.md)]\n")
    second.write_text("Words.\n\n[!INCLUDE [a](a.md)]\n")
    facts = extract(first.read_bytes(), "a.md", {"a.md": first, "b.md": second})
    assert [issue.code for issue in facts.issues] == ["include-loop"]


def test_an_item_that_no_reader_read_is_an_issue() -> None:
    facts = extract("# Page\n\n## Frequently asked questions\n\n- stray item\n\n**Why?**\n\n- because\n")
    assert [(issue.line, issue.code) for issue in facts.issues] == [(5, "unread-item")]
    assert facts.counts["list items"] == facts.counts["answer items"] == 2


@pytest.mark.parametrize(
    "data",
    [
        PAGE,
        TRANSLATED,
        "# Only a heading",
        "Just a sentence of plain text.",
        "<!-- a comment -->\n\nText that a page includes.",
        "- [one](https://example.com)\n- two things, and three\n",
        "---\ntitle: x\n---\n",
        "﻿# With a byte order mark",
        "| a | b |\n| --- | --- |\n| one | two words here |\n\n# T",
        "<details>\n<summary>Why is it so?</summary>\nBecause it is.\n</details>",
        "Rate: high\n\nThis page tells of the rate, and of much else.\n\nIt goes on for a while.",
    ],
)
def test_markdown_is_accepted(data: str) -> None:
    assert Offerings().accepts(Input("x", data.encode()))


@pytest.mark.parametrize(
    "data",
    [
        b'{"catalog": {"uuid": "x"}}',
        b'[\n  {"a": 1}\n]',
        b"<?xml version='1.0'?><catalog/>",
        b"<catalog xmlns='http://example.org'><a>b</a></catalog>",
        b"<catalog>\n <a>b</a>\n</catalog>",
        b"# a comment\ncatalog:\n  uuid: x\n  metadata:\n    title: y\n",
        b"---\ncatalog:\n  uuid: x\n  controls:\n    - id: ac-1\n",
        b"a\tb\tc\n1\t2\t3\n4\t5\t6\n",
        b"#curie_map:\n#  a: b\nsubject_id\tpredicate_id\tobject_id\n1\t2\t3\n",
        b"id,title,text,note\n1,a,b,c\n2,d,e,f\n3,g,h,i\n",
        b"\x00\x01\x02binary",
        b"\xff\xfe\x00\x00",
        b"",
        b"   \n",
    ],
)
def test_other_kinds_of_file_are_left_to_other_sources(data: bytes) -> None:
    assert not Offerings().accepts(Input("x.md", data))


def test_a_page_leaves_nothing_for_the_garbage_collector() -> None:
    """Builds run without it: cycles would keep every page in memory."""
    pages = sorted(files.samples().rglob("*.md"))
    for path in pages:  # what is kept of them for good
        extract_file(files.samples(), path)
    gc.collect()
    gc.disable()
    try:
        for path in pages:
            extract_file(files.samples(), path)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_bundled_samples_are_read_without_an_issue() -> None:
    found = {path.name: extract_file(files.samples(), path) for path in sorted(files.samples().rglob("*.md"))}
    assert all(facts.offering for facts in found.values())
    assert {name: facts.issues for name, facts in found.items() if facts.issues} == {}


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "# ",
                "## ",
                "### ",
                "- ",
                "  - ",
                "1. ",
                "**",
                "*",
                "[",
                "](",
                ")",
                "`",
                "<",
                ">",
                "|",
                "\\",
                "&nbsp;",
            ),
            *(
                "\n",
                "\n\n",
                " ",
                "? ",
                "Q: ",
                "---\n",
                "[!INCLUDE [a](b)]",
                "<details><summary>",
                "</summary>",
                "> [!NOTE]\n> ",
            ),
            *(
                "ISO/IEC 27001",
                "Microsoft",
                "Azure",
                "Intune",
                "SOC 2",
                "FAQ",
                "Resources",
                "is audited annually by KPMG. ",
            ),
            *(
                "Microsoft in-scope cloud services",
                "Audits, reports, and certificates",
                "Frequently asked questions",
            ),
            *(
                "https://example.com/a b",
                "mailto:x@y",
                "javascript:1",
                "\x00",
                "\u202e",
                "認証はありません。",
                "İ",
                "Why",
                "https://[::1",
            ),
            *(
                '<span data-ttu-id="a-1">',
                '<span class="sxs-lookup">',
                '<span data-stu-id="a-1">',
                "</span>",
                "{{",
                "\U0001f600",
            ),
        ]
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(PIECES, st.sampled_from(["", "---\nms.contentlocale: ja-JP\n---\n", "# ISO/IEC 27001:2013\n\n"]))
def test_whatever_a_page_holds_it_becomes_well_formed_triples_or_a_named_error(
    pieces: list[str], front: str
) -> None:
    page = front + "".join(pieces)
    try:
        facts = extract(page)
    except SourceError as error:
        unread = error.code
    else:
        unread = ""
    if unread:
        assert unread in {"empty", "binary", "too-deep"}
        return
    lines = "".join(f"{subject} {prop} {value} .\n" for subject, prop, value in facts.triples)
    assert len(list(ox.parse(lines.encode(), format=ox.RdfFormat.N_TRIPLES))) == len(facts.triples)


@pytest.mark.slow
def test_no_page_of_the_corpus_crashes_and_no_item_vanishes(corpus: Path) -> None:
    """Every list item of a list that should become something is evidence of a record, or an issue tells of it."""
    unread: Counter[str] = Counter()
    items: Counter[str] = Counter()
    source = Offerings()
    for path in sorted(corpus.rglob("*")):
        if not path.is_file():
            continue
        item = Input(path.relative_to(corpus).as_posix(), path.read_bytes())
        if path.name == "MANIFEST.tsv":
            assert not source.accepts(item)
            continue
        assert source.accepts(item), path
        found = source.extract(item, known())
        items.update(found.counts)
        unread.update(issue.code for issue in found.issues)
    listed = sum(
        items[name] for name in ("service items", "artifact items", "resource items", "answer items")
    )
    assert items["list items"] >= listed > 10_000
    assert unread["unread-item"] + items["unresolved"] < 0.02 * listed


# Why the facts of a translation are not those of its original; nothing else may differ.
REAL_DIFFERENCES: dict[tuple[str, str], str] = {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("english", "translated"), [("en-us", ""), ("variants/en-us-2021", "variants/sxs-2021")]
)
def test_translations_state_the_facts_of_their_originals(corpus: Path, english: str, translated: str) -> None:
    compared, differing = 0, {}
    for path in sorted((corpus / english).glob("*.md")):
        wanted = scored(extract_file(corpus, path))
        for locale in LOCALES:
            other = corpus / translated / locale / path.name
            if not other.is_file():
                continue
            compared += 1
            found = scored(extract_file(corpus, other))
            for fact in wanted:
                if found[fact] != wanted[fact] and (path.name, fact) not in REAL_DIFFERENCES:
                    differing[f"{locale}/{path.name}", fact] = (wanted[fact], found[fact])
    assert compared > 500
    assert differing == {}


def scored(facts: Facts) -> dict[str, object]:
    """The facts that do not depend on the language of a page."""
    artifacts = facts.values(facts.offering, "ckg:hasArtifact")
    return {
        "standards": set(facts.values(facts.offering, "ckg:addresses")),
        "services": set(facts.values(facts.offering, "ckg:hasInScopeService")),
        "artifact addresses": {url for each in artifacts for url in facts.values(each, "dcat:accessURL")},
        "artifacts": len(artifacts),
        "questions": len(facts.iris("schema:Question")),
        "attestation": set(facts.values(facts.offering, "ckg:attestationModel")),
        "frequency": set(facts.values(facts.offering, "ckg:auditFrequency")),
        "duties": Counter(facts.values(each, "ckg:party")[0] for each in facts.iris("ckg:Responsibility")),
    }
