"""What tables a graph is exported as: one for each class, each column a property path, all of it data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import yaml

from kg.errors import NotFoundError, VocabularyError

Type: TypeAlias = Literal["iri", "string", "integer", "decimal", "date", "boolean"]
_FILE = Path(__file__).with_name("layouts.yaml")
_TYPES = ("iri", "string", "integer", "decimal", "date", "boolean")
_KEYS = {
    "key", "path", "from", "of", "but", "label", "foreign", "when", "then", "otherwise", "type", "many", "about",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type, and where its values come from; see `layouts.yaml`.

    `source` is the column the paths start from, empty for the thing of the row. Exactly one of `paths`, `label`
    and `when` is given, none for the thing itself.
    """

    name: str
    about: str
    type: Type = "string"
    many: bool = False
    paths: tuple[str, ...] = ()
    source: str = ""
    of: str = ""
    but: tuple[str, ...] = ()
    foreign: bool = False
    label: str = ""
    when: str = ""
    then: str = ""
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The table of one class: a row for each thing of the class that is not of the class `but` as well."""

    name: str
    about: str
    of: str
    but: str
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns; the first is the thing of the row."""
        return tuple(column.name for column in self.columns)


@cache
def layouts(path: Path = _FILE) -> Mapping[str, Layout]:
    """Return the tables by name; VocabularyError where their file is not as it should be."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = {name: _layout(name, **each) for name, each in said.items()}
    except (yaml.YAMLError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise VocabularyError(f"{path.name}: {error}") from error
    return MappingProxyType(found)


def layout(name: str) -> Layout:
    """Return a table by name; NotFoundError with the names there are."""
    known = layouts()
    if name not in known:
        raise NotFoundError(f"no table is called {name!r}", tuple(known))
    return known[name]


def _layout(
    name: str, columns: Mapping[str, Mapping[str, Any]], about: str, but: str = "", **said: str
) -> Layout:
    made = tuple(_column(each, **dict(rest)) for each, rest in columns.items())
    names = {column.name for column in made}
    for column in made:
        for needed in (column.source, column.label, column.when):
            if needed and needed not in names:
                raise ValueError(f"{name}.{column.name} is about a column {needed!r}, which is not there")
    return Layout(name, about, said["class"], but, made)


def _column(name: str, **said: Any) -> Column:
    unknown = said.keys() - _KEYS
    kind: Type = "iri" if said.get("key") else said.get("type", "string")
    if unknown or kind not in _TYPES:
        raise ValueError(f"{name}: {', '.join(sorted(unknown)) or kind} is not known")
    path = said.get("path", ())
    return Column(
        name,
        said["about"],
        kind,
        bool(said.get("many")),
        (path,) if isinstance(path, str) else tuple(path),
        said.get("from", ""),
        said.get("of", ""),
        tuple(said.get("but", ())),
        bool(said.get("foreign")),
        said.get("label", ""),
        said.get("when", ""),
        said.get("then", ""),
        said.get("otherwise", ""),
    )
