"""Resolving OSCAL profiles: which controls a profile selects, and what it makes of them.

After the OSCAL profile resolution specification (import, merge, modify), for files at hand: an import is
looked for by path, then by file name, then by the framework it names, among the inputs of the build.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kg.sources.oscal.tree import Tree, items, node, nodes, words

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

    `selected` are the selected controls by id, each as its catalog gives it, without the controls nested in it;
    `changes` are the `modify` parts of the profiles on the way to a control, the first to be carried out first;
    `origins` name the catalog that each is from; `missing` are ids that the profile selects and no import holds; `unfound` are imports that are not at hand,
    `cycles` those that lead back to where they came from; `not_placed` are ids that the profile selects and leaves
    out of the arrangement it makes itself (`merge`, `custom`).
    """

    selected: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: dict[str, tuple[Tree, ...]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unfound: list[Import] = field(default_factory=list)
    cycles: list[str] = field(default_factory=list)
    not_placed: list[str] = field(default_factory=list)
    catalogs: list[Imported] = field(default_factory=list)

    def control(self, control_id: str) -> dict[str, Any]:
        """Return a selected control as the profiles' parameters and alters leave it."""
        control: dict[str, Any] = _copied(self.selected[control_id])
        for modify in self.changes.get(control_id, ()):
            _modify(control, modify)
        return control


# Given an import and the name of the file that imports it, returns the file imported, if it is at hand.
Find = Callable[[Import, str], Imported | None]


def imports(profile: Tree) -> list[tuple[Tree, Import]]:
    """Return the imports of a profile, each with the names its file may go by."""
    resources = {words(each, "uuid"): each for each in nodes(profile.get("back-matter"), "resources")}
    found: list[tuple[Tree, Import]] = []
    for each in nodes(profile, "imports"):
        href = words(each, "href")
        if href.startswith("#"):
            resource = resources.get(href[1:], {})
            links = tuple(words(link, "href") for link in nodes(resource, "rlinks"))
            title = " ".join(
                filter(None, (words(resource, "title") or words(resource, "description"), _version(resource)))
            )
            found.append((each, Import(links or (href,), title)))
        else:
            found.append((each, Import((href,), "")))
    return found


def _version(resource: Tree) -> str:
    return next((words(p, "value") for p in nodes(resource, "props") if p.get("name") == "version"), "")


def resolve(profile: Tree, find: Find, *came_from: str) -> Resolved:
    """Return what a profile selects and changes; what cannot be found is listed, never guessed.

    `came_from` are the names of the profile and of those that import it, its own last.
    """
    result = Resolved()
    for each, wanted in imports(profile):
        source = find(wanted, came_from[-1])
        if source is None:
            result.unfound.append(wanted)
            for control_id in _listed(each):
                result.selected.setdefault(control_id, {"id": control_id})
            continue
        if source.name in came_from or len(came_from) > _MAX_DEPTH:
            result.cycles.append(source.name)
            continue
        if source.root == "profile":
            inner = resolve(source.tree, find, *came_from, source.name)
            result.unfound += inner.unfound
            result.cycles += inner.cycles
            result.catalogs += inner.catalogs
        else:
            pool, parents = flatten(source.tree)
            inner = Resolved(pool, {}, parents, dict.fromkeys(pool, source.name))
            result.catalogs.append(source)
        chosen = _chosen(each, inner.selected, inner.parents)
        result.missing += [one for one in _listed(each) if one not in inner.selected]
        for control_id, control in inner.selected.items():
            if control_id in chosen and control_id not in result.selected:
                result.selected[control_id] = control
                result.changes[control_id] = inner.changes.get(control_id, ())
                if control_id in inner.origins:
                    result.origins[control_id] = inner.origins[control_id]
                if control_id in inner.parents:
                    result.parents[control_id] = inner.parents[control_id]
    _arrange(result, node(node(profile, "merge"), "custom"))
    modify = node(profile, "modify")
    if modify:
        result.changes = {one: (*result.changes.get(one, ()), modify) for one in result.selected}
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


def walk(tree: Tree, parent: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every control of a catalog, group or control with the id of the control it is nested in."""
    for group in nodes(tree, "groups"):
        yield from walk(group)
    for control in nodes(tree, "controls"):
        yield control, parent
        yield from walk(control, words(control, "id"))


def _listed(selection: Tree) -> list[str]:
    return [str(one) for part in nodes(selection, "include-controls") for one in items(part, "with-ids")]


def _chosen(selection: Tree, pool: dict[str, dict[str, Any]], parents: dict[str, str]) -> set[str]:
    """Return the ids that an import includes and does not exclude."""
    included: set[str] = set()
    parts = nodes(selection, "include-controls")
    if "include-all" in selection or not parts:
        included.update(pool)
    for part in parts:
        included |= _called(part, pool, parents)
    for part in nodes(selection, "exclude-controls"):
        included -= _called(part, pool, parents)
    return included


def _arrange(result: Resolved, custom: Tree) -> None:
    """Leave out what a custom arrangement, if the profile makes one, inserts nowhere."""
    insertions = [insertion for group in _groups(custom) for insertion in nodes(group, "insert-controls")]
    if not insertions:
        return
    placed = {one for each in insertions for one in _chosen(each, result.selected, result.parents)}
    result.not_placed += [one for one in result.selected if one not in placed]
    result.selected = {one: control for one, control in result.selected.items() if one in placed}


def _groups(custom: Tree) -> Iterator[Tree]:
    yield custom
    for group in nodes(custom, "groups"):
        yield from _groups(group)


def _called(part: Tree, pool: dict[str, dict[str, Any]], parents: dict[str, str]) -> set[str]:
    called = {str(one) for one in items(part, "with-ids")}
    for matching in nodes(part, "matching"):
        pattern = words(matching, "pattern")
        called |= {one for one in pool if fnmatch.fnmatchcase(one, pattern)}
    if part.get("with-child-controls") == "yes":
        grown = True
        while grown:
            children = {one for one, parent in parents.items() if parent in called} - called
            called |= children
            grown = bool(children)
    return called


def _copied(value: Any) -> Any:
    """Return a copy of a tree's value that shares nothing with it that could change."""
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _modify(control: dict[str, Any], modify: Tree) -> None:
    """Carry out a profile's set-parameters and alters on one control, in place."""
    settings = {words(each, "param-id"): each for each in nodes(modify, "set-parameters")}
    for param in nodes(control, "params"):
        setting = settings.get(words(param, "id"))
        if setting:
            _set(param, setting)
    for alter in nodes(modify, "alters"):
        if words(alter, "control-id") == words(control, "id"):
            for removal in nodes(alter, "removes"):
                _remove(control, removal)
            for addition in nodes(alter, "adds"):
                _add(control, addition)


def _set(param: dict[str, Any], setting: Tree) -> None:
    for name in ("class", "depends-on", "label", "usage", "values", "select"):
        if name in setting:
            param[name] = setting[name]
    for name in ("props", "links", "constraints", "guidelines"):
        if name in setting:
            param[name] = [*items(param, name), *items(setting, name)]


def _places(whole: dict[str, Any]) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Yield every part and parameter below a control with the list that holds it."""
    for name in ("params", "parts"):
        held = items(whole, name)
        for each in nodes(whole, name):
            yield held, each
            yield from _places(each)


def _remove(control: dict[str, Any], removal: Tree) -> None:
    """Take out what a `remove` describes: all that it says must fit."""
    by_id = removal.get("by-id")
    for held, each in list(_places(control)):
        if by_id and each.get("id") == by_id and each in held:
            held.remove(each)
    by_name = removal.get("by-name")
    if not by_name:
        return
    for place in [control, *(each for _, each in _places(control))]:
        for name in ("props", "parts", "params", "links"):
            if name in place:
                place[name] = [each for each in nodes(place, name) if not _fits(each, removal)]


def _fits(each: Tree, removal: Tree) -> bool:
    return each.get("name") == removal.get("by-name") and removal.get("by-class") in (None, each.get("class"))


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
        holder[at:at] = _copied(items(addition, "parts"))
        return
    if "title" in addition:
        target["title"] = addition["title"]
    for name in ("params", "props", "links", "parts"):
        new = _copied(items(addition, name))
        if new:
            old = items(target, name)
            target[name] = [*new, *old] if position in {"starting", "before"} else [*old, *new]
