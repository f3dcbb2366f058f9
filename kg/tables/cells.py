"""What a cell may hold when a spreadsheet opens it, and how a list is written as one text."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What makes a spreadsheet read a cell as a formula (OWASP, "CSV Injection"); behind spaces some still see it.
_FORMULA = re.compile(r"[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
# XML 1.0 can hold none of these (section 2.2), and a person sees none of them.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
SEPARATOR = "|"


def inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe goes before what it would.

    >>> inert("=1+1"), inert("AC-2(1)")
    ("'=1+1", 'AC-2(1)')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def clean(text: str) -> str:
    """Return a text with the replacement character for each control character and half character in it."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def joined(texts: Sequence[str]) -> str:
    r"""Return a list as one text: parts separated by `|`; a backslash goes before a `|` or backslash of theirs.

    >>> print(joined(["Azure", "A|B"]))
    Azure|A\|B
    """
    return SEPARATOR.join(text.replace("\\", "\\\\").replace(SEPARATOR, "\\" + SEPARATOR) for text in texts)
