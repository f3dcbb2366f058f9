"""Whatever is given to a saved question stays between the braces of its VALUES, and means the term that was given."""

from __future__ import annotations

import random
import re

import pyoxigraph as ox
import pytest

from kg.errors import KgError
from kg.queries import binding, questions
from kg.queries.binding import fill, resolve
from tests.hostile import values


def check(seed: int, count: int) -> int:
    """Put so many values into all parameters of all questions in turn; return how many were taken."""
    chance = random.Random(seed)
    engine = ox.Store()
    places = [(asked, param) for asked in questions().values() for param in asked.params]
    taken = 0
    for number in range(count):
        asked, param = places[number % len(places)]
        make = chance.choice((values.text, values.iri, values.literal))
        given = make(chance)
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
        read = [row["x"] for row in engine.query(f"SELECT ?x {{ VALUES ?x {{{within}}} }}")]
        assert read == list(terms), given
        taken += 1
    return taken


def test_ten_thousand_values_stay_between_their_braces() -> None:
    """Quotes, braces, escapes, line ends, odd IRIs, and whole attempts to get out; in all questions and parameters."""
    assert check(22, 10_000) > 3_000


@pytest.mark.parametrize("forgotten", ["_TO_ESCAPE", "_CODE_POINT"])
def test_values_that_are_not_escaped_would_be_seen(forgotten: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without either half of the escaping they do get out."""
    monkeypatch.setattr(binding, forgotten, re.compile(r"(?!)"))

    with pytest.raises((AssertionError, SyntaxError)):
        check(22, 2_000)
