"""What the one spelling of a link target is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.documents.urls import TRACKING_PARAMETERS, normalise

HOSTS = st.sampled_from(
    ["https://Example.COM", "http://example.org:80", "HTTPS://a.b:8443", "mailto:", "", "/", "//x.y"]
)
TAILS = st.text(alphabet="aZ0/?#&=%. -_:@[]é中\u00a0\\<>\"'{}|^`+,;()\t", max_size=30)
SEGMENTS = st.lists(
    st.sampled_from(["en-us", "zh-TW", "fr-fr", "a", "B", "utm_source=1", "x y", "..", "."]), max_size=5
)


@pytest.mark.parametrize(
    "href, wanted",
    [
        ("https://aka.ms/AzureCompliance", "https://aka.ms/AzureCompliance"),
        ("HTTPS://WWW.Example.COM/Path", "https://www.example.com/Path"),
        ("https://example.com/en-us/trust", "https://example.com/trust"),
        ("https://example.com/zh-TW/trust", "https://example.com/trust"),
        ("https://example.com/blog/fr-FR/post", "https://example.com/blog/post"),
        ("https://example.com/files/old/en-gb/paper.pdf", "https://example.com/files/old/en-gb/paper.pdf"),
        ("https://example.com/Eng/fi-if/rg-ro/x.aspx", "https://example.com/Eng/fi-if/rg-ro/x.aspx"),
        ("https://example.com/ja-jp", "https://example.com/"),
        ("https://example.com", "https://example.com"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("https://example.com/a b(c)", "https://example.com/a%20b(c)"),
        ("https://example.com/?k=licence%3d619017%26x&n=IS%20619017", "https://example.com/?k=licence%3d619017%26x&n=IS%20619017"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/a?utm_source=x&id=5&WT.mc_id=y", "https://example.com/a?id=5"),
        ("https://example.com/a?ocid=x", "https://example.com/a"),
        ("https://example.com/a#Part-1", "https://example.com/a#Part-1"),
        ("https://example.com/#/product/x?sort=name", "https://example.com/#/product/x?sort=name"),
        ("mailto:Some.One@Example.ORG", "mailto:Some.One@example.org"),
        ("/azure/compliance/offerings/offering-soc-1", "https://learn.microsoft.com/azure/compliance/offerings/offering-soc-1"),
        ("/en-us/azure/", "https://learn.microsoft.com/azure/"),
        ("offering-ISO-27018.md", "offering-iso-27018.md"),
        ("./offering-SOC.md", "offering-soc.md"),
        ("../downloads/Guide July.pdf", "../downloads/guide%20july.pdf"),
        ("#Part-1", "#part-1"),
        ("www.example.com/Path", "https://www.example.com/Path"),
        ("//example.com/x", "https://example.com/x"),
        ("https://[2001:DB8::1]/x", "https://[2001:db8::1]/x"),
    ],
)  # fmt: skip
def test_a_target_has_one_spelling(href, wanted):
    assert normalise(href) == wanted
    assert normalise(wanted) == wanted


@pytest.mark.parametrize(
    "href",
    ["", "#", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x",
     "C:\\a.md", "https://", "https:///x", "https://a b/", "https://x:port/", "https://[::1", "mailto:nobody",
     "mailto:@example.org", "tel:112", "ftp://example.org/x"],
)  # fmt: skip
def test_what_a_reader_may_not_follow_is_no_target(href):
    assert normalise(href) is None


@pytest.mark.parametrize("parameter", [*TRACKING_PARAMETERS, "utm_campaign", "UTM_SOURCE"])
def test_tracking_parameters_are_dropped(parameter):
    assert normalise(f"https://example.com/p?{parameter}=1&q=2&{parameter}") == "https://example.com/p?q=2"


@given(HOSTS, SEGMENTS, TAILS)
def test_normalising_twice_changes_nothing_and_gives_a_valid_iri(host, segments, tail):
    once = normalise(f"{host}/{'/'.join(segments)}{tail}")
    if once is not None:
        assert normalise(once) == once
        if re.match(r"[a-z]+:", once):
            assert pyoxigraph.NamedNode(once).value == once


@given(st.text(max_size=60))
def test_any_text_is_answered(href):
    once = normalise(href)
    assert once is None or (once and normalise(once) == once)


def test_the_expected_artifact_addresses_are_their_own_spelling(expected: Path):
    """What was written down by hand meets what the reader finds: percent escapes stay as they are."""
    text = (expected / "documents.json").read_text(encoding="utf-8")
    addresses = {
        item["url"]
        for document in json.loads(text)["docs"]
        for kind in ("artifacts", "resources")
        for item in document[kind]
        if item.get("url")
    }
    assert len(addresses) > 10
    for address in addresses:
        assert normalise(address) is not None
        kept = re.sub(r"/[a-z]{2}-[a-z]{2}(?=/|$)", "", address, flags=re.IGNORECASE)
        assert normalise(address) == normalise(kept) == normalise(normalise(address))
