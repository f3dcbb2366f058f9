"""Under which licence, and where, a file of controls is published."""

from __future__ import annotations

import csv
from pathlib import Path

from kg.concepts.registry import Registry
from kg.concepts.standards import Standards
from kg.terms import Iri, iri


class Publications:
    """What is known of the licences of files: of a file itself by its hash, else of what it is about."""

    def __init__(self, registry: Registry, standards: Standards, folder: Path) -> None:
        self._registry, self._standards = registry, standards
        self._licences = {
            registry.text(each, "skos:notation"): each for each in registry.members("dcterms:LicenseDocument")
        }
        self._files: dict[str, tuple[Iri | None, Iri]] = {}
        manifest = folder / "upstream.tsv"
        if manifest.is_file():
            with manifest.open(encoding="utf-8", newline="") as table:
                for row in csv.DictReader(table, delimiter="\t"):
                    self._files[row["sha256"]] = self._licences.get(row["licence"]), iri(row["url"])

    def of(self, sha256: str, *about: Iri) -> tuple[Iri | None, Iri | None]:
        """Return the licence of a file and the address it is published at, each None where it is not known.

        `about` are the standards whose controls the file holds, the one that publishes it first.
        """
        if sha256 in self._files:
            return self._files[sha256]
        for thing in about:
            for each in (thing, self._standards.standard_of(thing), self._standards.programme_of(thing)):
                licence = self._registry.iri(each, "ckg:dataLicense")
                if licence:
                    return licence, self._registry.iri(each, "ckg:dataSource")
        return None, None
