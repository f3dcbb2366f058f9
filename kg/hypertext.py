"""Pieces of HTML that hold any text safely: nothing runs, nothing is fetched, links lead to the web or to mail."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

_LINKED = re.compile(r"(?:https?://[^\s/]|mailto:[^\s@]+@)[^\s\x00-\x1f\x7f]*", re.IGNORECASE)
# No page can hold these; the rest of what is not seen may turn words round, and is kept to its own cell.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def words(text: str) -> str:
    """Return a text as HTML; it means nothing but itself.

    >>> words("<b> & 'c'")
    '&lt;b&gt; &amp; &#x27;c&#x27;'
    """
    return html.escape(_UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text))


def linked(address: str) -> bool:
    """Whether an address may be a link: http, https and mailto only."""
    return _LINKED.fullmatch(address) is not None


def link(address: str, text: str) -> str:
    """Return a text that leads to an address, the text alone where that must not be a link."""
    if not linked(address):
        return words(text)
    return f'<a href="{words(address)}" rel="noreferrer noopener">{words(text)}</a>'


def grid(header: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return a table of cells that are HTML already, under a header that is text."""
    head = "".join(f'<th style="text-align:left">{words(name)}</th>' for name in header)
    body = "".join(f"<tr>{''.join(f'<td {_CELL}>{cell}</td>' for cell in row)}</tr>" for row in rows)
    under = (
        f'<caption style="caption-side:bottom;text-align:left">{words(caption)}</caption>' if caption else ""
    )
    return f"<table>{under}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


# A notebook's own styles put words to the right; the words of one cell cannot turn those of another round.
_CELL = 'dir="auto" style="text-align:start;vertical-align:top;unicode-bidi:isolate"'
