"""Reports for people about a standard, a service or a whole graph, each statement with its sources."""

from __future__ import annotations

from kg.errors import NotFoundError, QueryError
from kg.reports import contents, markdown, web
from kg.reports.evidence import Answers

FORMS = ("md", "html")

__all__ = ["FORMS", "text"]


def text(graph: Answers, form: str, *, standard: str = "", service: str = "") -> str:
    """Return a report as Markdown (`md`) or HTML (`html`): about a standard or a service, by name, else an overview.

    NotFoundError for a name the graph does not know, QueryError where both are given.
    """
    writers = {"md": markdown.text, "html": web.text}
    if form not in writers:
        raise NotFoundError(f"no report is written as {form!r}", FORMS)
    if standard and service:
        raise QueryError("a report is about one standard or one service", hint="give one of the two")
    if standard:
        return writers[form](contents.standard(graph, standard))
    return writers[form](contents.service(graph, service) if service else contents.overview(graph))
