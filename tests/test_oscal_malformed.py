"""OSCAL files that are damaged, hostile or of a wrong shape: read or refused, nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.sources import Input
from kg.sources.oscal import Oscal
from kg.sources.oscal.tree import kind, read_yaml
from tests.catalog_files import DATA, knowledge


def refused(data: bytes) -> str:
    """Return the code with which bytes are refused, empty where they are read."""
    try:
        Oscal().extract(Input("x", data), knowledge())
    except SourceError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"catalog": {"metadata": ', "not-well-formed"),
        (b"catalog:\n  metadata: [\n", "not-well-formed"),
        (b'<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"><group>', "not-well-formed"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"/>', "unsafe-xml"),
        (b'{"catalog": {"a": 1}, "catalog": 3}', "not-oscal"),
        (
            b'{"catalog": {"controls": ' + b'[{"id": "x", "controls": ' * 3000 + b"[]" + b"}]" * 3000 + b"}}",
            "not-well-formed",
        ),
    ],
)
def test_what_is_broken_is_refused_by_name(data: bytes, code: str) -> None:
    assert refused(data) in {code, "too-deep"}


def test_yaml_that_folds_out_without_end_is_refused() -> None:
    bomb = "catalog:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"  {chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(9)
    )
    with pytest.raises(SourceError):
        read_yaml(bomb)
    with pytest.raises(SourceError):
        read_yaml("catalog: &a\n  groups: [*a]\n")


def test_many_empty_lines_take_no_time() -> None:
    assert kind(b"\n" * 4000 + b"nothing") == ""


WORDS = st.sampled_from(
    [
        "metadata",
        "title",
        "version",
        "groups",
        "controls",
        "id",
        "props",
        "name",
        "value",
        "links",
        "href",
        "rel",
        "parts",
        "prose",
        "params",
        "select",
        "choice",
        "back-matter",
        "resources",
        "uuid",
        "rlinks",
        "imports",
        "include-controls",
        "with-ids",
        "matching",
        "modify",
        "alters",
        "adds",
        "last-modified",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(root=st.sampled_from(["catalog", "profile"]), tree=st.dictionaries(WORDS, JSON, max_size=6))
def test_any_tree_is_read_or_refused(root: str, tree: dict[str, Any]) -> None:
    """Values of a wrong type anywhere in a file never raise anything but SourceError."""
    data = json.dumps({root: tree}).encode()
    assert refused(data) in {"", "empty-baseline"}


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, 4000), noise=st.binary(max_size=6), name=st.sampled_from(["yaml", "xml"]))
def test_damaged_files_are_read_or_refused(cut: int, noise: bytes, name: str) -> None:
    data = (DATA / f"lantern_catalog.{name}").read_bytes()
    item = Input("x", data[:cut] + noise + data[cut + 3 :])
    assert isinstance(Oscal().accepts(item), bool)
    assert isinstance(refused(item.data), str)
