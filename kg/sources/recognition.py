"""Which source speaks for a file, told by its content; and why none does."""

from __future__ import annotations

from kg.errors import Issue
from kg.sources import Input, Source
from kg.sources.checks.azure_policy import AzurePolicy
from kg.sources.checks.scanner import Scanner
from kg.sources.control_list import ControlList
from kg.sources.mappings import Mappings
from kg.sources.offering import Offerings
from kg.sources.oscal import Oscal

SOURCES: tuple[Source, ...] = (Oscal(), Mappings(), ControlList(), AzurePolicy(), Scanner(), Offerings())

# First bytes of well-known formats that hold no text, so that a message can say what the file is.
_SIGNATURES = {
    b"PK\x03\x04": "a ZIP archive or an Office file",
    b"%PDF-": "a PDF file",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x1f\x8b": "a gzip archive",
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def recognise(item: Input) -> Source | None:
    """Return the source that speaks for a file, or None."""
    return next((source for source in SOURCES if source.accepts(item)), None)


def obstacle(item: Input) -> Issue | None:
    """Return why a file's bytes cannot be text that a source reads, or None if they can."""
    data = item.data
    if not data.strip():
        return Issue(item.path, 0, "empty", "the file holds nothing")
    for signature, name in _SIGNATURES.items():
        if data.startswith(signature):
            return Issue(item.path, 0, "unrecognised", f"{name}, which no source reads")
    # Text in UTF-16 is mostly Latin, so about every other byte is zero.
    if data.startswith(_UTF_16) or data.count(0) * 3 > len(data):
        return Issue(item.path, 0, "wrong-encoding", "the text is in UTF-16; save it as UTF-8")
    if b"\0" in data:
        return Issue(
            item.path, _line(data, data.index(0)), "binary", "the file holds zero bytes, so it is no text"
        )
    try:
        data.decode()
    except UnicodeDecodeError as error:
        where = _line(data, error.start)
        return Issue(item.path, where, "wrong-encoding", "the text is not UTF-8; save it as UTF-8")
    return None


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
