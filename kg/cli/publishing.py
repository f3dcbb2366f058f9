"""The verb that brings a SPARQL server up to date with a graph."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.output import DEFAULT, Bar, opened, told, told_left_out


@click.command()
@click.argument("url")
@click.option(
    "-g", "--graph", "place", type=click.Path(path_type=Path), default=DEFAULT, show_default=True,
    help="A folder made by `kg build`, or any RDF file.",
)  # fmt: skip
@click.option("--update", metavar="URL", default="", help="Where the server takes SPARQL updates.")
@click.option(
    "--graph-store", metavar="URL", default="", help="Where it takes whole graphs (Graph Store Protocol)."
)
@click.option(
    "--all-licences", is_flag=True, help="Publish what may be used, but not handed on when changed."
)
@click.option("--dry-run", is_flag=True, help="Tell what would be sent; exit code 1 if anything would.")
def publish(
    url: str, place: Path, update: str, graph_store: str, *, all_licences: bool, dry_run: bool
) -> int:
    """Bring a SPARQL server up to date with a graph: named graphs that changed are sent, those gone are removed.

    URL is where the server answers queries. What was sent is read back and compared. A server that was left half
    way says so, and the next run goes on. Named graphs that were not published from here stay as they are.
    Sources whose licence forbids derivatives are left out. Credentials are taken from the environment: CKG_TOKEN,
    or CKG_USER and CKG_PASSWORD.

    \b
    Examples:
      kg publish http://127.0.0.1:7878/query
      kg publish https://example.org/sparql -g graph --dry-run
    """  # noqa: D301
    bar = Bar("publishing")
    done = opened(place).publish(
        url, update=update, graph_store=graph_store, all_licences=all_licences, dry_run=dry_run, progress=bar
    )
    bar.close()
    told_left_out(done.left_out)
    if done.rewritten:
        first = done.rewritten[0]
        told(
            f"the server writes {len(done.rewritten):,} statements otherwise, such as {first.given} as {first.held}"
        )
    would = "would be " if dry_run else ""
    told(
        f"{len(done.pushed):,} named graphs {would}sent ({done.statements:,} statements), "
        f"{len(done.removed):,} {would}removed, {done.unchanged:,} unchanged"
    )
    return 1 if dry_run and done.changes else 0
