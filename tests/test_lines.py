"""Sorted N-Quads lines: shares of documents, merged."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from kg import lines, names
from kg.terms import iri, literal, term

# Graphs below other graphs, subjects below a graph, beside it, and with signs that sort around `/` and `>`.
PARTS = st.lists(st.sampled_from(["a", "a.b", "b", "!", "~", "-"]), min_size=1, max_size=3)
IRIS = PARTS.map(lambda parts: iri("https://w3id.org/compliance-kg/id/document/" + "/".join(parts)))
OBJECTS = IRIS | st.text(st.characters(exclude_categories=["Cs"]), max_size=4).map(literal)
TRIPLES = st.tuples(IRIS, st.just(term("rdf:value")), OBJECTS)
GRAPHS = st.dictionaries(IRIS, st.lists(TRIPLES, max_size=8), max_size=5)


@given(GRAPHS)
def test_merged_shares_are_plainly_sorted_and_nothing_is_lost(graphs):
    """The stream is what sorting all lines at once would give, each line once."""
    shares = [lines.share(graph, triples) for graph, triples in graphs.items()]
    plain = {f"{s} {p} {o} {graph} .\n".encode() for graph, triples in graphs.items() for s, p, o in triples}

    assert b"".join(lines.merged(shares)) == b"".join(sorted(plain))
    assert sum(share.quads for share in shares) == len(plain)


@given(st.lists(TRIPLES, max_size=8), st.lists(TRIPLES, max_size=8))
def test_shares_of_one_graph_unite_to_what_both_say(some, others):
    """Uniting two shares is sharing the union."""
    graph = names.thing("document", "a")

    assert lines.united([lines.share(graph, some), lines.share(graph, others)]) == lines.share(
        graph, some + others
    )


def test_the_hash_of_a_share_is_that_of_its_sorted_lines():
    """It can be checked with `grep`, `sort` and `sha256sum`."""
    graph = names.thing("document", "b")
    subjects = [names.thing("document", key) for key in ("a", "b", "b/1", "b/2", "c")]
    share = lines.share(graph, [(subject, term("rdf:type"), term("ckg:Segment")) for subject in subjects])

    assert share.sha256 == hashlib.sha256(b"".join(lines.merged([share]))).hexdigest()


def test_another_base_changes_things_and_not_the_vocabulary():
    """IRIs below the base get the new one; the ontology's and others stay, texts are not touched."""
    graph = names.thing("document", "a")
    said = literal("<https://w3id.org/compliance-kg/id/standard/x> in words")
    share = lines.share(
        graph,
        [(names.standard("x"), term("rdf:type"), term("ckg:Standard")), (graph, term("rdf:value"), said)],
        "https://example.org/our/",
    )

    text = b"".join(lines.merged([share])).decode()

    assert "<https://example.org/our/standard/x>" in text
    assert "<https://w3id.org/compliance-kg/ontology#Standard>" in text
    assert str(said) in text
    assert share.graph == "<https://example.org/our/document/a>"


@given(GRAPHS)
def test_the_block_of_a_graph_is_found_in_the_whole(graphs):
    """By halving, without a list of where each graph is."""
    shares = [lines.share(graph, triples) for graph, triples in graphs.items()]
    whole = b"".join(lines.merged(shares))
    for share in shares:
        apart = all(
            line.startswith(share.graph[:-1].encode()) is False
            for other in shares
            if other is not share
            for line in (other.own + other.other).splitlines()
        )
        if share.own and apart:
            assert lines.block(whole, share.graph, len(share.own)) == share.own
