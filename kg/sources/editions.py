"""The edition that a framework's controls are in, told in the graph where no registry tells it."""

from __future__ import annotations

from kg import names
from kg.concepts import Concepts
from kg.concepts.controls import Framework
from kg.records import EditionNode, Record, StandardNode
from kg.terms import Iri, bare, literal, term

_UNVERSIONED = "unversioned"


def edition_of(framework: Framework, version: str, concepts: Concepts) -> tuple[Iri, tuple[Record, ...]]:
    """Return the edition of a framework, and what must be said of it because the registry does not.

    A framework that is known as a work only, such as one with a new release every year, gets the edition that
    the file's version tells.
    """
    registry = concepts.registry
    if registry.has_type(framework.edition, "ckg:Edition"):
        return framework.edition, ()
    if registry.knows(framework.edition):
        key = names.slug(version) or _UNVERSIONED
        edition = names.standard(f"{bare(framework.edition).rpartition('/')[2]}-{key}")
        if registry.has_type(edition, "ckg:Edition"):
            return edition, ()
        return edition, (_node(edition, framework.label, version, framework.edition),)
    work = concepts.standards.standard_of(framework.edition)
    if work == framework.edition:
        work = framework.work or names.standard(f"{framework.key}-{_UNVERSIONED}")
    told = _node(framework.edition, framework.label, version, work)
    if registry.knows(work):
        return framework.edition, (told,)
    name = StandardNode(iri=work, labels=(literal(framework.label, "en"),), status=term("ckg:Candidate"))
    return framework.edition, (told, name)


def _node(edition: Iri, label: str, version: str, work: Iri) -> EditionNode:
    name = label if not version or version in label else f"{label} {version}"
    return EditionNode(
        iri=edition,
        labels=(literal(name, "en"),),
        version=literal(version) if version else None,
        version_of=work,
    )
