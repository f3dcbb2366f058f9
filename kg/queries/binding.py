"""Values into questions: each is resolved to a term, and the term takes the place of the example."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

import pyoxigraph as ox

from kg.errors import QueryError
from kg.queries.question import Param, Question
from kg.terms import PREFIXES

Bound: TypeAlias = ox.NamedNode | ox.Literal
# A value as it is given: words, an IRI, a prefixed name, a number, a term, or several of these.
Given: TypeAlias = str | int | Bound | Sequence["str | int | Bound"]

_PORTION = 24_000  # with all that is escaped on the way still below the 64 kB that servers take at the least

# A tab as well: rdflib's parser turns a bare one into spaces.
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TO_ESCAPE = re.compile(r'[\\"\n\r\t]')
# SPARQL resolves \uXXXX before it looks at strings (section 19.2), some engines even after a backslash:
# such a `u` is written as a code point itself, of eight digits because some read eight where they can.
_CODE_POINT = re.compile(r"\\(u)", re.IGNORECASE)
# A term as the examples in question files are written.
_TERM = re.compile(r'<[^>]*>|"[^"]*"|[^\s"<]+')
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


class Resolver(Protocol):
    """What turns words into the thing they name."""

    def resolve(self, words: str, type_name: str) -> ox.NamedNode:
        """Return the thing of a type that words name; NotFoundError, or QueryError where several fit."""


def resolve(
    question: Question, given: Mapping[str, Given], resolver: Resolver | None = None
) -> dict[str, tuple[Bound, ...]]:
    """Return the terms that values stand for, by parameter; words need a resolver, IRIs and names do not.

    NotFoundError for a parameter or name that does not exist, QueryError for a value that is missing or
    of the wrong kind.
    """
    params = {name: question.param(name) for name in given}
    require(question, given)
    bound: dict[str, tuple[Bound, ...]] = {}
    for name, value in given.items():
        param = params[name]
        several = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
        if len(several) != 1 and not param.many:
            raise QueryError(f"{param.name} takes one value, and {len(several)} were given")
        bound[name] = tuple(_term(param, each, resolver) for each in several)
    return bound


def in_order(question: Question, values: Sequence[Given], by_name: Mapping[str, Given]) -> dict[str, Given]:
    """Return values by parameter: those without a name are for the parameters left, in their order.

    QueryError where there are more values than parameters.
    """
    left = [param.name for param in question.params if param.name not in by_name]
    if len(values) > len(left):
        raise QueryError(
            f"{question.name} takes no further value: {values[len(left)]!r}", hint=f"kg ask {question.usage}"
        )
    return {**dict(zip(left, values, strict=False)), **by_name}


def require(question: Question, given: Mapping[str, Given]) -> None:
    """Raise QueryError where a parameter that a question needs has no value."""
    for param in question.params:
        if not param.optional and given.get(param.name, "") in ("", [], ()):
            raise QueryError(
                f"{question.name} needs {param.name}: {param.description}", hint=f"kg ask {question.usage}"
            )


def example(question: Question) -> dict[str, tuple[Bound, ...]]:
    """Return the terms that a question's own file asks about, by parameter; one left open is not there."""
    found: dict[str, tuple[Bound, ...]] = {}
    for param in question.params:
        line = re.search(
            rf"^[ \t]*VALUES \?{re.escape(param.name)} \{{([^{{}}\n]*)\}}", question.sparql, re.MULTILINE
        )
        terms = [_example(text) for text in _TERM.findall(line[1])] if line else []
        if terms and line and line[1].strip() != "UNDEF":
            found[param.name] = tuple(terms)
    return found


def _example(text: str) -> Bound:
    if text.startswith('"'):
        return ox.Literal(text[1:-1])
    return ox.Literal(int(text)) if _INTEGER.fullmatch(text) else named(text) or ox.Literal(text)


def bind(question: Question, given: Mapping[str, Given], resolver: Resolver | None = None) -> str:
    """Return the SPARQL text of a question about these values; errors as of `resolve`."""
    return fill(question, resolve(question, given, resolver))


def fill(question: Question, bound: Mapping[str, Sequence[Bound]]) -> str:
    """Return the SPARQL text of a question about these terms; a parameter left out keeps its example."""
    text = question.sparql
    for name, terms in bound.items():
        if terms:
            text = _values(question, text, name, terms)
    return text


def _values(question: Question, text: str, name: str, terms: Sequence[Bound]) -> str:
    """Return a query text with what is between the braces of one VALUES line replaced."""
    line = re.compile(rf"^([ \t]*VALUES \?{re.escape(name)} \{{)[^{{}}\n]*(\}}[ \t]*)$", re.MULTILINE)
    written = " ".join(map(serialise, terms))
    text, count = line.subn(lambda match: f"{match[1]} {written} {match[2]}", text)
    if count != 1:
        raise QueryError(f"{question.name}.rq has {count} lines VALUES ?{name} where one is needed")
    return text


def serialise(term: Bound) -> str:
    """Return a term as SPARQL that means this term and nothing else, whatever characters it holds.

    >>> serialise(ox.Literal("no } #"))
    '"no } #"'
    """
    if isinstance(term, ox.NamedNode):
        return f"<{term.value}>"
    text = _TO_ESCAPE.sub(lambda match: _ESCAPED[match[0]], term.value)
    text = _CODE_POINT.sub(lambda match: f"\\\\U{ord(match[1]):08X}", text)
    if term.language:
        return f'"{text}"@{term.language}'
    return (
        f'"{text}"^^<{term.datatype.value}>'
        if term.datatype.value != PREFIXES["xsd"] + "string"
        else f'"{text}"'
    )


def _term(param: Param, value: object, resolver: Resolver | None) -> Bound:
    if isinstance(value, ox.NamedNode | ox.Literal):
        return value
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise QueryError("the value holds half a character (a lone surrogate)") from None
    if param.type == "xsd:integer":
        if not _INTEGER.fullmatch(text):
            raise QueryError(f"{param.name} takes a whole number, not {text!r}")
        return ox.Literal(int(text))
    if param.is_text:
        return ox.Literal(text)
    if resolver is not None:
        return resolver.resolve(text, param.type)
    node = named(text)
    if node is None:
        raise QueryError(
            f"{text!r} is no IRI and no prefixed name", hint="names in words need a graph to be found in"
        )
    return node


def named(text: str) -> ox.NamedNode | None:
    """Return the IRI that a text is or abbreviates (`https://…`, `<…>`, `std:mars-e`), or None.

    >>> named("std:mars-e"), named("MARS-E 2.0")
    (<NamedNode value=https://w3id.org/compliance-kg/id/standard/mars-e>, None)
    """
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES and not local.startswith("//"):
        text = PREFIXES[prefix] + local
    elif text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    elif not text.startswith(("http://", "https://", "urn:", "mailto:")):
        return None
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


def portions(values: Iterable[str]) -> Iterator[str]:
    """Yield what is to stand between the braces of VALUES, so much at a time that no server finds it too long.

    >>> list(portions(["<https://example.org/a>", "<https://example.org/b>"]))
    ['<https://example.org/a> <https://example.org/b>']
    """
    pile: list[str] = []
    size = 0
    for value in values:
        if pile and size + len(value) > _PORTION:
            yield " ".join(pile)
            pile, size = [], 0
        pile.append(value)
        size += len(value) + 1
    if pile:
        yield " ".join(pile)
