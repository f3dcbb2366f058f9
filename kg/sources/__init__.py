"""Meaning: each source module says which files it speaks for and turns one of them into triples.

The list of sources is a list. Files are recognised by content, never by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kg.concepts import Concepts
from kg.errors import Issue
from kg.nodes import Node
from kg.terms import Iri, Triple


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read: its path below the folder that was given, its bytes, and its neighbours.

    `neighbours` maps the path of every input of this build to the file on disk; a source may read those,
    and nothing else.
    """

    path: str
    data: bytes
    neighbours: Mapping[str, Path] = field(default_factory=dict, repr=False, compare=False)

    @property
    def sha256(self) -> str:
        """The hash of the bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a source made of one file: the graph's IRI, what it says, and what was not understood.

    What it says are triples, and nodes where there are so many that triples would take too long.
    `counts` are tallies for the report, such as `{"list items": 12, "claims": 14}`.
    """

    graph: Iri
    triples: tuple[Triple, ...]
    issues: tuple[Issue, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()


class Source(Protocol):
    """A kind of file the build understands."""

    name: str

    def accepts(self, item: Input) -> bool:
        """Whether the bytes are of this kind; cheap, and never raises."""

    def extract(self, item: Input, concepts: Concepts) -> Extraction:
        """Return what the file says; SourceError where it cannot be read as what it claims to be."""
