"""What one request may cost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg import sparql
from kg.errors import KgError

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?)i?b?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes and counts; `memory` is what a worker may take beside the graph, which all share."""

    workers: int = 2
    clock: float = 10.0
    memory: int = 2_000_000_000
    max_body: int = 64_000
    max_result: int = 16_000_000
    max_depth: int = sparql.DEPTH
    max_tokens: int = sparql.TOKENS
    queue: int = 64


def size(text: str) -> int:
    """Return a number of bytes written for people.

    >>> size("64kB"), size("2GB"), size("1.5m"), size("4096")
    (64000, 2000000000, 1500000, 4096)
    """
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise KgError(f"{text!r} is no size", "such as 64kB, 16MB or 2GB")
    return int(float(match[1]) * _UNITS[match[2].lower()])
