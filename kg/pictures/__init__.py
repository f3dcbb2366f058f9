"""Pictures of answers: matplotlib figures for print and for every kind of colour vision, with their sources.

Each takes a `Table`, so that whatever gives one can be drawn. Needs matplotlib, the extra `plots`.
"""

from kg.errors import KgError

try:
    import matplotlib as _  # noqa: F401, ICN001  # only to say at once what is missing
except ImportError as error:
    raise KgError("pictures need matplotlib", "pip install 'compliance-kg[plots]'") from error

from kg.pictures.canvas import rendered, save
from kg.pictures.choice import PICTURES, draw, sources

__all__ = ["PICTURES", "draw", "rendered", "save", "sources"]
