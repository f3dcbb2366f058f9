"""JSON-LD 1.1 as people read it: short names by the published context, which is written along.

Nothing has to be fetched to read it, and it is written a node at a time. The context is `ontology/context.jsonld`.
Source: JSON-LD 1.1 (W3C Recommendation, 16 July 2020); a value that a name's definition does not fit stands under the
property's prefixed name instead, so that each statement is read back as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import IO, Any, TypeAlias

import pyoxigraph as ox

from kg import files
from kg.errors import KgError
from kg.terms import PREFIXES, bare, term

Object: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
Statement: TypeAlias = tuple[ox.NamedNode, Object]

_TYPE = bare(term("rdf:type"))
_STRING, _INTEGER, _BOOLEAN, _TAGGED = (
    f"{PREFIXES['xsd' if name != 'langString' else 'rdf']}{name}"
    for name in ("string", "integer", "boolean", "langString")
)
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,15}")  # what JSON readers keep exactly
_BY_LENGTH = sorted(PREFIXES.items(), key=lambda each: -len(each[1]))
_SCHEME = re.compile(r"([A-Za-z][\w.+-]*):(?!//)")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _ConfusedError(KgError):
    """An IRI would be read as a prefixed name."""


@cache
def written() -> str:
    """Return the published context as it is written."""
    return (files.ontology() / "context.jsonld").read_text(encoding="utf-8")


@cache
def context() -> Mapping[str, Any]:
    """Return the published context."""
    found: Mapping[str, Any] = json.loads(written())["@context"]
    return found


def write(quads: Iterable[ox.Quad], target: IO[bytes]) -> None:
    """Write quads, in the order of their graphs and in these of their subjects; KgError for what JSON-LD cannot say.

    Each named graph is a node with its statements in `@graph`.
    """
    target.write(f'{{"@context":{_encode(context())},"@graph":['.encode())
    between = "\n"
    for graph, of_graph in groupby(quads, key=lambda quad: quad.graph_name):
        named = not isinstance(graph, ox.DefaultGraph)
        if named:
            target.write(f'{between}{{"@id":{_encode(_address(graph, _prefixed))},"@graph":['.encode())
            between = "\n"
        for node in _nodes(of_graph):
            target.write(f"{between}{_encode(node)}".encode("utf-8", "surrogatepass"))
            between = ",\n"
        if named:
            target.write(b"]}")
            between = ",\n"
    target.write(b"]}\n")


def write_trees(trees: Iterable[Mapping[str, Any]], target: IO[bytes]) -> None:
    """Write nodes that hold others, as `node` makes them."""
    target.write(f'{{"@context":{_encode(context())},"@graph":['.encode())
    between = "\n"
    for tree in trees:
        target.write(f"{between}{_encode(tree)}".encode())
        between = ",\n"
    target.write(b"]}\n")


def _nodes(quads: Iterable[ox.Quad]) -> Iterator[dict[str, Any]]:
    for subject, of_subject in groupby(quads, key=lambda quad: quad.subject):
        said = [(quad.predicate, quad.object) for quad in of_subject]
        try:
            yield node(subject, said)
        except _ConfusedError:
            yield _in_full(subject, said)


def node(subject: Any, said: Iterable[tuple[ox.NamedNode, Any]]) -> dict[str, Any]:
    """Return a subject with what is said of it, the statements of each predicate one after another."""
    found: dict[str, Any] = {"@id": _address(subject, _prefixed)}
    for predicate, statements in groupby(said, key=lambda each: each[0].value):
        values = [value for _, value in statements]
        if predicate == _TYPE and all(isinstance(value, ox.NamedNode) for value in values):
            found["@type"] = _one_or_all([_word(value.value) for value in values])
        else:
            key, written = _written(predicate, values)
            found[key] = written
    return found


def _in_full(subject: Any, said: Iterable[tuple[ox.NamedNode, Any]]) -> dict[str, Any]:
    """Return a node that uses no names and no prefixes, and so holds any IRI."""
    found: dict[str, Any] = {"@context": None, "@id": _address(subject, str)}
    for predicate, value in said:
        found.setdefault(predicate.value, []).append(_value(value, str))
    return found


def _written(predicate: str, values: list[Any]) -> tuple[str, Any]:
    """Return the name of a property and its values: short where its definition fits all of them."""
    name, coerced, by_language = _definition(predicate)
    if by_language and all(_is_in_a_language(value) for value in values):
        texts: dict[str, list[str]] = {}
        for value in values:
            texts.setdefault(value.language, []).append(value.value)
        return name, {language: _one_or_all(texts[language]) for language in sorted(texts)}
    if coerced == "@id" and all(isinstance(value, ox.NamedNode | ox.BlankNode) for value in values):
        return name, _one_or_all([_address(value, _prefixed) for value in values])
    if coerced and all(isinstance(value, ox.Literal) and value.datatype.value == coerced for value in values):
        return name, _one_or_all([_native(value) for value in values])
    plain = _exact(predicate) if coerced or by_language else name
    return plain, _one_or_all([_value(value, _prefixed) for value in values])


def _is_in_a_language(value: Any) -> bool:
    """Whether a value is a text that a map by language can hold: not one that also says its direction."""
    return isinstance(value, ox.Literal) and bool(value.language) and not value.direction


def _exact(predicate: str) -> str:
    """Return a name of a property that makes nothing of its values."""
    prefixed = _prefixed(predicate)
    return predicate if prefixed in context() else prefixed


def _native(value: ox.Literal) -> str | int | bool:
    """Return a value whose type its property tells."""
    if value.datatype.value == _INTEGER and _WHOLE.fullmatch(value.value):
        return int(value.value)
    if value.datatype.value == _BOOLEAN and value.value in {"true", "false"}:
        return value.value == "true"
    return value.value


def _value(value: Any, shortened: Callable[[str], str]) -> Any:
    """Return a value that says by itself what it is."""
    if not isinstance(value, ox.Literal):
        return {"@id": _address(value, shortened)}
    if value.language:
        said = {"@value": value.value, "@language": value.language}
        return said | ({"@direction": str(value.direction)} if value.direction else {})
    if value.datatype.value == _STRING:
        return value.value
    return {"@value": value.value, "@type": shortened(value.datatype.value)}


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


@cache
def _definition(predicate: str) -> tuple[str, str, bool]:
    """Return the name of a property, the type its values have without saying so, and whether they go by language."""
    name = _names().get(predicate, "")
    said = context().get(name, {})
    if not name or isinstance(said, str):
        return name or _prefixed(predicate), "", False
    coerced = said.get("@type", "")
    return name, coerced if coerced == "@id" else _expanded(coerced), said.get("@container") == "@language"


@cache
def _names() -> Mapping[str, str]:
    """Return the names of the context by the IRIs they stand for."""
    found = {}
    for name, said in context().items():
        if name not in PREFIXES and not name.startswith("@"):
            iri = said if isinstance(said, str) else said.get("@id", "")
            if iri:
                found[_expanded(iri)] = name
    return found


def _expanded(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{PREFIXES[prefix]}{local}" if name else ""


@cache
def _word(iri: str) -> str:
    """Return a class or datatype as it is written."""
    return _names().get(iri) or _prefixed(iri)


def _address(thing: Any, shortened: Callable[[str], str]) -> str:
    if isinstance(thing, ox.NamedNode):
        return shortened(thing.value)
    if isinstance(thing, ox.BlankNode):
        return str(thing)
    raise KgError("JSON-LD cannot say a statement about a statement", "N-Quads, TriG and Turtle can")


def _prefixed(iri: str) -> str:
    """Return an IRI with its prefix, where it has one; KgError for one that would be read as having another."""
    for prefix, start in _BY_LENGTH:
        if iri.startswith(start) and not iri.startswith("//", len(start)):
            return f"{prefix}:{iri[len(start) :]}"
    scheme = _SCHEME.match(iri)
    if scheme and scheme[1] in PREFIXES:
        raise _ConfusedError(
            f"JSON-LD would read <{iri}> as a prefixed name", "N-Quads, TriG and Turtle can hold it"
        )
    return iri
