"""Small networks as diagrams in text: Mermaid and DOT."""

from __future__ import annotations

from collections.abc import Iterable

from kg.neighbourhood import Neighbourhood, Node

_MOST_SIGNS = 80
# One for each kind in its order of appearance, told apart without colours too.
_SHAPES = ("box", "ellipse", "hexagon", "diamond", "parallelogram", "trapezium", "octagon", "cylinder")
_BRACKETS = (
    ("[", "]"),
    ("([", "])"),
    ("{{", "}}"),
    ("{", "}"),
    ("[/", "/]"),
    ("[/", "\\]"),
    ("[[", "]]"),
    ("[(", ")]"),
)
# Mermaid reads entity codes within quotes, and would take these signs for its own, or for markup.
_MERMAID = {sign: f"#{ord(sign)};" for sign in '"#<>&`\\|;%'}


def mermaid(shown: Neighbourhood) -> str:
    """Return a network as a Mermaid flowchart, things grouped by kind."""
    ids = _ids(shown.nodes)
    lines = ["flowchart LR"]
    for place, (kind, nodes) in enumerate(_by_kind(shown.nodes)):
        opening, closing = _BRACKETS[place % len(_BRACKETS)]
        lines.append(f'  subgraph k{place}["{_in_mermaid(kind)}"]')
        lines += [f'    {ids[node.iri]}{opening}"{_in_mermaid(node.label)}"{closing}' for node in nodes]
        lines.append("  end")
    lines += [
        f'  {ids[edge.source]} -->|"{_in_mermaid(edge.label)}"| {ids[edge.target]}' for edge in shown.edges
    ]
    lines += [f"  style {ids[node.iri]} stroke-width:3px" for node in shown.nodes if node.is_start]
    return "\n".join(lines) + "\n"


def dot(shown: Neighbourhood) -> str:
    """Return a network as a DOT digraph for Graphviz, things grouped by kind, sentences as tooltips."""
    ids = _ids(shown.nodes)
    lines = ["digraph {", '  graph [rankdir="LR", fontname="sans-serif"]', '  node [fontname="sans-serif"]']
    lines.append('  edge [fontname="sans-serif", fontsize="10"]')
    for place, (kind, nodes) in enumerate(_by_kind(shown.nodes)):
        lines.append(f"  subgraph cluster_{place} {{")
        lines.append(f"    label={_in_dot(kind)}")
        lines.append(f"    node [shape={_in_dot(_SHAPES[place % len(_SHAPES)])}]")
        for node in nodes:
            bold = ', penwidth="3"' if node.is_start else ""
            lines.append(
                f"    {ids[node.iri]} [label={_in_dot(_cut(node.label))}, tooltip={_in_dot(node.iri)}{bold}]"
            )
        lines.append("  }")
    for edge in shown.edges:
        words = f"{edge.sentence} ({edge.place})" if edge.sentence else edge.property
        lines.append(
            f"  {ids[edge.source]} -> {ids[edge.target]} [label={_in_dot(edge.label)}, tooltip={_in_dot(words)}]"
        )
    return "\n".join([*lines, "}"]) + "\n"


def _ids(nodes: Iterable[Node]) -> dict[str, str]:
    return {node.iri: f"n{place}" for place, node in enumerate(nodes)}


def _by_kind(nodes: Iterable[Node]) -> list[tuple[str, list[Node]]]:
    kinds: dict[str, list[Node]] = {}
    for node in nodes:
        kinds.setdefault(node.kind, []).append(node)
    return sorted(kinds.items())


def _cut(text: str) -> str:
    """Return a text as one line that is not too long for a box."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST_SIGNS else line[: _MOST_SIGNS - 1] + "…"


def _in_mermaid(text: str) -> str:
    return "".join(_MERMAID.get(sign, sign) for sign in _cut(text) if sign.isprintable())


def _in_dot(text: str) -> str:
    """Return a text as a quoted identifier: no sign in it ends the quotes or begins an escape of Graphviz."""
    line = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'
