"""Each saved question on the sample pages gives the rows in tests/questions/<name>.csv.

`GOLDEN=write` makes the files anew; read the difference before it is committed.
"""

from __future__ import annotations

import csv
import io
import os
import re

import pytest

from kg.queries import Table, bind, questions
from tests import golden
from tests.conftest import CHECKOUT

FOLDER = CHECKOUT / "tests" / "questions"
# Questions about pages; those about controls are tested where gaps and crosswalks are.
ASKED = [name for name, asked in questions().items() if not 12 <= asked.number <= 20]
VALUES: dict[str, dict[str, object]] = {
    "services-in-scope": {"standard": "MARS-E 2.0"},
    "is-in-scope": {"service": "azure gov", "standard": "MARS-E 2.0"},
    "offerings-covering-all": {"services": ["Azure Government", "Intune"]},
    "scope-difference": {"standard": "ISO 27001", "other": "ISO 20000-1"},
    "service-names": {"service": "Cloud App Security"},
    "paths-between": {"start": "MARS-E 2.0", "end": "NIST SP 800-53"},
    "rests-on": {"standard": "MARS-E 2.0"},
    "mandates": {"standard": "MARS-E"},
    "superseded": {"standard": "ISO 27001"},
    "artifacts-for-service": {"service": "Power BI", "standard": "ISO 27001"},
    "artifact-siblings": {"standard": "ISO 27001"},
    "audit-cycle": {"standard": "ISO 27001"},
    "shared-links": {"least": 2},
    "duties": {"standard": "ISO 27001"},
    "reuse-in-certification": {"standard": "ISO 27001:2013"},
    "texts-on-topic": {"topic": "audit", "standard": "ISO 27001"},
    "provenance-of": {"thing": "MARS-E", "property": "ckg:basedOn"},
}
# IRIs with the hash of a page in them, which changes with every sign of the page.
HASHED = {"document", "claim", "segment"}


def rows(table: Table) -> list[dict[str, str]]:
    """An answer as its CSV says it, without what changes with every edit of a page."""
    return [
        {name: value for name, value in row.items() if name not in HASHED}
        for row in csv.DictReader(io.StringIO(table.to_csv()))
    ]


@pytest.mark.parametrize("name", ASKED)
def test_a_question_gives_the_expected_rows(name):
    """In their order, each with the words, file and line behind it."""
    found = rows(golden.graph().ask(name, **VALUES.get(name, {})))
    if name == "contents":
        # How much the registries hold changes with every name added; what was read from pages does not.
        found = [row for row in found if row["what"] == "language" or row["nameLabel"] == "in-scope claim"]
    path = FOLDER / f"{name}.csv"
    if os.environ.get("GOLDEN") == "write":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)

    with path.open(encoding="utf-8", newline="") as file:
        assert found == list(csv.DictReader(file))
    assert found


def test_there_is_no_expectation_without_a_question():
    """A question that was renamed takes its rows along."""
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(ASKED)


@pytest.mark.parametrize("name", questions())
def test_the_order_of_an_answer_is_total(name):
    """No two rows are equal in everything the answer is sorted by."""
    asked = questions()[name]
    order = asked.sparql.rpartition("ORDER BY")[2]
    assert order != asked.sparql
    bound = bind(asked, VALUES[name], golden.graph().words) if name in VALUES else asked.sparql
    table = golden.graph().select(bound)

    keys = [key for key in dict.fromkeys(re.findall(r"\?(\w+)", order)) if key in table.header]
    sorted_by = table.select(*keys).rows

    assert len(set(sorted_by)) == len(sorted_by)


@pytest.mark.parametrize("name", [name for name in ASKED if name != "contents"])
def test_each_answer_row_leads_to_a_place(name):
    """A sentence, a file, a document or a graph; counts of the graph itself need none."""
    table = golden.graph().ask(name, **VALUES.get(name, {}))
    places = {"sentence", "path", "document", "segment"} & set(table.header)

    assert places
    assert all(any(row[place] for place in places) for row in table)


def test_names_in_the_files_are_in_the_registries():
    """The example of each parameter is a thing there is."""
    words = golden.graph().words
    for name, asked in questions().items():
        for param in asked.params:
            line = re.search(rf"VALUES \?{param.name} \{{([^}}]*)\}}", asked.sparql)
            assert line, name
            for example in line[1].split():
                if re.fullmatch(r"[\w-]+:[\w.-]+", example) and param.type != "rdf:Property":
                    assert words.resolve(example, param.type), (name, example)
