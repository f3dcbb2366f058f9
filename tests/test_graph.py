"""The graph as its users meet it: asked, described, checked, saved."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib

from kg import lines, names, pipeline, publication, store
from kg.errors import NotFoundError, QueryError, SourceError
from kg.graph import Graph
from kg.publication import DamagedError
from kg.sources import recognition
from kg.terms import integer, iri, literal, term
from tests import notes

PAGE = names.document("zh-TW", "mars-e", "a" * 12)
OTHER = names.document("en-US", "mars-e", "b" * 12)
OFFERING, STANDARD, SERVICE = (
    names.offering("microsoft", "mars-e"),
    names.standard("mars-e"),
    names.service("intune"),
)
SEGMENT = names.part(PAGE, "segment", "e7167-115")
CLAIM = names.claim(PAGE, "scope")
IN_SCOPE, TYPE, LABEL = term("ckg:hasInScopeService"), term("rdf:type"), term("skos:prefLabel")

SAID = [
    (PAGE, TYPE, term("ckg:SourceDocument")),
    (PAGE, term("ckg:path"), literal("zh-tw/offering-MARS-E.md")),
    (PAGE, term("dcterms:language"), literal("zh-TW")),
    (PAGE, term("dcterms:license"), iri("https://creativecommons.org/licenses/by/4.0/")),
    (OFFERING, TYPE, term("ckg:Offering")),
    (OFFERING, term("rdfs:label"), literal("Microsoft and MARS-E", "en")),
    (OFFERING, IN_SCOPE, SERVICE),
    (SERVICE, TYPE, term("ckg:CloudService")),
    (SERVICE, LABEL, literal("Microsoft Intune", "en")),
    (SERVICE, LABEL, literal("Intune 服務", "zh-tw")),
    (CLAIM, TYPE, term("ckg:InScopeClaim")),
    (CLAIM, TYPE, term("ckg:Claim")),
    (CLAIM, term("owl:annotatedSource"), OFFERING),
    (CLAIM, term("owl:annotatedProperty"), IN_SCOPE),
    (CLAIM, term("owl:annotatedTarget"), SERVICE),
    (CLAIM, term("ckg:evidence"), SEGMENT),
    (CLAIM, term("prov:wasDerivedFrom"), PAGE),
    (SEGMENT, term("rdf:value"), literal("Intune 在範圍內", "zh-tw")),
    (SEGMENT, term("rdf:value"), literal("Intune is in scope", "en")),
    (SEGMENT, term("ckg:line"), integer(42)),
]
MORE = [
    (OTHER, TYPE, term("ckg:SourceDocument")),
    (OTHER, term("ckg:path"), literal("en-us/offering-MARS-E.md")),
    (OTHER, term("dcterms:language"), literal("en-US")),
    (SERVICE, LABEL, literal("Microsoft Intune", "en")),
    (names.part(OTHER, "unresolved", "1"), TYPE, term("ckg:Unresolved")),
]
DATA = b"".join(lines.merged([lines.share(PAGE, SAID), lines.share(OTHER, MORE)]))
REPORT = {"issues": [{"path": "en-us/offering-MARS-E.md", "line": 3, "code": "x", "message": "y"},
                     {"path": "empty.md", "line": 0, "code": "empty", "message": "nothing"}]}  # fmt: skip


@pytest.fixture
def graph():
    return Graph.of_lines(DATA)


@pytest.fixture
def folder(tmp_path):
    with publication.draft(tmp_path / "graph") as draft:
        draft.write([DATA])
        draft.publish({}, REPORT)
    return tmp_path / "graph"


def test_select_answers_with_a_table_over_all_graphs(graph):
    """Our prefixes are bound, and what two documents say is one row."""
    table = graph.query("SELECT ?name { svc:intune skos:prefLabel ?name } ORDER BY ?name")

    assert list(table) == [{"name": "Intune 服務"}, {"name": "Microsoft Intune"}]


def test_ask_answers_with_a_truth_value_and_construct_with_an_rdflib_graph(graph):
    """The three forms a SPARQL answer takes."""
    assert graph.query("ASK { ?s a ckg:Offering }") is True
    assert graph.query("ASK { ?s a ckg:Baseline }") is False
    built = graph.query("CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s skos:prefLabel ?o }")
    assert set(built) == {
        (rdflib.URIRef(SERVICE[1:-1]), rdflib.RDFS.label, rdflib.Literal("Microsoft Intune", lang="en")),
        (rdflib.URIRef(SERVICE[1:-1]), rdflib.RDFS.label, rdflib.Literal("Intune 服務", lang="zh-tw")),
    }


def test_a_query_can_ask_which_document_says_it_and_choose_its_graphs(graph):
    """`GRAPH` and `FROM` do what the standard says."""
    said = graph.query(
        "SELECT ?g { GRAPH ?g { svc:intune skos:prefLabel 'Microsoft Intune'@en } } ORDER BY ?g"
    )
    assert [f"<{value}>" for value in said.column("g")] == [OTHER, PAGE]

    chosen = graph.query(f"SELECT ?name FROM {OTHER} {{ svc:intune skos:prefLabel ?name }}")
    assert list(chosen) == [{"name": "Microsoft Intune"}]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SELECT *\nWHERE { ?s ?p", 2),
        ("SELECT ?x {\n?x no-such:name ?y }", 0),
        ("INSERT DATA { <a> <b> <c> }", 1),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 1),
        ("", 0),
    ],
)
def test_what_is_wrong_with_a_query_is_said_with_its_place(graph, text, line):
    """In one line, without the list of all that the engine would have taken."""
    with pytest.raises(QueryError) as caught:
        graph.query(text)

    assert line in (0, caught.value.line)
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 400


def test_select_refuses_other_forms(graph):
    """Whoever needs rows says so."""
    with pytest.raises(QueryError, match="SELECT"):
        graph.select("ASK {}")


@pytest.mark.parametrize("name", ["svc:intune", SERVICE[1:-1], "microsoft intune", "Intune 服務"])
def test_a_thing_is_described_with_the_sentence_behind_it(graph, name):
    """By IRI, prefixed name or words of any language; the evidence in every language, English first."""
    thing = graph.describe(name)

    assert (thing.iri, thing.label) == (SERVICE[1:-1], "Microsoft Intune")
    assert ("Microsoft Intune", "zh-tw/offering-MARS-E.md") in [
        (row["value"], row["path"]) for row in thing.statements
    ]
    assert [(row["sourceLabel"], row["sentence"], row["path"], row["line"]) for row in thing.evidence] == [
        ("Microsoft and MARS-E", "Intune is in scope", "zh-tw/offering-MARS-E.md", 42),
        ("Microsoft and MARS-E", "Intune 在範圍內", "zh-tw/offering-MARS-E.md", 42),
    ]
    assert "Intune is in scope" in str(thing)


def test_an_unknown_thing_gets_near_names(graph):
    """A typing error is met with what may have been meant."""
    with pytest.raises(NotFoundError) as caught:
        graph.describe("Microsft Intuen")

    assert "Microsoft Intune" in caught.value.nearest


def test_lists_of_controls_are_compared_and_things_connected():
    """On the reference dataset that comes with the program."""
    graph = pipeline.build([], check=False).graph

    assert len(graph.gap("mars-e-2.2", "fedramp-r4-moderate")) == 62
    assert graph.gap("mars-e-2.2", have=["AC-1"], everything=True).column("status").count("covered") == 1
    assert graph.coverage("fedramp-r4-moderate", "fedramp-r4-moderate").column("share")[-1] == 1
    assert graph.crosswalk("nist-800-53-r5", "nist-800-53-r4").rows
    assert graph.changes("nist-800-53-r4", "nist-800-53-r5").rows
    assert "skos" in str(graph.path("nist-800-53-r4:ac-2", "nist-800-53-r5:ac-2").column("relation")[0])


def test_stats_count_what_there_is(graph):
    """The whole, then classes, languages, relations and licences."""
    counts = {(row["what"], row["name"]): row["count"] for row in graph.stats()}

    assert counts["whole", "quads"] == len(DATA.splitlines())
    assert counts["whole", "graphs"] == 2
    assert counts["class", "https://w3id.org/compliance-kg/ontology#SourceDocument"] == 2
    assert counts["language", "zh-TW"] == 1
    assert counts["licence", "https://creativecommons.org/licenses/by/4.0/"] == 1


def test_sources_say_what_was_read_and_what_was_not(folder):
    """A file that could not be read is in the list, without a document."""
    assert [tuple(row.values()) for row in Graph.open(folder).sources()] == [
        ("empty.md", None, None, 0, 0, 1),
        ("en-us/offering-MARS-E.md", OTHER[1:-1], "en-US", 0, 1, 1),
        ("zh-tw/offering-MARS-E.md", PAGE[1:-1], "zh-TW", 1, 0, 0),
    ]


def test_the_shapes_judge_a_graph_that_lacks_the_ontology_along_with_it(graph):
    """What is missing of the documents is found, with the file they are in."""
    report = graph.check()

    assert not report.conforms
    assert "zh-tw/offering-MARS-E.md" in {finding.document for finding in report.findings}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_rdflib_gets_every_quad_as_it_is_written(graph):
    """With the union as default graph and our prefixes bound."""
    dataset = graph.rdflib()

    assert {
        " ".join(part.n3() for part in (s, p, o, rdflib.URIRef(g))) + " ." for s, p, o, g in dataset.quads()
    } == set(DATA.decode().splitlines())
    assert len(list(dataset.query("SELECT ?name { svc:intune skos:prefLabel ?name }"))) == 2


@pytest.mark.parametrize("suffix", ["nq", "trig", "jsonld", "ttl", "nt"])
def test_a_graph_saved_and_opened_answers_the_same(graph, tmp_path, suffix):
    """Any RDF file is a graph."""
    graph.save(tmp_path / f"copy.{suffix}")
    copy = Graph.open(tmp_path / f"copy.{suffix}")

    text = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o"
    assert copy.query(text) == graph.query(text)
    assert copy.issues() == ()


@pytest.mark.parametrize(
    ("name", "content"),
    [("graph.rdf", "<rdf/>"), ("graph.txt", "x"), ("graph.ttl", "no turtle"), ("graph.nq", "<a> <b> .\n")],
)
def test_a_file_that_is_no_graph_is_an_error(tmp_path, name, content):
    """RDF/XML is not read: its entities can end the process."""
    (tmp_path / name).write_text(content)

    with pytest.raises(SourceError, match="graph"):
        Graph.open(tmp_path / name)


def test_triples_within_triples_cannot_end_the_process(tmp_path):
    """The parser would overflow its stack."""
    nested = "<<( <http://a> <http://p> " * 30_000 + "<http://b>" + " )>>" * 30_000
    (tmp_path / "deep.ttl").write_text(f"<http://a> <http://p> {nested} .")
    (tmp_path / "words.ttl").write_text("".join(f'<http://a> <http://p> "{n} <<( " .\n' for n in range(600)))

    with pytest.raises(SourceError, match="nested more than"):
        Graph.open(tmp_path / "deep.ttl")
    assert len(Graph.open(tmp_path / "words.ttl").query("SELECT ?o { ?s ?p ?o }")) == 600


def test_where_there_is_no_graph_it_is_said(tmp_path):
    """A folder without one, and a path that does not exist."""
    for place in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(NotFoundError):
            Graph.open(place)


def test_a_folder_of_one_version_can_be_opened_too(folder):
    """To look at a former graph."""
    version = publication.current(folder)

    assert Graph.open(version.folder).query("ASK { ?s a ckg:Offering }") is True


def test_a_damaged_graph_is_refused(folder):
    """Before it answers anything."""
    place = publication.current(folder).lines
    place.write_bytes(place.read_bytes().replace(b"Intune", b"Intone"))

    with pytest.raises(DamagedError, match="damaged"):
        Graph.open(folder).query("ASK {}")


class TestIndex:
    """The index on disk of a big graph."""

    @pytest.fixture(autouse=True)
    def _every_graph_is_big(self, monkeypatch):
        monkeypatch.setattr(store, "INDEXED_FROM", 0)

    TEXT = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o"

    def test_it_is_made_once_and_answers_the_same(self, folder, graph):
        """The second time nothing has to be done."""
        told = []
        for _ in range(2):
            assert Graph.open(folder, notify=told.append).query(self.TEXT) == graph.query(self.TEXT)

        assert len(told) == 1
        assert sorted(each.name.partition("-")[0] for each in publication.current(folder).folder.iterdir()) == [
            "graph.nq", "index", "kept", "manifest.json", "report.json",
        ]  # fmt: skip

    def test_it_does_not_make_a_published_graph_another(self, folder):
        """An equal build is still a no-op, and the index stays."""
        Graph.open(folder).query("ASK {}")
        with publication.draft(folder) as draft:
            draft.write([DATA])
            version = draft.publish({}, REPORT)

        assert any(each.name.startswith("index-") for each in version.folder.iterdir())

    def test_a_broken_index_is_made_again(self, folder, graph):
        """The lines are the truth, the index is not."""
        Graph.open(folder).query("ASK {}")
        place = next(publication.current(folder).folder.glob("index-*"))
        (place / "CURRENT").write_text("nonsense")

        assert Graph.open(folder).query(self.TEXT) == graph.query(self.TEXT)
        assert place.is_dir()

    def test_without_room_for_it_the_graph_is_held_in_memory(self, folder, graph, monkeypatch):
        """A full disk keeps nobody from asking, and half an index is not left behind."""

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(ox.Store, "read_only", full)
        assert Graph.open(folder).query(self.TEXT) == graph.query(self.TEXT)
        monkeypatch.setattr(store, "_index", full)
        assert Graph.open(folder).query(self.TEXT) == graph.query(self.TEXT)
        assert not list(publication.current(folder).folder.glob("indexing-*"))

    def test_what_a_killed_process_left_is_removed(self, folder):
        """And what another process is making stays."""
        inside = publication.current(folder).folder
        left, held = inside / "indexing-left", inside / "indexing-held"
        for each in (left, held):
            each.mkdir()
            (each / "000004.log").write_bytes(b"half")
        with store._held(held) as is_mine:
            assert is_mine
            Graph.open(folder).query("ASK {}")

        assert not left.exists()
        assert (held / "000004.log").exists()
        assert any(each.name.startswith("index-") for each in inside.iterdir())

    def test_a_damaged_graph_gets_no_index(self, folder):
        """It is verified before it is read."""
        publication.current(folder).lines.write_bytes(b"")

        with pytest.raises(DamagedError):
            Graph.open(folder).query("ASK {}")


def test_a_build_gives_its_graph(tmp_path, monkeypatch):
    """Built in memory or published, the graph answers."""
    monkeypatch.setattr(recognition, "SOURCES", (notes.Notes(),))
    ontology = notes.ontology(tmp_path / "ontology")
    folder = notes.corpus(tmp_path / "in", 3)
    for out in (None, tmp_path / "graph"):
        build = pipeline.build([folder], ontology=ontology, check=False, out=out)

        assert build.graph.query(f"ASK {{ {notes.THING} skos:prefLabel ?name }}") is True


def test_a_blank_node_is_one_node_in_its_graph_and_in_the_union(tmp_path):
    """What a file says of it is found once, and by both."""
    place = tmp_path / "blank.trig"
    place.write_text("<http://g> { <http://a> <http://b> _:x . _:x <http://c> 1 }")
    graph = Graph.open(place)

    assert graph.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows[0][0].value == "2"
    assert graph.query("ASK { <http://a> <http://b> ?x . GRAPH <http://g> { ?x <http://c> 1 } }") is True
