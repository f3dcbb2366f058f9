"""Reading single files of controls in tests: one function, and views on what it returns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kg import concepts, files
from kg.concepts import Concepts
from kg.sources import Extraction, Input
from kg.sources.recognition import recognise
from kg.terms import BASE, PREFIXES, Triple, term

DATA = Path(__file__).parent / "data" / "controls"


@cache
def knowledge() -> Concepts:
    """Return the registries."""
    return concepts.load(files.ontology())


def read(
    data: bytes | str | Mapping[str, Any], path: str = "made-up.json", folder: Path | None = None
) -> Extraction:
    """Return what the source that accepts some content makes of it, with the files of a folder beside it."""
    if isinstance(data, Mapping):
        data = json.dumps(data)
    if isinstance(data, str):
        data = data.encode()
    beside = sorted(each for each in folder.rglob("*") if each.is_file()) if folder else []
    neighbours = {each.relative_to(folder).as_posix(): each for each in beside} if folder else {}
    item = Input(path, data, neighbours)
    source = recognise(item)
    assert source is not None, "no source accepts this"
    return source.extract(item, knowledge())


@cache
def read_file(folder: Path, path: str) -> Extraction:
    """Return what is made of one file of a folder, the others beside it."""
    return read((folder / path).read_bytes(), path, folder)


def short(text: str) -> str:
    """Return a term without brackets, and without the base of things or as a prefixed name."""
    if not text.startswith("<"):
        return text.rsplit('"', 1)[0][1:]
    text = text[1:-1]
    if text.startswith(BASE):
        return text.removeprefix(BASE)
    return next(
        (f"{name}:{text[len(space) :]}" for name, space in PREFIXES.items() if text.startswith(space)), text
    )


def said(found: Extraction, subject: str = "", predicate: str = "") -> list[str]:
    """Return the objects of a subject (below the base) and a predicate (prefixed), shortened, in their order."""
    return [
        short(o)
        for s, p, o in found.triples
        if (not subject or short(s) == subject) and (not predicate or p == term(predicate))
    ]


def typed(found: Extraction, name: str) -> set[str]:
    """Return the things of a class."""
    return {short(s) for s, p, o in found.triples if p == term("rdf:type") and o == term(name)}


def claims(found: Extraction | Iterable[Triple], name: str = "ckg:ControlMapping") -> list[dict[str, str]]:
    """Return the claims of a class as mappings from prefixed property to value, evidence as its text."""
    triples = found.triples if isinstance(found, Extraction) else tuple(found)
    nodes = {s for s, p, o in triples if p == term("rdf:type") and o == term(name)}
    made: dict[str, dict[str, str]] = {node: {} for node in sorted(nodes)}
    for s, p, o in triples:
        if s in made and p != term("rdf:type"):
            made[s][short(p)] = short(o)
    return [{"iri": short(node), **claim} for node, claim in made.items()]


def pairs(found: Extraction, relation: str | None = None) -> set[tuple[str, str]]:
    """Return the (source, target) of the control mappings, of one set relation where it is given."""
    return {
        (each["owl:annotatedSource"], each["owl:annotatedTarget"])
        for each in claims(found)
        if relation is None or each.get("ckg:setRelation", "") == relation
    }


def codes(found: Extraction) -> list[str]:
    """Return the codes of the issues, in their order."""
    return [issue.code for issue in found.issues]
