"""A table of answers: rows under a header, in every form an analyst asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pyoxigraph as ox

from kg.errors import NotFoundError
from kg.terms import PREFIXES

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Value: TypeAlias = Term | str | int | float | bool | None
Plain: TypeAlias = str | int | float | bool | None
Iris: TypeAlias = Literal["full", "short", "label"]

_SHOWN = 60  # rows where a notebook can show text only
_XSD = PREFIXES["xsd"]
_RESULT_SET = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_NUMBERS: dict[str, Callable[[str], int | float]] = {
    _XSD + "integer": int,
    _XSD + "decimal": float,
    _XSD + "double": float,
    _XSD + "float": float,
}
# What a tab-separated line cannot hold as it is; read back by the same four escapes.
_TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

# A return has to be quoted as well, which the standard library does from Python 3.13 on.
_QUOTED = re.compile(r'[",\r\n]')


def csv_line(cells: Iterable[str]) -> str:
    """Return texts as a line of CSV (RFC 4180, but it ends as lines end on Unix).

    >>> print(csv_line(["Azure", "in, and out"]), end="")
    Azure,"in, and out"
    """
    line = ",".join(
        f'"{cell.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(cell) else cell for cell in cells
    )
    return f"{line or chr(34) * 2}\n"


def plain(value: Value) -> Plain:
    """Return a term as the Python value a person expects: an IRI or text as str, a number as a number.

    >>> plain(ox.NamedNode("https://example.org/a")), plain(ox.Literal(12)), plain(ox.Literal("Azure", language="en"))
    ('https://example.org/a', 12, 'Azure')
    """
    if isinstance(value, ox.NamedNode):
        return value.value
    if isinstance(value, ox.Literal):
        return _python(value)
    if isinstance(value, ox.BlankNode | ox.Triple):
        return str(value)
    return value


def _python(value: ox.Literal) -> Plain:
    datatype = value.datatype.value
    if datatype == _XSD + "boolean":
        return value.value in {"true", "1"}
    try:
        return _NUMBERS[datatype](value.value) if datatype in _NUMBERS else value.value
    except ValueError:  # "many"^^xsd:integer is legal RDF, and no number
        return value.value


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; iterating gives each row as a dict of plain Python values.

    `rows` hold the terms themselves, so that an IRI can be told from a text and a text knows its language.

    >>> table = Table(("service", "documents"), ((ox.Literal("Azure", language="en"), ox.Literal(3)),))
    >>> list(table)
    [{'service': 'Azure', 'documents': 3}]
    >>> print(table.to_csv(), end="")
    service,documents
    Azure,3
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...] = ()

    def __iter__(self) -> Iterator[dict[str, Plain]]:
        for row in self.rows:
            yield dict(zip(self.header, map(plain, row), strict=True))

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return self.to_text()

    @classmethod
    def of(cls, header: Iterable[str], rows: Iterable[Iterable[Value]]) -> Table:
        """Return a table of any iterables."""
        return cls(tuple(header), tuple(tuple(row) for row in rows))

    @classmethod
    def of_solutions(cls, solutions: ox.QuerySolutions) -> Table:
        """Return what a SELECT query answered."""
        header = tuple(variable.value for variable in solutions.variables)
        return cls(header, tuple(tuple(solution) for solution in solutions))

    def column(self, name: str) -> tuple[Plain, ...]:
        """Return the plain values of one column."""
        index = self._index(name)
        return tuple(plain(row[index]) for row in self.rows)

    def select(self, *names: str) -> Table:
        """Return the same rows with only these columns, in this order.

        Names are those of `header`: `service` is the thing, `serviceLabel` what it is called.
        """
        indexes = [self._index(name) for name in names]
        return Table(names, tuple(tuple(row[i] for i in indexes) for row in self.rows))

    def matrix(self, rows: str, columns: str, cell: str) -> Table:
        """Return one row for each value of column `rows` and one column for each value of column `columns`.

        Both in alphabetical order; a cell is the value of column `cell`, the first where there are several.
        """
        across = sorted({str(value) for value in self.column(columns)})
        down: dict[str, dict[str, Plain]] = {}
        for left, top, value in zip(self.column(rows), self.column(columns), self.column(cell), strict=True):
            down.setdefault(str(left), {}).setdefault(str(top), value)
        return Table(
            (rows, *across),
            tuple((left, *(down[left].get(top) for top in across)) for left in sorted(down)),
        )

    def to(self, name: str) -> str:
        """Return the table in a format by name: `table`, `csv`, `tsv`, `json` or `ttl`."""
        writers: Mapping[str, Callable[[], str]] = {
            "table": self.to_text,
            "csv": self.to_csv,
            "tsv": self.to_tsv,
            "json": self.to_json,
            "ttl": self.to_turtle,
        }
        if name not in writers:
            raise NotFoundError(f"a table has no format {name!r}", tuple(writers))
        return writers[name]()

    def to_text(self, width: int = 0) -> str:
        """Return the table for people: aligned, wrapped to `width` columns (0: as wide as it needs)."""
        from kg.queries.rendering import text  # noqa: PLC0415  (rendering knows tables, tables only their data)

        return text(self, width=width)

    def to_csv(self) -> str:
        """Return the table as CSV (RFC 4180, but lines end as Unix ends them), IRIs in full."""
        return csv_line(self.header) + "".join(csv_line(map(_written, row)) for row in self.rows)

    def to_tsv(self) -> str:
        """Return the table as tab-separated values; tab, line feed, return and backslash are escaped."""
        lines = ["\t".join(self.header)]
        lines += ["\t".join(_written(value).translate(_TSV) for value in row) for row in self.rows]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """Return the table as a JSON list with one object for each row."""
        return json.dumps(list(self), ensure_ascii=False, indent=2) + "\n"

    def to_turtle(self) -> str:
        """Return the table as a W3C result set in Turtle, which SPARQL tools read back."""
        lines = [f"@prefix rs: <{_RESULT_SET}> .", "", "[] a rs:ResultSet"]
        lines += [f"  ; rs:resultVariable {_turtle(name)}" for name in self.header]
        for row in self.rows:
            bindings = " , ".join(
                f"[ rs:variable {_turtle(name)} ; rs:value {_turtle(value)} ]"
                for name, value in zip(self.header, row, strict=True)
                if value is not None
            )
            lines.append(f"  ; rs:solution [ rs:binding {bindings} ]" if bindings else "  ; rs:solution []")
        return "\n".join([*lines, "."]) + "\n"

    def to_pandas(self, *, iris: Iris = "full") -> Any:
        """Return the table as a pandas DataFrame: numbers, truth values and dates typed, all else as text.

        IRIs come in full, as prefixed names (`short`), or as labels, where a column `x` with a column `xLabel`
        beside it gives way to it. KgError where pandas is not installed.
        """
        from kg.queries import frames  # noqa: PLC0415

        return frames.pandas(self, iris)

    def to_polars(self, *, iris: Iris = "full") -> Any:
        """Return the table as a polars DataFrame; as `to_pandas`."""
        from kg.queries import frames  # noqa: PLC0415

        return frames.polars(self, iris)

    def to_arrow(self, *, iris: Iris = "full") -> Any:
        """Return the table as an Arrow table; as `to_pandas`."""
        from kg.queries import frames  # noqa: PLC0415

        return frames.arrow(self, iris)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002  (what Jupyter passes)
        """Return the table as a notebook shows it, the first rows and how many more there are."""
        from kg.queries.rendering import html, text  # noqa: PLC0415

        return {"text/html": html(self), "text/plain": text(self, limit=_SHOWN)}

    def _repr_html_(self) -> str:
        from kg.queries.rendering import html  # noqa: PLC0415

        return html(self)

    def _index(self, name: str) -> int:
        try:
            return self.header.index(name)
        except ValueError:
            raise NotFoundError(f"the table has no column {name!r}", self.header) from None


def _written(value: Value) -> str:
    """Return a cell as text: numbers and truth values as RDF writes them, nothing as nothing."""
    if isinstance(value, ox.Literal):
        return value.value
    known: Any = plain(value)
    if isinstance(known, bool):
        return "true" if known else "false"
    return "" if known is None else str(known)


def _turtle(value: Value) -> str:
    """Return a cell as a Turtle term."""
    if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple):
        return str(value)
    return str(ox.Literal("" if value is None else value))
