"""Chains of control mappings over all sources together: what follows, and where sources contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg import crosswalk, names
from kg.crosswalk import Mapping
from kg.derivation.conclusions import Conclusions
from kg.records import MappingClaim, triples
from kg.sources import Extraction
from kg.terms import Iri, Literal, Triple, decimal, literal, term

# SKOS predicates of the set relations (contract: "Set relations between controls").
PREDICATES: dict[str, Iri] = {
    crosswalk.EQUAL: term("skos:exactMatch"),
    crosswalk.EQUIVALENT: term("skos:closeMatch"),
    crosswalk.SUBSET: term("skos:broadMatch"),
    crosswalk.SUPERSET: term("skos:narrowMatch"),
    crosswalk.INTERSECTS: term("skos:relatedMatch"),
    crosswalk.DISJOINT: term("skos:relatedMatch"),
}
_SOURCE, _TARGET = term("owl:annotatedSource"), term("owl:annotatedTarget")
_RELATION, _CONFIDENCE = term("ckg:setRelation"), term("sssom:confidence")
_LICENCE = term("dcterms:license")
_MAPPING = term("ckg:ControlMapping")
_CHAINING = term("semapv:MappingChaining")
_NEGATED = term("sssom:NegatedPredicate")
_CLASH = term("ckg:contradicts")
# Licences whose addresses say that no derivative may be made of what they cover.
_NO_DERIVATIVES = ("/by-nd/", "/by-nc-nd/")


@dataclass(frozen=True, slots=True)
class Stated:
    """The mappings with a set relation that one document states."""

    mappings: tuple[Mapping, ...]


class Crosswalks:
    """Mappings that follow from two or more stated ones, each with its steps."""

    def select(self, found: Extraction) -> Stated | None:
        """Return a document's mappings, None where it has none with a set relation."""
        if _RELATION not in {predicate for _, predicate, _ in found.triples}:
            return None
        said: dict[Iri, dict[str, str]] = {}
        shareable = True
        wanted = {_SOURCE, _TARGET, _RELATION, _CONFIDENCE}
        for subject, predicate, value in found.triples:
            if predicate in wanted:
                said.setdefault(subject, {})[predicate] = value
            elif predicate == _LICENCE and any(sign in value for sign in _NO_DERIVATIVES):
                shareable = False
        return Stated(
            tuple(
                Mapping(
                    Iri(of[_SOURCE]),
                    Iri(of[_TARGET]),
                    of[_RELATION].split('"')[1],
                    (claim,),
                    float(of[_CONFIDENCE].split('"')[1]) if _CONFIDENCE in of else None,
                    shareable,
                )
                for claim, of in sorted(said.items())
                if _RELATION in of
            )
        )

    def conclude(self, selected: Sequence[object]) -> Conclusions:
        """Return what follows, and which claims contradict each other."""
        stated = {each.steps: each for one in selected if isinstance(one, Stated) for each in one.mappings}
        found = crosswalk.derive(stated.values())
        free: list[Triple] = []
        restricted: list[Triple] = []
        for each in found.conclusions:
            (free if each.shareable else restricted).extend(triples(_claim(each)))
        for clash in found.contradictions:
            (free if clash.one.shareable and clash.other.shareable else restricted).extend(_clashes(clash))
        return Conclusions(tuple(free), tuple(restricted))


def _claim(mapping: Mapping) -> MappingClaim:
    graph = names.thing("graph", "derived" if mapping.shareable else "derived-restricted")
    negated = mapping.relation == crosswalk.DISJOINT
    return MappingClaim(
        iri=names.claim(graph, mapping.source, mapping.target, mapping.relation, *mapping.steps),
        types=(_MAPPING,),
        source=mapping.source,
        prop=PREDICATES[mapping.relation],
        target=mapping.target,
        derived_from=mapping.steps,
        set_relation=literal(mapping.relation),
        modifier=_NEGATED if negated else None,
        justification=_CHAINING,
        confidence=_share(mapping.confidence),
        stated=not negated,
    )


def _share(confidence: float | None) -> Literal | None:
    return None if confidence is None else decimal(confidence)


def _clashes(clash: crosswalk.Contradiction) -> Iterator[Triple]:
    """Yield that claims contradict one that finds nothing in common; those of a chain do so together.

    Where that one is derived as well, the same claims clash over the stated one it rests on.
    """
    if len(clash.other.steps) == 1:
        for one in clash.one.steps:
            yield one, _CLASH, clash.other.steps[0]
