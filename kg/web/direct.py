"""In a worker: a query as it stands in a URL, answered with the very bytes that its client gets."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kg.web import caching, frames
from kg.web.problems import HttpError
from kg.web.rendered import Rendered, rendered
from kg.web.tasks import Answer


@dataclass(frozen=True, slots=True)
class Asked:
    """What the head of an order says; `others` is all that an answer depends on beside the query."""

    kind: str
    arguments: Mapping[str, Any]
    gzip: bool
    others: str


@lru_cache(maxsize=64)
def asked(head: bytes) -> Asked:
    """Return what a head says that comes again and again, with another query each time."""
    said = frames.read(head)
    others = repr((said["kind"], said["arguments"], said["gzip"]))
    return Asked(said["kind"], said["arguments"], said["gzip"], others)


def query(value: bytes) -> str:
    """Return the query that stands in a URL, each escape whole; HttpError where it is not UTF-8."""
    # Escapes of mail (RFC 2045, 6.7) differ in their sign only, and are read at a tenth of the price.
    escaped = value.replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"=")
    try:
        return binascii.a2b_qp(escaped).decode()
    except UnicodeDecodeError as error:
        raise HttpError(400, f"the parameters cannot be read: {error}") from error


def whole(answer: Answer, graph: str, others: str, text: str) -> Rendered:
    """Return an answer as its client gets it, with what caches may do with it."""
    if answer.status != 200:
        head, body = rendered(Answer(answer.status, answer.media_type, answer.body, answer.headers, graph))
        return Rendered(answer.status, head + body, len(head), graph)
    volatile = caching.is_volatile(text)
    said = caching.headers(
        graph,
        "" if volatile else caching.mark_of_query(others, text),
        caching.NEVER if volatile else caching.ASK_FIRST,
    )
    head, body = rendered(Answer(200, answer.media_type, answer.body, (*answer.headers, *said), graph))
    return Rendered(200, head + body, len(head), graph, keeps=not volatile)
