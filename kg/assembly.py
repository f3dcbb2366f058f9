"""The named graphs of a build: one for each document, the registries, what follows from them, and the build itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox

import kg
from kg import derivation, lines, names, releases
from kg.derivation import Conclusions
from kg.errors import VocabularyError
from kg.lines import Share
from kg.reading import Outcome, Task
from kg.sources import Extraction
from kg.terms import ONTOLOGY, PREFIXES, Iri, Literal, Term, Triple, integer, iri, literal, term

DERIVED = names.thing("graph", "derived")
RESTRICTED = names.thing("graph", "derived-restricted")
METADATA = names.thing("graph", "build")

_LICENCE = iri("https://www.apache.org/licenses/LICENSE-2.0")
_NO_DERIVATIVES = iri("https://creativecommons.org/licenses/by-nd/4.0/")
_VOCABULARY = iri(ONTOLOGY.removesuffix("#"))
_STRING = PREFIXES["xsd"] + "string"


def assembled(outcomes: Iterable[Outcome], task: Task) -> list[Share]:
    """Return the share of every named graph: documents, registries, conclusions, build metadata."""
    registries = list(_registries(task.ontology))
    by_graph: defaultdict[Iri, list[Share]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.share:
            by_graph[outcome.share.graph].append(outcome.share)
    for registry in registries:
        share = lines.share(registry.graph, registry.triples, task.base)
        by_graph[share.graph].append(share)
    for graph, triples in _derived(outcomes, registries):
        share = lines.share(graph, triples, task.base)
        by_graph[share.graph].append(share)
    # Two files with one document's IRI are one document: both of its paths are in its graph.
    by_name = releases.settle({graph: lines.united(by_graph[graph]) for graph in by_graph})
    shares = [by_name[graph] for graph in sorted(by_name)]
    return [*shares, lines.share(METADATA, _metadata(shares), task.base)]


def _derived(
    outcomes: Iterable[Outcome], registries: Iterable[Extraction]
) -> Iterator[tuple[Iri, tuple[Triple, ...]]]:
    """Yield the graphs of what follows from several documents together."""
    concluded: list[Conclusions] = []
    selections = [outcome.selected for outcome in outcomes if outcome.share]
    for number, each in enumerate(derivation.DERIVATIONS):
        selected = [selection[number] for selection in selections]
        selected += [each.select(registry) for registry in registries]
        concluded.append(each.conclude([one for one in selected if one is not None]))
    for graph, licence, triples in (
        (DERIVED, _LICENCE, [triple for each in concluded for triple in each.triples]),
        (RESTRICTED, _NO_DERIVATIVES, [triple for each in concluded for triple in each.restricted]),
    ):
        if triples:
            yield graph, ((graph, term("dcterms:license"), licence), *triples)


def _registries(folder: Path) -> Iterator[Extraction]:
    """Yield what each file of the ontology says; those in TriG name their graphs themselves."""
    for path in sorted([*folder.glob("*.ttl"), *folder.glob("reference/*.trig")]):
        by_graph: defaultdict[Iri, list[Triple]] = defaultdict(list)
        own = names.thing("document", f"ontology/{path.stem}")
        try:
            for quad in ox.parse(path=str(path)):
                graph = own if isinstance(quad.graph_name, ox.DefaultGraph) else Iri(str(quad.graph_name))
                by_graph[graph].append((Iri(str(quad.subject)), Iri(str(quad.predicate)), _term(quad.object)))
        except SyntaxError as error:
            raise VocabularyError(f"{path.name}: {error}") from error
        if path.suffix == ".ttl":
            by_graph[own] += [
                (own, term("dcterms:license"), _LICENCE),
                (own, term("dcterms:title"), literal(path.name)),
                (own, term("dcterms:source"), _VOCABULARY),
            ]
        for graph, triples in by_graph.items():
            yield Extraction(graph, tuple(triples))


def _term(value: Any) -> Term:
    """Return a term of the parser in the one form in which terms are written here."""
    if not isinstance(value, ox.Literal):
        return Iri(str(value))
    text = literal(value.value, value.language or "")
    plain = value.language or value.datatype.value == _STRING
    return text if plain else Literal(f"{text}^^{value.datatype}")


def _metadata(shares: Iterable[Share]) -> Iterator[Triple]:
    """Yield what the build is made of: hashes, counts and versions, and nothing that differs from run to run."""
    total = count = 0
    dataset, quads, digest = term("void:Dataset"), term("void:triples"), term("ckg:graphSha256")
    rdf_type = term("rdf:type")
    for share in shares:
        count += 1
        total += share.quads
        yield share.graph, rdf_type, dataset
        yield share.graph, quads, integer(share.quads)
        yield share.graph, digest, literal(share.sha256)
    yield METADATA, rdf_type, dataset
    yield METADATA, term("rdfs:label"), literal("What this graph is made of", "en")
    yield METADATA, quads, integer(total)
    yield METADATA, term("ckg:graphCount"), integer(count)
    yield METADATA, term("pav:createdWith"), literal(f"compliance-kg {kg.__version__}")
    yield METADATA, term("dcterms:license"), _LICENCE
