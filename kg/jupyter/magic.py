"""The cell magic `%%sparql`: the cell is a query, the answer is the cell's value.

%load_ext kg.jupyter

%%sparql graph -o services
SELECT ?service WHERE { ?service a ckg:CloudService }
"""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from kg.errors import KgError, QueryError


def load_ipython_extension(shell: Any) -> None:
    """Make `%%sparql` known to an IPython shell; `%load_ext kg.jupyter` calls this."""

    def sparql(line: str, cell: str) -> Any:
        return asked(shell, line, cell)

    shell.register_magic_function(sparql, magic_kind="cell", magic_name="sparql")


def asked(shell: Any, line: str, cell: str) -> Any:
    """Return what a cell asks of the graph that its first line names, `graph` if it names none.

    With `-o NAME` the answer goes to that variable instead. IPython's UsageError for what cannot be asked.
    """
    from IPython.core.error import UsageError  # noqa: PLC0415  (only notebooks have it)

    parser = argparse.ArgumentParser(prog="%%sparql", add_help=False, exit_on_error=False)
    parser.add_argument("graph", nargs="?", default="graph")
    parser.add_argument("-o", "--out", default="")
    try:
        given, rest = parser.parse_known_args(shlex.split(line))
    except (argparse.ArgumentError, ValueError) as error:
        raise UsageError(str(error)) from error
    graph = shell.user_ns.get(given.graph)
    if rest or not hasattr(graph, "query"):
        what = f"unknown options: {' '.join(rest)}" if rest else f"there is no graph called {given.graph!r}"
        raise UsageError(f"{what}; write: %%sparql [GRAPH] [-o NAME]")
    try:
        answer = graph.query(cell)
    except KgError as error:
        where = ""
        if isinstance(error, QueryError) and error.line:
            where = f" (line {error.line}, column {error.column})"
        raise UsageError(f"{error.message}{where}{'; ' + error.hint if error.hint else ''}") from error
    if given.out:
        shell.user_ns[given.out] = answer
        return None
    return answer
