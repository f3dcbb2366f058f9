"""The command line: what a person sees. What each verb prints in each format is in test_verbs.py."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import rdflib

from kg import cli, publication
from tests import golden
from tests.conftest import CHECKOUT

HINTS = "hint: "


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A file with the graph of the samples and of the page with oddities."""
    target = tmp_path_factory.mktemp("cli") / "graph.nq"
    golden.graph().save(target)
    return target


@pytest.fixture
def kg(capsys):
    """Run a command line in this process: exit code, stdout, stderr."""

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


def test_kg_alone_shows_where_to_begin(kg):
    """An overview with every verb, and exit code 0."""
    code, out, _ = kg()

    assert code == 0
    assert "kg demo" in out
    assert all(f"\n  {verb} " in out for verb in cli._VERBS)


def test_the_overview_says_what_each_verb_says_of_itself():
    """The line in the overview is the first line of the verb's help, or shorter."""
    context = cli.kg.make_context("kg", [], resilient_parsing=True)
    for name in cli._VERBS:
        verb = cli.kg.get_command(context, name)
        assert verb is not None
        assert (verb.help or "").split()[0] == cli._VERBS[name][1].split()[0], name


def test_help_is_there_at_once():
    """Nothing heavy is imported for it: the best of five runs takes less than 0.15 s of processor time."""
    code = "import sys, kg.cli; kg.cli.kg(['--help'], standalone_mode=False); print(sorted({'rdflib', 'networkx', 'pyoxigraph', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(("words", "error", "hint"), [
    (["buld"], "no verb 'buld'", "build"),
    (["ask", "servces-in-scope"], "servces-in-scope", "services-in-scope"),
    (["ask", "services-in-scope"], "needs standard", "kg ask services-in-scope STANDARD"),
    (["ask", "services-in-scope", "FedRMP"], "FedRMP", "FedRAMP"),
    (["ask", "services-in-scope", "standart=FedRAMP"], "standart", "standard"),
    (["ask", "services-in-scope", "FedRAMP", "more"], "no further value", "kg ask"),
    (["ask", "scope-matrix", "--fromat", "csv"], "--fromat", "kg ask --help"),
    (["ask", "services-in-scope", "FedRAMP", "--matrix"], "set against each other", "scope-matrix"),
    (["show", "Intnue"], "Intnue", "Intune"),
    (["query", "SELECT WHERE"], "(line 1", ""),
    (["query"], "no query", "kg query"),
    (["query", "-f", "nowhere.rq"], "nowhere.rq", ""),
    (["query", "INSERT DATA { <a:b> <a:b> <a:b> }"], "read-only", ""),
    (["ask", "superseded", "FedRAMP", "--at", "file:///etc/passwd"], "no address of a server", "https://"),
])  # fmt: skip
def test_an_error_says_what_and_what_next(kg, place, words, error, hint):
    """`error: …`, `hint: …` on stderr, nothing on stdout, exit code 2."""
    here = ["-g", place] if words[0] in {"ask", "show", "query"} else []
    code, out, err = kg(*words, *here)

    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert error in err.splitlines()[0]
    assert hint in err
    assert "Traceback" not in err


def test_debug_shows_where_an_error_came_from(place):
    """Wherever the option stands."""
    with pytest.raises(Exception, match="FedRMP"):
        cli.main(["ask", "services-in-scope", "FedRMP", "-g", str(place), "--debug"])


def test_a_fault_of_ours_is_told_as_one(kg, place, monkeypatch):
    """Without a traceback, and with the way to see it."""
    monkeypatch.setattr("kg.graph.Graph.stats", lambda self: 1 / 0)

    code, _, err = kg("stats", place)

    assert code == 2
    assert "ZeroDivisionError" in err
    assert "--debug" in err


def test_the_questions_are_listed_with_how_they_are_typed(kg):
    """For people; with everything in JSON."""
    _, out, _ = kg("ask")
    listed = json.loads(kg("ask", "--format", "json")[1])

    assert "services-in-scope STANDARD" in out
    assert {"number", "name", "summary", "description", "tags", "params"} == set(listed[0])
    assert (
        next(each for each in listed if each["name"] == "offerings-covering-all")["params"]
        == "services: ckg:CloudService…"
    )


def test_people_see_a_statement_once_and_machines_every_place(kg, place):
    """MARS-E is there in two languages."""
    code, out, err = kg("ask", "services-in-scope", "MARS-E 2.0", "-g", place)
    every = kg("ask", "services-in-scope", "MARS-E 2.0", "-g", place, "--every")[1]
    machine = list(
        csv.DictReader(io.StringIO(kg("ask", "1", "std:mars-e-2.0", "-g", place, "--format", "csv")[1]))
    )

    assert code == 0
    assert "3 rows from 6 places" in err
    assert len(out.splitlines()) == 5
    assert "offering-MARS-E.md:22" in out
    assert len(every.splitlines()) == 8
    assert len(machine) == 6
    assert {row["language"] for row in machine} == {"en-US", "zh-TW"}


def test_words_that_were_completed_are_told(kg, place):
    """On stderr; a name given as it is needs no telling."""
    _, _, err = kg("ask", "is-in-scope", "azure gov", "std:mars-e-2.0", "-g", place)
    quiet = kg("ask", "is-in-scope", "Azure Government", "MARS-E 2.0", "-g", place)[2]

    assert "service: Azure Government (svc:azure-government)" in err
    assert "svc:" not in quiet


@pytest.mark.parametrize(("service", "answer", "code"), [
    ("Intune", "yes", 0),
    ("Power BI", "no, it is not listed", 1),
    ("Azure Germany", "no, but its umbrella is listed", 1),
])  # fmt: skip
def test_a_no_ends_with_one(kg, place, service, answer, code):
    """So that a script can branch on it."""
    found, out, _ = kg("ask", "is-in-scope", service, "MARS-E 2.0", "-g", place, "--format", "csv")

    assert found == code
    assert next(csv.DictReader(io.StringIO(out)))["answer"] == answer


def test_several_services_are_given_one_after_the_other(kg, place):
    """And a list of services by name as well."""
    one = kg("ask", "offerings-covering-all", "Intune", "azure", "-g", place, "--format", "csv")
    other = kg(
        "ask", "offerings-covering-all", "services=azure", "services=Intune", "-g", place, "--format", "csv"
    )

    assert one == other
    assert one[1].count("offering/microsoft-mars-e") == 4


def test_the_matrix_has_services_down_and_standards_across(kg, place):
    """As CSV for a spreadsheet."""
    _, out, _ = kg("ask", "scope-matrix", "--matrix", "--format", "csv", "-g", place)
    rows = {row["serviceLabel"]: row for row in csv.DictReader(io.StringIO(out))}

    assert rows["Intune"]["MARS-E 2.0"] == "2"
    assert rows["Dynamics 365"]["MARS-E 2.0"] == ""


def test_show_quotes_every_language_with_file_and_line(kg, place):
    """What no claim makes first, then each statement with the words behind it."""
    code, out, _ = kg("show", "azure gov", "-g", place)

    assert code == 0
    assert "svc:azure-government" in out.splitlines()[0]
    assert "broader: Azure" in out
    assert "“Azure and Azure Government”" in out
    assert "“Azure 和 Azure Government”" in out
    assert "zh-tw/offering-MARS-E.md:25" in out


def test_show_as_data(kg, place):
    """The statements as rows, or as triples."""
    rows = json.loads(kg("show", "svc:intune", "-g", place, "--format", "json")[1])
    triples = rdflib.Graph().parse(
        data=kg("show", "svc:intune", "-g", place, "--format", "ttl")[1], format="turtle"
    )

    assert any(row["sentence"] == "Intune" and row["line"] for row in rows)
    assert any(str(predicate).endswith("hasInScopeService") for predicate in triples.predicates())


def test_a_construct_query_gives_triples_in_every_form(kg, place):
    """As Turtle, as JSON-LD, as a table."""
    sparql = "CONSTRUCT { ?s a ckg:Offering } WHERE { ?s a ckg:Offering }"

    turtle = rdflib.Graph().parse(
        data=kg("query", sparql, "-g", place, "--format", "ttl")[1], format="turtle"
    )
    linked = rdflib.Graph().parse(
        data=kg("query", sparql, "-g", place, "--format", "json")[1], format="json-ld"
    )
    rows = list(csv.DictReader(io.StringIO(kg("query", sparql, "-g", place, "--format", "csv")[1])))

    assert len(turtle) == len(linked) == len(rows) > 3
    assert list(rows[0]) == ["subject", "predicate", "object"]


def test_a_query_comes_from_a_file_or_a_pipe(kg, place, tmp_path, monkeypatch):
    """Saved questions run as they are."""
    saved = CHECKOUT / "kg" / "queries" / "services-in-scope.rq"
    monkeypatch.setattr(sys, "stdin", io.StringIO(saved.read_text()))

    by_file = kg("query", "-f", saved, "-g", place, "--format", "csv")
    by_pipe = kg("query", "-f", "-", "-g", place, "--format", "csv")

    assert by_file == by_pipe
    assert by_file[1].count("\n") == 7


def test_findings_are_data_and_a_shacl_report(kg, tmp_path):
    """Exit code 1, the verdict on stderr, the findings on stdout in every form."""
    bad = tmp_path / "bad.ttl"
    bad.write_text("<https://example.org/x> a <https://w3id.org/compliance-kg/ontology#Offering> .")

    code, out, err = kg("check", bad, "--format", "json")
    report = rdflib.Graph().parse(data=kg("check", bad, "--format", "ttl")[1], format="turtle")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")

    assert code == 1
    assert "does not conform" in err
    assert {row["severity"] for row in json.loads(out)} >= {"Violation"}
    assert len(set(report.subjects(rdflib.RDF.type, sh.ValidationResult))) == len(json.loads(out))
    assert (None, sh.conforms, rdflib.Literal(False)) in report


def test_issues_are_listed_by_build_and_sources(kg, tmp_path):
    """The same ones, with file and line."""
    page = CHECKOUT / "tests" / "data" / "questions"

    _, built, _ = kg("build", page, "-o", tmp_path / "graph", "--no-check", "--format", "json")
    _, listed, _ = kg("sources", tmp_path / "graph", "--issues", "--format", "json")

    assert json.loads(built) == json.loads(listed)
    assert json.loads(built)[0]["code"] == "unresolved-service"


def test_versions_are_told(kg):
    """Of the program and of what it stands on."""
    rows = {row["name"]: row["version"] for row in json.loads(kg("version", "--format", "json")[1])}

    assert rows["compliance-kg"] in kg("--version")[1]
    assert rows["pyoxigraph"].startswith("0.5")


def test_colour_is_for_terminals_that_want_it(monkeypatch, capsys):
    """NO_COLOR is heeded; what is piped has no escapes."""
    from kg.cli import output

    assert not output.coloured()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert output.styled("x", output.BOLD) == "\x1b[1mx\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert output.styled("x", output.BOLD) == "x"


def test_a_broken_pipe_ends_quietly(place):
    """Whoever reads only the first line gets no complaint."""
    command = f"{sys.executable} -m kg query 'SELECT * {{ ?s ?p ?o }}' -g {place} --format csv | head -1"
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False, timeout=60, cwd=CHECKOUT
    )

    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_the_keyboard_ends_a_query_that_would_take_for_ever(place):
    """At once, as every other program; the engine itself would go on."""
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    # Whoever runs the tests in the background may have told all processes not to listen to the keyboard.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from kg.cli import main; main()"
    command = [sys.executable, "-c", code, "query", endless, "-g", str(place)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, cwd=CHECKOUT) as process:
        computing = Path(f"/proc/{process.pid}/stat")
        while (
            process.poll() is None and int(computing.read_text().split()[13]) < 200
        ):  # ticks: it is at the query
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT


def test_the_keyboard_leaves_nothing_of_an_index_that_was_being_made(place, tmp_path):
    """The verb ends with 130, and what it had begun is removed."""
    folder = tmp_path / "graph"
    with publication.draft(folder) as draft:
        draft.write([place.read_bytes()])
        draft.publish({}, {})
    code = """
import os, signal
from kg import store
fill = store._fill
def interrupted(engine, lines):
    fill(engine, lines)
    os.kill(os.getpid(), signal.SIGINT)
store.INDEXED_FROM, store._fill = 0, interrupted
signal.signal(signal.SIGINT, signal.default_int_handler)
from kg.cli import main
main()
"""
    command = [sys.executable, "-c", code, "ask", "services-in-scope", "MARS-E 2.0", "-g", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=CHECKOUT)

    assert done.returncode == 130
    assert done.stderr.endswith("stopped\n")
    assert not list(folder.glob("*/index*"))


def test_asking_a_small_graph_is_quick(kg, place):
    """Loading and answering in this process."""
    began = time.process_time()
    kg("ask", "services-in-scope", "MARS-E 2.0", "-g", place)

    assert time.process_time() - began < 3
