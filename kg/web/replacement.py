"""Serving a new graph when one is published, without a restart."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from kg import publication
from kg.errors import KgError
from kg.web.pool import Pool

_log = logging.getLogger("kg.web")
# Seconds between looks at where `current` leads.
_INTERVAL = 0.5


def located(place: Path) -> Path:
    """Return the folder of the version a place leads to now; a file, or one version's folder, is itself.

    A file is not watched: nobody can tell a half-written one from a whole one.
    """
    if place.is_dir() and not (place / publication.LINES).is_file():
        return publication.current(place).folder.resolve()
    return place.resolve()


async def watch(pool: Pool, place: Path, served: Path) -> None:
    """Let the pool serve each version that is published at a place, for ever.

    One that is damaged is refused, and the former stays; it is tried again when its files change.
    """
    refused: object = None
    while True:
        await asyncio.sleep(_INTERVAL)
        found, state = _seen(place)
        if found == served or state == refused:
            continue
        try:
            facts = await pool.serve(found or located(place))
        except (KgError, OSError) as error:
            pool.note_refusal()
            _log.error("the new graph is refused, the former is still served: %s", error)
            refused = state
        else:
            served, refused = found or served, None
            _log.warning("now serving %s, %s statements", facts.graph[:12], f"{facts.statements:,}")


def _seen(place: Path) -> tuple[Path | None, object]:
    """Return the version at a place now, and what tells it from another state; no version, and why not."""
    try:
        found = located(place)
        lines = found / publication.LINES if found.is_dir() else found
        return found, (found, lines.stat().st_mtime_ns)
    except (KgError, OSError) as error:
        return None, str(error)
