"""What an OSCAL catalog says: families, controls, enhancements, statements, and how they hang together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kg import names
from kg.concepts.controls import Controls, Framework, plain_key
from kg.errors import Issue
from kg.records import Control, ControlGroup, EditionNode, Record, Resource
from kg.sources.oscal.profile import walk
from kg.sources.oscal.tree import Tree, items, node, nodes, prop, words
from kg.terms import Iri, Literal, boolean, iri, literal

_LANG = "en"
_INSERT = re.compile(r"\{\{\s*(?:insert:\s*)?param,?\s*([^\s}]+)\s*\}\}|\{\{\s*([^\s},]+)\s*\}\}")
_LEFTOVER = re.compile(r"_x000D_")
_REPLACED = {"incorporated-into", "moved-to"}
_STATEMENT = {"statement"}
_GUIDANCE = {"guidance"}


@dataclass(frozen=True, slots=True)
class Context:
    """What every control of one catalog is read with."""

    path: str
    document: Iri
    framework: Framework
    controls: Controls
    resources: Mapping[str, Tree]
    known: dict[str, str]
    families: dict[str, Iri]

    def key(self, control_id: str) -> str:
        """Return the key of a control of this catalog, whatever form its id has."""
        name = self.controls.name(control_id, self.framework)
        return (
            name.key
            if name and name.catalog == self.framework.key and not name.part
            else plain_key(control_id)
        )

    def control(self, control_id: str) -> Iri:
        """Return the IRI of a control of this catalog."""
        return names.control(self.framework.key, self.key(control_id))


def context(path: str, document: Iri, catalog: Tree, framework: Framework, controls: Controls) -> Context:
    """Return the context of a catalog: its back matter, and which keys links may lead to."""
    resources = {words(each, "uuid"): each for each in nodes(catalog.get("back-matter"), "resources")}
    families = {words(each, "id"): _family(words(each, "id"), framework) for each in _groups(catalog)}
    bare = Context(path, document, framework, controls, resources, {}, families)
    known: dict[str, str] = {}
    for control, _ in walk(catalog):
        known.setdefault(bare.key(words(control, "id")), words(control, "id"))
    return replace(bare, known=known)


def read(catalog: Tree, at: Context) -> Iterator[Record | Issue]:
    """Yield the edition, families, controls and references of a catalog, and what does not fit."""
    yield EditionNode(iri=at.framework.edition)
    seen: set[str] = set()
    cited: dict[str, None] = {}
    for group in nodes(catalog, "groups"):
        yield from _group(group, at, None, seen, cited)
    for control in nodes(catalog, "controls"):
        yield from _control(control, at, None, seen, cited)
    for uuid in cited:
        yield _resource(at.resources[uuid], at, uuid)


def _groups(tree: Tree) -> Iterator[Tree]:
    """Yield the groups of a catalog, inner ones too."""
    for group in nodes(tree, "groups"):
        yield group
        yield from _groups(group)


def _family(group_id: str, framework: Framework) -> Iri:
    return names.control(framework.key, names.slug(group_id) or "group")


def _group(
    group: Tree, at: Context, above: Iri | None, seen: set[str], cited: dict[str, None]
) -> Iterator[Record | Issue]:
    group_id = words(group, "id") or names.slug(words(group, "title")) or "group"
    family = _family(group_id, at.framework)
    yield ControlGroup(
        iri=family,
        labels=_title(group, at),
        identifier=literal(names.slug(group_id) or "group"),
        notation=literal(prop(group, "label") or group_id.upper()),
        scheme=at.framework.edition,
        broader=above,
    )
    for inner in nodes(group, "groups"):
        yield from _group(inner, at, family, seen, cited)
    for control in nodes(group, "controls"):
        yield from _control(control, at, family, seen, cited)


def _control(
    control: Tree, at: Context, above: Iri | None, seen: set[str], cited: dict[str, None]
) -> Iterator[Record | Issue]:
    control_id = words(control, "id")
    key = at.key(control_id)
    if not key:
        yield Issue(
            at.path, 0, "control-without-id", f"a control titled {words(control, 'title')!r} has no id"
        )
        return
    if key in seen:
        yield Issue(
            at.path, 0, "duplicate-control", f"{control_id} is listed more than once; the first one counts"
        )
        return
    seen.add(key)
    own = names.control(at.framework.key, key)
    # Some catalogs list enhancements beside their control: the identifier tells what they belong to.
    stem = key.rpartition(".")[0]
    parent = names.control(at.framework.key, stem) if stem and stem in at.known and stem != key else above
    withdrawn = prop(control, "status").lower() == "withdrawn"
    replaced: list[Iri] = []
    related: list[Iri] = []
    required: list[Iri] = []
    references: list[Iri] = []
    for link in nodes(control, "links"):
        rel, href = words(link, "rel"), words(link, "href")
        if href[1:] in at.resources:
            cited[href[1:]] = None
            references.append(names.part(at.document, "resource", names.slug(href[1:])))
            continue
        if href.startswith(("http://", "https://")):
            outside = _outside(link, href)
            if outside:
                yield outside
                references.append(outside.iri)
                continue
        target = _target(href, at)
        if target is None:
            yield Issue(
                at.path,
                0,
                "dangling-link",
                f"{control_id} links to {href!r}, which this catalog does not hold",
            )
        elif rel in _REPLACED:
            replaced.append(target)
        elif rel == "required":
            required.append(target)
        elif target not in {own, parent}:
            related.append(target)
    yield Control(
        iri=own,
        labels=_title(control, at),
        identifier=literal(key),
        notation=literal(_notation(control, key, at)),
        scheme=at.framework.edition,
        broader=parent,
        withdrawn=boolean(value=True) if withdrawn else None,
        replaced_by=tuple(dict.fromkeys(replaced)) or None,
        related=tuple(dict.fromkeys(related)) or None,
        requires=tuple(dict.fromkeys(required)) or None,
        references=tuple(dict.fromkeys(references)) or None,
        statements=_prose(control, _STATEMENT, at),
        guidance=_prose(control, _GUIDANCE, at),
    )
    for inner in nodes(control, "controls"):
        yield from _control(inner, at, own, seen, cited)


def _title(holder: Tree, at: Context) -> tuple[Literal, ...] | None:
    title = re.sub(r"\s+", " ", words(holder, "title")).strip()
    return (literal(title, _LANG),) if title and not at.framework.identifiers_only else None


def _notation(control: Tree, key: str, at: Context) -> str:
    """Return the label people write: the one without a class, in the grammar's own form."""
    label = prop(control, "label", css="") or prop(control, "label") or key.upper()
    return at.controls.notation(key, at.framework) or label


def _target(href: str, at: Context) -> Iri | None:
    """Return the control or family that a link in the catalog leads to; a part of a control counts as the control."""
    if not href.startswith("#"):
        return None
    if href[1:] in at.families:
        return at.families[href[1:]]
    wanted = re.split(r"_(?:smt|gdn|obj|prm|odp|fr|asm|imp)", href[1:])[0]
    key = at.key(wanted)
    if key not in at.known:
        name = at.controls.name(wanted, at.framework)
        key = name.key if name else key
    return names.control(at.framework.key, key) if key in at.known else None


def _outside(link: Tree, href: str) -> Resource | None:
    """Return what a link leads to outside of the catalog, None where the address is none."""
    try:
        url = iri(href)
    except ValueError:
        return None
    label = words(link, "text") or href
    return Resource(iri=names.web("resource", href), labels=(literal(label, _LANG),), url=url)


def _resource(resource: Tree, at: Context, uuid: str) -> Resource:
    citation = node(resource, "citation")
    title = words(resource, "title") or words(citation, "text") or words(resource, "description") or uuid
    href = next((words(link, "href") for link in nodes(resource, "rlinks")), "")
    url: Iri | None = None
    if href.startswith(("http://", "https://")):
        try:
            url = iri(href)
        except ValueError:
            url = None
    return Resource(
        iri=names.part(at.document, "resource", names.slug(uuid)),
        labels=(literal(title, _LANG),),
        url=url,
        part_of=at.document,
    )


def _prose(control: Tree, wanted: set[str], at: Context) -> tuple[Literal, ...] | None:
    """Return the text of a control's statement or guidance, parameters shown by their labels."""
    if at.framework.identifiers_only:
        return None
    params = {words(each, "id"): _parameter(each) for each in nodes(control, "params")}
    lines = [
        line
        for part in nodes(control, "parts")
        if words(part, "name") in wanted
        for line in _lines(part, params)
    ]
    return (literal("\n".join(lines), _LANG),) if lines else None


def _parameter(param: Tree) -> str:
    select = param.get("select")
    if isinstance(select, dict):
        return "Selection: " + "; ".join(str(choice) for choice in items(select, "choice"))
    return "Assignment: " + (words(param, "label") or "organization-defined value")


def _lines(part: Tree, params: dict[str, str], depth: int = 0) -> Iterator[str]:
    def shown(match: re.Match[str]) -> str:
        return f"[{params.get(match[1] or match[2], 'Assignment')}]"

    prose = words(part, "prose")
    for _ in range(3):  # a selection's choices may hold parameters of their own
        prose = _INSERT.sub(shown, prose)
    prose = re.sub(r"\s+", " ", _LEFTOVER.sub(" ", prose)).strip()
    mark = prop(part, "label")
    mark = f"{mark} " if mark and not mark.endswith("_smt") else ""
    if prose:
        yield f"{'  ' * max(depth - 1, 0)}{mark}{prose}"
    for inner in nodes(part, "parts"):
        yield from _lines(inner, params, depth + 1)


SELECTION_LINKS = {"source-profile", "resolution-source"}


def is_selection(catalog: Tree) -> bool:
    """Whether a catalog is a resolved profile: it selects from another one and defines nothing."""
    metadata = node(catalog, "metadata")
    return bool(prop(metadata, "resolution-tool")) or any(
        words(link, "rel") in SELECTION_LINKS for link in nodes(metadata, "links")
    )
