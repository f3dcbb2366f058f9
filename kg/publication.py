"""A graph on disk: published whole or not at all, named by the hash of its lines.

    GRAPH/
      LOCK                 held by the one builder
      building-<id>/       private to it; removed at the next start
      <sha256>/            graph.nq (sorted) · manifest.json · report.json
                           and what readers make of these for themselves: index-*, kept-*, shareable
      current -> <sha256>  switched by one rename

A reader sees the former graph or the new one, never half of either, whenever the builder dies.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from kg.errors import KgError, NotFoundError

KEPT = 3
LINES, MANIFEST, REPORT = "graph.nq", "manifest.json", "report.json"
_CURRENT, _LOCK, _DRAFT = "current", "LOCK", "building-"
_HASH = re.compile(r"[0-9a-f]{64}")


class BusyError(KgError):
    """Another builder holds the lock."""


class DamagedError(KgError):
    """A published file is not what its name says it is."""


@dataclass(frozen=True)
class Version:
    """One published graph; its manifest is read once."""

    folder: Path

    @property
    def sha256(self) -> str:
        """The hash of the graph's lines, which is its name."""
        return self.folder.name

    @property
    def lines(self) -> Path:
        """The file of sorted N-Quads."""
        return self.folder / LINES

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What the build was: counts, versions, time."""
        return _json(self.folder / MANIFEST)

    @property
    def report(self) -> Mapping[str, Any]:
        """What the build did not understand, and what the shapes found."""
        return _json(self.folder / REPORT)

    def verify(self) -> None:
        """Raise DamagedError if the lines do not have the hash they are named by."""
        try:
            found = _digest(self.lines)
        except OSError as error:
            raise DamagedError(f"{self.lines} cannot be read: {error.strerror}", _REBUILD) from error
        if found != self.sha256:
            raise DamagedError(f"{self.lines} is damaged: its hash is {found[:12]}…", _REBUILD)


_REBUILD = "build the graph again, or point `current` to another version beside it"


def current(folder: Path) -> Version:
    """Return the graph published in a folder; NotFoundError if there is none."""
    place = folder / _CURRENT
    if not place.is_symlink():
        raise NotFoundError(f"there is no graph in {folder}; make one with `kg build PATH… -o {folder}`")
    target = folder / place.readlink()
    if not (target / LINES).is_file():
        raise DamagedError(f"{place} leads to no graph", _REBUILD)
    return Version(target)


def versions(folder: Path) -> tuple[Version, ...]:
    """Return all graphs published in a folder, the newest first."""
    found = [each for each in folder.iterdir() if _HASH.fullmatch(each.name) and each.is_dir()]
    return tuple(
        Version(each) for each in sorted(found, key=lambda each: each.stat().st_mtime_ns, reverse=True)
    )


def part(version: Version, name: str, lines: Iterable[bytes]) -> Version | None:
    """Return a part of a version, published inside its folder under a name when it is first asked for.

    It has the manifest and report of the whole. None where it cannot be written, or somebody else is writing it.
    """
    folder = version.folder / name
    if (folder / _CURRENT).is_symlink():
        return current(folder)
    try:
        with draft(folder) as fresh:
            fresh.write(lines)
            return fresh.publish(version.manifest, version.report)
    except (KgError, OSError):
        return None


@contextmanager
def draft(folder: Path) -> Iterator[Draft]:
    """Hold the lock of a folder and give a draft to write into; BusyError if another builder holds it.

    The draft goes at the end, published or not, and so does what a killed builder left.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise KgError(
            f"{folder} is a file; a graph is built into a folder", "`kg export` writes files"
        ) from error
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 200).decode(errors="replace").strip()
            raise BusyError(f"{folder} is being built by {holder or 'another process'}") from None
        os.ftruncate(lock, 0)
        os.write(lock, f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode())
        _clear(folder)
        place = folder / f"{_DRAFT}{uuid.uuid4().hex[:12]}"
        place.mkdir()
        try:
            yield Draft(folder, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)
    finally:
        os.close(lock)


class Draft:
    """A graph being built: `write` its lines, then `publish` it."""

    def __init__(self, folder: Path, place: Path) -> None:
        self._folder = folder
        self._place = place
        self._sha256 = ""

    @property
    def lines(self) -> Path:
        """The file of sorted N-Quads, once written."""
        return self._place / LINES

    def write(self, pieces: Iterable[bytes]) -> str:
        """Write the lines, read them back, and return their hash.

        Each piece is compared with what the file holds as soon as it is written, which takes a fraction of hashing
        the file again.
        """
        digest = hashlib.sha256()
        place = 0
        with self.lines.open("x+b", buffering=0) as target:
            for piece in pieces:
                digest.update(piece)
                _write_all(target.fileno(), piece)
                if os.pread(target.fileno(), len(piece), place) != piece:
                    raise DamagedError(
                        f"{self.lines} cannot be read back as it was written", "check the disk"
                    )
                place += len(piece)
            os.fsync(target.fileno())
        self._sha256 = digest.hexdigest()
        return self._sha256

    def publish(
        self,
        manifest: Mapping[str, Any],
        report: Mapping[str, Any],
        beside: Mapping[str, bytes] | None = None,
        verified: Version | None = None,
    ) -> Version:
        """Make the draft the current graph, with other files `beside` its lines.

        A graph that is equal and there already gets the new report and files only; it is `verified` here unless that
        was done already.
        """
        small = {REPORT: _text(report), **(beside or {})}
        version = Version(self._folder / self._sha256)
        if self._is_whole(version, verified):
            for name, data in small.items():
                _replace(version.folder / name, data)
        else:
            for name, data in {MANIFEST: _text(manifest), **small}.items():
                _put(self._place / name, data)
            if version.folder.exists():
                shutil.rmtree(version.folder)
            _sync(self._place)
            self._place.rename(version.folder)
            _sync(self._folder)
        self._switch(version)
        for old in versions(self._folder)[KEPT:]:
            if old != version:
                shutil.rmtree(old.folder, ignore_errors=True)
        return version

    def _is_whole(self, version: Version, verified: Version | None) -> bool:
        """Whether a version is there already, undamaged."""
        if not (version.folder / MANIFEST).is_file():
            return False
        try:
            if version != verified:
                version.verify()
        except DamagedError:
            return False
        return True

    def _switch(self, version: Version) -> None:
        """Let `current` lead to a version, in one step."""
        place, fresh = self._folder / _CURRENT, self._folder / f"{_CURRENT}.tmp"
        if place.is_symlink() and place.readlink().name == version.sha256:
            return
        fresh.symlink_to(version.sha256)
        fresh.replace(place)
        os.utime(version.folder)
        _sync(self._folder)


def digest(lines: bytes) -> str:
    """Return the name that a graph of these lines is published under."""
    return hashlib.sha256(lines).hexdigest()


def _clear(folder: Path) -> None:
    """Remove what a killed builder left."""
    for each in folder.glob(f"{_DRAFT}*"):
        shutil.rmtree(each, ignore_errors=True)
    (folder / f"{_CURRENT}.tmp").unlink(missing_ok=True)


def _digest(place: Path) -> str:
    with place.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _write_all(target: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]


def _text(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _put(place: Path, data: bytes) -> None:
    with place.open("xb", buffering=0) as target:
        _write_all(target.fileno(), data)
        os.fsync(target.fileno())


def _replace(place: Path, data: bytes) -> None:
    """Let a file have other content, in one step."""
    fresh = place.with_suffix(".tmp")
    fresh.unlink(missing_ok=True)
    _put(fresh, data)
    fresh.replace(place)
    _sync(place.parent)


def _sync(folder: Path) -> None:
    """Let the names in a folder reach the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _json(place: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(place.read_bytes())
    except (OSError, ValueError) as error:
        raise DamagedError(f"{place} cannot be read", _REBUILD) from error
    if not isinstance(found, dict):
        raise DamagedError(f"{place} does not hold what it should", _REBUILD)
    return found
