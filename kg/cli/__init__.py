"""The command line: parse arguments, call the library, print. It computes nothing."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from kg import __version__
from kg.errors import KgError, QueryError

# Each verb: the module that holds it, imported when it is used, so that help is there at once; and what it does.
_VERBS = {
    "demo": ("building", "Build the bundled samples and answer a first question."),
    "build": ("building", "Build a graph from files and folders."),
    "check": ("judging", "Validate a graph against the shapes."),
    "ask": ("asking", "Ask a saved question; without one, list them."),
    "search": ("asking", "Find things by their names, in spite of typing errors."),
    "show": ("asking", "Show one thing and the sentences behind it."),
    "query": ("asking", "Ask anything in SPARQL."),
    "gap": ("comparing", "Show which controls of A are not covered by B."),
    "coverage": ("comparing", "Show what share of A is met by B, by family."),
    "crosswalk": ("comparing", "List the mappings between two lists of controls."),
    "changes": ("comparing", "Show what changed between two editions of a catalog."),
    "path": ("comparing", "Show how two things are connected."),
    "network": ("networking", "Analyse a graph as a network: hubs, communities, covers and more."),
    "stats": ("judging", "Count what is in a graph."),
    "sources": ("judging", "Show what was read, and what was not understood."),
    "serve": ("serving", "Serve a graph over HTTP, for SPARQL."),
    "publish": ("publishing", "Bring a SPARQL server up to date with a graph."),
    "export": ("exporting", "Write a graph, or a part of it, to a file."),
    "notebooks": ("notebooks", "Copy the analyst notebooks and open them."),
    "fetch": ("fetching", "Bring public sources from their publishers."),
    "reference": ("fetching", "Make the reference dataset anew."),
    "bench": ("building", "Measure speed as ratios to bare engines."),
    "version": ("building", "Tell the versions of the program and its engines."),
}


class _Verbs(click.Group):
    """The verbs, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's signature)
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"kg.cli.{_VERBS[cmd_name][0]}")
        found = getattr(module, cmd_name)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (click's signature)
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, does) for verb, (_, does) in _VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _VERBS and not args[0].startswith("-"):
            from kg.queries.nearness import nearest  # noqa: PLC0415

            raise _UnknownVerbError(args[0], nearest(args[0], tuple(_VERBS), 2))
        return super().resolve_command(ctx, args)


class _UnknownVerbError(click.UsageError):
    """There is no such verb."""

    def __init__(self, verb: str, near: Sequence[str]) -> None:
        super().__init__(f"there is no verb {verb!r}")
        self.hint = f"did you mean {' or '.join(near)}?" if near else "kg --help lists the verbs"


@click.group(
    cls=_Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
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
      kg show "MARS-E 2.0"                           one thing, with the sentences behind it
      kg gap mars-e-2.2 fedramp-r4-moderate          what one list of controls leaves open of another

    Every verb has an example in its help: kg VERB --help. Data goes to stdout, everything else to stderr.
    The exit code is 0, 1 where the answer is no (or there are issues with --strict), 2 where it could not
    be done.
    """  # noqa: D301
    ctx.obj = {"debug": debug}
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error is a message with a hint, and exit code 2."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    # Wherever it stands: whoever sees an error repeats the command with --debug at its end.
    given = [each for each in given if each != "--debug"]
    try:
        code = kg.main(given, prog_name="kg", standalone_mode=False)
        sys.stdout.flush()
        if arguments is None:
            gc.freeze()  # the process ends here: looking for garbage in all that a build leaves takes it half a second
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read the answer has enough of it. What is still in the buffer goes nowhere, without complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if debug:
            raise
        _tell(error)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


def _tell(error: Exception) -> None:
    """Say what went wrong, and what to do about it."""
    message, hint = f"{type(error).__name__}: {error}", "this is a fault of the program: --debug shows where"
    if isinstance(error, KgError):
        message, hint = error.message, error.hint
        if isinstance(error, QueryError) and error.line:
            message += f" (line {error.line}, column {error.column})"
    elif isinstance(error, click.ClickException):
        message = error.format_message().rstrip(".")
        verb = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "kg"
        hint = getattr(error, "hint", "") or f"{verb} --help"
    elif isinstance(error, OSError):
        message, hint = f"{error.filename or 'a file'}: {error.strerror or error}", ""
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
