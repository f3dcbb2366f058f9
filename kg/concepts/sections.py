"""Placeholder of the owner of this module."""

from __future__ import annotations

from kg.concepts.registry import Registry


class Sections:
    """To be written."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
