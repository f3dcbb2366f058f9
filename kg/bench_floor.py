"""A server that gives everything the same answer: what is left of a measurement when nobody does any work."""

from __future__ import annotations

import asyncio
import sys

_BODY = b'{"head":{"vars":["p","o"]},"results":{"bindings":[]}}'
_ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/sparql-results+json\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class _Constant(asyncio.Protocol):
    """A connection on which each request, which comes in one piece, is answered without being read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(_ANSWER * data.count(b"\r\n\r\n"))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Constant, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sys.stderr.write(f"serving 0 statements at http://127.0.0.1:{port}/\n")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
