"""What the former build made of each file, taken over where nothing has changed that it depends on.

What a file adds to the graph depends on its bytes and path, on the neighbours its source looked at, and on the
code and the ontology. Where all are the same, its lines are taken from the former graph, and the file is not
read again: the graph has the same bytes either way.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, is_dataclass, replace
from functools import cache
from importlib.metadata import version
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from kg import files, publication
from kg.errors import Issue, KgError
from kg.inputs import File, read, state
from kg.lines import Share, block
from kg.publication import Version
from kg.reading import Outcome, Task

PARTS = "parts.bin"
_ENGINES = ("pyoxigraph", "pyromark", "pyyaml", "shacl")
_PLAIN = {"frozenset": frozenset, "set": set}


@dataclass(frozen=True, slots=True)
class Former:
    """A former build of the same code and ontology; `parts` are what became of its files, by path and hash.

    The lines that stand in the former graph as one block are left out of the parts, and only counted.
    """

    version: Version
    parts: Mapping[tuple[str, str], tuple[Outcome, int]]
    lines: mmap

    def outcomes(self, given: Iterable[File], task: Task) -> dict[File, Outcome]:
        """Return what became of those files that need not be read again."""
        found: dict[File, Outcome] = {}
        for file in given:
            data = read(file, task.max_bytes)
            if not isinstance(data, Issue):
                outcome = self._outcome(file.path, hashlib.sha256(data).hexdigest(), task.neighbours)
                if outcome:
                    found[file] = outcome
        return found

    def _outcome(self, path: str, sha256: str, known: Mapping[str, Path]) -> Outcome | None:
        outcome, length = self.parts.get((path, sha256), (None, 0))
        if outcome is None or any(state(each, known) != was for each, was in outcome.depends.items()):
            return None
        if outcome.share and length:
            own = block(self.lines, outcome.share.graph, length)
            return replace(outcome, share=replace(outcome.share, own=own))
        return outcome


def former(out: Path, task: Task) -> Former | None:
    """Return what can be taken over from the graph in a folder; None where there is nothing, or not for sure."""
    try:
        found = publication.current(out)
        data = (found.folder / PARTS).read_bytes()
        mark = _mark(task)
        if not data.startswith(mark):
            return None
        found.verify()
        with found.lines.open("rb") as source:
            lines = mmap(source.fileno(), 0, access=ACCESS_READ)
        return Former(found, _Unpickler(io.BytesIO(data[len(mark) :])).load(), lines)
    except (KgError, OSError, ValueError, EOFError, pickle.UnpicklingError):
        return None


def parts(outcomes: Iterable[Outcome], shares: Iterable[Share], task: Task) -> bytes:
    """Return what the next build may take over, as the bytes of a file beside the graph's lines."""
    placed = {share.graph: share for share in shares}
    kept: dict[tuple[str, str], tuple[Outcome, int]] = {}
    for outcome in outcomes:
        share = outcome.share
        if share is None:
            kept[outcome.path, outcome.sha256] = outcome, 0
        elif (
            placed[share.graph] is share
        ):  # else several files make up the graph, and its lines are not this one's
            bare = replace(outcome, share=replace(share, own=b""))
            kept[outcome.path, outcome.sha256] = bare, len(share.own)
    return _mark(task) + pickle.dumps(kept, protocol=5)


class _Unpickler(pickle.Unpickler):
    """Reads our own frozen dataclasses and plain values, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "builtins" and name in _PLAIN:
            return _PLAIN[name]
        if module.startswith("kg."):
            found = super().find_class(module, name)
            if isinstance(found, type) and is_dataclass(found):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place here")


def _mark(task: Task) -> bytes:
    """Return the hash of all that what is read depends on besides the files given."""
    digest = hashlib.sha256(_code())
    for folder in (task.ontology, files.shapes()):
        for path in sorted(path for path in folder.rglob("*") if path.suffix in {".ttl", ".trig"}):
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    digest.update(f"{task.base}\0{task.max_bytes}".encode())
    return digest.digest()


@cache
def _code() -> bytes:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(f"{path.name}\0".encode())
        digest.update(path.read_bytes())
    digest.update(" ".join(version(name) for name in _ENGINES).encode())
    return digest.digest()
