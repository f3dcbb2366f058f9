"""A class of things as JSON-LD trees: each thing with the claims about it, and each of these with its sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

import pyoxigraph as ox

from kg import jsonld
from kg.lines import Lines
from kg.queries.texts import filled
from kg.selection import Source
from kg.terms import bare, term

_SOURCE, _EVIDENCE = bare(term("owl:annotatedSource")), bare(term("ckg:evidence"))


def write(source: Source, file: IO[bytes], name: str) -> None:
    """Write the things of a class, in the order of their IRIs; NotFoundError for no such class.

    What several graphs say is said once. A sentence stands where it is first evidence of a thing, and is named by its
    IRI after that. The shape is that of the JSON-LD frame `{"@type": …, "claims": {"evidence": {}}}`.
    """
    kind = source.words.resolve(name, "owl:Class")
    things = {
        str(thing)
        for thing in source.select(filled("selection", "instances", type=str(kind))).column("thing")
    }
    said = _said(source.lines, things)
    claims: dict[str, list[str]] = defaultdict(list)
    for claim, thing in _with(source.lines, _SOURCE):
        if thing in things:
            claims[thing].append(claim)
    of_claims = _said(source.lines, {claim for each in claims.values() for claim in each})
    sentences = {
        value.value
        for statements in of_claims.values()
        for predicate, value in statements
        if predicate.value == _EVIDENCE and isinstance(value, ox.NamedNode)
    }
    of_sentences = _said(source.lines, sentences - things - of_claims.keys())
    jsonld.write_trees(_trees(said, claims, of_claims, of_sentences), file)


Said = Mapping[str, list[tuple[ox.NamedNode, Any]]]


def _trees(
    said: Said, claims: Mapping[str, list[str]], of_claims: Said, of_sentences: Said
) -> Iterator[dict[str, Any]]:
    for thing in sorted(said):
        tree = jsonld.node(ox.NamedNode(thing), said[thing])
        shown: set[str] = set()
        about = [_claim(claim, of_claims[claim], of_sentences, shown) for claim in claims.get(thing, ())]
        yield tree | ({"claims": about} if about else {})


def _claim(claim: str, statements: list[tuple[ox.NamedNode, Any]], sentences: Said, shown: set[str]) -> Any:
    """Return a claim with the sentences that were not shown yet in it."""
    rest = [each for each in statements if each[0].value not in {_SOURCE, _EVIDENCE}]
    evidence = []
    for predicate, value in statements:
        if predicate.value == _EVIDENCE:
            new = value.value in sentences and value.value not in shown
            shown.add(value.value)
            evidence.append(jsonld.node(value, sentences[value.value] if new else ()))
    found = jsonld.node(ox.NamedNode(claim), rest)
    return found | ({"evidence": evidence} if evidence else {})


def _said(lines: Lines, things: Iterable[str]) -> Said:
    """Return what is said of things, each statement once, in the order of the lines."""
    wanted = {f"<{thing}>".encode() for thing in things}
    found: dict[str, list[tuple[ox.NamedNode, Any]]] = {}
    for line in lines.triples():
        if line[: line.index(b" ")] in wanted:
            for triple in ox.parse(line, ox.RdfFormat.N_TRIPLES):
                found.setdefault(triple.subject.value, []).append((triple.predicate, triple.object))
    return found


def _with(lines: Lines, predicate: str) -> Iterator[tuple[str, str]]:
    """Yield the subject and the object of the statements with a predicate, each once."""
    between = f" <{predicate}> <".encode()
    for line in lines.triples():
        subject, found, rest = line.partition(between)
        if found:
            yield subject[1:-1].decode(), rest[: rest.index(b">")].decode()
