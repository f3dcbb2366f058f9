"""Bringing public sources from where they are published: pinned, verified, resumable.

Beside what asks servers and publishes to them (`kg/transport.py`), no part of the program touches the network; this
does so only when asked.
"""

from __future__ import annotations

import csv
import hashlib
import http
import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kg import files
from kg.errors import KgError, NotFoundError

_CHUNK = 1 << 16
_TIMEOUT = 60
_TRIES = 3
_SCHEMES = {"http", "https"}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Upstream:
    """A file as it is published: where, and what it must be. `size` is in bytes, `licence` an SPDX identifier."""

    name: str
    path: str
    url: str
    sha256: str
    size: int
    licence: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one file: `state` is `present`, `fetched`, `missing` (offline) or `refused`, with the reason."""

    upstream: Upstream
    state: str
    reason: str = ""


def manifest() -> tuple[Upstream, ...]:
    """Return the sources this version knows, in the order of their paths."""
    with (files.ontology() / "upstream.tsv").open(encoding="utf-8", newline="") as table:
        return tuple(
            Upstream(row["name"], row["path"], row["url"], row["sha256"], int(row["bytes"]), row["licence"])
            for row in csv.DictReader(table, delimiter="\t")
        )


def chosen(wanted: tuple[str, ...], known: tuple[Upstream, ...]) -> tuple[Upstream, ...]:
    """Return the files of the named sources, all of them where no name is given."""
    names = {each.name for each in known}
    for name in wanted:
        if name not in names and not any(each.path == name for each in known):
            raise NotFoundError(f"no source is called {name!r}", tuple(sorted(names)))
    return tuple(each for each in known if not wanted or each.name in wanted or each.path in wanted)


def fetch(
    wanted: tuple[Upstream, ...],
    target: Path,
    *,
    mirror: str = "",
    offline: bool = False,
    progress: Progress | None = None,
) -> Iterator[Fetched]:
    """Yield what becomes of each file; a file whose hash differs from the manifest is refused and not kept.

    Files already in `target` with the right hash are left alone. `mirror` is a folder, or the address of a
    server, that holds the files under their paths. With `offline` nothing is asked of any network.
    """
    for upstream in wanted:
        place = target / upstream.path
        if place.is_file() and _hash(place) == upstream.sha256:
            yield Fetched(upstream, "present")
        elif offline and not Path(mirror or os.devnull).is_dir():
            yield Fetched(upstream, "missing", "not in the cache, and --offline forbids to fetch it")
        else:
            yield _bring(upstream, place, mirror, progress)


def _bring(upstream: Upstream, place: Path, mirror: str, progress: Progress | None) -> Fetched:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    try:
        if mirror and Path(mirror).is_dir():
            shutil.copyfile(Path(mirror) / upstream.path, part)
        else:
            _download(
                f"{mirror.rstrip('/')}/{upstream.path}" if mirror else upstream.url, part, upstream, progress
            )
    except FileNotFoundError:
        return Fetched(upstream, "refused", f"the mirror does not hold {upstream.path}")
    except (OSError, http.client.HTTPException) as error:
        return Fetched(upstream, "refused", f"could not be fetched: {error}")
    found = _hash(part)
    if found != upstream.sha256:
        part.unlink()
        return Fetched(
            upstream, "refused", f"the hash is {found[:12]}…, the manifest says {upstream.sha256[:12]}…"
        )
    part.replace(place)
    return Fetched(upstream, "fetched")


def _download(url: str, part: Path, upstream: Upstream, progress: Progress | None) -> None:
    """Write what an address serves into a file, going on where an earlier try stopped."""
    if urlsplit(url).scheme not in _SCHEMES:
        raise KgError(f"{url}: only http and https are fetched")
    for attempt in range(_TRIES):
        have = part.stat().st_size if part.exists() else 0
        if have > upstream.size:
            part.unlink()
            have = 0
        if have == upstream.size:
            return
        request = urllib.request.Request(url, headers={"User-Agent": "compliance-kg"})  # noqa: S310 - scheme checked
        if have:
            request.add_header("Range", f"bytes={have}-")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - scheme checked
                resumed = have and answer.status == http.HTTPStatus.PARTIAL_CONTENT
                _pour(answer, part, upstream, have if resumed else 0, progress)
        except urllib.error.HTTPError:
            raise
        except (OSError, http.client.HTTPException):
            if attempt == _TRIES - 1:
                raise
            continue
        if part.stat().st_size >= upstream.size:
            return


def _pour(
    answer: http.client.HTTPResponse, part: Path, upstream: Upstream, have: int, progress: Progress | None
) -> None:
    with part.open("ab" if have else "wb") as out:
        while chunk := answer.read(_CHUNK):
            out.write(chunk)
            have += len(chunk)
            if have > upstream.size:
                break  # more than the manifest says: the hash will tell
            if progress:
                progress(upstream.path, have, upstream.size)
        out.flush()
        os.fsync(out.fileno())


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
