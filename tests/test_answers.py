"""Questions and answers, in every form that pages put them in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extraction import Facts, extract, extract_file, key, text, texts


def faq(body: str, heading: str = "## Frequently asked questions", language: str = "") -> Facts:
    front = f"---\nms.contentlocale: {language}\n---\n\n" if language else ""
    return extract(f"{front}# Page\n\n{heading}\n\n{body}\n")


def asked(facts: Facts, lang: str = "en") -> list[tuple[str, str]]:
    """Each question with its answer."""
    found = []
    for question in facts.iris("schema:Question"):
        answer = facts.value(question, "schema:acceptedAnswer")
        found.append(
            (
                " ".join(texts(facts.values(question, "schema:text"), lang)),
                " ".join(texts(facts.values(answer, "schema:text"), lang)),
            )
        )
    return found


TWO = [("Who is it for?", "All of us."), ("Why?", "It helps.")]


@pytest.mark.parametrize(
    "body",
    [
        "**Who is it for?**\n\nAll of us.\n\n**Why?**\n\nIt helps.",
        "**Who is it for?** All of us.\n\n**Why?** It helps.",
        "**Who is it for?**  \nAll of us.\n\n**Why?**  \nIt helps.",
        "**Who is it for**?\n\nAll of us.\n\n__Why?__\n\nIt helps.",
        "### Who is it for?\n\nAll of us.\n\n### Why?\n\nIt helps.",
        "#### Basics\n\n##### Who is it for?\n\nAll of us.\n\n##### Why?\n\nIt helps.",
        "- **Who is it for?** All of us.\n- **Why?** It helps.",
        "- **Who is it for?**\n\n  All of us.\n\n- **Why?**\n\n  It helps.",
        "1. **Who is it for?**\n   - All of us.\n2. **Why?**\n   - It helps.",
        "**Q:** Who is it for?\n\n**A:** All of us.\n\n**Q:** Why?\n\n**A:** It helps.",
        "Q: Who is it for?\n\nA: All of us.\n\nQ: Why?\n\nA: It helps.",
        "**Q1. Who is it for?**\n\nAll of us.\n\n**Q2. Why?**\n\nIt helps.",
        "Who is it for?\n\nAll of us.\n\nWhy?\n\nIt helps.",
        "**Who is it for?**\n\nAll of us.\n\nWhy?\n\nIt helps.",
        "<details>\n<summary>Who is it for?</summary>\n\nAll of us.\n\n</details>\n\n<details>\n<summary><b>Why?</b></summary>\n\nIt helps.\n\n</details>",
        "<details><summary>Who is it for?</summary>All of us.</details>\n\n<details><summary>Why?</summary>It helps.</details>",
        "<dl><dt>Who is it for?</dt><dd>All of us.</dd><dt>Why?</dt><dd>It helps.</dd></dl>",
        "<h3>Who is it for?</h3><p>All of us.</p><h3>Why?</h3><p>It helps.</p>",
        "- Who is it for?\n\n  All of us.\n\n- Why?\n\n  It helps.",
        "## Who is it for?\n\nAll of us.\n\n## Why?\n\nIt helps.",
        "| Question | Answer |\n|---|---|\n| Who is it for? | All of us. |\n| **Why?** | It helps. |",
    ],
)
def test_a_question_is_read_in_whatever_form_it_is_put(body: str) -> None:
    facts = faq(body)
    assert asked(facts) == TWO
    assert facts.issues == ()


def test_a_question_about_reports_is_a_question_all_the_same() -> None:
    facts = faq("### Where are the audit reports?\n\nIn the [library](https://example.com/soc-report.pdf).")
    assert [question for question, _ in asked(facts)] == ["Where are the audit reports?"]
    assert facts.targets("ckg:hasArtifact") == []


@pytest.mark.parametrize(
    "heading",
    ["## Frequently asked questions", "### FAQ", "## Contoso frequently asked questions", "# FAQ", "## Questions and answers"],
)  # fmt: skip
def test_questions_stand_under_any_heading_that_announces_them(heading: str) -> None:
    assert asked(faq("**Who is it for?**\n\nAll of us.\n\n**Why?**\n\nIt helps.", heading)) == TWO


def test_a_question_of_two_sentences_is_one() -> None:
    assert asked(faq("**It is not whole. Is it of use?**\n\nYes. It is.")) == [
        ("It is not whole. Is it of use?", "Yes. It is.")
    ]


def test_a_bold_paragraph_without_a_question_mark_is_a_question_if_it_is_a_sentence() -> None:
    body = (
        "**How to begin with all of it**\n\nSlowly.\n\n**Azure**\n\nThis is of Azure.\n\n**In short:**\n\nSo."
    )
    assert asked(faq(body)) == [
        ("How to begin with all of it", "Slowly.\nAzure\nThis is of Azure.\nIn short:\nSo.")
    ]


def test_all_paragraphs_and_items_up_to_the_next_question_are_its_answer() -> None:
    body = "**Why?**\n\nFor two reasons:\n\n- **First**: one.\n- Second.\n  - Deep.\n\n> [!NOTE]\n> And so on.\n\n**Who?**\n\nAll."
    assert asked(faq(body)) == [
        ("Why?", "For two reasons:\nFirst: one.\nSecond.\nDeep.\nAnd so on."),
        ("Who?", "All."),
    ]


def test_a_linked_question_within_an_answer_is_no_question() -> None:
    body = "**Where do I start?**\n\n[What is it?](https://example.com/a)\n\n- [Who trains?](https://example.com/b)\n"
    assert asked(faq(body)) == [("Where do I start?", "What is it?\nWho trains?")]


def test_a_sentence_that_only_ends_like_a_question_is_none() -> None:
    body = "**How do I know?**\n\nThe commission tells on its page, Who is covered by it?"
    assert len(asked(faq(body))) == 1


def test_a_section_of_another_kind_ends_the_questions() -> None:
    body = (
        "**Why?**\n\nSo.\n\n### Resources\n\n- [What is it?](https://example.com)\n\n**Not a question here?**"
    )
    assert asked(faq(body)) == [("Why?", "So.")]


def test_questions_outside_a_section_of_questions_are_not_read() -> None:
    assert asked(extract("# Page\n\n## Overview\n\n**Why is it so?**\n\nSo.\n")) == []


def test_a_question_that_nothing_answers_is_an_issue() -> None:
    facts = faq("**Why?**\n\n**Who?**\n\nAll.")
    assert asked(facts) == [("Why?", ""), ("Who?", "All.")]
    assert [(issue.line, issue.code) for issue in facts.issues] == [(5, "question-without-answer")]


def test_question_and_answer_have_each_language_and_point_at_their_segments() -> None:
    facts = extract(
        "---\nms.contentlocale: de-DE\n---\n\n## <a name='faq'></a>FAQ\n\n"
        '<span data-ttu-id="a-1">**Wozu?**</span><span class="sxs-lookup"><span data-stu-id="a-1">**Why?**</span></span>\n\n'
        '<span data-ttu-id="a-2">Darum.</span><span class="sxs-lookup"><span data-stu-id="a-2">So.</span></span> '
        '<span data-ttu-id="a-3">Ja.</span><span class="sxs-lookup"><span data-stu-id="a-3">Yes.</span></span>\n'
    )
    assert asked(facts, "en") == [("Why?", "So. Yes.")]
    assert asked(facts, "de-de") == [("Wozu?", "Darum. Ja.")]
    (question,) = facts.iris("schema:Question")
    (answer,) = facts.iris("schema:Answer")
    assert question == facts.document[:-1] + "/question/1>"
    assert answer == facts.document[:-1] + "/answer/1>"
    assert [key(each) for each in facts.values(question, "ckg:evidence")] == ["a-1"]
    assert [key(each) for each in facts.values(answer, "ckg:evidence")] == ["a-2", "a-3"]


@pytest.mark.parametrize(
    ("language", "heading", "question", "answer"),
    [
        ("fr-FR", "## Foire aux questions", "À qui la norme s'applique-t-elle ?", "À tous."),
        ("ja-JP", "## よく寄せられる質問", "この標準はだれに適用されますか?", "すべての組織です。"),
        ("ja-JP", "## よく寄せられる質問", "なぜそれが重要ですか。", "役に立つからです。"),
        ("zh-TW", "## 常見問題集", "此標準適用於誰？", "所有組織。"),
        ("de-DE", "## Häufig gestellte Fragen", "Für wen gilt der Standard?", "Für alle."),
        ("es-ES", "## Preguntas más frecuentes", "¿A quién se aplica la norma?", "A todos."),
        ("it-IT", "## Domande frequenti", "A chi si applica lo standard?", "A tutti."),
        ("pt-BR", "## Perguntas frequentes", "A quem se aplica o padrão?", "A todos."),
    ],
)
def test_a_translation_without_bold_is_read_by_the_form_of_its_questions(
    language: str, heading: str, question: str, answer: str
) -> None:
    plain = faq(f"{question}\n\n{answer}", heading, language)
    bold = faq(f"**{question}**\n\n{answer}", heading, language)
    assert asked(plain, language.lower()) == asked(bold, language.lower()) == [(question, answer)]


def test_the_question_whether_one_may_rely_on_the_provider_is_told_from_others() -> None:
    body = "**Can I use the provider's certification in my own audit?**\n\nYes.\n\n**Why?**\n\nSo."
    facts = faq(body)
    assert [key(each) for each in facts.iris("ckg:RelianceQuestion")] == ["1"]
    assert [text(value) for value in facts.values(facts.iris("schema:Question")[1], "schema:position")] == [
        "2"
    ]


@pytest.mark.slow
def test_pages_of_the_corpus_ask_as_many_questions_as_their_bold_paragraphs_in_the_english_originals(
    corpus: Path,
) -> None:
    """A count made by lines alone: bold lines that end with a question mark under the heading of the questions."""
    wrong = {}
    for path in sorted((corpus / "en-us").glob("*.md")):
        lines, level, counted = path.read_text().split("\n"), 0, 0
        for line in lines:
            if line.startswith("#"):
                depth = len(line) - len(line.lstrip("#"))
                if "frequently asked" in line.lower():
                    level = depth
                elif depth <= level:
                    level = 0
            elif level and line.startswith("**") and "?**" in line:
                counted += 1
        found = len(extract_file(corpus, path).iris("schema:Question"))
        if found != counted:
            wrong[path.name] = (counted, found)
    # One question of each of these is not in bold.
    assert wrong == {"offering-ISO-27017.md": (3, 4), "offering-ISO-9001.md": (3, 4)}
