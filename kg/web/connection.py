"""One client's connection: patient for so long, frugal with packets."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from kg.web.problems import problem

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as HttpProtocol
else:
    try:  # it reads a request in a third of the time, and is used where it is installed
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as HttpProtocol
    except ModuleNotFoundError:
        from uvicorn.protocols.http.h11_impl import H11Protocol as HttpProtocol

# Seconds for a request to arrive whole, and between two looks at whether an answer is being taken; bytes for its first line and headers beside what a URL may have.
REQUEST_TIME = 15.0
TAKING_TIME = 20.0
HEADERS = 16_384
_URL = 65_535  # the longest address httptools takes apart
_FINAL = frozenset(f"HTTP/1.1 {first}".encode() for first in range(2, 6))


class _Together(asyncio.Transport):
    """A transport that sends the headers of an answer with its body: half as many packets and wake-ups."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._held = b""

    def __getattribute__(self, name: str) -> Any:
        if name in {"write", "close", "_transport", "_held"}:
            return super().__getattribute__(name)
        return getattr(self._transport, name)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._held:
            data, self._held = self._held + data, b""
        elif bytes(data[:10]) in _FINAL:
            self._held = bytes(data)
            return
        if data:
            self._transport.write(data)

    def close(self) -> None:
        self.write(b"")
        self._transport.close()


class Connection(HttpProtocol):
    """A connection that ends when a request does not arrive, its headers do not end, or its answer is not taken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arrival: asyncio.TimerHandle | None = None
        self._former: object = None  # the request before the one that is arriving
        self._size = 0
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(_Together(transport))
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Take what came of a request."""
        if self._arrival is None:
            self._expect()
        self._size += len(data)
        super().data_received(data)
        if self.cycle is None or self.cycle is self._former:
            if self._size > (self.config.h11_max_incomplete_event_size or 0):
                self.transport.abort()
        elif not self.cycle.more_body:
            self._former = self.cycle
            self._stop_waiting()

    def send_400_response(self, msg: str) -> None:
        """Tell what is wrong with bytes that are no request, as every other problem is told."""
        if len(getattr(self, "url", b"")) > _URL:
            answer = problem(414, f"the URL is longer than {_URL:,} bytes", "send the query by POST")
        else:
            answer = problem(400, msg.rstrip("."))
        head = (
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\ncontent-type: {answer.media_type}\r\n"
            f"content-length: {len(answer.body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode())
        self.transport.write(answer.body)
        self.transport.close()

    def on_response_complete(self) -> None:
        """Send what was held: an answer without a body has nothing else that would send its headers."""
        self.transport.write(b"")
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """End all waiting."""
        self._stop_waiting()
        self._stop_seeing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to see whether the client takes its answer."""
        super().pause_writing()
        self._see_progress(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Be content: it took it."""
        self._stop_seeing()
        super().resume_writing()

    def _see_progress(self, before: int) -> None:
        self._taking = self.loop.call_later(TAKING_TIME, self._not_taken, before)

    def _not_taken(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left < before:
            self._see_progress(left)
        else:
            self.transport.abort()

    def _stop_seeing(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _expect(self) -> None:
        self._size = 0
        self._arrival = self.loop.call_later(REQUEST_TIME, self._too_late)

    def _stop_waiting(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None

    def _too_late(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body:
            self._expect()  # it came while the request before is answered
        else:
            self.transport.abort()
