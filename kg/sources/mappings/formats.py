"""The formats crosswalks come in; each function turns one into a `MappingSet`, or returns None if it is another."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, TypeVar

from kg.errors import SourceError
from kg.sources.mappings.rows import CONVERSE, OURS, MappingSet, Row, Side, chunks, relation
from kg.sources.oscal import tree
from kg.sources.oscal.tree import items, node, nodes, words
from kg.terms import ONTOLOGY, Iri, iri

_SSSOM_NEEDS = {"subject_id", "predicate_id", "object_id"}
_SSSOM_RELATIONS = {
    "skos:exactMatch": "equal-to", "skos:closeMatch": "equivalent-to", "skos:broadMatch": "subset-of",
    "skos:narrowMatch": "superset-of", "skos:relatedMatch": "intersects-with", "owl:equivalentClass": "equal-to",
    "owl:sameAs": "equal-to",
}  # fmt: skip
# The mappings of the Center for Threat-Informed Defense, whose format this is.
_APACHE = iri("https://www.apache.org/licenses/LICENSE-2.0")
_STRENGTHS = {str(number) for number in range(11)}
_SKOS = "http://www.w3.org/2004/02/skos/core#"


def oscal_collection(data: bytes) -> MappingSet:
    """Read an OSCAL mapping-collection (JSON, YAML or XML)."""
    collection = tree.read(data)
    metadata = node(collection, "metadata")
    rows: list[Row] = []
    notes: list[tuple[str, int, str]] = []
    sides: list[tuple[Side, Side]] = []
    for m, mapping in enumerate(nodes(collection, "mappings")):
        sides.append((_side(mapping.get("source-resource")), _side(mapping.get("target-resource"))))
        spaces = [_space(mapping.get(f"{end}-resource")) for end in ("source", "target")]
        turned = sides[-1] != sides[0] and sides[-1] == sides[0][::-1] and not all(spaces)
        if sides[-1] != sides[0] and not turned and not all(spaces):
            notes.append((f"mappings.{m}", 0, "a second pair of frameworks in one file"))
            continue
        for n, each in enumerate(nodes(mapping, "maps")):
            where = f"mappings.{m}.maps.{n}"
            stated = words(each, "relationship") or words(node(each, "relationship"), "type")
            score = node(each, "confidence-score")
            if stated == "nothing-mapped" and words(each, "ns") == ONTOLOGY:
                continue  # a schema that asks for a map got one that says there is none
            for source in nodes(each, "sources"):
                for target in nodes(each, "targets"):
                    a, b, related = words(source, "id-ref"), words(target, "id-ref"), relation(stated)
                    shown, share = f"{a} {stated} {b}", _share(score.get("percentage"))
                    if turned:
                        a, b, related = b, a, CONVERSE.get(related, related)
                    a, b = spaces[0] + a, spaces[1] + b
                    made = _justification(each)
                    rows.append(Row(a, b, related, where, shown, confidence=share, justification=made))
            if not nodes(each, "sources") or not nodes(each, "targets"):
                notes.append((where, 0, "a map without a source or a target"))
    if not sides:
        raise SourceError("a mapping-collection without mappings", code="empty-mapping")
    return MappingSet(
        words(metadata, "title"),
        *sides[0],
        tuple(rows),
        version=words(metadata, "version"),
        notes=tuple(notes),
    )


def _justification(mapping: Mapping[str, Any]) -> str:
    """Return how a map was made, where a property of ours tells it."""
    told = (prop for prop in nodes(mapping, "props") if words(prop, "ns") == ONTOLOGY)
    return next((words(prop, "value") for prop in told if words(prop, "name") == "justification"), "")


def _side(resource: Any) -> Side:
    href = words(resource, "href")
    parts = [part for part in PurePosixPath(href).parts if part not in {".", "..", "/"}]
    return Side(tuple(dict.fromkeys([href, PurePosixPath(href).stem, *reversed(parts)])))


def _space(resource: Any) -> str:
    """Return the namespace of a catalog's control IRIs, if a resource is named by one of ours."""
    href = words(resource, "href")
    return href if href.startswith(OURS) else ""


def _share(value: Any) -> float | None:
    """Return a confidence as a share of 1, whether it was given as 0.9, 90, "90%" or not at all."""
    if value is None or value == "":
        return None
    try:
        number = float(str(value).strip().rstrip("%"))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    if str(value).strip().endswith("%") or number > 1:
        number /= 100
    return min(max(number, 0.0), 1.0)


def crosswalk_csv(data: bytes) -> MappingSet:
    """Read the CSV form of OSCAL mappings (`$$Source_Resource`, `$$Map_Relationship` …)."""
    rows: list[Row] = []
    notes: list[tuple[str, int, str]] = []
    sides: tuple[Side, Side] | None = None
    table = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace")))
    for record in _records(table):
        cells = {
            (name or "").lstrip("$"): (value or "").strip()
            for name, value in record.items()
            if isinstance(value, str)
        }
        stated = cells.get("Map_Relationship", "")
        set_relation = relation(stated)
        line = table.line_num
        targets = list(chunks(cells.get("Map_Target_ID_Ref_list", "")))
        if not set_relation:
            # A first row of descriptions is no mapping, nor is a control without a counterpart.
            if targets and (rows or stated.count(" ") < 2):
                notes.append((f"row-{line}", line, f"no relationship is called {stated!r}"))
            continue
        sides = sides or (
            _side({"href": cells.get("Source_Resource")}),
            _side({"href": cells.get("Target_Resource")}),
        )
        share = _share(cells.get("Map_Confidence_Score"))
        for a in chunks(cells.get("Map_Source_ID_Ref_list", "")):
            rows += [
                Row(a, b, set_relation, f"row-{line}", f"{a} {stated} {b}", line, share) for b in targets
            ]
    if sides is None:
        raise SourceError("a crosswalk without a row that maps anything", code="empty-mapping")
    title = f"{sides[0].names[0]} to {sides[1].names[0]}"
    return MappingSet(title, *sides, tuple(rows), notes=tuple(notes))


Cells = TypeVar("Cells")


def _records(table: Iterable[Cells]) -> Iterator[Cells]:
    """Yield the rows of a table; SourceError where it is none."""
    try:
        yield from table
    except csv.Error as error:
        line = getattr(table, "line_num", 0)
        raise SourceError(f"not a table: {error}", code="not-well-formed", line=line) from error


def sssom_tsv(data: bytes) -> MappingSet:
    """Read SSSOM: tab-separated, metadata in YAML in comment lines before the header."""
    lines = data.decode("utf-8-sig", "replace").splitlines()
    start = next((n for n, line in enumerate(lines) if line and not line.startswith("#")), 0)
    names = [name.strip() for name in lines[start].split("\t")]
    read = tree.read_yaml("\n".join(line[1:] for line in lines[:start] if line.startswith("#")))
    metadata = read if isinstance(read, dict) else {}
    curies = {key: str(value) for key, value in node(metadata, "curie_map").items() if isinstance(key, str)}
    rows: list[Row] = []
    notes: list[tuple[str, int, str]] = []
    example: tuple[str, str] = ("", "")
    table = csv.reader(lines[start + 1 :], delimiter="\t", quoting=csv.QUOTE_MINIMAL)
    for number, cells in enumerate(_records(table), start + 2):
        record = dict(zip(names, cells, strict=False))
        a, predicate, b = (
            record.get(name, "").strip() for name in ("subject_id", "predicate_id", "object_id")
        )
        if not a or not b:
            notes.append((f"row-{number}", number, "a row without a subject or an object"))
            continue
        if b == "sssom:NoTermFound" or a == "sssom:NoTermFound":
            continue
        example = example if any(example) else (_expanded(a, curies), _expanded(b, curies))
        stated = _SSSOM_RELATIONS.get(predicate.replace(_SKOS, "skos:"), "")
        if record.get("predicate_modifier", "").endswith(("Not", "NegatedPredicate")):
            stated = "no-relationship" if stated == "intersects-with" else ""
            if not stated:
                notes.append((f"row-{number}", number, f"a negated {predicate} states no set relation"))
                continue
        rows.append(
            Row(
                _local(a, curies),
                _local(b, curies),
                stated,
                f"row-{number}",
                f"{a} {predicate} {b}",
                number,
                _share(record.get("confidence")),
                record.get("mapping_justification", ""),
                record.get("mapping_source", ""),
            )
        )
    return MappingSet(
        title=words(metadata, "mapping_set_title") or words(metadata, "mapping_set_id") or "mapping set",
        source=Side(
            _called(metadata, "subject", example[0]),
            words(metadata, "subject_source_version"),
        ),
        target=Side(
            _called(metadata, "object", example[1]),
            words(metadata, "object_source_version"),
        ),
        rows=tuple(rows),
        licence=_address(metadata.get("license")),
        published=_address(metadata.get("mapping_set_source") or metadata.get("mapping_set_id")),
        version=words(metadata, "mapping_set_version"),
        notes=tuple(notes),
    )


def _called(metadata: Mapping[str, Any], side: str, example: str) -> tuple[str, ...]:
    """Return the names an SSSOM set gives one side: its source, and the namespace its identifiers stand in."""
    stated = words(metadata, f"{side}_source")
    space = example.rpartition("/")[0] or example.partition(":")[0]
    return tuple(
        dict.fromkeys(
            name for name in (stated, stated.rpartition(":")[2], space, space.rpartition("/")[2]) if name
        )
    )


def _expanded(curie: str, curies: Mapping[str, str]) -> str:
    prefix, colon, local = curie.partition(":")
    return curies[prefix] + local if colon and prefix in curies else curie


def _local(curie: str, curies: Mapping[str, str]) -> str:
    """Return the identifier in a CURIE or an address, without the namespace it stands in; an IRI of ours whole."""
    if (whole := _expanded(curie, curies)).startswith(OURS):
        return whole
    prefix, colon, local = curie.partition(":")
    if colon and (prefix in curies or not local.startswith("//")) and " " not in prefix:
        return local
    return re.split(r"[/#]", curie.rstrip("/#"))[-1]


def _address(value: Any) -> Iri | None:
    try:
        return iri(str(value)) if value and "://" in str(value) else None
    except ValueError:
        return None


def requirement_yaml(data: bytes) -> MappingSet:
    """Read a library of requirement mappings (`requirement_mapping_set`, `requirement_mapping_sets`)."""
    library = tree.read_yaml(data)
    objects = node(library, "objects")
    sets = nodes(objects, "requirement_mapping_sets") or [node(objects, "requirement_mapping_set")]
    rows: list[Row] = []
    sides: tuple[Side, Side] | None = None
    for s, each in enumerate(one for one in sets if one):
        sides = sides or (
            Side((words(each, "source_framework_urn"),)),
            Side((words(each, "target_framework_urn"),)),
        )
        for n, mapping in enumerate(nodes(each, "requirement_mappings")):
            a, b = words(mapping, "source_requirement_urn"), words(mapping, "target_requirement_urn")
            stated = words(mapping, "relationship")
            a, b, related = a.rpartition(":")[2], b.rpartition(":")[2], relation(stated)
            shown = f"{a} {stated} {b}"
            if (
                words(each, "source_framework_urn") == sides[1].names[0]
            ):  # the same crosswalk, told the other way
                a, b, related = b, a, CONVERSE.get(related, related)
            strength = words(mapping, "strength_of_relationship")
            share = int(strength) / 10 if strength in _STRENGTHS else None
            rows.append(Row(a, b, related, f"sets.{s}.mappings.{n}", shown, 0, share))
    if sides is None:
        raise SourceError("no mapping set is in the library", code="empty-mapping")
    cited = re.search(r"https?://\S+", words(library, "copyright"))
    return MappingSet(
        words(library, "name"),
        *sides,
        tuple(rows),
        published=_address(cited[0]) if cited else None,
        version=words(library, "version"),
    )


def scf_json(data: bytes) -> MappingSet:
    """Read a crosswalk of the Secure Controls Framework to one framework: pairs without a set relation."""
    whole = _json(data)
    rows: list[Row] = []
    for name, turned in (("scf_to_framework", False), ("framework_to_scf", True)):
        mappings = node(node(whole, name), "mappings")
        for key in mappings:
            values = items(mappings, key)
            for value in values:
                a, b = (value, key) if turned else (key, value)
                rows.append(
                    Row(
                        str(a),
                        str(b),
                        "",
                        f"{name}.{_pointer(key)}",
                        f"{key}: {', '.join(map(str, values))}"[:300],
                    )
                )
    seen: dict[tuple[str, str], Row] = {}
    for row in rows:
        seen.setdefault((row.source, row.target), row)
    title = f"SCF to {words(whole, 'display_name')}"
    return MappingSet(
        title,
        Side(("SCF",)),
        Side((words(whole, "framework_id"), words(whole, "display_name"))),
        tuple(seen.values()),
    )


def attack_json(data: bytes) -> MappingSet:
    """Read a mappings-explorer file: capabilities or controls to ATT&CK techniques, without a set relation."""
    whole = _json(data)
    metadata = node(whole, "metadata")
    framework, version = words(metadata, "mapping_framework"), words(metadata, "mapping_framework_version")
    rows: list[Row] = []
    notes: list[tuple[str, int, str]] = []
    seen: set[tuple[str, str]] = set()
    for n, each in enumerate(nodes(whole, "mapping_objects")):
        a, b = words(each, "capability_id"), words(each, "attack_object_id")
        if not a or not b:
            continue  # said to be non-mappable: an ATT&CK technique that no control of the framework meets
        if (a, b) in seen:
            continue
        seen.add((a, b))
        shown = f"{a} {words(each, 'mapping_type')} {b}"
        rows.append(Row(a, b, "", f"mapping_objects.{n}", shown, label=words(each, "attack_object_name")))
    attack = words(metadata, "attack_version")
    return MappingSet(
        f"{framework} {version} to ATT&CK {attack}",
        Side((f"{framework} {version}", framework), version),
        Side((f"MITRE ATT&CK {attack}",), attack),
        tuple(rows),
        licence=_APACHE,
        notes=tuple(notes),
    )


def _json(data: bytes) -> dict[str, Any]:
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"not well-formed JSON: {error}", code="not-well-formed", line=getattr(error, "lineno", 0)
        ) from error
    if not isinstance(whole, dict):
        raise SourceError("not a JSON object", code="not-well-formed")
    return whole


def _pointer(key: str) -> str:
    return re.sub(r"[^\w.-]+", "-", key).strip("-")


def _header(data: bytes) -> str:
    """Return the first line of a table that is no comment."""
    start = data[:_SNIFF].lstrip()
    if start[:1] in {b"{", b"[", b"<"}:
        return ""
    head = start.decode("utf-8-sig", "replace").splitlines()
    return next((line for line in head if line and not line.startswith("#")), "")


def _is_sssom(data: bytes) -> bool:
    head = data[:_SNIFF]
    if not all(name.encode() in head for name in _SSSOM_NEEDS):
        return False
    return {name.strip() for name in _header(data).split("\t")} >= _SSSOM_NEEDS


def _is_requirement_yaml(data: bytes) -> bool:
    head = data[:_SNIFF]
    return (
        b"requirement_mapping_set" in head and b"urn:" in head and not head.lstrip().startswith((b"{", b"<"))
    )


def _is_attack_json(data: bytes) -> bool:
    return b'"attack_version"' in data[:_SNIFF] and b'"mapping_framework"' in data[:_SNIFF]


_SNIFF = 20_000
_SOURCE_COLUMN = b"Map_Source_ID_Ref_list"

# What a format looks like, and who reads it.
FORMATS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], MappingSet]], ...] = (
    (lambda data: tree.kind(data) == "mapping-collection", oscal_collection),
    (
        lambda data: _SOURCE_COLUMN in data[:_SNIFF] and _SOURCE_COLUMN in _header(data).encode(),
        crosswalk_csv,
    ),
    (_is_sssom, sssom_tsv),
    (_is_requirement_yaml, requirement_yaml),
    (lambda data: b'"scf_to_framework"' in data[:_SNIFF], scf_json),
    (_is_attack_json, attack_json),
)


def reader(data: bytes) -> Callable[[bytes], MappingSet] | None:
    """Return the function that reads a file of this form, None where it is no crosswalk we know."""
    return next((read for looks, read in FORMATS if looks(data)), None)
