"""Compliance files of cloud scanners (Prowler's form): requirements of a framework and the checks behind them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kg import names
from kg.concepts import Concepts
from kg.errors import Issue, SourceError
from kg.records import Check, CheckClaim, ControlMention, Record, SegmentNode, SourceDocument, triples
from kg.sources import Extraction, Input
from kg.sources.evidence import also_at
from kg.sources.oscal import neighbours
from kg.sources.oscal.tree import items, nodes, words
from kg.terms import Iri, iri, literal, term

_ASSESSES = term("ckg:assesses")
_CHECK_MAPPING = term("ckg:CheckMapping")
_LICENCE = iri("https://www.apache.org/licenses/LICENSE-2.0")
_PUBLISHED = iri("https://github.com/prowler-cloud/prowler")
_SNIFF = 4000


class Scanner:
    """Files that list a framework's requirements, each with the scanner's checks for it."""

    name = "scanner"

    def accepts(self, item: Input) -> bool:
        """Whether the file is such a list."""
        return (
            item.data.lstrip()[:1] == b"{"
            and b'"Framework"' in item.data[:_SNIFF]
            and b'"Requirements"' in item.data
        )

    def extract(self, item: Input, concepts: Concepts) -> Extraction:
        """Return the scanner's checks and the claims that they assess controls."""
        try:
            whole = json.loads(item.data.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise SourceError(
                f"not well-formed JSON: {error}", code="not-well-formed", line=getattr(error, "lineno", 0)
            ) from error
        if not nodes(whole, "Requirements"):
            raise SourceError("no list of requirements", code="not-a-check-list")
        framework, provider = words(whole, "Framework"), words(whole, "Provider") or "cloud"
        slug = names.slug(f"{framework} {provider} checks")
        document = names.catalog_document(slug, item.sha256)
        made = list(_requirements(item, concepts, whole, document, provider))
        head = SourceDocument(
            iri=document,
            slug=literal(slug),
            path=literal(item.path),
            sha256=literal(item.sha256),
            titles=(literal(words(whole, "Name") or framework or slug, "en"),),
            licence=_LICENCE,
            source=concepts.publications.of(item.sha256)[1] or _PUBLISHED,
        )
        said = tuple(t for each in (head, *made) if isinstance(each, Record) for t in triples(each))
        counts = {
            "checks": sum(isinstance(each, Check) for each in made),
            "check mappings": sum(isinstance(each, CheckClaim) for each in made),
        }
        return Extraction(document, said, tuple(each for each in made if isinstance(each, Issue)), counts)


def _requirements(
    item: Input, concepts: Concepts, whole: dict[str, Any], document: Iri, provider: str
) -> Iterator[Record | Issue]:
    called = (words(whole, "Framework"), words(whole, "Name"))
    version = words(whole, "Version")
    framework = (
        concepts.controls.framework(*filter(None, called))
        or neighbours.called(item, concepts, *called)
        or concepts.controls.unknown(called[0], version)
    )
    made: dict[Iri, Record] = {}
    for n, each in enumerate(items(whole, "Requirements")):
        if not isinstance(each, dict):
            yield Issue(item.path, 0, "unread-requirement", f"Requirements.{n} is no object")
            continue
        spelled = words(each, "Id")
        control = concepts.controls.name(spelled, framework)
        if control is None:
            yield Issue(
                item.path, 0, "unknown-identifier", f"{spelled!r} is no identifier of {framework.label}"
            )
            continue
        checks = list(dict.fromkeys(str(check) for check in items(each, "Checks")))
        segment = names.part(document, "segment", f"Requirements.{n}")
        made[segment] = SegmentNode(
            iri=segment, values=(literal(f"{spelled}: {', '.join(checks)}"[:300]),), source=document
        )
        if control.iri not in made:
            home = concepts.controls.known(control.catalog) or framework
            notation = concepts.controls.notation(control.key, home) or control.key.upper()
            made[control.iri] = ControlMention(iri=control.iri, notation=literal(notation))
        for check in checks:
            node = names.thing("check", f"prowler/{names.slug(provider)}/{names.slug(check)}")
            made.setdefault(
                node,
                Check(iri=node, labels=(literal(check.replace("_", " "), "en"),), identifier=literal(check)),
            )
            claim = names.claim(document, _ASSESSES, node, control.iri)
            known = made.get(claim)
            if isinstance(known, CheckClaim):
                made[claim] = also_at(known, segment)
                continue
            made[claim] = CheckClaim(
                iri=claim,
                types=(_CHECK_MAPPING,),
                source=node,
                prop=_ASSESSES,
                target=control.iri,
                evidence=(segment,),
                derived_from=(document,),
                initiative=literal(called[0]),
                version=literal(version) if version else None,
            )
    yield from made.values()
