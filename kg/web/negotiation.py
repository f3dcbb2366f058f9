"""Which media type an answer has: what the client would rather have among what there is (RFC 9110, 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_PART = re.compile(
    r'\s*([\w!#$%&\'*+.^`|~-]+|\*)/([\w!#$%&\'*+.^`|~-]+|\*)\s*((?:;[^,"]*(?:"[^"]*")?[^,"]*)*)\s*'
)
_QUALITY = re.compile(r";\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)

# Media types of SELECT and ASK, the first being what those get who do not mind; each with the format behind it.
TABLES = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
# Media types of CONSTRUCT and DESCRIBE.
TRIPLES = {
    "text/turtle": "ttl",
    "application/trig": "trig",
    "application/n-triples": "nt",
    "application/n-quads": "nq",
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
    "text/n3": "ttl",
    "text/plain": "nt",
    "application/rdf+xml": "rdf",
}
# What people and clients write as `format=`, beside media types: the type of a table, and that of triples.
FORMATS = {
    "json": ("application/sparql-results+json", "application/ld+json"),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "csv": ("text/csv", ""),
    "tsv": ("text/tab-separated-values", ""),
    "ttl": ("", "text/turtle"),
    "turtle": ("", "text/turtle"),
    "trig": ("", "application/trig"),
    "nt": ("", "application/n-triples"),
    "nq": ("", "application/n-quads"),
    "jsonld": ("", "application/ld+json"),
    "json-ld": ("", "application/ld+json"),
    "n3": ("", "text/n3"),
    "rdf": ("", "application/rdf+xml"),
    "rdf+xml": ("", "application/rdf+xml"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The media types an answer gets, by what it is; empty where the client takes none there is."""

    table: str
    triples: str


@lru_cache(maxsize=256)
def chosen(accept: str | None, given: str = "") -> Choice | None:
    """Return what a client gets by its Accept header and its `format=`, which goes first; None for no format.

    >>> chosen("text/csv", "json")
    Choice(table='application/sparql-results+json', triples='application/ld+json')
    >>> chosen("text/csv", "ttl")
    Choice(table='text/csv', triples='text/turtle')
    """
    table, triples = best(accept, tuple(TABLES)), best(accept, tuple(TRIPLES))
    if given:
        if "/" in given:
            said = (best(given, tuple(TABLES)), best(given, tuple(TRIPLES)))
        elif given in FORMATS:
            said = FORMATS[given]
        else:
            return None
        table, triples = said[0] or table, said[1] or triples
    return Choice(table, triples)


@lru_cache(maxsize=256)
def best(accept: str | None, offered: Sequence[str]) -> str:
    """Return the media type a client likes best, empty if it takes none; among equals the first offered.

    >>> best("text/html, text/*;q=0.5, */*;q=0.1", ("application/json", "text/csv"))
    'text/csv'
    >>> best("application/json;q=0, */*", ("application/json", "text/csv"))
    'text/csv'
    >>> best(None, ("application/json", "text/csv"))
    'application/json'
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = _ranges(accept)
    found, most = "", 0.0
    for each in offered:
        quality = _quality(each, ranges)
        if quality > most:
            found, most = each, quality
    return found


def _ranges(accept: str) -> dict[tuple[str, str], float]:
    """Return the qualities of media ranges; a part that is no media range is passed over."""
    found: dict[tuple[str, str], float] = {}
    position = 0
    while position < len(accept):
        match = _PART.match(accept, position)
        if match and (match.end() == len(accept) or accept[match.end()] == ","):
            quality = _QUALITY.search(match[3])
            found[match[1].lower(), match[2].lower()] = float(quality[1]) if quality else 1.0
            position = match.end() + 1
        else:
            position = accept.find(",", position) + 1 or len(accept)
    return found


def _quality(media_type: str, ranges: dict[tuple[str, str], float]) -> float:
    """Return how much a media type is wanted: the most specific range that it is in says so."""
    main, _, sub = media_type.partition("/")
    for each in ((main, sub), (main, "*"), ("*", "*")):
        if each in ranges:
            return min(ranges[each], 1.0)
    return 0.0


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether a client takes a compressed answer.

    >>> takes_gzip("deflate, gzip;q=1.0"), takes_gzip("gzip;q=0, *"), takes_gzip("*"), takes_gzip("")
    (True, False, True, False)
    """
    qualities = {}
    for part in accept_encoding.lower().split(","):
        coding, _, rest = part.partition(";")
        match = _QUALITY.search(f";{rest}")
        qualities[coding.strip()] = float(match[1]) if match else 1.0
    return qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0))) > 0
