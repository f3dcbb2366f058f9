"""A network to look around in: one page without any connection, in the frame of a notebook's cell or as a file."""

from __future__ import annotations

import html
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from kg import neighbourhood

if TYPE_CHECKING:
    from kg.neighbourhood import Neighbourhood
    from kg.network import Answers

_PAGE = Template((Path(__file__).parent / "explorer.html").read_text(encoding="utf-8"))
_HEIGHT = 520


@dataclass(frozen=True, slots=True)
class Explorer:
    """What is said around some things, to be looked at in a notebook; `page` is the same as an HTML page."""

    shown: Neighbourhood

    @property
    def page(self) -> str:
        """The page: its data and one script of our own, allowed to load nothing."""
        data = json.dumps(
            {
                "nodes": [
                    {"id": node.iri, "label": node.label, "kind": node.kind, "start": node.is_start}
                    for node in self.shown.nodes
                ],
                "edges": [asdict(edge) for edge in self.shown.edges],
            },
            ensure_ascii=False,
        )
        # Within a script element only these signs could end it or begin a comment.
        safe = data.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
        return _PAGE.substitute(data=safe)

    def __repr__(self) -> str:
        names = ", ".join(node.label for node in self.shown.nodes if node.is_start)
        more = f", {self.shown.left_out} things left out" if self.shown.left_out else ""
        return f"Explorer({names}: {len(self.shown.nodes)} things, {len(self.shown.edges)} statements{more})"

    def _repr_html_(self) -> str:
        """Return a frame that may run its script and nothing else: no access to the notebook, no connection."""
        left_out = f"<p>{self.shown.left_out:,} more things found no room.</p>" if self.shown.left_out else ""
        return (
            f'<iframe sandbox="allow-scripts" srcdoc="{html.escape(self.page)}" '
            f'style="width: 100%; height: {_HEIGHT}px; border: 1px solid #8884"></iframe>{left_out}'
        )


def explore(graph: Answers, *names: str, depth: int = 1, most: int = 60) -> Explorer:
    """Return what is said around things as a network to look around in.

    `names` are words or IRIs, `depth` how many statements away is looked, `most` how many things are shown.
    """
    return Explorer(neighbourhood.around(graph, *names, depth=depth, most=most))
