"""What follows from several documents together: conclusions only, in graphs of their own.

A derivation selects from each document what it needs, where the document is read, and concludes once all are
read. What it concludes depends on what was selected, never on the order of the documents.
"""

from __future__ import annotations

from kg.derivation.conclusions import Conclusions, Derivation
from kg.derivation.crosswalks import Crosswalks
from kg.derivation.translations import Translations

__all__ = ["DERIVATIONS", "Conclusions", "Derivation"]

DERIVATIONS: tuple[Derivation, ...] = (Translations(), Crosswalks())
