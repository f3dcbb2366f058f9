"""The whole graph as a file: whatever its size, in parts too, and never what may not be handed on."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import publication
from kg.terms import PREFIXES
from tests.serving import Reply, Server, running

DUMP = "export?format=nq"
NAMED = ox.NamedNode(PREFIXES["void"] + "dataDump")
FREE = b"".join(
    b'<https://example.org/%d> <http://purl.org/dc/terms/title> "%d" <https://example.org/free> .\n' % (n, n)
    for n in range(10_000, 40_000)
)
CLOSED = b"<https://example.org/doc> <http://purl.org/dc/terms/license> <https://creativecommons.org/licenses/by-nd/4.0/> <https://example.org/doc> .\n"


def published(folder: Path, lines: bytes) -> Path:
    """A published graph of N-Quads lines."""
    with publication.draft(folder) as draft:
        draft.write(sorted(lines.splitlines(keepends=True)))
        draft.publish({"built": "today"}, {"issues": []})
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that answers in 100 kB at most, over a graph of three megabytes of which some must stay here."""
    folder = tmp_path_factory.mktemp("dumps")
    place = published(folder / "graph", FREE + CLOSED)
    with running(place, folder / "log", "--max-result", "100kB") as started:
        yield started


def described(reply: Reply) -> set[str]:
    """Where a description says that all of the graph is."""
    return {
        str(quad.object.value)
        for quad in ox.parse(reply.body, ox.RdfFormat.N_TRIPLES)
        if quad.predicate == NAMED
    }  # type: ignore[union-attr]


def test_all_of_the_graph_comes_that_may_be_handed_on(server: Server) -> None:
    """Though it is larger than an answer may be; the header tells what is left out, the tag is that of the bytes."""
    reply = server.ask(DUMP)

    assert reply.status == 200
    assert reply.body == FREE
    assert reply.media_type == "application/n-quads"
    assert reply.headers["x-left-out"] == "1"
    assert reply.headers["etag"] == f'"{hashlib.sha256(FREE).hexdigest()}.nq"'
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert server.ask(DUMP + "&licence=x").status in {400, 404, 413}


def test_its_headers_and_what_is_known_are_not_sent_again(server: Server) -> None:
    """HEAD, and 304 for whoever has it."""
    head = server.ask(DUMP, method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(FREE)))
    again = server.ask(DUMP, headers={"if-none-match": head.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert server.ask(DUMP, headers={"if-none-match": '"other"'}).status == 200


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=1000000-", 1_000_000, len(FREE)),
        ("bytes=-7", len(FREE) - 7, len(FREE)),
        ("bytes=5-99999999999", 5, len(FREE)),
        ("bytes=-99999999999", 0, len(FREE)),
        (f"bytes={len(FREE) - 1}-", len(FREE) - 1, len(FREE)),
    ],
)
def test_parts_are_sent_alone(server: Server, asked: str, start: int, end: int) -> None:
    """For whoever goes on with what broke off."""
    reply = server.ask(DUMP, headers={"range": asked})

    assert reply.status == 206
    assert reply.body == FREE[start:end]
    assert reply.headers["content-range"] == f"bytes {start}-{end - 1}/{len(FREE)}"


@pytest.mark.parametrize(
    "asked", ["bytes=9-3", "bytes=0-1,5-6", "lines=0-1", "bytes=", "bytes=a-b", "bytes=-"]
)
def test_what_is_no_range_is_ignored(server: Server, asked: str) -> None:
    """As HTTP allows; several at once too."""
    reply = server.ask(DUMP, headers={"range": asked})
    assert (reply.status, len(reply.body)) == (200, len(FREE))


@pytest.mark.parametrize("asked", [f"bytes={len(FREE)}-", "bytes=-0", f"bytes={'9' * 18}-"])
def test_a_part_that_is_not_there_is_refused(server: Server, asked: str) -> None:
    """With how much there is."""
    reply = server.ask(DUMP, headers={"range": asked})
    assert (reply.status, reply.headers["content-range"]) == (416, f"bytes */{len(FREE)}")
    assert reply.media_type == "application/problem+json"


def test_a_part_of_another_graph_is_not_mixed_in(server: Server) -> None:
    """`If-Range` with the tag of what the client has: all of it where that is another."""
    tag = server.ask(DUMP, method="HEAD").headers["etag"]
    assert server.ask(DUMP, headers={"range": "bytes=0-1", "if-range": tag}).status == 206
    assert server.ask(DUMP, headers={"range": "bytes=0-1", "if-range": '"other"'}).status == 200


def test_the_description_leads_to_it(server: Server) -> None:
    """In both places, by the address that the client uses."""
    for path in (".well-known/void", "sparql"):
        reply = server.ask(path, headers={"accept": "application/n-triples"})
        assert described(reply) == {f"{server.url}{DUMP}"}
    assert server.ask(described(reply).pop().removeprefix(server.url)).body == FREE


def links(folder: Path) -> list[str]:
    """Where the links in a folder lead that are still there."""
    found = []
    for each in folder.iterdir():
        with contextlib.suppress(OSError):
            found.append(str(each.readlink()))
    return found


def test_a_client_that_goes_away_leaves_no_file_open(server: Server) -> None:
    """In the midst of it."""
    handles = Path(f"/proc/{server.process.pid}/fd")
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(f"GET /{DUMP} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
            assert client.recv(20).startswith(b"HTTP/1.1 200")
    assert server.ask(DUMP).body == FREE
    end = time.monotonic() + 10
    while any(each.endswith("/graph.nq") for each in links(handles)):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_graph_that_all_may_have_is_sent_as_it_was_published(tmp_path: Path) -> None:
    """Nothing is written for it, and where the file is gone, workers answer."""
    place = published(tmp_path / "graph", FREE)
    with running(place, tmp_path / "log") as server:
        reply = server.ask(DUMP)
        assert reply.body == FREE
        assert "x-left-out" not in reply.headers
        assert not list(place.rglob("shareable"))
        (place / "current" / "graph.nq").unlink()
        assert server.ask(DUMP).body == FREE


def test_there_is_no_promise_of_a_file_that_cannot_be_kept(tmp_path: Path) -> None:
    """A graph that was not published, or whose folder cannot be written to."""
    (tmp_path / "graph.nq").write_bytes(FREE + CLOSED)
    place = published(tmp_path / "graph", FREE + CLOSED)
    version = publication.current(place)
    (version.folder / "shareable").write_bytes(b"in the way")
    for each in (tmp_path / "graph.nq", place):
        with running(each, tmp_path / "log", "--max-result", "100kB") as server:
            void = server.ask(".well-known/void", headers={"accept": "application/n-triples"})
            assert void.status == 200
            assert described(void) == set()
            assert server.ask(DUMP).status == 413


def test_a_new_graph_has_a_new_file(tmp_path: Path) -> None:
    """Without a restart; what is being sent is still the former."""
    place = published(tmp_path / "graph", FREE)
    with running(place, tmp_path / "log") as server:
        before = server.ask(DUMP)
        more = FREE + FREE.replace(b"/free>", b"/more>")
        published(place, more + CLOSED)
        end = time.monotonic() + 30
        while (after := server.ask(DUMP, method="HEAD")).headers["etag"] == before.headers["etag"]:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert server.ask(DUMP).body == b"".join(sorted(more.splitlines(keepends=True)))
        assert after.headers["x-left-out"] == "1"
        assert after.headers["x-graph-sha256"] != before.headers["x-graph-sha256"]
