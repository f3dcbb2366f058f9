"""The adapter: what goes in, what comes out, where a finding comes from, and what it must never do."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from kg import files, lines, names, pipeline, records
from kg.errors import SourceError, VocabularyError
from kg.terms import Iri, bare, integer, literal, term
from kg.validation import Engine, Finding, Report, check, parsed

ENGINES: tuple[Engine, ...] = ("shacl", "pyshacl")
SHA = "ab" * 32
DOCUMENT = names.document("en-us", "mars-e", SHA)
OFFERING = names.offering("microsoft", "mars-e")

ONE_NAME = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
ex:Thing a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property ex:Thing-name .
ex:Thing-name a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 ; sh:message "A thing has a name."@en .
"""
THING = (
    "<https://example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/Thing>"
)


@pytest.fixture
def one_name(tmp_path: Path) -> Path:
    """Shapes that ask a thing for its name."""
    path = tmp_path / "one-name.ttl"
    path.write_text(ONE_NAME)
    return path


def share_of(*said: records.Record) -> lines.Share:
    """What a document says, as a share."""
    return lines.share(DOCUMENT, [triple for each in said for triple in records.triples(each)])


def document() -> records.SourceDocument:
    """A document below en-us."""
    return records.SourceDocument(
        iri=DOCUMENT, slug=literal("mars-e"), path=literal("en-us/mars-e.md"), sha256=literal(SHA)
    )


def segment(name: str, line: int, value: str = "Azure") -> records.SegmentNode:
    """A segment of the document."""
    return records.SegmentNode(
        iri=names.part(DOCUMENT, "segment", name),
        values=(literal(value, "en"),),
        source=DOCUMENT,
        line=integer(line),
    )


def in_scope(target: Iri, evidence: Iri) -> records.Claim:
    """A claim that something is in scope."""
    prop = term("ckg:hasInScopeService")
    return records.Claim(
        iri=names.claim(DOCUMENT, prop, OFFERING, target),
        types=(term("ckg:InScopeClaim"),),
        source=OFFERING,
        prop=prop,
        target=target,
        evidence=(evidence,),
        derived_from=(DOCUMENT,),
    )


def ontology() -> str:
    """The vocabulary without the registries."""
    return parsed(files.ontology() / "kg.ttl")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_finding_names_shape_focus_path_constraint_severity_and_message(
    one_name: Path, engine: Engine
) -> None:
    """Everything a person needs is in it, in the same words whichever engine found it."""
    report = check(f"{THING} .\n", shapes=one_name, engine=engine)

    assert report == Report(
        (
            Finding(
                shape="https://example.org/Thing-name",
                focus="<https://example.org/a>",
                path="<https://example.org/name>",
                value="",
                constraint="http://www.w3.org/ns/shacl#MinCountConstraintComponent",
                severity="Violation",
                message="A thing has a name.",
            ),
        )
    )
    assert not report.conforms
    assert str(report.findings[0]) == (
        "Violation: A thing has a name. [<https://example.org/a> <https://example.org/name>]"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_named_graphs_are_judged_as_their_union(one_name: Path, engine: Engine) -> None:
    """A name given in one graph satisfies a thing of another."""
    named = '<https://example.org/a> <https://example.org/name> "A" <https://example.org/2> .\n'

    assert not check(f"{THING} <https://example.org/1> .\n", shapes=one_name, engine=engine).conforms
    assert check(f"{THING} <https://example.org/1> .\n{named}", shapes=one_name, engine=engine).conforms


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("graph.nt", f"{THING} .\n"),
        ("graph.nq", f"{THING} <https://example.org/1> .\n"),
        ("graph.ttl", f"{THING} .\n"),
        ("graph.trig", f"<https://example.org/1> {{ {THING} . }}\n"),
        ("graph.jsonld", '{"@id": "https://example.org/a", "@type": "https://example.org/Thing"}'),
    ],
)
def test_files_are_read_by_their_suffix(tmp_path: Path, one_name: Path, name: str, text: str) -> None:
    """Any RDF syntax will do."""
    path = tmp_path / name
    path.write_text(text)

    assert [finding.focus for finding in check(path, shapes=one_name).findings] == ["<https://example.org/a>"]


def test_bytes_and_text_are_the_same(one_name: Path) -> None:
    """A build hands over bytes, a test text."""
    text = f"{THING} .\n"

    assert check(text.encode(), shapes=one_name) == check(text, shapes=one_name)


def test_warnings_and_remarks_do_not_stop_a_graph_from_conforming(tmp_path: Path) -> None:
    """They are listed after the violations, and counted apart."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://example.org/> .\n"
        + "".join(
            f"ex:{name} a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property ex:{name}-p .\n"
            f"ex:{name}-p a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:severity {severity} .\n"
            for name, severity in (("A", "sh:Info"), ("B", "sh:Warning"))
        )
    )

    report = check(f"{THING} .\n", shapes=shapes)

    assert report.conforms
    assert [finding.severity for finding in report.findings] == ["Warning", "Info"]
    assert len(report.of("Warning")) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_severity_of_ones_own_counts_as_a_violation(tmp_path: Path, engine: Engine) -> None:
    """What is not known to be harmless is not."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        ONE_NAME.replace("sh:minCount 1", "sh:minCount 1 ; sh:severity <https://example.org/Grave>")
    )

    report = check(f"{THING} .\n", shapes=shapes, engine=engine)

    assert not report.conforms
    assert report.findings[0].severity == "https://example.org/Grave"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_graph_that_cannot_be_read_is_a_source_error(one_name: Path, engine: Engine) -> None:
    """Not a traceback of a library's own."""
    with pytest.raises(SourceError):
        check("this is no graph\n", shapes=one_name, engine=engine)


def test_an_unknown_suffix_is_a_source_error(tmp_path: Path, one_name: Path) -> None:
    """The message names it."""
    with pytest.raises(SourceError, match=r"\.xlsx"):
        check(tmp_path / "graph.xlsx", shapes=one_name)


@pytest.mark.parametrize("engine", ENGINES)
def test_shapes_that_make_no_sense_are_a_vocabulary_error(tmp_path: Path, engine: Engine) -> None:
    """The person who edited the shapes is told, not the person who built the graph."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(ONE_NAME.replace("sh:path ex:name", "sh:path 'name'"))

    with pytest.raises(VocabularyError):
        check(f"{THING} .\n", shapes=shapes, engine=engine)


def test_shapes_that_are_no_turtle_are_a_source_error(tmp_path: Path) -> None:
    """With the line."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text("\n\n<a> <b>")

    with pytest.raises(SourceError) as caught:
        check("", shapes=shapes)

    assert caught.value.line == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_literals_are_judged_as_written(tmp_path: Path, engine: Engine) -> None:
    """No engine and no store may round a number before it is judged."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(ONE_NAME.replace("sh:minCount 1", "sh:nodeKind sh:IRI"))
    written = '"007"^^<http://www.w3.org/2001/XMLSchema#integer>'

    report = check(
        f"{THING} .\n<https://example.org/a> <https://example.org/name> {written} .\n",
        shapes=shapes,
        engine=engine,
    )

    assert [finding.value for finding in report.findings] == [written]


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_fetched(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an import named in the shapes nor one named in the data opens a connection."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    shapes = tmp_path / "shapes.ttl"
    imports = "<https://example.org/> <http://www.w3.org/2002/07/owl#imports> <https://example.org/other> ."
    shapes.write_text(f"{ONE_NAME}\n{imports}\n")

    report = check(f"{THING} .\n{imports}\n", shapes=shapes, engine=engine)

    assert len(report.findings) == 1


def test_a_finding_about_part_of_a_document_names_its_path_and_line() -> None:
    """The segment says the line, the document the path."""
    share = share_of(document(), segment("line-41.1", 41, ""))

    (finding,) = check(share.own + share.other + ontology().encode(), shapes=files.shapes()).findings

    assert finding.shape.endswith("#Segment-value")
    assert (finding.document, finding.line) == ("en-us/mars-e.md", 41)
    assert str(finding).startswith("en-us/mars-e.md:41: Violation: A segment has a text")


def test_a_finding_about_a_claim_names_the_line_of_its_evidence() -> None:
    """The claim is the focus; its evidence has the line."""
    quoted = segment("line-7.2", 7)
    share = share_of(document(), quoted, in_scope(names.service("nothing"), quoted.iri))

    found = check(share.own + share.other + ontology().encode(), shapes=files.shapes()).findings

    (about_claim,) = [each for each in found if each.shape.endswith("#InScopeClaim-target")]
    assert (about_claim.document, about_claim.line) == ("en-us/mars-e.md", 7)


def test_a_finding_about_a_shared_thing_names_the_line_of_the_claim_that_states_it() -> None:
    """Of several claims about an offering, the one that states the value found wrong is followed."""
    first, second = segment("line-7.2", 7), segment("line-9.1", 9)
    service = records.ServiceNode(
        iri=names.service("intune"),
        labels=(literal("Intune", "en"),),
        status=term("ckg:Candidate"),
    )
    share = share_of(
        document(),
        first,
        second,
        service,
        in_scope(service.iri, first.iri),
        in_scope(names.service("nothing"), second.iri),
        records.Offering(iri=OFFERING, described_by=DOCUMENT),
    )

    found = check(share.own + share.other + ontology().encode(), shapes=files.shapes()).findings

    (about_offering,) = [each for each in found if each.shape.endswith("#Offering-in-scope-service")]
    assert bare(Iri(about_offering.focus)) == bare(OFFERING)
    assert (about_offering.document, about_offering.line) == ("en-us/mars-e.md", 9)


def test_a_finding_judged_by_one_query_for_all_names_the_claim_it_is_about() -> None:
    """The focus is the class there, the value is the claim."""
    quoted = segment("line-7.2", 7)
    claim = in_scope(names.service("nothing"), quoted.iri)
    share = share_of(document(), quoted, claim)
    unstated_lines = share.own + b"".join(
        line for line in share.other.splitlines(keepends=True) if b"#hasInScopeService" not in line
    )

    found = check(unstated_lines + ontology().encode(), shapes=files.shapes()).findings

    (unstated,) = [each for each in found if each.shape.endswith("#StatedClaims")]
    assert unstated.value == claim.iri
    assert (unstated.document, unstated.line) == ("en-us/mars-e.md", 7)


def test_a_finding_without_evidence_names_the_document_of_its_graph() -> None:
    """An offering that no claim speaks of was still read from some file."""
    share = share_of(document(), records.Offering(iri=OFFERING, described_by=DOCUMENT))

    found = check(share.own + share.other + ontology().encode(), shapes=files.shapes()).findings

    assert {(each.document, each.line) for each in found} == {("en-us/mars-e.md", 0)}


def test_a_finding_in_a_registry_names_the_turtle_file_and_line(tmp_path: Path) -> None:
    """Whoever edits services.ttl is sent to the line."""
    context = tmp_path / "ontology"
    context.mkdir()
    (context / "kg.ttl").write_text((files.ontology() / "kg.ttl").read_text())
    (context / "services.ttl").write_text(
        "@prefix ckg: <https://w3id.org/compliance-kg/ontology#> .\n"
        "@prefix svc: <https://w3id.org/compliance-kg/id/service/> .\n\n"
        "svc:nameless a ckg:CloudService ;\n    ckg:reviewStatus ckg:Candidate .\n"
    )

    (finding,) = check("", shapes=files.shapes(), context=context).findings

    assert (finding.document, finding.line) == ("services.ttl", 4)


def test_findings_come_in_the_order_of_the_documents(one_name: Path) -> None:
    """Whatever the order of the lines, two runs read the same."""
    many = [THING.replace("/a>", f"/{name}>") + " .\n" for name in "cab"]

    report = check("".join(many), shapes=one_name)

    assert report == check("".join(reversed(many)), shapes=one_name)
    assert [finding.focus[-2] for finding in report.findings] == ["a", "b", "c"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage", [0, 3, 11], ids=["whole", "every third line lost", "every eleventh line lost"]
)
def test_both_engines_find_the_same_in_a_built_graph(tmp_path: Path, damage: int) -> None:
    """The graph of the samples without the registries, whole and with lines lost, is judged alike."""
    published = pipeline.build([files.samples()], out=tmp_path / "graph", check=False).report.published
    assert published
    (graph,) = published.rglob("*.nq")
    read = [
        line for line in graph.read_text().splitlines(keepends=True) if "/id/document/" in line.split()[0]
    ]
    kept = [line for number, line in enumerate(read) if not damage or number % damage]

    fast, reference = (
        check("".join(kept) + ontology(), shapes=files.shapes(), engine=engine) for engine in ENGINES
    )

    assert len(fast.findings) > 100
    assert fast == reference


def test_the_graph_of_the_samples_conforms_without_a_remark(tmp_path: Path) -> None:
    """What the program makes of good documents is what the shapes ask for."""
    report = pipeline.build([files.samples()], out=tmp_path / "graph").report

    assert report.validation is not None
    assert report.validation.findings == ()
