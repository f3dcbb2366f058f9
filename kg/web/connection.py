"""One client's connection: patient for so long, frugal with packets."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from kg.web.problems import problem
from kg.web.rendered import Rendered

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as HttpProtocol

    from kg.web.pool import Job
    from kg.web.shortcut import Known, Shortcut

    _TELLS = True  # where a request begins and where it ends
else:
    try:  # it reads a request in a third of the time, and is used where it is installed
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as HttpProtocol

        _TELLS = True
    except ModuleNotFoundError:
        from uvicorn.protocols.http.h11_impl import H11Protocol as HttpProtocol

        _TELLS = False

# Seconds for a request to arrive whole, and between two looks at whether an answer is being taken; bytes for its first line and headers beside what a URL may have.
REQUEST_TIME = 15.0
TAKING_TIME = 20.0
HEADERS = 16_384
_LARGE = 1 << 16  # bytes that are sent as they are, not copied behind the headers first
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

    def __init__(self, shortcut: Shortcut, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shortcut = shortcut
        self._plain: asyncio.Transport = self.transport
        self._inside = not _TELLS  # of a request: the short way begins between two
        self._waits = False  # for an answer by the short way
        self._job: Job | None = None
        self._held = b""  # what came meanwhile
        self._last = False
        self._active = 0.0  # when the last answer was given by the short way
        self._arrival: asyncio.TimerHandle | None = None
        self._former: object = None  # the request before the one that is arriving
        self._size = 0
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(_Together(transport))
        self._plain = transport
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Take what came of a request."""
        if self._waits:
            self._held += data
            self._plain.pause_reading()
            return
        asked = None if self._inside or not self._is_free() else self._shortcut.matched(data)
        if asked:
            headers = data[asked.end() :]
            if known := self._shortcut.known(headers):
                self._ask(known, asked[1])
                return
        if self._arrival is None:
            self._expect()
        self._size += len(data)
        super().data_received(data)
        if asked and not self._plain.is_closing():
            self._shortcut.learn(headers, asked[1], {**self.scope})
        if self.cycle is None or self.cycle is self._former:
            if self._size > (self.config.h11_max_incomplete_event_size or 0):
                self.transport.abort()
        elif not self.cycle.more_body:
            self._former = self.cycle
            self._stop_waiting()

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self._inside = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Note that a request is whole."""
        self._inside = False
        super().on_message_complete()

    def _is_free(self) -> bool:
        """Whether no request is being answered, and the last answer was taken."""
        return (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused

    def _ask(self, known: Known, value: bytes) -> None:
        """Answer a request by the short way."""
        begun = time.perf_counter()
        self._stop_waiting()
        self._waits = True

        def done(answer: Rendered) -> None:
            self._waits, self._job = False, None
            if self._plain.is_closing():
                return
            before = self._shortcut.head(known, answer, self.server_state.default_headers, last=self._last)
            if len(answer.body) < _LARGE:
                self._plain.write(before + answer.body)
            else:
                self._plain.write(before)
                self._plain.write(answer.body)
            self._shortcut.note(known, value, self.client, answer, begun)
            self._go_on()

        alone, self._shortcut.last = self._shortcut.last is self, self
        job = self._shortcut.ask(known, value, done, alone=alone)
        if self._waits:
            self._job = job

    def _go_on(self) -> None:
        """Wait for the next request, or take what came of it."""
        if self._last:
            self._plain.close()
            return
        self._active = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        if self._held:
            data, self._held = self._held, b""
            self._plain.resume_reading()
            self.data_received(data)

    def timeout_keep_alive_handler(self) -> None:
        """End a connection over which nothing was asked for long."""
        left = self._active + self.timeout_keep_alive - self.loop.time()
        if self._waits or left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(
                max(left, 1.0), self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """End when the answer that is due is given."""
        if self._waits:
            self._last = True
        else:
            super().shutdown()

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
        self._unset_keepalive_if_required()
        if self._job is not None:
            self._job.left = True
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
