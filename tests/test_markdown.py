"""What the reader makes of a page: every kind of syntax once, in our own words."""

from __future__ import annotations

import hashlib
import random
import re

import pytest

from kg.documents.decoding import MAX_LINE, MAX_SIZE
from kg.documents.markdown import MAX_NESTING, read
from kg.documents.model import Block, Document, Section, Segment, Span, Text
from kg.errors import SourceError

FRENCH = "---\ntitle: Cadre Exemple\nms.contentlocale: fr-FR\n---\n"
ENGLISH = "---\ntitle: Example framework\n---\n"


def page(text: str, front: str = ENGLISH) -> Document:
    return read((front + text).encode(), "page.md")


def pair(identifier: str, native: str, english: str) -> str:
    """A sentence as bilingual pages hold it."""
    return (
        f'<span data-ttu-id="{identifier}">{native}</span><span class="sxs-lookup">'
        f'<span data-stu-id="{identifier}">{english}</span></span>'
    )


def blocks(text: str, front: str = ENGLISH) -> list[Block]:
    return list(page(text, front).blocks())


def only(text: str, front: str = ENGLISH) -> Block:
    (block,) = blocks(text, front)
    return block


def said(block: Block) -> list[str]:
    return [segment.reading for segment in block.segments]


def codes(document: Document) -> list[str]:
    return [trouble.code for trouble in document.troubles]


# The file -------------------------------------------------------------------------------------------------


def test_a_page_keeps_its_path_and_the_hash_of_its_bytes():
    data = b"\xef\xbb\xbf# Title\r\n\r\nText.\r\n"
    document = read(data, "folder/Page.md")
    assert (document.path, document.sha256) == ("folder/Page.md", hashlib.sha256(data).hexdigest())
    assert [section.title for section in document.sections] == ["Title"]


def test_line_ends_of_every_system_count_alike():
    unix, dos, old = (f"# A{end}{end}One.{end}Two.{end}".encode() for end in ("\n", "\r\n", "\r"))
    assert read(unix, "p").sections == read(dos, "p").sections == read(old, "p").sections
    assert [segment.line for segment in read(dos, "p").segments()] == [1, 3, 4]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_a_byte_order_mark_is_read(encoding):
    mark = "" if encoding == "utf-16" else "\ufeff"
    assert read(f"{mark}# Titel ü".encode(encoding), "p").sections[0].title == "Titel ü"


@pytest.mark.parametrize(
    "data, code, line",
    [
        (b"", "empty", 0),
        (b"\xef\xbb\xbf \r\n\t\n", "empty", 0),
        (b"# A\n\x00\x01", "binary", 2),
        ("# A\nNaïve".encode("latin-1"), "wrong-encoding", 2),
        (b"\xff\xfe\x00\xd8A", "wrong-encoding", 0),
        (b"a" * (MAX_SIZE + 1), "too-large", 0),
        (b"ok\n" + b"a" * (MAX_LINE + 1), "line-too-long", 2),
        (b"> " * (MAX_NESTING + 2) + b"deep", "too-deep", 1),
        (b"\n" + b"- " * 5000 + b"deep", "too-deep", 2),
    ],
)
def test_what_cannot_be_read_is_named(data, code, line):
    with pytest.raises(SourceError) as caught:
        read(data, "p")
    assert (caught.value.code, caught.value.line) == (code, line)


def test_deep_nesting_below_the_limit_is_read():
    document = read(b"> " * (MAX_NESTING - 2) + b"deep", "p")
    assert [said(block) for block in document.blocks()] == [["deep"]]


def test_control_characters_are_left_out_and_noted():
    document = page("A\x07B &#1;C\x0c.")
    assert [segment.reading for segment in document.segments()] == ["AB C."]
    assert [(trouble.code, trouble.line) for trouble in document.troubles] == [("control-character", 4)]


def test_marks_that_show_nothing_are_left_out():
    assert said(only("Az\u00adure\u200b \ufeffGov\u2060ernment")) == ["Azure Government"]


# Front matter ---------------------------------------------------------------------------------------------


def test_front_matter_gives_values_language_and_title():
    document = page("Text.", "---\ntitle: R&D *rules*\nms.contentlocale: ZH-tw\ntags:\n- a\n- b\n---\n")
    assert document.meta == {"title": "R&D *rules*", "ms.contentlocale": "ZH-tw", "tags": ["a", "b"]}
    assert (document.language, document.title) == ("zh-TW", (Text("R&D *rules*", "zh-tw"),))
    assert document.troubles == ()


def test_a_page_without_front_matter_is_english():
    document = read(b"# Rules\n", "p")
    assert (document.meta, document.language, document.title) == ({}, "en-US", (Text("Rules", "en"),))


@pytest.mark.parametrize(
    "front, code",
    [
        ("---\ntitle: Part 1: Rules\nms.contentlocale: de-DE\n---\n", "front-matter"),
        ("---\ntitle: 'Rules'\nms.contentlocale: de-DE\nwhen: 2020-13-77\n---\n", "front-matter"),
        ("---\nbase: &a [1]\ncopy: *a\ntitle: Rules\nms.contentlocale: de-DE\n---\n", "front-matter-alias"),
        (
            "---\ntitle: Rules\nms.contentlocale: de-DE\nx: " + "[" * 99 + "]" * 99 + "\n---\n",
            "front-matter-depth",
        ),
    ],
)
def test_of_broken_front_matter_the_plain_lines_are_kept(front, code):
    document = page("Text.", front)
    assert codes(document) == [code]
    assert document.language == "de-DE"
    assert document.title[0].value.endswith("Rules")
    assert [segment.line for segment in document.segments()] == [front.count("\n") + 1]


def test_front_matter_beyond_the_limit_is_not_parsed():
    document = page("Text.", "---\ntitle: " + "a" * 70_000 + "\n---\n")
    assert (codes(document), document.meta) == (["front-matter-size"], {})


def test_front_matter_that_never_ends_is_text_and_noted():
    document = page("", "---\ntitle: Rules\n\nText.\n")
    assert codes(document) == ["front-matter"]
    assert "Text." in [segment.reading for segment in document.segments()]


def test_a_thematic_break_at_the_top_is_no_front_matter():
    document = read(b"---\n\n# Rules\n\n---\n\nText.", "p")
    assert [section.title for section in document.sections] == ["Rules"]


def test_a_locale_that_is_none_is_noted():
    document = page("Text.", "---\nms.contentlocale: '???'\n---\n")
    assert (document.language, codes(document)) == ("en-US", ["locale"])


# Sections -------------------------------------------------------------------------------------------------


def outline(sections: tuple[Section, ...]) -> list[object]:
    return [(section.level, section.anchor, *outline(section.sections)) for section in sections]


def test_headings_nest_by_level_and_text_before_them_stands_apart():
    document = page("Before.\n\n# A\n\n### B\n\n## C\n\nD\n=\n\nE\n-\n")
    assert outline(document.sections) == [(0, ""), (1, "a", (3, "b"), (2, "c")), (1, "d", (2, "e"))]


def test_an_anchor_is_the_authors_else_the_slug_and_always_unique():
    document = page(
        '# <a name="main"></a>Rules\n\n## In-scope platforms & services, U.S.\n\n## Über “EN 301 549”\n\n'
        "## Rules\n\n## Rules\n\n## Rules-1\n\n## <a id=main></a>More\n\n## ***\n"
    )
    assert [section.anchor for section in document.walk()] == [
        "main",
        "in-scope-platforms--services-us",
        "über-en-301-549",
        "rules",
        "rules-1",
        "rules-1-1",
        "main-1",
        "line-18",
    ]


def test_a_heading_without_a_space_is_a_heading_all_the_same():
    document = page("##Rules\n\n#" + pair("a-1", "Règles", "Rules") + "\n\n#1 in the market\n", FRENCH)
    assert [(section.level, section.title) for section in document.walk()] == [(2, "Rules"), (1, "Rules")]
    assert codes(document) == ["heading-without-space"] * 2
    assert [said(block) for block in document.blocks()] == [["#1 in the market"]]


def test_a_heading_of_two_sentence_pairs_is_one_segment():
    text = "## " + pair("a-1", "Un [x](u).", "One [y](u).") + " " + pair("a-2", "Deux", "**Two** [z](v)")
    (section,) = page(text, FRENCH).sections
    assert section.heading
    assert section.heading.texts == (Text("Un x. Deux", "fr-fr"), Text("One y. Two z", "en"))
    assert section.heading.bold == (Span(7, 10),)
    assert [(link.href, link.segment, link.span) for link in section.links] == [
        ("u", "a-1", Span(4, 5)),
        ("v", "a-1", Span(11, 12)),
    ]


def test_a_heading_within_an_item_or_a_quote_is_text_there():
    document = page("- # Loud\n\n> ## Quoted\n")
    assert [section.level for section in document.walk()] == [0]
    assert [said(block) for block in document.blocks()] == [["Loud"], ["Quoted"]]


def test_the_title_is_the_first_top_heading_in_each_language():
    document = page("## Before\n\n# " + pair("a-1", "Règles", "Rules"), FRENCH)
    assert document.title == (Text("Règles", "fr-fr"), Text("Rules", "en"))
    assert page("## Only", "---\nauthor: x\n---\n").title == (Text("Only", "en"),)
    assert page("Text.", "---\nauthor: x\n---\n").title == ()


# Sentences and lines --------------------------------------------------------------------------------------


def test_a_page_in_one_language_is_cut_into_sentences_with_line_ids():
    document = page("One. Two\nlines. Three\nfour.\n\nFive.", "---\nms.contentlocale: en-GB\n---\n")
    assert [(each.id, each.line, each.texts) for each in document.segments()] == [
        ("line-4.1", 4, (Text("One.", "en"),)),
        ("line-4.2", 4, (Text("Two lines.", "en"),)),
        ("line-5.1", 5, (Text("Three four.", "en"),)),
        ("line-8.1", 8, (Text("Five.", "en"),)),
    ]


def test_words_are_plain_entities_escapes_and_breaks_resolved():
    text = "R&amp;D\u00a0&nbsp;in \\[brackets\\]  \nthe *next* `code`<br/>line\\\nend <!-- no --><sup>1</sup>"
    assert said(only(text)) == ["R&D in [brackets] the next code line end ¹"]


def test_bold_stretches_are_told():
    segment = only("**Who** is it? It is **R** and **D**. **Whole one.**").segments
    assert [[each.reading[span.start : span.end] for span in each.bold] for each in segment] == [
        ["Who"],
        ["R", "D"],
        ["Whole one."],
    ]
    assert [each.all_bold for each in segment] == [False, False, True]
    assert only("<b>Loud</b>").segments[0].all_bold


def test_a_code_block_and_raw_html_keep_their_words():
    code, first, second = blocks(
        "```\nGet-Thing  -Name x. Now\n```\n\n<div>\n<p>One <a href='u'>two</a></p><p>Three</p></div>\n"
    )
    assert (code.kind, said(code), code.line) == ("code", ["Get-Thing -Name x. Now"], 4)
    assert (first.kind, said(first), first.line) == ("paragraph", ["One two"], 9)
    assert said(second) == ["Three"]
    assert [(link.href, link.span) for link in first.links] == [("u", Span(4, 7))]
    assert blocks("<!-- nothing\n\nto see -->\n\n<script>x < y</script>\n\n<div></div>") == []


def test_documentation_site_marks_are_kept_apart_from_text():
    assert [(block.kind, block.reading) for block in blocks(":::row:::\n\n::: zone-end\n\nText.")] == [
        ("html", ":::row:::"),
        ("html", "::: zone-end"),
        ("paragraph", "Text."),
    ]


# Lists, tables, quotes, includes --------------------------------------------------------------------------


def shape(block: Block) -> object:
    return (block.kind, block.reading, [shape(item) for item in block.items])


def test_items_nest_and_the_first_paragraph_is_the_items_own():
    text = "- One\n  - Two\n    1. Three\n\n       more\n- > Four\n- ```\n  five\n  ```\n\n1) Six\n"
    top = page(text).sections[0].blocks
    assert [shape(block) for block in top] == [
        ("item", "One", [("item", "Two", [("item", "Three", [("paragraph", "more", [])])])]),
        ("item", "Four", []),
        ("item", "", [("code", "five", [])]),
        ("item", "Six", []),
    ]
    assert [block.ordered for block in page(text).blocks() if block.kind == "item"] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]
    assert [block.line for block in page(text).blocks()] == [4, 5, 6, 8, 9, 10, 10, 14]


HTML_LISTS = {
    "in one line": "<ul><li>One<ul><li>Two</li></ul></li><li><a href='u'>Three</a></li></ul>",
    "never closed": "<ul>\n<li>One\n<ul><li>Two</ul>\n<li><p>[Three](u)\n",
    "with Markdown between": "<ul>\n\n<li>\n\nOne\n\n- Two\n\n</li>\n\n<li>\n\n[Three](u)\n\n</li>\n\n</ul>",
    "in running text": "Listed: <ul><li>One <ol><li>Two</li></ol></li> <li>Three</li></ul>",
}


@pytest.mark.parametrize("text", HTML_LISTS.values(), ids=HTML_LISTS)
def test_a_list_of_raw_html_is_a_list(text):
    found = [block for block in page(text + "\n\nAfter.").sections[0].blocks if block.kind == "item"]
    one, three = found
    assert shape(one) == ("item", "One", [("item", "Two", [])])
    assert three.reading in {"Three", "[Three](u)"}


def test_a_definition_list_is_a_list_of_terms_with_what_is_said_of_them():
    top = (
        page("<dl><dt>One<dd>first</dd><dd>again</dd><dt>Two</dt></dl><dl><dd>alone</dd></dl>")
        .sections[0]
        .blocks
    )
    assert [shape(block) for block in top] == [
        ("item", "One", [("paragraph", "first", []), ("paragraph", "again", [])]),
        ("item", "Two", []),
        ("item", "alone", []),
    ]


HTML_TABLES = {
    "whole": "<table><caption>Of things</caption><thead><tr><th>A</th><th>B</th></tr></thead>"
    "<tbody><tr><th>1</th><td>2<br>3</td></tr></tbody></table>",
    "never closed": "<table>\n<tr><th>A<th>B\n<tr><td>1<td>2 3",
    "with Markdown between": "<table>\n<tr><th>A</th><th>B</th></tr>\n<tr><td>\n\n1\n\n</td><td>\n\n- 2\n- 3\n\n</td></tr></table>",
    "one within another": "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td><table><tr><td>2</td><td>3</td></tr></table></td></tr></table>",
}


@pytest.mark.parametrize("text", HTML_TABLES.values(), ids=HTML_TABLES)
def test_a_table_of_raw_html_is_a_table(text):
    rows = [block for block in blocks(text) if block.kind == "row"]
    assert [[cell.reading for cell in row.cells] for row in rows] == [["A", "B"], ["1", "2 3"]]
    assert [row.header for row in rows] == [True, False]
    assert {row.table for row in rows} == {1}


def test_a_heading_of_raw_html_begins_a_section_and_ends_what_was_left_open():
    found = page("<h1>Top</h1>\n\n<ul><li>One\n\n## Second <br> line\n\nText\n\n<h3 id='x'>Third</h3>last")
    (top,) = found.sections
    assert [(each.level, each.title) for each in found.walk()] == [
        (1, "Top"),
        (2, "Second line"),
        (3, "Third"),
    ]
    assert shape(top.blocks[0]) == ("item", "One", [])
    assert [block.reading for each in list(found.walk())[1:] for block in each.blocks] == ["Text", "last"]


def test_raw_html_left_open_in_an_item_ends_with_the_item():
    top = page("- One\n  <ul><li>Two\n- Three </ul>\n\nAfter").sections[0].blocks
    assert [shape(block) for block in top] == [
        ("item", "One", [("item", "Two", [])]),
        ("item", "Three", []),
        ("paragraph", "After", []),
    ]


def test_a_summary_is_told_from_what_it_opens():
    top = (
        page("<details><summary>Who may <b>ask</b>?</summary>Anyone.\n\nAnd all.\n\n</details>")
        .sections[0]
        .blocks
    )
    assert [(block.kind, block.reading) for block in top] == [
        ("html", "Who may ask?"),
        ("paragraph", "Anyone."),
        ("paragraph", "And all."),
    ]


def test_lines_of_a_cell_are_segments_of_their_own():
    _, row = blocks("| A |\n|---|\n| One two<br>Three<ul><li>Four</li></ul> |\n")
    assert said(row) == ["One two", "Three", "Four"]


def test_a_tab_stands_within_its_section():
    found = page("## One\n\n# [A](#tab/a)\n\n- x\n\n# [B](#tab/b)\n\n- y\n\n---\n\n## Two\n")
    assert [(each.level, each.title) for each in found.walk()] == [(2, "One"), (3, "A"), (3, "B"), (2, "Two")]


@pytest.mark.parametrize("seed", range(20))
def test_no_soup_of_tags_stops_the_reader_or_loses_a_word(seed):
    """Whatever stands open or is closed in vain, each word is in a segment, once."""
    dice = random.Random(seed)
    tags = [f"<{mark}{name}>" for name in ("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tr", "td", "th", "p",
            "h2", "summary", "details", "pre", "div", "b", "a") for mark in ("", "/")]  # fmt: skip
    ends = [" ", "", "\n", "\n\n", "\n\n- ", "\n\n> ", "\n\n## "]
    for _ in range(30):
        words = [f"w{number}" for number in range(40)]
        text = "".join(f"{dice.choice(tags)}{word}{dice.choice(ends)}{dice.choice(tags)}" for word in words)
        document = page(text)
        found = re.findall(r"w\d+", " ".join(segment.reading for segment in document.segments()))
        assert sorted(found) == sorted(words), text


def test_a_table_is_rows_of_cells():
    text = "| Cloud | In scope |\n| --- | --- |\n| **GCC** | [A](u), B |\n| | C |\n\n|X|\n|-|\n"
    header, first, second, other = blocks(text)
    assert [(row.kind, row.header, row.table, row.line) for row in (header, first, second, other)] == [
        ("row", True, 1, 4),
        ("row", False, 1, 6),
        ("row", False, 1, 7),
        ("row", True, 2, 9),
    ]
    assert [cell.reading for cell in first.cells] == ["GCC", "A, B"]
    assert [cell.reading for cell in second.cells] == ["", "C"]
    assert first.cells[0].segments[0].all_bold
    assert [link.href for link in first.cells[1].links] == [link.href for link in first.links] == ["u"]
    assert [segment.id for segment in first.segments] == ["line-6.1", "line-6.2"]


def test_sentence_pairs_stand_in_cells():
    text = f"| {pair('a-1', 'Portée', 'Scope')} |\n| - |\n| {pair('a-2', '**Oui**', '**Yes**')} |\n"
    assert [row.reading for row in blocks(text, FRENCH)] == ["Scope", "Yes"]


@pytest.mark.parametrize("quote", ["> [!NOTE]\n> Mind this.", "> [!Note] Mind this.", ">[!NOTE]\nMind this."])
def test_an_alert_is_told_by_its_mark(quote):
    block = only(quote)
    assert (block.alert, said(block)) == ("note", ["Mind this."])


def test_what_stands_in_an_alert_says_so_and_a_plain_quote_does_not():
    text = "> [!IMPORTANT]\n> A\n> - B\n>\n> > C\n\n> D\n\nE"
    assert [(block.reading, block.alert) for block in blocks(text)] == [
        ("A", "important"),
        ("B", "important"),
        ("C", "important"),
        ("D", ""),
        ("E", ""),
    ]


def test_an_alert_holds_sentence_pairs():
    block = only(f"> [!TIP]\n> {pair('a-1', 'Voir', 'See')}", FRENCH)
    assert (block.alert, block.segments[0].id, block.segments[0].line) == ("tip", "a-1", 6)


@pytest.mark.parametrize("mark", ["[!INCLUDE [a title](../includes/a.md)]", "[!include[](../includes/a.md)]"])
def test_an_include_names_its_target_and_is_no_link(mark):
    block = only(mark)
    assert (block.kind, block.target, block.line, block.segments, block.links) == (
        "include",
        "../includes/a.md",
        4,
        (),
        (),
    )


def test_an_include_within_text_leaves_the_text():
    text, include, item, inner = blocks("See [!INCLUDE [a](b.md)] and [c](d).\n\n- Item [!INCLUDE [a](e.md)]")
    assert (said(text), [link.href for link in text.links]) == (["See and c."], ["d"])
    assert (include.target, said(item), inner.target) == ("b.md", ["Item"], "e.md")


# Links ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, href, words",
    [
        ("[The list](https://x.org/a_(b)?c=1&d=2)", "https://x.org/a_(b)?c=1&d=2", "The list"),
        ("[A \\[draft\\] list](<a b.md>)", "a b.md", "A [draft] list"),
        ("[A](x&amp;y.md 'title')", "x&y.md", "A"),
        ("[**Bold** list](./Page.MD#Top)", "./Page.MD#Top", "Bold list"),
        ("<https://x.org/>", "https://x.org/", "https://x.org/"),
        ("<who@x.org>", "mailto:who@x.org", "who@x.org"),
        ("[Write](mailto:who@x.org)", "mailto:who@x.org", "Write"),
        ("[Page]\n\n[page]: y.md", "y.md", "Page"),
        ("[![Picture](a.png)](z.md)", "z.md", "Picture"),
        ("<a href='z.md'>Raw</a>", "z.md", "Raw"),
        ("[](z.md)", "z.md", "z.md"),
    ],
)
def test_a_link_is_its_words_and_its_destination_as_written(text, href, words):
    block = only(text)
    (link,) = block.links
    assert (link.href, link.texts, link.line) == (href, (Text(words, "en"),), 4)
    assert link.segment == block.segments[0].id
    assert link.span
    assert block.reading[link.span.start : link.span.end] == words


def test_a_link_stands_in_the_sentence_it_belongs_to():
    first, second = only("See one. See [Acme Inc. The list](u) now.\n").segments
    (link,) = only("See one. See [Acme Inc. The list](u) now.\n").links
    assert (first.reading, second.reading) == ("See one.", "See Acme Inc. The list now.")
    assert (link.segment, link.span) == (second.id, Span(4, 22))


# Two languages side by side -------------------------------------------------------------------------------


def links(text: str) -> list[tuple[str, list[tuple[str, str]], bool]]:
    return [
        (link.href, [(each.lang, each.value) for each in link.texts], link.span is not None)
        for link in page(text, FRENCH).links()
    ]


def test_a_sentence_pair_is_one_segment_under_its_own_id():
    document = page(pair("e-1", "Bonjour.", "Hello.") + " " + pair("e-2", "Oui.", "Yes."), FRENCH)
    assert document.bilingual
    assert list(document.segments()) == [
        Segment("e-1", 5, (Text("Bonjour.", "fr-fr"), Text("Hello.", "en"))),
        Segment("e-2", 5, (Text("Oui.", "fr-fr"), Text("Yes.", "en"))),
    ]


def test_a_link_around_spans_has_words_in_both_languages():
    assert links("- [" + pair("e-1", "Liste", "List") + "](u)") == [
        ("u", [("fr-fr", "Liste"), ("en", "List")], True)
    ]


def test_a_link_on_both_sides_is_counted_once_though_the_order_differs():
    text = pair(
        "e-1",
        "[B](https://x.org/fr-fr/b) et [A](https://x.org/a)",
        "[a](https://x.org/a), [b](https://x.org/en-us/b)",
    )
    assert links(text) == [
        ("https://x.org/a", [("fr-fr", "A"), ("en", "a")], True),
        ("https://x.org/en-us/b", [("fr-fr", "B"), ("en", "b")], True),
    ]


def test_links_with_different_targets_correspond_in_order():
    text = pair("e-1", "[un](fr1) [deux](same)", "[one](en1) [two](same)")
    assert links(text) == [
        ("en1", [("fr-fr", "un"), ("en", "one")], True),
        ("same", [("fr-fr", "deux"), ("en", "two")], True),
    ]


def test_a_link_that_only_one_side_has_is_kept():
    assert links(pair("e-1", "[un](a) deux", "one two")) == [("a", [("fr-fr", "un")], False)]
    assert links(pair("e-1", "un deux", "one [two](b)")) == [("b", [("en", "two")], True)]


def test_a_link_around_several_pairs_stands_in_the_first():
    (link,) = page(
        "[" + pair("e-1", "Un.", "One.") + " " + pair("e-2", "Deux.", "Two.") + "](u)", FRENCH
    ).links()
    assert link.texts == (Text("Un. Deux.", "fr-fr"), Text("One. Two.", "en"))
    assert (link.segment, link.span) == ("e-1", Span(0, 4))


def test_emphasis_around_a_pair_is_emphasis_on_both_sides():
    (segment,) = page("**" + pair("e-1", "Qui ?", "Who?") + "**", FRENCH).segments()
    assert segment.all_bold
    (segment,) = page(pair("e-1", "Qui ?", "**Who?**"), FRENCH).segments()
    assert segment.all_bold


def test_a_pair_may_run_across_lines():
    text = pair("e-1", "Bon\njour.", "Hel\nlo.").replace("</span><span class", "</span>\n<span class")
    (segment,) = page("\n" + text, FRENCH).segments()
    assert (segment.line, segment.texts) == (6, (Text("Bon jour.", "fr-fr"), Text("Hel lo.", "en")))


def test_a_span_alone_on_its_line_is_running_text():
    text = '<span data-ttu-id="e-1">\nVoir [liste](u)</span>\n<span class="sxs-lookup"><span data-stu-id="e-1">See [list](u)</span></span>'
    document = page(text, FRENCH)
    assert [segment.texts for segment in document.segments()] == [
        (Text("Voir liste", "fr-fr"), Text("See list", "en"))
    ]
    assert [link.href for link in document.links()] == ["u"]


def test_other_spellings_of_the_spans_are_understood():
    text = "<SPAN class='x' data-ttu-id='e-1'>Oui</SPAN><span\nclass=sxs-lookup><span data-stu-id=e-1 >Yes</span></span>"
    (segment,) = page(text, FRENCH).segments()
    assert (segment.id, segment.texts) == ("e-1", (Text("Oui", "fr-fr"), Text("Yes", "en")))


def test_text_outside_spans_is_kept_under_a_line_id():
    document = page(pair("e-1", "Oui", "Yes") + " (v2) " + pair("e-2", "Non", "No"), FRENCH)
    assert [(each.id, each.texts[0]) for each in document.segments()] == [
        ("e-1", Text("Oui", "fr-fr")),
        ("line-5.1", Text("(v2)", "fr-fr")),
        ("e-2", Text("Non", "fr-fr")),
    ]


@pytest.mark.parametrize(
    "text, code, texts",
    [
        (pair("e-1", "Oui", "Yes") + "</span>", "unbalanced-span", [("e-1", "Oui", "Yes")]),
        (pair("e-1", "Oui", "Yes")[:-7], "unbalanced-span", [("e-1", "Oui", "Yes")]),
        (pair("e-1", "Oui", ""), "missing-english", [("e-1", "Oui")]),
        (pair("e-1", "", "Yes"), "missing-translation", [("e-1", "Yes")]),
        ('<span data-ttu-id="e-1">Oui</span>', "missing-english", [("e-1", "Oui")]),
        (pair("e-1", "One two three four five.", "One two three four five."), "untranslated",
         [("e-1", "One two three four five.", "One two three four five.")]),
        (pair("e-1", "A", "B") + "\n\n" + pair("e-1", "C", "D"), "duplicate-id", [("e-1", "A", "B"), ("e-1-2", "C", "D")]),
        (pair("e-1", "A", "B") + " " + pair("e-1", "C", "D"), "duplicate-id", [("e-1", "A", "B"), ("e-1-2", "C", "D")]),
        ("[" + pair("e-1", "Oui</span>", "Yes</span>") + "](u)", "unbalanced-span", [("e-1", "Oui", "Yes")]),
    ],
)  # fmt: skip
def test_what_is_odd_in_a_pair_is_noted_and_survived(text, code, texts):
    document = page(text, FRENCH)
    assert [(each.id, *(text.value for text in each.texts)) for each in document.segments()] == texts
    assert set(codes(document)) == {code}
    assert all(trouble.line >= 5 for trouble in document.troubles)


def test_a_name_left_in_english_is_nothing_odd():
    assert page(pair("e-1", "Azure Government", "Azure Government"), FRENCH).troubles == ()


def test_a_pair_whose_span_is_never_closed_ends_with_its_paragraph():
    document = page('<span data-ttu-id="e-1">Oui\n\nNon\n', FRENCH)
    assert [segment.texts[0].value for segment in document.segments()] == ["Oui", "Non"]
    assert codes(document) == ["missing-english", "unbalanced-span"]


def test_a_bilingual_page_that_states_no_language_is_undetermined():
    document = page(pair("e-1", "Oui", "Yes"))
    assert (document.language, codes(document)) == ("und", ["locale"])
    assert [text.lang for segment in document.segments() for text in segment.texts] == ["und", "en"]


def test_no_two_segments_share_an_id():
    text = f"Ah. Be.\n\n{pair('line-5.1', 'C', 'D')}\n\n- E\n- F\n\n|G|H|\n|-|-|\n|I|J|\n{pair('line-5.2', 'K', 'L')} M\n"
    identifiers = [segment.id for segment in page(text, FRENCH).segments()]
    assert len(identifiers) == len(set(identifiers)) == 11


def test_a_raised_number_is_a_mark_beside_the_word_before_it():
    """It is no digit of the word, on either side of a pair."""
    assert said(only("Azure<sup>1</sup> and 10<sup>12</sup> of them, 1<sup>st</sup>")) == [
        "Azure¹ and 10¹² of them, 1st"
    ]
    assert "Azure²" in only(pair("a", "Azure<sup>2</sup>", "Azure<sup>2</sup>"), FRENCH).segments[0].reading
