"""Which files a build reads: the paths given, as a sorted list, each file once, odd ones named.

A file's path is the one below the folder that was given, so that the same files give the same graph
wherever they lie. Symbolic links inside a folder are never followed: what they lead to in the folder is read
under its own name, and what lies outside was not given.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kg.errors import Issue, NotFoundError

# Larger than any catalog known, and small enough to be held in memory by each worker.
MAX_BYTES = 64 * 1024 * 1024
_NAMES = ""  # stands for the names of all files of a build


@dataclass(frozen=True, slots=True, order=True)
class File:
    """One file to read: its path below the folder that was given, and where it is on disk."""

    path: str
    location: Path


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of a build in the order of their paths, and what could not be taken as a file."""

    files: tuple[File, ...]
    issues: tuple[Issue, ...]

    def neighbours(self) -> Mapping[str, Path]:
        """Return the file on disk for each path; of several with one path, the one whose hash is lowest."""
        found: dict[str, Path] = {}
        for file in self.files:
            other = found.get(file.path)
            found[file.path] = file.location if other is None else min(other, file.location, key=_digest)
        return found


class Watched(Mapping[str, Path]):
    """The files of a build by path, which remembers what was asked of it."""

    def __init__(self, known: Mapping[str, Path]) -> None:
        self._known = known
        self._asked: set[str] = set()

    def __getitem__(self, path: str) -> Path:
        self._asked.add(path)
        return self._known[path]

    def __iter__(self) -> Iterator[str]:
        self._asked.add(_NAMES)
        return iter(self._known)

    def __len__(self) -> int:
        self._asked.add(_NAMES)
        return len(self._known)

    def depends(self) -> dict[str, str]:
        """Return the state of everything that was asked for."""
        return {path: state(path, self._known) for path in sorted(self._asked)}


def state(path: str, known: Mapping[str, Path]) -> str:
    """Return the hash of one of the files of a build, or of all their names, empty for a file that is not there."""
    if path == _NAMES:
        return _of_names(tuple(known))
    return _digest(known[path]) if path in known else ""


@lru_cache(maxsize=8)
def _of_names(names: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(sorted(names)).encode()).hexdigest()


def collect(paths: Iterable[str | Path]) -> Inputs:
    """Return the files that paths name, folders included; NotFoundError for a path that does not exist."""
    files: dict[Path, str] = {}
    issues: set[Issue] = set()
    for given in paths:
        place = Path(given)
        if not place.exists() and not place.is_symlink():
            raise NotFoundError(f"there is no file or folder {place}")
        for found in _below(place.resolve(), "", ()) if place.is_dir() else _alone(place):
            if isinstance(found, Issue):
                issues.add(found)
            else:
                # The same file through two folders: the outer one, whose path is the longer, names it.
                files[found.location] = max(files.get(found.location, ""), found.path, key=len)
    return Inputs(
        tuple(sorted(File(path, location) for location, path in files.items())), tuple(sorted(issues))
    )


def read(file: File, max_bytes: int = MAX_BYTES) -> bytes | Issue:
    """Return the bytes of a file, or why it cannot be read."""
    try:
        size = file.location.stat().st_size
        if size > max_bytes:
            return Issue(file.path, 0, "too-large", f"{size:,} bytes; the limit is {max_bytes:,}")
        return file.location.read_bytes()
    except OSError as error:
        return Issue(file.path, 0, "unreadable", error.strerror or str(error))


def _alone(place: Path) -> Iterator[File | Issue]:
    """Yield a file that was given by itself; a link so given is followed, since the user named it."""
    try:
        yield from _judged(place.resolve(strict=True), _name(place.name))
    except (OSError, RuntimeError):
        yield Issue(_name(place.name), 0, "broken-link", "the link leads nowhere")


def _below(folder: Path, path: str, above: tuple[tuple[int, int], ...]) -> Iterator[File | Issue]:
    """Yield the files in a folder; `above` are the folders it lies in, by device and inode."""
    try:
        state = folder.stat()
        here = (state.st_dev, state.st_ino)
        if here in above:
            yield Issue(path, 0, "directory-loop", "the folder lies within itself")
            return
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield Issue(path or folder.name, 0, "unreadable", error.strerror or str(error))
        return
    for entry in found:
        if entry.name.startswith("."):
            continue
        inner = f"{path}/{_name(entry.name)}" if path else _name(entry.name)
        if entry.is_symlink():
            yield from _link(Path(entry.path), inner)
        elif entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), inner, (*above, here))
        else:
            yield from _judged(Path(entry.path), inner)


def _link(place: Path, path: str) -> Iterator[Issue]:
    """Yield why a link is not read, unless what it leads to is read under its own name."""
    try:
        target = place.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        loops = isinstance(error, RuntimeError) or error.errno == errno.ELOOP
        yield _loop(path) if loops else Issue(path, 0, "broken-link", "the link leads nowhere")
        return
    depth = path.count("/") + 1
    root = place.parents[depth - 1].resolve()
    if target.is_dir() and place.parent.resolve().is_relative_to(target):
        yield _loop(path)
    elif not target.is_relative_to(root):
        yield Issue(path, 0, "link-outside", "the link leads out of the folder that was given")


def _loop(path: str) -> Issue:
    return Issue(path, 0, "directory-loop", "the link leads back to a folder it lies in")


def _judged(place: Path, path: str) -> Iterator[File | Issue]:
    """Yield a regular file, or that it is none (a pipe, a socket, a device)."""
    try:
        regular = stat.S_ISREG(place.stat().st_mode)
    except OSError as error:
        yield Issue(path, 0, "unreadable", error.strerror or str(error))
        return
    yield File(path, place) if regular else Issue(path, 0, "not-a-file", "a pipe, socket or device")


def _name(name: str) -> str:
    """Return a file name in one Unicode form; bytes that are no UTF-8 are written as escapes."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace"))


def _digest(place: Path) -> str:
    try:
        return hashlib.sha256(place.read_bytes()).hexdigest()
    except OSError:
        return "~"  # after every hash
