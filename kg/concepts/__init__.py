"""Names and wordings the registries know: the knowledge in ontology/ as lookups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.concepts.artifacts import ArtifactKinds
from kg.concepts.controls import Controls
from kg.concepts.cues import Cues
from kg.concepts.dates import Dates
from kg.concepts.phrases import Phrases
from kg.concepts.publications import Publications
from kg.concepts.registry import Registry
from kg.concepts.sections import Sections
from kg.concepts.services import Services
from kg.concepts.standards import Standards
from kg.concepts.titles import Titles


@dataclass(frozen=True, slots=True)
class Concepts:
    """The registries, one lookup for each kind of name or wording."""

    registry: Registry
    standards: Standards
    controls: Controls
    publications: Publications
    services: Services
    artifacts: ArtifactKinds
    dates: Dates
    sections: Sections
    titles: Titles
    phrases: Phrases
    cues: Cues


@cache
def load(folder: Path) -> Concepts:
    """Return the lookups over all registries in a folder; VocabularyError where they contradict themselves."""
    registry = Registry(folder)
    standards = Standards(registry)
    return Concepts(
        registry=registry,
        standards=standards,
        controls=Controls(registry, standards),
        publications=Publications(registry, standards, folder),
        services=Services(registry),
        artifacts=ArtifactKinds(registry),
        dates=Dates(registry),
        sections=Sections(registry),
        titles=Titles(registry),
        phrases=Phrases(registry),
        cues=Cues(registry),
    )
