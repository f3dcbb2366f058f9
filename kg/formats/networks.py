"""A graph as a network for other programs: GraphML, GEXF and node-link JSON, with the words behind each edge."""

from __future__ import annotations

import io
import json
import re
from typing import IO, Any

import networkx as nx

from kg import neighbourhood, network
from kg.network import statements
from kg.queries.rendering import short
from kg.queries.table import plain
from kg.queries.words import local, spoken

# The best sentence of each claim: English where there is one, the first in the order of texts.
_SENTENCES = """SELECT ?claim ?sentence ?line WHERE {
  ?claim owl:annotatedSource ?source ; ckg:evidence ?segment .
  ?segment rdf:value ?sentence . OPTIONAL { ?segment ckg:line ?line }
} ORDER BY ?claim (!LANGMATCHES(LANG(?sentence), "en")) ?sentence ?line"""
_PATHS = "SELECT ?document ?path WHERE { ?document ckg:path ?path } ORDER BY ?document ?path"
# XML 1.0 has no way to write these (production 2, Char); they say nothing.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# The library writes the day into GEXF: the same graph must give the same bytes tomorrow.
_DAY = re.compile(rb' lastmodifieddate="[^"]*"')


def described(graph: network.Answers) -> nx.MultiDiGraph:
    """Return a graph as a network in which all is plain text and numbers.

    Nodes, by IRI, have `label` and `kind`. Edges have `label` and `property` (its IRI), `relation` (the set relation
    of a mapping), `weight` (the greater, the less the statement carries), `claim`, `sentence`, `place` (file and
    line) and `document`; empty where there is none.
    """
    found = network.of(graph)
    names = network.labels(graph, [*found, *{edge["property"] for _, _, edge in found.edges(data=True)}])
    documents = statements.column(graph, "prov:wasDerivedFrom")
    paths = {str(row["document"]): str(row["path"]) for row in graph.select(_PATHS)}
    sentences: dict[str, tuple[str, str]] = {}
    for row in graph.select(_SENTENCES):
        line = "" if row["line"] is None else str(row["line"])
        sentences.setdefault(str(row["claim"]), (str(row["sentence"]), line))
    whole = nx.MultiDiGraph()
    for iri in sorted(found):
        label = str(plain(names[iri])) if iri in names else short(iri)
        whole.add_node(_written(iri), label=_written(label), kind=neighbourhood.kind(iri))
    for place, (source, target, edge) in enumerate(sorted(found.edges(data=True), key=_order)):
        sentence, line = sentences.get(edge["claim"], ("", ""))
        document = str(plain(documents.get(edge["claim"])) or "")
        path = paths.get(document, "")
        prop = edge["property"]
        label = str(plain(names[prop])) if prop in names else spoken(local(prop))
        attributes = {
            "label": label, "property": prop, "relation": edge["relation"], "claim": edge["claim"],
            "sentence": sentence, "place": f"{path}:{line}" if path and line else path, "document": document,
        }  # fmt: skip
        whole.add_edge(
            _written(source),
            _written(target),
            key=f"e{place}",
            weight=edge["weight"],
            **{name: _written(value) for name, value in attributes.items()},
        )
    return whole


def graphml(graph: network.Answers, target: IO[bytes]) -> None:
    """Write a graph as GraphML (Brandes et al., 2002)."""
    nx.write_graphml_xml(described(graph), target)


def gexf(graph: network.Answers, target: IO[bytes]) -> None:
    """Write a graph as GEXF 1.2, which Gephi reads."""
    whole = described(graph)
    written = io.BytesIO()
    nx.write_gexf(whole, written, version="1.2draft")
    target.write(_DAY.sub(b"", written.getvalue(), count=1))


def node_link(graph: network.Answers, target: IO[bytes]) -> None:
    """Write a graph as node-link JSON, which networkx, D3 and others read."""
    data: dict[str, Any] = nx.node_link_data(described(graph), edges="edges")
    target.write(json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n")


def _order(edge: tuple[str, str, dict[str, Any]]) -> tuple[str, ...]:
    source, target, data = edge
    return source, target, data["property"], data["claim"]


def _written(text: str) -> str:
    """Return a text as every format can write it: XML reads any end of a line as one sign."""
    return _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
