"""Mappings as files for other tools: read back by our own readers they say the same; licences are kept."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import yaml

from kg import formats, lines
from kg.formats.correspondences import Correspondences
from kg.graph import Graph
from kg.sources import Extraction
from kg.terms import iri, term
from tests.catalog_files import claims, read

HEAD = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\tpredicate_modifier\n"
ROWS = (
    "ash:a1\tskos:exactMatch\tbirch:b1\tsemapv:ManualMappingCuration\t0.9\t\n"
    "ash:a1\tskos:broadMatch\tbirch:b2\tsemapv:LexicalMatching\t\t\n"
    "ash:a2.1\tskos:narrowMatch\tbirch:b2\tsemapv:ManualMappingCuration\t0.25\t\n"
    "ash:a3\tskos:relatedMatch\tbirch:b3\tsemapv:ManualMappingCuration\t\tNot\n"
    "ash:a4\tskos:mappingRelation\tbirch:b4\tsemapv:ManualMappingCuration\t\t\n"
)
OPEN = "https://creativecommons.org/publicdomain/zero/1.0/"
CLOSED = "https://creativecommons.org/licenses/by-nd/4.0/"


def stated(rows: str = ROWS, licence: str = OPEN, a: str = "ash", b: str = "birch-2.0") -> Extraction:
    head = f'#subject_source: {a}\n#object_source: {b}\n#object_source_version: "2.0"\n#license: {licence}\n'
    return read(head + HEAD + rows, f"{a}-{b}.tsv")


def graph(*found: Extraction) -> Graph:
    return Graph.of_lines(b"".join(lines.merged([lines.share(each.graph, each.triples) for each in found])))


def content(found: Extraction) -> set[tuple[str | None, ...]]:
    keys = ("owl:annotatedSource", "owl:annotatedProperty", "owl:annotatedTarget", "ckg:setRelation",
            "sssom:confidence", "sssom:mapping_justification")  # fmt: skip
    return {tuple(each.get(key) for key in keys) for each in claims(found)}


def every(*found: Extraction, all_licences: bool = False) -> Correspondences:
    return formats.every(graph(*found), all_licences=all_licences)


@pytest.mark.parametrize("form", ["sssom", "oscal"])
def test_a_file_read_back_states_the_same_mappings(form: str) -> None:
    """Set relations, denials, pairs without a relation and confidences; frameworks nobody knows included."""
    found = stated()
    back = read(formats.text(every(found), form), f"back.{form}")
    assert len(content(found)) == 5
    assert content(back) == content(found)
    assert back.issues == ()


@pytest.mark.parametrize("form", ["sssom", "oscal"])
def test_several_pairs_of_catalogs_fit_in_one_file(form: str) -> None:
    found = stated(), stated("cedar:c1\tskos:exactMatch\tash:a1\tx\t\t\n", a="cedar", b="ash")
    back = read(formats.text(every(*found), form), f"back.{form}")
    assert content(back) == content(found[0]) | content(found[1])


def test_a_claim_from_the_other_side_is_turned_round() -> None:
    whole = graph(stated())
    table = whole.select("""SELECT (?b AS ?control) (?a AS ?counterpart) ?relation (true AS ?turned)
        (semapv:ManualMappingCuration AS ?justification) ?confidence ?claim ?document WHERE {
        GRAPH ?document { ?claim owl:annotatedSource ?a ; owl:annotatedTarget ?b ; ckg:setRelation ?relation }
        OPTIONAL { ?claim sssom:confidence ?confidence } }""")
    found = formats.of(whole, table, "birch to ash")
    said = {(row.subject[-2:], row.relation, row.target.rpartition("/")[2]) for row in found.rows}
    assert ("b2", "superset-of", "a1") in said
    assert ("b2", "subset-of", "a2.1") in said
    text = formats.text(found, "sssom")
    assert "semapv:MappingInversion" in text
    assert "record_id" not in text


def test_the_head_of_sssom_holds_prefixes_licence_and_versions_and_rows_are_sorted() -> None:
    text = formats.text(every(stated()), "sssom")
    head = yaml.safe_load("\n".join(line[1:] for line in text.splitlines() if line.startswith("#")))
    table = [line for line in text.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(table, delimiter="\t"))
    assert head["license"] == OPEN
    assert head["object_source_version"] == "2.0"
    assert head["mapping_set_id"].startswith("https://")
    for row in rows:
        for name in ("record_id", "subject_id", "predicate_id", "object_id", "mapping_justification"):
            assert row[name].partition(":")[0] in head["curie_map"]
    assert [row["subject_id"] for row in rows] == sorted(row["subject_id"] for row in rows)


@pytest.mark.parametrize("form", ["sssom", "oscal"])
def test_without_mappings_the_file_is_valid_and_read_as_none(form: str) -> None:
    text = formats.text(every(), form)
    assert claims(read(text, f"empty.{form}")) == []
    if form == "sssom":
        assert text.splitlines()[-1].split("\t") == [
            "subject_id", "predicate_id", "object_id", "mapping_justification",
        ]  # fmt: skip


@pytest.mark.parametrize("found", [(), (stated(),)], ids=["empty", "full"])
def test_a_collection_is_valid_against_the_schema_of_oscal(
    catalogs: Path, found: tuple[Extraction, ...]
) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = (catalogs / "oscal-schema" / "oscal_complete_schema.json").read_text(encoding="utf-8")
    # Python's regular expressions know no classes of Unicode.
    plain = json.loads(schema.replace("\\\\p{L}", "[A-Za-z]").replace("\\\\p{N}", "[0-9]"))
    jsonschema.Draft7Validator(plain).validate(json.loads(formats.text(every(*found), "oscal")))


@pytest.mark.parametrize("form", ["sssom", "oscal"])
def test_what_a_licence_without_derivatives_covers_stays_out_unless_asked_for(form: str) -> None:
    free, closed = stated(), stated("ash:a9\tskos:exactMatch\tbirch:b9\tx\t\t\n", CLOSED)
    found = every(free, closed)
    assert [f"<{each}>" for each in found.left_out] == [closed.graph]
    assert content(read(formats.text(found, form), form)) == content(free)
    whole = every(free, closed, all_licences=True)
    assert whole.left_out == ()
    assert content(read(formats.text(whole, form), form)) == content(free) | content(closed)


def test_conclusions_from_such_sources_stay_out_too() -> None:
    derived = term("std:x").replace("standard/x", "graph/derived-restricted")
    said = stated()
    moved = Extraction(
        iri(derived[1:-1]), tuple(triple for triple in said.triples if triple[0] != said.graph)
    )
    assert every(moved).rows == ()
