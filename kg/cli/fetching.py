"""Verbs that bring sources from where they are published, and make the reference dataset from them."""

from __future__ import annotations

from pathlib import Path

import click

from kg import fetching, files
from kg.cli.output import Bar, answers, printed, told
from kg.queries import Table


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("sources"),
    show_default=True,
    help="Where the files go.",
)
@click.option("--list", "listing", is_flag=True, help="List what can be fetched, and fetch nothing.")
@click.option("--offline", is_flag=True, help="Ask no network: only say what is there.")
@click.option("--mirror", default="", metavar="FOLDER|URL", help="Bring the files from a copy instead.")
@answers
def fetch(names: tuple[str, ...], out: Path, mirror: str, form: str, *, listing: bool, offline: bool) -> int:
    """Bring public sources (NIST, FedRAMP, Azure Policy, crosswalks), pinned and verified by hash.

    No verb touches the network unasked. What was begun is gone on with; what is there is left alone.

    \b
    Examples:
      kg fetch --list
      kg fetch nist-oscal fedramp-oscal -o sources
    """  # noqa: D301
    wanted = fetching.chosen(names, fetching.manifest())
    if listing:
        header = ("name", "path", "size", "licence", "url")
        printed(Table.of(header, ([getattr(each, name) for name in header] for each in wanted)), form)
        return 0
    bars: dict[str, Bar] = {}

    def progress(path: str, done: int, total: int) -> None:
        bars.setdefault(path, Bar(path))(done, total)

    results = list(fetching.fetch(wanted, out, mirror=mirror, offline=offline, progress=progress))
    printed(
        Table.of(("path", "state", "reason"), ((r.upstream.path, r.state, r.reason) for r in results)), form
    )
    failed = [result for result in results if result.state in {"missing", "refused"}]
    told(f"{len(results) - len(failed)} of {len(results)} files are in {out}")
    return 2 if failed else 0


@click.command()
@click.argument("catalogs", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=None, help="The folder that holds sources.tsv."
)
def reference(catalogs: Path, out: Path | None) -> None:
    """Make the reference dataset anew from a folder of catalogs.

    \b
    Example:
      kg reference sources -o ontology/reference
    """  # noqa: D301
    from kg import concepts  # noqa: PLC0415
    from kg import reference as dataset  # noqa: PLC0415

    target = out or files.ontology() / "reference"
    written = dataset.write(catalogs, target, concepts.load(files.ontology()))
    told(f"{len(written)} files written to {target}")
