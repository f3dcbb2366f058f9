"""What is found where, beside `/sparql`: each place with what it takes and the forms it answers in.

The routes and the OpenAPI document are both made from this, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.queries import Param, Question
from kg.queries.nearness import nearest
from kg.saving import FORMATS
from kg.search import LONGEST, MOST
from kg.web.problems import HttpError

# Each form by the word that `format=` takes, with its media type; who does not mind gets the first.
TABLES = {"json": "application/json", "csv": "text/csv", "tsv": "text/tab-separated-values"}
STATEMENTS = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
_MAPPINGS = {**TABLES, "sssom": "text/tab-separated-values", "oscal": "application/json"}
FILES = {each.suffixes[0]: each.media_type for each in FORMATS}
_LONGEST = 2_000  # signs of one value
_NAME = 200  # signs of one name of several
_MOST = 500  # values of one input


@dataclass(frozen=True, slots=True)
class Input:
    """Something a place takes in its URL; `least` and `most` bound a whole number, and are 0 for text."""

    name: str
    about: str
    required: bool = False
    many: bool = False
    least: int = 0
    most: int = 0
    longest: int = _LONGEST
    example: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it takes a whole number."""
        return self.least != self.most


@dataclass(frozen=True, slots=True)
class Place:
    """A path with the kind of task that answers there; `by_name` where `format` has to say the form."""

    path: str
    kind: str
    summary: str
    about: str = ""
    inputs: tuple[Input, ...] = ()
    forms: Mapping[str, str] = field(default_factory=lambda: TABLES)
    by_name: bool = False


_BEST = Input("best", "how many paths by evidence are shown besides the shortest", least=1, most=50)
_WANTED = Input("wanted", "the list of controls to be met", required=True, example="mars-e-2.2")
_GIVEN = Input("given", "the list of controls that is met", example="fedramp-r4-moderate")
_HAVE = Input("have", "the identifier of a control that is met, instead of a list", many=True, example="AC-2")

DESCRIBE = Place(
    "/id/{path}", "describe", "What is said about a thing",
    "Statements about it, the claims about it with their evidence, what leads to it, and of a named graph its"
    " content. The header x-cut names what there is more of.",
    forms=STATEMENTS,
)  # fmt: skip
ONTOLOGY = Place("/ontology", "ontology", "The vocabulary", forms=STATEMENTS)
VOID = Place("/.well-known/void", "description", "What the graph holds, in VoID", forms=STATEMENTS)
QUESTIONS = Place("/ask", "questions", "The saved questions")
SEARCH = Place(
    "/search", "search", "Things by their names, in any language, by beginnings and with typing errors",
    inputs=(
        Input("q", "what to look for", required=True, longest=LONGEST, example="fedrmp"),
        Input("kind", "only things of this kind", example="control"),
        Input("limit", "how many things", least=1, most=MOST),
    ),
)  # fmt: skip
EXPORT = Place(
    "/export", "export", "The graph, or a part of it, as a file",
    "What `kg export` writes: the inputs that name a part may be repeated, and what is written fits one of each kind."
    " Sources whose licence forbids derivatives are left out; the header x-left-out says how many.",
    inputs=(
        Input("graph", "only this named graph or document", many=True, longest=_NAME),
        Input("class", "only what is said of things of this class", many=True, longest=_NAME, example="ckg:Standard"),
        Input("standard", "only what is about this standard, or what a report is about", many=True, longest=_NAME, example="MARS-E 2.0"),
        Input("language", "only texts in this language", many=True, longest=_NAME, example="en"),
        Input("licence", "only graphs under this licence", many=True, longest=_NAME),
        Input("service", "what a report is about", example="Intune"),
        Input("around", "what a diagram is to be about", many=True, longest=_NAME, example="MARS-E 2.0"),
        Input("depth", "how many statements far a diagram looks", least=1, most=6),
        Input("wanted", "a list of controls that a workbook compares", example="mars-e-2.2"),
        Input("given", "the list it is compared with", example="fedramp-r4-moderate"),
        Input("table", "the table of another class than claims"),
        Input("frame", "a class whose things JSON-LD shows as trees", example="ckg:Standard"),
    ),
    forms=FILES,
    by_name=True,
)  # fmt: skip
PLACES = (
    QUESTIONS,
    SEARCH,
    Place(
        "/gap", "gap", "Which controls of a list another does not cover, and how that is known",
        inputs=(_WANTED, _GIVEN, _HAVE),
    ),
    Place("/coverage", "coverage", "What share of a list is met, by family", inputs=(_WANTED, _GIVEN, _HAVE)),
    Place(
        "/crosswalk", "crosswalk", "The mappings between two lists of controls",
        "As sssom and oscal without what may not be handed on.",
        inputs=(
            Input("from", "a list of controls", required=True, example="nist-800-53-r5"),
            Input("to", "another", required=True, example="nist-800-53-r4"),
        ),
        forms=_MAPPINGS,
    ),
    Place(
        "/changes", "changes", "What changed from one edition of a catalog to a later one",
        inputs=(
            Input("from", "the former edition", required=True, example="nist-800-53-r4"),
            Input("to", "the later edition", required=True, example="nist-800-53-r5"),
        ),
    ),
    Place(
        "/path", "path", "How two things are connected, step by step",
        inputs=(
            Input("from", "a thing", required=True, example="MARS-E 2.0"),
            Input("to", "another", required=True, example="FedRAMP"),
            _BEST,
        ),
    ),
    EXPORT,
    Place("/sources", "sources", "What was read, and how much of it was not understood"),
    Place("/stats", "stats", "How much there is of what"),
    ONTOLOGY,
    VOID,
)  # fmt: skip

HEALTH = Place(
    "/health", "", "Whether the server can answer, and from which graph", forms={"json": "application/json"}
)
METRICS = Place(
    "/metrics", "", "Figures of the server for Prometheus",
    forms={"text": "text/plain"},
)  # fmt: skip
CONTEXT = Place(
    "/ontology/context.jsonld",
    "",
    "The names that JSON-LD is written with",
    forms={"jsonld": "application/ld+json"},
)
OPENAPI = Place("/openapi.json", "", "This document", forms={"json": "application/json"})


def of_question(asked: Question) -> Place:
    """Return the place of a saved question."""
    inputs = tuple(map(_input, asked.params))
    return Place(f"/ask/{asked.name}", "ask", asked.summary, asked.description, inputs)


def _input(param: Param) -> Input:
    most = 1_000_000 if param.type == "xsd:integer" else 0
    return Input(param.name, param.description, not param.optional, param.many, most=most)


def checked(place: Place, given: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the values of the inputs of a place, empty ones left out; HttpError 400 for what it does not take."""
    known = {each.name: each for each in place.inputs}
    values: dict[str, list[str]] = {}
    for name, value in given:
        if name not in known:
            near = nearest(name, known) or (*known, "format")
            raise HttpError(400, f"there is no parameter {name[:80]!r} here", f"there are {', '.join(near)}")
        if value:
            values.setdefault(name, []).append(value)
    for each in place.inputs:
        _check(each, values.get(each.name, []))
    return dict(sorted(values.items()))


def _check(wanted: Input, values: Sequence[str]) -> None:
    name = wanted.name
    if wanted.required and not values:
        raise HttpError(400, f"{name} is needed: {wanted.about}")
    if len(values) > (_MOST if wanted.many else 1):
        raise HttpError(400, f"{name} takes {f'{_MOST} values at most' if wanted.many else 'one value'}")
    for value in values:
        if len(value) > wanted.longest:
            raise HttpError(400, f"{name} takes {wanted.longest:,} signs at most")
        if wanted.is_number and not (value.isascii() and value.isdecimal() and len(value) <= 9):
            raise HttpError(400, f"{name} takes a whole number, not {value[:80]!r}")
        if wanted.is_number and not wanted.least <= int(value) <= wanted.most:
            raise HttpError(400, f"{name} is between {wanted.least} and {wanted.most:,}, not {value}")
