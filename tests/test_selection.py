"""A part of a graph: what fits any of the names of each kind, and all kinds at once."""

from __future__ import annotations

import re

import pytest

from kg.errors import NotFoundError
from kg.graph import Graph
from kg.selection import Selection
from tests import golden


def said(selection: Selection) -> Graph:
    """The part of the samples' graph that is selected."""
    return golden.graph().selected(selection)


def count(graph: Graph, pattern: str) -> int:
    """How many solutions a pattern has."""
    (row,) = graph.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
    return int(str(row["n"]))


def test_nothing_selected_is_the_whole() -> None:
    assert said(Selection()) is golden.graph()


def test_a_document_is_a_graph_by_path_or_iri() -> None:
    """Its lines, and no others."""
    path = "en-us/offering-MARS-E.md"
    by_path = said(Selection(graphs=(path,)))
    (row,) = by_path.query("SELECT ?d { ?d ckg:path ?path }")

    assert by_path.lines.place == said(Selection(graphs=(str(row["d"]),))).lines.place
    assert {line.split(b" ")[-2] for line in by_path.lines} == {f"<{row['d']}>".encode()}


def test_a_class_keeps_what_is_said_of_its_things() -> None:
    """By its name in words; subclasses count."""
    services = said(Selection(classes=("cloud service",)))
    standards = said(Selection(classes=("ckg:Standard",)))

    assert count(services, "?s a ckg:CloudService") == count(golden.graph(), "?s a ckg:CloudService")
    assert count(services, "?s a ckg:Standard") == 0
    assert count(standards, "?s a ckg:Edition") == count(golden.graph(), "?s a ckg:Edition")


def test_a_standard_brings_its_pages_claims_and_the_names_of_what_they_mention() -> None:
    """MARS-E: both pages, its services with their labels, and nothing of the ISO pages."""
    part = said(Selection(standards=("MARS-E 2.0",)))

    assert count(part, "?d a ckg:SourceDocument ; ckg:slug 'mars-e'") == 2
    assert count(part, "off:microsoft-mars-e ckg:hasInScopeService ?s . ?s skos:prefLabel 'Intune'@en") == 1
    assert count(part, "?d a ckg:SourceDocument ; ckg:slug ?slug FILTER(CONTAINS(?slug, 'iso'))") == 0
    assert (
        part.ask("services-in-scope", standard="MARS-E 2.0").rows
        == golden.graph().ask("services-in-scope", standard="MARS-E 2.0").rows
    )


def test_languages_leave_out_texts_in_others() -> None:
    """`zh` keeps `zh-tw`; what has no language stays."""
    part = said(Selection(languages=("zh",)))
    tags = {tag for line in part.lines for tag in re.findall(rb'"@([a-z-]+) <', line)}

    assert tags
    assert all(tag.startswith(b"zh") for tag in tags)
    assert count(part, "?d ckg:path ?path") == count(golden.graph(), "?d ckg:path ?path")


def test_kinds_narrow_each_other() -> None:
    """Services that MARS-E pages speak of, in English."""
    part = said(Selection(standards=("MARS-E 2.0",), classes=("cloud service",), languages=("en",)))

    assert 0 < count(part, "?s a ckg:CloudService") < count(golden.graph(), "?s a ckg:CloudService")
    assert count(part, "?s a ckg:SourceDocument") == 0


def test_a_licence_is_named_by_address_or_short_name() -> None:
    """Those under it, and an error that names those there are."""
    rows = golden.graph().query(
        "SELECT ?l (COUNT(?g) AS ?n) { GRAPH ?g { ?g dcterms:license ?l } } GROUP BY ?l ORDER BY ?l"
    )
    licence = str(next(iter(rows))["l"])
    part = said(Selection(licences=(licence,)))
    elsewhere = {str(row["l"]) for row in part.query("SELECT ?l { GRAPH ?g { ?g dcterms:license ?l } }")}

    assert elsewhere == {licence}
    with pytest.raises(NotFoundError) as error:
        said(Selection(licences=("no licence",)))
    assert error.value.nearest
