"""Mappings that follow from others: their steps, their confidence, and who may have them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from kg.crosswalk import compose, converse
from kg.derivation.conclusions import Conclusions
from kg.derivation.crosswalks import Crosswalks
from kg.sources import Extraction
from tests.catalog_files import claims, read, read_file

OLIR = "ciso-assistant/mapping-nist-sp-800-53-rev5-to-iso27001-2022.yaml"
COLLECTION = "r4-r5-mapping/NIST_SP-800-53_rev5-to-rev4_mapping-collection.json"
ISO = "ciso-assistant/mapping-iso27001-2013-to-iso27001-2022.yaml"
NO_DERIVATIVES = "https://creativecommons.org/licenses/by-nd/4.0/"


def crosswalk(a: str, b: str, *rows: tuple[str, str, str, str], licence: str = "") -> Extraction:
    """Return a crosswalk between two made-up frameworks, rows of source, predicate, target, confidence."""
    head = [f"#subject_source: {a}", f"#object_source: {b}", *([f"#license: {licence}"] if licence else [])]
    table = ["subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\tpredicate_modifier"]
    for source, predicate, target, confidence in rows:
        name, _, negated = predicate.partition(" ")
        justification = "semapv:ManualMappingCuration"
        table.append(
            "\t".join((f"{a}:{source}", f"skos:{name}", f"{b}:{target}", justification, confidence, negated))
        )
    return read("\n".join(head + table) + "\n", f"{a}-{b}.tsv")


def concluded(*found: Extraction) -> Conclusions:
    """Return what follows from some crosswalks."""
    derivation = Crosswalks()
    selected = [derivation.select(each) for each in found]
    assert pickle.loads(pickle.dumps(selected)) == selected
    return derivation.conclude([each for each in selected if each is not None])


def ends(claim: dict[str, Any]) -> tuple[str, str, str]:
    """Return source, set relation and target of a claim, without what their names share."""
    source, target = (claim[f"owl:annotated{end}"].rpartition("/")[2] for end in ("Source", "Target"))
    return source, claim["ckg:setRelation"], target


FIRST = crosswalk("ash", "birch", ("a1", "broadMatch", "b1", "0.9"))
SECOND = crosswalk("birch", "cedar", ("b1", "exactMatch", "c1", "0.6"))


def test_a_conclusion_names_its_steps_and_has_no_evidence_of_its_own() -> None:
    (claim,) = claims(concluded(FIRST, SECOND).triples)
    assert ends(claim) == ("a1", "subset-of", "c1")
    assert claim["sssom:mapping_justification"] == "semapv:MappingChaining"
    assert "ckg:evidence" not in claim
    steps = {o for s, p, o in concluded(FIRST, SECOND).triples if p.endswith("wasDerivedFrom>")}
    assert {step[1:-1].removeprefix("https://w3id.org/compliance-kg/id/") for step in steps} == {
        each["iri"] for found in (FIRST, SECOND) for each in claims(found)
    }


def test_confidence_is_the_weakest_step_s() -> None:
    (claim,) = claims(concluded(FIRST, SECOND).triples)
    assert claim["sssom:confidence"] == "0.6"
    silent = crosswalk("birch", "cedar", ("b1", "exactMatch", "c1", ""))
    (claim,) = claims(concluded(FIRST, silent).triples)
    assert "sssom:confidence" not in claim


def test_the_order_of_documents_changes_nothing() -> None:
    third = crosswalk("cedar", "daphne", ("c1", "narrowMatch", "d1", "1"), ("c1", "exactMatch", "d2", "1"))
    assert set(concluded(FIRST, SECOND, third).triples) == set(concluded(third, SECOND, FIRST).triples)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("broadMatch", "narrowMatch"),
        ("relatedMatch", "relatedMatch"),
        ("broadMatch", "relatedMatch"),
        ("relatedMatch", "narrowMatch"),
    ],
)
def test_forbidden_chains_conclude_nothing(one: str, two: str) -> None:
    found = concluded(
        crosswalk("ash", "birch", ("a1", one, "b1", "")), crosswalk("birch", "cedar", ("b1", two, "c1", ""))
    )
    assert claims(found.triples) == []


def test_a_mapping_without_a_set_relation_is_never_chained() -> None:
    unstated = crosswalk("birch", "cedar", ("b1", "mappingRelation", "c1", ""))
    assert Crosswalks().select(unstated) is None
    assert concluded(FIRST, unstated).triples == ()


def test_a_chain_with_a_step_that_forbids_derivatives_is_kept_apart() -> None:
    closed = crosswalk("birch", "cedar", ("b1", "exactMatch", "c1", ""), licence=NO_DERIVATIVES)
    found = concluded(FIRST, closed)
    assert found.triples == ()
    assert [ends(each) for each in claims(found.restricted)] == [("a1", "subset-of", "c1")]
    assert all("derived-restricted" in each["iri"] for each in claims(found.restricted))


def test_an_open_chain_is_preferred_to_a_closed_one() -> None:
    closed = crosswalk("birch", "cedar", ("b1", "exactMatch", "c1", ""), licence=NO_DERIVATIVES)
    found = concluded(FIRST, closed, SECOND)
    assert [ends(each) for each in claims(found.triples)] == [("a1", "subset-of", "c1")]


def test_contradictions_are_told_and_nothing_is_resolved() -> None:
    apart = crosswalk("ash", "cedar", ("a1", "relatedMatch Not", "c1", ""))
    found = concluded(FIRST, SECOND, apart)
    clashes = {(s, o) for s, p, o in found.triples if p.endswith("#contradicts>")}
    (denied,) = claims(apart)
    assert {o for _, o in clashes} == {f"<https://w3id.org/compliance-kg/id/{denied['iri']}>"}
    assert {s[1:-1].rpartition("/id/")[2] for s, _ in clashes} == {
        each["iri"] for each in claims(FIRST) + claims(SECOND)
    }


def test_nothing_stated_is_concluded_again() -> None:
    stated = crosswalk("ash", "cedar", ("a1", "broadMatch", "c1", "1"))
    assert claims(concluded(FIRST, SECOND, stated).triples) == []


def test_chains_over_the_folder_are_sound_step_by_step(catalogs: Path) -> None:
    """r4 to r5 to ISO 27001:2022 to ISO 27001:2013: each conclusion is what its steps compose to."""
    files = [read_file(catalogs, path) for path in (OLIR, COLLECTION, ISO)]
    stated = {each["iri"]: each for found in files for each in claims(found)}
    found = concluded(*files)
    derived = claims(found.triples)
    assert len(derived) > 500
    steps: dict[str, list[str]] = {}
    for s, p, o in found.triples:
        if p.endswith("wasDerivedFrom>"):
            steps.setdefault(s[1:-1].rpartition("/id/")[2], []).append(o[1:-1].rpartition("/id/")[2])
    for claim in derived:
        at, relation = claim["owl:annotatedSource"], "equal-to"
        for step in steps[claim["iri"]]:
            one = stated[step]
            forward = one["owl:annotatedSource"] == at
            assert forward or one["owl:annotatedTarget"] == at
            said = one["ckg:setRelation"] if forward else converse(one["ckg:setRelation"])
            composed = compose(relation, said)
            assert composed
            at, relation = one["owl:annotatedTarget" if forward else "owl:annotatedSource"], composed
        assert (at, relation) == (claim["owl:annotatedTarget"], claim["ckg:setRelation"])
        sure = [stated[step].get("sssom:confidence") for step in steps[claim["iri"]]]
        if "sssom:confidence" in claim:
            assert float(claim["sssom:confidence"]) <= min(float(each) for each in sure if each is not None)
