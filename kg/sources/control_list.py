"""Lists of controls as tables (CSV, TSV): a selection from a catalog, such as the control list of MARS-E 2.2."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import PurePosixPath

from kg import names
from kg.concepts import Concepts
from kg.concepts.controls import ControlName, Framework
from kg.errors import Issue, SourceError
from kg.records import Baseline, Control, EditionNode, Record, SegmentNode, SourceDocument, triples
from kg.sources import Extraction, Input
from kg.sources.editions import edition_of
from kg.sources.oscal import neighbours
from kg.terms import Iri, integer, literal

_SNIFF = 4000
# Column names that hold a control's label, best first: labels are printed in the source, identifiers were derived.
_LABELS = ("control label", "control number", "control", "control id", "control identifier", "id")
_TITLES = ("title", "control title", "control name", "name")


class ControlList:
    """Tables with a column of control labels and a column of titles."""

    name = "control-list"

    def accepts(self, item: Input) -> bool:
        """Whether the first line is a header with such columns."""
        header = _header(item.data)
        return _column(header, _LABELS[:5]) is not None and _column(header, _TITLES) is not None

    def extract(self, item: Input, concepts: Concepts) -> Extraction:
        """Return the list as a baseline, and the controls that only this list defines."""
        text = item.data.decode("utf-8-sig", "replace")
        table = csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text.split("\n", 1)[0] else ",")
        try:
            rows = [(row, table.line_num) for row in table]
        except csv.Error as error:
            message = f"not a table: {error}"
            raise SourceError(message, code="not-well-formed", line=table.line_num) from error
        header = [cell.strip().lower() for cell in rows[0][0]] if rows else []
        label_at, title_at = _column(header, _LABELS), _column(header, _TITLES)
        if label_at is None:
            raise SourceError("no column holds the labels of controls", code="not-a-control-list", line=1)
        stem = PurePosixPath(item.path).stem
        framework = (
            concepts.controls.framework(stem, stem.replace("-", " "))
            or neighbours.called(item, concepts, stem)
            or concepts.controls.unknown(stem)
        )
        edition, told = edition_of(framework, "", concepts)
        framework = replace(framework, edition=edition)
        document = names.catalog_document(framework.key, item.sha256)
        members: dict[Iri, ControlName] = {}
        issues: list[Issue] = []
        made: list[Record] = []
        for row, number in rows[1:]:
            label = row[label_at].strip() if label_at < len(row) else ""
            if not label:
                continue
            name = concepts.controls.name(label, framework)
            if name is None:
                issues.append(
                    Issue(item.path, number, "unknown-identifier", f"{label!r} is no control label")
                )
                continue
            if name.iri in members:
                issues.append(
                    Issue(item.path, number, "duplicate-control", f"{label} is listed more than once")
                )
                continue
            members[name.iri] = name
            title = row[title_at].strip() if title_at is not None and title_at < len(row) else ""
            segment = names.part(document, "segment", f"row-{number}")
            shown = label if framework.identifiers_only else f"{label} {title}".strip()
            line = integer(number)
            made.append(SegmentNode(iri=segment, values=(literal(shown, "en"),), source=document, line=line))
            own = name.catalog == framework.key
            home = framework if own else concepts.controls.known(name.catalog) or framework
            if own or home.extends:
                # No catalog file defines these: the list that prints their titles does.
                made.append(_own(name, label, title, home, concepts))
        if not members:
            raise SourceError("no row names a control", code="empty-baseline")
        made[:0] = [
            EditionNode(iri=edition)
            for edition in dict.fromkeys(r.scheme for r in made if isinstance(r, Control))
        ]
        made[:0] = told
        made.insert(0, _baseline(framework, tuple(members), concepts))
        made.insert(0, _document(item, document, framework, concepts))
        said = tuple(triple for each in made for triple in triples(each))
        return Extraction(document, said, tuple(issues), {"baseline members": len(members)})


def _header(data: bytes) -> list[str]:
    first = data[:_SNIFF].decode("utf-8-sig", "replace").split("\n", 1)[0]
    return [cell.strip().strip('"').lower() for cell in re.split(r"[,\t]", first)]


def _column(header: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in wanted if name in header), None)


def _own(name: ControlName, label: str, title: str, framework: Framework, concepts: Concepts) -> Control:
    """Return a control that no other catalog defines."""
    return Control(
        iri=name.iri,
        labels=(literal(title, "en"),) if title and not framework.identifiers_only else None,
        identifier=literal(name.key),
        notation=literal(concepts.controls.notation(name.key, framework) or label),
        scheme=framework.edition,
    )


def _baseline(framework: Framework, members: tuple[Iri, ...], concepts: Concepts) -> Baseline:
    selected = concepts.controls.known(framework.extends)
    return Baseline(
        iri=names.baseline(framework.key),
        labels=(literal(framework.label, "en"),),
        members=members,
        part_of=framework.edition,
        selects_from=(selected.edition,) if selected else None,
    )


def _document(item: Input, document: Iri, framework: Framework, concepts: Concepts) -> SourceDocument:
    licence, source = concepts.publications.of(item.sha256, framework.edition)
    return SourceDocument(
        iri=document,
        slug=literal(framework.key),
        path=literal(item.path),
        sha256=literal(item.sha256),
        titles=(literal(framework.label, "en"),),
        licence=licence,
        source=source,
    )
