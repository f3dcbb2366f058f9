"""Does a graph hold what the shapes ask for? One adapter over two SHACL engines.

The Rust engine `shacl` answers by default; pySHACL is the reference it is held against, and the fallback.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

import pyoxigraph as ox

from kg.errors import SourceError
from kg.validation import forms, rust
from kg.validation.findings import Finding, Report
from kg.validation.origins import located, written

__all__ = ["Engine", "Finding", "Report", "check", "parsed"]

Engine: TypeAlias = Literal["shacl", "pyshacl"]


def check(
    data: bytes | str | Path,
    *,
    shapes: Path,
    context: Path | None = None,
    engine: Engine = "shacl",
    sample: Iterable[bytes] = (),
) -> Report:
    """Return what the shapes find wrong in a graph.

    `data` is N-Triples or N-Quads, or a file in any RDF syntax, told by its suffix; the lines of an N-Quads
    file are sorted, as they are published, and so are those that a sample is given of. Named graphs are judged as
    their union. `shapes` and `context` are Turtle files or folders of them; the context (the ontology and the
    registries, where the data does not hold them already) is judged along with the data.
    `sample` are the lines among the data to judge first, one node of each form (see `kg.validation.forms`): the whole
    is judged only where the shapes ask for more, or find something wrong in a part of a document.
    """
    if isinstance(data, Path) and data.suffix == ".nq" and not context:
        report = _sampled(data, shapes, sample) if sample and forms.suffice(_turtle(shapes)) else None
        return report or _judged(data, shapes, engine, ())
    with TemporaryDirectory() as folder:
        graph = Path(folder, "graph.nq")
        if isinstance(data, bytes) and sample and not context:  # of a build, whose lines are sorted
            graph.write_bytes(data)
            return check(graph, shapes=shapes, engine=engine, sample=sample)
        text = data if isinstance(data, bytes) else _text(data).encode()
        lines = text.splitlines() + (_turtle(context).encode().splitlines() if context else [])
        graph.write_bytes(b"".join(line + b"\n" for line in sorted(lines)))
        return _judged(graph, shapes, engine, _files(context) if context else ())


def _judged(graph: Path, shapes: Path, engine: Engine, registries: Sequence[Path]) -> Report:
    """Return the report on a file of N-Quads; the fast engine takes half the time for a file as for a text."""
    if engine == "shacl":
        found = rust.validate(graph, _turtle(shapes))
    else:
        from kg.validation import reference  # noqa: PLC0415  # rdflib and pySHACL are slow to import

        found = reference.validate(graph, _turtle(shapes))
    return Report(tuple(sorted(written(located(found, graph), registries), key=Finding.order)))


def _sampled(graph: Path, shapes: Path, sample: Iterable[bytes]) -> Report | None:
    """Return the report on a file of N-Quads by a sample of its lines; None where that does not tell."""
    with TemporaryDirectory() as folder:
        looked_at = Path(folder, "sample.nq")
        with looked_at.open("wb") as target:
            target.writelines(sample)
        if not looked_at.stat().st_size:
            return None
        found = rust.validate(looked_at, _turtle(shapes))
    if any(forms.is_part(node) for finding in found for node in (finding.focus, finding.value)):
        return None
    return Report(tuple(sorted(located(found, graph), key=Finding.order)))


def _text(data: str | Path) -> str:
    """Return a graph as N-Quads text, unchanged where it is that already."""
    if isinstance(data, str):
        return data
    return data.read_text(encoding="utf-8") if data.suffix in {".nq", ".nt"} else parsed(data)


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
