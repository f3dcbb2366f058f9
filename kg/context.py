"""The context of JSON-LD, made from the vocabulary and the table of reused properties.

`python -m kg.context` prints it, as it is published in ontology/context.jsonld.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from typing import Any

import pyoxigraph as ox

from kg import files
from kg.terms import ONTOLOGY, PREFIXES, bare, term

_TYPE, _RANGE = bare(term("rdf:type")), bare(term("schema:rangeIncludes"))
_CLASS, _OBJECTS = bare(term("owl:Class")), bare(term("owl:ObjectProperty"))
_DATA, _PROPERTY = bare(term("owl:DatatypeProperty")), bare(term("rdf:Property"))
_TEXT, _STRING = bare(term("rdf:langString")), bare(term("xsd:string"))
_XSD = PREFIXES["xsd"]


def text() -> str:
    """Return the context: prefixes, then terms, each in alphabetical order, one a line.

    Our terms go by their local name, or by the prefixed one where a prefix has that name. A range of things, of texts
    in languages or of one datatype says what values are.
    """
    terms: dict[str, Any] = {}
    for iri, (kinds, ranges) in _declared().items():
        local = iri.removeprefix(ONTOLOGY)
        name = f"ckg:{local}" if local in PREFIXES else local
        if _CLASS in kinds:
            terms[name] = f"ckg:{local}"
        elif _OBJECTS in kinds:
            terms[name] = _definition(f"ckg:{local}", "iri")
        elif kinds & {_DATA, _PROPERTY}:
            terms[name] = _definition(f"ckg:{local}", _reach(ranges))
    with (files.ontology() / "reused.tsv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            terms[row["name"]] = _definition(row["term"], row["range"])
    terms["claims"] = {"@reverse": "owl:annotatedSource"}  # a claim within what it is about
    lines = [
        f"    {json.dumps(name)}: {json.dumps(said)}"
        for part in ({"@version": 1.1}, PREFIXES, terms)
        for name, said in sorted(part.items())
    ]
    return '{\n  "@context": {\n' + ",\n".join(lines) + "\n  }\n}\n"


def _declared() -> dict[str, tuple[set[str], set[str]]]:
    """Return the types and the ranges of each term of ours."""
    found: defaultdict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for quad in ox.parse(path=str(files.ontology() / "kg.ttl"), format=ox.RdfFormat.TURTLE):
        subject, value = quad.subject, quad.object
        if not (isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode)):
            continue
        if subject.value.startswith(ONTOLOGY) and quad.predicate.value in {_TYPE, _RANGE}:
            found[subject.value][quad.predicate.value == _RANGE].add(value.value)
    return found


def _reach(ranges: set[str]) -> str:
    """Return what values with such ranges are, empty where they are of several kinds."""
    if _TEXT in ranges and ranges <= {_TEXT, _STRING}:
        return "text"
    (first, *more) = sorted(ranges)
    return f"xsd:{first.removeprefix(_XSD)}" if not more and first.startswith(_XSD) else ""


def _definition(term: str, reach: str) -> str | dict[str, str]:
    if reach in {"", "string", "xsd:string"}:
        return term
    if reach == "text":
        return {"@id": term, "@container": "@language"}
    return {"@id": term, "@type": "@id" if reach == "iri" else reach}


if __name__ == "__main__":
    sys.stdout.write(text())
