"""Several releases of one edition: one name, one status, in whatever order they are read."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from kg.lines import Share, share
from kg.releases import settle
from kg.terms import Iri, term
from tests.catalog_files import read, read_file

R5 = "nist-oscal/rev5"
CONTROL = "<https://w3id.org/compliance-kg/id/control/nist-800-53-r5/"


def release(version: str, *controls: dict[str, object], modified: str = "2024-01-01") -> Share:
    """Return what is said by a made-up release of NIST SP 800-53 r5."""
    metadata = {
        "title": "NIST SP 800-53 Rev. 5",
        "version": version,
        "last-modified": f"{modified}T00:00:00Z",
    }
    found = read({"catalog": {"metadata": metadata, "controls": list(controls)}})
    return share(found.graph, found.triples)


def control(control_id: str, title: str, status: str = "") -> dict[str, object]:
    """Return a control of a made-up release."""
    props = [{"name": "status", "value": status}] if status else []
    return {"id": control_id, "title": title, "props": props}


def said(shares: dict[Iri, Share], key: str, predicate: str) -> list[tuple[str, str]]:
    """Return what the graphs say of a control: the value, and the beginning of the graph's hash."""
    start = f"{CONTROL}{key}> {term(predicate)} "
    return sorted(
        (line.removeprefix(start).rpartition(" <")[0], line.rpartition("/")[2][:6])
        for each in shares.values()
        for line in (each.own + each.other).decode().splitlines()
        if line.startswith(start)
    )


def settled(*releases: Share) -> dict[Iri, Share]:
    """Return the graphs of some releases, settled."""
    return settle({each.graph: each for each in releases})


def test_the_newest_release_gives_the_name_and_older_titles_are_others() -> None:
    old = release("5.0.1", control("ac-1", "Old"), control("ac-2", "Same"))
    new = release("5.2.0", control("ac-1", "New"), control("ac-2", "Same"))
    found = settled(old, new)
    assert [value for value, _ in said(found, "ac-1", "skos:prefLabel")] == ['"New"@en']
    assert [value for value, _ in said(found, "ac-1", "skos:altLabel")] == ['"Old"@en']
    assert [value for value, _ in said(found, "ac-2", "skos:prefLabel")] == ['"Same"@en']
    assert said(found, "ac-2", "skos:altLabel") == []


def test_the_order_in_which_releases_are_read_changes_nothing() -> None:
    releases = [release(version, control("ac-1", version)) for version in ("5.0.1", "5.2.0", "5.10.0")]
    results = [settled(*order) for order in permutations(releases)]
    assert all(result == results[0] for result in results)
    assert [value for value, _ in said(results[0], "ac-1", "skos:prefLabel")] == ['"5.10.0"@en'], (
        "numbers, not letters"
    )


def test_of_one_version_the_later_date_is_newer() -> None:
    found = settled(
        release("5.1", control("ac-1", "Before"), modified="2023-01-01"),
        release("5.1", control("ac-1", "After"), modified="2024-01-01"),
    )
    assert [value for value, _ in said(found, "ac-1", "skos:prefLabel")] == ['"After"@en']


@pytest.mark.parametrize(
    ("old", "new", "count"), [("withdrawn", "", 0), ("", "withdrawn", 1), ("withdrawn", "withdrawn", 1)]
)
def test_a_control_is_withdrawn_as_the_newest_release_says(old: str, new: str, count: int) -> None:
    found = settled(release("5.0", control("ac-1", "x", old)), release("5.2", control("ac-1", "x", new)))
    assert len(said(found, "ac-1", "ckg:withdrawn")) == count


def test_what_only_an_older_release_holds_stays() -> None:
    found = settled(
        release("5.0", control("ac-9", "Gone", "withdrawn")), release("5.2", control("ac-1", "x"))
    )
    assert [value for value, _ in said(found, "ac-9", "skos:prefLabel")] == ['"Gone"@en']
    assert len(said(found, "ac-9", "ckg:withdrawn")) == 1


def test_a_single_release_is_left_alone() -> None:
    only = release("5.2", control("ac-1", "x"))
    assert settled(only) == {only.graph: only}


@pytest.mark.slow
def test_two_releases_in_the_folder_are_the_same_controls(catalogs: Path) -> None:
    """5.0.1 and 5.2.0: one name for each control and language, counts as in 5.2.0, statements in both graphs."""
    old = read_file(catalogs, f"{R5}/5.0.1/NIST_SP-800-53_rev5_catalog-min.json")
    new = read_file(catalogs, f"{R5}/5.2.0/NIST_SP-800-53_rev5_catalog.json")
    shares = [share(each.graph, each.triples) for each in (old, new)]
    found = settled(*shares)
    assert found == settled(*reversed(shares))
    lines = {
        line.rpartition(b" <")[0] for each in found.values() for line in (each.own + each.other).splitlines()
    }

    def subjects(predicate: str, value: str = "") -> list[bytes]:
        sign = f" {term(predicate)} {value}".encode()
        return [
            line.partition(b" ")[0] for line in lines if sign in line and line.startswith(CONTROL.encode())
        ]

    labels = subjects("skos:prefLabel")
    assert len(labels) == len(set(labels))
    controls, gone = set(subjects("rdf:type", term("ckg:Control"))), set(subjects("ckg:withdrawn"))
    assert (len(controls - gone), len(controls & gone)) == (1014, 182)
    statements = term("ckg:statement").encode()
    assert all(statements in each.own + each.other for each in found.values())
