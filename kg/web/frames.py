"""How the processes of the server talk: frames of a length, a head in JSON and a body of bytes.

Nothing is pickled: what a worker sends is data.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any

_LENGTHS = struct.Struct("!II")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def packed(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Return a frame."""
    text = _encode(head).encode("utf-8", "surrogatepass")
    return b"".join((_LENGTHS.pack(len(text), len(body)), text, body))


class Reader:
    """Frames out of bytes that arrive in any pieces; each whole frame is given to `take`."""

    def __init__(self, take: Callable[[dict[str, Any], bytes], None]) -> None:
        self._take = take
        self._held = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what arrived."""
        held = self._held
        held += data
        while len(held) >= _LENGTHS.size:
            head, body = _LENGTHS.unpack_from(held)
            end = _LENGTHS.size + head + body
            if len(held) < end:
                return
            start = _LENGTHS.size + head
            found = json.loads(held[_LENGTHS.size : start].decode("utf-8", "surrogatepass"))
            content = bytes(memoryview(held)[start:end])
            del held[:end]
            self._take(found, content)


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
    return json.loads(text[:head].decode("utf-8", "surrogatepass")), handles[0] if handles else None


def _exactly(source: socket.socket, count: int) -> bytes | None:
    pieces = []
    while count:
        piece = source.recv(count)
        if not piece:
            return None
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
