"""A graph as a file of any kind: valid with no rows, the same bytes each time, read by a library not its writer."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import igraph
import jsonschema
import networkx as nx
import openpyxl
import pydot
import pyoxigraph as ox
import pytest

from kg import neighbourhood, publication, saving
from kg.errors import KgError, NotFoundError, QueryError
from kg.formats import diagrams, networks
from kg.graph import Graph
from kg.neighbourhood import Edge, Neighbourhood, Node
from kg.saving import FORMATS, Around
from kg.selection import Selection
from tests import golden
from tests.conftest import CHECKOUT

SUFFIXES = [each.suffixes[0] for each in FORMATS]
EVIL = 'a "b" <c> & \x0b\x1b ]]> \u202e \\ | # ; `d` \r\n end \r.'


def small() -> Graph:
    """A graph whose labels and sentences hold all that formats stumble over."""
    text = json.dumps(EVIL)
    return Graph.of_lines(
        ox.serialize(
            sorted(
                ox.parse(
                    f"""
@prefix ckg: <https://w3id.org/compliance-kg/ontology#> .
@prefix std: <https://w3id.org/compliance-kg/id/standard/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://example.org/doc> {{
  std:a a ckg:Standard ; skos:prefLabel {text}@en .
  std:b a ckg:Standard ; skos:prefLabel "Beta"@en .
  std:a ckg:basedOn std:b .
  <https://example.org/c> a ckg:StandardRelation , ckg:Claim ; owl:annotatedSource std:a ;
    owl:annotatedProperty ckg:basedOn ; owl:annotatedTarget std:b ; ckg:evidence <https://example.org/s> ;
    prov:wasDerivedFrom <https://example.org/doc> .
  <https://example.org/s> rdf:value {text}@en ; ckg:line 3 .
  <https://example.org/doc> ckg:path "a.md" .
}}""",
                    ox.RdfFormat.TRIG,
                ),
                key=str,
            ),
            format=ox.RdfFormat.N_QUADS,
        )
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_is_written_with_no_rows(suffix: str, tmp_path: Path) -> None:
    """A header, an empty network, an empty diagram: all are valid."""
    target = tmp_path / f"empty.{suffix}"
    Graph.of_lines(b"").save(target)
    data = target.read_bytes()

    readers = {
        "csv": lambda: list(csv.DictReader(io.StringIO(data.decode()))) == [],
        "parquet": lambda: len(__import__("pandas").read_parquet(target)) == 0,
        "xlsx": lambda: "Scope matrix" in openpyxl.load_workbook(target).sheetnames,
        "md": lambda: data.startswith(b"# "),
        "html": lambda: data.lower().startswith(b"<!doctype html>"),
        "graphml": lambda: len(nx.read_graphml(target)) == 0,
        "gexf": lambda: len(nx.read_gexf(target)) == 0,
        "node-link.json": lambda: len(nx.node_link_graph(json.loads(data), edges="edges")) == 0,
        "sssom.tsv": lambda: b"subject_id\t" in data,
        "oscal.json": lambda: "mapping-collection" in json.loads(data),
        "mmd": lambda: data == b"flowchart LR\n",
        "dot": lambda: data.startswith(b"digraph {") and data.endswith(b"}\n"),
    }
    assert readers.get(suffix, lambda: not list(ox.parse(data, path=None, format=_rdf(suffix))))()


def _rdf(suffix: str) -> ox.RdfFormat:
    found = ox.RdfFormat.from_extension(suffix)
    assert found
    return found


SCRIPT = """
import hashlib, sys
from pathlib import Path
from xml.etree import ElementTree as ET
from kg.saving import FORMATS
from tests import golden
from tests.test_saving import small
for each in FORMATS:
    target = Path(sys.argv[1]) / f"x.{each.suffixes[0]}"
    small().save(target)
    print(each.name, hashlib.sha256(target.read_bytes()).hexdigest())
"""


def test_two_exports_are_the_same_bytes(tmp_path: Path) -> None:
    """In every format, whatever the hash seed."""
    said = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(CHECKOUT)}
        command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
        said.add(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)

    assert len(said) == 1


@pytest.mark.parametrize("graph", [small, golden.graph], ids=["small", "samples"])
def test_networks_are_reopened_by_other_libraries_without_loss(graph, tmp_path: Path) -> None:
    """Nodes, edges, labels, kinds, weights and sentences; several statements between two things stay several."""
    whole = graph()
    wanted = networks.described(whole)
    for suffix in ("graphml", "gexf", "node-link.json"):
        whole.save(tmp_path / f"net.{suffix}")
    graphml = nx.read_graphml(tmp_path / "net.graphml", force_multigraph=True)
    gexf = nx.read_gexf(tmp_path / "net.gexf")
    linked = nx.node_link_graph(json.loads((tmp_path / "net.node-link.json").read_text()), edges="edges")
    other = igraph.Graph.Read_GraphML(str(tmp_path / "net.graphml"))

    def edges(network: nx.MultiDiGraph) -> list[tuple[object, ...]]:
        names = (
            "label",
            "property",
            "relation",
            "claim",
            "sentence",
            "evidence",
            "place",
            "document",
            "confidence",
        )
        return sorted(
            (u, v, float(d["weight"]), *(d.get(n, "") for n in names)) for u, v, d in network.edges(data=True)
        )

    assert edges(graphml) == edges(linked) == edges(wanted)
    assert dict(graphml.nodes(data=True)) == dict(linked.nodes(data=True)) == dict(wanted.nodes(data=True))
    assert edges(gexf) == edges(wanted)
    assert {n: (d["label"], d["kind"]) for n, d in gexf.nodes(data=True)} == {
        n: (d["label"], d["kind"]) for n, d in wanted.nodes(data=True)
    }
    assert (other.vcount(), other.ecount()) == (len(wanted), wanted.number_of_edges())
    assert sorted(other.es["weight"]) == sorted(d["weight"] for _, _, d in wanted.edges(data=True))
    assert sorted(other.es["evidence"]) == sorted(d["evidence"] for _, _, d in wanted.edges(data=True))


def test_an_edge_leads_to_the_words_it_was_read_from() -> None:
    """Sentence, file and line; what no format can write is replaced."""
    ((_, _, edge),) = networks.described(small()).edges(data=True)

    assert (edge["label"], edge["place"], edge["weight"]) == ("based on", "a.md:3", 1.0)
    assert edge["evidence"] == "https://example.org/s"
    assert edge["sentence"] == EVIL.replace("\x0b", "\ufffd").replace("\x1b", "\ufffd").replace(
        "\r\n", "\n"
    ).replace("\r", "\n")


def test_mappings_of_a_graph_are_a_collection_valid_by_its_schema(catalogs: Path, tmp_path: Path) -> None:
    """All of them, and none."""
    text = (catalogs / "oscal-schema" / "oscal_complete_schema.json").read_text(encoding="utf-8")
    # Python's expressions know no classes of Unicode.
    schema = json.loads(text.replace("\\\\p{L}", "[A-Za-z]").replace("\\\\p{N}", "[0-9]"))
    for graph in (golden.graph(), Graph.of_lines(b"")):
        graph.save(tmp_path / "m.oscal.json")
        jsonschema.Draft7Validator(schema).validate(json.loads((tmp_path / "m.oscal.json").read_text()))
    golden.graph().save(tmp_path / "m.sssom.tsv")
    rows = [line for line in (tmp_path / "m.sssom.tsv").read_text().splitlines() if not line.startswith("#")]
    assert len(rows) == 1 + len(golden.graph().query("SELECT ?c { ?c a ckg:ControlMapping }"))


@pytest.mark.parametrize("suffix", ["mmd", "dot"])
def test_a_diagram_shows_what_is_around_a_thing(suffix: str, tmp_path: Path) -> None:
    """Boxes with names, arrows with relations."""
    target = tmp_path / f"mars.{suffix}"
    golden.graph().save(target, around=Around(("MARS-E",), depth=1))
    text = target.read_text()

    assert '"MARS-E"' in text
    assert '"demonstrated by"' in text
    assert '"FedRAMP"' in text


def test_a_diagram_nobody_could_read_is_refused(tmp_path: Path) -> None:
    """With what to do about it; nothing is left behind."""
    with pytest.raises(QueryError, match="cannot be read") as error:
        golden.graph().save(tmp_path / "x.dot", around=Around(("MARS-E", "Azure"), depth=4, most=10))

    assert "--depth" in error.value.hint
    assert list(tmp_path.iterdir()) == []


def test_no_label_breaks_out_of_a_diagram() -> None:
    """Each line is of one of the forms that the languages' grammars give for nodes, edges and groups."""
    shown = Neighbourhood(
        (
            Node("https://example.org/a", EVIL, "kind " + EVIL, is_start=True),
            Node("urn:b", "b", "x", is_start=False),
        ),
        (Edge("https://example.org/a", "p", EVIL, "urn:b", EVIL, EVIL),),
        0,
    )
    mermaid = re.compile(
        r'flowchart LR|  subgraph k\d+\["[^"]*"\]|    n\d+\S{1,2}"[^"]*"\S{1,2}|  end|  n\d+ -->\|"[^"|]*"\| n\d+|'
        r"  style n\d+ stroke-width:3px"
    )
    string = r'"(?:[^"\\]|\\["\\])*"'
    attributes = rf"\[\w+={string}(?:, \w+={string})*\]"
    dot = re.compile(
        rf"digraph {{|  (?:graph|node|edge) {attributes}|  subgraph cluster_\d+ {{|    label={string}|"
        rf"    node {attributes}|    n\d+ {attributes}|  n\d+ -> n\d+ {attributes}|(?:  )?}}"
    )
    for text, form in ((diagrams.mermaid(shown), mermaid), (diagrams.dot(shown), dot)):
        assert [line for line in text.splitlines() if not form.fullmatch(line)] == []
        assert "<" not in text.replace("&#60;", "") or form is dot


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.b/x.ttl", "Turtle"),
        ("x.OSCAL.json", "OSCAL"),
        ("sssom.tsv", "SSSOM"),
        ("my.node-link.json", "node-link"),
        ("gexf", "GEXF"),
        ("JSON-LD", "JSON-LD"),
    ],
)
def test_a_format_is_told_by_the_longest_suffix_or_a_name(name: str, form: str) -> None:
    """In any case of letters."""
    assert saving.form(name).name == form


def test_an_unknown_suffix_gets_the_formats_there_are(tmp_path: Path) -> None:
    """Nothing is guessed."""
    with pytest.raises(NotFoundError) as error:
        golden.graph().save(tmp_path / "x.json")

    assert "node-link.json" in error.value.nearest
    assert list(tmp_path.iterdir()) == []


def test_a_folder_gets_a_table_for_each_class(tmp_path: Path) -> None:
    """Where the target is a folder, or ends like one."""
    small().save(f"{tmp_path}/tables/")

    assert (tmp_path / "tables" / "claims.csv").is_file()


def test_what_may_not_be_handed_on_is_left_out_of_every_format(tmp_path: Path) -> None:
    """Also of those that are made from answers."""
    closed = b"<https://example.org/doc> <http://purl.org/dc/terms/license> <https://creativecommons.org/licenses/by-nd/4.0/> <https://example.org/doc> .\n"
    graph = Graph.of_lines(b"".join(sorted([*small().lines, closed])))
    for suffix in ("nq", "graphml", "csv"):
        assert graph.save(tmp_path / f"x.{suffix}") == ("https://example.org/doc",)
    assert (tmp_path / "x.nq").read_bytes() == b""
    assert len(nx.read_graphml(tmp_path / "x.graphml")) == 0
    assert graph.save(tmp_path / "x.graphml", all_licences=True) == ()
    assert len(nx.read_graphml(tmp_path / "x.graphml")) == 2


def test_what_may_be_handed_on_is_kept_beside_a_published_graph(tmp_path: Path) -> None:
    """Made when first asked for, and opened the next time; where it cannot be written, answers are the same."""
    closed = b"<https://example.org/doc> <http://purl.org/dc/terms/license> <https://creativecommons.org/licenses/by-nd/4.0/> <https://example.org/doc> .\n"
    free = b'<https://example.org/a> <http://purl.org/dc/terms/title> "A" <https://example.org/free> .\n'
    with publication.draft(tmp_path) as draft:
        draft.write(sorted([closed, free]))
        published = draft.publish({"built": "today"}, {"issues": [{"code": "place"}]})
    first, left_out = Graph.open(tmp_path).shareable()
    again, _ = Graph.open(tmp_path).shareable()

    assert left_out == ("https://example.org/doc",)
    assert b"".join(again.lines) == b"".join(first.lines) == free
    assert again.version == first.version == publication.current(published.folder / "shareable")
    assert again.issues() == ({"code": "place"},)
    shutil.rmtree(published.folder / "shareable")
    (published.folder / "shareable").write_bytes(b"in the way")
    there, _ = Graph.open(tmp_path).shareable()
    assert there.version is None
    assert b"".join(there.lines) == free


def test_a_part_is_written_where_one_is_selected(tmp_path: Path) -> None:
    """In any format."""
    golden.graph().save(
        tmp_path / "x.nt", selection=Selection(standards=("MARS-E 2.0",), languages=("zh-tw",))
    )
    tags = set(re.findall(r'"@([a-z-]+) \.$', (tmp_path / "x.nt").read_text(), re.MULTILINE))

    assert tags == {"zh-tw"}
    with pytest.raises(KgError):
        golden.graph().save(tmp_path / "x.nt", selection=Selection(standards=("no such thing at all",)))


def test_nodes_have_what_people_colour_and_size_them_by(tmp_path: Path) -> None:
    """Publisher, cloud, family and the like in words, the degree as a number, in each format of networks."""
    golden.graph().save(tmp_path / "net.graphml")
    nodes = dict(nx.read_graphml(tmp_path / "net.graphml", force_multigraph=True).nodes(data=True))
    base = "https://w3id.org/compliance-kg/id/"

    assert nodes[f"{base}standard/fedramp"]["publisher"]
    assert nodes[f"{base}service/azure-government"]["provider"] == "Microsoft"
    control = nodes[f"{base}control/nist-800-53-r5/ac-2.1"]
    assert (control["family"], control["notation"]) == ("Access Control", "AC-2(1)")
    assert control["catalog"].startswith("NIST SP 800-53")
    assert all(isinstance(node["degree"], int) for node in nodes.values())
    assert "" in {node["cloud"] for node in nodes.values()}


def test_confidence_is_a_number_on_the_edges_whose_source_gives_one(tmp_path: Path) -> None:
    """Read back as one by both libraries; the others have none, which is not the same as zero."""
    golden.graph().save(tmp_path / "net.graphml")
    edges = [
        edge for *_, edge in nx.read_graphml(tmp_path / "net.graphml", force_multigraph=True).edges(data=True)
    ]
    sure = sorted(edge["confidence"] for edge in edges if "confidence" in edge)
    stated = golden.graph().select("SELECT ?c WHERE { ?claim sssom:confidence ?c }").column("c")
    by_igraph = igraph.Graph.Read_GraphML(str(tmp_path / "net.graphml")).es["confidence"]

    assert 0 < len(sure) < len(edges)
    assert all(isinstance(each, float) for each in sure)
    assert set(sure) <= {float(str(each)) for each in stated}
    assert sorted(each for each in by_igraph if each == each) == sure


def test_services_say_whether_they_are_registered(tmp_path: Path) -> None:
    golden.graph().save(tmp_path / "net.gexf")
    nodes = dict(nx.read_gexf(tmp_path / "net.gexf").nodes(data=True))

    assert nodes["https://w3id.org/compliance-kg/id/service/azure-government"]["status"] == "registered"


def test_a_dot_file_is_read_by_another_library(tmp_path: Path) -> None:
    """With the things and statements that the diagram shows."""
    graph = golden.graph()
    shown = neighbourhood.around(graph, "MARS-E")
    graph.save(tmp_path / "x.dot", around=Around(("MARS-E",)))
    (read,) = pydot.graph_from_dot_file(str(tmp_path / "x.dot"))
    nodes = [
        node for cluster in read.get_subgraphs() for node in cluster.get_nodes() if node.get_name() != "node"
    ]

    assert len(nodes) == len(shown.nodes)
    assert len(read.get_edges()) == len(shown.edges) > 3


@pytest.mark.parametrize("suffix", ["nq", "nt", "ttl", "jsonld"])
def test_a_big_graph_is_written_a_piece_at_a_time(suffix: str, tmp_path: Path) -> None:
    """Of 100,000 statements and of three times as many: the memory does not grow with them, and bytes are the same."""
    program = (
        "import resource, sys; from pathlib import Path; from kg import export; from kg.lines import Lines\n"
        "export.save(Lines(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    used = []
    for count in (100_000, 300_000):
        source = tmp_path / f"{count}.nq"
        with source.open("w") as file:
            for number in range(count):
                graph = f"<https://example.org/g{number // 500:06}>"
                file.write(
                    f'<https://example.org/{number:07}> <https://example.org/p> "number {number}" {graph} .\n'
                )
        outputs = [tmp_path / f"{count}-{turn}.{suffix}" for turn in (1, 2)]
        for output in outputs:
            done = subprocess.run(
                [sys.executable, "-c", program, source, output], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
        used.append(int(done.stdout))
        assert outputs[0].read_bytes() == outputs[1].read_bytes()

    room = {"jsonld": 150_000}.get(
        suffix, 30_000
    )  # JSON-LD puts the lines in the order of their graphs first
    assert used[1] - used[0] < room


def test_gexf_holds_the_same_network_for_a_plain_reader_of_xml(tmp_path: Path) -> None:
    """By the elements and titles of the GEXF 1.2 schema alone: things, edges, weights and every attribute."""
    graph = golden.graph()
    graph.save(tmp_path / "net.gexf")
    wanted = networks.described(graph)
    root = ET.parse(tmp_path / "net.gexf").getroot()
    space = {"g": "http://www.gexf.net/1.2draft"}
    titles = {
        (of.get("class"), each.get("id")): each.get("title")
        for of in root.iterfind("g:graph/g:attributes", space)
        for each in of.iterfind("g:attribute", space)
    }

    def attributes(element: ET.Element, of: str) -> dict[str, str]:
        found = element.iterfind("g:attvalues/g:attvalue", space)
        return {titles[of, each.get("for")]: each.get("value", "") for each in found}

    nodes = {
        node.get("id"): {"label": node.get("label"), **attributes(node, "node")}
        for node in root.iterfind("g:graph/g:nodes/g:node", space)
    }
    assert nodes == {
        name: {key: str(value) for key, value in data.items()} for name, data in wanted.nodes(data=True)
    }
    edges = [
        (
            edge.get("source"),
            edge.get("target"),
            float(edge.get("weight", "1")),
            attributes(edge, "edge")["claim"],
        )
        for edge in root.iterfind("g:graph/g:edges/g:edge", space)
    ]
    assert sorted(edges) == sorted(
        (source, target, data["weight"], data["claim"]) for source, target, data in wanted.edges(data=True)
    )
