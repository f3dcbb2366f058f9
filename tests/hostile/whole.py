"""Whether an answer with a good status is whole: read by a parser of its media type."""

from __future__ import annotations

import pyoxigraph as ox

from tests.serving import Reply


def is_whole(reply: Reply) -> bool:
    """Whether a body is what its media type says, from its first sign to its last."""
    try:
        form = ox.QueryResultsFormat.from_media_type(reply.media_type)
        if form is not None:
            found = ox.parse_query_results(reply.body, format=form)
            if isinstance(found, ox.QuerySolutions):
                list(found)
            return True
        syntax = ox.RdfFormat.from_media_type(reply.media_type)
        if syntax is None:
            return False
        list(ox.parse(reply.body, syntax))
    except (SyntaxError, ValueError):
        return False
    return True
