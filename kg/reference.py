"""The reference dataset: what the catalogs say of controls, compact enough to ship.

Identifiers, titles, families, withdrawals and replacements of NIST SP 800-53 r4 and r5, the members of the
NIST, FedRAMP and MARS-E baselines and the r4 ↔ r5 correspondence are facts published by the US Government.
The graphs keep the names they have when the catalogs themselves are read, so that a build over both holds
each fact once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.concepts import Concepts
from kg.errors import KgError
from kg.sources import Extraction, Input, Source
from kg.sources.control_list import ControlList
from kg.sources.mappings import Mappings
from kg.sources.oscal import Oscal
from kg.terms import PREFIXES, Triple, term

_SOURCES: tuple[Source, ...] = (Oscal(), ControlList(), Mappings())

# Texts and cross-references stay in the catalogs: the reference dataset is to be small.
_LEFT_OUT = frozenset(
    term(name)
    for name in (
        "ckg:statement",
        "ckg:guidance",
        "skos:related",
        "dcterms:requires",
        "dcterms:references",
        "dcat:accessURL",
    )
)
_RESOURCE = term("dcterms:BibliographicResource")
_REGENERATE = "kg reference CATALOGS -o ontology/reference"


def write(catalogs: Path, target: Path, concepts: Concepts) -> list[Path]:
    """Write the reference dataset from a folder of catalogs, and return the files written.

    `sources.tsv` in the target folder names each file of the dataset and the path, below `catalogs`, of the file
    it is made from.
    """
    neighbours = {
        path.relative_to(catalogs).as_posix(): path for path in catalogs.rglob("*") if path.is_file()
    }
    written = []
    with (target / "sources.tsv").open(encoding="utf-8", newline="") as table:
        wanted = [(row["name"], row["path"]) for row in csv.DictReader(table, delimiter="\t")]
    for name, path in wanted:
        if path not in neighbours:
            raise KgError(
                f"{path} is not in {catalogs.name}", "the reference dataset is made from all of its sources"
            )
        item = Input(path, neighbours[path].read_bytes(), neighbours)
        source = next(each for each in _SOURCES if each.accepts(item))
        file = target / f"{name}.trig"
        file.write_bytes(_trig(source.extract(item, concepts), path))
        written.append(file)
    return written


def _trig(extraction: Extraction, path: str) -> bytes:
    """Return what is kept of an extraction as TriG, one graph, in a fixed order."""
    kept = sorted(set(_compact(extraction.triples)))
    lines = [f"{s} {p} {o} {extraction.graph} ." for s, p, o in kept]
    quads = ox.parse("\n".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    text = "\n".join(lines)
    used = {name: space for name, space in PREFIXES.items() if f"<{space}" in text}
    body = io.BytesIO()
    ox.serialize(quads, body, format=ox.RdfFormat.TRIG, prefixes=used)
    written = body.getvalue().decode().splitlines()
    # The writer puts prefixes in an order of its own, another one each time.
    prefixes = sorted(line for line in written if line.startswith("@prefix"))
    rest = [line for line in written if not line.startswith("@prefix")]
    head = (
        f"# Facts from {path}: identifiers, titles, families, memberships, correspondences. US Government works.",
        f"# Made by `{_REGENERATE}`; not edited by hand.",
    )
    return ("\n".join([*head, *prefixes, *rest]) + "\n").encode()


def _compact(triples: Iterable[Triple]) -> Iterator[Triple]:
    cited = {s for s, _, o in triples if o == _RESOURCE}
    return (each for each in triples if each[1] not in _LEFT_OUT and each[0] not in cited)
