"""`/export`: what `kg export` writes, over HTTP."""

from __future__ import annotations

import io
import json
from pathlib import Path
from urllib.parse import quote

import networkx as nx
import openpyxl
import pytest

import kg
from kg import files, saving
from kg.selection import Selection
from tests.serving import running

FORMS = [each.suffixes[0] for each in saving.FORMATS]
NEEDS = {"mmd": "&around=MARS-E", "dot": "&around=MARS-E"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The graph of the samples, as a build publishes it."""
    folder = tmp_path_factory.mktemp("exported") / "graph"
    kg.build([files.samples()], out=folder, check=False)
    return folder


@pytest.fixture(scope="module")
def server(place, tmp_path_factory):
    """A server over it."""
    with running(place, tmp_path_factory.mktemp("log") / "log") as started:
        yield started


@pytest.fixture(scope="module")
def graph(place):
    """The same graph in this process."""
    return kg.load(place)


def saved(graph, form, **options):
    """Return what the library writes."""
    file = io.BytesIO()
    graph.write(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_each_format_has_the_bytes_that_the_library_writes(form, server, graph):
    """As a file to keep, of its own media type."""
    reply = server.ask(f"export?format={form}{NEEDS.get(form, '')}")
    around = saving.Around(("MARS-E",)) if form in NEEDS else None

    assert reply.status == 200, reply.body.decode("utf-8", "replace")
    assert reply.body == saved(graph, form, around=around)
    assert reply.headers["content-type"].partition(";")[0] == saving.form(form).media_type
    assert reply.headers["content-disposition"] == f'attachment; filename="graph.{form}"'


def test_a_part_is_named_as_for_the_command(server, graph):
    """Classes, languages and the rest select, each of several."""
    reply = server.ask("export?format=nq&class=ckg:Standard&class=ckg:Baseline&language=en")
    part = Selection(classes=("ckg:Standard", "ckg:Baseline"), languages=("en",))

    assert reply.body == saved(graph, "nq", selection=part)
    assert 0 < len(reply.body) < graph.statements * 100


def test_a_report_is_about_the_one_standard_that_is_named(server, graph):
    """And other formats select by it."""
    name = quote("MARS-E 2.0")
    assert server.ask(f"export?format=md&standard={name}").body == saved(graph, "md", standard="MARS-E 2.0")
    part = Selection(standards=("MARS-E 2.0",))
    assert server.ask(f"export?format=nt&standard={name}").body == saved(graph, "nt", selection=part)


def test_workbooks_and_networks_are_whole(server):
    """As other libraries read them."""
    book = openpyxl.load_workbook(
        io.BytesIO(server.ask("export?format=xlsx&wanted=mars-e-2.2&given=fedramp-r4-moderate").body)
    )
    assert book["Gaps"].max_row == 63
    network = json.loads(server.ask("export?format=node-link.json").body)
    assert nx.node_link_graph(network, edges="edges").number_of_nodes() > 100


def test_a_client_that_has_the_file_is_told_so(server):
    """By the graph's hash and what was asked."""
    tag = server.ask("export?format=ttl").headers["etag"]

    assert server.ask("export?format=ttl", headers={"if-none-match": tag}).status == 304
    assert server.ask("export?format=nt").headers["etag"] != tag


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ("export", 400, "ttl"),
        ("export?format=docx", 400, "xlsx"),
        ("export?format=ttl&clas=ckg:Standard", 400, "class"),
        ("export?format=ttl&class=Standart", 404, "standard"),
        ("export?format=md&standard=MARS-X", 404, "MARS-E"),
        ("export?format=ttl&service=Intune", 400, "service"),
        ("export?format=mmd&around=MARS-E&depth=7", 400, "depth"),
        ("export?format=csv&table=nothing", 404, "claims"),
    ],
)
def test_what_cannot_be_written_is_told(asked, status, says, server):
    """With what there is instead."""
    reply = server.ask(asked)

    assert reply.status == status, reply.body.decode("utf-8", "replace")
    assert reply.headers["content-type"] == "application/problem+json"
    assert says in reply.body.decode("utf-8", "replace")


def test_the_process_that_is_forked_has_one_thread(server):
    """Whatever libraries the formats have loaded: a fork with threads may hang."""
    children = [
        path.parent
        for path in Path("/proc").glob("[0-9]*/status")
        if f"PPid:\t{server.process.pid}\n" in path.read_text()
    ]
    assert [Path(child, "cmdline").read_text().count("zygote") for child in children] == [1]
    assert "Threads:\t1\n" in (children[0] / "status").read_text()
