"""The catalogs and profiles among the inputs, found by path, by file name or by what they call themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from kg import names
from kg.concepts import Concepts
from kg.concepts.controls import Framework
from kg.errors import SourceError
from kg.sources import Input
from kg.sources.oscal import profile as profiles
from kg.sources.oscal.tree import Tree, kind, node, read, words

_LARGEST = 64 * 1024 * 1024
_READABLE = (".json", ".xml", ".yaml", ".yml")
_FILE_ENDING = re.compile(r"\.(json|xml|ya?ml|csv|tsv)$", re.IGNORECASE)


def framework(title: str, version: str, path: str, concepts: Concepts) -> Framework:
    """Return the framework that a catalog defines: the one its title or file name is known for, or its own."""
    known = concepts.controls.framework(title, PurePosixPath(path).stem)
    return known or concepts.controls.unknown(title, version)


def called(item: Input, concepts: Concepts, *how: str) -> Framework | None:
    """Return the framework of the one catalog beside a file that goes by one of some names, None if none does."""
    wanted = [slug for slug in (names.slug(_last(name)) for name in how) if slug]
    found: dict[str, Framework] = {}
    for path, file in _oscal_files(item.neighbours):
        if _kind_of(file) != "catalog" or path == item.path:
            continue
        title, version = _title_of(file)
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
        if path.lower().endswith(_READABLE) and _kind_of(neighbours[path]) in {"catalog", "profile"}:
            yield path, neighbours[path]


@lru_cache(maxsize=8192)
def _kind_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return kind(stream.read(4096))
    except OSError:
        return ""


@lru_cache(maxsize=64)
def _title_of(file: Path) -> tuple[str, str]:
    """Return the title and the version in a catalog's metadata."""
    try:
        metadata = node(_tree_of(file)[1], "metadata")
    except (OSError, SourceError):
        return "", ""
    return words(metadata, "title"), words(metadata, "version")


@lru_cache(maxsize=8)
def _tree_of(file: Path) -> tuple[str, Tree]:
    data = file.read_bytes()
    return kind(data), read(data)


def _load(path: str, file: Path) -> profiles.Imported | None:
    try:
        if file.stat().st_size > _LARGEST:
            return None
        root, tree = _tree_of(file)
    except (OSError, SourceError):
        return None
    return profiles.Imported(path, root, tree) if root in {"catalog", "profile"} else None
