"""Pictures of answers: matplotlib figures for print and for every kind of colour vision, with their sources.

Each takes a `Table`, so that whatever gives one can be drawn. Needs matplotlib, the extra `plots`.
"""

from kg.extras import needed

needed("matplotlib", "plots")

from kg.pictures.canvas import rendered, save  # noqa: E402  (what follows needs it)
from kg.pictures.choice import PICTURES, draw, sources  # noqa: E402

__all__ = ["PICTURES", "draw", "rendered", "save", "sources"]
