"""What of a graph goes into files of mappings for other tools, each format a module."""

from __future__ import annotations

from kg.formats import oscal, sssom
from kg.formats.correspondences import Correspondence, Correspondences, every, of

__all__ = ["Correspondence", "Correspondences", "every", "of", "text"]


def text(mappings: Correspondences, form: str) -> str:
    """Return the mappings as SSSOM TSV (`sssom`) or as an OSCAL mapping-collection in JSON (`oscal`)."""
    return sssom.text(mappings) if form == "sssom" else oscal.text(mappings)
