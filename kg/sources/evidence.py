"""Claims that a file states more than once: one claim, all places as its evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from kg.records import Claim
from kg.terms import Iri

Stated = TypeVar("Stated", bound=Claim)


def also_at(claim: Stated, segment: Iri) -> Stated:
    """Return a claim with one more segment as its evidence."""
    evidence = claim.evidence or ()
    return claim if segment in evidence else replace(claim, evidence=(*evidence, segment))
