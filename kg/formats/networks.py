"""A graph as a network for other programs: GraphML, GEXF and node-link JSON, with the words behind each edge."""

from __future__ import annotations

import io
import json
import re
from typing import IO, Any

import networkx as nx
import pyoxigraph as ox

from kg import neighbourhood, network
from kg.network import statements
from kg.queries.rendering import short
from kg.queries.table import plain
from kg.queries.texts import text
from kg.queries.words import local, spoken
from kg.tables.cells import joined

_ATTRIBUTES = (
    "publisher", "provider", "cloud", "catalog", "family", "notation", "standardKind", "artifactKind", "status",
    "withdrawn",
)  # fmt: skip
# XML 1.0 has no way to write these (production 2, Char); they say nothing.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# The library writes the day into GEXF: the same graph must give the same bytes tomorrow.
_DAY = re.compile(rb' lastmodifieddate="[^"]*"')


def described(graph: network.Answers) -> nx.MultiDiGraph:
    """Return a graph as a network in which all is plain text and numbers.

    Nodes, by IRI, have `label` and `kind`, and to colour them by `publisher`, `provider`, `cloud`, `catalog`,
    `family`, `notation`, `standardKind`, `artifactKind`, `status` (of review) and `withdrawn`, in words, empty where
    there is none, several parted by `|`; `degree` is the number of edges, to size them by. Edges have `label` and
    `property` (its IRI), `relation` (the set relation of a mapping), `weight` (the greater, the less the statement
    carries), `claim`, `sentence`, `evidence` (the IRI of the sentence's segment), `place` (file and line) and
    `document`, empty where there is none, and `confidence` where a source gives one.
    """
    found = network.of(graph)
    names = network.labels(graph, [*found, *{edge["property"] for _, _, edge in found.edges(data=True)}])
    documents = statements.column(graph, "prov:wasDerivedFrom")
    paths = {str(row["document"]): str(row["path"]) for row in graph.select(text("formats", "paths"))}
    confidences = statements.column(graph, "sssom:confidence")
    sentences: dict[str, tuple[str, str, str]] = {}
    for row in graph.select(text("formats", "sentences")):
        line = "" if row["line"] is None else str(row["line"])
        sentences.setdefault(str(row["claim"]), (str(row["sentence"]), str(row["segment"]), line))
    whole = nx.MultiDiGraph()
    attributes = _attributes(graph)
    for iri in sorted(found):
        label = str(plain(names[iri])) if iri in names else short(iri)
        known = attributes.get(iri, {})
        more = {name: _written(joined(known.get(name, ()))) for name in _ATTRIBUTES}
        whole.add_node(
            _written(iri),
            label=_written(label),
            kind=neighbourhood.kind(iri),
            degree=found.degree[iri],
            **more,
        )
    for place, (source, target, edge) in enumerate(sorted(found.edges(data=True), key=_order)):
        sentence, segment, line = sentences.get(edge["claim"], ("", "", ""))
        confidence = plain(confidences.get(edge["claim"]))
        document = str(plain(documents.get(edge["claim"])) or "")
        path = paths.get(document, "")
        prop = edge["property"]
        label = str(plain(names[prop])) if prop in names else spoken(local(prop))
        said = {
            "label": label, "property": prop, "relation": edge["relation"], "claim": edge["claim"],
            "sentence": sentence, "evidence": segment, "document": document,
            "place": f"{path}:{line}" if path and line else path,
        }  # fmt: skip
        whole.add_edge(
            _written(source),
            _written(target),
            key=f"e{place}",
            weight=edge["weight"],
            **({"confidence": float(confidence)} if isinstance(confidence, int | float) else {}),
            **{name: _written(value) for name, value in said.items()},
        )
    return whole


def _attributes(graph: network.Answers) -> dict[str, dict[str, list[str]]]:
    """Return the attributes of each thing, things named as people name them."""
    rows = graph.select(text("formats", "attributes")).rows
    names = network.labels(graph, {value.value for *_, value in rows if isinstance(value, ox.NamedNode)})
    found: dict[str, dict[str, list[str]]] = {}
    for thing, name, value in rows:
        said = plain(value)
        if isinstance(value, ox.NamedNode):
            said = plain(names[value.value]) if value.value in names else spoken(local(value.value))
        shown = str(said).lower() if isinstance(said, bool) else str(said)
        found.setdefault(str(plain(thing)), {}).setdefault(str(plain(name)), []).append(shown)
    return found


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
