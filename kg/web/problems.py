"""Errors as `application/problem+json` (RFC 9457), with line, column and hint where they are known."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from kg.errors import KgError, NotFoundError, QueryError, RefusedError, SourceError
from kg.web.tasks import Answer

MEDIA_TYPE = "application/problem+json"


class HttpError(KgError):
    """An error that knows the status it is answered with, and headers that belong to it."""

    def __init__(
        self, status: int, message: str, hint: str = "", *, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.headers = headers


def problem(
    status: int, detail: str, hint: str = "", *, headers: tuple[tuple[str, str], ...] = (), **more: Any
) -> Answer:
    """Return a problem; `more` are members of its JSON object."""
    content = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if hint:
        content["hint"] = hint
    content.update(more)
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Answer(status, MEDIA_TYPE, body + b"\n", (*headers, ("cache-control", "no-store")))


def of_error(error: KgError) -> Answer:
    """Return the problem that an error is answered with."""
    if isinstance(error, HttpError):
        return problem(error.status, error.message, error.hint, headers=error.headers)
    if isinstance(error, QueryError):
        place: dict[str, Any] = {"line": error.line, "column": error.column} if error.line else {}
        status = 403 if isinstance(error, RefusedError) else 400
        return problem(status, error.message, error.hint, **place)
    if isinstance(error, NotFoundError):
        return problem(404, error.message, error.hint, nearest=list(error.nearest))
    if isinstance(error, SourceError):
        return problem(400, error.message, error.hint)
    return problem(500, error.message, error.hint)
