"""Resolving OSCAL profiles: which controls a profile selects, and what it makes of them.

After the OSCAL profile resolution specification (import, merge, modify), for files at hand: an import is
looked for by path, then by file name, then by the framework it names, among the inputs of the build.
"""

from __future__ import annotations

import copy
import fnmatch
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kg.sources.oscal.tree import Tree, items, words

_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Import:
    """A file that a profile imports: the names under which it may be found, first choice first."""

    hrefs: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported file as found: a name that tells it apart, its root and its tree."""

    name: str
    root: str
    tree: Tree


@dataclass(slots=True)
class Resolved:
    """What a profile comes to.

    `controls` are the selected controls by id, each as an OSCAL object without the controls nested in it,
    as the profile's alters and parameters leave them; `missing` are ids that it selects and no import holds;
    `unfound` are imports that are not at hand, `cycles` those that lead back to where they came from.
    """

    controls: dict[str, dict[str, Any]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unfound: list[Import] = field(default_factory=list)
    cycles: list[str] = field(default_factory=list)
    catalogs: list[Imported] = field(default_factory=list)


Find = Callable[[Import], Imported | None]


def imports(profile: Tree) -> list[tuple[Tree, Import]]:
    """Return the imports of a profile, each with the names its file may go by."""
    resources = {words(each, "uuid"): each for each in items(profile.get("back-matter") or {}, "resources")}
    found = []
    for each in items(profile, "imports"):
        href = words(each, "href")
        if href.startswith("#"):
            resource = resources.get(href[1:], {})
            links = tuple(words(link, "href") for link in items(resource, "rlinks"))
            title = " ".join(
                filter(None, (words(resource, "title") or words(resource, "description"), _version(resource)))
            )
            found.append((each, Import(links or (href,), title)))
        else:
            found.append((each, Import((href,), "")))
    return found


def _version(resource: Tree) -> str:
    return next((words(p, "value") for p in items(resource, "props") if p.get("name") == "version"), "")


def resolve(profile: Tree, find: Find, *, came_from: tuple[str, ...] = ()) -> Resolved:
    """Return what a profile selects and changes; what cannot be found is listed, never guessed."""
    result = Resolved()
    for each, wanted in imports(profile):
        source = find(wanted)
        if source is None:
            result.unfound.append(wanted)
            for control_id in _listed(each):
                result.controls.setdefault(control_id, {"id": control_id})
            continue
        if source.name in came_from or len(came_from) > _MAX_DEPTH:
            result.cycles.append(source.name)
            continue
        if source.root == "profile":
            inner = resolve(source.tree, find, came_from=(*came_from, source.name))
            pool, parents = inner.controls, inner.parents
            result.unfound += inner.unfound
            result.cycles += inner.cycles
            result.catalogs += inner.catalogs
        else:
            pool, parents = flatten(source.tree)
            result.catalogs.append(source)
        chosen = _chosen(each, pool, parents)
        result.missing += [one for one in _listed(each) if one not in pool]
        for control_id in pool:
            if control_id in chosen:
                result.controls.setdefault(control_id, copy.deepcopy(pool[control_id]))
                if control_id in parents:
                    result.parents[control_id] = parents[control_id]
    _modify(result.controls, profile.get("modify") or {})
    return result


def flatten(catalog: Tree) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Return the controls of a catalog by id in document order, without nested ones, and each one's parent."""
    controls: dict[str, dict[str, Any]] = {}
    parents: dict[str, str] = {}
    for control, parent in walk(catalog):
        control_id = words(control, "id")
        if control_id and control_id not in controls:
            controls[control_id] = {key: value for key, value in control.items() if key != "controls"}
            if parent:
                parents[control_id] = parent
    return controls, parents


def walk(tree: Tree, parent: str = "") -> Iterator[tuple[Tree, str]]:
    """Yield every control of a catalog, group or control with the id of the control it is nested in."""
    for group in items(tree, "groups"):
        yield from walk(group)
    for control in items(tree, "controls"):
        yield control, parent
        yield from walk(control, words(control, "id"))


def _listed(selection: Tree) -> list[str]:
    return [str(one) for part in items(selection, "include-controls") for one in items(part, "with-ids")]


def _chosen(selection: Tree, pool: dict[str, dict[str, Any]], parents: dict[str, str]) -> set[str]:
    """Return the ids that an import includes and does not exclude."""
    included: set[str] = set()
    parts = items(selection, "include-controls")
    if "include-all" in selection or not parts:
        included.update(pool)
    for part in parts:
        included |= _called(part, pool, parents)
    for part in items(selection, "exclude-controls"):
        included -= _called(part, pool, parents)
    return included


def _called(part: Tree, pool: dict[str, dict[str, Any]], parents: dict[str, str]) -> set[str]:
    called = {str(one) for one in items(part, "with-ids")}
    for matching in items(part, "matching"):
        pattern = words(matching, "pattern")
        called |= {one for one in pool if fnmatch.fnmatchcase(one, pattern)}
    if part.get("with-child-controls") == "yes":
        grown = True
        while grown:
            children = {one for one, parent in parents.items() if parent in called} - called
            called |= children
            grown = bool(children)
    return called


def _modify(controls: dict[str, dict[str, Any]], modify: Tree) -> None:
    """Carry out a profile's set-parameters and alters on the controls it selected, in place."""
    settings = {words(each, "param-id"): each for each in items(modify, "set-parameters")}
    if settings:
        for control in controls.values():
            for param in items(control, "params"):
                setting = settings.get(words(param, "id"))
                if setting:
                    _set(param, setting)
    for alter in items(modify, "alters"):
        altered = controls.get(words(alter, "control-id"))
        if altered is None:
            continue
        for removal in items(alter, "removes"):
            _remove(altered, removal)
        for addition in items(alter, "adds"):
            _add(altered, addition)


def _set(param: dict[str, Any], setting: Tree) -> None:
    for name in ("class", "depends-on", "label", "usage", "values", "select"):
        if name in setting:
            param[name] = setting[name]
    for name in ("props", "links", "constraints", "guidelines"):
        if name in setting:
            param[name] = [*items(param, name), *items(setting, name)]


def _places(node: dict[str, Any]) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Yield every part and parameter below a control with the list that holds it."""
    for name in ("params", "parts"):
        held = items(node, name)
        for each in list(held):
            yield held, each
            yield from _places(each)


def _remove(control: dict[str, Any], removal: Tree) -> None:
    by_id = removal.get("by-id")
    if by_id:
        for held, each in list(_places(control)):
            if each.get("id") == by_id and each in held:
                held.remove(each)
    by_name = removal.get("by-name")
    if by_name:
        for node in [control, *(each for _, each in _places(control))]:
            for name in ("props", "parts", "params", "links"):
                if name in node:
                    node[name] = [
                        each
                        for each in items(node, name)
                        if not (
                            each.get("name") == by_name
                            and removal.get("by-class") in (None, each.get("class"))
                        )
                    ]


def _add(control: dict[str, Any], addition: Tree) -> None:
    """Add what an `add` holds: in the control, or in, before or after the part it names."""
    position = words(addition, "position") or "ending"
    target: dict[str, Any] = control
    holder: list[Any] | None = None
    by_id = addition.get("by-id")
    if by_id and by_id != control.get("id"):
        for held, each in _places(control):
            if each.get("id") == by_id:
                target, holder = each, held
                break
    if position in {"before", "after"} and holder is not None:
        at = next(i for i, each in enumerate(holder) if each is target) + (position == "after")
        holder[at:at] = copy.deepcopy(items(addition, "parts"))
        return
    if "title" in addition:
        target["title"] = addition["title"]
    for name in ("params", "props", "links", "parts"):
        new = copy.deepcopy(items(addition, name))
        if new:
            old = items(target, name)
            target[name] = [*new, *old] if position in {"starting", "before"} else [*old, *new]
