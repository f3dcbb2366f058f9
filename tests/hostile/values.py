"""Values made to break out of a query, and honest ones among them: the same for the same seed."""

from __future__ import annotations

import random

import pyoxigraph as ox

_WORDS = (
    "MARS-E", "Azure", "ISO/IEC 27001:2013", "certification", "合规性", "التوافق", "שלום", "e\u0301", "ﬁ", "İstanbul", "ẞ",
    "SELECT", "UNION", "SERVICE", "LOAD", "UNDEF", "VALUES", "FILTER", "true", "NULL", "a", "1", "-0", "1e400",
)  # fmt: skip
_SIGNS = (
    '"', "'", '"""', "'''", "\\", '\\"', "\\\\", "{", "}", "(", ")", "<", ">", "<<(", ")>>", "|", "^", "`", "#", "?", "$",
    ";", ".", ",", "@", "@en", "^^", "_:b", "%20", "\n", "\r", "\r\n", "\t", "\x00", "\x0b", "\x1b[31m", "\x7f", "\x85",
    "\u2028", "\u202e", "\u200f", "\ufeff", "\ufffe", "\U0001f512", "\U0010ffff", "\ud800", "\udc00", " ", "",
    "\\u0022", "\\U00000022", "\\u007d", "\\u005c", "\\u0022 } #", "\\t", "\\x22", "&quot;", "${x}", "%s", "{0}",
)  # fmt: skip
_ATTEMPTS = (
    '" } ?secret ?p ?o #', '" } } SELECT * { ?s ?p ?o } #', '"} UNION { ?s ?p ?o . BIND("', "> } ?s ?p ?o #",
    "<http://x> } SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } #", '") } ; DROP ALL #', '\\" } ?s ?p ?o #',
    "\\u0022 } ?s ?p ?o #", "'''} ?s ?p ?o #", 'x"@en "y', 'x"^^<http://x>', "UNDEF", "?s", "UNDEF } #", "\n} ?s ?p ?o #\n",
)  # fmt: skip
_IRI_PARTS = ("a", "é", "合", "%20", "%22", "'", "(", ")", "*", "!", "$", "&", "+", ",", ";", "=", "~", "/", "?", "#", "..", ":", "@")  # fmt: skip


def text(chance: random.Random) -> str:
    """A text of words, signs that mean something to SPARQL, and whole attempts."""
    if chance.random() < 0.25:
        return chance.choice(_ATTEMPTS)
    if chance.random() < 0.2:
        return "".join(
            chr(chance.choice((chance.randrange(0x20, 0x7F), chance.randrange(0x110000)))) for _ in range(8)
        )
    return "".join(chance.choice((*_WORDS, *_SIGNS, *_SIGNS)) for _ in range(chance.randint(1, 6)))


def iri(chance: random.Random) -> str:
    """An IRI of odd characters, some that no IRI may have."""
    tail = "".join(
        chance.choice((*_IRI_PARTS, *_IRI_PARTS, chance.choice(_SIGNS))) for _ in range(chance.randint(0, 6))
    )
    return (
        chance.choice(("https://example.org/", "urn:x:", "mailto:a", "std:", "<https://example.org/")) + tail
    )


def literal(chance: random.Random) -> ox.Literal | None:
    """A literal of any text, language or datatype; None where there is none of it."""
    said = text(chance)
    try:
        said.encode()
        return chance.choice(
            (
                lambda: ox.Literal(said),
                lambda: ox.Literal(said, language=chance.choice(("en", "zh-TW", "ar"))),
                lambda: ox.Literal(said, datatype=ox.NamedNode(iri(chance))),
            )
        )()
    except (UnicodeEncodeError, ValueError):
        return None
