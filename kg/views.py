"""What a graph tells about itself: one thing with its evidence, how much there is of what, what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from kg.queries import Table

Select: TypeAlias = Callable[[str], Table]

_LABELS = "rdfs:label|skos:prefLabel|dcterms:title"
_SAID = """SELECT DISTINCT ?property ?value ?valueLabel ?document ?path WHERE {{
  GRAPH ?document {{ <{iri}> ?property ?value }}
  OPTIONAL {{ ?value {labels} ?valueLabel . FILTER(LANGMATCHES(LANG(?valueLabel), "en")) }}
  OPTIONAL {{ ?document ckg:path ?path }}
}}
ORDER BY ?property ?value ?valueLabel ?document ?path"""
_EVIDENCE = """SELECT DISTINCT ?claim ?source ?sourceLabel ?property ?target ?targetLabel ?sentence ?document ?path ?line
WHERE {{
  {{ ?claim owl:annotatedSource <{iri}> }} UNION {{ ?claim owl:annotatedTarget <{iri}> }}
  ?claim owl:annotatedSource ?source ; owl:annotatedProperty ?property ; owl:annotatedTarget ?target ;
         prov:wasDerivedFrom ?document .
  OPTIONAL {{
    ?claim ckg:evidence ?segment .
    ?segment rdf:value ?sentence .
    OPTIONAL {{ ?segment ckg:line ?line }}
    FILTER(LANGMATCHES(LANG(?sentence), "en") || LANG(?sentence) = "" || NOT EXISTS {{
      ?segment rdf:value ?english . FILTER(LANGMATCHES(LANG(?english), "en"))
    }})
  }}
  OPTIONAL {{ ?source {labels} ?sourceLabel . FILTER(LANGMATCHES(LANG(?sourceLabel), "en")) }}
  OPTIONAL {{ ?target {labels} ?targetLabel . FILTER(LANGMATCHES(LANG(?targetLabel), "en")) }}
  OPTIONAL {{ ?document ckg:path ?path }}
}}
ORDER BY ?property ?source ?target ?path ?line ?claim ?sentence ?sourceLabel ?targetLabel"""
_STATS = {
    "class": "SELECT ?name (COUNT(DISTINCT ?thing) AS ?count) WHERE { ?thing a ?name } GROUP BY ?name",
    "language": "SELECT ?name (COUNT(?document) AS ?count) WHERE {"
    " ?document a ckg:SourceDocument ; dcterms:language ?name } GROUP BY ?name",
    "relation": "SELECT ?name (COUNT(?claim) AS ?count) WHERE { ?claim owl:annotatedProperty ?name } GROUP BY ?name",
    "licence": "SELECT ?name (COUNT(DISTINCT ?graph) AS ?count) WHERE {"
    " GRAPH ?graph { ?graph dcterms:license ?name } } GROUP BY ?name",
}
_WHOLE = {
    "graphs": "SELECT (COUNT(*) AS ?count) WHERE { SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } } }",
    "quads": "SELECT (COUNT(*) AS ?count) WHERE { GRAPH ?graph { ?s ?p ?o } }",
}
_DOCUMENTS = """SELECT ?path ?document ?language WHERE {
  ?document a ckg:SourceDocument ; ckg:path ?path . OPTIONAL { ?document dcterms:language ?language }
} ORDER BY ?path ?document"""
_TALLIES = {
    "claims": "SELECT ?document (COUNT(DISTINCT ?claim) AS ?count) WHERE {"
    " GRAPH ?document { ?claim a ckg:Claim } } GROUP BY ?document",
    "unresolved": "SELECT ?document (COUNT(DISTINCT ?name) AS ?count) WHERE {"
    " GRAPH ?document { ?name a ckg:Unresolved } } GROUP BY ?document",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing: its name, what is said of it, and the sentences behind that.

    `statements` has the columns property, value, valueLabel, document, path; `evidence` has claim, source,
    sourceLabel, property, target, targetLabel, sentence, document, path, line.
    """

    iri: str
    label: str
    statements: Table
    evidence: Table

    def __str__(self) -> str:
        return f"{self.label} <{self.iri}>\n\n{self.statements}\n{self.evidence}"


def thing(select: Select, iri: str, label: str) -> Thing:
    """Return what a graph says of one thing."""
    said = select(_SAID.format(iri=iri, labels=_LABELS))
    return Thing(iri, label, said, select(_EVIDENCE.format(iri=iri, labels=_LABELS)))


def stats(select: Select) -> Table:
    """Return how much there is of what: columns what, name, count, the most frequent first."""
    rows: list[tuple[Any, ...]] = [("whole", name, *select(text).rows[0]) for name, text in _WHOLE.items()]
    for what, text in _STATS.items():
        counted = select(text)
        order = sorted(zip(counted.rows, counted.column("count"), strict=True), key=_most_frequent)
        rows += [(what, *row) for row, _ in order]
    return Table.of(("what", "name", "count"), rows)


def _most_frequent(counted: tuple[tuple[Any, ...], Any]) -> tuple[int, str]:
    row, count = counted
    return -int(count), str(row[0])


def sources(select: Select, issues: Iterable[Mapping[str, Any]]) -> Table:
    """Return what was read and what was not understood, by file.

    Columns path, document, language, claims, unresolved, issues. A file that could not be read has issues and
    no document.
    """
    reported = Counter(str(issue["path"]) for issue in issues)
    tallies = {name: _tally(select(text)) for name, text in _TALLIES.items()}
    documents = select(_DOCUMENTS)
    rows: list[tuple[Any, ...]] = []
    for plain, terms in zip(documents, documents.rows, strict=True):
        path, document = str(plain["path"]), str(plain["document"])
        rows.append((path, *terms[1:], *(tally[document] for tally in tallies.values()), reported[path]))
    read = {row[0] for row in rows}
    rows += [(path, None, None, 0, 0, count) for path, count in reported.items() if path not in read]
    rows.sort(key=lambda row: (row[0], str(row[1])))
    return Table.of(("path", "document", "language", *tallies, "issues"), rows)


def _tally(counted: Table) -> Counter[str]:
    names, counts = counted.column("document"), counted.column("count")
    return Counter({str(name): int(str(count)) for name, count in zip(names, counts, strict=True)})
