"""What caches may do with an answer: how long it is right, and the tag that tells it from others."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# Functions whose value is another every time: such an answer is not to be kept.
_VOLATILE = re.compile(r"\b(?:now|rand|uuid|struuid|bnode)\s*\(", re.IGNORECASE)
ASK_FIRST, NEVER = "no-cache", "no-store"


def is_volatile(query: str) -> bool:
    """Whether a query may have another answer each time it is asked of the same graph."""
    return "(" in query and _VOLATILE.search(query) is not None


def mark(kind: str, arguments: Mapping[str, Any], *, gzip: bool) -> str:
    """Return what tells a task from all that may be answered otherwise."""
    others = {name: value for name, value in arguments.items() if name != "query"}
    return mark_of_query(repr((kind, others, gzip)), arguments.get("query", ""))


def mark_of_query(others: str, query: str) -> str:
    """Return the mark of a query, `others` being all else that its answer depends on."""
    found = _begun(others).copy()
    found.update(query.encode("utf-8", "replace"))
    return found.hexdigest()


@lru_cache(maxsize=256)
def _begun(others: str) -> hashlib.blake2s:
    return hashlib.blake2s(others.encode("utf-8", "replace"), digest_size=16)


def headers(graph: str, mark: str, keep: str = ASK_FIRST) -> tuple[tuple[str, str], ...]:
    """Return the headers that tell caches what they may do; without a mark there is no tag."""
    common = (("vary", "accept, accept-encoding"), ("cache-control", keep))
    return (*common, ("etag", f'W/"{graph}.{mark}"')) if mark else common
