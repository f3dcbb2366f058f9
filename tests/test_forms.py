"""One node of each form is judged for all of them, and the report is that on the whole graph."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kg import assembly, concepts, files, inputs, lines, validation
from kg.lines import Share
from kg.nodes import Node
from kg.reading import Task
from kg.sources import Extraction, Input
from kg.sources.offering import Offerings
from kg.terms import BASE, Iri, iri, term
from kg.validation import forms

SHAPES = files.shapes()


@pytest.fixture(scope="module")
def pages() -> list[Extraction]:
    """What the bundled pages say."""
    return _read(files.samples())


@pytest.fixture(scope="module")
def registries() -> list[Share]:
    return assembly.assembled([], Task(files.ontology(), BASE, inputs.MAX_BYTES, {}))


def _read(folder: Path, step: int = 1) -> list[Extraction]:
    known = concepts.load(files.ontology())
    found = [file for file in inputs.collect([folder]).files if file.location.suffix == ".md"]
    return [
        Offerings().extract(Input(each.path, each.location.read_bytes()), known) for each in found[::step]
    ]


def _share(graph: Iri, nodes: list[Node]) -> Share:
    return lines.share(graph, (), BASE, nodes, forms.shown(graph, nodes))


def _reports(folder: Path, shares: list[Share]) -> tuple[validation.Report, validation.Report, int]:
    """The report on all lines, that by a sample of them, and how many lines were in the sample."""
    data = folder / "graph.nq"
    data.write_bytes(b"".join(lines.merged(shares)))
    looked_at = list(lines.sample(shares))
    return (
        validation.check(data, shapes=SHAPES),
        validation.check(data, shapes=SHAPES, sample=looked_at),
        sum(each.count(b"\n") for each in looked_at),
    )


def test_the_samples_are_judged_by_a_part_of_their_lines(pages, registries, tmp_path):
    """Registries are looked at as a whole, and of pages one node of each form."""
    told = [_share(page.graph, list(page.nodes)) for page in pages]
    whole, sampled, looked_at = _reports(tmp_path, [*registries, *told])

    assert sampled == whole
    assert looked_at < sum(share.quads for share in registries) + sum(share.quads for share in told) / 2


def test_a_build_in_memory_is_judged_by_a_part_of_its_lines(pages, registries, tmp_path, monkeypatch):
    """As one that is published is, without looking at the whole."""
    shares = [*registries, *(_share(page.graph, list(page.nodes)) for page in pages)]
    whole, _, _ = _reports(tmp_path, shares)
    monkeypatch.setattr(validation, "_judged", lambda *_: pytest.fail("the whole was judged"))
    data, looked_at = b"".join(lines.merged(shares)), list(lines.sample(shares))

    assert validation.check(data, shapes=SHAPES, sample=looked_at) == whole


DAMAGE = {
    "loses a statement": lambda said, others: said[:-1],
    "loses another statement": lambda said, others: said[1:],
    "says a word twice": lambda said, others: [*said, f'{term("rdf:value")} "other words"@en'],
    "says nothing": lambda said, others: [f'{each.partition(" ")[0]} ""@en' if '"@en' in each else each for each in said],
    "stands on no line": lambda said, others: [each.replace('> "1', '> "-1') for each in said],
    "has evidence elsewhere": lambda said, others: [
        f"{term('ckg:evidence')} {others[0]}" if each.startswith(term("ckg:evidence")) else each for each in said
    ],
    "was read elsewhere": lambda said, others: [
        f"{term('prov:wasDerivedFrom')} {others[1]}" if each.startswith(term("prov:wasDerivedFrom")) else each
        for each in said
    ],
    "is part of nothing known": lambda said, others: [
        f"{term('schema:isPartOf')} {iri(BASE + 'nothing')}" if each.startswith(term("schema:isPartOf")) else each
        for each in said
    ],
    "states another thing": lambda said, others: [
        f"{term('owl:annotatedTarget')} {iri(BASE + 'nothing')}" if each.startswith(term("owl:annotatedTarget")) else each
        for each in said
    ],
    "is gone": lambda said, others: [],
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_wrong_with_any_node_is_found_as_in_the_whole(pages, registries, tmp_path, damage):
    """Some nodes of every class are damaged: the reports are the same, and something is found."""
    chance = random.Random(damage)
    chosen = chance.sample(pages, 4)
    others = [next(node.subject for node in chosen[0].nodes if "/segment/" in node.subject), chosen[0].graph]
    found = 0
    for page in chosen[1:]:
        said = _damaged(page, chance, lambda said: DAMAGE[damage](said, others))
        shares = [*registries, _share(chosen[0].graph, list(chosen[0].nodes)), _share(page.graph, said)]
        whole, sampled, _ = _reports(tmp_path, shares)
        assert sampled == whole
        found += len(whole.findings)
    assert found


def _damaged(page: Extraction, chance: random.Random, damage) -> list[Node]:
    """The nodes of a page, one in each class of them damaged."""
    by_class: dict[str, list[int]] = {}
    for number, node in enumerate(page.nodes):
        by_class.setdefault(
            " ".join(each for each in node.said if each.startswith(term("rdf:type"))), []
        ).append(number)
    hit = {chance.choice(numbers) for numbers in by_class.values()}
    return [
        Node(node.subject, sorted(set(damage(node.said)))) if number in hit else node
        for number, node in enumerate(page.nodes)
        if number not in hit or damage(node.said)
    ]


def test_nodes_that_are_like_one_another_are_of_one_form(pages):
    """What the reader of texts promises holds: without it the same forms are found."""
    for page in pages:
        apart = [node._replace(like="") for node in page.nodes]
        assert forms.shown(page.graph, page.nodes).keys() == forms.shown(page.graph, apart).keys()


@pytest.mark.slow
def test_pages_of_the_corpus_get_the_report_on_the_whole(corpus, registries, tmp_path):
    """Every seventh page, with the two checks made above for the samples."""
    found = _read(corpus, 7)
    test_nodes_that_are_like_one_another_are_of_one_form(found)
    whole, sampled, _ = _reports(
        tmp_path, [*registries, *(_share(each.graph, list(each.nodes)) for each in found)]
    )

    assert sampled == whole


RULES = {
    "a pattern for words": "[] sh:path rdf:value ; sh:pattern 'a' .",
    "longer words": "[] sh:path rdf:value ; sh:minLength 2 .",
    "a way back": "[] sh:path [ sh:inversePath ckg:evidence ] ; sh:maxCount 3 .",
    "a way further on": "[] sh:path ( ckg:evidence schema:isPartOf ) ; sh:minCount 1 .",
    "two words compared": "[] sh:path skos:prefLabel ; sh:disjoint rdfs:label .",
    "a shape for evidence": "[] sh:path ckg:evidence ; sh:node [ sh:property [ sh:path ckg:line ; sh:minCount 1 ] ] .",
    "a target that is evidence": "ckgsh:X a sh:NodeShape ; sh:targetObjectsOf ckg:evidence .",
    "a pattern for names": "ckgsh:X a sh:NodeShape ; sh:targetClass ckg:Segment ; sh:pattern 'segment' .",
    "a pattern for names, one of several": "ckgsh:X a sh:NodeShape ; sh:targetClass ckg:Segment ; sh:or ( [ sh:pattern 'a' ] ) .",
    "a query about words": "ckgsh:X sh:sparql [ sh:select 'SELECT $this { $this ckg:line ?line }' ] .",
    "something not thought of": "ckgsh:X a sh:NodeShape ; sh:targetClass ckg:Segment ; sh:closed true .",
}


@pytest.mark.parametrize("rule", ["", *RULES])
def test_shapes_that_ask_for_more_are_answered_from_the_whole(rule, tmp_path):
    """The shapes we have do not; each of these does."""
    prefixes = (SHAPES / "document.ttl").read_text(encoding="utf-8").partition("\nckgsh:")[0]
    skos = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    place = tmp_path / "more.ttl"
    place.write_text(f"{prefixes}\n{skos}{RULES.get(rule, '')}", encoding="utf-8")

    shapes = "".join(validation.parsed(each) for each in [*sorted(SHAPES.glob("*.ttl")), place])

    assert forms.suffice(shapes) == (not rule)
