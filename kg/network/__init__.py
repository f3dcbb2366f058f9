"""A graph as a network: for networkx, projected to things of one kind, and analysed."""

from kg.controls import Answers
from kg.network.analyses import ANALYSES, analyse
from kg.network.paths import best_evidence, between, passable, routes
from kg.network.projections import controls, resting, scope, standards
from kg.network.statements import labels, of

__all__ = [
    "ANALYSES",
    "Answers",
    "analyse",
    "best_evidence",
    "between",
    "controls",
    "labels",
    "of",
    "passable",
    "resting",
    "routes",
    "scope",
    "standards",
]  # fmt: skip
