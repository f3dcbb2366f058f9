"""Pictures: what they show, that they can be read, and that the same answer gives the same bytes."""

from __future__ import annotations

import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
from itertools import combinations

import matplotlib as mpl
import networkx as nx
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from kg import pictures
from kg.errors import KgError, NotFoundError, QueryError
from kg.pictures import bars, canvas, layout, matrices, treemap
from kg.queries import Table
from tests import golden
from tests.conftest import CHECKOUT
from tests.networks import STD, of_claims, of_relations, of_scope

HOSTILE = [
    "$\\frac{1}{0}$",
    "<script>alert(1)</script>",
    "two\nlines\tand\x00more",
    "\u202eעברית & العربية",
    "a]]>b",
    "%s {0} \\",
]
CONTROLS = Table.of(
    ("family", "controls", "covered", "partial", "unknown", "missing", "share"),
    [("AC", 10, 5, 3, 1, 1, 0.5), ("IA", 4, 0, 0, 0, 4, 0.0), ("all", 14, 5, 3, 1, 5, 0.3571)],
)
CHANGED = Table.of(
    ("change", "control", "into"),
    [
        ("added", "c/ac-1", None),
        ("retitled", "c/ac-2", None),
        ("withdrawn", "c/ia-3", "c/ia-4"),
        ("withdrawn", "c/ia-3", "c/ia-5"),
    ],
)
SVG = "{http://www.w3.org/2000/svg}"


def said(figure: Figure) -> str:
    """The text of a figure, as an SVG holds it."""
    root = ET.fromstring(pictures.rendered(figure, "svg"))
    return "\n".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))


def of_labels(*labels: str) -> Table:
    """Standards with these labels, ranked."""
    rows = [(ox.NamedNode(f"{STD}s{at}"), label, len(labels) - at) for at, label in enumerate(labels)]
    return Table.of(("standard", "standardLabel", "claims"), rows)


def answers():
    """Each picture there is, by the answer it is of."""
    graph = golden.graph()
    relations = of_relations(("a", "basedOn", "b"), ("b", "notDemonstratedBy", "a"), ("b", "mapsTo", "c"))
    lost = of_claims(("1", ("a", "basedOn", "b"), ("page",)))
    return {
        "scope": graph.analyse("scope"),
        "scope-matrix": graph.ask("scope-matrix"),
        "similarity": of_scope(("a", "x", ""), ("b", "x", ""), ("b", "y", "")).analyse("similar"),
        "paths": relations.analyse("paths", "A", "C"),
        "relations": relations.analyse("relations"),
        "communities": graph.analyse("communities"),
        "cover": graph.analyse("cover"),
        "editions": graph.analyse("editions", "ISO 27001"),
        "coverage": CONTROLS,
        "gap": Table.of(("control", "family", "status"), [("AC-1", "AC", "missing"), ("AC-2", "AC", "partial")]),
        "changes": CHANGED,
        "hubs": graph.analyse("hubs"),
        "lost": lost.analyse("loss"),
        "loss": lost.analyse("loss", "page"),
        "ranking": of_labels("First", "Second"),
    }  # fmt: skip


ANSWERS = answers()


def test_there_is_an_answer_here_for_each_picture():
    """Whoever adds a picture adds an answer it is of, and each answer finds its own picture."""
    assert set(ANSWERS) == set(pictures.PICTURES)
    for name, table in ANSWERS.items():
        first = next(each for each, (needs, _) in pictures.PICTURES.items() if needs <= set(table.header))
        assert pictures.PICTURES[first][1] is pictures.PICTURES[name][1]


@pytest.mark.parametrize("name", ANSWERS)
def test_a_picture_says_what_it_shows_and_where_it_is_from(name):
    """Its title, its caption, and the names of what is in the table."""
    table = ANSWERS[name]
    text = said(pictures.draw(table, title="The title", caption="Source: here."))

    assert "The title" in text
    assert "Source: here." in text
    labels = [
        column
        for column in table.header
        if column.endswith("Label") and column not in {"cloudLabel", "editionLabel", "relationLabel"}
    ]
    for column in labels:
        for label in table.column(column)[:5]:
            assert name == "loss" or canvas.legible(label, most=30)[:15] in text, label


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_the_same_answer_gives_the_same_bytes(name, form):
    """Drawn twice, in each format; matplotlib puts no date and no random name into it."""
    first, second = (pictures.rendered(pictures.draw(ANSWERS[name], caption="x"), form) for _ in range(2))

    assert first == second
    assert len(first) > 1000


@pytest.mark.slow
def test_another_process_draws_the_same_bytes():
    """Whatever the order of its sets."""
    program = (
        "import sys; from tests.test_pictures import ANSWERS; from kg import pictures;"
        "[sys.stdout.buffer.write(pictures.rendered(pictures.draw(table))) for table in ANSWERS.values()]"
    )
    drawn = [
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True, check=True, cwd=CHECKOUT,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip

    assert drawn[0] == drawn[1]
    assert drawn[0].count(b"<svg") == len(ANSWERS)


@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_to_draw_is_said_and_not_a_crash(name):
    """A table without rows, whatever the picture."""
    text = said(pictures.draw(Table(ANSWERS[name].header), name, caption="Source: here."))

    assert "othing" in text or "No path" in text
    assert "Source: here." in text


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("name", ["ranking", "relations", "scope", "communities"])
def test_a_hostile_label_is_text_and_nothing_else(label, name):
    """Formulas, markup, control characters and changes of direction: shown as they are, on one line, or left out."""
    tables = {
        "ranking": of_labels(label, "plain"),
        "relations": Table.of(("source", "relation", "target"), [(label, "basedOn", "plain")]),
        "scope": Table.of(("service", "standard", "cloud"), [(label, "plain", label)]),
        "communities": Table.of(
            ("community", "size", "modularity", "standard", "within"),
            [(1, 2, 0.1, label, 1), (1, 2, 0.1, "plain", 1)],
        ),
    }
    drawn = pictures.rendered(pictures.draw(tables[name], title=label, caption=label), "svg")
    root = ET.fromstring(drawn)

    assert not list(root.iter(f"{SVG}script"))
    assert "\u202e" not in drawn.decode()
    text = "".join(root.itertext())
    assert canvas.legible(label) in text


def test_letters_that_are_not_installed_give_way_to_the_name_in_the_iri(monkeypatch):
    """A label no font here can show would be a row of boxes."""
    monkeypatch.setattr(
        canvas, "_signs", lambda: frozenset(map(ord, "abcdefghijklmnopqrstuvwxyz0123456789-"))
    )

    assert canvas.legible("個人情報保護法", f"{STD}my-number-act") == "my-number-act"
    assert canvas.legible("個人情報保護法") == "個人情報保護法"
    assert canvas.legible("abc", f"{STD}other") == "abc"


def test_a_picture_with_such_letters_warns_of_nothing():
    """Also in PNG, where a sign that is not there is a box."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pictures.rendered(pictures.draw(of_labels("個人情報保護法 \U0001f600")), "png")


def test_long_names_lose_their_middle():
    """Names of one family differ at the end."""
    assert (
        canvas.legible("NIST Special Publication 800-53 Revision 5 HIGH", most=20) == "NIST Specia…n 5 HIGH"
    )
    assert len(canvas.legible("x" * 500)) == 60


def test_different_things_of_one_name_stay_two():
    """Told apart by their prefixed names."""
    table = Table.of(
        ("standard", "standardLabel", "claims"),
        [(ox.NamedNode(f"{STD}a"), "Same", 2), (ox.NamedNode(f"{STD}b"), "Same", 1)],
    )

    text = said(pictures.draw(table))

    assert "Same (std:a)" in text
    assert "Same (std:b)" in text


def test_states_are_told_apart_without_colour():
    """Each has a pattern of its own, or differs clearly in grey."""

    def grey(status):
        red, green, blue = to_rgb(bars.STATUS[status]["facecolor"])
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for one, other in combinations(bars.STATUS, 2):
        assert bars.STATUS[one]["hatch"] != bars.STATUS[other]["hatch"], (one, other)
    assert abs(grey("covered") - grey("missing")) > 0.3


def test_bars_of_a_family_add_up_to_all_of_it():
    """Shares from nothing to one, in each row."""
    axes = bars.coverage(CONTROLS).axes[0]
    ends = {}
    for bar in axes.patches:
        ends[bar.get_y()] = max(ends.get(bar.get_y(), 0), bar.get_x() + bar.get_width())

    assert {round(end, 9) for end in ends.values()} == {1.0}
    assert "5 of 10" in said(bars.coverage(CONTROLS))
    assert "5 of 14" in said(bars.coverage(CONTROLS))


def test_withdrawn_controls_go_left_the_others_right_each_once():
    """IA-3 went into two others, and is one control."""
    widths = sorted(bar.get_width() for bar in bars.changes(CHANGED).axes[0].patches)

    assert widths == [-1, 1, 1]


def test_a_gap_with_a_status_that_is_none_is_refused():
    """The error names the states there are."""
    with pytest.raises(QueryError, match="perhaps"):
        treemap.gap(Table.of(("family", "status"), [("AC", "perhaps")]))


@given(some.lists(some.integers(1, 500), min_size=1, max_size=40))
@settings(max_examples=150, deadline=None)
def test_areas_of_a_treemap_are_as_large_as_their_numbers_and_do_not_overlap(sizes):
    """In proportion, within the room, and none upon another."""
    sizes = sorted(sizes, reverse=True)
    room = treemap.Area(0.0, 0.0, 6.0, 4.0)
    areas = treemap.squarified(sizes, room)

    assert len(areas) == len(sizes)
    for size, area in zip(sizes, areas, strict=True):
        assert area.width * area.height == pytest.approx(24 * size / sum(sizes))
        assert -1e-9 <= area.x <= area.x + area.width <= 6 + 1e-9
        assert -1e-9 <= area.y <= area.y + area.height <= 4 + 1e-9
    for one, other in combinations(areas, 2):
        over_x = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
        over_y = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
        assert over_x < 1e-6 or over_y < 1e-6


def test_the_example_of_the_paper_is_laid_out_as_in_the_paper():
    """Six by four with 6, 6, 4, 3, 2, 2, 1: the first two above each other, then 4 and 3 side by side."""
    first, second, third, fourth, *_ = treemap.squarified([6, 6, 4, 3, 2, 2, 1], treemap.Area(0, 0, 6, 4))

    assert (first.width, first.height) == pytest.approx((3, 2))
    assert (second.x, second.y) == pytest.approx((0, 2))
    assert (third.x, third.y, third.width) == pytest.approx((3, 0, 12 / 7))
    assert (fourth.x, fourth.y) == pytest.approx((3 + 12 / 7, 0))


@given(some.lists(some.tuples(some.integers(0, 14), some.integers(0, 14)), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_no_two_boxes_of_a_map_touch(edges):
    """Whatever is tied to what."""
    network = nx.Graph([(f"n{one}", f"n{other}") for one, other in edges])
    sizes = {node: (0.5 + len(node) * 0.4, 0.24) for node in network}
    at = layout.placed(network, sizes)

    for one, other in combinations(network, 2):
        apart_x = abs(at[one][0] - at[other][0]) - (sizes[one][0] + sizes[other][0]) / 2
        apart_y = abs(at[one][1] - at[other][1]) - (sizes[one][1] + sizes[other][1]) / 2
        assert max(apart_x, apart_y) > 0


def test_labels_of_a_picture_do_not_overlap():
    """On the samples: no two texts of the standards map cover each other."""
    figure = pictures.draw(golden.graph().analyse("relations"))
    renderer = figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]

    assert len(boxes) > 5
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_a_map_of_many_shows_those_with_most_relations_and_says_so():
    """Of fifty spokes and a hub."""
    table = Table.of(("source", "relation", "target"), [(f"s{at:02}", "basedOn", "hub") for at in range(50)])

    text = said(pictures.draw(table))

    assert "hub" in text
    assert "The 45 of 51" in text


def test_more_rows_make_a_larger_picture():
    """Letters keep their size."""
    few, many = (
        matrices.scope(Table.of(("service", "standard"), [(f"s{at:03}", "x") for at in range(count)]))
        for count in (5, 50)
    )

    assert many.get_size_inches()[1] > 5 * few.get_size_inches()[1]


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    """Whoever draws in a notebook keeps their own."""
    before = dict(mpl.rcParams)
    pictures.rendered(pictures.draw(CONTROLS), "png")

    assert dict(mpl.rcParams) == before


def test_a_graph_draws_with_its_hash_and_the_date_of_its_data():
    """No clock: the latest date a document bears."""
    graph = golden.graph()
    text = said(graph.draw(graph.analyse("hubs"), title="Hubs"))

    assert f"graph {graph.sha256[:12]}" in text
    assert "documents" in text


def test_a_notebook_shows_a_picture_as_it_would_be_saved():
    """Without pyplot, and without a word about how figures are shown."""
    figure = pictures.draw(CONTROLS)

    assert figure._repr_svg_().encode() == pictures.rendered(figure)


def test_a_picture_is_saved_by_its_suffix_or_refused(tmp_path):
    """SVG, PNG and PDF; nothing is left behind of what could not be written."""
    figure = pictures.draw(CONTROLS)
    for suffix, begins in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF")):
        assert pictures.save(figure, tmp_path / f"p{suffix}").read_bytes().startswith(begins)
    with pytest.raises(NotFoundError, match="gif"):
        pictures.save(figure, tmp_path / "p.gif")
    with pytest.raises(KgError, match="cannot be written"):
        pictures.save(figure, tmp_path / "none" / "p.svg")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["p.pdf", "p.png", "p.svg"]


def test_what_cannot_be_drawn_is_refused():
    """No such picture, no column it needs, nothing to count."""
    with pytest.raises(NotFoundError, match="cake"):
        pictures.draw(CONTROLS, "cake")
    with pytest.raises(QueryError, match="service"):
        pictures.draw(CONTROLS, "scope")
    with pytest.raises(QueryError, match="numbers"):
        pictures.draw(Table.of(("name",), [("a",)]))
