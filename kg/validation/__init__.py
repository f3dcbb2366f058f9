"""Does a graph hold what the shapes ask for? One adapter over two SHACL engines.

The Rust engine `shacl` answers by default; pySHACL is the reference it is held against, and the fallback.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import pyoxigraph as ox

from kg.errors import SourceError
from kg.validation import rust
from kg.validation.findings import Finding, Report
from kg.validation.origins import Lines, Share, lines_among, lines_in, lines_of, located, written

__all__ = ["Engine", "Finding", "Report", "check", "check_shares", "parsed"]

Engine: TypeAlias = Literal["shacl", "pyshacl"]


def check(
    data: bytes | str | Path,
    *,
    shapes: Path,
    context: Path | None = None,
    engine: Engine = "shacl",
) -> Report:
    """Return what the shapes find wrong in a graph.

    `data` is N-Triples or N-Quads, or a file in any RDF syntax, told by its suffix; named graphs are judged
    as their union. `shapes` and `context` are Turtle files or folders of them; the context (the ontology and
    the registries, where the data does not hold them already) is judged along with the data.
    """
    given = _turtle(context) if context else ""
    if isinstance(data, Path) and data.suffix in {".nq", ".nt"}:
        text, lines = data.read_text(encoding="utf-8"), lines_in(data)
    else:
        text = parsed(data) if isinstance(data, Path) else data.decode() if isinstance(data, bytes) else data
        lines = lines_of(text)
    found = _judged(text + given if given else text, shapes, engine, lines)
    return (
        Report(tuple(sorted(written(found, _files(context)), key=Finding.order)))
        if context
        else Report(tuple(found))
    )


def check_shares(shares: Iterable[Share], *, shapes: Path, engine: Engine = "shacl") -> Report:
    """Return what the shapes find wrong in the union of named graphs.

    Faster than `check`: a share's lines all end in its graph's IRI, which is cut off and not parsed.
    """
    shares = tuple(shares)
    pieces = []
    for share in shares:
        end = f" {share.graph} .\n".encode()
        pieces += [share.own.replace(end, b" .\n"), share.other.replace(end, b" .\n")]
    return Report(tuple(_judged(b"".join(pieces).decode(), shapes, engine, lines_among(shares))))


def _judged(text: str, shapes: Path, engine: Engine, lines: Lines) -> list[Finding]:
    """Return what an engine finds, each finding with where it comes from, in order."""
    if engine == "shacl":
        found = rust.validate(text, _turtle(shapes))
    else:
        from kg.validation import reference  # noqa: PLC0415  # rdflib and pySHACL are slow to import

        found = reference.validate(text, _turtle(shapes))
    return sorted(located(found, lines), key=Finding.order)


def _turtle(place: Path) -> str:
    """Return a Turtle file, or all those of a folder, as N-Triples text."""
    return _joined(tuple((path, path.stat().st_mtime_ns) for path in _files(place)))


def _files(place: Path) -> list[Path]:
    return sorted(place.glob("*.ttl")) if place.is_dir() else [place]


@lru_cache(maxsize=8)
def _joined(files: tuple[tuple[Path, int], ...]) -> str:
    return "".join(parsed(path) for path, _ in files)


def parsed(path: Path) -> str:
    """Return a file in any RDF syntax, told by its suffix, as N-Quads text; SourceError if it is something else."""
    form = ox.RdfFormat.from_extension(path.suffix[1:])
    if form is None:
        raise SourceError(f"{path.name}: no RDF syntax is known by the suffix {path.suffix!r}")
    try:
        quads = ox.parse(path=str(path), format=form, base_iri=path.resolve().as_uri())
        return (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").decode()
    except SyntaxError as error:
        raise SourceError(f"{path.name}: {error}", line=error.lineno or 0) from error
