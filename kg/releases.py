"""Several releases of one edition in one graph: the newest gives the names and the status, each keeps its texts.

Of a control's titles the newest release's is `skos:prefLabel`; an older one that differs is `skos:altLabel`.
That a control is withdrawn is said only as the newest release that holds it says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kg import lines
from kg.lines import Share
from kg.terms import Iri, term

_SCHEME_TYPE = f" {term('rdf:type')} {term('skos:ConceptScheme')} ".encode()
_VERSION = f" {term('pav:version')} ".encode()
_MODIFIED = f" {term('dcterms:modified')} ".encode()
_LABEL, _OTHER = f" {term('skos:prefLabel')} ".encode(), f" {term('skos:altLabel')} ".encode()
_WITHDRAWN = f" {term('ckg:withdrawn')} ".encode()
_CONTROL_TYPE = f" {term('rdf:type')} {term('ckg:Control')} ".encode()


def settle(shares: Mapping[Iri, Share]) -> dict[Iri, Share]:
    """Return the shares with the names and statuses of older releases brought into line with the newest."""
    by_edition: dict[bytes, list[Share]] = {}
    for share in shares.values():
        if b"/document/catalog/" in share.graph.encode() and _SCHEME_TYPE in share.other:
            for line in share.other.splitlines():
                if _SCHEME_TYPE in line:
                    by_edition.setdefault(line.partition(b" ")[0], []).append(share)
    settled = dict(shares)
    for releases in by_edition.values():
        newest_first = sorted(releases, key=_age, reverse=True)
        names: dict[bytes, bytes] = {}
        known: set[bytes] = set()
        for number, release in enumerate(newest_first):
            current = settled[release.graph]
            if number:
                settled[release.graph] = current = _aligned(current, names, known)
            for line in current.other.splitlines():
                subject = line.partition(b" ")[0]
                if _CONTROL_TYPE in line:
                    known.add(subject)
                if _LABEL in line:
                    names.setdefault(subject + _language(line), _value(line, _LABEL))
    return settled


def _aligned(share: Share, names: Mapping[bytes, bytes], known: set[bytes]) -> Share:
    """Return an older release without what newer ones say of names and status."""
    kept: list[bytes] = []
    for line in (share.own + share.other).splitlines(keepends=True):
        subject = line.partition(b" ")[0]
        if _LABEL in line:
            newer = names.get(subject + _language(line))
            if newer == _value(line, _LABEL):
                continue
            kept.append(line.replace(_LABEL, _OTHER, 1) if newer is not None else line)
        elif _WITHDRAWN not in line or subject not in known:
            kept.append(line)
    return lines.of_lines(share.graph, sorted(set(kept)))


def _value(line: bytes, predicate: bytes) -> bytes:
    """Return the literal in a line, without the graph behind it."""
    return line.partition(predicate)[2].rpartition(b" <")[0]


def _language(line: bytes) -> bytes:
    return line.rpartition(b'"@')[2].partition(b" ")[0] if b'"@' in line else b""


def _age(share: Share) -> tuple[tuple[int, ...], bytes, str]:
    """Sort releases by the numbers in their version, then by date, then by name."""
    version = modified = b""
    for line in (share.own + share.other).splitlines():
        if line.startswith(share.graph.encode() + b" "):
            if _VERSION in line:
                version = line.partition(_VERSION)[2]
            elif _MODIFIED in line:
                modified = line.partition(_MODIFIED)[2]
    numbers = re.findall(rb"\d+", version.partition(b" <")[0].partition(b"^^")[0])
    return tuple(int(number) for number in numbers), modified, share.graph
