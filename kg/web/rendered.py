"""Answers as the bytes that go to a client, but for the status line and what is said in every answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from kg.web.tasks import Answer

STATUS_LINES = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode() for each in HTTPStatus}


class Rendered(NamedTuple):
    """An answer whose headers and body are one run of bytes, the first `head` of which are headers."""

    status: int
    body: bytes
    head: int
    graph: str
    keeps: bool = False  # whether it may be given again


def rendered(answer: Answer) -> tuple[bytes, bytes]:
    """Return the headers of an answer as lines with the empty one that ends them, and its body."""
    lines = [f"{name}: {value}\r\n" for name, value in answer.headers]
    graph = f"x-graph-sha256: {answer.graph}\r\n" if answer.graph else ""
    lines.append(f"content-type: {answer.media_type}\r\ncontent-length: {len(answer.body)}\r\n{graph}\r\n")
    return "".join(lines).encode("latin-1", "replace"), answer.body
