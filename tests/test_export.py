"""A graph as a file: another reader finds the same graph in it, and the bytes are always the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import export, lines, names
from kg.errors import KgError, NotFoundError
from kg.export import FORMATS
from kg.lines import Lines
from kg.terms import PREFIXES, boolean, decimal, integer, iri, literal, term, typed

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
TEXTS = ["plain", 'a "quoted" \\ word', "two\nlines\r\tand a tab", "日本語 \U0001f600", "<x> . _:b", "", " "]
VALUES = [
    *(literal(text) for text in TEXTS),
    *(literal(text, "zh-tw") for text in TEXTS),
    integer(7),
    integer(-7),
    decimal(0.9),
    boolean(True),
    typed("P1Y", "xsd:duration"),
    typed("2021-03-05", "xsd:date"),
    iri("https://example.org/a(b)?c=d&e=f#g"),
    iri("https://example.org/中"),
    iri("mailto:someone@example.org"),
]


def graph(values=tuple(VALUES)) -> bytes:
    """A graph in two documents, a statement in both of them, as lines."""
    shares = []
    for key in ("a", "b"):
        document = names.document("en-US", key, key * 12)
        segments = (names.part(document, "segment", f"line-{n}.1") for n, _ in enumerate(values))
        said = [(segment, term("rdf:value"), value) for segment, value in zip(segments, values, strict=True)]
        shared = [(names.standard("x"), term("rdf:value"), value) for value in values]
        shares.append(lines.share(document, said + shared))
    return b"".join(lines.merged(shares))


def exported(data: bytes, folder: Path, suffix: str) -> Path:
    target = folder / f"graph.{suffix}"
    export.save(Lines(data), target)
    return target


def rows(data) -> set[tuple[str, ...]]:
    """The quads of an rdflib Dataset, or the triples of a Graph, as N-Triples terms."""
    if isinstance(data, rdflib.Dataset):
        return {tuple(part.n3() for part in (s, p, o, rdflib.URIRef(g))) for s, p, o, g in data.quads() if g}
    return {tuple(part.n3() for part in triple) for triple in data}


@pytest.fixture(autouse=True)
def _literals_as_written(monkeypatch):
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@pytest.mark.parametrize("suffix", ["nq", "trig", "jsonld"])
def test_another_reader_finds_the_same_quads(tmp_path, suffix):
    """Formats with named graphs lose nothing, read by a library that did not write them."""
    data = graph()
    whole = rdflib.Dataset()
    whole.parse(data=data.decode(), format="nquads")
    found = rdflib.Dataset()
    found.parse(
        exported(data, tmp_path, suffix), format={"nq": "nquads", "jsonld": "json-ld"}.get(suffix, suffix)
    )

    assert rows(found) == rows(whole)
    assert len(rows(whole)) == 4 * len(VALUES)


@pytest.mark.parametrize("suffix", ["ttl", "nt"])
def test_another_reader_finds_the_union_of_the_triples(tmp_path, suffix):
    """Formats without named graphs hold each triple once."""
    data = graph()
    union = rdflib.Dataset()
    union.parse(data=data.decode(), format="nquads")
    found = rdflib.Graph()
    target = exported(data, tmp_path, suffix)
    found.parse(target)

    assert rows(found) == {row[:3] for row in rows(union)}
    assert len(rows(found)) == 3 * len(VALUES)
    if suffix == "nt":
        assert len(target.read_bytes().splitlines()) == 3 * len(VALUES)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6), min_size=1, max_size=3, unique=True
    )
)
@settings(deadline=None, max_examples=60)
def test_no_text_is_changed_by_any_format(tmp_path_factory, texts):
    """Whatever signs a text holds, it comes back the same."""
    data = graph(tuple(literal(text, "fr") for text in texts))
    folder = tmp_path_factory.mktemp("export")
    for each in FORMATS:
        found = ox.parse(path=str(exported(data, folder, each.suffixes[0])))
        said = {quad.object.value for quad in found}

        assert {str(literal(value)) for value in said} == {str(literal(text)) for text in texts}


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_an_empty_graph_is_a_valid_file(tmp_path, each):
    """No rows is an answer too."""
    target = exported(b"", tmp_path, each.suffixes[0])

    assert list(ox.parse(path=str(target))) == []


@pytest.mark.parametrize("suffix", ["ttl", "trig"])
def test_prefixes_are_bound_and_in_order(tmp_path, suffix):
    """A person can read it: short names, prefixes sorted."""
    text = exported(graph(), tmp_path, suffix).read_text(encoding="utf-8")
    bound = [line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith("@prefix")]

    assert bound == sorted(PREFIXES)
    assert "std:x rdf:value" in text


SCRIPT = """
import hashlib, sys
from pathlib import Path
from tests.test_export import FORMATS, exported, graph
for each in FORMATS:
    print(hashlib.sha256(exported(graph(), Path(sys.argv[1]), each.suffixes[0]).read_bytes()).hexdigest())
"""


def test_two_exports_are_the_same_bytes(tmp_path):
    """In every format, whatever the hash seed."""
    said = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent.parent)}
        command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
        said.add(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)

    assert len(said) == 1


def test_a_failed_export_leaves_the_former_file_and_nothing_else(tmp_path, monkeypatch):
    """The target is replaced in one step, at the end."""
    target = exported(graph(), tmp_path, "ttl")
    former = target.read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ox, "serialize", full)
    with pytest.raises(KgError, match="No space left"):
        exported(b"", tmp_path, "ttl")

    assert target.read_bytes() == former
    assert list(tmp_path.iterdir()) == [target]


def test_an_unknown_format_is_refused_with_those_there_are(tmp_path):
    """Nothing is written under a guess."""
    with pytest.raises(NotFoundError, match="no format") as caught:
        export.save(Lines(b""), tmp_path / "graph.rdf")

    assert "ttl" in caught.value.nearest


def test_graphs_that_may_not_be_changed_are_found_by_their_licence(tmp_path):
    """By what a graph says of itself, in a file or in memory; a document that mentions a licence is not meant."""
    free, bound, other = (names.catalog_document(key, key * 12) for key in "abc")
    said = {
        free: iri("https://creativecommons.org/licenses/by/4.0/"),
        bound: iri("https://creativecommons.org/licenses/by-nd/4.0/"),
    }
    shares = [
        lines.share(graph, [(graph, term("dcterms:license"), licence)]) for graph, licence in said.items()
    ]
    shares.append(lines.share(other, [(bound, term("dcterms:license"), said[bound])]))
    data = b"".join(lines.merged(shares))
    (tmp_path / "lines").write_bytes(data)

    for whole in (Lines(data), Lines(tmp_path / "lines")):
        assert export.restricted(whole) == (bound[1:-1],)
        for each in FORMATS:
            export.save(whole.without([bound[1:-1]]), tmp_path / "rest", each.name)
            assert b"by-nd" in (tmp_path / "rest").read_bytes()  # said by another document, too
        export.save(whole.without([bound[1:-1]]), tmp_path / "rest.nq")
        assert [line.split()[-2] for line in (tmp_path / "rest.nq").read_text().splitlines()] == [free, other]


def test_an_empty_file_holds_no_restricted_graph(tmp_path):
    """It cannot be mapped into memory."""
    (tmp_path / "lines").write_bytes(b"")

    assert export.restricted(Lines(tmp_path / "lines")) == ()


def test_nquads_are_the_published_lines(tmp_path):
    """They are copied, not written anew."""
    (tmp_path / "lines").write_bytes(graph())
    export.save(Lines(tmp_path / "lines"), tmp_path / "copy.nq")

    assert (tmp_path / "copy.nq").read_bytes() == graph()
