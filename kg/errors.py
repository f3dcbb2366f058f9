"""What can go wrong: exceptions for a bad program state or argument, `Issue` for a bad document."""

from __future__ import annotations

from dataclasses import dataclass


class KgError(Exception):
    """An error the user can act on: a message, and where possible a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            self.add_note(f"hint: {hint}")  # what a notebook shows of an error is its text and its notes


class SourceError(KgError):
    """The input cannot be read as what it claims to be."""

    def __init__(self, message: str, *, code: str = "unreadable", line: int = 0, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code
        self.line = line


class VocabularyError(KgError):
    """The files in ontology/ or shapes/ contradict themselves."""


class QueryError(KgError):
    """A SPARQL text or a parameter is wrong; `line` and `column` count from 1, 0 where unknown."""

    def __init__(self, message: str, *, line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(message, hint)
        self.line = line
        self.column = column


class RefusedError(QueryError):
    """A SPARQL text asks for what is not allowed, such as an update or another server."""


class NotFoundError(KgError):
    """No such question, thing, format or graph; `nearest` holds the names that come closest, `hint` is for none."""

    def __init__(self, message: str, nearest: tuple[str, ...] = (), *, hint: str = "") -> None:
        super().__init__(message, f"did you mean {', '.join(nearest)}?" if nearest else hint)
        self.nearest = nearest


class RemoteError(KgError):
    """A SPARQL server could not be asked; `challenge` is how it wants to be told who asks."""

    def __init__(
        self, message: str, *, url: str = "", status: int = 0, hint: str = "", challenge: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.url = url
        self.status = status
        self.challenge = challenge


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """Something read and not understood, or not readable, in one input file.

    `path` is the path below the folder that was given, `line` counts from 1 (0: the file as a whole),
    `code` is a stable word to filter by, such as `candidate-service` or `missing-include`.
    """

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.code}: {self.message}"
