"""Azure Policy: definitions are technical checks, regulatory initiatives say which controls they assess."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from kg import names
from kg.concepts import Concepts
from kg.errors import Issue, SourceError
from kg.records import Check, CheckClaim, ControlMention, Record, SegmentNode, SourceDocument, triples
from kg.sources import Extraction, Input
from kg.terms import Iri, iri, literal, term

_ASSESSES = term("ckg:assesses")
_CHECK_MAPPING = term("ckg:CheckMapping")
_LICENCE = iri("https://opensource.org/license/mit")
_SNIFF = 200_000
_PARAMETER = re.compile(r"\[parameters\('([^']+)'\)\]")
_NOT_A_SERVICE = {"Regulatory Compliance", "General"}


class AzurePolicy:
    """Policy definitions and policy set definitions (initiatives) as published in JSON."""

    name = "azure-policy"

    def accepts(self, item: Input) -> bool:
        """Whether the file is a policy definition or an initiative."""
        head = item.data[:_SNIFF]
        return (
            item.data.lstrip()[:1] == b"{"
            and b'"policyType"' in head
            and (b'"policyDefinitions"' in item.data or b'"policyRule"' in item.data)
        )

    def extract(self, item: Input, concepts: Concepts) -> Extraction:
        """Return a check, or an initiative's claims that checks assess controls."""
        try:
            whole = json.loads(item.data.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise SourceError(
                f"not well-formed JSON: {error}", code="not-well-formed", line=getattr(error, "lineno", 0)
            ) from error
        properties = whole.get("properties") if isinstance(whole, dict) else None
        if not isinstance(properties, dict):
            raise SourceError("a policy without properties", code="not-a-policy")
        title = _text(properties, "displayName") or _text(whole, "name") or item.path
        initiative = isinstance(properties.get("policyDefinitions"), list)
        slug = names.slug(f"azure-policy {'initiative ' if initiative else ''}{title}")[:120].strip("-.")
        document = names.catalog_document(slug, item.sha256)
        made: list[Record | Issue] = [
            SourceDocument(
                iri=document,
                slug=literal(slug),
                path=literal(item.path),
                sha256=literal(item.sha256),
                titles=(literal(title, "en"),),
                licence=_LICENCE,
            )
        ]
        made += (
            _initiative(item, concepts, properties, title, document)
            if initiative
            else _definition(item, concepts, whole)
        )
        said = tuple(triple for each in made if isinstance(each, Record) for triple in triples(each))
        counts = {"checks": sum(isinstance(each, Check) for each in made), "check mappings": _claims(made)}
        return Extraction(document, said, tuple(each for each in made if isinstance(each, Issue)), counts)


def _claims(made: list[Record | Issue]) -> int:
    return sum(isinstance(each, CheckClaim) for each in made)


def _text(node: dict[str, Any], name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _check(guid: str) -> Iri:
    return names.thing("check", f"azure-policy/{names.slug(guid)}")


def _definition(item: Input, concepts: Concepts, whole: dict[str, Any]) -> Iterator[Record | Issue]:
    properties = whole["properties"]
    guid = _text(whole, "name") or _text(whole, "id").rpartition("/")[2]
    if not guid:
        yield Issue(item.path, 0, "policy-without-name", "the definition has no name to call it by")
        return
    metadata = properties.get("metadata") or {}
    category = _text(metadata, "category")
    service = (
        concepts.services.get(category) or concepts.services.get(f"Azure {category}") if category else None
    )
    if category in _NOT_A_SERVICE:
        service = None
    yield Check(
        iri=_check(guid),
        labels=(literal(_text(properties, "displayName") or guid, "en"),),
        identifier=literal(guid),
        checked_service=(service,) if service else None,
        effect=literal(effect) if (effect := _effect(properties)) else None,
        category=literal(category) if category else None,
        version=literal(version)
        if (version := _text(properties, "version") or _text(metadata, "version"))
        else None,
    )


def _effect(properties: dict[str, Any]) -> str:
    """Return what the policy does by default, in lower case; a parameter stands for its default value."""
    rule = properties.get("policyRule") or {}
    stated = (rule.get("then") or {}).get("effect", "") if isinstance(rule, dict) else ""
    match = _PARAMETER.fullmatch(str(stated).strip())
    if match:
        parameter = (properties.get("parameters") or {}).get(match[1]) or {}
        stated = parameter.get("defaultValue", "")
    return str(stated).lower()


def _initiative(
    item: Input, concepts: Concepts, properties: dict[str, Any], title: str, document: Iri
) -> Iterator[Record | Issue]:
    groups = [
        _text(group, "name")
        for group in properties.get("policyDefinitionGroups") or []
        if isinstance(group, dict)
    ]
    prefixes = tuple(dict.fromkeys(re.sub(r"_[^_]*$", "", group) for group in groups))
    framework = concepts.controls.framework(title, *prefixes) or concepts.controls.unknown(title)
    version = _text(properties, "version") or _text(properties.get("metadata") or {}, "version")
    used: set[str] = set()
    claims: dict[Iri, Record] = {}
    for n, each in enumerate(properties["policyDefinitions"]):
        guid = _text(each, "policyDefinitionId").rpartition("/")[2]
        named = [str(name) for name in each.get("groupNames") or []]
        where = f"properties.policyDefinitions.{n}"
        if not guid or not named:
            yield Issue(item.path, 0, "policy-without-group", f"{where} assesses no group of the initiative")
            continue
        segment = names.part(document, "segment", where)
        yield SegmentNode(
            iri=segment, values=(literal(f"{guid}: {', '.join(named)}"[:300]),), source=document
        )
        for group in named:
            used.add(group)
            spelled = group.removeprefix(next((p for p in prefixes if group.startswith(p + "_")), "")).lstrip(
                "_"
            )
            control = concepts.controls.name(spelled or group, framework)
            if control is None:
                yield Issue(
                    item.path, 0, "unknown-identifier", f"{group!r} is no identifier of {framework.label}"
                )
                continue
            home = concepts.controls.known(control.catalog) or framework
            notation = concepts.controls.notation(control.key, home) or control.key.upper()
            claims.setdefault(control.iri, ControlMention(iri=control.iri, notation=literal(notation)))
            claim = names.claim(document, _ASSESSES, _check(guid), control.iri)
            claims.setdefault(
                claim,
                CheckClaim(
                    iri=claim,
                    types=(_CHECK_MAPPING,),
                    source=_check(guid),
                    prop=_ASSESSES,
                    target=control.iri,
                    evidence=(segment,),
                    derived_from=(document,),
                    initiative=literal(title),
                    version=literal(version) if version else None,
                ),
            )
    yield from claims.values()
    idle = [group for group in groups if group not in used]
    if idle:
        shown = ", ".join(idle[:5])
        yield Issue(item.path, 0, "group-without-policy", f"{len(idle)} groups have no policy: {shown} …")
