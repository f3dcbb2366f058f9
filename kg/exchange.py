"""Our quads as rdflib's graphs, which is what notebooks know: every literal exactly as it is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import pyoxigraph as ox
import rdflib

from kg.errors import KgError
from kg.terms import PREFIXES

_STRING = PREFIXES["xsd"] + "string"
_Triple: TypeAlias = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]


def dataset(quads: Iterable[ox.Quad]) -> rdflib.Dataset:
    """Return quads as a Dataset whose default graph is the union of the named ones."""
    whole = rdflib.Dataset(default_union=True)
    graphs: dict[str, rdflib.Graph] = {}
    for quad in quads:
        name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        if name not in graphs:
            graphs[name] = whole.graph(rdflib.URIRef(name)) if name else whole.default_graph
        graphs[name].add(_triple(quad))
    _bind(whole)
    return whole


def graph(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """Return triples as a Graph."""
    whole = rdflib.Graph()
    for triple in triples:
        whole.add(_triple(triple))
    _bind(whole)
    return whole


def _bind(whole: rdflib.Graph) -> None:
    for prefix, namespace in PREFIXES.items():
        whole.bind(prefix, namespace, replace=True)


def _triple(said: ox.Quad | ox.Triple) -> _Triple:
    return _node(said.subject), _node(said.predicate), _node(said.object)


def _node(value: object) -> rdflib.term.Node:
    if isinstance(value, ox.NamedNode):
        return rdflib.URIRef(value.value)
    if isinstance(value, ox.BlankNode):
        return rdflib.BNode(value.value)
    if not isinstance(value, ox.Literal):
        raise KgError("rdflib cannot hold a triple term", "query it with `Graph.query`")
    plain = value.language or value.datatype.value == _STRING
    datatype = None if plain else rdflib.URIRef(value.datatype.value)
    return rdflib.Literal(value.value, lang=value.language, datatype=datatype, normalize=False)
