"""What a document says of one thing, as texts that are ready to become lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kg.terms import Iri, Literal, Triple


class Node(NamedTuple):
    """A subject and what is said of it: `predicate value` texts in the order of their bytes, none twice.

    Nodes of one graph that are `like` one another, where that is not empty, differ in words of the same languages,
    in numbers of lines, and in which parts of the document they name, and in nothing else.
    """

    subject: Iri
    said: list[str]
    like: str = ""


def triples(nodes: Iterable[Node]) -> Iterator[Triple]:
    """Yield what nodes say as triples."""
    for subject, said, _ in nodes:
        for each in said:
            predicate, _, value = each.partition(" ")
            yield subject, Iri(predicate), Literal(value)


def of(triples: Iterable[Triple]) -> Iterator[Node]:
    """Yield each triple as a node of its own."""
    for subject, predicate, value in triples:
        yield Node(subject, [f"{predicate} {value}"])
