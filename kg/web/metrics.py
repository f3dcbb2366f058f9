"""Figures of the server in Prometheus' text exposition format, and whether it is well."""

from __future__ import annotations

import json
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from kg.queries import questions
from kg.web.places import CONTEXT, DESCRIBE, HEALTH, METRICS, OPENAPI, PLACES
from kg.web.pool import Figures
from kg.web.problems import problem
from kg.web.tasks import Answer

Labels: TypeAlias = Mapping[str, str]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_PLACES = frozenset({"/sparql", *(each.path for each in (*PLACES, HEALTH, METRICS, CONTEXT, OPENAPI))})
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_NO_STORE = (("cache-control", "no-store"),)


def route(path: str) -> str:
    """Return the place a path is at, one of a bounded number: `other` for what is nowhere.

    >>> route("/id/standard/mars-e"), route("/ask/is-in-scope"), route("/ask/nothing"), route("/wp-admin")
    ('/id/{path}', '/ask/is-in-scope', '/ask/{question}', 'other')
    """
    if path.startswith("/id/"):
        return DESCRIBE.path
    if path.startswith("/ask/"):
        return path if path.removeprefix("/ask/") in questions() else "/ask/{question}"
    known = path.rstrip("/") if path == "/sparql/" else path
    return known if known in _PLACES else "other"


class Metrics:
    """What was answered so far."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: dict[str, list[int]] = {}
        self._total: Counter[str] = Counter()
        self._bytes = 0

    def note(self, place: str, method: str, status: int, seconds: float, size: int) -> None:
        """Count a request that was answered."""
        self._requests[place, method if method in _METHODS else "other", status] += 1
        buckets = self._seconds.setdefault(place, [0] * (len(_SECONDS) + 1))
        buckets[bisect_left(_SECONDS, seconds)] += 1
        self._total[place] += seconds  # type: ignore[assignment]  # typeshed has counts be whole
        self._bytes += size

    def text(self, figures: Figures) -> str:
        """Return all figures, those of the pool among them."""
        return "".join((*self._of_requests(), *_of_pool(figures)))

    def _of_requests(self) -> Iterator[str]:
        yield _head("kg_requests_total", "counter", "Requests by place, method and status.")
        for (place, method, status), number in sorted(self._requests.items()):
            labels = {"route": place, "method": method, "status": str(status)}
            yield _line("kg_requests_total", labels, number)
        yield _head("kg_response_bytes_total", "counter", "Bytes of bodies sent.")
        yield _line("kg_response_bytes_total", {}, self._bytes)
        name = "kg_request_seconds"
        yield _head(name, "histogram", "Seconds from a request to the end of its answer.")
        for place, buckets in sorted(self._seconds.items()):
            below = 0
            for bound, number in zip((*map(str, _SECONDS), "+Inf"), buckets, strict=True):
                below += number
                yield _line(f"{name}_bucket", {"route": place, "le": bound}, below)
            yield _line(f"{name}_sum", {"route": place}, round(self._total[place], 6))
            yield _line(f"{name}_count", {"route": place}, below)


def _of_pool(figures: Figures) -> Iterator[str]:
    facts = figures.facts
    gauges = {
        "kg_workers": ("Processes that answer.", figures.workers),
        "kg_workers_busy": ("Those that are at a task.", figures.busy),
        "kg_workers_slow": ("Those whose task takes long.", figures.slow),
        "kg_queue_length": ("Requests that wait for a worker.", figures.queued),
        "kg_graph_statements": ("Statements of the graph that is served.", facts.statements),
        "kg_graph_load_seconds": ("Seconds it took to load.", facts.seconds),
        "kg_graph_loaded_timestamp_seconds": ("When it was loaded.", round(figures.since, 3)),
    }
    for name, (about, number) in gauges.items():
        yield _head(name, "gauge", about) + _line(name, {}, number)
    yield _head("kg_graph_info", "gauge", "The graph that is served.")
    yield _line("kg_graph_info", {"sha256": facts.graph}, 1)
    counters = {
        "kg_answers_kept_total": ("Answers given again without a worker.", figures.kept),
        "kg_tasks_answered_total": ("Tasks that workers answered.", figures.served),
        "kg_graph_replacements_total": ("New graphs that were served.", figures.replacements),
        "kg_graph_refusals_total": ("New graphs that could not be.", figures.refused),
    }
    for name, (about, number) in counters.items():
        yield _head(name, "counter", about) + _line(name, {}, number)
    yield _head("kg_tasks_ended_total", "counter", "Tasks that got no answer of a worker, by reason.")
    for reason, number in sorted(figures.ended.items()):
        yield _line("kg_tasks_ended_total", {"reason": reason}, number)


def health(figures: Figures) -> Answer:
    """Return what is served and by how many workers; 503 where nothing can be answered."""
    facts = figures.facts
    if not facts.graph or not figures.workers:
        return problem(503, "no graph is served now", headers=(("retry-after", "1"),))
    loaded = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(figures.since))
    said = {
        "status": "ok",
        "graph": facts.graph,
        "statements": facts.statements,
        "loaded": loaded,
        "workers": figures.workers,
        "busy": figures.busy,
        "queued": figures.queued,
    }
    return Answer(200, HEALTH.forms["json"], json.dumps(said).encode() + b"\n", _NO_STORE, facts.graph)


def exposition(metrics: Metrics, figures: Figures) -> Answer:
    """Return the figures as Prometheus reads them."""
    media_type = METRICS.forms["text"] + "; version=0.0.4; charset=utf-8"
    return Answer(200, media_type, metrics.text(figures).encode(), _NO_STORE)


def _head(name: str, kind: str, about: str) -> str:
    return f"# HELP {name} {about}\n# TYPE {name} {kind}\n"


def _line(name: str, labels: Labels, number: float) -> str:
    said = ",".join(f'{label}="{value.translate(_ESCAPES)}"' for label, value in labels.items())
    return f"{name}{{{said}}} {number}\n" if said else f"{name} {number}\n"
