"""Raw HTML blocks as running text: the words and links in them, paragraph by paragraph."""

from __future__ import annotations

import html
import re
from typing import Final

from kg.documents.inline import Event

_TOKEN = re.compile(r"<!--.*?(?:-->|\Z)|<[A-Za-z/!?][^>]*(?:>|\Z)|<|[^<]+", re.DOTALL)
_TAG_NAME = re.compile(r"</?([A-Za-z][\w-]*)")
_HIDDEN = re.compile(r"<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BREAKING: Final = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
     "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
     "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td",
     "tfoot", "th", "thead", "title", "tr", "ul")
)  # fmt: skip


def _blanked(match: re.Match[str]) -> str:
    """Return white space as long in bytes as what it stands for."""
    return " " * len(match[0].encode())


def runs(source: str, offset: int) -> list[list[Event]]:
    """Return the running texts of an HTML block that begins at a byte offset, tags and comments left out."""
    found: list[list[Event]] = []
    events: list[Event] = []
    place = offset
    for token in _TOKEN.finditer(_HIDDEN.sub(_blanked, source)):
        text = token[0]
        if text[0] != "<" or len(text) == 1:
            events.append(("Text", html.unescape(text), place))
        elif not text.startswith(("<!", "<?")):
            name = _TAG_NAME.match(text)
            if name and name[1].lower() in _BREAKING:
                if events:
                    found.append(events)
                    events = []
            else:
                events.append(("Html", text, place))
        place += len(text.encode())
    if events:
        found.append(events)
    return found
