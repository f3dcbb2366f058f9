"""The verb that serves a graph over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

from kg.cli.output import graph_argument, told
from kg.errors import KgError, NotFoundError


@click.command()
@graph_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65_535),
    help="The port; 0 takes a free one.",
)
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1), help="Processes that answer."
)
@click.option(
    "--clock", default=10.0, show_default=True, type=click.FloatRange(0, min_open=True), metavar="SECONDS",
    help="How long an answer may take; a client may lower it with timeout=.",
)  # fmt: skip
@click.option("--memory", default="2GB", show_default=True, help="What a process may take beside the graph.")
@click.option("--max-body", default="64kB", show_default=True, help="The longest request.")
@click.option("--max-result", default="16MB", show_default=True, help="The longest answer.")
@click.option("--max-depth", default=100, show_default=True, help="How deep brackets may be nested.")
@click.option(
    "--max-tokens", default=10_000, show_default=True, help="How many words and signs a query may have."
)
@click.option("--queue", default=64, show_default=True, help="How many requests may wait.")
@click.option("--allow-origin", multiple=True, metavar="ORIGIN", help="Pages from here may read answers.")
@click.option("--allow-host", multiple=True, metavar="HOST", help="Another name this server goes by.")
@click.option(
    "--access-log", type=click.File("a", encoding="utf-8"), metavar="FILE",
    help="Write a line of JSON for each request; - is the standard output.",
)  # fmt: skip
def serve(
    place: Path, host: str, port: int, memory: str, max_body: str, max_result: str,
    access_log: TextIO | None, allow_origin: tuple[str, ...], allow_host: tuple[str, ...], **counts: float,
) -> None:  # fmt: skip
    """Serve a graph over HTTP: SPARQL at /sparql, read-only, until it is stopped.

    A graph that is published meanwhile is served as soon as it is loaded; an RDF file is read once.

    \b
    Examples:
      kg serve
      kg serve graph --port 8080 --clock 5
      kg serve samples.trig --host 0.0.0.0 --allow-origin https://example.org
    """  # noqa: D301
    try:
        from kg.web import server  # noqa: PLC0415  (needs the extra `web`)
    except ModuleNotFoundError as error:
        raise KgError(f"serving needs {error.name}", "pip install 'compliance-kg[web]'") from error
    from kg.web.limits import Limits, size  # noqa: PLC0415

    if not place.exists():
        raise NotFoundError(f"there is no graph at {place}; make one with `kg build PATH… -o {place}`")
    limits = Limits(memory=size(memory), max_body=size(max_body), max_result=size(max_result), **counts)  # type: ignore[arg-type]
    with server.listen(host, port) as bound:
        address = f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}/"
        server.run(
            place, bound, limits, host=host, hosts=allow_host, origins=allow_origin, log=access_log,
            ready=lambda facts: told(f"serving {facts.statements:,} statements at {address}"),
        )  # fmt: skip
