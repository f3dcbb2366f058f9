"""Who may ask: names and origins, patience with slow clients, and headers that keep answers safe."""

from __future__ import annotations

import http.client
import socket
import time

import pytest

from kg.web.guard import is_loopback
from tests.serving import running

pytestmark = pytest.mark.alone

QUERY = "/sparql?query=ASK%20%7B%7D"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A graph of one statement."""
    path = tmp_path_factory.mktemp("guard") / "one.nt"
    path.write_text("<https://example.org/a> <https://example.org/b> <https://example.org/c> .\n")
    return path


@pytest.fixture(scope="module")
def server(place, tmp_path_factory):
    """A server as it comes, on a loopback address."""
    with running(place, tmp_path_factory.mktemp("log") / "log") as started:
        yield started


@pytest.fixture(scope="module")
def open_server(place, tmp_path_factory):
    """A server that was told another name and an origin."""
    options = ("--allow-host", "kg.example", "--allow-origin", "https://page.example")
    with running(place, tmp_path_factory.mktemp("log") / "log", *options) as started:
        yield started


@pytest.fixture(scope="module")
def public_server(place, tmp_path_factory):
    """A server on every address."""
    with running(place, tmp_path_factory.mktemp("log") / "log", "--host", "0.0.0.0") as started:
        yield started


def sent(server, method="GET", path=QUERY, body=None, **headers):
    """Send a request with exactly these headers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:9"])
def test_on_loopback_its_own_names_are_answered(server, host):
    """Whatever the port."""
    assert sent(server, host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]", "", "192.0.2.1"]
)
def test_on_loopback_another_name_is_misdirected(server, host):
    """421: a page whose name was bound to this address gets nothing."""
    assert sent(server, host=host).status == 421


def test_on_loopback_no_origin_may_read(server):
    """No CORS header, whoever asks."""
    reply = sent(server, origin="https://page.example")

    assert reply.status == 200
    assert reply.getheader("access-control-allow-origin") is None


@pytest.mark.parametrize(
    "origin", ["https://page.example", "null", "http://localhost.evil.example", "http://192.0.2.1"]
)
def test_on_loopback_posts_from_foreign_pages_are_refused(server, origin):
    """403, before the body is looked at."""
    assert (
        sent(server, "POST", "/sparql", b"query=ASK{}", origin=origin, content_type="text/plain").status
        == 403
    )


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1"])
def test_posts_from_pages_of_this_machine_are_taken(server, origin):
    """A notebook or a page served here may ask."""
    reply = sent(server, "POST", "/sparql", b"ASK {}", origin=origin, content_type="application/sparql-query")

    assert reply.status == 200


def test_an_allowed_origin_may_read_and_post_and_ask_before(open_server):
    """With exactly its own name in the header, and caches told that it matters."""
    origin = "https://page.example"
    reply = sent(open_server, origin=origin)
    posted = sent(
        open_server, "POST", "/sparql", b"ASK {}", origin=origin, content_type="application/sparql-query"
    )
    asked = sent(open_server, "OPTIONS", "/sparql", origin=origin, access_control_request_method="POST")

    for each in (reply, posted, asked):
        assert each.getheader("access-control-allow-origin") == origin
        assert "origin" in ", ".join(each.headers.get_all("vary"))
    assert (reply.status, posted.status, asked.status) == (200, 200, 204)
    assert "POST" in asked.getheader("access-control-allow-methods")
    assert sent(open_server, origin="https://other.example").getheader("access-control-allow-origin") is None
    assert sent(open_server, host="kg.example").status == 200


def test_in_public_everybody_may_read(public_server):
    """There is nothing to steal from a graph that anybody may ask."""
    reply = sent(public_server, host="anything.example", origin="https://page.example")

    assert (reply.status, reply.getheader("access-control-allow-origin")) == (200, "*")


@pytest.mark.parametrize("path", [QUERY, "/sparql?query=x", "/nowhere"])
def test_every_answer_is_safe_to_have_in_a_browser(server, path):
    """No sniffing, no scripts, no frames, no cookies, no referrer, no name of the program."""
    reply = sent(server, path=path)

    assert reply.getheader("x-content-type-options") == "nosniff"
    assert reply.getheader("content-security-policy").startswith("default-src 'none'")
    assert reply.getheader("referrer-policy") == "no-referrer"
    assert reply.getheader("set-cookie") is None
    assert reply.getheader("server") is None


@pytest.mark.parametrize(
    "address, expected", [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.0.2.1", False)]
)  # fmt: skip
def test_which_addresses_only_this_machine_reaches(address, expected):
    """All of 127/8 and ::1."""
    assert is_loopback(address) is expected


def test_idle_connections_and_half_requests_do_not_keep_others_waiting(server):
    """With 1,000 of them open, an honest request is answered in a moment."""
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(1_000)]
    for each in idle[::2]:
        each.sendall(b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n")
    begun = time.monotonic()

    assert sent(server).status == 200
    assert time.monotonic() - begun < 2
    for each in idle:
        each.close()


SECOND = b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\nHost: localhost\r\n\r\nGET /sparql"


def test_requests_sent_together_are_answered_in_their_order(server):
    """Pipelined, three answers come back on one connection."""
    request = b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(request * 2 + request.replace(b"ASK", b"NOT"))
        answered = b""
        while answered.count(b"HTTP/1.1") < 3 or not answered.endswith(b"}\n"):
            answered += connection.recv(10_000)

    assert [piece[:3] for piece in answered.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"400"]


def test_headers_without_end_are_cut_off(server):
    """A client cannot fill the memory with them."""
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(b"GET /sparql HTTP/1.1\r\nHost: localhost\r\n")
        with pytest.raises(OSError, match=r"reset|Broken"):  # noqa: PT012  (which of the two fails is open)
            for number in range(2_000):
                connection.sendall(b"X-%d: %s\r\n" % (number, b"x" * 1000))
            connection.recv(10)
            raise BrokenPipeError(32, "Broken")


def test_a_client_that_waits_to_be_asked_for_the_body_is_asked(server):
    """Expect: 100-continue is answered before the body is there."""
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 6\r\n"
            b"Content-Type: application/sparql-query\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(b"ASK {}")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.slow
@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /sparql?query=ASK",
        SECOND,
        b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nContent-Type: application/sparql-query\r\n\r\nASK",
    ],
)
def test_a_request_that_does_not_arrive_is_not_waited_for(server, beginning):
    """The connection is closed, whether nothing came, half the headers or half the body."""
    with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
        connection.sendall(beginning)
        begun = time.monotonic()
        answered = b""
        try:
            while piece := connection.recv(1000):
                answered += piece
        except ConnectionResetError:
            pass

    assert time.monotonic() - begun < 25
    assert not answered or answered.startswith((b"HTTP/1.1 408", b"HTTP/1.1 200"))
