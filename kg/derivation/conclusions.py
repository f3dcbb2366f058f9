"""What a derivation is, and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kg.sources import Extraction
from kg.terms import Triple


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What was concluded; `restricted` rests on a source whose licence forbids derivatives."""

    triples: tuple[Triple, ...] = ()
    restricted: tuple[Triple, ...] = ()


class Derivation(Protocol):
    """One kind of conclusion."""

    def select(self, found: Extraction) -> object:
        """Return what this needs of one document, None for nothing; it must be picklable."""

    def conclude(self, selected: Sequence[object]) -> Conclusions:
        """Return what follows from what was selected of all documents, in any order, None left out."""
