"""Health, figures for Prometheus, and the access log."""

from __future__ import annotations

import json
import re
import time

import pytest

from kg.web.generation import Facts
from kg.web.metrics import Metrics, health, route
from kg.web.pool import Figures

# A sample line of the text exposition format, and its labels.
SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{((?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)')
GRAPH = "ab" * 32


def figures(**changed):
    """Return figures of a pool that is well."""
    known = {
        "workers": 2, "busy": 1, "slow": 0, "queued": 3, "served": 4, "kept": 1, "ended": {"clock": 2},
        "replacements": 1, "refused": 0, "facts": Facts(GRAPH, 1000, 1.5, 0), "since": 1_700_000_000.25,
    }  # fmt: skip
    return Figures(**{**known, **changed})


def samples(text):
    """Return name, labels and value of each sample, having checked that every line is as it should be."""
    found = {}
    typed = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            assert name not in typed, "each metric has one block"
            assert kind in {"counter", "gauge", "histogram"}
            typed.add(name)
        elif not line.startswith("# HELP "):
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert re.sub(r"_(bucket|sum|count)$", "", match[1]) in typed or match[1] in typed
            found[match[1], match[2] or ""] = float(match[3])
    return found


def soon(condition):
    """Whether something comes true in a moment: a request is noted after it is answered."""
    end = time.monotonic() + 5
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_figures_are_in_the_form_that_prometheus_reads():
    """Histograms are cumulative and end with all; labels are escaped."""
    metrics = Metrics()
    for seconds in (0.001, 0.02, 0.02, 60):
        metrics.note("/search", "GET", 200, seconds, 10)
    metrics.note('a"b\\c\nd', "GET", 404, 0.1, 10)
    found = samples(metrics.text(figures()))
    assert found["kg_requests_total", 'route="/search",method="GET",status="200"'] == 4
    assert found["kg_requests_total", 'route="a\\"b\\\\c\\nd",method="GET",status="404"'] == 1
    buckets = [
        value for (name, labels), value in found.items() if name.endswith("_bucket") and "/search" in labels
    ]
    assert buckets == sorted(buckets)
    assert (buckets[0], buckets[-1]) == (1, 4)
    assert found["kg_request_seconds_sum", 'route="/search"'] == pytest.approx(60.041)
    assert found["kg_tasks_ended_total", 'reason="clock"'] == 2
    assert found["kg_graph_info", f'sha256="{GRAPH}"'] == 1
    assert found["kg_response_bytes_total", ""] == 50


def test_strangers_cannot_make_more_figures():
    """Whatever is asked for and however, there are so many places and methods."""
    metrics = Metrics()
    for number in range(500):
        metrics.note(route(f"/{number}"), f"M{number}", 404, 0.1, 0)
        metrics.note(route(f"/ask/{number}"), "GET", 404, 0.1, 0)
        metrics.note(route(f"/id/{number}"), "GET", 404, 0.1, 0)
    requests = [labels for name, labels in samples(metrics.text(figures())) if name == "kg_requests_total"]
    assert len(requests) == 3


def test_health_is_bad_without_a_graph_or_workers():
    """503 tells whoever balances loads to ask elsewhere."""
    assert health(figures()).status == 200
    assert health(figures(workers=0)).status == 503
    assert health(figures(facts=Facts("", 0, 0.0, 0))).status == 503


def test_health_tells_what_is_served(sample_server):
    """The graph by its hash, since when, and by how many workers."""
    reply = sample_server.ask("health")
    said = reply.json()
    assert (reply.status, said["status"]) == (200, "ok")
    assert said["workers"] >= 2
    assert said["graph"] == sample_server.ask("stats").headers["x-graph-sha256"]
    assert said["statements"] == sample_server.statements
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said["loaded"])
    assert reply.headers["cache-control"] == "no-store"


def test_requests_are_counted_where_they_are_answered(sample_server):
    """Refusals too."""
    key = ("kg_requests_total", 'route="/search",method="GET",status="400"')
    before = samples(sample_server.ask("metrics").body.decode()).get(key, 0)
    sample_server.ask("search")

    def counted():
        return samples(sample_server.ask("metrics").body.decode()).get(key) == before + 1

    assert soon(counted)
    reply = sample_server.ask("metrics", headers={"accept": "text/plain;version=0.0.4"})
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_each_request_is_a_line_of_json_in_the_access_log(sample_server):
    """With what was asked and how it was answered; what was sent cannot begin a line of its own."""
    mark = str(time.monotonic_ns())
    sample_server.ask("search", {"q": f"{mark}\n{{}}"}, headers={"user-agent": 'a "tool"'})
    log = sample_server.log.parent / "access"
    assert soon(lambda: mark in log.read_text())
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (line,) = [each for each in lines if mark in each["query"]]
    assert (line["route"], line["status"], line["method"]) == ("/search", 200, "GET")
    assert line["agent"] == 'a "tool"'
    assert line["bytes"] > 0
    assert line["seconds"] > 0
    assert sample_server.ask("health").json()["graph"].startswith(line["graph"])
