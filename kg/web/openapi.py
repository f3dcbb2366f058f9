"""The OpenAPI document of the service, made from the saved questions and the other places."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import kg
from kg import jsonld
from kg.queries import questions
from kg.web import negotiation, problems
from kg.web.places import (
    CONTEXT,
    DESCRIBE,
    HEALTH,
    METRICS,
    OPENAPI,
    PLACES,
    STATEMENTS,
    Input,
    Place,
    of_question,
)
from kg.web.tasks import Answer

_PROBLEMS = {
    "400": "Something is wrong with what was asked.",
    "403": "It asks for what is not allowed, such as an update.",
    "404": "There is no such thing; `nearest` has the names that come closest.",
    "406": "It is answered in none of the media types asked for.",
    "413": "The answer or the request is too long.",
    "414": "The URL is too long.",
    "415": "The request is of a media type that is not taken.",
    "421": "This server does not go by that name.",
    "503": "The server has too much to do, or the answer took too long.",
    "507": "The answer needs more memory than it may take.",
}
_COMMON = ("400", "404", "406", "413", "414", "421", "503", "507")
_OF_SERVER = ("400", "406", "414", "421", "503")
_CELL = {"type": ["string", "number", "boolean", "null"]}
_ROW = {"type": "object", "additionalProperties": _CELL}
_SPARQL_FORMS = (
    *negotiation.TABLES,
    *(each for each in negotiation.TRIPLES if each not in negotiation.TABLES),
)


@cache
def document() -> dict[str, Any]:
    """Return the document."""
    asked = [(of_question(each), each.tags, dict(each.columns)) for each in questions().values()]
    paths = {place.path: {"get": _operation(place, ("graph",))} for place in (*PLACES, DESCRIBE)}
    paths |= {place.path: {"get": _operation(place, tags, columns)} for place, tags, columns in asked}
    paths |= {
        place.path: {"get": _operation(place, ("server",))} for place in (HEALTH, METRICS, CONTEXT, OPENAPI)
    }
    paths["/sparql"] = _sparql()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Compliance knowledge graph",
            "version": kg.__version__,
            "description": "Saved questions, search, lists of controls and SPARQL over a compliance knowledge graph."
            " Read-only. Every answer comes from one graph, whose hash is in x-graph-sha256.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": name} for name in sorted({"graph", "server", *(t for _, tags, _ in asked for t in tags)})
        ],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": {"Problem": _problem_schema()}, "responses": _problem_responses()},
    }


def answer(known: str) -> Answer:
    """Return the document as an answer, 304 where the client knows this one already."""
    return _unless_known(_written(), OPENAPI, known)


def context(known: str) -> Answer:
    """Return the context of JSON-LD in the same way."""
    return _unless_known(_context(), CONTEXT, known)


def _unless_known(body: bytes, place: Place, known: str) -> Answer:
    tag = f'"{hashlib.blake2s(body, digest_size=16).hexdigest()}"'
    headers = (("etag", tag), ("cache-control", "no-cache"))
    if tag in known:
        return Answer(304, "", b"", headers)
    (media_type,) = place.forms.values()
    return Answer(200, media_type, body, headers)


@cache
def _written() -> bytes:
    return json.dumps(document(), ensure_ascii=False, indent=1).encode() + b"\n"


@cache
def _context() -> bytes:
    return jsonld.written().encode()


def _operation(place: Place, tags: Iterable[str], columns: Mapping[str, str] | None = None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": place.path.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "root",
        "summary": place.summary,
        "tags": list(tags),
        "parameters": [_parameter(each) for each in place.inputs],
        "responses": {"200": _found(place, columns), "304": {"description": "The client has it already."}},
    }
    if place.about:
        said["description"] = place.about
    if "{path}" in place.path:
        path = {"type": "string", "minLength": 1, "maxLength": 500}
        said["parameters"].append(
            {"name": "path", "in": "path", "required": True, "schema": path, "example": "standard/mars-e-2.0"}
        )
    if len(place.forms) > 1:
        forms = {"type": "string", "enum": list(place.forms)}
        said["parameters"].append(
            {
                "name": "format",
                "in": "query",
                "required": True,
                "schema": forms,
                "description": "the suffix of the file",
            }
            if place.by_name
            else {
                "name": "format",
                "in": "query",
                "schema": forms,
                "description": "instead of an Accept header",
            }
        )
    codes = _COMMON if place.kind else _OF_SERVER
    said["responses"] |= {code: {"$ref": f"#/components/responses/{code}"} for code in codes}
    return said


def _parameter(wanted: Input) -> dict[str, Any]:
    if wanted.is_number:
        schema: dict[str, Any] = {"type": "integer", "minimum": wanted.least, "maximum": wanted.most}
    else:
        schema = {"type": "string", "minLength": int(wanted.required), "maxLength": wanted.longest}
    if wanted.many:
        schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": 20}
    said: dict[str, Any] = {
        "name": wanted.name, "in": "query", "required": wanted.required, "description": wanted.about,
        "schema": schema,
    }  # fmt: skip
    if wanted.example:
        said["example"] = [wanted.example] if wanted.many else wanted.example
    return said


def _found(place: Place, columns: Mapping[str, str] | None) -> dict[str, Any]:
    row: dict[str, Any] = _ROW
    if columns is not None:
        described = {name: {**_CELL, "description": about} for name, about in columns.items()}
        row = {"type": "object", "properties": described, "required": list(columns)}
    content: dict[str, Any] = {}
    rows = {"type": "array", "items": row}
    for form, media_type in place.forms.items():
        schema: dict[str, Any] = {} if media_type.endswith("json") else {"type": "string"}
        if "oscal" in place.forms and media_type.endswith("json"):
            schema = {"anyOf": [rows, {"type": "object"}]}
        elif "csv" in place.forms and form == "json":
            schema = rows
        content[media_type] = {"schema": schema}
    return {"description": "What was asked for.", "content": content}


def _sparql() -> dict[str, Any]:
    text = {"type": "string"}
    takes = {
        "query": ("a SPARQL 1.1 query; without one, the service is described", text),
        "default-graph-uri": ("graphs united as the default graph", {"type": "array", "items": text}),
        "named-graph-uri": ("named graphs", {"type": "array", "items": text}),
        "format": ("instead of an Accept header", {"type": "string", "enum": list(negotiation.FORMATS)}),
        "timeout": ("seconds, fewer than the server allows", {"type": "number", "exclusiveMinimum": 0}),
    }
    forms = dict.fromkeys((*_SPARQL_FORMS, *STATEMENTS.values()))
    found: dict[str, Any] = {
        "description": "The answer.",
        "content": {form: {"schema": {}} for form in forms},
    }
    codes = ("400", "403", "406", "413", "414", "421", "503", "507")
    answers = {"200": found, **{code: {"$ref": f"#/components/responses/{code}"} for code in codes}}
    form: dict[str, Any] = {
        "type": "object",
        "properties": {name: schema for name, (_, schema) in takes.items()},
        "required": ["query"],
    }
    posted = {
        "application/x-www-form-urlencoded": {"schema": form},
        "application/sparql-query": {"schema": text},
    }
    unlike = {"415": {"$ref": "#/components/responses/415"}}
    return {
        "get": {
            "operationId": "sparql-get", "summary": "Any query (SPARQL 1.1 Protocol)", "tags": ["graph"],
            "parameters": [
                {"name": name, "in": "query", "description": about, "schema": schema}
                for name, (about, schema) in takes.items()
            ],
            "responses": {**answers, "304": {"description": "The client has it already."}},
        },
        "post": {
            "operationId": "sparql-post", "summary": "Any query, however long", "tags": ["graph"],
            "requestBody": {"required": True, "content": posted},
            "responses": {**answers, **unlike},
        },
    }  # fmt: skip


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "RFC 9457",
        "required": ["title", "status", "detail"],
        "properties": {
            "title": text, "status": {"type": "integer"}, "detail": text, "hint": text,
            "line": {"type": "integer"}, "column": {"type": "integer"},
            "nearest": {"type": "array", "items": text},
        },
    }  # fmt: skip


def _problem_responses() -> dict[str, Any]:
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": about, "content": content} for code, about in _PROBLEMS.items()}
