"""Reports about a standard, a service or a whole graph, as Markdown and HTML: each statement with its sources."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import kg
from kg import files, hypertext, reports
from kg.errors import NotFoundError, QueryError
from kg.graph import Graph
from kg.reports import contents, markdown, web
from kg.reports.model import Group, Page, Section, Source, Statement
from tests.test_tables import HOSTILE, ID, kg_term

INJECTIONS = (
    *HOSTILE, "[a](javascript:alert(1))", "<img src=x onerror=alert(1)>", "# no heading", "- no item", "| a | b |", "***", "`code`", "![a](b)",
    "https://example.org", "1. no list", "&lt;b&gt;", "</style><script>", "a\n\n# no heading", "```", "<!-- -->", "> no quotation", "~~no~~", "\\",
)  # fmt: skip
VOID = {"meta", "br", "hr", "img", "link"}


class Elements(HTMLParser):
    """The elements of a page, its links, and its words; every element must be closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.words = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        said = dict(attrs)
        self.links += [str(said["href"])] if "href" in said else []
        self.ids |= {str(said["id"])} if "id" in said else set()
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of the bundled samples."""
    return kg.build([files.samples()]).graph


@pytest.fixture(scope="module")
def mars_e(graph: Graph) -> Page:
    """What they say of MARS-E 2.0."""
    return contents.standard(graph, "MARS-E 2.0")


def words(page: Page, title: str) -> dict[str, list[str]]:
    """The words of one section by heading."""
    section = next(section for section in page.sections if section.title == title)
    return {group.heading: [each.words for each in group.statements] for group in section.groups}


def statements(page: Page) -> list[Statement]:
    """All statements of a report."""
    return [each for section in page.sections for group in section.groups for each in group.statements]


def test_a_report_on_a_standard_says_what_its_pages_say(mars_e: Page) -> None:
    """What it is, whom it binds, scope by cloud, audit, duties, relations, questions."""
    assert words(mars_e, "What it is")["issued"] == ["2015-11-10"]
    assert words(mars_e, "Services in scope, by cloud") == {
        "Government": ["Azure Government"],
        "No cloud in particular": ["Azure", "Intune"],
    }
    assert words(mars_e, "Attestation and audit")["audit frequency"] == ["every year"]
    assert list(words(mars_e, "Duties")) == ["customer"]
    assert words(mars_e, "Relations to other standards")["based on"] == ["MARS-E based on NIST SP 800-53"]
    assert (
        words(mars_e, "Questions and answers")[
            "Can I use Microsoft compliance in our own MARS-E assessment?"
        ][0]
        == "Yes."
    )


def test_every_statement_leads_to_a_sentence_in_the_file(mars_e: Page) -> None:
    """The line that is named holds the words that are quoted; what registries say names their graph."""
    assert all(each.sources for each in statements(mars_e))
    for number in {number for each in statements(mars_e) for number in each.sources}:
        source = mars_e.sources[number - 1]
        if source.path:
            lines = (files.samples() / source.path).read_text(encoding="utf-8").splitlines()
            assert (source.translation or source.sentence).split()[0] in "\n".join(
                lines[source.line - 1 : source.line + 2]
            )
        else:
            assert source.document.startswith(f"{ID}document/ontology/")


def test_translations_stand_beside_their_sentence(mars_e: Page) -> None:
    """A side-by-side page gives both languages to a statement that an English page made already."""
    pairs = [source for source in mars_e.sources if source.translation]
    assert pairs
    assert {(source.language, source.foreign) for source in pairs} == {("en", "zh-tw")}


def test_evidence_is_grouped_by_kind_and_linked(graph: Graph) -> None:
    """Certificates, reports and statements of applicability with their addresses."""
    section = next(
        each for each in contents.standard(graph, "ISO 27001").sections if each.title == "Evidence offered"
    )
    assert {"certificate", "statement of applicability"} <= {group.heading for group in section.groups}
    assert all(each.link.startswith("https://") for group in section.groups for each in group.statements)


def test_a_report_on_a_service_lists_its_standards_and_its_evidence(graph: Graph) -> None:
    """By the cloud the listing is limited to."""
    page = contents.service(graph, "Intune")
    assert "MARS-E 2.0" in words(page, "In scope for, by cloud")["No cloud in particular"]
    assert "certificate" in words(page, "Evidence that names it")
    assert words(contents.service(graph, "Azure Government"), "In scope for, by cloud").keys() == {
        "Government"
    }


def test_an_overview_lists_standards_and_relations(graph: Graph) -> None:
    """With as many sources as it takes."""
    page = contents.overview(graph)
    assert "MARS-E 2.0" in words(page, "Standards addressed")[""]
    assert "FedRAMP based on NIST SP 800-53" in words(page, "Relations between standards")["based on"]
    assert dict(page.facts)["language en-US"] == "3"


@pytest.mark.parametrize("asked", [{}, {"standard": "MARS-E 2.0"}, {"service": "Azure"}])
@pytest.mark.parametrize("form", reports.FORMS)
def test_two_reports_are_the_same(graph: Graph, form: str, asked: dict[str, str]) -> None:
    """Nothing depends on when a report is made, nor by which process."""
    assert reports.text(graph, form, **asked) == reports.text(graph, form, **asked)


@pytest.mark.parametrize("asked", [{}, {"standard": "MARS-E 2.0"}, {"service": "Azure"}])
def test_html_runs_nothing_and_fetches_nothing(graph: Graph, asked: dict[str, str]) -> None:
    """No script, no handler, one style by its hash; links lead to the web or to a source on the page."""
    text = reports.text(graph, "html", **asked)
    page = Elements(text)
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert not page.tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base"}
    assert not {name for name in page.attributes if name.startswith("on") or name in {"src", "style"}}
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;" in text
    assert "url(" not in style
    assert "@import" not in style
    for link in page.links:
        assert link[1:] in page.ids if link.startswith("#") else link.startswith(("https://", "http://"))


@pytest.mark.parametrize("asked", [{}, {"standard": "MARS-E 2.0"}, {"service": "Azure"}])
def test_each_number_in_markdown_leads_to_a_source(graph: Graph, asked: dict[str, str]) -> None:
    """Anchors and numbers belong to one another."""
    text = reports.text(graph, "md", **asked)
    cited, sources = set(re.findall(r"\]\(#s(\d+)\)", text)), re.findall(r'<a id="s(\d+)"></a>', text)
    assert cited == set(sources)
    assert [int(number) for number in sources] == list(range(1, len(sources) + 1))


def hostile_page(text: str) -> Page:
    """A report with one text wherever a text can stand."""
    said = Statement(text, (1,), 0, text)
    return Page(
        text,
        text,
        ((text, text),),
        (Section(text, (Group(text, (said,)),), text),),
        (Source(text, text, 1, text, "en", text, text),),
    )


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_means_anything_to_html(text: str) -> None:
    """The page has the elements it has without it, and its words can be read."""
    page = Elements(web.text(hostile_page(text)))
    plain = Elements(web.text(hostile_page("plain")))
    assert page.tags - {"a"} == plain.tags - {"a"}
    assert page.attributes == plain.attributes | ({"rel"} if hypertext.linked(text) else set())
    assert hypertext._UNSEEN.sub("\ufffd", text) in page.words


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_means_anything_to_markdown(text: str) -> None:
    """An independent reader finds the same structure whatever a document says."""
    reader = MarkdownIt("gfm-like", {"linkify": False})

    def structure(page: Page) -> list[str]:
        tokens = reader.parse(markdown.text(page))
        inner = [
            child.type
            for token in tokens
            for child in token.children or ()
            if child.type not in {"text", "text_special"}
        ]
        return [token.type for token in tokens] + [
            kind for kind in inner if kind not in {"link_open", "link_close"}
        ]

    assert structure(hostile_page(text)) == structure(hostile_page("plain"))
    html = reader.render(markdown.text(hostile_page(text)))
    assert not re.search(r"<(?!a id=)(script|img|style|iframe)", html)
    assert all(
        link.startswith(("#", "http://", "https://", "mailto:"))
        for link in re.findall(r'href="([^"]*)"', html)
    )


@given(st.text())
def test_any_text_survives_escaping(text: str) -> None:
    """What a reader of HTML gets is the text."""
    assert Elements(f"<p>{hypertext.words(text)}</p>").words == hypertext._UNSEEN.sub("\ufffd", text).replace(
        "\r\n", "\r\n"
    )


@pytest.mark.parametrize(
    ("address", "is_link"),
    [
        ("https://example.org/a?b=c#d", True), ("http://example.org", True), ("mailto:a@example.org", True), ("HTTPS://example.org", True),
        ("javascript:alert(1)", False), ("data:text/html,a", False), ("file:///etc/passwd", False), ("//example.org", False), ("https:/a", False),
        ("https://a b", False), ("https://a\nb", False), (" https://a", False), ("vbscript:a", False), ("", False),
    ],
)  # fmt: skip
def test_links_lead_to_the_web_or_to_mail(address: str, is_link: bool) -> None:
    """Everything else is words."""
    assert hypertext.linked(address) is is_link
    assert ("href" in hypertext.link(address, "words")) is is_link


@pytest.mark.parametrize("form", reports.FORMS)
def test_a_graph_without_such_data_says_so(form: str) -> None:
    """An overview of nothing, and a standard of which only the name is known."""
    assert "The graph says nothing of this." in reports.text(Graph.of_lines(b""), form)
    alone = f'<{ID}standard/a> {kg_term("rdf:type")} {kg_term("ckg:Standard")} .\n<{ID}standard/a> {kg_term("skos:prefLabel")} "A"@en .\n'
    text = reports.text(Graph.of_lines(alone.encode()), form, standard="A")
    assert text.count("The graph says nothing of this.") == 8


def test_unknown_names_and_formats_are_told(graph: Graph) -> None:
    """With the names that come closest."""
    with pytest.raises(NotFoundError) as error:
        reports.text(graph, "md", standard="Marsi 2.0 X")
    assert any("MARS-E" in name for name in error.value.nearest)
    with pytest.raises(NotFoundError, match="docx"):
        reports.text(graph, "docx")
    with pytest.raises(QueryError, match="one standard or one service"):
        reports.text(graph, "md", standard="MARS-E 2.0", service="Azure")
