"""The reader answers any bytes with a document or a named refusal, and what it gives keeps its promises."""

from __future__ import annotations

import contextlib
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.documents import frontmatter, sidebyside
from kg.documents.markdown import read
from kg.documents.model import Document
from kg.errors import SourceError

TOKENS = st.sampled_from(
    [
        "word", "Azure Government", "One. Two. ", "U.S. ", "「是。」", " ", "  \n", "\n", "\n\n", "\n- ", "\n1. ", "\n    ",
        "\n> ", "\n> [!NOTE]\n> ", "\n# ", "\n## ", "\n##", "\n===\n", "\n---\n", "\n***\n", "\n```\n", "`", "**", "*", "_",
        "[", "]", "](", ")", "<", ">", "|", "\n|a|b|\n|-|-|\n|", "[x](y.md)", "![i](j.png)", "[!INCLUDE [a](b.md)]",
        "[!INCLUDE", "<https://x.org>", "<a href='z'>", "<a name='n'></a>", "</a>", "<b>", "</b>", "<br>", "<div>", "</div>",
        "\n<p>", "</p>\n", "<!--", "-->", "<script>", '\n<span data-ttu-id="b-2">\n', '<span data-ttu-id="a-1">',
        '<span data-stu-id="a-1">', '<span class="sxs-lookup">', "<span>", "</span>", "</span></span>", "&amp;", "&nbsp;",
        "&#1;", "&#xD800;", "&", "\\", "\\[", "\t", "\u00a0", "\u200b", "\ufeff", "\x07", "\x1c", "\u2028", "\r", "\r\n", "\U0001f600",
        "---\ntitle: x\n---\n", "---\nms.contentlocale: fr-fr\n---\n", "a: &b *b\n", ":::row:::", "[a]: b\n",
    ]
)  # fmt: skip

PAIRS = st.builds(
    '<span data-ttu-id="a-{}">{}</span><span class="sxs-lookup"><span data-stu-id="a-{}">{}</span></span>'.format,
    st.integers(1, 3),
    st.sampled_from(["Un mot.", "", " ", "*a*", "[l](u)", "**b", "it's (ok)", "`c`"]),
    st.integers(1, 3),
    st.sampled_from(["One word.", "", " ", "*a*", "[l](u)", "b**", "')", "`c", "d] e"]),
)
FRAMED = st.builds(
    '<span data-ttu-id="b-{0}">{1}{2}mot{3}{4}</span><span class="sxs-lookup"><span data-stu-id="b-{0}">{5}{2}word{3}{6}</span></span>'.format,
    st.integers(1, 3),
    st.sampled_from(["", "Un ", " ", "(", "[!INCLUDE "]),
    st.sampled_from(["[", "[ ", "**", "*", "`", "[**"]),
    st.sampled_from(["](u)", " ](v)", "**", "*", "`", "**](u)"]),
    *(st.sampled_from(["", " ", " bon.", ")"]) for _ in range(3)),
)
PIECES = st.sampled_from(
    ['<span data-ttu-id="a-1">', '</span><span class="sxs-lookup"><span data-stu-id="a-1">', "</span></span>", '](u "t ', "](u 't ",
     '")', "')", "](<", ">)", "<a href='", '<a href="', "<http:", "<!", "<?", "?>", "^", "[x]: ", "&am", "\n```\n", "<td>", "<br>",
     "\n| a | b |\n|-|-|\n| ", "<summary>", "</summary>", "<sup>1"]
)  # fmt: skip


def keeps_its_promises(document: Document, data: bytes) -> None:
    segments = {segment.id: segment for segment in document.segments()}
    assert len(segments) == sum(1 for _ in document.segments()), "an id is used twice"
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for segment in segments.values():
        assert segment.texts
        assert len({text.lang for text in segment.texts}) == len(segment.texts)
        for text in segment.texts:
            assert text.value == " ".join(text.value.split())
            assert text.value
        for span in segment.bold:
            assert 0 <= span.start < span.end <= len(segment.reading)
        assert 1 <= segment.line <= lines
    for link in document.links():
        segment = segments[link.segment]
        if link.span:
            assert 0 <= link.span.start <= link.span.end <= len(segment.reading)
        assert 1 <= link.line <= lines
    anchors = [section.anchor for section in document.walk()]
    assert len(anchors) == len(set(anchors))
    for section in document.walk():
        assert all(inner.level > section.level for inner in section.sections)
    for block in document.blocks():
        assert (block.kind == "row") == bool(block.cells)
        assert (block.kind == "include") == bool(block.target) or block.kind == "include"
        assert tuple(segment for cell in block.cells for segment in cell.segments) == (
            block.segments if block.cells else ()
        )
    for trouble in document.troubles:
        assert 0 <= trouble.line <= lines
        assert trouble.code


def check(data: bytes) -> None:
    with contextlib.suppress(SourceError):
        keeps_its_promises(read(data, "p"), data)


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data):
    check(data)


@given(st.text(max_size=300))
def test_any_text_is_answered(text):
    check(text.encode("utf-8", "replace"))


@given(st.lists(TOKENS, max_size=40).map("".join))
def test_any_mixture_of_syntax_is_answered(text):
    check(text.encode())


@pytest.mark.slow
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TOKENS, max_size=120).map("".join))
def test_any_long_mixture_of_syntax_is_answered(text):
    check(text.encode())


def read_or_refused(data: bytes) -> Document | str:
    try:
        return read(data, "p")
    except SourceError as error:
        return error.message


@settings(max_examples=300, deadline=None)
@given(st.lists(PAIRS | FRAMED | PIECES | TOKENS, max_size=14).map("".join))
def test_marks_for_the_tags_of_sentence_pairs_change_nothing(text):
    """A page reads the same whether the parser sees the tags around its sentences or a mark for each."""
    data = text.encode()
    with patch.object(sidebyside, "marked", lambda body: (body, sidebyside.Tags())):
        unmarked = read_or_refused(data)
    assert read_or_refused(data) == unmarked


YAML = st.sampled_from(
    ["key: ", "a.b: ", "yes: ", "1: ", "text", "Two words", "a: b", " #c", "x#c", "- ", "  - ", "1", "01", "1.5", "12:30", "2020-01-01",
     "11/30/2020", "6a9b", "0x1f", "true", "Yes", "no", "null", "~", "é", "a:", '"q"', "'s'", '"a"b', "'a''b'", '"a\\n"', "[a]", "&x", "|",
     "\n", "\n", "\n", " ", "\t", "\xa0", "\x85", "\u2028", "<<: ", "=", "?", ":"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(YAML, max_size=9).map("".join))
def test_plain_front_matter_says_what_a_parser_reads(yaml):
    page = f"---\nfirst: line\n{yaml}\n---\ntext"
    with patch.object(frontmatter, "_plain", lambda _: None):
        parsed = frontmatter.parse(page)
    assert repr(frontmatter.parse(page)) == repr(parsed)


def test_usual_pairs_are_read_by_their_marks():
    page, tags = sidebyside.marked(
        '<span data-ttu-id="a-1">Un *mot*.</span><span class="sxs-lookup"><span data-stu-id="a-1">One *word*.</span></span>'
    )
    assert (page, tags.used) == ("^Un *mot*.^One *word*.^", False)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000, "![" * 100_000, "*a " * 100_000, "> " * 50_000, "- " * 50_000, "<a " * 100_000, "`" * 200_000,
        '<span data-ttu-id="a">' * 20_000, "</span>" * 50_000, "<b>" * 50_000, "[a](" * 50_000, "| " * 50_000,
        "[a]: b\n" * 50_000, "<div>" * 50_000, "<!--" * 50_000, "# " * 50_000, "a. B" * 50_000, "1. " * 50_000,
        "U." * 100_000 + " A", "(" * 100_000 + ". A", "[!INCLUDE [" * 20_000, "# a\n" * 20_000, "&" * 200_000,
        "<script>" * 20_000, "\n".join(" " * depth + "- a" for depth in range(0, 2000, 2)),
        "---\n" + "- " * 20_000 + "a\n---\n", "---\na: " + "[" * 60_000 + "\n---\n", "\\" * 100_001, "a\n" * 100_000,
        "[a](b). **C** d. " * 20_000, "[a](b). **C** d.\n" * 20_000, "> " + "[a](b) ! " * 20_000,
        '<span data-ttu-id="a">' + "[a](b) " * 9_000 + '</span><span data-stu-id="a">' + "[a](c) " * 9_000 + "</span>",
        '<span data-ttu-id="a">b</span> ' * 20_000, "[!INCLUDE [a](b)] " * 20_000, "<a href='b'>c. D" * 20_000,
    ],
    ids=lambda text: repr(text[-24:]),
)  # fmt: skip
@pytest.mark.slow
def test_no_text_is_read_forever(text):
    """Each of these took a parser somewhere more than linear time; a quadratic reader would take minutes."""
    check(text.encode())


@pytest.mark.slow
def test_every_page_of_the_corpus_keeps_the_promises(corpus: Path):
    pages = sorted(corpus.rglob("*.md")) + sorted((corpus / "seeds").iterdir())
    assert len(pages) > 1600
    for path in pages:
        data = path.read_bytes()
        document = read(data, str(path.relative_to(corpus)))
        assert document.sections, path
        keeps_its_promises(document, data)
