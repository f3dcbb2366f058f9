"""Queries made to kill an engine: nesting, chains, plans, products, paths and answers without end.

Sizes are drawn anew for each seed, around those at which engines were seen to die or hang.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

_P = "<https://example.org/p>"
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


def _choices(dice: random.Random) -> str:
    """Patterns that the engine compiles to machines of many states, for each value another."""
    many = _times(dice, 10, 2_000)
    again = "{" + f"{many}" + "}"
    return f'SELECT * {{ ?s ?p ?o . ?a ?b ?c FILTER(REGEX(STR(?o), CONCAT("((a|b|\\\\\\\\p{{L}}){again}){again}", STR(?c)))) }}'


def _escaped(dice: random.Random) -> str:
    """Keywords and brackets spelt in code points, nested."""
    count = _times(dice, 20, 4_000)
    opened, closed = "\\u007b" * count, "\\u007D" * count
    return f"\\u0053ELECT * \\u0057HER\\U00000045 \\u007b {opened} ?s ?p ?o {closed} \\u007d"


def _spread(dice: random.Random) -> str:
    """Groups joined side by side, none of which has anything to do with another."""
    kind = dice.choice(("OPTIONAL", "MINUS", "", "FILTER NOT EXISTS", "FILTER EXISTS"))
    return (
        "SELECT * { "
        + " ".join(f"{kind} {{ ?s{n} ?p{n} ?o{n} }}" for n in range(_times(dice, 3, 300)))
        + " }"
    )


def _within(piece: str, inside: str, after: str = " }") -> Maker:
    """Nesting that is allowed, each level with a product of its own."""

    def make(dice: random.Random) -> str:
        count = _times(dice, 4, 45)
        opened = " ".join(piece.replace("#", str(n)) for n in range(count))
        return f"SELECT * {{ {opened} {inside} {after * count} }}"

    return make


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
    "quoted triples": _nested("<< ", "?s ?p ?o", " ?q ?r >>", "SELECT * { ", " ?p ?o }"),
    "quoted objects": _nested("<< ?q ?r ", "?o", " >>", "SELECT * { ?s ?p ", " }"),
    "annotations": _nested(" {| ?q ?r ", "", " |}", "SELECT * { ?s ?p ?o ", " }"),
    "inverse paths": _nested("^(", "?p", ")", "SELECT * { ?s ", " ?o }"),
    "inverse steps": _chained(f"/^{_P}/{_P}", f"^{_P}", "SELECT (COUNT(*) AS ?n) { ?s ", " ?o }", 1_000),
    "stars of stars": _nested("(", f"{_P}|!{_P}", ")*", "SELECT * { ?s ", " ?o }"),
    "optional steps": _chained(f"/(!{_P}|{_P})?", f"{_P}?", "SELECT (COUNT(*) AS ?n) { ?s ", " ?o }", 500),
    "star of a and not a": lambda _: f"SELECT (COUNT(*) AS ?n) {{ ?s ({_P}|!{_P})* ?o . ?a ({_P}|!{_P})* ?b }}",
    "negated sets": _numbered("<urn:{n}>|^<urn:{m}>|", "SELECT (COUNT(*) AS ?n) { ?a (!(", f"{_P}))* ?b . ?c ?d ?e }}", 50, 2_000),
    "in lists": _numbered("'{n}',", "SELECT * { ?s ?p ?o . ?a ?b ?c FILTER(?o NOT IN (", "'x')) }", 50, 4_500),
    "in lists nested": _nested("1 IN (", "?s", ")", "SELECT * { ?s ?p ?o FILTER(", ") }"),
    "coalesce": _nested("COALESCE(?u, ", "?s", ")", "SELECT * { ?s ?p ?o FILTER(", " = 'x') }"),
    "replace nothing": _nested("REPLACE(", "STR(?o)", ", '', 'aaaaaaaaaaaaaaaa')", "SELECT (", " AS ?x) { ?s ?p ?o }"),
    "replace all": _numbered("BIND(REPLACE(?x{n}, '.', '$0$0$0$0') AS ?x{m})", "SELECT * { BIND('aaaa' AS ?x0) ", " }", 4, 40),
    "encode": _numbered("BIND(ENCODE_FOR_URI(CONCAT(?x{n}, '%')) AS ?x{m})", "SELECT * { BIND('%%' AS ?x0) ", " }", 20, 90),
    "counted patterns": _choices,
    "pattern too big": lambda dice: "SELECT * { ?s ?p ?o FILTER(REGEX(STR(?o), '" + "(" * 20 + "a" + "{99}){99}" * _times(dice, 2, 20) + "')) }",
    "unfinished string": _chained("a' \\\"", "'", 'SELECT * { ?s ?p "', ""),
    "unfinished long strings": _chained('""" \\', "", "SELECT * { ?s ?p ", ""),
    "unfinished iri": _chained("<http://example.org/", "", "SELECT * { ?s ?p ", ""),
    "comments": _chained("# {{{ <\n", "", "SELECT * ", "{ ?s ?p ?o . ?a ?b ?c . ?d ?e ?f } ORDER BY ?s"),
    "comments in iris": _chained("<#'\n", "", "SELECT * { ?s ?p ?o FILTER(?s ", ") }"),
    "prefixes": _numbered("PREFIX p{n}: <urn:{m}#>", "", "SELECT * { ?s p1:a ?o . ?a ?b ?c }", 50, 2_500),
    "prefixes undone": _numbered("PREFIX p: <urn:{m}#>", "", "SELECT * { ?s p:a ?o . ?a ?b ?c }", 50, 2_500),
    "bases": _numbered("BASE <a{n}/>", "BASE <http://example.org/> ", "SELECT * { ?s <a> ?o }", 50, 3_000),
    "sources": _numbered("FROM NAMED <urn:{n}> FROM <urn:{m}>", "SELECT * ", "{ ?s ?p ?o }", 20, 1_200),
    "columns": _numbered("(CONCAT(STR(?o), STR(?c)) AS ?x{n})", "SELECT ", "{ ?s ?p ?o . ?a ?b ?c }", 20, 700),
    "groups of groups": _numbered("(CONCAT(STR(?o), '{n}') AS ?x{n})", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?a ?b ?c } GROUP BY ", "", 5, 700),
    "having": _numbered("(COUNT(DISTINCT ?a) > {n})", "SELECT ?s { ?s ?p ?o . ?a ?b ?c } GROUP BY ?s HAVING ", "", 2, 900),
    "values with nothing": _numbered("(UNDEF '{n}')", "SELECT * { VALUES (?s ?o) { ", " } ?s ?p ?o . ?a ?b ?c }", 50, 3_000),
    "values deep": _numbered("VALUES ?v{n} {{ 1 2 3 4 }}", "SELECT * { ", " }", 8, 600),
    "long separator": lambda dice: f"SELECT (GROUP_CONCAT(?o; SEPARATOR='{'x' * _times(dice, 1_000, 50_000)}') AS ?x) {{ ?s ?p ?o . ?a ?b ?c }}",
    "concatenated again": _within("{ SELECT (GROUP_CONCAT(CONCAT(?x#, ?x#)) AS ?y#) { ?a# ?b# ?x#", "", " } }"),
    "escaped": _escaped,
    "escaped service": lambda dice: "SELECT * { " + "S\\u0045RVICE <http://127.0.0.1:9/> { " * _times(dice, 1, 99) + "?s ?p ?o",
    "spread": _spread,
    "optional within": _within("OPTIONAL { ?s# ?p# ?o#", ""),
    "minus within": _within("MINUS { ?s# ?p# ?o . ?a# ?b# ?o", "?s ?p ?o"),
    "union within": _within("{ ?s# ?p# ?o# } UNION { ?a# ?b# ?c# .", "?s ?p ?o"),
    "subselect within": _within("{ SELECT DISTINCT * WHERE { ?s# ?p# ?o# . ", "?s ?p ?o", " } }"),
    "exists within": _within("FILTER NOT EXISTS { ?s# ?p# ?o# . ?a# ?b# ?o# ", "FILTER(?s0 = ?o0)"),
    "not exists over a product": lambda _: "SELECT * { ?s ?p ?o FILTER NOT EXISTS { ?a ?b ?c . ?d ?e ?f FILTER(?c > ?f && ?f > ?c && ?a != ?s) } }",
    "bound exists": lambda _: "SELECT (SUM(IF(EXISTS { ?a ?b ?c . ?d ?e ?f FILTER(?c = ?a) }, 1, 0)) AS ?n) { ?s ?p ?o }",
    "sorted by what is made": lambda _: "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY DESC(CONCAT(STR(?c), STR(?f))) RAND() LIMIT 1",
    "distinct of what is made": lambda _: "SELECT (COUNT(DISTINCT CONCAT(STR(?c), STR(?f), STR(?i))) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "far offset": lambda dice: f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} OFFSET {dice.randrange(10**9, 10**12)} LIMIT 1",
    "new things": lambda _: "CONSTRUCT { [] ?b [ ?e ?x ] } { ?a ?b ?c . ?d ?e ?f BIND(STRUUID() AS ?x) }",
    "hashes": _nested("SHA512(", "STR(?o)", ")", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?a ?b ?c FILTER(", " < ?c) }"),
    "numbers": lambda dice: f"SELECT ({'9' * _times(dice, 20, 50_000)} * 1e{'9' * _times(dice, 1, 5_000)} AS ?x) {{ ?s ?p ?o . ?a ?b ?c }}",
    "odd signs": lambda dice: "SELECT * { ?s ?p '" + "".join(chr(dice.choice((0, 1, 0xB, 0xFFFE, 0x202E, 0x1F600))) for _ in range(_times(dice, 10, 9_000))) + "' }",
    "semicolons": _chained(";", "", "SELECT * { ?s ?p ?o ", " . ?a ?b ?c . ?d ?e ?f }"),
}  # fmt: skip

# Larger than a server takes by itself: for one whose limits were raised.
BIG: dict[str, Maker] = {
    "values": lambda dice: "SELECT (COUNT(*) AS ?n) { VALUES ?a { " + " ".join(f"'{n}'" for n in range(_times(dice, 60_000, 120_000))) + " } ?s ?p ?a }",
    "values joined": lambda dice: "SELECT * { VALUES (?a ?b) { " + "(UNDEF 1)(2 UNDEF)" * _times(dice, 20_000, 50_000) + " } VALUES (?a ?b) { (2 UNDEF)(UNDEF 1) } ?s ?p ?o }",
    "in list": _numbered("'{n}',", "SELECT * { ?s ?p ?o . ?a ?b ?c FILTER(?o NOT IN (", "'x')) }", 50_000, 120_000),
    "comments": _chained("#'\"<{\n", "", "SELECT * ", "{ ?s ?p ?o }", 300_000),
    "quotes": _chained('"', "", "SELECT * { ?s ?p ", "", 1_500_000),
    "apostrophes": _chained("'" * 3, "", "SELECT * { ?s ?p ", "", 500_000),
    "iris": _chained("<", "", "SELECT * { ?s ?p ", "", 1_500_000),
    "prefixes": _numbered("PREFIX p{n}: <urn:{m}#>", "", "SELECT * { ?s p1:a ?o }", 20_000, 60_000),
    "brackets": _chained("{", "", "ASK ", "", 1_500_000),
    "escapes": _chained("\\u007b", "", "ASK ", "", 250_000),
    "blanks": _chained(" \n", "", "ASK ", "{}", 900_000),
    "long name": _chained("a", "", "ASK { ?s ?", " ?o }", 1_500_000),
    "colons": _chained(":", "", "ASK { ?s ", " ?o }", 1_500_000),
    "union": _chained("UNION { ?s ?p ?o }", "{ ?s ?p ?o }", "SELECT * { ", " }", 90_000),
    "product": _chained("{ ?a ?b ?c } ", "", "SELECT * { ", " }", 90_000),
}  # fmt: skip


def killers(seed: int, rounds: int = 1, makers: Mapping[str, Maker] = KILLERS) -> Iterator[tuple[str, str]]:
    """Yield each kind of killer so many times, in a random order and of random sizes, the same for the same seed."""
    dice = random.Random(seed)
    kinds = list(makers) * rounds
    dice.shuffle(kinds)
    for kind in kinds:
        yield kind, makers[kind](dice)
