"""Mappings as an OSCAL mapping-collection in JSON: one mapping for each pair of catalogs."""

from __future__ import annotations

import json
import uuid
from itertools import groupby
from typing import Any

from kg.formats.correspondences import Correspondence, Correspondences, catalog
from kg.terms import BASE, ONTOLOGY

_OSCAL = "1.2.1"
_CHAINED = "semapv:MappingChaining"
# OSCAL wants a date; a graph whose documents give none has none to offer.
_NO_DATE = "1970-01-01"


def text(mappings: Correspondences) -> str:
    """Return the mappings as a mapping-collection.

    OSCAL has no collection without a map: an empty one says, in a namespace of ours, that nothing is mapped.
    """
    pairs = [
        (pair, list(rows))
        for pair, rows in groupby(sorted(mappings.rows, key=lambda row: (_pair(row), row.order)), key=_pair)
    ]
    links = [("license", mappings.licence)] if mappings.licence else []
    links += [("source", source) for source in mappings.sources]
    collection: dict[str, Any] = {
        "uuid": _uuid(mappings.iri),
        "metadata": {
            "title": mappings.title,
            "last-modified": f"{mappings.modified or _NO_DATE}T00:00:00Z",
            "version": mappings.iri.rpartition("/")[2],
            "oscal-version": _OSCAL,
            **({"links": [{"href": href, "rel": rel} for rel, href in links]} if links else {}),
        },
        "provenance": {
            "method": _method(mappings),
            "matching-rationale": "semantic",
            "status": "not-complete",
            "mapping-description": "Mappings as their sources state them, and what follows from chains of them; each links to its claim and document.",
        },
        "mappings": [
            {
                "uuid": _uuid(mappings.iri, *pair),
                "source-resource": _resource(pair[0]),
                "target-resource": _resource(pair[1]),
                "maps": [_map(mappings, row) for row in rows],
            }
            for pair, rows in pairs
        ]
        or [_nothing(mappings)],
    }
    return json.dumps({"mapping-collection": collection}, ensure_ascii=False, indent=1) + "\n"


def _pair(row: Correspondence) -> tuple[str, str]:
    return catalog(row.subject), catalog(row.target)


def _map(mappings: Correspondences, row: Correspondence) -> dict[str, Any]:
    licence = mappings.licences.get(row.document, "")
    said: dict[str, Any] = {"uuid": _uuid(mappings.iri, row.claim, row.subject)}
    if not row.relation:
        said["ns"] = ONTOLOGY
    said |= {
        "relationship": row.relation or "unstated",
        "sources": [_item(row.subject)],
        "targets": [_item(row.target)],
    }
    if row.confidence is not None:
        said["confidence-score"] = {"percentage": row.confidence}
    said["props"] = [{"name": "justification", "ns": ONTOLOGY, "value": row.justification}]
    said["links"] = [
        {"href": row.claim, "rel": "inverse-of" if row.inverse else "claim"},
        {"href": row.document, "rel": "source"},
        *([{"href": licence, "rel": "license"}] if licence and not mappings.licence else []),
    ]
    return said


def _item(control: str) -> dict[str, str]:
    return {"type": "control", "id-ref": control.rpartition("/")[2]}


def _resource(href: str) -> dict[str, str]:
    return {"type": "catalog", "href": href}


def _method(mappings: Correspondences) -> str:
    kinds = {row.justification == _CHAINED for row in mappings.rows}
    return "hybrid" if len(kinds) > 1 else "automation" if kinds == {True} else "human"


def _nothing(mappings: Correspondences) -> dict[str, Any]:
    """Return the one map a schema asks for where there is none; our reader knows it and passes over it."""
    nothing = {"type": "control", "id-ref": "none"}
    return {
        "uuid": _uuid(mappings.iri, "mapping"),
        "source-resource": _resource(f"{BASE}control/"),
        "target-resource": _resource(f"{BASE}control/"),
        "maps": [
            {
                "uuid": _uuid(mappings.iri, "map"),
                "ns": ONTOLOGY,
                "relationship": "nothing-mapped",
                "sources": [nothing],
                "targets": [nothing],
            }
        ],
    }


def _uuid(*content: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(content)))
