"""Resolving OSCAL profiles: what is selected, from where, and what is made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kg.errors import SourceError
from kg.sources import Extraction, Input
from kg.sources.oscal import neighbours
from kg.sources.oscal import profile as profiles
from kg.sources.oscal.tree import nodes, words
from kg.sources.oscal.tree import read as read_tree
from tests.catalog_files import DATA, codes, read, read_file, said

LANTERN = "control/lantern-keepers-code-3.1/"
FEDRAMP4 = "fedramp-oscal/rev4/FedRAMP_rev4"


def members(found: Extraction) -> list[str]:
    """Return the members of a baseline without the prefix they share."""
    return [each.rpartition("/")[2] for each in said(found, predicate="skos:member")]


def parts(control: Any, name: str) -> list[str]:
    """Return the ids of the parts of a control below those of one name, in their order."""
    found: list[str] = []
    for part in nodes(control, "parts"):
        if words(part, "name") == name or name == "item":
            found += [words(part, "id"), *parts(part, "item")]
    return found


def test_our_resolution_leaves_each_control_as_the_published_one_has_it(catalogs: Path) -> None:
    """Statements lose and gain the parts that the profile's alters say."""
    path = f"{FEDRAMP4}_LI-SaaS-baseline_profile.json"
    data = (catalogs / path).read_bytes()
    beside = {each.relative_to(catalogs).as_posix(): each for each in catalogs.rglob("*.json")}
    resolved = profiles.resolve(read_tree(data), neighbours.finder(Input(path, data, beside)), path)
    theirs = read_tree((catalogs / f"{FEDRAMP4}_LI-SaaS-baseline-resolved-profile_catalog.json").read_bytes())
    published = profiles.flatten(theirs)[0]
    assert list(resolved.selected) == list(published)
    differ = [
        one
        for one in published
        if parts(resolved.control(one), "statement") != parts(published[one], "statement")
    ]
    assert differ == []


CATALOG = {
    "catalog": {
        "metadata": {"title": "Bells", "version": "1"},
        "groups": [
            {
                "id": "b",
                "title": "Bells",
                "controls": [
                    {
                        "id": "b-1",
                        "title": "Ring",
                        "params": [{"id": "b-1_prm_1", "label": "hour"}],
                        "controls": [
                            {
                                "id": "b-1.1",
                                "title": "Twice",
                                "controls": [{"id": "b-1.1.1", "title": "Fast"}],
                            },
                            {"id": "b-1.2", "title": "Thrice"},
                        ],
                    },
                    {"id": "b-2", "title": "Polish"},
                    {"id": "c-1", "title": "Rope"},
                ],
            }
        ],
    }
}
ALL = ["b-1", "b-1.1", "b-1.1.1", "b-1.2", "b-2", "c-1"]


def profile(*imports: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a profile with some imports."""
    return {"profile": {"metadata": {"title": "Choir", "version": "1"}, "imports": list(imports), **more}}


def put(folder: Path, path: str, content: dict[str, Any]) -> None:
    """Write a file of a made-up set."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def chosen(folder: Path, content: dict[str, Any], path: str = "choir.json") -> list[str]:
    """Return the members of the baseline that a profile comes to, the catalog beside it."""
    put(folder, "bells.json", CATALOG)
    put(folder, path, content)
    return members(read((folder / path).read_bytes(), path, folder))


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"include-all": {}}, ALL),
        ({}, ALL),
        ({"include-controls": [{"with-ids": ["b-1", "c-1"]}]}, ["b-1", "c-1"]),
        ({"include-controls": [{"with-ids": ["b-1"], "with-child-controls": "yes"}]}, ALL[:4]),
        ({"include-controls": [{"with-ids": ["b-1"], "with-child-controls": "no"}]}, ["b-1"]),
        ({"include-controls": [{"matching": [{"pattern": "b-?"}]}]}, ["b-1", "b-2"]),
        (
            {"include-controls": [{"matching": [{"pattern": "*-1"}]}, {"with-ids": ["b-2"]}]},
            ["b-1", "b-2", "c-1"],
        ),
        ({"include-all": {}, "exclude-controls": [{"with-ids": ["b-1"]}]}, ALL[1:]),
        (
            {"include-all": {}, "exclude-controls": [{"with-ids": ["b-1"], "with-child-controls": "yes"}]},
            ["b-2", "c-1"],
        ),
        ({"include-all": {}, "exclude-controls": [{"matching": [{"pattern": "b-*"}]}]}, ["c-1"]),
    ],
)
def test_what_an_import_selects(tmp_path: Path, selection: dict[str, Any], expected: list[str]) -> None:
    assert chosen(tmp_path, profile({"href": "bells.json", **selection})) == expected


@pytest.mark.parametrize(
    "merge",
    [
        {"as-is": True},
        {"flat": {}},
        {"combine": {"method": "keep"}},
        {"custom": {"groups": [{"id": "g", "title": "All", "insert-controls": [{"include-all": {}}]}]}},
    ],
)
def test_how_controls_are_arranged_does_not_change_which_there_are(
    tmp_path: Path, merge: dict[str, Any]
) -> None:
    assert chosen(tmp_path, profile({"href": "bells.json"}, merge=merge)) == ALL


def test_a_custom_arrangement_holds_what_it_inserts_and_no_more(tmp_path: Path) -> None:
    """What is selected and put nowhere is left out, and told."""
    inner = {"id": "h", "title": "Inner", "insert-controls": [{"include-controls": [{"with-ids": ["c-1"]}]}]}
    groups = [
        {
            "id": "g",
            "title": "Some",
            "insert-controls": [{"include-controls": [{"matching": [{"pattern": "b-2*"}]}]}],
            "groups": [inner],
        }
    ]
    put(tmp_path, "bells.json", CATALOG)
    data = profile({"href": "bells.json"}, merge={"custom": {"groups": groups}})
    put(tmp_path, "choir.json", data)
    found = read((tmp_path / "choir.json").read_bytes(), "choir.json", tmp_path)

    assert said(found, predicate="skos:member") == ["control/bells-1/b-2", "control/bells-1/c-1"]
    assert [(issue.code, "b-1" in issue.message) for issue in found.issues] == [("not-placed", True)]


@pytest.mark.parametrize(
    "href",
    [
        "bells.json",
        "./bells.json",
        "../sets/bells.json",
        "https://example.org/a/bells.json",
        "elsewhere/BELLS.json",
        "bells.xml",
    ],
)
def test_an_import_is_found_by_path_or_by_name(tmp_path: Path, href: str) -> None:
    put(tmp_path, "sets/bells.json", CATALOG)
    put(tmp_path, "sets/choir.json", profile({"href": href, "include-controls": [{"with-ids": ["b-2"]}]}))
    found = read((tmp_path / "sets/choir.json").read_bytes(), "sets/choir.json", tmp_path)
    assert said(found, predicate="skos:member") == ["control/bells-1/b-2"]
    assert found.issues == ()


def test_an_import_by_uuid_tries_each_of_its_links() -> None:
    found = read_file(DATA, "lantern_night_profile.json")
    assert said(found, predicate="skos:member") == [
        LANTERN + each for each in ("lk-01", "lk-01.1", "oil-2", "oil-2.1")
    ]
    assert said(found, predicate="ckg:selectsFrom") == ["standard/lantern-keepers-code-3.1"]
    assert found.issues == ()


def test_a_missing_import_is_told_and_its_listed_ids_count() -> None:
    found = read(
        profile(
            {
                "href": "NIST_SP-800-53_rev5_catalog.json",
                "include-controls": [{"with-ids": ["ac-2", "ac-2.1"]}],
            }
        )
    )
    assert codes(found) == ["missing-import"]
    assert said(found, predicate="skos:member") == [
        "control/nist-800-53-r5/ac-2",
        "control/nist-800-53-r5/ac-2.1",
    ]


def test_a_profile_that_selects_nothing_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read(profile({"href": "nowhere.json", "include-all": {}}))
    assert caught.value.code == "empty-baseline"


def test_a_control_that_no_import_holds_is_told(tmp_path: Path) -> None:
    put(tmp_path, "bells.json", CATALOG)
    content = profile({"href": "bells.json", "include-controls": [{"with-ids": ["b-1", "z-9"]}]})
    found = read(content, "choir.json", tmp_path)
    assert codes(found) == ["missing-control"]
    assert members(found) == ["b-1"]


def test_profiles_over_profiles_narrow_down(tmp_path: Path) -> None:
    put(tmp_path, "one.json", profile({"href": "bells.json", "exclude-controls": [{"with-ids": ["c-1"]}]}))
    put(
        tmp_path,
        "two.json",
        profile({"href": "one.json", "include-controls": [{"matching": [{"pattern": "?-?"}]}]}),
    )
    assert chosen(tmp_path, profile({"href": "two.json"})) == ["b-1", "b-2"]


def test_profiles_that_import_each_other_come_to_an_end(tmp_path: Path) -> None:
    put(tmp_path, "bells.json", CATALOG)
    only = {"href": "bells.json", "include-controls": [{"with-ids": ["b-2"]}]}
    put(tmp_path, "one.json", profile({"href": "choir.json"}, only))
    put(tmp_path, "choir.json", profile({"href": "one.json"}))
    found = read((tmp_path / "choir.json").read_bytes(), "choir.json", tmp_path)
    assert members(found) == ["b-2"]
    assert set(codes(found)) == {"import-cycle"}


def test_a_profile_over_two_catalogs_selects_from_both(tmp_path: Path) -> None:
    put(
        tmp_path,
        "gongs.json",
        {
            "catalog": {
                "metadata": {"title": "Gongs", "version": "2"},
                "controls": [{"id": "g-1", "title": "x"}],
            }
        },
    )
    put(tmp_path, "bells.json", CATALOG)
    content = profile(
        {"href": "bells.json", "include-controls": [{"with-ids": ["b-2"]}]}, {"href": "gongs.json"}
    )
    found = read(content, "choir.json", tmp_path)
    assert said(found, predicate="skos:member") == ["control/bells-1/b-2", "control/gongs-2/g-1"]
    assert said(found, predicate="ckg:selectsFrom") == ["standard/bells-1", "standard/gongs-2"]


def resolved(modify: dict[str, Any], control: dict[str, Any]) -> dict[str, Any]:
    """Return a control as a profile's changes leave it."""
    catalog = {"controls": [control]}
    asked = profile({"href": "x"}, modify=modify)["profile"]
    found = profiles.resolve(asked, lambda *_: profiles.Imported("x", "catalog", catalog), "profile")
    return found.control(words(control, "id"))


def test_parameters_are_set() -> None:
    control = {"id": "b-1", "params": [{"id": "p", "label": "hour", "constraints": [{"description": "one"}]}]}
    setting = {"param-id": "p", "values": ["noon"], "constraints": [{"description": "two"}]}
    made = resolved({"set-parameters": [setting]}, control)
    assert made["params"] == [
        {
            "id": "p",
            "label": "hour",
            "values": ["noon"],
            "constraints": [{"description": "one"}, {"description": "two"}],
        }
    ]
    assert "values" not in control["params"][0], "the catalog stays as it was"


@pytest.mark.parametrize(
    ("alter", "ids"),
    [
        ({"removes": [{"by-id": "s.a"}]}, ["s", "s.b", "g"]),
        ({"removes": [{"by-name": "guidance"}]}, ["s", "s.a", "s.b"]),
        ({"removes": [{"by-name": "item", "by-class": "odd"}]}, ["s", "s.b", "g"]),
        ({"adds": [{"parts": [{"id": "n", "name": "item"}]}]}, ["s", "s.a", "s.b", "g", "n"]),
        (
            {"adds": [{"position": "starting", "parts": [{"id": "n", "name": "item"}]}]},
            ["n", "s", "s.a", "s.b", "g"],
        ),
        (
            {"adds": [{"position": "after", "by-id": "s.a", "parts": [{"id": "n", "name": "item"}]}]},
            ["s", "s.a", "n", "s.b", "g"],
        ),
        (
            {"adds": [{"position": "before", "by-id": "s.a", "parts": [{"id": "n", "name": "item"}]}]},
            ["s", "n", "s.a", "s.b", "g"],
        ),
        (
            {"adds": [{"position": "ending", "by-id": "s", "parts": [{"id": "n", "name": "item"}]}]},
            ["s", "s.a", "s.b", "n", "g"],
        ),
    ],
)
def test_alters_add_and_remove(alter: dict[str, Any], ids: list[str]) -> None:
    items = [{"id": "s.a", "name": "item", "class": "odd"}, {"id": "s.b", "name": "item"}]
    control = {
        "id": "b-1",
        "parts": [{"id": "s", "name": "statement", "parts": items}, {"id": "g", "name": "guidance"}],
    }
    made = resolved({"alters": [{"control-id": "b-1", **alter}]}, control)
    assert parts(made, "item") == ids


def test_an_inner_profile_changes_a_control_before_an_outer_one() -> None:
    catalog = {"controls": [{"id": "b-1", "params": [{"id": "p"}]}]}

    def setting(value: str, source: str) -> dict[str, Any]:
        return profile({"href": source}, modify={"set-parameters": [{"param-id": "p", "values": [value]}]})[
            "profile"
        ]

    beside = {"catalog": ("catalog", catalog), "inner": ("profile", setting("first", "catalog"))}
    found = profiles.resolve(
        setting("last", "inner"),
        lambda wanted, _: profiles.Imported(wanted.hrefs[0], *beside[wanted.hrefs[0]]),
        "outer",
    )
    assert found.control("b-1")["params"][0]["values"] == ["last"]
