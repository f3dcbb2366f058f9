"""From a request at a place to a task for a worker, and back: nothing is worked out here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import unquote

from starlette.routing import BaseRoute, Route

from kg.errors import KgError
from kg.queries import question
from kg.web import openapi, problems
from kg.web.dumps import Dumps
from kg.web.metrics import Metrics, exposition, health
from kg.web.negotiation import best
from kg.web.places import (
    CONTEXT,
    DESCRIBE,
    EXPORT,
    HEALTH,
    METRICS,
    OPENAPI,
    PLACES,
    VOID,
    Place,
    checked,
    of_question,
)
from kg.web.pool import Pool
from kg.web.problems import HttpError
from kg.web.protocol import Receive, Scope, Send, described, parameters, perform, received_headers, respond
from kg.web.tasks import Answer, Task

_METHODS = "GET, HEAD, OPTIONS"


def routes(pool: Pool, metrics: Metrics) -> list[BaseRoute]:
    """Return what is found at places of its own, over the workers of a pool."""
    found: list[BaseRoute] = [Route(EXPORT.path, Dumps(pool, Door(pool, EXPORT)))]
    found += [Route(place.path, Door(pool, place)) for place in PLACES if place is not EXPORT]
    found.append(Route("/ask/{question}", Door(pool, None)))
    found.append(Route("/id/{path:path}", Door(pool, DESCRIBE)))
    found.append(Route(OPENAPI.path, Door(pool, OPENAPI, openapi.answer)))
    found.append(Route(CONTEXT.path, Door(pool, CONTEXT, openapi.context)))
    found.append(Route(HEALTH.path, Door(pool, HEALTH, lambda _: health(pool.figures))))
    found.append(Route(METRICS.path, Door(pool, METRICS, lambda _: exposition(metrics, pool.figures))))
    return found


class Door:
    """The ASGI application at one place; without a place, at that of the question which the path names.

    What is about the server and not about the graph is answered `here`, given what the client knows already.
    """

    def __init__(self, pool: Pool, place: Place | None, here: Callable[[str], Answer] | None = None) -> None:
        self._pool = pool
        self._place = place
        self._here = here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = received_headers(scope)
        try:
            answer = await self._answer(scope, headers, receive)
        except KgError as error:
            answer = problems.of_error(error)
        await respond(scope, send, answer)

    async def _answer(self, scope: Scope, headers: Mapping[str, str], receive: Receive) -> Answer:
        method = scope["method"]
        if method == "OPTIONS":
            return Answer(204, "", b"", (("allow", _METHODS),))
        if method not in {"GET", "HEAD"}:
            raise HttpError(405, f"{method} is not allowed here", headers=(("allow", _METHODS),))
        place = self._place or of_question(question(scope["path_params"]["question"]))
        given = parameters(scope["query_string"], self._pool.limits.max_body)
        form, media_type = chosen(place, headers.get("accept"), [v for name, v in given if name == "format"])
        values = checked(place, [(name, value) for name, value in given if name != "format"])
        if self._here:
            return self._here(headers.get("if-none-match", ""))
        arguments = {
            "values": values,
            "form": form,
            "media_type": media_type,
            "max_result": self._pool.limits.max_result,
            **_more(self._pool, place, scope, headers),
        }
        return await perform(self._pool, Task(place.kind, arguments), headers, receive)


def chosen(place: Place, accept: str | None, given: list[str]) -> tuple[str, str]:
    """Return the form and the media type of an answer; HttpError for a form there is not, or none acceptable."""
    if len(given) > 1 or (given and given[0] not in place.forms):
        raise HttpError(
            400, f"there is no format {given[-1][:80]!r} here", f"there are {', '.join(place.forms)}"
        )
    if given:
        return given[0], place.forms[given[0]]
    if place.by_name:
        raise HttpError(400, "format is needed", f"there are {', '.join(place.forms)}")
    media_type = best(accept, tuple(dict.fromkeys(place.forms.values())))
    if not media_type:
        offered = ", ".join(dict.fromkeys(place.forms.values()))
        raise HttpError(
            406, f"this is answered in {offered}", "say which in the Accept header, or with format="
        )
    return next(form for form, each in place.forms.items() if each == media_type), media_type


def _more(pool: Pool, place: Place, scope: Scope, headers: Mapping[str, str]) -> Mapping[str, object]:
    """Return what a task needs to know of the request besides."""
    if place.kind == "ask":
        return {"question": place.path.removeprefix("/ask/")}
    if place is VOID:
        return described(pool, f"{scope['scheme']}://{headers.get('host', '')}/sparql")
    if place is DESCRIBE:
        # An IRI with escapes in it is another than without them: what was sent comes first.
        sent = scope.get("raw_path", b"").decode("latin-1").removeprefix("/id/")
        return {"paths": list(dict.fromkeys((sent, unquote(sent))))}
    return {}
