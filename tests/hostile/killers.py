"""Queries made to kill an engine: nesting, chains, plans, products, paths and answers without end.

Sizes are drawn anew for each seed, around those at which engines were seen to die or hang.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

Maker = Callable[[random.Random], str]


def _times(dice: random.Random, least: int, most: int) -> int:
    """A size between two, small ones as likely as big ones."""
    return round(least * (most / least) ** dice.random())


def _nested(before: str, inside: str, after: str, head: str = "SELECT * WHERE { ", tail: str = " }") -> Maker:
    def make(dice: random.Random) -> str:
        count = _times(dice, 20, 12_000)
        return f"{head}{before * count}{inside}{after * count}{tail}"

    return make


def _chained(piece: str, first: str, head: str, tail: str, most: int = 9_000) -> Maker:
    def make(dice: random.Random) -> str:
        return f"{head}{first}{piece * _times(dice, 50, most)}{tail}"

    return make


def _numbered(piece: str, head: str, tail: str, least: int, most: int) -> Maker:
    """A run of pieces, each with its number and the next."""

    def make(dice: random.Random) -> str:
        count = _times(dice, least, most)
        return head + " ".join(piece.format(n=n, m=n + 1) for n in range(count)) + tail

    return make


def _product(dice: random.Random) -> str:
    patterns = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(_times(dice, 3, 12)))
    return f"SELECT (COUNT(*) AS ?n) {{ {patterns} }}"


def _regex(dice: random.Random) -> str:
    count = _times(dice, 20, 200)
    return f'SELECT * {{ ?s ?p ?o . ?a ?b ?c FILTER(REGEX("{"a" * count}!", "^(a+)+$") && REGEX(STR(?o), "(x+x+)+y")) }}'


def _values(dice: random.Random) -> str:
    rows = " ".join(f'"{n}"' for n in range(_times(dice, 500, 6_000)))
    return f"SELECT * {{ VALUES ?a {{ {rows} }} VALUES ?b {{ {rows} }} }}"


KILLERS: dict[str, Maker] = {
    "groups": _nested("{ ", "", " }"),
    "optional": _nested("OPTIONAL { ", "?s ?p ?o", " }"),
    "union": _nested("{ ?s ?p ?o } UNION { ", "", " }"),
    "minus": _nested("MINUS { ?s ?p ?o ", "", " }"),
    "graph": _nested("GRAPH ?g { ", "?s ?p ?o", " }"),
    "exists": _nested("FILTER EXISTS { ?s ?p ?o ", "", " }"),
    "subselect": _nested("{ SELECT * WHERE { ", "?s ?p ?o", " } }"),
    "round brackets": _nested("(", "1", ")", "SELECT (", " AS ?x) {}"),
    "lists": _nested("( ", "?x", " )", "SELECT * { ", " ?p ?o }"),
    "square brackets": _nested("[ ?p ", "?x", " ]", "SELECT * { ?s ?p ", " }"),
    "triple terms": _nested("<<( ", "?s ?p ?o", " ?q ?r )>>", "SELECT * { ?s ?p ", " }"),
    "path brackets": _nested("(", "?p", ")", "SELECT * { ?s ", " ?o }"),
    "functions": _nested("STR(", "?s", ")", "SELECT * { ?s ?p ?o FILTER(", " = 'x') }"),
    "not": _chained("!", "", "SELECT * { ?s ?p ?o FILTER(", "true) }"),
    "minus signs": _chained("- ", "", "SELECT (", "1 AS ?x) {}"),
    "plus": _chained("+1", "1", "SELECT (", " AS ?x) {}"),
    "or": _chained(" || ?s = 1", "?s = 1", "SELECT * { ?s ?p ?o FILTER(", ") }"),
    "and": _chained(" && ?s != 1", "?s != 1", "SELECT * { ?s ?p ?o FILTER(", ") }"),
    "filters": _chained("FILTER(?s != 1) ", "", "SELECT * { ?s ?p ?o ", " }", 3_000),
    "binds": _numbered("BIND(?x{n} AS ?x{m})", "SELECT * { BIND(1 AS ?x0) ", " }", 50, 3_000),
    "doubling": _numbered("BIND(CONCAT(?x{n}, ?x{n}) AS ?x{m})", "SELECT * { BIND('aaaaaaaaaa' AS ?x0) ", " }", 20, 60),
    "star": _numbered("?s ?p{n} ?o{n} .", "SELECT * { ", " }", 32, 512),
    "constant star": _numbered("?s <urn:p{n}> ?o{n} .", "SELECT * { ", " }", 32, 512),
    "joined line": _numbered("?s{n} ?p{n} ?s{m} .", "SELECT (COUNT(*) AS ?n) { ", " }", 4, 128),
    "path steps": _chained("/<urn:p>", "<urn:p>", "SELECT * { ?s ", " ?o }", 2_000),
    "path choices": _chained("|<urn:p>", "<urn:p>", "SELECT * { ?s ", " ?o }", 3_000),
    "path of everything": lambda _: "SELECT (COUNT(*) AS ?n) { ?s (!<urn:x>|^!<urn:y>)* ?o }",
    "paths crossed": lambda _: "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>)+ ?b . ?c (!<urn:x>)+ ?d . ?b ?p ?c }",
    "product": _product,
    "sorted product": lambda _: "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i",
    "distinct product": lambda _: "SELECT DISTINCT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "grouped product": lambda _: "SELECT ?a ?d (GROUP_CONCAT(STR(?i)) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?a ?d",
    "everything concatenated": lambda _: "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?f))) AS ?x) { ?a ?b ?c . ?d ?e ?f }",
    "expressions": _regex,
    "values crossed": _values,
    "huge result": lambda _: "SELECT * { ?a ?b ?c . ?d ?e ?f }",
    "huge graph": lambda _: "CONSTRUCT { ?a ?e ?f } { ?a ?b ?c . ?d ?e ?f }",
    "describe all": lambda _: "DESCRIBE * { ?s ?p ?o . ?a ?b ?c }",
    "nested ifs": _nested("IF(true, ", "1", ", 2)", "SELECT (", " AS ?x) {}"),
    "not in": _nested("NOT EXISTS { FILTER ", "EXISTS { ?s ?p ?o }", " }", "SELECT * { ?s ?p ?o FILTER "),
}  # fmt: skip


def killers(seed: int, rounds: int = 1) -> Iterator[tuple[str, str]]:
    """Yield each kind of killer so many times, in a random order and of random sizes, the same for the same seed."""
    dice = random.Random(seed)
    kinds = list(KILLERS) * rounds
    dice.shuffle(kinds)
    for kind in kinds:
        yield kind, KILLERS[kind](dice)
