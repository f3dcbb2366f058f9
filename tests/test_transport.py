"""What is asked of other servers, and what is taken from them: nothing but whole answers, and secrets kept."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kg import remote, transport
from kg.errors import QueryError, RemoteError
from kg.remote import connect
from kg.stores import Store
from tests.conftest import CHECKOUT
from tests.servers import oxigraph

JSON = "application/sparql-results+json"
EMPTY = b'{"head":{"vars":["s","p","o"]},"results":{"bindings":[]}}'
USER, PASSWORD, TOKEN = "analyst", "correct horse", "battery-staple"
Answer = tuple[int, dict[str, str], bytes]
Heard = list[tuple[str, str, dict[str, str]]]


@pytest.fixture(autouse=True)
def _quick_and_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_FIRST_PAUSE", 0.01)
    for name in ("CKG_USER", "CKG_PASSWORD", "CKG_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def answers(answer: Callable[[str, str, dict[str, str]], Answer]) -> Iterator[tuple[str, Heard]]:
    """A server that answers as a function of method, path and headers says; gives its address and what it heard."""
    heard: Heard = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard.append((self.command, self.path, headers))
            status, said, body = answer(self.command, self.path, headers)
            self.send_response(status)
            for name, value in ({"Content-Type": JSON, "Content-Length": str(len(body))} | said).items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = reply  # noqa: N815  (the names of http.server)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/sparql", heard
    finally:
        server.shutdown()
        server.server_close()


def rows(count: int) -> bytes:
    """An answer of so many rows."""
    row = b'{"s":{"type":"uri","value":"https://example.org/s"}}'
    return b'{"head":{"vars":["s"]},"results":{"bindings":[' + b",".join([row] * count) + b"]}}"


def after_the_sample(answer: Answer) -> Callable[[str, str, dict[str, str]], Answer]:
    """Nothing for the first look at the graphs, then this."""
    return lambda method, path, headers: (200, {}, EMPTY) if "GRAPH" in path else answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, {"Content-Length": "900"}, rows(3)), "cannot be asked"),
        ((200, {}, rows(3)[:-20]), "no result"),
        ((200, {"Content-Type": "text/html"}, b"<p>Welcome"), "no result"),
        ((206, {}, rows(3)), "part of the answer"),
        ((200, {"X-SQL-Message": "stopped"}, rows(3)), "part of the answer"),
        ((200, {"X-SPARQL-MaxRows": "7"}, rows(7)), "left others out"),
        ((200, {}, rows(2000)), "left others out"),
        ((500, {}, b"Virtuoso 42000 Error S1T00: timeout"), "answered 500"),
        ((400, {}, b"Virtuoso S1T00 Error SR171: Transaction timed out"), "answered 400"),
        ((302, {"Location": "http://other.example/sparql"}, b""), "no other server"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "no other server|not allowed"),
    ],
)
def test_what_is_no_whole_answer_is_an_error(answer: Answer, reason: str) -> None:
    """Torn, partial, cut off, another media type, sent elsewhere: never taken for an answer."""
    with answers(after_the_sample(answer)) as (url, _), pytest.raises(RemoteError, match=reason):
        connect(url, timeout=5).select("SELECT ?s { ?s ?p ?o }")


def test_an_answer_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it has filled the memory."""
    monkeypatch.setattr(remote, "_MOST", 50_000)
    with (
        answers(after_the_sample((200, {}, rows(3001)))) as (url, _),
        pytest.raises(RemoteError, match="more than 50,000 bytes"),
    ):
        connect(url).select("SELECT ?s { ?s ?p ?o }")


def test_a_server_that_takes_too_long_is_left() -> None:
    """After the time that was given, and without asking again."""

    def slow(method: str, path: str, headers: dict[str, str]) -> Answer:
        time.sleep(1.5)
        return 200, {}, EMPTY

    begun = time.monotonic()
    with answers(slow) as (url, heard), pytest.raises(RemoteError):
        connect(url, timeout=0.3).select("SELECT ?s { ?s ?p ?o }")
    assert len(heard) == 1
    assert time.monotonic() - begun < 6


def test_a_round_number_of_rows_is_taken_where_there_are_no_more() -> None:
    """The server is asked how many there are; prologue, comments and LIMIT are no hindrance."""
    text = "# all of them\nPREFIX ex: <https://example.org/#>\nSELECT ?s { ?s ex:p ?o } LIMIT 1000 # no more"
    data = "".join(f"<https://example.org/{n}> <https://example.org/#p> 1 .\n" for n in range(1500))
    with oxigraph(None) as server:
        Store(server.url, update=server.url.replace("/query", "/update")).add("", [data.encode()])

        assert len(connect(server.url).select(text)) == 1000


def test_a_busy_server_is_asked_again() -> None:
    """And a query it does not understand is not."""
    left = [503, 502, 429]

    def busy(method: str, path: str, headers: dict[str, str]) -> Answer:
        return (left.pop(), {"Retry-After": "0"}, b"later") if len(left) > 1 else (200, {}, EMPTY)

    with answers(busy) as (url, heard):
        assert connect(url).select("SELECT ?s { ?s ?p ?o }").rows == ()
        assert len(heard) == 4
    with answers(after_the_sample((400, {}, b"no"))) as (url, heard):
        with pytest.raises(QueryError):
            connect(url).select("SELECT ?s { ?s ?p ?o }")
        assert len(heard) == 2


def basic(method: str, path: str, headers: dict[str, str]) -> Answer:
    """Answers whoever has said the password."""
    known = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
    if headers.get("authorization") == known:
        return 200, {}, EMPTY
    return 401, {"WWW-Authenticate": 'Basic realm="store"'}, b"who?"


def bearer(method: str, path: str, headers: dict[str, str]) -> Answer:
    """Answers whoever has the token."""
    known = headers.get("authorization") == f"Bearer {TOKEN}"
    return (200, {}, EMPTY) if known else (403, {}, b"who?")


def digest(method: str, path: str, headers: dict[str, str]) -> Answer:
    """Answers whoever proves to know the password, without having said it."""
    said = headers.get("authorization", "")
    if said.startswith("Digest") and f'username="{USER}"' in said and PASSWORD not in said:
        return 200, {}, EMPTY
    return (
        401,
        {"WWW-Authenticate": 'Digest realm="store", nonce="abc", qop="auth", algorithm="MD5"'},
        b"who?",
    )


@pytest.mark.parametrize(
    ("server", "environment"),
    [
        (basic, {"CKG_USER": USER, "CKG_PASSWORD": PASSWORD}),
        (digest, {"CKG_USER": USER, "CKG_PASSWORD": PASSWORD}),
        (bearer, {"CKG_TOKEN": TOKEN}),
    ],
)
def test_credentials_are_told_to_whoever_asks(
    server: Callable[[str, str, dict[str, str]], Answer],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not before, and then with every request."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with answers(server) as (url, heard):
        graph = connect(url)
        for _ in range(2):
            assert graph.select("SELECT ?s { ?s ?p ?o }").rows == ()
        assert ["authorization" in headers for *_, headers in heard] == [False, True, True, True]


def test_credentials_are_not_told_to_a_server_that_does_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor to one that we are sent to."""
    monkeypatch.setenv("CKG_TOKEN", TOKEN)
    with answers(lambda *_: (200, {}, EMPTY)) as (other, overheard):
        assert connect(other).select("SELECT ?s { ?s ?p ?o }").rows == ()

        def sends_on(method: str, path: str, headers: dict[str, str]) -> Answer:
            if "authorization" not in headers:
                return 401, {"WWW-Authenticate": "Bearer"}, b""
            return 307, {"Location": other}, b""

        with answers(sends_on) as (url, _), pytest.raises(RemoteError, match="no other server"):
            connect(url).select("SELECT ?s { ?s ?p ?o }")
        assert not any("authorization" in headers for *_, headers in overheard)


def test_credentials_never_go_over_a_line_that_others_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only https, or a server on this machine, is told who asks."""
    monkeypatch.setenv("CKG_TOKEN", TOKEN)
    said = transport._Credentials()
    asked = transport.request("http://store.example/sparql", "GET", None)

    with pytest.raises(RemoteError, match="over http"):
        said.challenged(asked, RemoteError("", status=401))
    assert said.challenged(
        transport.request("https://store.example/sparql", "GET", None), RemoteError("", status=401)
    )


def test_wrong_credentials_are_told_once_and_stand_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the error nor in what the command line prints, with --debug or without."""
    monkeypatch.setenv("CKG_USER", USER)
    monkeypatch.setenv("CKG_PASSWORD", "wrong-" + PASSWORD)
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    with answers(basic) as (url, heard):
        with pytest.raises(RemoteError) as error:
            connect(url).select("SELECT ?s { ?s ?p ?o }")
        assert error.value.status == 401
        assert len(heard) == 2
        for more in ([], ["--debug"]):
            for command in (
                ["stats", "--at", url],
                ["publish", url, "-g", str(CHECKOUT / "ontology" / "reference")],
            ):
                done = subprocess.run(
                    [sys.executable, "-m", "kg", *command, *more], capture_output=True, text=True, check=False
                )
                assert done.returncode in {1, 2}
                for secret in (PASSWORD, b64encode(f"{USER}:wrong-{PASSWORD}".encode()).decode(), "Basic "):
                    assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize("url", ["http://analyst:secret@127.0.0.1/sparql", "https://:secret@example.org/"])
def test_an_address_with_a_password_is_refused_and_not_repeated(url: str) -> None:
    """It would stand in logs and process lists."""
    with pytest.raises(RemoteError) as error:
        connect(url)
    assert "secret" not in f"{error.value} {error.value.hint}"
