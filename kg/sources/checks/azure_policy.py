"""Azure Policy: definitions are technical checks, regulatory initiatives say which controls they assess."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg import names
from kg.concepts import Concepts
from kg.errors import Issue, SourceError
from kg.records import Check, CheckClaim, ControlMention, Record, SegmentNode, SourceDocument, triples
from kg.sources import Extraction, Input
from kg.sources.evidence import also_at
from kg.sources.oscal import neighbours
from kg.sources.oscal.tree import items, node, nodes, words
from kg.terms import Iri, iri, literal, term

_ASSESSES = term("ckg:assesses")
_CHECK_MAPPING = term("ckg:CheckMapping")
_LICENCE = iri("https://opensource.org/license/mit")
_PUBLISHED = iri("https://github.com/Azure/azure-policy")
_SNIFF = 200_000
_PARAMETER = re.compile(r"\[parameters\('([^']+)'\)\]")
_NAME = re.compile(rb'^\s{0,4}"name"\s*:\s*"([^"]+)"', re.MULTILINE)
_STAGE = re.compile(r"^\[\w+\]:?\s*")  # "[Preview]: …"
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
        properties = node(whole, "properties")
        if not properties:
            raise SourceError("a policy without properties", code="not-a-policy")
        title = words(properties, "displayName") or words(whole, "name") or item.path
        initiative = "policyDefinitions" in properties
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
                source=concepts.publications.of(item.sha256)[1] or _PUBLISHED,
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


def _check(guid: str) -> Iri:
    return names.thing("check", f"azure-policy/{names.slug(guid)}")


def _definition(item: Input, concepts: Concepts, whole: dict[str, Any]) -> Iterator[Record | Issue]:
    properties = whole["properties"]
    guid = words(whole, "name") or words(whole, "id").rpartition("/")[2]
    if not guid:
        yield Issue(item.path, 0, "policy-without-name", "the definition has no name to call it by")
        return
    metadata = node(properties, "metadata")
    category = words(metadata, "category")
    service = (
        concepts.services.get(category) or concepts.services.get(f"Azure {category}") if category else None
    )
    if category in _NOT_A_SERVICE:
        service = None
    yield Check(
        iri=_check(guid),
        labels=(literal(words(properties, "displayName") or guid, "en"),),
        identifier=literal(guid),
        checked_service=(service,) if service else None,
        effect=literal(effect) if (effect := _effect(properties)) else None,
        category=literal(category) if category else None,
        version=literal(version)
        if (version := words(properties, "version") or words(metadata, "version"))
        else None,
    )


def _effect(properties: dict[str, Any]) -> str:
    """Return what the policy does by default, in lower case; a parameter stands for its default value."""
    stated = words(node(node(properties, "policyRule"), "then"), "effect").strip()
    match = _PARAMETER.fullmatch(stated)
    if match:
        stated = words(node(node(properties, "parameters"), match[1]), "defaultValue")
    return stated.lower()


@lru_cache(maxsize=8192)
def _defined_in(file: Path, state: tuple[int, int]) -> str:
    """Return the name of the policy that a file defines, empty where it defines none."""
    try:
        data = file.read_bytes() if state[1] < _SNIFF else b""
    except OSError:
        return ""
    names_in = _NAME.findall(data) if b'"policyRule"' in data else []
    return str(names_in[-1].decode("ascii", "replace")) if names_in else ""


def _identifier(group: str, prefixes: tuple[str, ...]) -> str:
    """Return the control's identifier in a group's name, without the name of the framework before it."""
    prefix = next((each for each in prefixes if group.startswith(each + "_")), "")
    return group.removeprefix(prefix).lstrip("_") or group


def _initiative(
    item: Input, concepts: Concepts, properties: dict[str, Any], title: str, document: Iri
) -> Iterator[Record | Issue]:
    groups = [words(group, "name") for group in nodes(properties, "policyDefinitionGroups")]
    prefixes = tuple(dict.fromkeys(re.sub(r"_[^_]*$", "", group) for group in groups))
    called = _STAGE.sub("", title)
    framework = (
        concepts.controls.framework(called, *prefixes)
        or neighbours.called(item, concepts, called, *prefixes)
        or concepts.controls.unknown(called)
    )
    version = words(properties, "version") or words(node(properties, "metadata"), "version")
    spelled = {group: _identifier(group, prefixes) for group in groups}
    used: set[str] = set()
    claims: dict[Iri, Record] = {}
    defined = {
        _defined_in(file, neighbours.state_of(file))
        for path, file in item.neighbours.items()
        if path.endswith(".json")
    }
    for n, each in enumerate(items(properties, "policyDefinitions")):
        guid = words(each, "policyDefinitionId").rpartition("/")[2]
        named = [str(name) for name in items(each, "groupNames")]
        where = f"properties.policyDefinitions.{n}"
        if not guid or not named:
            yield Issue(item.path, 0, "policy-without-group", f"{where} assesses no group of the initiative")
            continue
        check, segment = _check(guid), names.part(document, "segment", where)
        yield SegmentNode(
            iri=segment, values=(literal(f"{guid}: {', '.join(named)}"[:300]),), source=document
        )
        if guid not in defined:
            # The definition is not among the inputs: the initiative's own name for it must do.
            label = literal(words(each, "policyDefinitionReferenceId") or guid, "en")
            claims.setdefault(check, Check(iri=check, labels=(label,), identifier=literal(guid)))
        for group in named:
            used.add(group)
            if group not in spelled:
                spelled[group] = _identifier(group, prefixes)
            control = concepts.controls.name(spelled[group], framework)
            if control is None:
                yield Issue(
                    item.path, 0, "unknown-identifier", f"{group!r} is no identifier of {framework.label}"
                )
                continue
            if control.iri not in claims:
                home = concepts.controls.known(control.catalog) or framework
                notation = concepts.controls.notation(control.key, home) or control.key.upper()
                claims[control.iri] = ControlMention(iri=control.iri, notation=literal(notation))
            claim = names.claim(document, _ASSESSES, check, control.iri)
            known = claims.get(claim)
            if isinstance(known, CheckClaim):
                claims[claim] = also_at(known, segment)
                continue
            claims[claim] = CheckClaim(
                iri=claim,
                types=(_CHECK_MAPPING,),
                source=check,
                prop=_ASSESSES,
                target=control.iri,
                evidence=(segment,),
                derived_from=(document,),
                initiative=literal(title),
                version=literal(version) if version else None,
            )
    yield from claims.values()
    idle = [group for group in groups if group not in used]
    if idle:
        shown = ", ".join(idle[:5]) + (" …" if len(idle) > 5 else "")
        yield Issue(item.path, 0, "group-without-policy", f"{len(idle)} groups have no policy: {shown}")
