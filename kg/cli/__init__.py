"""The command line: parse arguments, call the library, print. It computes nothing."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from kg import __version__
from kg.errors import KgError, QueryError

# Which module holds a verb; it is imported when the verb is used, so that help is there at once.
_VERBS = {
    "build": "building", "check": "building", "stats": "building", "sources": "building", "export": "building",
    "demo": "building", "bench": "building",
    "ask": "asking", "query": "asking", "show": "asking",
    "gap": "comparing", "coverage": "comparing", "crosswalk": "comparing", "changes": "comparing", "path": "comparing",
    "fetch": "fetching", "reference": "fetching",
}  # fmt: skip


class _Verbs(click.Group):
    """The verbs, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's signature)
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"kg.cli.{_VERBS[cmd_name]}")
        found = getattr(module, cmd_name)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from kg.queries.nearness import nearest  # noqa: PLC0415

            near = nearest(args[0], tuple(_VERBS), 2) if args else ()
            if near:
                raise click.UsageError(f"{error.message} Did you mean {' or '.join(near)}?", ctx) from error
            raise


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="kg")
@click.option("--debug", is_flag=True, help="Show where an error came from.")
@click.pass_context
def kg(ctx: click.Context, *, debug: bool) -> None:
    """Compliance documents, catalogs and crosswalks as one knowledge graph with evidence.

    \b
    Begin with:
      kg demo                                        build the bundled samples and ask them something
      kg build my-documents -o graph                 documents into a graph
      kg ask                                         the questions there are
      kg ask services-in-scope "MARS-E 2.0"          an answer, with the sentences behind it
      kg gap mars-e-2.2 fedramp-r4-moderate          what one list of controls leaves open of another

    Data goes to stdout, everything else to stderr. The exit code is 0, 1 where the answer is no (or there
    are issues with --strict), 2 where it could not be done.
    """  # noqa: D301  (\b is click's)
    ctx.obj = {"debug": debug}


def main() -> None:
    """Run the command line; an error is a message with a hint, and exit code 2."""
    try:
        code = kg.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read the answer has enough of it; nothing may be written to the pipe any more.
        sys.stderr.close()
        sys.exit(0)
    except KgError as error:
        if "--debug" in sys.argv:
            raise
        _tell(error)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


def _tell(error: KgError) -> None:
    where = ""
    if isinstance(error, QueryError) and error.line:
        where = f" (line {error.line}, column {error.column})"
    click.echo(f"error: {error.message}{where}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)
