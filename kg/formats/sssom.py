"""Mappings as SSSOM TSV (Simple Standard for Sharing Ontological Mappings): metadata in comment lines, then rows."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping

from kg.formats.correspondences import Correspondence, Correspondences, catalog, common
from kg.terms import BASE, PREFIXES

_PREDICATES = {
    "equal-to": "skos:exactMatch", "equivalent-to": "skos:closeMatch", "subset-of": "skos:broadMatch",
    "superset-of": "skos:narrowMatch", "intersects-with": "skos:relatedMatch", "no-relationship": "skos:relatedMatch",
}  # fmt: skip
_UNSTATED = "skos:mappingRelation"
_INVERSION = "semapv:MappingInversion"
# What SSSOM asks to write where no licence is stated.
_NO_LICENCE = "https://w3id.org/sssom/license/unspecified"
_PREFIX = re.compile(r"[A-Za-z_][\w.-]*")
_ALWAYS = ("subject_id", "predicate_id", "object_id", "mapping_justification")


def text(mappings: Correspondences) -> str:
    """Return the mappings as SSSOM TSV; without any, it is the metadata and the header."""
    rows = mappings.rows
    prefixes = _prefixes(mappings)
    columns: dict[str, Callable[[Correspondence], str]] = {
        "record_id": lambda row: "" if row.inverse else _curie(row.claim, prefixes),
        "subject_id": lambda row: _curie(row.subject, prefixes),
        "predicate_id": lambda row: _PREDICATES.get(row.relation, _UNSTATED),
        "predicate_modifier": lambda row: "Not" if row.relation == "no-relationship" else "",
        "object_id": lambda row: _curie(row.target, prefixes),
        "mapping_justification": lambda row: _INVERSION if row.inverse else row.justification,
        "license": lambda row: mappings.licences.get(row.document, ""),
        "subject_source": lambda row: _source(row.subject, prefixes),
        "subject_source_version": lambda row: row.subject_version,
        "object_source": lambda row: _source(row.target, prefixes),
        "object_source_version": lambda row: row.target_version,
        "mapping_source": lambda row: _curie(row.document, prefixes),
        "confidence": lambda row: "" if row.confidence is None else f"{row.confidence:g}",
        "comment": lambda row: (
            f"Inverse of {_curie(row.claim, prefixes)} ({row.justification})" if row.inverse else ""
        ),
    }
    shared = {
        name: common(map(columns[name], rows))
        for name in ("license", "subject_source", "subject_source_version", "object_source", "object_source_version")
    }  # fmt: skip
    cells = {name: [cell(row) for row in rows] for name, cell in columns.items() if not shared.get(name)}
    shown = [name for name in cells if name in _ALWAYS or any(cells[name])]
    target = io.StringIO()
    target.write("#curie_map:\n")
    target.writelines(f"#  {key}: {json.dumps(value)}\n" for key, value in sorted(prefixes.items()))
    target.writelines(f"#{name}: {value}\n" for name, value in _metadata(mappings, shared).items())
    table = csv.writer(target, delimiter="\t", lineterminator="\n")
    table.writerow(shown)
    table.writerows(zip(*(cells[name] for name in shown), strict=True))
    return target.getvalue()


def _metadata(mappings: Correspondences, shared: Mapping[str, str]) -> dict[str, str]:
    """Return the slots of the set as YAML, in the order of the specification."""
    slots: dict[str, object] = {
        "mapping_set_id": mappings.iri,
        "mapping_set_source": list(mappings.sources),
        "mapping_set_title": mappings.title,
        **shared,
    }
    slots["license"] = shared["license"] or _NO_LICENCE
    return {name: json.dumps(value, ensure_ascii=False) for name, value in slots.items() if value}


def _prefixes(mappings: Correspondences) -> dict[str, str]:
    """Return the prefixes in use: those SSSOM needs, ours, and one for each catalog."""
    found = {name: PREFIXES[name] for name in ("doc", "semapv", "skos", "sssom", "std")} | {"kg": BASE}
    for row in mappings.rows:
        for control in (row.subject, row.target):
            space = catalog(control)
            name = space.rstrip("/").rpartition("/")[2]
            found[name if _PREFIX.fullmatch(name) else f"catalog-{name}"] = space
    return found


def _curie(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return an IRI as a CURIE of the longest prefix."""
    space = catalog(iri)
    for name, value in prefixes.items():
        if value == space:
            return f"{name}:{iri[len(space) :]}"
    fits = [(len(value), name) for name, value in prefixes.items() if iri.startswith(value)]
    if not fits:
        return iri
    length, name = max(fits)
    return f"{name}:{iri[length:]}"


def _source(control: str, prefixes: Mapping[str, str]) -> str:
    """Return the edition that a control's catalog belongs to."""
    return _curie(catalog(control).replace("/control/", "/standard/").rstrip("/"), prefixes)
