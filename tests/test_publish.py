"""Publishing to a SPARQL server: Oxigraph's own, in every state of health."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import files, pipeline, transport, upload
from kg.errors import KgError, RemoteError
from kg.graph import Graph
from kg.lines import Lines
from kg.remote import connect
from kg.stores import Store
from kg.terms import PUBLICATION, bare, term
from tests.conftest import CHECKOUT
from tests.servers import Oxigraph, Proxy, at_graph, oxigraph, unlucky

SMALL = b"".join(
    b'<https://example.org/thing%d> <https://example.org/says> "%d" <https://example.org/graph%d> .\n' % (n, n % 7, n % 5)
    for n in range(1000, 1200)
) + b"".join(
    b'<https://example.org/z> <https://example.org/says> "shared" <https://example.org/graph%d> .\n' % n for n in range(5)
)  # fmt: skip


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_FIRST_PAUSE", 0.01)
    for name in ("CKG_USER", "CKG_PASSWORD", "CKG_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of the bundled samples and the reference dataset."""
    return pipeline.build([files.samples()], check=False).graph


@pytest.fixture
def server() -> Iterator[Oxigraph]:
    """An empty server that keeps its default graph apart."""
    with oxigraph(None) as running:
        yield running


def put(url: str, graph: str, turtle: bytes) -> None:
    """Write to a server past our own code."""
    address = f"{url.replace('/query', '/store')}?{urllib.parse.urlencode({'graph': graph})}"
    request = urllib.request.Request(address, turtle, {"Content-Type": "text/turtle"}, method="PUT")
    urllib.request.urlopen(request, timeout=10).close()


def held(url: str) -> tuple[set[str], set[str]]:
    """The statements of a server's named graphs, without the record, and those of its default graph."""
    graph = connect(url)
    named = graph.select(
        f"SELECT ?s ?p ?o ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != {PUBLICATION}) }}"
    ).rows
    default = graph.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }").rows
    return {" ".join(map(str, row)) for row in named}, {" ".join(map(str, row)) for row in default}


def expected(lines: bytes) -> tuple[set[str], set[str]]:
    """The same of N-Quads lines, read by the engine alone."""
    quads = list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))
    return (
        {f"{quad.triple.subject} {quad.predicate} {quad.object} {quad.graph_name}" for quad in quads},
        {f"{quad.triple.subject} {quad.predicate} {quad.object}" for quad in quads},
    )


def small(lines: bytes = SMALL) -> Graph:
    """A graph of few statements in five named graphs, of which one is in all of them."""
    return Graph.of_lines(b"".join(sorted(lines.splitlines(keepends=True))))


def test_what_is_published_is_there_whole(server: Oxigraph) -> None:
    """In its named graphs, united in the default graph, and the store says that it is complete."""
    done = small().publish(server.url)

    assert (len(done.pushed), done.removed, done.unchanged, done.statements) == (5, (), 0, 205)
    assert held(server.url) == expected(SMALL)
    record = connect(server.url).record
    assert record is not None
    assert record.complete
    assert record.version == small().sha256


def test_a_second_publication_writes_nothing(server: Oxigraph) -> None:
    """Nothing changed, so nothing is sent."""
    small().publish(server.url)
    with Proxy(server.url) as proxy:
        done = small().publish(proxy.url)

        assert not done.changes
        assert proxy.changes() == []


def test_only_what_changed_is_sent_and_what_is_gone_is_removed(server: Oxigraph) -> None:
    """A graph that lost a statement is sent, one that is gone is removed, the union follows, the rest stays."""
    small().publish(server.url)
    changed = b"".join(
        line
        for line in SMALL.splitlines(keepends=True)
        if b"graph4>" not in line and b"thing1010>" not in line
    )
    with Proxy(server.url) as proxy:
        done = small(changed).publish(proxy.url)

        assert done.pushed == ("https://example.org/graph0",)
        assert done.removed == ("https://example.org/graph4",)
        assert done.unchanged == 3
        assert [urllib.parse.unquote(path) for path in proxy.writes()] == [
            "/store?graph=https://example.org/graph0"
        ]
    assert held(server.url) == expected(changed)


def test_what_others_keep_in_the_store_stays(server: Oxigraph) -> None:
    """Named graphs that were not published from here are neither changed nor removed."""
    put(server.url, "https://example.org/theirs", b"<https://example.org/a> <https://example.org/b> 1 .")
    small().publish(server.url)
    small(SMALL.splitlines(keepends=True)[0]).publish(server.url)

    named, _ = held(server.url)
    assert any("theirs" in line for line in named)
    assert len(named) == 2


def test_a_dry_run_tells_and_writes_nothing(server: Oxigraph) -> None:
    """Nor does it try out where changes are taken."""
    with Proxy(server.url) as proxy:
        done = small().publish(proxy.url, dry_run=True)

        assert len(done.pushed) == 5
        assert proxy.changes() == []


def test_a_store_that_was_changed_behind_our_back_is_put_right(server: Oxigraph) -> None:
    """The record is not believed where the number of statements speaks against it."""
    small().publish(server.url)
    put(server.url, "https://example.org/graph2", b"<https://example.org/a> <https://example.org/b> 1 .")

    assert small().publish(server.url).pushed == ("https://example.org/graph2",)
    assert expected(SMALL)[0] == held(server.url)[0]


@pytest.mark.parametrize("addresses", [{"update": "/update"}, {"graph_store": "/store"}])
def test_either_protocol_is_enough(server: Oxigraph, addresses: dict[str, str]) -> None:
    """SPARQL updates alone, or the Graph Store Protocol alone, also when something changes."""
    named = {name: server.url.replace("/query", path) for name, path in addresses.items()}
    small().publish(server.url, **named)
    assert held(server.url) == expected(SMALL)

    changed = SMALL.replace(b'"3"', b'"30"').replace(b"graph4", b"graph9")
    small(changed).publish(server.url, **named)
    assert held(server.url) == expected(changed)


def test_a_server_that_unites_its_graphs_needs_no_second_copy() -> None:
    """Its default graph is left alone: there would be every statement twice."""
    with oxigraph(None, "--union-default-graph") as server:
        with Proxy(server.url) as proxy:
            small().publish(proxy.url)

            assert not any(path.endswith("?default") for _, path in proxy.seen)
        assert held(server.url)[0] == expected(SMALL)[0]


def test_a_server_that_no_longer_unites_its_graphs_gets_the_union(tmp_path: Path) -> None:
    """Though its named graphs are as they should be; a break on the way does no harm."""
    with oxigraph(tmp_path / "store", "--union-default-graph") as server:
        small().publish(server.url)
    server = Oxigraph(tmp_path / "store")
    server.start()
    try:
        with (
            pytest.MonkeyPatch.context() as patched,
            Proxy(server.url, at_graph(3, server.kill)) as proxy,
        ):
            patched.setattr(upload, "_GRAPHS", 1)
            with pytest.raises(RemoteError):
                small().publish(proxy.url)
        server.start()
        small().publish(server.url)

        assert held(server.url) == expected(SMALL)
    finally:
        server.kill()


@pytest.mark.parametrize("last", [1, 2, 3, 4])
def test_a_server_that_dies_is_brought_to_the_end_later(tmp_path: Path, last: int) -> None:
    """The store says that it is incomplete; what had arrived and was verified is not sent again."""
    server = Oxigraph(tmp_path / "store")
    server.start()
    try:
        with (
            pytest.MonkeyPatch.context() as patched,
            Proxy(server.url, at_graph(last + 1, server.kill)) as proxy,
        ):
            patched.setattr(upload, "_GRAPHS", 1)
            with pytest.raises(RemoteError):
                small().publish(proxy.url)
        server.start()
        record = connect(server.url).record
        assert record is not None
        assert not record.complete

        done = small().publish(server.url)
        assert len(done.pushed) == 5 - last
        assert held(server.url) == expected(SMALL)
        record = connect(server.url).record
        assert record is not None
        assert record.complete
    finally:
        server.kill()


def test_a_publication_that_broke_may_be_followed_by_another_graph(tmp_path: Path) -> None:
    """What half arrived of a graph that is no longer wanted is removed, from the union too."""
    server = Oxigraph(tmp_path / "store")
    server.start()
    heard = 0

    def deadly(method: str, path: str) -> str:
        nonlocal heard
        heard += method == "PUT" and "publication" not in path
        if heard == 4:
            server.kill()
        return ""

    try:
        with Proxy(server.url, deadly) as proxy, pytest.raises(RemoteError):
            small().publish(proxy.url)
        server.start()
        other = SMALL.replace(b"graph", b"other").replace(b'"1"', b'"one"')
        small(other).publish(server.url)

        assert held(server.url) == expected(other)
    finally:
        server.kill()


@pytest.mark.parametrize("seed", range(6))
def test_an_unlucky_line_changes_nothing(server: Oxigraph, seed: int) -> None:
    """With a quarter of all requests refused, lost, torn or failed, the store ends as it should."""
    changed = SMALL.replace(b'"3"', b'"30"').replace(b"graph4", b"graph9")
    for lines in (SMALL, changed):
        with Proxy(server.url, unlucky(seed, 0.25)) as proxy:
            for _ in range(5):
                try:
                    small(lines).publish(proxy.url)
                    break
                except RemoteError:
                    continue
            else:
                pytest.fail("it never arrived")
        for found, wanted in zip(held(server.url), expected(lines), strict=True):
            assert sorted(found - wanted) == []
            assert sorted(wanted - found) == []


def test_a_server_that_loses_statements_is_found_out(server: Oxigraph) -> None:
    """What comes back is compared line by line, and a statement that is missing is shown."""
    store = Store(server.url)

    class Forgetful(Store):
        def replace(self, graph: str, lines: list[bytes]) -> None:  # type: ignore[override]
            super().replace(graph, lines[:-1])

    with pytest.raises(RemoteError, match="it lacks <https://example\\.org/z>"):
        upload.publish(Lines(small()._lines), "x", Forgetful(server.url))
    assert store.endpoint.holds(f"ASK {{ GRAPH {PUBLICATION} {{ ?s ckg:isComplete false }} }}")


def test_a_store_may_write_numbers_and_languages_in_its_own_way(server: Oxigraph) -> None:
    """Oxigraph does: values are compared, and nothing is sent again for it."""
    integer, decimal = (f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal"))
    lines = "".join(
        f"<https://example.org/a> <https://example.org/b> {value} <https://example.org/g> .\n"
        for value in (f'"004"^^<{integer}>', f'"4.0"^^<{decimal}>', '"服務"@zh-Hant', r'"a\tb \\ \"c\" \n"')
    ).encode()
    small(lines).publish(server.url)

    assert not small(lines).publish(server.url).changes


def test_what_forbids_derivatives_stays_here(server: Oxigraph) -> None:
    """Unless it is asked for; and it goes again when it no longer is."""
    licence = b"<https://example.org/graph3> <http://purl.org/dc/terms/license> <https://creativecommons.org/licenses/by-nd/4.0/> <https://example.org/graph3> .\n"
    kept = small(SMALL + licence)

    assert kept.publish(server.url).left_out == ("https://example.org/graph3",)
    assert not any("graph3>" in line for line in held(server.url)[0])
    assert kept.publish(server.url, all_licences=True).pushed == ("https://example.org/graph3",)
    assert kept.publish(server.url).removed == ("https://example.org/graph3",)
    assert not any("by-nd" in line for side in held(server.url) for line in side)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'<https://example.org/a> <https://example.org/b> "c" .\n', "only named graphs"),
        (b'_:a <https://example.org/b> "c" <https://example.org/g> .\n', "without a name"),
        (b"<https://example.org/a> <https://example.org/b> _:c <https://example.org/g> .\n", "without a name"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_twice_is_not_sent(server: Oxigraph, line: bytes, reason: str) -> None:
    """Before anything is written."""
    with pytest.raises(KgError, match=reason):
        small(line).publish(server.url)
    assert held(server.url) == (set(), set())


def test_an_address_that_answers_nothing_is_named(server: Oxigraph) -> None:
    """Before anything is written."""
    with pytest.raises(RemoteError) as error:
        small().publish(server.url.replace("/query", "/nowhere"))
    assert error.value.status == 404


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command line does with these."""
    command = [sys.executable, "-m", "kg", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}
    )


def test_the_command_line_publishes_and_asks(server: Oxigraph, tmp_path: Path) -> None:
    """Exit code 1 says that a dry run found something to send, 2 that it could not be done."""
    small().save(tmp_path / "small.nq")
    here = ("-g", str(tmp_path / "small.nq"))

    assert run("publish", server.url, *here, "--dry-run").returncode == 1
    done = run("publish", server.url, *here)
    assert (done.returncode, done.stdout) == (0, "")
    assert "5 named graphs sent (205 statements), 0 removed, 0 unchanged" in done.stderr
    assert run("publish", server.url, *here, "--dry-run").returncode == 0
    query = ("query", "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s ?o", "--format", "csv")
    assert run(*query, "--at", server.url).stdout == run(*query, *here).stdout
    assert run("stats", "--at", server.url).stdout == run("stats", str(tmp_path / "small.nq")).stdout
    assert run("publish", "file:///etc/passwd", *here).returncode == 2
    server.kill()
    assert "error: " in run("stats", "--at", server.url).stderr


def test_an_incomplete_store_is_pointed_out_to_whoever_asks(server: Oxigraph) -> None:
    """On stderr; the answer is given all the same."""
    small().publish(server.url)
    store = Store(server.url, update=server.url.replace("/query", "/update"))
    said = f"{PUBLICATION} {term('ckg:isComplete')} ".encode()
    store.change(bare(PUBLICATION), [said + b"true .\n"], [said + b"false .\n"])

    done = run("query", "ASK { ?s ?p ?o }", "--at", server.url, "--format", "csv")
    assert "incomplete" in done.stderr
    assert done.stdout == "answer\ntrue\n"


@pytest.mark.slow
def test_the_samples_arrive(server: Oxigraph, graph: Graph) -> None:
    """All of the graph of the bundled samples, statement by statement."""
    graph.publish(server.url)

    named, union = expected(Lines(graph._lines).place)  # type: ignore[arg-type]
    assert held(server.url)[0] == named
    assert held(server.url)[1] == union
