"""From the bytes of a page to its text: line feeds only, and no character that shows nothing."""

from __future__ import annotations

import re
from typing import Final

from kg.documents.model import Trouble
from kg.errors import SourceError

MAX_SIZE: Final = 20_000_000
"""Largest file, in bytes, that is read."""
MAX_LINE: Final = 1_000_000
"""Longest line, in bytes, that is read."""
_CONTROL_BYTES: Final = bytes((*range(9), 11, 12, *range(14, 32), 127))
_CONTROL_ENTITY = re.compile(
    r"&#(?:[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|7[fF])|0*(?:[0-8]|1[124-9]|2\d|3[01]|127));"
)
_CONTROL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|{_CONTROL_ENTITY.pattern}")
# Marks that show nothing and only stand in the way of recognising a word.
_INVISIBLES: Final = "\u00ad\u200b\u200e\u200f\u2060\ufeff"
_INVISIBLE = re.compile(f"[{_INVISIBLES}]")
_LINE_END = re.compile(r"\r\n?")


def text(data: bytes, troubles: list[Trouble]) -> str:
    """Return the text of a file; SourceError where it is none. Control characters are left out and noted."""
    return _without_control(_decode(data), data, troubles)


def _decode(data: bytes) -> str:
    """Return the text of a file with line feeds only, SourceError where it is none or too large."""
    if len(data) > MAX_SIZE:
        raise SourceError(f"{len(data)} bytes are too many, the limit is {MAX_SIZE}", code="too-large")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in data:
        raise SourceError(
            "this is a binary file", code="binary", line=data.count(b"\n", 0, data.index(b"\0")) + 1
        )
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1 if encoding == "utf-8-sig" else 0
        raise SourceError(
            f"this is not {encoding.removesuffix('-sig').upper()} text: {error.reason}",
            code="wrong-encoding",
            line=line,
            hint="save the file as UTF-8",
        ) from error
    if not text.strip():
        raise SourceError("the file is empty", code="empty")
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    if len(text) > MAX_LINE:
        for number, written in enumerate(text.split("\n"), 1):
            if len(written) > MAX_LINE:
                message = f"a line of {len(written)} characters is too long, the limit is {MAX_LINE}"
                raise SourceError(message, code="line-too-long", line=number)
    return text


def _without_control(text: str, data: bytes, troubles: list[Trouble]) -> str:
    """Return a file's text without characters that show nothing; control characters are noted."""
    # Looking for single bytes is far cheaper than a regular expression over every character.
    suspect = len(data.translate(None, _CONTROL_BYTES)) < len(data) or b"\xef\xbf" in data
    if (suspect and _CONTROL.search(text)) or ("&#" in text and _CONTROL_ENTITY.search(text)):
        found = _CONTROL.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 0
        troubles.append(Trouble(line, "control-character", "control characters were left out"))
        text = _CONTROL.sub("", text)
    if any(map(text.__contains__, _INVISIBLES)):
        text = _INVISIBLE.sub("", text)
    return text
