"""The short way of queries by GET: nobody can tell it from the long one, and what is odd does not take it."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.web import direct
from kg.web.shortcut import REQUEST
from tests.serving import running

CLOCK = 1.0
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
QUERIES = [
    "SELECT ?o { <https://example.org/7> ?p ?o }",
    "SELECT ?o { <https://example.org/7> ?p ?o } # é 中 \U0001f600",
    "ASK {}",
    "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 3",
    "SELECT * { ?s ?p ?o } ORDER BY ?s",
    "SELECT (NOW() AS ?n) { } LIMIT 0",
    "SELECT ?o { <7> ?p ?o }",
    "SELECT ?o { xsd:integer ?p ?o }",
    "SELECT nothing",
    "DELETE WHERE { ?s ?p ?o }",
    "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }",
    "SELECT * " + "{" * 200 + "}" * 200,
]
_numbers = itertools.count()


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Where requests are written down."""
    return tmp_path_factory.mktemp("shortcut") / "access"


@pytest.fixture(scope="module")
def server(tmp_path_factory, log):
    """A server over a small graph in which a product of patterns takes for ever."""
    folder = tmp_path_factory.mktemp("shortcut")
    lines = [f'<https://example.org/{n}> <https://example.org/p> "{n}" .' for n in range(600)]
    (folder / "small.nq").write_text("\n".join(lines) + "\n")
    options = ("--clock", str(CLOCK), "--workers", "1", "--access-log", str(log))
    with running(folder / "small.nq", folder / "log", *options) as started:
        yield started


class Line:
    """A connection with its own headers, which the server has not seen before."""

    def __init__(self, server, **headers):
        self._socket = socket.create_connection(("127.0.0.1", server.port), 10)
        self._file = self._socket.makefile("rb")
        given = {"host": f"127.0.0.1:{server.port}", "user-agent": f"test-{next(_numbers)}", **headers}
        self._headers = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())

    def request(self, value):
        """The bytes of a request, `value` being the query as it stands in the URL."""
        return f"GET /sparql?query={value} HTTP/1.1\r\n{self._headers}\r\n".encode()

    def send(self, data):
        """Send bytes."""
        self._socket.sendall(data)

    def receive(self):
        """The status, headers and body of the next answer."""
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().rstrip(b"\r\n"):
            name, _, value = line.decode().partition(": ")
            assert name not in headers
            headers[name] = value
        return status, headers, self._file.read(int(headers["content-length"]))

    def ask(self, query):
        """The answer to a query."""
        self.send(self.request(quote(query, safe="")))
        return self.receive()

    def is_over(self):
        """Whether the server has ended the connection, without another byte."""
        return self._file.read() == b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self._socket.close()


def _plain(answer):
    status, headers, body = answer
    return status, {name: value for name, value in headers.items() if name != "date"}, body


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"accept": "text/csv, text/turtle;q=0.5"},
        {"accept_encoding": "gzip"},
        {"connection": "keep-alive"},
    ],
    ids=["plain", "csv", "gzip", "keep-alive"],
)
def test_both_ways_give_the_same_answer(server, query, headers):
    """Status, headers and body, of the first request over a connection and of a later one, and of one that is kept."""
    with Line(server, **headers) as fresh, Line(server, **headers) as used:
        long = fresh.ask(query)
        used.ask("ASK { FILTER(true) }")
        short, again = used.ask(query), used.ask(query)

    assert _plain(short) == _plain(long)
    assert _plain(again) == _plain(long)
    assert "date" in short[1]


def test_a_tag_of_the_short_way_is_known_on_the_long_one(server):
    """304 for who has the answer already."""
    with Line(server) as line:
        line.ask("ASK {}")
        _, headers, _ = line.ask(QUERIES[0])

    with Line(server, if_none_match=headers["etag"]) as line:
        line.send(line.request(quote(QUERIES[0], safe="")))
        assert line._file.readline().startswith(b"HTTP/1.1 304")


def test_plus_signs_are_spaces_and_percents_that_mean_nothing_stay(server):
    """As in any form."""
    with Line(server) as line:
        line.ask("ASK {}")
        line.send(line.request(quote_plus(QUERIES[0])))
        assert b'"7"' in line.receive()[2]
        line.send(line.request("ASK%20%7B%20FILTER(%22%zz%22%20=%20%22%25zz%22)%20%7D"))
        assert json.loads(line.receive()[2])["boolean"] is True


@given(st.text(max_size=60), st.booleans())
def test_what_a_url_says_is_read_as_any_reader_of_urls_reads_it(text, every):
    """Whatever is escaped, and whether more is than must be, the query that was meant is found."""
    value = quote(text, safe="" if every else "-._~!$'()*,;:@/?=").encode()
    if value:
        request = b"GET /sparql?query=" + value + b" HTTP/1.1\r\n"
        assert REQUEST.match(request)[1] == value
    assert direct.query(value) == text
    assert direct.query(value.replace(b"%20", b"+")) == text


@pytest.mark.parametrize(
    "value", [b"", b"%", b"%4", b"%zz", b"ASK%7B%", b"a b", b"a%%41", b"a&b=c", b"\xc3\xa9"]
)
def test_what_is_no_plain_value_goes_the_long_way(value):
    """Half an escape, a second parameter or nothing at all is for those who take requests apart."""
    assert not REQUEST.match(b"GET /sparql?query=" + value + b" HTTP/1.1\r\n")


def test_what_is_not_utf_8_is_refused(server):
    """400 and the reason, as on the long way."""
    with Line(server) as line:
        line.ask("ASK {}")
        line.send(line.request("ASK%7B%7D%23%ff"))
        status, headers, body = line.receive()

    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert "cannot be read" in json.loads(body)["detail"]


def test_other_parameters_count(server):
    """`timeout`, `format` and a second query are what they are, whatever came before."""
    with Line(server) as line:
        line.ask("ASK {}")
        line.send(line.request("ASK%7B%7D&format=csv"))
        assert line.receive()[1]["content-type"].startswith("text/csv")
        line.send(line.request("ASK%7B%7D&query=ASK%7B%7D"))
        assert line.receive()[0] == 400
        line.send(line.request("ASK%7B%7D&timeout=never"))
        assert line.receive()[0] == 400


def test_requests_that_come_together_are_answered_in_their_order(server):
    """Whatever way each takes, in whatever pieces they come."""
    with Line(server) as line:
        line.ask("ASK {}")
        numbers = list(range(100, 130))
        texts = [f"SELECT ?o {{ <https://example.org/{n}> ?p ?o }}" for n in numbers]
        data = b"".join(line.request(quote(text, safe="")) for text in texts)
        for start in range(0, len(data), 997):
            line.send(data[start : start + 997])
            time.sleep(0.001)
        found = [line.receive()[2] for _ in numbers]

    values = [json.loads(body)["results"]["bindings"][0]["o"]["value"] for body in found]
    assert values == [str(n) for n in numbers]


def test_a_request_in_pieces_between_two_short_ones_is_whole(server):
    """What the parser holds of one request is not mistaken for the end of another."""
    with Line(server) as line:
        line.ask("ASK {}")
        whole = line.request(quote(QUERIES[0], safe=""))
        line.send(whole[:30])
        time.sleep(0.05)
        line.send(whole[30:])
        assert b'"7"' in line.receive()[2]
        # A request as the body of another is a body.
        head = b"POST /sparql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/sparql-query\r\n"
        line.send(head + b"content-length: %d\r\n\r\n" % len(whole))
        time.sleep(0.05)
        line.send(whole)
        assert line.receive()[0] == 400
        assert line.ask("ASK {}")[0] == 200


def test_headers_of_who_may_not_ask_are_never_let_pass(server):
    """A refused host is refused again and again."""
    with Line(server, host="evil.example") as line:
        assert [line.ask("ASK {}")[0] for _ in range(3)] == [421] * 3


def test_a_connection_that_its_client_wants_ended_ends(server):
    """`Connection: close` is never overheard."""
    for _ in range(2):
        with Line(server, user_agent="one-shot", connection="close") as line:
            assert line.ask("ASK {}")[0] == 200
            assert line.is_over()


def test_what_overruns_by_the_short_way_is_ended(server):
    """503 within the clock and a second, and the connection goes on."""
    with Line(server) as line:
        line.ask("ASK {}")
        begun = time.monotonic()
        status, headers, _ = line.ask(ENDLESS)

        assert time.monotonic() - begun < CLOCK + 1
        assert (status, headers["content-type"]) == (503, "application/problem+json")
        assert line.ask("ASK {}")[0] == 200


def test_a_client_that_leaves_the_short_way_frees_its_worker(server):
    """Long before the clock."""
    ended = 'kg_tasks_ended_total{reason="client"}'
    with Line(server) as line:
        line.ask("ASK {}")
        before = _figure(server, ended)
        line.send(line.request(quote(ENDLESS + "# left", safe="")))
        time.sleep(0.2)
    time.sleep(0.3)

    assert _figure(server, ended) == before + 1
    assert _figure(server, "kg_workers_busy") == 0


def _figure(server, name):
    lines = server.ask("metrics").body.decode().splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), 0.0)


def test_requests_of_the_short_way_are_counted_and_logged(server, log):
    """With their query, status and size; those that are kept too."""
    query = "SELECT ?o { <https://example.org/8> ?p ?o } # logged"
    with Line(server) as line:
        line.ask("ASK {}")
        body = line.ask(query)[2]
        line.ask(query)
        line.ask("ASK {}")  # a request is written down when its answer is sent
    found = [json.loads(line) for line in log.read_text().splitlines()]

    said = [each for each in found if each["query"] == "query=" + quote(query, safe="")]
    assert [each["status"] for each in said] == [200, 200]
    assert {each["bytes"] for each in said} == {len(body)}
    assert {each["route"] for each in said} == {"/sparql"}
    assert len(said[0]["graph"]) == 12
    assert said[0]["client"] == "127.0.0.1"


def test_a_long_answer_is_compressed_for_who_takes_it(server):
    """The same text, in fewer bytes."""
    with Line(server, accept_encoding="gzip") as line, Line(server) as other:
        line.ask("ASK {}")
        other.ask("ASK {}")
        _, headers, body = line.ask(QUERIES[4])
        _, _, plain = other.ask(QUERIES[4])

    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain


@pytest.mark.alone
def test_a_server_that_is_stopped_gives_the_answer_that_is_due(tmp_path):
    """And says that the connection ends with it."""
    (tmp_path / "small.nq").write_text(
        "".join(f'<https://example.org/{n}> <https://example.org/p> "{n}" .\n' for n in range(600))
    )
    with running(tmp_path / "small.nq", tmp_path / "log", "--clock", str(CLOCK)) as server:
        with Line(server) as line, ThreadPoolExecutor(1) as threads:
            line.ask("ASK {}")
            reply = threads.submit(line.ask, ENDLESS)
            time.sleep(0.3)
            server.process.terminate()
            status, headers, _ = reply.result()
            assert (status, headers["connection"]) == (503, "close")
            assert line.is_over()
        assert server.process.wait(10) == 0
