"""How the processes of the server talk: frames of two lengths, a head and a body, both of bytes.

Heads are JSON, or so small that they are packed numbers. Nothing is pickled: what a worker sends is data.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

_LENGTHS = struct.Struct("!II")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def said(head: Mapping[str, Any]) -> bytes:
    """Return a head in JSON."""
    return _encode(head).encode("utf-8", "surrogatepass")


def read(head: bytes) -> dict[str, Any]:
    """Return what a head in JSON says."""
    found: dict[str, Any] = json.loads(head.decode("utf-8", "surrogatepass"))
    return found


def framed(head: bytes, body: bytes = b"") -> bytes:
    """Return a frame of a head and a body."""
    return _LENGTHS.pack(len(head), len(body)) + head + body


def packed(head: Mapping[str, Any]) -> bytes:
    """Return a frame of a head in JSON and nothing else."""
    return framed(said(head))


class Reader:
    """Frames out of bytes that arrive in any pieces."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Add what arrived; return the heads and bodies of the frames that are whole now."""
        if not self._held and len(data) >= _LENGTHS.size:  # most often it is one frame
            head, body = _LENGTHS.unpack_from(data)
            start = _LENGTHS.size + head
            if len(data) == start + body:
                return [(data[_LENGTHS.size : start], data[start:])]
        held = self._held
        held += data
        found = []
        while len(held) >= _LENGTHS.size:
            head, body = _LENGTHS.unpack_from(held)
            start = _LENGTHS.size + head
            if len(held) < start + body:
                break
            with memoryview(held) as view:
                found.append((bytes(view[_LENGTHS.size : start]), bytes(view[start : start + body])))
            del held[: start + body]
        return found


def received(source: socket.socket) -> tuple[dict[str, Any], int | None] | None:
    """Return the head of the next frame, and the file descriptor that came with it; None at the end."""
    lengths, handles, _, _ = socket.recv_fds(source, _LENGTHS.size, 1)
    if len(lengths) < _LENGTHS.size:
        rest = _exactly(source, _LENGTHS.size - len(lengths)) if lengths else None
        if rest is None:
            return None
        lengths += rest
    head, body = _LENGTHS.unpack(lengths)
    text = _exactly(source, head + body)
    if text is None:
        return None
    return read(text[:head]), handles[0] if handles else None


def _exactly(source: socket.socket, count: int) -> bytes | None:
    pieces = []
    while count:
        piece = source.recv(count)
        if not piece:
            return None
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
