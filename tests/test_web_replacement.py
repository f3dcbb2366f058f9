"""A graph is replaced while it is served: no restart, no half answers, and no damaged graph."""

from __future__ import annotations

import threading
import time

import pytest

from kg import publication
from tests.serving import running

pytestmark = pytest.mark.alone

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . VALUES ?z { 1 2 3 4 5 } }"


def published(folder, count):
    """Publish a graph of so many statements."""
    lines = sorted(f'<https://example.org/{n}> <https://example.org/p> "{n}" .\n' for n in range(count))
    with publication.draft(folder) as draft:
        draft.write([line.encode() for line in lines])
        return draft.publish({}, {})


def until(holds, seconds=15):
    """Wait until something holds; False if it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def counted(reply):
    """The number a counting query gave, and the graph it was counted in."""
    assert reply.status == 200, reply.body
    return int(reply.json()["results"]["bindings"][0]["n"]["value"]), reply.headers["x-graph-sha256"]


@pytest.fixture
def folder(tmp_path):
    """A folder with a published graph of a hundred statements."""
    place = tmp_path / "graph"
    published(place, 100)
    return place


def test_a_published_graph_is_served_without_a_restart(folder, tmp_path):
    """Answers name the new graph by its hash, and so do their tags."""
    with running(folder, tmp_path / "log") as server:
        former = server.query(COUNT)
        version = published(folder, 101)
        assert until(lambda: counted(server.query(COUNT)) == (101, version.sha256))

        tagged = server.query(COUNT).headers["etag"]
        assert version.sha256 in tagged
        again = server.ask(params={"query": COUNT}, headers={"if-none-match": former.headers["etag"]})
        assert again.status == 200
        assert f"now serving {version.sha256[:12]}" in server.said()


def test_every_answer_comes_wholly_from_one_graph(folder, tmp_path):
    """While graphs are replaced under load: no error, and each number is that of the graph the answer names."""
    known = {publication.current(folder).sha256: 100}
    wrong, seen = [], set()
    stop = threading.Event()

    def ask(server):
        while not stop.is_set():
            number, graph = counted(server.query(COUNT))
            seen.add(graph)
            if known.get(graph) != number:
                wrong.append((number, graph))

    with running(folder, tmp_path / "log") as server:
        threads = [threading.Thread(target=ask, args=(server,)) for _ in range(4)]
        for each in threads:
            each.start()
        for count in (101, 102, 103):
            lines = sorted(
                f'<https://example.org/{n}> <https://example.org/p> "{n}" .\n' for n in range(count)
            )
            known[publication.digest("".join(lines).encode())] = count
            version = published(folder, count)
            assert until(lambda version=version: version.sha256 in seen)
        stop.set()
        for each in threads:
            each.join()

    assert not wrong
    assert seen == set(known)


def test_a_slow_answer_comes_from_the_graph_it_was_asked_of(folder, tmp_path):
    """A new graph does not end what is being answered from the former."""
    former = publication.current(folder).sha256
    found = []
    with running(folder, tmp_path / "log", "--clock", "30") as server:
        asking = threading.Thread(target=lambda: found.append(counted(server.query(SLOW))))
        asking.start()
        time.sleep(0.2)
        version = published(folder, 10)
        assert until(lambda: counted(server.query(COUNT)) == (10, version.sha256))
        asking.join()

    assert found == [(5 * 100**3, former)]


def test_a_damaged_graph_is_refused_and_the_former_stays(folder, tmp_path):
    """The log says so, once; when the graph is whole again it is served."""
    with running(folder, tmp_path / "log") as server:
        former = counted(server.query(COUNT))
        place = folder / "current"
        with publication.draft(folder) as draft:
            draft.write([b"<https://example.org/a> <https://example.org/b> <https://example.org/c> .\n"])
            whole = draft.lines.read_bytes()
            digest = publication.digest(whole)
            target = folder / digest
            target.mkdir()
            (target / publication.MANIFEST).write_text("{}")
            (target / publication.REPORT).write_text("{}")
            (target / publication.LINES).write_bytes(whole.replace(b"/c>", b"/d>"))
            fresh = folder / "current.tmp"
            fresh.symlink_to(digest)
            fresh.replace(place)

        assert until(lambda: "is refused" in server.said())
        time.sleep(1.2)
        assert server.said().count("is refused") == 1
        assert "damaged" in server.said()
        assert counted(server.query(COUNT)) == former

        (target / publication.LINES).write_bytes(whole)
        assert until(lambda: counted(server.query(COUNT)) == (1, digest))


def test_a_graph_that_is_gone_is_still_served(folder, tmp_path):
    """Where `current` leads nowhere, the log says so once; when it is back, nothing has happened."""
    with running(folder, tmp_path / "log") as server:
        former = counted(server.query(COUNT))
        (folder / "current").rename(folder / "elsewhere")
        assert until(lambda: "is refused" in server.said())
        time.sleep(1.2)
        assert server.said().count("is refused") == 1
        assert counted(server.query(COUNT)) == former
        (folder / "elsewhere").rename(folder / "current")
        version = published(folder, 102)
        assert until(lambda: counted(server.query(COUNT)) == (102, version.sha256))


def test_a_graph_that_cannot_be_loaded_is_not_served_at_all(tmp_path):
    """At the start there is no former one: the reason is told, with a hint, and the exit code is 2."""
    place = tmp_path / "broken.nq"
    place.write_text("<https://example.org/a> <https://example.org/b> .\n")

    with pytest.raises(AssertionError, match=r"error: broken\.nq"), running(place, tmp_path / "log"):
        pass
