"""The catalogs and profiles among the inputs, found by path, by file name or by what they call themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from kg import names
from kg.concepts import Concepts
from kg.concepts.controls import Framework
from kg.errors import SourceError
from kg.sources import Input
from kg.sources.oscal import profile as profiles
from kg.sources.oscal.tree import Tree, kind, node, read, words

_LARGEST = 64 * 1024 * 1024
_HEAD = 1 << 16
_METADATA = re.compile(rb'"metadata"\s*:\s*(?=\{)')
_READABLE = (".json", ".xml", ".yaml", ".yml")
_FILE_ENDING = re.compile(r"\.(json|xml|ya?ml|csv|tsv)$", re.IGNORECASE)


def state_of(file: Path) -> tuple[int, int]:
    """Return what changes when a file does: its time and size, so that what was read of it can be kept."""
    try:
        known = file.stat()
    except OSError:
        return 0, 0
    return known.st_mtime_ns, known.st_size


def framework(title: str, version: str, path: str, concepts: Concepts) -> Framework:
    """Return the framework that a catalog defines: the one its title or file name is known for, or its own."""
    known = concepts.controls.framework(title, PurePosixPath(path).stem)
    return known or concepts.controls.unknown(title, version)


def called(item: Input, concepts: Concepts, *how: str) -> Framework | None:
    """Return the framework of the one catalog beside a file that goes by one of some names, None if none does."""
    wanted = [slug for slug in (names.slug(_last(name)) for name in how) if slug]
    found: dict[str, Framework] = {}
    for path, file in _oscal_files(item.neighbours):
        if _kind_at(file, state_of(file)) != "catalog" or path == item.path:
            continue
        title, version = _title_at(file, state_of(file))
        own = names.slug(title)
        known_as = {own, f"{own}-{names.slug(version)}", names.slug(PurePosixPath(path).stem)} - {""}
        if any(_same(one, other) for one in wanted for other in known_as):
            defined = framework(title, version, path, concepts)
            found[defined.key] = defined
    return next(iter(found.values())) if len(found) == 1 else None


def _last(name: str) -> str:
    """Return the last part of a path, address or URN, without the ending of a file."""
    bare = _FILE_ENDING.sub("", name.strip().rstrip("/#"))
    return re.split(r"[/:#](?=[^\s])", bare)[-1]


def _same(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


def finder(item: Input) -> profiles.Find:
    """Return how a profile's imports are found: by path, then by file name, nearest first, then by its beginning."""
    by_name: dict[str, list[str]] = {}
    for path in sorted(item.neighbours):
        by_name.setdefault(PurePosixPath(path).name.lower(), []).append(path)

    def find(wanted: profiles.Import, importer: str) -> profiles.Imported | None:
        here = PurePosixPath(importer).parent
        paths = [_joined(here, href) for href in wanted.hrefs]
        for href in wanted.hrefs:
            named = [each for each in by_name.get(PurePosixPath(href).name.lower(), ()) if each != importer]
            paths += sorted(named, key=lambda path: -_shared(path, importer))
        for path in paths:
            found = _load(path, item.neighbours[path]) if path in item.neighbours else None
            if found:
                return found
        stems = {PurePosixPath(href).stem.lower() for href in wanted.hrefs} - {""}
        for path, file in _oscal_files(item.neighbours):
            # A minified copy goes by the same name with an ending of its own.
            if path != importer and PurePosixPath(path).stem.lower().startswith(tuple(stems)):
                return _load(path, file)
        return None

    return find


def _shared(path: str, other: str) -> int:
    """Return how many folders two paths have in common."""
    pairs = zip(PurePosixPath(path).parent.parts, PurePosixPath(other).parent.parts, strict=False)
    return next(
        (n for n, (one, two) in enumerate(pairs) if one != two), min(path.count("/"), other.count("/"))
    )


def _joined(folder: PurePosixPath, href: str) -> str:
    """Return the path that a relative reference leads to, empty where it leaves the inputs."""
    if "://" in href:
        return ""
    parts: list[str] = list(folder.parts)
    for part in PurePosixPath(href).parts:
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _oscal_files(neighbours: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for path in sorted(neighbours):
        if path.lower().endswith(_READABLE) and _kind_at(neighbours[path], state_of(neighbours[path])) in {
            "catalog",
            "profile",
        }:
            yield path, neighbours[path]


@lru_cache(maxsize=8192)
def _kind_at(file: Path, _state: tuple[int, int]) -> str:
    try:
        with file.open("rb") as stream:
            return kind(stream.read(4096))
    except OSError:
        return ""


@lru_cache(maxsize=64)
def _title_at(file: Path, state: tuple[int, int]) -> tuple[str, str]:
    """Return the title and the version in a catalog's metadata."""
    try:
        with file.open("rb") as stream:
            metadata = _first_metadata(stream.read(_HEAD)) or node(_tree_at(file, state)[1], "metadata")
    except (OSError, SourceError):
        return "", ""
    return words(metadata, "title"), words(metadata, "version")


def _first_metadata(head: bytes) -> dict[str, Any]:
    """Return the metadata at the beginning of a file in JSON, empty where it is not there as a whole."""
    match = _METADATA.search(head)
    if not match:
        return {}
    try:
        found = json.JSONDecoder().raw_decode(head[match.end() :].decode("utf-8", "ignore"))[0]
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=8)
def _tree_at(file: Path, _state: tuple[int, int]) -> tuple[str, Tree]:
    data = file.read_bytes()
    return kind(data), read(data)


def _load(path: str, file: Path) -> profiles.Imported | None:
    try:
        if file.stat().st_size > _LARGEST:
            return None
        root, tree = _tree_at(file, state_of(file))
    except (OSError, SourceError):
        return None
    return profiles.Imported(path, root, tree) if root in {"catalog", "profile"} else None
