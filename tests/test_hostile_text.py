"""Whatever is given to a saved question stays between the braces of its VALUES, and means the term that was given."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pyoxigraph as ox
import pytest
import rdflib

from kg.errors import KgError
from kg.queries import binding, questions
from kg.queries.binding import fill, resolve
from tests.hostile import values


def oxigraph(within: str) -> list[object]:
    """The terms that the engine reads between braces."""
    return [row["x"] for row in ox.Store().query(f"SELECT ?x {{ VALUES ?x {{{within}}} }}")]


def rdflib_reads(within: str) -> list[object]:
    """The terms that rdflib reads, which decodes `\\u` in strings after other escapes."""
    found = rdflib.Graph().query(f"SELECT ?x {{ VALUES ?x {{{within}}} }}")
    return [row.x for row in found]


def check(seed: int, count: int, read: Callable[[str], list[object]] = oxigraph) -> int:
    """Put so many values into all parameters of all questions in turn; return how many were taken."""
    chance = random.Random(seed)
    places = [(asked, param) for asked in questions().values() for param in asked.params]
    taken = 0
    for number in range(count):
        asked, param = places[number % len(places)]
        given = chance.choice((values.text, values.iri, values.literal))(chance)
        others = {each.name: "urn:x:y" for each in asked.params if not each.optional and not each.is_text}
        others |= {each.name: "1" for each in asked.params if not each.optional and each.is_text}
        try:
            terms = resolve(asked, {**others, param.name: given})[param.name]
        except KgError:
            continue
        place = re.search(rf"^[ \t]*VALUES \?{param.name} \{{([^{{}}\n]*)\}}", asked.sparql, re.MULTILINE)
        before, after = asked.sparql[: place.start(1)], asked.sparql[place.end(1) :]

        filled = fill(asked, {param.name: terms})

        assert filled.startswith(before), given
        assert filled.endswith(after), given
        within = filled[len(before) : len(filled) - len(after)]
        assert "\n" not in within
        if read is oxigraph:
            assert read(within) == list(terms), given
        else:
            assert [str(each) for each in read(within)] == [each.value for each in terms], given
        taken += 1
    return taken


def test_ten_thousand_values_stay_between_their_braces() -> None:
    """Quotes, braces, escapes, line ends, odd IRIs, and whole attempts to get out; in all questions and parameters."""
    assert check(22, 10_000) > 3_000


def test_another_parser_reads_the_same_values() -> None:
    """Servers elsewhere are asked with the same text."""
    assert check(22, 600, rdflib_reads) > 200


@pytest.mark.parametrize("forgotten, read", [("_TO_ESCAPE", oxigraph), ("_CODE_POINT", rdflib_reads)])
def test_values_that_are_not_escaped_would_be_seen(
    forgotten: str, read: Callable[[str], list[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without either half of the escaping one of the parsers is led astray."""
    monkeypatch.setattr(binding, forgotten, re.compile(r"(?!)"))

    with pytest.raises((AssertionError, SyntaxError)):
        check(22, 600, read)
