"""What a store is told about the graphs published in it: a small named graph beside them.

It says of each graph how much it holds and its hash, empty while it is being written; and of the whole, which
version it is and whether it is all there. So whoever publishes next knows what to do, whatever happened before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kg.endpoint import Endpoint
from kg.queries.texts import filled, text
from kg.terms import PUBLICATION, bare, boolean, integer, iri, literal, term

_ENTRY = f"{bare(PUBLICATION)}/"
# A graph that no server holds: to find out whether one takes changes, it is made and removed.
PROBE = iri(f"{_ENTRY}probe")
_NAME, _TRIPLES, _SHA256 = term("sd:name"), term("void:triples"), term("ckg:graphSha256")
_COMPLETE, _VERSION, _UNION = term("ckg:isComplete"), term("ckg:graphSha256"), term("ckg:keepsUnion")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one named graph: how many statements, and the hash of its sorted N-Quads lines.

    No hash: it was being written when that was last heard of.
    """

    graph: str
    triples: int
    sha256: str

    def lines(self) -> list[bytes]:
        """Return the entry as N-Triples lines."""
        name = iri(_ENTRY + hashlib.sha256(self.graph.encode()).hexdigest()[:32])
        said = ((_NAME, iri(self.graph)), (_TRIPLES, integer(self.triples)), (_SHA256, literal(self.sha256)))
        return [f"{name} {prop} {value} .\n".encode() for prop, value in said]


@dataclass(frozen=True, slots=True)
class Record:
    """What a store says of itself as a whole: which version of a graph it holds, and whether all of it.

    `united` tells that whoever publishes keeps the union of the named graphs in the store's default graph.
    """

    version: str
    complete: bool
    united: bool

    def lines(self) -> list[bytes]:
        """Return the record as N-Triples lines."""
        said = (
            (_COMPLETE, boolean(self.complete)),
            (_VERSION, literal(self.version)),
            (_UNION, boolean(self.united)),
        )
        return [f"{PUBLICATION} {prop} {value} .\n".encode() for prop, value in said]


def read(endpoint: Endpoint) -> Record | None:
    """Return the record of a store, None where it has none."""
    rows = endpoint.rows(text("stores", "publication"))
    if not rows:
        return None
    complete, united = all(rows.column("complete")), all(rows.column("union"))
    return Record(str(rows.column("version")[0]), complete, united)


def entries(endpoint: Endpoint) -> dict[str, Entry]:
    """Return what a store's record says of each named graph."""
    found: dict[str, Entry] = {}
    last = ""
    while page := endpoint.rows(filled("stores", "entries", last=literal(last))):
        for row in page:
            last = str(row["graph"])
            found[last] = Entry(last, int(str(row["triples"])), str(row["sha256"]))
    return found
