"""Saved questions: SPARQL files that describe themselves.

The front matter is YAML in comment lines that begin with `#+`, so that the file runs unchanged in any SPARQL
tool; each parameter is one line `VALUES ?name { … }` that holds an example, or `UNDEF` where it is optional.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from kg.errors import NotFoundError, VocabularyError
from kg.queries.nearness import nearest

_FOLDER = Path(__file__).parent
_FRONT = re.compile(r"^#\+ ?(.*)$", re.MULTILINE)
_KEYS = {"number", "summary", "description", "tags", "params", "columns", "method"}


@dataclass(frozen=True, slots=True)
class Param:
    """What a question asks for.

    `type` is the prefixed class of the things it takes (`ckg:Standard`; `rdfs:Resource` for anything), or
    `xsd:string`, `xsd:integer`. `many` takes several values, `optional` none.
    """

    name: str
    type: str
    description: str
    optional: bool = False
    many: bool = False

    @property
    def is_text(self) -> bool:
        """Whether a value is taken as it is, rather than as the name of a thing."""
        return self.type.startswith("xsd:")


@dataclass(frozen=True, slots=True)
class Question:
    """A saved question: what it asks, what it needs, what each column of the answer says.

    `number` is its place in the list of questions. `method` names what works the answer out of the rows
    where SPARQL alone cannot, and is empty otherwise.
    """

    name: str
    number: int
    summary: str
    description: str
    tags: tuple[str, ...]
    params: tuple[Param, ...]
    columns: Mapping[str, str]
    sparql: str
    method: str = ""

    @property
    def usage(self) -> str:
        """The question as it is typed: `services-in-scope STANDARD [CLOUD]`."""
        words = [self.name]
        for param in self.params:
            word = param.name.upper() + ("…" if param.many else "")
            words.append(f"[{word}]" if param.optional else word)
        return " ".join(words)

    def param(self, name: str) -> Param:
        """Return a parameter by name; NotFoundError with the nearest names."""
        for param in self.params:
            if param.name == name:
                return param
        known = tuple(param.name for param in self.params)
        raise NotFoundError(
            f"the question {self.name} has no parameter {name!r}", nearest(name, known) or known
        )


def read(path: Path) -> Question:
    """Return the question in a file; VocabularyError where its front matter is not complete."""
    text = path.read_text(encoding="utf-8")
    try:
        front = yaml.load("\n".join(_FRONT.findall(text)), Loader=_LOADER)  # noqa: S506  (a safe loader)
    except yaml.YAMLError as error:
        raise VocabularyError(f"{path.name}: the front matter is no YAML: {error}") from error
    if not isinstance(front, dict) or not {"number", "summary", "columns"} <= front.keys() <= _KEYS:
        raise VocabularyError(
            f"{path.name}: the front matter needs number, summary, columns, and knows {_KEYS}"
        )
    try:
        return Question(
            name=path.stem,
            number=int(front["number"]),
            summary=str(front["summary"]),
            description=str(front.get("description", "")).strip(),
            tags=tuple(front.get("tags", ())),
            params=tuple(Param(name=name, **said) for name, said in front.get("params", {}).items()),
            columns=MappingProxyType(dict(front["columns"])),
            sparql=text,
            method=str(front.get("method", "")),
        )
    except (TypeError, ValueError) as error:
        raise VocabularyError(f"{path.name}: the front matter is not as it should be: {error}") from error


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def questions(folder: Path = _FOLDER) -> Mapping[str, Question]:
    """Return the saved questions by name, in the order of their numbers."""
    found = sorted((read(path) for path in folder.glob("*.rq")), key=lambda each: (each.number, each.name))
    return MappingProxyType({question.name: question for question in found})


def question(name: str) -> Question:
    """Return a saved question by name or number; NotFoundError with the nearest names."""
    known = questions()
    if name in known:
        return known[name]
    by_number = {str(each.number): each for each in known.values()}
    if name in by_number:
        return by_number[name]
    near = nearest(name, tuple(known))
    raise NotFoundError(f"no question is called {name!r}", near, hint="`kg ask` lists the questions")
