"""Fetching sources from a local server and from a mirror folder."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kg.errors import NotFoundError
from kg.fetching import Upstream, chosen, fetch, manifest

BODY = b"0123456789" * 50_000


class Server(ThreadingHTTPServer):
    """A server that remembers what was asked, and may break off the first answer."""

    breaks_off = False
    body = BODY

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    """Serves one body, ranges too."""

    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        start = 0
        asked = self.headers.get("Range")
        self.server.asked.append(asked or "whole")
        if self.path.endswith("/gone"):
            self.send_error(404)
            return
        if asked:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body) - start))
        self.end_headers()
        if self.server.breaks_off and not asked:
            self.wfile.write(self.server.body[: len(BODY) // 2])
            self.wfile.flush()
            self.connection.close()
            return
        self.wfile.write(self.server.body[start:])


@pytest.fixture
def server() -> Iterator[Server]:
    """A running server."""
    running = Server()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


def upstream(server: Server, path: str = "a/file.json", body: bytes = BODY) -> Upstream:
    """Return a manifest entry for the server's body."""
    url = f"http://127.0.0.1:{server.server_address[1]}/{path}"
    return Upstream("a", path, url, hashlib.sha256(body).hexdigest(), len(body), "CC0-1.0")


def test_a_file_is_fetched_verified_and_not_fetched_again(server: Server, tmp_path: Path) -> None:
    """The second run finds the file in place and asks nothing."""
    wanted = (upstream(server),)

    first = [each.state for each in fetch(wanted, tmp_path)]
    second = [each.state for each in fetch(wanted, tmp_path)]

    assert (first, second) == (["fetched"], ["present"])
    assert (tmp_path / "a/file.json").read_bytes() == BODY
    assert server.asked == ["whole"]


def test_a_file_with_another_hash_is_refused_and_not_kept(server: Server, tmp_path: Path) -> None:
    """What is not what the manifest says never reaches the folder."""
    server.body = BODY.replace(b"0", b"x")

    [result] = fetch((upstream(server),), tmp_path)

    assert result.state == "refused"
    assert "hash" in result.reason
    assert list((tmp_path / "a").iterdir()) == []


def test_a_broken_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    """The second request asks for the rest only."""
    server.breaks_off = True

    [result] = fetch((upstream(server),), tmp_path)

    assert result.state == "fetched"
    assert server.asked[0] == "whole"
    assert server.asked[1].startswith("bytes=")
    assert (tmp_path / "a/file.json").read_bytes() == BODY


def test_a_missing_file_is_refused_and_the_rest_is_fetched(server: Server, tmp_path: Path) -> None:
    """One file that is gone does not stop the others."""
    states = [each.state for each in fetch((upstream(server, "a/gone"), upstream(server)), tmp_path)]

    assert states == ["refused", "fetched"]


def test_offline_asks_nothing(server: Server, tmp_path: Path) -> None:
    """What is not there is missing, and the server hears nothing."""
    [result] = fetch((upstream(server),), tmp_path, offline=True)

    assert result.state == "missing"
    assert server.asked == []


def test_a_mirror_folder_serves_without_a_network(server: Server, tmp_path: Path) -> None:
    """A folder that holds the files under their paths is as good as the original."""
    (tmp_path / "mirror/a").mkdir(parents=True)
    (tmp_path / "mirror/a/file.json").write_bytes(BODY)

    [result] = fetch((upstream(server),), tmp_path / "out", mirror=str(tmp_path / "mirror"), offline=True)

    assert result.state == "fetched"
    assert server.asked == []


def test_the_manifest_is_pinned_and_complete() -> None:
    """Every source has an address pinned to a commit, a hash, a size and a licence."""
    known = manifest()

    assert known
    for each in known:
        assert each.url.startswith("https://")
        assert len(each.sha256) == 64
        assert each.size > 0
        assert each.licence
        assert any(len(part) == 40 for part in each.url.split("/")), each.url


def test_an_unknown_source_gets_the_known_ones() -> None:
    """The error lists what can be asked for."""
    with pytest.raises(NotFoundError) as error:
        chosen(("nist-oscall",), manifest())

    assert "nist-oscal" in error.value.nearest


def test_the_manifest_equals_the_shared_catalogs(catalogs: Path) -> None:
    """The files the tests use are the ones the manifest pins."""
    for each in manifest():
        file = catalogs / each.path
        assert hashlib.sha256(file.read_bytes()).hexdigest() == each.sha256
