"""A graph in a notebook: SPARQL in a cell of its own (`%load_ext kg.jupyter`), and a network to look around in."""

from __future__ import annotations

from kg.jupyter.explorer import Explorer, explore
from kg.jupyter.magic import load_ipython_extension

__all__ = ["Explorer", "explore", "load_ipython_extension"]
