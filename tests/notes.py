"""A tiny kind of source for tests of the build: `note <slug> <language>`, then one sentence a line.

Some lines are orders: `crash`, `die`, `hang`, `deep`, `bad`, `odd`, `see PATH`, `all`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from kg import names
from kg.concepts import Concepts
from kg.errors import Issue, SourceError
from kg.sources import Extraction, Input
from kg.terms import PREFIXES, Triple, iri, literal, term


class Notes:
    """The source: a document, a segment for each sentence, and a statement about a shared thing."""

    name = "note"

    def accepts(self, item: Input) -> bool:
        return item.data.startswith(b"note ")

    def extract(self, item: Input, concepts: Concepts) -> Extraction:
        first, *sentences = item.data.decode().splitlines()
        _, slug, language = first.split()
        graph = names.document(language, slug, item.sha256)
        issues = []
        triples: list[Triple] = [
            (graph, term("rdf:type"), term("ckg:SourceDocument")),
            (graph, term("ckg:slug"), literal(slug)),
            (graph, term("ckg:path"), literal(item.path)),
            (graph, term("ckg:sha256"), literal(item.sha256)),
            (graph, term("dcterms:language"), literal(language)),
            (names.standard(slug), term("skos:prefLabel"), literal(slug, language)),
        ]
        for number, sentence in enumerate(sentences, 2):
            if sentence == "crash":
                raise ValueError("an unexpected state")
            if sentence == "die":
                os._exit(9)
            if sentence == "hang":
                time.sleep(60)
            if sentence == "deep":
                raise RecursionError
            if sentence == "bad":
                raise SourceError("this is no sentence", code="bad-sentence", line=number)
            if sentence == "odd":
                issues.append(Issue(item.path, number, "odd-sentence", "not understood"))
            segment = names.part(graph, "segment", f"line-{number}.1")
            text, _, tag = sentence.partition("@")
            if text.startswith("see "):
                other = item.neighbours.get(text[4:])
                text = other.read_text() if other else "nothing"
            if text == "all":
                text = " ".join(sorted(item.neighbours))
            triples += [
                (segment, term("rdf:type"), term("ckg:Segment")),
                (segment, term("rdf:value"), literal(text, tag or language)),
                (segment, term("oa:hasSource"), graph),
            ]
        return Extraction(graph, tuple(triples), tuple(issues), {"sentences": len(sentences)})


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder and return it."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def corpus(folder: Path, count: int = 12) -> Path:
    """Write notes about a few things in several languages and return their folder."""
    languages = ("en-US", "fr-FR", "zh-TW")
    return write(
        folder,
        {
            f"{languages[n % 3].lower()}/note-{n}.txt": f"note thing-{n % 4} {languages[n % 3]}\nsentence {n}\nanother {n}\n"
            for n in range(count)
        },
    )


def ontology(folder: Path) -> Path:
    """Write an ontology as small as can be and return its folder."""
    prefixes = "".join(f"@prefix {name}: <{space}> .\n" for name, space in PREFIXES.items())
    return write(folder, {"kg.ttl": prefixes + 'ckg:Segment a owl:Class ; rdfs:label "segment"@en .\n'})


THING = iri("https://w3id.org/compliance-kg/id/standard/thing-1")
