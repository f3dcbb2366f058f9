"""What the server orders of a worker, and what the worker replies, as frames."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

from kg.web import frames
from kg.web.rendered import Rendered
from kg.web.tasks import Answer, Task

_CLOCK = struct.Struct("!d")
_REPLY = struct.Struct("!HBI")  # status, flags, length of the headers in the body
_LAST, _RENDERED, _KEEPS = 1, 2, 4
STARTED = 0  # the status in the first thing that a worker says


class Order(NamedTuple):
    """A task for a worker; `value` is a query as it stands in a URL, where the head has none."""

    head: bytes
    clock: float
    value: bytes = b""

    def framed(self) -> bytes:
        """Return the order as a frame."""
        return frames.framed(self.head, _CLOCK.pack(self.clock) + self.value)

    @classmethod
    def of(cls, head: bytes, body: bytes) -> Order:
        """Return the order that a frame holds."""
        (clock,) = _CLOCK.unpack_from(body)
        return cls(head, clock, body[_CLOCK.size :])


def head(task: Task, *, gzip: bool) -> bytes:
    """Return the head of an order; orders that differ in their query's text only may share it."""
    return frames.said({"kind": task.kind, "arguments": task.arguments, "gzip": gzip})


class Reply(NamedTuple):
    """An answer, whether its worker takes no further task, and how a task failed that should not."""

    answer: Answer | Rendered
    last: bool
    trace: str


def started() -> bytes:
    """Return the frame in which a worker says that it is there."""
    return frames.framed(_REPLY.pack(STARTED, 0, 0))


def replied(reply: Reply) -> bytes:
    """Return a reply as a frame."""
    answer, last = reply.answer, _LAST if reply.last else 0
    more: Mapping[str, Any] = {"trace": reply.trace} if reply.trace else {}
    if isinstance(answer, Rendered):
        flags = last | _RENDERED | (_KEEPS if answer.keeps else 0)
        packed = _REPLY.pack(answer.status, flags, answer.head)
        return frames.framed(packed + frames.said(more) if more else packed, answer.body)
    more = {**more, "media_type": answer.media_type, "headers": answer.headers}
    return frames.framed(_REPLY.pack(answer.status, last, 0) + frames.said(more), answer.body)


def reply(head: bytes, body: bytes, graph: str) -> Reply | None:
    """Return the reply that a frame holds, of a worker of this graph; None where it says that it is there."""
    status, flags, length = _REPLY.unpack_from(head)
    if status == STARTED:
        return None
    more = frames.read(head[_REPLY.size :]) if len(head) > _REPLY.size else {}
    found: Answer | Rendered
    if flags & _RENDERED:
        found = Rendered(status, body, length, graph, keeps=bool(flags & _KEEPS))
    else:
        headers = tuple((str(name), str(value)) for name, value in more["headers"])
        found = Answer(status, str(more["media_type"]), body, headers, graph)
    return Reply(found, bool(flags & _LAST), str(more.get("trace", "")))
