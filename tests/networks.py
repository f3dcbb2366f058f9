"""Small graphs of claims, made for tests of networks."""

from __future__ import annotations

from collections.abc import Iterable

from kg.graph import Graph
from kg.terms import PREFIXES

STD = PREFIXES["std"]
CKG = PREFIXES["ckg"]
_EXAMPLE = "https://example.org/"


def of_relations(*relations: tuple[str, str, str]) -> Graph:
    """A graph of standards a, b, c … and claims that relate them."""
    lines = []
    for number, (source, relation, target) in enumerate(relations):
        claim, segment, document = (
            f"https://example.org/{kind}/{number}" for kind in ("claim", "segment", "document")
        )
        for name in (source, target):
            lines.append(f"<{STD}{name}> <{PREFIXES['rdf']}type> <{CKG}Standard> <{document}> .")
            lines.append(f'<{STD}{name}> <{PREFIXES["skos"]}prefLabel> "{name.upper()}"@en <{document}> .')
        said = {
            f"<{PREFIXES['rdf']}type>": f"<{CKG}StandardRelation>",
            f"<{PREFIXES['owl']}annotatedSource>": f"<{STD}{source}>",
            f"<{PREFIXES['owl']}annotatedProperty>": f"<{CKG}{relation}>",
            f"<{PREFIXES['owl']}annotatedTarget>": f"<{STD}{target}>",
            f"<{CKG}evidence>": f"<{segment}>",
            f"<{PREFIXES['prov']}wasDerivedFrom>": f"<{document}>",
        }
        lines += [f"<{claim}> {predicate} {value} <{document}> ." for predicate, value in said.items()]
        lines.append(f"<{claim}> <{PREFIXES['rdf']}type> <{CKG}Claim> <{document}> .")
        lines.append(f'<{segment}> <{PREFIXES["rdf"]}value> "{source} {relation} {target}"@en <{document}> .')
        lines.append(f'<{document}> <{CKG}path> "{number}.md" <{document}> .')
    return Graph.of_lines("".join(f"{line}\n" for line in sorted(set(lines))).encode())


def of_claims(*claims: tuple[str, tuple[str, str, str], tuple[str, ...]]) -> Graph:
    """A graph of claims: each its name, what it states (of standards), and the documents or claims it is from."""
    return Graph.of_lines(
        _lines(
            triple
            for name, statement, origins in claims
            for triple in _claim(name, statement, origins, {each for each, *_ in claims})
        )
    )


def _claim(
    name: str, statement: tuple[str, str, str], origins: tuple[str, ...], claims: set[str]
) -> list[str]:
    claim = f"<{_EXAMPLE}claim/{name}>"
    source, relation, target = statement
    lines = [
        f"{claim} <{PREFIXES['rdf']}type> <{CKG}Claim> .",
        f"{claim} <{PREFIXES['owl']}annotatedSource> <{STD}{source}> .",
        f"{claim} <{PREFIXES['owl']}annotatedProperty> <{CKG}{relation}> .",
        f"{claim} <{PREFIXES['owl']}annotatedTarget> <{STD}{target}> .",
    ]
    for origin in origins:
        kind = "claim" if origin in claims else "document"
        lines.append(f"{claim} <{PREFIXES['prov']}wasDerivedFrom> <{_EXAMPLE}{kind}/{origin}> .")
        if kind == "document":
            document = f"<{_EXAMPLE}document/{origin}>"
            lines.append(f"{document} <{PREFIXES['rdf']}type> <{CKG}SourceDocument> .")
            lines.append(f'{document} <{CKG}path> "{origin}.md" .')
            lines.append(f'{document} <{CKG}slug> "{origin.split("-")[0]}" .')
    return lines


def of_scope(*listed: tuple[str, str, str]) -> Graph:
    """A graph of offerings that each list a service in a cloud (empty: in none named); they address what they are called."""
    lines = []
    for number, (offering, service, cloud) in enumerate(listed):
        claim, document = f"<{_EXAMPLE}claim/{number}>", f"<{_EXAMPLE}document/{offering}>"
        ends = f"<{PREFIXES['off']}{offering}>", f"<{PREFIXES['svc']}{service}>"
        lines += [
            f"{ends[0]} <{CKG}hasInScopeService> {ends[1]} .",
            f"{ends[0]} <{CKG}addresses> <{STD}{offering}> .",
            f"<{STD}{offering}> <{PREFIXES['rdf']}type> <{CKG}Standard> .",
            f"{ends[1]} <{PREFIXES['rdf']}type> <{CKG}CloudService> .",
            f"{claim} <{PREFIXES['rdf']}type> <{CKG}InScopeClaim> .",
            f"{claim} <{PREFIXES['owl']}annotatedSource> {ends[0]} .",
            f"{claim} <{PREFIXES['owl']}annotatedTarget> {ends[1]} .",
            f"{claim} <{PREFIXES['prov']}wasDerivedFrom> {document} .",
        ]
        lines.append(f'<{STD}{offering}> <{PREFIXES["skos"]}prefLabel> "{offering.upper()}"@en .')
        lines.append(f'{ends[1]} <{PREFIXES["skos"]}prefLabel> "{service.upper()}"@en .')
        if cloud:
            lines.append(f"{claim} <{CKG}cloud> <{_EXAMPLE}cloud/{cloud}> .")
            lines.append(f'<{_EXAMPLE}cloud/{cloud}> <{PREFIXES["skos"]}prefLabel> "{cloud}"@en .')
    return Graph.of_lines(_lines(lines))


def _lines(triples: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in sorted(set(triples))).encode()
