"""What a graph says about one thing, as statements: for whoever follows its IRI."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.queries import Table
from kg.queries.asked import Select
from kg.queries.table import Value
from kg.queries.texts import filled, listed

# Of what there may be thousands, so many are shown; the queries ask for one more.
CLAIMS, INCOMING = 200, 500


@dataclass(frozen=True, slots=True)
class About:
    """Statements about a thing as sorted N-Quads lines, none where there are none.

    They are its own, those of the claims about it with their evidence, those that lead to it, and if it is a
    named graph all that this says. `cut` names what there is more of: `claims`, `incoming`.
    """

    lines: bytes
    cut: tuple[str, ...] = ()


def of(select: Select, thing: str) -> About:
    """Return what is said about a thing; ValueError where `thing` is no IRI."""
    this = listed([thing])
    said = _lines(select(filled("about", "statements", things=this)))
    claims = [str(claim) for claim in select(filled("about", "claims", things=this)).column("claim")]
    incoming = _lines(select(filled("about", "incoming", things=this)))
    evidence = _lines(select(filled("about", "evidence", things=listed(claims[:CLAIMS])))) if claims else []
    content = _lines(select(filled("about", "content", things=this)))
    cut = (("claims", len(claims) > CLAIMS), ("incoming", len(incoming) > INCOMING))
    lines = {*said, *evidence, *incoming[:INCOMING], *content}
    return About("".join(sorted(lines)).encode(), tuple(name for name, is_cut in cut if is_cut))


def _lines(quads: Table) -> list[str]:
    return [_line(row) for row in quads.rows]


def _line(terms: Iterable[Value]) -> str:
    return f"{' '.join(_written(term) for term in terms if term is not None)} .\n"


def _written(value: Value) -> str:
    return f"<<( {value} )>>" if isinstance(value, ox.Triple) else str(value)
