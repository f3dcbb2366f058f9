"""What is read first of any published graph, kept beside it: its lists of controls, and the names of its things.

To read a thousand controls or names from the index of a graph takes thousands of readings all over the disk; here
they stand together. What is kept is what the graph answers, written once, when the index is made; what is not kept,
the graph is asked for.
"""

from __future__ import annotations

import sqlite3

from kg.control_lists import Asked
from kg.kept import controls, names
from kg.kept.controls import Controls
from kg.kept.file import File, written
from kg.kept.names import Names
from kg.publication import Version
from kg.queries.asked import Select

__all__ = ["Controls", "File", "Names", "beside", "write"]
# The number is that of the forms in which things are kept: what has other forms has another name.
_NAME = "kept-1.sqlite"


def write(version: Version, select: Select) -> None:
    """Write what is kept beside a published graph, as `select` answers it: all of it or nothing.

    Nothing is said where it cannot be written, on a full disk say: the graph is asked then.
    """
    try:
        with written(version.folder / _NAME) as file:
            controls.write(file, Asked(select))
            names.write(file, select)
    except (OSError, sqlite3.Error):
        return


def beside(version: Version) -> File | None:
    """Return what is kept beside a published graph, None where nothing is."""
    place = version.folder / _NAME
    return File(place) if place.is_file() else None
