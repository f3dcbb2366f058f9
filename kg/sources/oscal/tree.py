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
_JSON_ROOT = re.compile(rb'^\s*\{\s*"(' + "|".join(ROOTS).encode() + rb')"\s*:\s*\{')
_YAML_ROOT = re.compile(rb"^(?:---\s*\n|#[^\n]*\n|\s*\n)*(" + "|".join(ROOTS).encode() + rb"):\s*\n")
_XML_ROOT = re.compile(rb"<(" + "|".join(ROOTS).encode() + rb")\b[^>]*csrc\.nist\.gov/ns/oscal", re.DOTALL)

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
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    for pattern in (_JSON_ROOT, _YAML_ROOT, _XML_ROOT):
        match = pattern.search(head)
        if match:
            return match[1].decode()
    return ""


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
            whole = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe loader
    except (ValueError, RecursionError, yaml.YAMLError, ET.ParseError) as error:
        line = getattr(error, "lineno", 0) or getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise SourceError(f"not well-formed: {error}", code="not-well-formed", line=line) from error
    tree = whole.get(root) if isinstance(whole, dict) else None
    if not isinstance(tree, dict):
        raise SourceError(f"no object under {root!r}", code="not-oscal")
    return tree


def items(tree: Tree, name: str) -> list[Any]:
    """Return the members of an array of a tree, empty where it is missing or no array."""
    found = tree.get(name)
    return found if isinstance(found, list) else []


def words(tree: Tree, name: str) -> str:
    """Return a member of a tree as text, empty where it is missing."""
    found = tree.get(name)
    return "" if found is None else str(found)


def prop(tree: Tree, name: str, *, css: str | None = None) -> str:
    """Return the value of a property by its name, of the class asked for (None: any), else an empty string."""
    for each in items(tree, "props"):
        if each.get("name") == name and (css is None or each.get("class", "") == css):
            return str(each.get("value", ""))
    return ""


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _node(element: ET.Element) -> dict[str, Any]:
    """Return an element as the JSON object it stands for."""
    tag = _tag(element)
    node: dict[str, Any] = dict(element.attrib)
    prose: list[str] = []
    for child in element:
        name = _tag(child)
        if name in _BLOCKS:
            prose.append(_block(child))
            continue
        arrays = _ARRAYS | _MAP_ARRAYS if tag == "map" else _ARRAYS
        value: Any = _value(child, name)
        if tag == "select" and name == "choice":
            node.setdefault("choice", []).append(value)
        elif name in arrays and not (tag == "prop" and name == "value"):
            node.setdefault(arrays[name], []).append(value)
        else:
            node[name] = value
    if prose:
        node["prose" if tag in _PROSE else "text"] = "\n\n".join(prose)
    for flag in ("as-is",):
        if isinstance(node.get(flag), str):
            node[flag] = node[flag].strip() == "true"
    if tag == "matching" and "pattern" not in node and element.text:
        node["pattern"] = element.text.strip()
    return node


def _value(element: ET.Element, name: str) -> Any:
    """Return an element as text where it holds only text or markup, else as an object."""
    inner = [_tag(child) for child in element]
    if name in _LINES or (not inner and not element.attrib):
        if any(child in _BLOCKS for child in inner):
            return "\n\n".join(_block(child) for child in element)
        return _inline(element)
    node = _node(element)
    if set(node) == {"text"}:
        return node["text"]
    return node


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
