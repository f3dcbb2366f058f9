"""A graph as a notebook shows it: what it is called, how much of what it holds, what it was made from."""

from __future__ import annotations

from collections.abc import Iterable

from kg import hypertext
from kg.publication import Version
from kg.queries import Table
from kg.queries.rendering import short

# What is counted, as a reader calls it, and how many of each at most.
_PARTS = {
    "class": ("Things", 12),
    "relation": ("Claims", 12),
    "language": ("Documents by language", 12),
    "licence": ("Graphs by licence", 6),
}


def graph(stats: Table, version: Version | None) -> str:
    """Return a graph as HTML, from what it counts of itself and what it is published as."""
    rows = list(stats)
    whole = {str(row["name"]): row["count"] for row in rows if row["what"] == "whole"}
    facts = [f"{whole.get('quads', 0):,} statements", f"{whole.get('graphs', 0):,} named graphs"]
    if version:
        built = str(version.manifest.get("built", ""))
        facts += [
            f"version <code>{hypertext.words(version.sha256[:12])}</code>",
            *([f"built {hypertext.words(built)}"] if built else []),
        ]
    grids = "".join(
        _part(title, [(str(row["name"]), row["count"]) for row in rows if row["what"] == what], most)
        for what, (title, most) in _PARTS.items()
    )
    return f"<p><b>Compliance knowledge graph</b>: {', '.join(facts)}</p><div>{grids}</div>"


def _part(title: str, counted: list[tuple[str, object]], most: int) -> str:
    """Return the most frequent of one kind, empty where there is none."""
    if not counted:
        return ""
    rows: Iterable[tuple[str, str]] = (
        (hypertext.link(name, short(name)), f"{count:,}") for name, count in counted[:most]
    )
    rest = len(counted) - most
    grid = hypertext.grid((title, "count"), rows, f"… and {rest:,} more" if rest > 0 else "")
    return f'<div style="display:inline-block;vertical-align:top;margin-right:2em">{grid}</div>'
