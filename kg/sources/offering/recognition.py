"""Whether bytes are Markdown: told from JSON, XML, YAML, tables and code by their first lines."""

from __future__ import annotations

import re
from typing import Final

_HEAD: Final = 65_536  # bytes in which front matter ends
_LOOK: Final = 8_192  # characters after it that are looked at
_DATA_SHARE: Final = 0.5  # of the lines that look like data, from which on a file is data

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\d\]])")
_XML = re.compile(r"\s*<(?:\?xml|!DOCTYPE|html\b|(?!/)[\w.-]+(?::[\w.-]+)?\s[^>]*\bxmlns)", re.IGNORECASE)
_ELEMENT = re.compile(r"\s*<([\w.:-]+)[^>]*>")
# Elements that a Markdown page may begin with.
_INLINE_HTML: Final = frozenset(("a", "b", "br", "center", "details", "div", "em", "h1", "h2", "h3", "hr", "i", "img",
                                 "p", "section", "span", "strong", "summary", "table"))  # fmt: skip
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DATA_LINE = re.compile(
    r"""\s*(?:(?:-\s+)?["']?[\w.$/-]+["']?:(?:\s|$)  # a key of YAML
    |(?:@prefix|PREFIX|import|from|def|class|function|const|var|\#!)\b
    |\#[\w#])                                        # a comment: a heading has a space
    """,
    re.VERBOSE,
)
_CODE_ENDS: Final = ("{", "}", "[", ";")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S")
_MARKUP = re.compile(r"\[[^\]]+\]\([^)]+\)|\*\*[^*]+\*\*|`[^`]+`")
_WORDS = re.compile(r"\w+[\s,]+\w+[\s,]+\w+")


def is_markdown(data: bytes) -> bool:
    """Whether bytes are Markdown, or plain text that reads as such; never raises."""
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "replace")
    elif b"\0" in head:
        return False
    else:
        text = head.decode("utf-8-sig", "replace")
    if text.count("\ufffd") > len(text) // 20:
        return False
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(text)
    start = front.end() if front else 0
    body = _COMMENT.sub("", text[start : start + _LOOK])
    if not body.strip():
        return front is not None
    if _JSON.match(body) or _XML.match(body) or _is_tree(body):
        return False
    lines = [line for line in body.split("\n") if line.strip()]
    if _is_data(lines) or _is_table(lines):
        return False
    return front is not None or any(
        _HEADING.match(line) or _MARKUP.search(line) or _WORDS.search(line) for line in lines
    )


def _is_tree(text: str) -> bool:
    """Whether a text is one element from its first character to its last, and no Markdown begins with it."""
    element = _ELEMENT.match(text)
    return element is not None and element[1].lower() not in _INLINE_HTML


def _is_data(lines: list[str]) -> bool:
    """Whether more than a share of lines look like data; it ends as soon as enough of them do not."""
    others = 0
    for line in lines:
        if not ("\t" in line or line.rstrip().endswith(_CODE_ENDS) or _DATA_LINE.match(line)):
            others += 1
            if others >= len(lines) * (1 - _DATA_SHARE):
                return False
    return True


def _is_table(lines: list[str]) -> bool:
    """Whether all lines have the same number of commas or semicolons, three or more."""
    for separator in (",", ";"):
        if len(lines) > 2 and lines[0].count(separator) >= 3:
            columns = {line.count(separator) for line in lines}
            if len(columns) <= 1 + len(lines) // 10 and min(columns) >= 3:
                return True
    return False
