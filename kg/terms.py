"""Namespaces, and RDF terms in their one written form.

A term travels through the pipeline as the N-Triples text it is published as, so that it is escaped and
checked exactly once: `Iri` is `<…>`, `Literal` is `"…"`, `"…"@en` or `"…"^^<…>`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NewType, TypeAlias

Iri = NewType("Iri", str)
Literal = NewType("Literal", str)
Term: TypeAlias = Iri | Literal
Triple: TypeAlias = tuple[Iri, Iri, Term]

ONTOLOGY = "https://w3id.org/compliance-kg/ontology#"
BASE = "https://w3id.org/compliance-kg/id/"

PREFIXES: dict[str, str] = {
    "ckg": ONTOLOGY,
    "std": BASE + "standard/",
    "off": BASE + "offering/",
    "svc": BASE + "service/",
    "party": BASE + "organization/",
    "bl": BASE + "baseline/",
    "art": BASE + "artifact/",
    "doc": BASE + "document/",
    "nist-800-53-r4": BASE + "control/nist-800-53-r4/",
    "nist-800-53-r5": BASE + "control/nist-800-53-r5/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "schema": "https://schema.org/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "oa": "http://www.w3.org/ns/oa#",
    "pav": "http://purl.org/pav/",
    "void": "http://rdfs.org/ns/void#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sssom": "https://w3id.org/sssom/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "org": "http://www.w3.org/ns/org#",
}

# Characters that no IRI may hold (RFC 3987), and those no text of ours may hold (XML 1.0, section 2.2).
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\\x7f-\x9f\ud800-\udfff]')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}
_TO_ESCAPE = re.compile(r'[\\"\n\r]')


def iri(text: str) -> Iri:
    """Return `text` as an IRI term; ValueError if a character in it cannot stand in an IRI.

    >>> iri("https://example.org/a")
    '<https://example.org/a>'
    """
    if not text or _NOT_IN_IRI.search(text):
        raise ValueError(f"not an IRI: {text!r}")
    return Iri(f"<{text}>")


def term(name: str) -> Iri:
    """Return the IRI that a prefixed name of ours stands for.

    >>> term("ckg:Standard")
    '<https://w3id.org/compliance-kg/ontology#Standard>'
    """
    prefix, _, local = name.partition(":")
    return Iri(f"<{PREFIXES[prefix]}{local}>")


def bare(text: Iri) -> str:
    """Return an IRI term without its angle brackets."""
    return text[1:-1]


# The named graph in which a store keeps the record of what was published there; no part of what is asked.
PUBLICATION = iri(BASE + "publication")


def literal(value: str, lang: str = "") -> Literal:
    """Return a string as a literal term, with a lower-case language tag if one is given.

    Control characters, which no XML result could carry, are left out.

    >>> print(literal("Azure", "zh-TW"))
    "Azure"@zh-tw
    """
    text = value
    if not text.isprintable() or '"' in text or "\\" in text:  # most texts hold nothing special
        text = _TO_ESCAPE.sub(lambda match: _ESCAPES[match[0]], _CONTROL.sub("", text))
    return Literal(f'"{text}"@{lang.lower()}' if lang else f'"{text}"')


def typed(value: str, datatype: str) -> Literal:
    """Return a value in its canonical form as a typed literal, e.g. `typed("P1Y", "xsd:duration")`."""
    return Literal(f"{literal(value)}^^{term(datatype)}")


@lru_cache(maxsize=1 << 14)
def integer(value: int) -> Literal:
    """Return a whole number as an xsd:integer literal."""
    return typed(str(value), "xsd:integer")


def boolean(value: bool) -> Literal:
    """Return a truth value as an xsd:boolean literal."""
    return typed("true" if value else "false", "xsd:boolean")


def decimal(value: float) -> Literal:
    """Return a number as a canonical xsd:decimal literal, at most six digits after the point.

    >>> decimal(0.90)
    '"0.9"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return typed(text or "0", "xsd:decimal")
