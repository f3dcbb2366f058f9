"""OSCAL files in JSON, YAML or XML as one and the same tree, the JSON one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET

import yaml

from kg.errors import SourceError

Tree: TypeAlias = Mapping[str, Any]

ROOTS = ("catalog", "profile", "mapping-collection")
_NAMESPACE = "http://csrc.nist.gov/ns/oscal/1.0"
_HEAD = 4096
_MOST_NODES = 5_000_000
_NAMES = "|".join(ROOTS).encode()
_JSON_ROOT = re.compile(rb'^\{\s*(?:"\$schema"\s*:\s*"[^"]*"\s*,\s*)?"(' + _NAMES + rb')"\s*:\s*\{')
_YAML_ROOT = re.compile(rb"^(?:(?:---|#[^\n]*|%[^\n]*)?[ \t\r]*\n)*(" + _NAMES + rb"):[ \t\r]*\n")
_XML_ROOT = re.compile(rb"<(?:[\w.-]+:)?(" + _NAMES + rb")\s[^>]*csrc\.nist\.gov/ns/oscal")

# How the XML format groups the elements that the JSON format holds in arrays: OSCAL metaschema, "group-as".
_ARRAYS = {
    "param": "params", "prop": "props", "link": "links", "part": "parts", "control": "controls", "group": "groups",
    "import": "imports", "include-controls": "include-controls", "exclude-controls": "exclude-controls",
    "with-id": "with-ids", "matching": "matching", "set-parameter": "set-parameters", "alter": "alters",
    "add": "adds", "remove": "removes", "resource": "resources", "rlink": "rlinks", "guideline": "guidelines",
    "constraint": "constraints", "value": "values", "choice": "choice", "insert-controls": "insert-controls",
    "mapping": "mappings", "map": "maps", "role": "roles", "party": "parties", "revision": "revisions",
    "document-id": "document-ids", "responsible-party": "responsible-parties", "test": "tests",
}  # fmt: skip
_MAP_ARRAYS = {"source": "sources", "target": "targets", "qualifier": "qualifiers"}
_BLOCKS = {"p", "ul", "ol", "table", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"}
_LINES = {"title", "label", "value", "text", "description", "remarks", "choice", "with-id", "caption"}
_PROSE = {"part", "guideline"}
_MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "code": "`", "sub": "~", "sup": "^", "q": '"'}


def kind(data: bytes) -> str:
    """Return the OSCAL root of a file (`catalog`, `profile`, `mapping-collection`), or an empty string."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{"):
        match = _JSON_ROOT.match(head)
    elif head.startswith(b"<"):
        match = _XML_ROOT.search(head)
    else:
        match = _YAML_ROOT.match(head)
    return match[1].decode() if match else ""


def read(data: bytes) -> Tree:
    """Return what stands under the root of an OSCAL file.

    SourceError where the file is not well-formed, or declares entities of its own.
    """
    root = kind(data)
    stripped = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        if stripped.startswith(b"{"):
            whole = json.loads(stripped)
        elif stripped.startswith(b"<"):
            if b"<!DOCTYPE" in data[:_HEAD] or b"<!ENTITY" in data:
                raise SourceError("XML with a document type declaration is not read", code="unsafe-xml")
            return _node(ET.fromstring(data))  # noqa: S314 - no entities can be declared: see above
        else:
            whole = read_yaml(data)
    except (ValueError, LookupError, RecursionError, ET.ParseError) as error:
        line = getattr(error, "lineno", 0) or (getattr(error, "position", None) or (0, 0))[0]
        raise SourceError(f"not well-formed: {error}", code="not-well-formed", line=line) from error
    tree = whole.get(root) if isinstance(whole, dict) else None
    if not isinstance(tree, dict):
        raise SourceError(f"no object under {root!r}", code="not-oscal")
    return tree


def read_yaml(data: bytes | str) -> Any:
    """Return what a YAML text holds; SourceError where it is not well-formed, or grows out of proportion."""
    try:
        # Every value stays the text it is written as: `yes`, `1.10` and dates mean the same as in JSON.
        whole = yaml.load(data, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - makes no objects
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise SourceError(f"not well-formed YAML: {error}", code="not-well-formed", line=line) from error
    if _unfolded(whole, {}) > _MOST_NODES:
        raise SourceError("the aliases in the YAML repeat too much of it", code="too-large")
    return whole


def _unfolded(node: Any, sizes: dict[int, int]) -> int:
    """Return how many values there are once each YAML alias stands for a copy; one inside itself is endless."""
    if not isinstance(node, dict | list):
        return 1
    known = sizes.get(id(node))
    if known is None:
        sizes[id(node)] = _MOST_NODES + 1
        held = node.values() if isinstance(node, dict) else node
        try:
            known = sizes[id(node)] = 1 + sum(_unfolded(each, sizes) for each in held)
        except RecursionError as error:
            raise SourceError("nested too deeply", code="too-deep") from error
    return known


def items(tree: Any, name: str) -> list[Any]:
    """Return the members of an array of a tree, empty where it is missing or no array."""
    found = tree.get(name) if isinstance(tree, dict) else None
    return found if isinstance(found, list) else []


def nodes(tree: Any, name: str) -> list[dict[str, Any]]:
    """Return the objects in an array of a tree; what else it holds is no part of the format."""
    return [each for each in items(tree, name) if isinstance(each, dict)]


def node(tree: Any, name: str) -> dict[str, Any]:
    """Return a member of a tree that is an object, an empty one where it is missing or none."""
    found = tree.get(name) if isinstance(tree, dict) else None
    return found if isinstance(found, dict) else {}


def words(tree: Any, name: str) -> str:
    """Return a member of a tree as text, empty where it is missing or no text."""
    found = tree.get(name) if isinstance(tree, dict) else None
    return "" if found is None or isinstance(found, dict | list) else str(found)


def prop(tree: Any, name: str, *, css: str | None = None) -> str:
    """Return the value of a property by its name, of the class asked for (None: any), else an empty string."""
    for each in nodes(tree, "props"):
        if each.get("name") == name and (css is None or each.get("class", "") == css):
            return str(each.get("value", ""))
    return ""


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _node(element: ET.Element) -> dict[str, Any]:
    """Return an element as the JSON object it stands for."""
    tag = _tag(element)
    made: dict[str, Any] = dict(element.attrib)
    prose: list[str] = []
    for child in element:
        name = _tag(child)
        if name in _BLOCKS:
            prose.append(_block(child))
            continue
        arrays = _ARRAYS | _MAP_ARRAYS if tag == "map" else _ARRAYS
        value: Any = _value(child, name)
        if tag == "select" and name == "choice":
            _held(made, "choice").append(value)
        elif name in arrays and not (tag == "prop" and name == "value"):
            _held(made, arrays[name]).append(value)
        else:
            made[name] = value
    if prose:
        made["prose" if tag in _PROSE else "text"] = "\n\n".join(prose)
    if tag == "matching" and "pattern" not in made and element.text:
        made["pattern"] = element.text.strip()
    return made


def _held(made: dict[str, Any], name: str) -> list[Any]:
    """Return the array of an object that elements of one kind go into; an attribute of that name gives way."""
    held = made.get(name)
    if not isinstance(held, list):
        held = made[name] = []
    return held


def _value(element: ET.Element, name: str) -> Any:
    """Return an element as text where it holds only text or markup, else as an object."""
    inner = [_tag(child) for child in element]
    if name in _LINES or (not inner and not element.attrib):
        if any(child in _BLOCKS for child in inner):
            return "\n\n".join(_block(child) for child in element)
        return _inline(element)
    made = _node(element)
    return made["text"] if set(made) == {"text"} else made


def _inline(element: ET.Element) -> str:
    """Return the text of an element with its markup as OSCAL's Markdown."""
    parts = [element.text or ""]
    for child in element:
        name = _tag(child)
        if name == "insert":
            parts.append(f"{{{{ insert: {child.get('type', 'param')}, {child.get('id-ref', '')} }}}}")
        elif name == "a":
            parts.append(f"[{_inline(child)}]({child.get('href', '')})")
        elif name in _MARKS:
            parts.append(f"{_MARKS[name]}{_inline(child)}{_MARKS[name]}")
        else:
            parts.append(_inline(child))
        parts.append(child.tail or "")
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _block(element: ET.Element) -> str:
    """Return a block of markup as Markdown."""
    name = _tag(element)
    if name in {"ul", "ol"}:
        mark = "-" if name == "ul" else "1."
        return "\n".join(f"{mark} {_inline(each)}" for each in element)
    if name == "table":
        rows = [" | ".join(_inline(cell) for cell in row) for row in element.iter() if _tag(row) == "tr"]
        return "\n".join(rows)
    if name[0] == "h" and name[1:].isdigit():
        return f"{'#' * int(name[1:])} {_inline(element)}"
    return _inline(element)
