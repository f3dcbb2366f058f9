"""Nothing that is given to be read, asked, judged or exported makes the program ask a server or read another file."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest

import kg
from kg import export, validation
from kg.errors import KgError
from kg.graph import Graph
from tests.hostile.canary import TURTLE, WORD, Canary, secret, watched
from tests.serving import running

P = "<https://example.org/p>"


@pytest.fixture(scope="module")
def canary():
    """A server that must not be asked."""
    with Canary() as listening:
        yield listening


@pytest.fixture
def outside(tmp_path):
    """A file that must not be read, in a folder of its own."""
    folder = tmp_path / "outside"
    folder.mkdir()
    return secret(folder)


def queries(url: str, file: Path) -> list[str]:
    """Queries that would fetch, in every disguise."""
    there = f"<{url}/x>"
    here = f"<{file.as_uri()}>"
    return [
        *(
            text
            for place in (there, here, f"<{file}>", "<../outside/secret.ttl>")
            for text in (
                f"SELECT * FROM {place} {{ ?s ?p ?o }}",
                f"SELECT * FROM NAMED {place} {{ GRAPH ?g {{ ?s ?p ?o }} }}",
                f"SELECT * {{ GRAPH {place} {{ ?s ?p ?o }} }}",
                f"CONSTRUCT FROM {place} WHERE {{ ?s ?p ?o }}",
                f"DESCRIBE {place} FROM {place}",
                f"LOAD {place}",
                f"LOAD SILENT {place} INTO GRAPH <https://example.org/g>",
                f"SELECT * {{ SERVICE {place} {{ ?s ?p ?o }} }}",
                f"BASE {place} SELECT * FROM <y> {{ ?s ?p ?o }}",
            )
        ),
        f"SELECT * {{ SERVICE SILENT {there} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ service\n#\n{there}{{ ?s ?p ?o }} }}",
        f"SELECT * {{ \\u0053ERVICE {there} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ {{ SELECT * {{ SERVICE {there} {{ ?s ?p ?o }} }} }} }}",
        f"ASK {{ FILTER EXISTS {{ SERVICE {there} {{ ?s ?p ?o }} }} }}",
        f"ASK {{ OPTIONAL {{ SERVICE {there} {{ ?s ?p ?o }} }} }}",
        f"ASK {{ ?s ?p ?o MINUS {{ SERVICE {there} {{ ?s ?p ?o }} }} }}",
        f"DESCRIBE ?s {{ SERVICE {there} {{ ?s ?p ?o }} }}",
        f"CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE {there} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ BIND({there} AS ?g) SERVICE ?g {{ ?s ?p ?o }} }}",
        f"SELECT * {{ VALUES ?g {{ {there} }} SERVICE ?g {{ ?s ?p ?o }} }}",
        f"PREFIX c: <{url}/> SELECT * {{ SERVICE c:x {{ ?s ?p ?o }} }}",
        f"PREFIX SERVICE: <{url}/> SELECT * {{ SERVICE SERVICE:x {{ ?s ?p ?o }} }}",
        f"BASE <{url}/> SELECT * {{ SERVICE <x> {{ ?s ?p ?o }} }}",
        f"INSERT DATA {{ {there} {P} 1 }}",
        f"ADD {there} TO <https://example.org/g>",
        f"ASK {{}} ; LOAD {there}",
    ]


def test_no_query_reaches_out(canary, outside, tmp_path):
    """Of the library: refused, or answered from the graph alone."""
    place = tmp_path / "graph.nq"
    place.write_text(f"<https://example.org/a> {P} <https://example.org/b> .\n")
    graph = Graph.open(place)
    graph.query("ASK {}")
    for text in queries(canary.url, outside):
        with watched() as (opened, called), contextlib.suppress(KgError):
            assert WORD not in str(graph.query(text)).replace(str(outside), "").replace(
                outside.as_uri(), ""
            ), text
        assert not [path for path in opened if WORD in path], text
        assert not called, text

    assert not canary.hits


def test_no_request_reaches_out(canary, outside, tmp_path):
    """Of the server: in the query, in the parameters of the protocol, as parameters of questions."""
    place = tmp_path / "graph.nq"
    place.write_text(f"<https://example.org/a> {P} <https://example.org/b> .\n")
    probes = [f"{canary.url}/x", outside.as_uri(), str(outside), "//127.0.0.1:1/x"]
    with running(place, tmp_path / "log") as server:
        for text in queries(canary.url, outside):
            reply = server.query(text)
            assert reply.status in {200, 400, 403}, text
            assert reply.status != 200 or f'"{WORD}"'.encode() not in reply.body
        for probe in probes:
            for params in (
                {"query": "SELECT * { ?s ?p ?o }", "default-graph-uri": probe},
                {"query": "SELECT * { GRAPH ?g { ?s ?p ?o } }", "named-graph-uri": probe},
            ):
                reply = server.ask(params=params)
                assert reply.status in {200, 400}
                assert f'{WORD}"'.encode() not in reply.body
            for path, params in (
                ("ask/services-in-scope", {"standard": probe}),
                ("ask/provenance-of", {"thing": probe}),
                ("search", {"q": probe}),
                ("gap", {"wanted": probe, "given": probe}),
                ("path", {"start": probe, "end": probe}),
            ):
                assert server.ask(path, params).status in {200, 400, 404}
        assert server.ask("../" * 8 + str(outside).lstrip("/")).status in {400, 404}
        assert server.ask("id/" + "..%2f" * 8 + str(outside).lstrip("/")).status in {400, 404}

    assert not canary.hits


def page(url: str, file: Path) -> str:
    """A page that points at everything that must be left alone."""
    up = os.path.relpath(file, file.parent.parent / "pages")
    return f"""---
title: MARS-E
ms.date: 01/01/2024
---
# MARS-E

[!INCLUDE [one]({file})]
[!INCLUDE [two]({up})]
[!INCLUDE [three]({url}/x.md)]
[!INCLUDE [four]({file.as_uri()})]
[!INCLUDE [five](%2e%2e/outside/{file.name})]
[!INCLUDE [six](linked.md)]
[!INCLUDE [seven](includes/../{up})]
[!code-python[eight]({up})]
![picture]({url}/x.png) <img src="{url}/y.png"> <script src="{url}/z.js"></script>
<!-- #include virtual="{file}" -->
[link]({url}/linked) [reference][r]

[r]: {url}/reference

## Microsoft and MARS-E

Azure is in scope.

## Services in scope

- Azure
"""


def given(folder: Path, url: str, file: Path) -> None:
    """Write files of every kind that a build reads, each pointing elsewhere in each of its ways."""
    there, here = f"{url}/x", str(file)
    (folder / "page.md").write_text(page(url, file))
    (folder / "linked.md").symlink_to(file)
    (folder / "linked").symlink_to(file.parent)
    hrefs = (there, file.as_uri(), here, os.path.relpath(file, folder), f"#{WORD}", f"\\\\127.0.0.1\\{WORD}")
    metadata = {
        "title": "P",
        "last-modified": "2024-01-01T00:00:00Z",
        "version": "1",
        "oscal-version": "1.1.2",
    }
    for number, href in enumerate(hrefs):
        profile = {
            "uuid": f"5a1b1a2e-0000-4000-8000-00000000000{number}",
            "metadata": metadata,
            "imports": [{"href": href, "include-all": {}}],
            "back-matter": {
                "resources": [{"uuid": "5a1b1a2e-0000-4000-8000-0000000000ff", "rlinks": [{"href": href}]}]
            },
        }
        (folder / f"profile-{number}.json").write_text(json.dumps({"profile": profile}))
    catalog = {
        "uuid": "5a1b1a2e-0000-4000-8000-00000000000a",
        "metadata": {**metadata, "links": [{"href": there, "rel": "reference"}]},
        "controls": [
            {"id": "ac-1", "title": "A", "links": [{"href": href, "rel": "related"} for href in hrefs]}
        ],
    }
    (folder / "catalog.json").write_text(
        json.dumps({"$schema": there, "@context": there, "catalog": catalog})
    )
    (folder / "tags.yaml").write_text(
        f"catalog: !!python/object/apply:os.system ['cat {here} > {folder}/ran']\n"
    )
    (folder / "include.yaml").write_text(f"catalog: !include {here}\n")
    (folder / "open.yaml").write_text(f"profile: !!python/object/apply:builtins.open ['{here}']\n")
    (folder / "catalog.xml").write_text(
        f'<?xml version="1.0"?><!DOCTYPE catalog SYSTEM "{there}" [<!ENTITY a SYSTEM "{file.as_uri()}">'
        f'<!ENTITY % b SYSTEM "{there}"> %b;]><?xml-stylesheet href="{there}"?>'
        f'<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0" xmlns:xi="http://www.w3.org/2001/XInclude">&a;<xi:include href="{here}" parse="text"/></catalog>'
    )
    (folder / "results.xml").write_text(
        f'<!DOCTYPE Benchmark [<!ENTITY a SYSTEM "{file.as_uri()}">]><Benchmark>&a;</Benchmark>'
    )
    (folder / "map.sssom.tsv").write_text(
        f"# curie_map:\n#   a: {there}\n# mapping_set_id: {there}\n# license: {there}\n"
        "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
        "a:1\tskos:exactMatch\ta:2\tsemapv:ManualMappingCuration\n"
    )
    (folder / "map.json").write_text(
        json.dumps({"@context": there, "mappings": [{"subject_id": there, "object_id": here}]})
    )
    (folder / "graph.ttl").write_text(
        f"@prefix owl: <http://www.w3.org/2002/07/owl#> . <> owl:imports <{there}>, <{file.as_uri()}> ."
    )
    (folder / "graph.jsonld").write_text(json.dumps({"@context": there, "@id": "x", "p": 1}))
    (folder / "graph.rdf").write_text(
        f'<!DOCTYPE r [<!ENTITY a SYSTEM "{file.as_uri()}">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&a;</rdf:RDF>'
    )
    (folder / "policy.json").write_text(
        json.dumps(
            {
                "properties": {"displayName": "x", "policyDefinitions": [{"policyDefinitionId": there}]},
                "$ref": there,
            }
        )
    )


def test_no_file_that_is_read_makes_another_be_read(canary, outside, tmp_path):
    """Includes, links, imports, entities, tags, contexts: nothing outside of the inputs is opened, nobody is asked."""
    folder = tmp_path / "pages"
    folder.mkdir()
    given(folder, canary.url, outside)
    with watched() as (opened, called):
        build = kg.build([folder], workers=1)
        inside = build.graph
        text = b"".join(inside.lines)

    assert build.report.issues
    assert not [path for path in opened if WORD in path]
    assert not called
    assert not canary.hits
    assert not (folder / "ran").exists()
    assert f'"{WORD}"'.encode() not in text
    with watched() as (opened, called):
        inside.check()
    assert not [path for path in opened if WORD in path]
    assert not called


@pytest.mark.parametrize("engine", ["shacl", "pyshacl"])
def test_no_shape_and_no_graph_that_is_judged_reaches_out(engine, canary, outside, tmp_path):
    """Neither `owl:imports` nor SERVICE in a shape, nor JavaScript."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(f"""
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://example.org/shapes> a owl:Ontology ; owl:imports <{canary.url}/imported>, <{outside.as_uri()}> ;
  sh:shapesGraph <{canary.url}/shapes> ; sh:entailment <{canary.url}/entailment> .
<https://example.org/S> a sh:NodeShape ; sh:targetSubjectsOf {P} ;
  sh:sparql [ sh:message "m" ; sh:select "SELECT $this {{ SERVICE <{canary.url}/sparql> {{ ?s ?p ?o }} }}" ] ;
  sh:js [ sh:jsFunctionName "f" ; sh:jsLibrary [ sh:jsLibraryURL "{canary.url}/lib.js" ] ] .
""")
    data = f"""<https://example.org/a> {P} <https://example.org/b> .
<https://example.org/a> <http://www.w3.org/2002/07/owl#imports> <{canary.url}/data> .
<https://example.org/a> <http://www.w3.org/2002/07/owl#imports> <{outside.as_uri()}> .
<https://example.org/a> <http://www.w3.org/ns/shacl#shapesGraph> <{canary.url}/shapes> .
""".encode()
    lines = b"".join(sorted(data.splitlines(keepends=True)))
    with watched() as (opened, called), contextlib.suppress(KgError):
        validation.check(lines, shapes=shapes, engine=engine)

    assert not [path for path in opened if WORD in path]
    assert not called
    assert not canary.hits


def untrusted(url: str, file: Path) -> dict[str, str]:
    """RDF files that point elsewhere, by their names."""
    there = f"{url}/context"
    return {
        **{
            f"context-{number}.jsonld": json.dumps(
                {"@context": context, "@id": "https://example.org/a", "p": "b"}
            )
            for number, context in enumerate(
                (
                    there,
                    file.as_uri(),
                    str(file),
                    [there, {}],
                    {"@import": there},
                    {"p": {"@id": "x:p", "@context": there}},
                )
            )
        },
        "imports.ttl": f"<> <http://www.w3.org/2002/07/owl#imports> <{there}>, <{file.as_uri()}> .",
        "base.ttl": f"@base <{there}> . @prefix : <{file.as_uri()}#> . <x> :p <y> .",
        "entity.rdf": f'<!DOCTYPE r [<!ENTITY a SYSTEM "{file.as_uri()}">]><r>&a;</r>',
        "entity.xml": f'<!DOCTYPE r SYSTEM "{there}"><r/>',
    }


def test_no_rdf_file_reaches_out(canary, outside, tmp_path):
    """Opened, judged, handed to rdflib and exported in every format."""
    for name, text in untrusted(canary.url, outside).items():
        place = tmp_path / name
        place.write_text(text)
        with watched() as (opened, called), contextlib.suppress(KgError):
            graph = Graph.open(place)
            assert f'"{WORD}"'.encode() not in b"".join(graph.lines)
            graph.check()
            graph.rdflib()
            for form in export.FORMATS:
                with contextlib.suppress(KgError):
                    graph.save(tmp_path / f"out.{form.suffixes[0]}", all_licences=True)
        assert not [path for path in opened if WORD in path], name
        assert not called, name

    assert not canary.hits


@pytest.mark.parametrize(
    "address",
    [
        "file://{file}",
        "{file}",
        "ftp://127.0.0.1/x",
        "data:text/turtle,{word}",
        "jar:file:{file}",
        "gopher://127.0.0.1:1/",
    ],
)
def test_only_http_is_a_server(address, outside):
    """No other scheme is taken for the address of a graph, or of a store to publish to."""
    url = address.format(file=outside, word=WORD)
    graph = Graph.of_lines(TURTLE.encode())
    with watched() as (opened, called):
        for use in (lambda: kg.connect(url).query("ASK {}"), lambda: graph.publish(url)):
            with pytest.raises(KgError):
                use()

    assert not [path for path in opened if WORD in path]
    assert not called


def test_no_redirect_leads_elsewhere(canary, outside):
    """A server that sends us to a file, or to another server, is not followed."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    targets = iter(
        [outside.as_uri(), f"{canary.url}/x", str(outside), "data:text/plain,x", "ftp://127.0.0.1/x"]
    )

    class Sending(BaseHTTPRequestHandler):
        def log_message(self, format, *args):
            """Say nothing."""

        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", next(targets))
            self.end_headers()

        do_POST = do_GET  # noqa: N815  (the name of http.server)

    with ThreadingHTTPServer(("127.0.0.1", 0), Sending) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        for _ in range(3):
            with watched() as (opened, _), pytest.raises(KgError):
                kg.connect(f"http://127.0.0.1:{server.server_address[1]}/sparql").select(
                    "SELECT * { ?s ?p ?o }"
                )
            assert not [path for path in opened if WORD in path]
        server.shutdown()

    assert not canary.hits


def test_the_canary_sings(canary, outside):
    """The probes would be seen: asking and reading are noticed."""
    import urllib.request

    with Canary() as other, watched() as (opened, called):
        urllib.request.urlopen(other.url).read()
        outside.read_text()

    assert other.hits == ["GET /"]
    assert called
    assert [path for path in opened if WORD in path]
