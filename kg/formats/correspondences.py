"""Mappings between controls as an exchange format wants them: one direction, versions, licences and sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg import crosswalk, names
from kg.licences import forbids_derivatives
from kg.queries import Table
from kg.queries.asked import Selecting
from kg.queries.texts import filled, text
from kg.terms import BASE, PREFIXES

_SEMAPV = PREFIXES["semapv"]
_RESTRICTED = "/graph/derived-restricted"


@dataclass(frozen=True, slots=True)
class Correspondence:
    """One control mapped to another; `relation` is empty where the source states none.

    `inverse` tells that the claim runs the other way, and that the relation was turned round.
    """

    subject: str
    target: str
    relation: str
    claim: str
    document: str
    justification: str
    confidence: float | None
    inverse: bool
    subject_version: str
    target_version: str

    @property
    def order(self) -> tuple[str, ...]:
        """What rows are sorted by."""
        return self.subject, self.target, self.relation, self.claim, str(self.inverse)


@dataclass(frozen=True, slots=True)
class Correspondences:
    """A set of mappings, sorted, with what is known of the documents they come from, and what was left out.

    `licences` and `sources` are addresses by document. `left_out` are the documents whose licence forbids
    derivatives. `modified` is the latest date a document gives, empty where none does.
    """

    iri: str
    title: str
    rows: tuple[Correspondence, ...]
    licences: Mapping[str, str]
    sources: tuple[str, ...]
    modified: str
    left_out: tuple[str, ...]

    @property
    def licence(self) -> str:
        """The licence all documents share, empty where they differ or one states none."""
        return common(self.licences.get(row.document, "") for row in self.rows)


def every(graph: Selecting, *, all_licences: bool = False) -> Correspondences:
    """Return all mappings of a graph."""
    return of(graph, graph.select(text("formats", "mappings")), "all", all_licences=all_licences)


def of(graph: Selecting, table: Table, title: str, *, all_licences: bool = False) -> Correspondences:
    """Return the rows of the question `mappings-between`, all told from the first list's side.

    What a licence without derivatives covers stays out unless `all_licences`.
    """
    used = {str(document) for document in table.column("document")}
    licences: dict[str, str] = {}
    sources: set[str] = set()
    dates: set[str] = set()
    documents = " ".join(f"<{document}>" for document in sorted(used))
    for row in graph.select(filled("formats", "documents", documents=documents)) if used else ():
        if row["licence"]:
            licences.setdefault(str(row["document"]), str(row["licence"]))
        sources |= {str(row["source"])} - {"None"}
        dates |= {str(row["modified"])[:10]} - {"None"}
    closed = tuple(
        sorted(
            document
            for document in used
            if document.endswith(_RESTRICTED) or forbids_derivatives(licences.get(document, ""))
        )
    )
    left_out = () if all_licences else closed
    versions = _versions(graph, documents) if used else {}
    rows = sorted(
        (_row(row, versions) for row in table if row["document"] not in left_out), key=lambda row: row.order
    )
    content = (part for row in rows for part in (*row.order, row.justification, str(row.confidence)))
    return Correspondences(
        f"{BASE}mapping-set/{names.slug(title)}/{names.digest(*content)}",
        title,
        tuple(rows),
        licences,
        tuple(sorted(sources)),
        max(dates, default=""),
        left_out,
    )


def _row(row: Mapping[str, object], versions: Mapping[tuple[str, bool], str]) -> Correspondence:
    subject, target, document = str(row["control"]), str(row["counterpart"]), str(row["document"])
    relation, inverse, confidence = str(row["relation"] or ""), row["turned"] is True, row["confidence"]

    def version(control: str, is_subject: bool) -> str:
        edition = catalog(control).replace("/control/", "/standard/").rstrip("/")
        return versions.get((document, is_subject is not inverse)) or versions.get((edition, True), "")

    return Correspondence(
        subject,
        target,
        crosswalk.converse(relation) if inverse else relation,
        str(row["claim"]),
        document,
        str(row["justification"]).replace(_SEMAPV, "semapv:"),
        float(confidence) if isinstance(confidence, int | float) else None,
        inverse,
        version(subject, True),
        version(target, False),
    )


def _versions(graph: Selecting, documents: str) -> dict[tuple[str, bool], str]:
    """Return the versions of both sides that documents state, and those of editions."""
    found: dict[tuple[str, bool], str] = {}
    for row in graph.select(text("formats", "editions")):
        found.setdefault((str(row["edition"]), True), str(row["version"]))
    for row in graph.select(filled("formats", "versions", documents=documents)):
        for name, is_subject in (("subject", True), ("object", False)):
            if row[name]:
                found.setdefault((str(row["document"]), is_subject), str(row[name]))
    return found


def catalog(control: str) -> str:
    """Return the namespace of a control's identifier, which is its catalog's."""
    return control.rpartition("/")[0] + "/"


def common(values: Iterable[str]) -> str:
    """Return the one value that all are, empty where they differ or there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else ""
