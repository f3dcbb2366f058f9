"""The OpenAPI document: valid, complete, and true of what the server does with whatever is made up from it."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from kg.queries import questions
from kg.web import openapi
from kg.web.places import of_question

load_all_checks()
API = schemathesis.openapi.from_dict(openapi.document())
OPERATIONS = [each.ok() for each in API.get_all_operations()]


def test_the_document_is_valid():
    """By the schema of OpenAPI 3.1 itself."""
    API.validate()
    assert API.raw_schema["openapi"] == "3.1.0"


def test_every_question_is_documented_with_its_parameters(sample_server):
    """A new question is there without anybody writing it down twice."""
    paths = sample_server.ask("openapi.json").json()["paths"]
    for each in questions().values():
        said = paths[f"/ask/{each.name}"]["get"]
        names = {
            param["name"]: param["required"] for param in said["parameters"] if param["name"] != "format"
        }
        assert names == {param.name: not param.optional for param in each.params}
        row = said["responses"]["200"]["content"]["application/json"]["schema"]["items"]
        assert row["required"] == list(each.columns)


def test_no_parameter_of_a_question_is_called_as_one_of_the_server():
    """`format` is the server's."""
    for each in questions().values():
        assert "format" not in {given.name for given in of_question(each).inputs}


def test_the_document_is_the_same_each_time(sample_server):
    """And a client that knows it is told so."""
    first = sample_server.ask("openapi.json")
    again = sample_server.ask("openapi.json", headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert first.json() == openapi.document()


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_what_is_made_up_from_the_document_is_answered_as_it_says(sample_server, operation, mode):
    """Every status and media type is documented, junk is refused, and nothing is a fault of the server.

    Words that fit the schema need not name a thing, so honest parameters may well be refused.
    """
    seen = set()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=5,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def asked(case):
        response = case.call_and_validate(
            base_url=sample_server.url, excluded_checks=[positive_data_acceptance]
        )
        seen.add(response.status_code)

    try:
        asked()
    except Unsatisfiable:  # there is nothing to get wrong where nothing is taken
        assert mode is GenerationMode.NEGATIVE
        assert not operation.query
    assert 500 not in seen
