"""What a graph tells about itself: one thing with its evidence, how much there is of what, what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from kg.hypertext import words
from kg.queries import Table
from kg.terms import PUBLICATION

Select: TypeAlias = Callable[[str], Table]

# What no claim says: the statement stands for itself, and the graph it is in tells where it comes from.
_SAID = """SELECT DISTINCT ?property ?propertyLabel ?value ?valueLabel ?document ?path WHERE {{
  {{
    SELECT DISTINCT ?property ?value ?document WHERE {{
      GRAPH ?document {{ <{iri}> ?property ?value }}
      FILTER(NOT EXISTS {{ ?claim owl:annotatedProperty ?property }} || NOT EXISTS {{ ?document a ckg:SourceDocument }})
    }} LIMIT 1000000
  }}
  OPTIONAL {{ ?value skos:prefLabel|rdfs:label|dcterms:title ?valueLabel FILTER(LANGMATCHES(LANG(?valueLabel), "en")) }}
  OPTIONAL {{ ?property rdfs:label ?propertyLabel FILTER(LANGMATCHES(LANG(?propertyLabel), "en")) }}
  OPTIONAL {{ ?document ckg:path ?path }}
}}
ORDER BY ?property ?value ?valueLabel ?document ?path"""
# The LIMIT tells the engine's planner that what follows is about few rows.
_EVIDENCE = """SELECT DISTINCT ?claim ?source ?sourceLabel ?property ?propertyLabel ?target ?targetLabel ?sentence ?path ?line
  ?language ?document
WHERE {{
  {{
    SELECT DISTINCT ?claim ?source ?property ?target ?segment ?document WHERE {{
      VALUES ?thing {{ <{iri}> }}
      ?claim owl:annotatedSource|owl:annotatedTarget ?thing .
      ?claim owl:annotatedSource ?source ; owl:annotatedProperty ?property ; owl:annotatedTarget ?target ;
        prov:wasDerivedFrom ?document .
      OPTIONAL {{ ?claim ckg:evidence ?evidence }}
      BIND(COALESCE(?evidence, ?document) AS ?segment)
    }} LIMIT 1000000
  }}
  OPTIONAL {{ ?segment rdf:value ?sentence }}
  OPTIONAL {{ ?segment ckg:line ?line }}
  OPTIONAL {{ ?document ckg:path ?path }}
  OPTIONAL {{ ?document dcterms:language ?language }}
  OPTIONAL {{ ?source skos:prefLabel ?sourceName FILTER(LANGMATCHES(LANG(?sourceName), "en")) }}
  # Each page has its own title for an offering.
  OPTIONAL {{ GRAPH ?document {{ ?source rdfs:label ?ownName }} FILTER(LANGMATCHES(LANG(?ownName), "en")) }}
  BIND(COALESCE(?sourceName, ?ownName) AS ?sourceLabel)
  OPTIONAL {{ ?target skos:prefLabel ?targetLabel FILTER(LANGMATCHES(LANG(?targetLabel), "en")) }}
  OPTIONAL {{ ?property rdfs:label ?propertyLabel FILTER(LANGMATCHES(LANG(?propertyLabel), "en")) }}
}}
ORDER BY ?property ?sourceLabel ?source ?targetLabel ?target (!LANGMATCHES(LANG(?sentence), "en"))
  (?language != "en-US") ?path ?line ?sentence ?claim ?document"""
# Controls of the other side need not be defined in the graph: their catalog is told by their IRI.
_MAPPINGS = """SELECT ?standard ?other ?otherLabel ?justification ?relation ?turned ?mappings ?document ?path WHERE {{
  {{
    SELECT ?standard ?other ?justification ?relation ?turned (COUNT(DISTINCT ?claim) AS ?mappings) ?document WHERE {{
      {{ SELECT DISTINCT ?standard WHERE {{ ?standard dcterms:isVersionOf? <{iri}> }} }}
      ?control skos:inScheme ?standard .
      {{
        ?claim owl:annotatedSource ?control ; owl:annotatedTarget ?counterpart BIND(false AS ?turned)
      }} UNION {{
        ?claim owl:annotatedTarget ?control ; owl:annotatedSource ?counterpart BIND(true AS ?turned)
      }}
      GRAPH ?document {{ ?claim sssom:mapping_justification ?justification }}
      OPTIONAL {{ ?claim ckg:setRelation ?relation }}
      BIND(IRI(REPLACE(STR(?counterpart), "/control/([^/]*)/.*$", "/standard/$1")) AS ?other)
    }}
    GROUP BY ?standard ?other ?justification ?relation ?turned ?document
  }}
  OPTIONAL {{ ?other skos:prefLabel ?otherLabel FILTER(LANGMATCHES(LANG(?otherLabel), "en")) }}
  OPTIONAL {{ ?document ckg:path ?path }}
}}
ORDER BY ?standard ?other ?document ?justification ?turned ?relation ?otherLabel ?path"""
_STATS = {
    "class": "SELECT ?name (COUNT(DISTINCT ?thing) AS ?count) WHERE { ?thing a ?name } GROUP BY ?name",
    "language": "SELECT ?name (COUNT(DISTINCT ?document) AS ?count) WHERE {"
    " ?document a ckg:SourceDocument ; dcterms:language ?name } GROUP BY ?name",
    "relation": "SELECT ?name (COUNT(DISTINCT ?claim) AS ?count) WHERE { ?claim owl:annotatedProperty ?name } GROUP BY ?name",
    "licence": "SELECT ?name (COUNT(DISTINCT ?graph) AS ?count) WHERE {"
    " GRAPH ?graph { ?graph dcterms:license ?name } } GROUP BY ?name",
}
# A server keeps a record of what was published there, which is no part of it.
_WHOLE = {
    "graphs": "SELECT (COUNT(*) AS ?count) WHERE { SELECT DISTINCT ?graph WHERE {"
    f" GRAPH ?graph {{ ?s ?p ?o }} FILTER(?graph != {PUBLICATION}) }} }}",
    "quads": f"SELECT (COUNT(*) AS ?count) WHERE {{ GRAPH ?graph {{ ?s ?p ?o }} FILTER(?graph != {PUBLICATION}) }}",
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

    `statements` are those that no claim makes: property, propertyLabel, value, valueLabel, document, path.
    `evidence` has a row for each claim about the thing and each language its words are in: claim, source,
    sourceLabel, property, propertyLabel, target, targetLabel, sentence, path, line, language, document.
    `mappings` tells, for a standard whose controls are mapped, how many are to which other one: standard (or which
    edition of it), other, otherLabel, justification, relation (empty where the source states none), turned
    (whether the relation is said from the other side), mappings, document, path.
    """

    iri: str
    label: str
    statements: Table
    evidence: Table
    mappings: Table

    def __str__(self) -> str:
        parts = (self.statements, self.evidence, *([self.mappings] if self.mappings else ()))
        return f"{self.label} <{self.iri}>\n\n" + "\n".join(map(str, parts))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002  (what Jupyter passes)
        """Return the thing as a notebook shows it."""
        return {"text/html": self._repr_html_(), "text/plain": str(self)}

    def _repr_html_(self) -> str:
        parts = (
            ("Itself", self.statements),
            ("What is said of it", self.evidence),
            ("Mappings", self.mappings),
        )
        shown = "".join(
            f"<p><b>{words(title)}</b></p>{table._repr_html_()}" for title, table in parts if table
        )
        return f"<h4>{words(self.label)}</h4><p><code>{words(self.iri)}</code></p>{shown}"


def thing(select: Select, iri: str, label: str) -> Thing:
    """Return what a graph says of one thing."""
    said, evidence, mappings = (select(text.format(iri=iri)) for text in (_SAID, _EVIDENCE, _MAPPINGS))
    return Thing(iri, label, said, evidence, mappings)


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
