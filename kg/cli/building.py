"""Verbs that make graphs and hand them on."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg import files
from kg.cli.judging import issues_table, verdict
from kg.cli.output import Bar, answers, opened, printed, told
from kg.errors import KgError

if TYPE_CHECKING:
    from kg.pipeline import BuildReport

_SHOWN = 20


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("graph"),
    show_default=True,
    help="Where the graph goes.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=None,
    help="How many processes read; one for each processor if not said.",
)
@click.option(
    "--strict", is_flag=True, help="Publish nothing, and exit with 1, where there is any issue or violation."
)
@click.option(
    "--check/--no-check", default=True, show_default=True, help="Validate the graph against the shapes."
)
@click.option("--base", metavar="IRI", default="", help="Another base for the IRIs of things.")
@answers
def build(
    paths: tuple[Path, ...],
    out: Path,
    workers: int | None,
    base: str,
    form: str,
    *,
    strict: bool,
    check: bool,
) -> int:
    """Build a graph from files and folders.

    What was not understood is counted; with a --format, each issue is printed with its file and line.

    \b
    Example:
      kg build offerings/ catalogs/ -o graph
    """  # noqa: D301
    from kg import pipeline  # noqa: PLC0415
    from kg.terms import BASE  # noqa: PLC0415

    bar = Bar("reading")
    made = pipeline.build(
        paths, out=out, workers=workers, progress=bar, strict=strict, check=check, base=base or BASE
    )
    bar.close()
    report = made.report
    _summary(report)
    if form != "table":
        printed(issues_table(report.issues), form)
    if not report.documents:
        raise KgError("nothing that was given could be read", "the issues above say why")
    return 1 if strict and not report.clean else 0


def _summary(report: BuildReport) -> None:
    seconds = sum(report.seconds.values())
    told(
        f"{report.documents:,} documents of {report.files:,} files, {report.quads:,} statements, {seconds:.1f} s of processor time"
    )
    for code, count in report.codes.items():
        told(f"  {count:>6,} {code}")
    if report.codes:
        told("  `kg sources` lists them by document")
    if report.validation:
        told(verdict(report.validation))
        for finding in report.validation.findings[:_SHOWN]:
            told(f"  {finding}")
        if len(report.validation.findings) > _SHOWN:
            told(f"  … and {len(report.validation.findings) - _SHOWN:,} more: `kg check`")
    told(f"published in {report.published}" if report.published else "nothing was published")


@click.command()
@click.argument("folder", metavar="[FOLDER]", type=click.Path(path_type=Path), required=False)
def demo(folder: Path | None) -> int:
    """Build the bundled samples, validate them, and answer a first question with its evidence.

    \b
    Example:
      kg demo
    """  # noqa: D301
    with tempfile.TemporaryDirectory() as temporary:
        return _demo(folder or Path(temporary) / "graph")


def _demo(place: Path) -> int:
    from kg import pipeline  # noqa: PLC0415

    report = pipeline.build([files.samples()], out=place).report
    _summary(report)
    graph = opened(place)
    told("\nWhich services are in scope for MARS-E 2.0, and where is that said?\n")
    printed(graph.ask("services-in-scope", standard="MARS-E 2.0"), "table", fold=True)
    told("\nWhich MARS-E 2.2 controls does FedRAMP Moderate (Rev. 4) not cover? The first five:\n")
    from kg import controls  # noqa: PLC0415

    rows = controls.compared(graph, "mars-e-2.2", "fedramp-r4-moderate")
    table = controls.gap_table(graph, rows).select("notation", "title", "family", "status")
    printed(type(table)(table.header, table.rows[:5]), "table")
    told("\nNext: `kg build YOUR-FOLDER`, then `kg ask` for the questions there are.")
    return 0 if report.validation and report.validation.conforms else 1


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="How often each is measured; the median counts.",
)
@click.option(
    "--serving", is_flag=True, help="Measure `kg serve` beside the oxigraph server; FOLDER is a built graph."
)
@answers
def bench(folder: Path | None, rounds: int, serving: bool, form: str) -> None:
    """Measure the build, loading and asking as ratios to bare engines over the same files, in one run.

    \b
    Examples:
      kg bench my-documents
      kg bench graph --serving
    """  # noqa: D301
    if serving:
        from kg import bench_serving  # noqa: PLC0415

        printed(bench_serving.run(folder, rounds), form)
        return
    from kg import bench as measure  # noqa: PLC0415

    printed(measure.run(folder or files.samples(), rounds), form)


@click.command()
@answers
def version(form: str) -> None:
    """Tell the versions of the program and of the engines it stands on.

    \b
    Example:
      kg version
    """  # noqa: D301
    import platform  # noqa: PLC0415
    from importlib import metadata  # noqa: PLC0415

    from kg import __version__  # noqa: PLC0415
    from kg.queries import Table  # noqa: PLC0415

    engines = ("pyoxigraph", "shacl", "pyshacl", "rdflib", "networkx", "pyromark")
    rows = [("compliance-kg", __version__), *((name, metadata.version(name)) for name in engines)]
    printed(Table.of(("name", "version"), [*rows, ("python", platform.python_version())]), form)
