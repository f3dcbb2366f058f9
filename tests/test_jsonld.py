"""JSON-LD by the published context: short, whole, read by others without fetching anything, and as trees."""

from __future__ import annotations

import io
import json

import pyld
import pyoxigraph as ox
import pytest
import rdflib

import kg
from kg import context, files, jsonld
from kg.errors import KgError, NotFoundError
from kg.graph import Graph
from kg.selection import Selection
from kg.terms import ONTOLOGY, PREFIXES, term

SAID = "https://w3id.org/compliance-kg/id/standard/x"


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The graph of the samples."""
    return kg.build([files.samples()], check=False).graph


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any document that a reader would fetch is a failure."""

    def refuse(url: str, options: object) -> None:
        raise AssertionError(f"{url} was to be fetched")

    monkeypatch.setattr(pyld.jsonld, "_default_document_loader", refuse)


def text(lines: str, **options: str) -> str:
    """Return N-Quads lines as JSON-LD."""
    file = io.BytesIO()
    Graph.of_lines(lines.encode()).write(file, "jsonld", **options)
    return file.getvalue().decode()


def quads(found: str) -> set[str]:
    """Return what pyld reads as sorted N-Quads lines of our writing."""
    read = pyld.jsonld.to_rdf(json.loads(found), {"format": "application/n-quads"})
    return {f"{quad} ." for quad in ox.parse(read.encode(), ox.RdfFormat.N_QUADS)}


def said(name: str, value: str) -> str:
    """Return a line about a thing."""
    return f"<{SAID}> {term(name)} {value} .\n"


@pytest.mark.usefixtures("offline")
def test_two_other_readers_find_every_statement_in_its_graph(graph: Graph) -> None:
    """The samples whole, by pyld and by rdflib, with the named graphs apart."""
    file = io.BytesIO()
    part = graph.selected(Selection(graphs=("en-us/offering-MARS-E.md",)))
    part.write(file, "jsonld")
    lines = {line.decode().strip() for line in part.lines}

    assert len(lines) > 300
    assert quads(file.getvalue().decode()) == lines
    dataset = rdflib.Dataset()
    dataset.parse(data=file.getvalue(), format="json-ld")
    assert len(set(dataset.quads((None, None, None, None)))) == len(lines)


def test_the_whole_graph_is_read_back_as_it_was(graph: Graph) -> None:
    """By the engine's reader, which is not the writer; and two exports have the same bytes."""
    one, two = io.BytesIO(), io.BytesIO()
    graph.write(one, "jsonld")
    graph.write(two, "jsonld")

    assert one.getvalue() == two.getvalue()
    assert {str(quad) for quad in ox.parse(one.getvalue(), ox.RdfFormat.JSON_LD)} == {
        str(quad) for quad in ox.parse(b"".join(graph.lines), ox.RdfFormat.N_QUADS)
    }


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("skos:prefLabel", '"MARS-E"@en', {"prefLabel": {"en": "MARS-E"}}),
        ("skos:notation", '"AC-2"', {"notation": "AC-2"}),
        ("ckg:line", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>', {"line": 7}),
        ("ckg:line", '"07"^^<http://www.w3.org/2001/XMLSchema#integer>', {"line": "07"}),
        ("ckg:line", '"seven"', {"ckg:line": "seven"}),
        ("ckg:attests", f"<{SAID}>", {"attests": "std:x"}),
        ("ckg:attests", '"x"', {"ckg:attests": "x"}),
        ("skos:prefLabel", '"plain"', {"skos:prefLabel": "plain"}),
        ("rdf:type", term("ckg:Standard"), {"@type": "Standard"}),
        ("rdf:value", '"Satz"@de', {"value": {"de": "Satz"}}),
        ("rdf:value", '"plain"', {"rdf:value": "plain"}),
        ("ckg:party", f"<{SAID}>", {"ckg:party": "std:x"}),  # `party` is a prefix
        ("ckg:party", '"x"', {f"{ONTOLOGY}party": "x"}),
    ],
)
def test_a_value_is_as_short_as_it_can_be_said_exactly(name: str, value: str, shown: dict) -> None:
    """What the definition of a name does not fit stands under the prefixed name; both are read back as they were."""
    found = text(said(name, value))

    assert json.loads(found)["@graph"] == [{"@id": "std:x", **shown}]
    assert quads(found) == {said(name, value).strip()}


def test_texts_of_one_language_are_a_list_and_those_of_others_beside_it() -> None:
    """A map by language."""
    lines = "".join(said("skos:altLabel", value) for value in ('"a"@en', '"b"@en', '"c"@fr'))

    assert json.loads(text(lines))["@graph"][0]["altLabel"] == {"en": ["a", "b"], "fr": "c"}
    assert len(quads(text(lines))) == 3


def test_an_iri_that_would_be_read_as_a_prefixed_name_is_written_without_names() -> None:
    """The node it stands in says so; the others keep their names, and no file is refused for it."""
    lines = said("ckg:attests", "<org:x>") + f"<org:y> {term('rdf:type')} <{SAID}> .\n"
    whole = text(lines + f"<{SAID}/2> {term('ckg:attests')} <{SAID}> .\n")
    _, odd, other = json.loads(whole)["@graph"]

    assert odd == {"@context": None, "@id": "org:y", term("rdf:type")[1:-1]: [{"@id": SAID}]}
    assert other == {"@id": "std:x/2", "attests": "std:x"}
    assert quads(text(lines)) == set(lines.splitlines())


def test_no_tree_is_written_of_what_names_would_change() -> None:
    """A tree has one context for all that is in it."""
    lines = f"{term('ckg:Standard')} {term('rdf:type')} {term('owl:Class')} .\n"
    lines += said("rdf:type", term("ckg:Standard")) + said("ckg:attests", "<org:x>")
    with pytest.raises(KgError, match="prefixed name"):
        text("".join(sorted(lines.splitlines(keepends=True))), frame="ckg:Standard")


@pytest.mark.usefixtures("offline")
def test_three_readers_find_values_that_do_not_fit_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside such as fit, with signs that are escaped, and numbers that JSON would change."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    xsd = PREFIXES["xsd"]
    values = {
        "ckg:line": [f'"{number}"^^<{xsd}integer>' for number in ("7", "-0", "007", 10**20)] + ['"seven"@en'],
        "ckg:withdrawn": [*(f'"{truth}"^^<{xsd}boolean>' for truth in ("true", "1")), '"true"'],
        "ckg:party": ['"a \\"word\\"\\n\\\\ é"', f"<{SAID}>"],
        "rdf:value": ['"plain"', '"said"@en', '"told"@en', f'"P1Y"^^<{xsd}duration>', f"<{SAID}>"],
        "rdf:type": [term("ckg:Standard"), '"text"'],
        "ckg:linksTo": [
            "<mailto:a@example.org>",
            f"<{PREFIXES['std']}//x>",
            f"<{PREFIXES['std']}>",
            "<line:1>",
        ],
    }
    lines = "".join(sorted(said(name, value) for name, some in values.items() for value in some))
    wanted = {f"{quad} ." for quad in ox.parse(lines.encode(), ox.RdfFormat.N_QUADS)}
    found = text(lines)
    by_rdflib = rdflib.Graph().parse(data=found, format="json-ld").serialize(format="nt")

    assert len(wanted) == 21
    assert quads(found) == wanted
    assert {f"{quad} ." for quad in ox.parse(found.encode(), ox.RdfFormat.JSON_LD)} == wanted
    assert {f"{triple} ." for triple in ox.parse(by_rdflib.encode(), ox.RdfFormat.N_TRIPLES)} == wanted


def test_the_direction_of_a_text_is_kept() -> None:
    """RDF 1.2; a map by language has no place for it."""
    line = said("skos:prefLabel", '"x"@ar--rtl')

    assert {f"{quad} .\n" for quad in ox.parse(text(line).encode(), ox.RdfFormat.JSON_LD)} == {line}


def test_no_rows_are_a_valid_file() -> None:
    """The context and nothing."""
    assert quads(text("")) == set()


def test_the_published_context_is_up_to_date() -> None:
    """`python -m kg.context` writes it anew from the vocabulary and the table of reused properties."""
    assert jsonld.written() == context.text()


def test_every_property_that_the_samples_use_has_a_name(graph: Graph) -> None:
    """Else it would be written with its prefix, and the kind of its values each time."""
    terms = {
        said if isinstance(said, str) else said.get("@id") for said in list(jsonld.context().values())[1:]
    }
    used = {term(name)[1:-1] for name in terms if name and name.partition(":")[0] in PREFIXES}
    properties = {str(row["p"]) for row in graph.query("SELECT DISTINCT ?p { ?s ?p ?o }")}

    assert len(properties) > 50
    assert {p for p in properties - used if p.startswith(tuple(PREFIXES.values()))} == {
        term("rdf:type")[1:-1]
    }


def test_the_published_context_has_every_term_of_ours_and_every_prefix(graph: Graph) -> None:
    """Object properties lead to things, datatypes are those of the vocabulary, and what the samples say has a name."""
    known = jsonld.context()
    vocabulary = rdflib.Graph().parse(files.ontology() / "kg.ttl")
    rdf, owl = rdflib.RDF, rdflib.OWL

    assert {name: known[name] for name in PREFIXES} == PREFIXES
    for kind in (owl.Class, owl.ObjectProperty, owl.DatatypeProperty):
        for thing in vocabulary.subjects(rdf.type, kind):
            name = str(thing).removeprefix(ONTOLOGY)
            if str(thing).startswith(ONTOLOGY) and name not in PREFIXES:
                defined = known[name]
                assert (defined if isinstance(defined, str) else defined["@id"]) == f"ckg:{name}"
                assert (isinstance(defined, dict) and defined.get("@type") == "@id") == (
                    kind == owl.ObjectProperty
                )


def test_a_class_is_framed_as_trees_of_claims_and_sentences(graph: Graph) -> None:
    """Each thing once, with its claims, and in these the sentences; the statements are those of the graph."""
    file = io.BytesIO()
    graph.write(file, "jsonld", frame="ckg:Offering")
    found = json.loads(file.getvalue())
    trees = found["@graph"]

    names = {str(row["thing"]) for row in graph.query("SELECT ?thing { ?thing a ckg:Offering }")}
    assert {tree["@id"].replace("off:", PREFIXES["off"]) for tree in trees} == names
    claims = [claim for tree in trees for claim in tree["claims"]]
    assert any("value" in sentence for claim in claims for sentence in claim["evidence"])
    expected = graph.query(
        """CONSTRUCT { ?s ?p ?o } WHERE {
          { ?s a ckg:Offering } UNION { ?thing a ckg:Offering . ?s owl:annotatedSource ?thing }
          UNION { ?thing a ckg:Offering . ?claim owl:annotatedSource ?thing ; ckg:evidence ?s }
          ?s ?p ?o }"""
    )
    read = rdflib.Graph().parse(data=file.getvalue(), format="json-ld")
    assert set(read) == set(expected)


def test_the_trees_are_those_of_a_frame() -> None:
    """What pyld frames from the flat file has the same shape."""
    claim, segment = (
        "https://w3id.org/compliance-kg/id/claim/1",
        "https://w3id.org/compliance-kg/id/segment/1",
    )
    lines = sorted(
        [
            said("rdf:type", term("ckg:Standard")),
            said("skos:notation", '"X"'),
            f"<{claim}> {term('rdf:type')} {term('ckg:Claim')} .\n",
            f"<{claim}> {term('owl:annotatedSource')} <{SAID}> .\n",
            f"<{claim}> {term('ckg:evidence')} <{segment}> .\n",
            f'<{segment}> {term("rdf:value")} "Sentence."@en .\n',
            f"{term('ckg:Standard')} {term('rdf:type')} {term('owl:Class')} .\n",
        ]
    )
    frame = {"@context": jsonld.context(), "@type": "Standard", "claims": {"evidence": {}}}
    framed = pyld.jsonld.frame(json.loads(text("".join(lines))), frame, {"omitGraph": False})
    (tree,) = json.loads(text("".join(lines), frame="ckg:Standard"))["@graph"]
    (wanted,) = framed["@graph"]

    assert wanted["claims"]["evidence"] == tree["claims"][0]["evidence"][0]
    assert tree["claims"][0]["@id"] == wanted["claims"]["@id"]
    assert {key: value for key, value in tree.items() if key != "claims"} == {
        key: value for key, value in wanted.items() if key != "claims"
    }


def test_a_class_that_is_none_is_told() -> None:
    """With what comes near."""
    with pytest.raises(NotFoundError, match="class"):
        text(said("rdf:type", term("ckg:Standard")), frame="standart")
