"""The YAML between two `---` lines in front of a page: what it says, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import yaml

from kg.documents.model import Trouble

MAX_SIZE: Final = 65_536
"""Longest front matter, in characters, that is parsed."""

MAX_DEPTH: Final = 32
"""Deepest nesting of lists and mappings that is read."""

_REFUSALS: Final = {
    "alias": ("front-matter-alias", "YAML anchors and aliases are not read"),
    "depth": ("front-matter-depth", f"YAML nested deeper than {MAX_DEPTH} levels is not read"),
}
# What may be an alias or deep nesting, and deserves a look at the events before objects are made of them.
_SUSPECT = re.compile(r"[&*]|(?:[\[{][^\[{]*){32}|-[ \t]+-|[?][ \t]")
_FENCED = re.compile(r"\s*---[ \t]*\n(?P<yaml>.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?")
_NAME = re.compile(r"[A-Za-z][\w.-]{0,99}")
_TRUTHS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_OPENING = re.compile(r"\s*---[ \t]*\n(?=[A-Za-z][\w.]*:)")
_SIMPLE_LINE = re.compile(r"^([A-Za-z_][\w.-]*):[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands in front of a page: its values, where the page itself begins, and what was odd."""

    meta: Mapping[str, object]
    end: int
    troubles: tuple[Trouble, ...] = ()


def parse(text: str) -> FrontMatter:
    """Return the front matter of a page; a broken one is given as far as its plain lines can be read."""
    fenced = _FENCED.match(text)
    if fenced is None:
        if _OPENING.match(text):
            trouble = Trouble(1, "front-matter", "front matter is opened by `---` but never closed")
            return FrontMatter({}, 0, (trouble,))
        return FrontMatter({}, 0)
    source, end = fenced["yaml"], fenced.end()
    first_line = text.count("\n", 0, fenced.start("yaml")) + 1
    if len(source) > MAX_SIZE:
        message = f"front matter of {len(source)} characters is not read, the limit is {MAX_SIZE}"
        return FrontMatter({}, end, (Trouble(first_line, "front-matter-size", message),))
    plain = _plain(source)
    if plain:
        return FrontMatter(plain, end)
    try:
        refusal = _refusal(source) if _SUSPECT.search(source) else ""
        if refusal:
            code, message = _REFUSALS[refusal]
            return FrontMatter(_plain_lines(source), end, (Trouble(first_line, code, message),))
        value = _cleaned(yaml.load(source, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        trouble = Trouble(line, "front-matter", f"YAML cannot be read: {error.problem or error.context}")
        return FrontMatter(_plain_lines(source), end, (trouble,))
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, TypeError, AttributeError) as error:
        trouble = Trouble(first_line, "front-matter", f"YAML cannot be read: {type(error).__name__}")
        return FrontMatter(_plain_lines(source), end, (trouble,))
    if value is None:
        # Nothing but YAML comments is a heading between two thematic breaks.
        return FrontMatter({}, 0 if source.strip() else end)
    if not isinstance(value, dict):
        trouble = Trouble(first_line, "front-matter", "front matter is no list of names and values")
        # A page may begin with a thematic break: what follows it is text then.
        return FrontMatter({}, 0, (trouble,))
    return FrontMatter(value, end)


def _plain(source: str) -> dict[str, object] | None:
    """Return YAML that is all names with one line of text, a truth value or a list of texts; None if it is more.

    Most front matter is no more than that, and parsing it takes a tenth of the time in which a page is read.
    """
    meta: dict[str, object] = {}
    items: list[str] | None = None
    indent = 0
    for line in source.removesuffix("\n").split("\n"):
        bare = line.lstrip(" ")
        if bare[:2] == "- ":
            text = _one_text(bare[2:])
            if items is None or text is None or (items and len(line) - len(bare) != indent):
                return None
            indent = len(line) - len(bare)
            items.append(text)
            continue
        name, colon, value = line.partition(":")
        if not (colon and _NAME.fullmatch(name) and _one_text(name)) or value[:1] not in {"", " "}:
            return None
        value = value.strip(" ")
        items = None if value else []
        meta[name] = _TRUTHS.get(value, _one_text(value)) if value else items
        if meta[name] is None:
            return None
    return {name: None if value == [] else value for name, value in meta.items()}


@lru_cache(maxsize=1 << 12)  # pages of one site say mostly the same in front
def _one_text(scalar: str) -> str | None:
    """Return a scalar of one line as the text that it is; None where it might be anything else."""
    scalar = scalar.strip(" ")
    if not scalar.replace("\xa0", "").isprintable():
        return None
    if scalar[:1] in {'"', "'"}:
        text = scalar[1:-1]
        closed = len(scalar) > 1 and scalar[-1] == scalar[0] and scalar[0] not in text
        return text if closed and "\\" not in text else None
    if not scalar[:1].isalnum() or ": " in scalar or " #" in scalar or scalar[-1] == ":":
        return None
    known = yaml.CSafeLoader.yaml_implicit_resolvers.get(scalar[0], ())
    return None if any(pattern.match(scalar) for _, pattern in known) else scalar


def _refusal(source: str) -> str:
    """Return why YAML text is not parsed, empty where it may be."""
    depth = 0
    for event in yaml.parse(source, Loader=yaml.CSafeLoader):
        if getattr(event, "anchor", None) is not None:
            return "alias"
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                return "depth"
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return ""


def _plain_lines(source: str) -> dict[str, object]:
    """Return the `name: value` lines of YAML that cannot be parsed as a whole; the first of each name counts."""
    meta: dict[str, object] = {}
    for line in _SIMPLE_LINE.finditer(source):
        value = line[2]
        if value[0] in "&*|>{[#":
            continue
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        meta.setdefault(line[1], _clean(value))
    return meta


def _clean(text: str) -> str:
    """Return text without the characters no RDF literal should hold."""
    return text if text.isprintable() else _UNPRINTABLE.sub("", text)


def _cleaned(value: object, depth: int = 0) -> object:
    """Return a value of the front matter with clean text, at any depth; names become text."""
    if isinstance(value, str):
        return _clean(value)
    if depth > MAX_DEPTH:
        raise ValueError(depth)
    if isinstance(value, list):
        return [_cleaned(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {_clean(str(name)): _cleaned(each, depth + 1) for name, each in value.items()}
    return value


def language(meta: Mapping[str, object], has_pairs: bool, troubles: list[Trouble]) -> str:
    """Return the language tag a page states, in its usual spelling.

    A page that states none is in English (US), or, where a translation stands beside the English, in an
    undetermined language.
    """
    stated = meta.get("ms.contentlocale")
    unstated = "und" if has_pairs else "en-US"
    if stated is None:
        if has_pairs:
            troubles.append(
                Trouble(1, "locale", "the page does not say which language it is translated into")
            )
        return unstated
    match = _LOCALE.fullmatch(str(stated).strip())
    if match is None:
        troubles.append(Trouble(1, "locale", f"{stated!r} is no language tag"))
        return unstated
    language, script, region = match.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)
