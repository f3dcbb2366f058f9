"""Pages in two languages side by side: the tags around each sentence as single marks while a page is parsed.

Three of four events of such a page are the tags that hold a sentence and its English together. A mark in the place
of each lets the parser give a paragraph as one text. It is a sign of punctuation, as are the ends of the tags it
stands for, so emphasis begins and ends beside it as beside them; what else could be read otherwise, the caller finds
where a mark comes back as anything but text, or is told here not to try.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from kg.documents.inline import Event

MARK: Final = "^"
PAIR_BEGINS: Final = '<span data-ttu-id="'

OPENS: Final = {"Native": 1, "English": 1, "/Pair": -2}
"""How many more spans are open after each kind of event that a mark stands for."""

_PAIR: Final = list(OPENS)
# A tag alone on its line may begin a block of raw HTML, which a mark would not.
_TAGS = re.compile(
    r'<(?:span data-ttu-id="([\w.-]+)">(?![ \t]*$)'
    r'|/span>(?:<span class="sxs-lookup"><span data-stu-id="([\w.-]+)">|</span>))',
    re.MULTILINE,
)
# Escaped tags, definitions of links, comments and declarations: what begins there may end within a tag.
_BETTER_LEFT: Final = ("]:", "<!", "<?", f"\\{MARK}")


# A sentence with a link, or some emphasis, on each side.
_FRAMED: Final[Mapping[tuple[str, ...], str]] = {
    ("Marked", name, "Text", f"/{name}", "Marked", name, "Text", f"/{name}", "Marked"): name
    for name in ("Link", "Strong", "Emphasis")
}
_FRAMED_SIZE: Final = 9


class Framed(NamedTuple):
    """A sentence pair of which each side is words, an element with words in it, and words, some of them empty.

    `element` is `Link`, `Strong` or `Emphasis`; `href` and `begins` are of the English one: where a link leads and
    where it begins (byte offset), as `offset` is where the pair does.
    """

    id: str
    offset: int
    element: str
    native: tuple[str, str, str]
    english: tuple[str, str, str]
    href: str
    begins: int


class Tags:
    """What the marks of a page stand for, in their order: kinds of events, and the ids of sentences."""

    def __init__(self, kinds: Sequence[str] = (), ids: Sequence[str] = ()) -> None:
        self._kinds = kinds
        self._ids = ids
        self._next = 0

    @property
    def used(self) -> bool:
        """Whether every mark came back."""
        return self._next == len(self._kinds)

    def sentences(self, text: str) -> Iterable[tuple[str, str, str]] | None:
        """Return id, translation and English of each sentence of a text, None where it is not made of pairs alone."""
        parts = text.split(MARK)
        start, end = self._next, self._next + len(parts) - 1
        natives, english = parts[1::3], parts[2::3]
        ids = self._ids[start:end:3]
        if (
            "".join(parts[::3]).strip()
            or self._kinds[start:end] != _PAIR * len(english)
            or ids != self._ids[start + 1 : end : 3]
            or "" in natives
            or "" in english
        ):
            return None
        self._next = end
        return zip(ids, natives, english, strict=True)

    def sentence(self, text: str) -> tuple[str, str, str] | None:
        """Return id, translation and English of a text that is one sentence pair with words on both sides, else None."""
        if text.count(MARK) != len(_PAIR) or text[0] != MARK or text[-1] != MARK:
            return None
        start = self._next
        pairs = self.sentences(text)
        for identifier, native, english in pairs or ():
            if native.strip() and english.strip():
                return identifier, native, english
        self._next = start
        return None

    def framed(self, events: Sequence[Event]) -> Framed | None:
        """Return the one sentence pair that events are where each side holds a single element, else None."""
        if len(events) != _FRAMED_SIZE:
            return None
        element = _FRAMED.get(tuple([kind for kind, _, _ in events]))
        if element is None:
            return None
        (
            (_, opening, offset),
            _,
            (_, inner, _),
            _,
            (_, middle, _),
            second,
            (_, other, _),
            _,
            (_, closing, _),
        ) = events
        start, after_all = self._next, self._next + len(_PAIR)
        before, _, rest = opening.partition(MARK)
        native_after, _, english_before = middle.partition(MARK)
        if (
            before
            or not closing.endswith(MARK)
            or f"{rest}{middle}{closing}".count(MARK) != 2
            or self._kinds[start:after_all] != _PAIR
            or self._ids[start] != self._ids[start + 1]
            or not (inner.strip() and other.strip())
            or "INCLUDE" in f"{rest}{english_before}".upper()
        ):
            return None
        self._next = after_all
        native, english = (rest, inner, native_after), (english_before, other, closing[:-1])
        return Framed(self._ids[start], offset, element, native, english, *second[1:])

    def events(self, text: str, offset: int) -> list[Event]:
        """Return a text with marks as events; see `kg.documents.inline.Event`."""
        first, *others = text.split(MARK)
        found: list[Event] = [("Text", first, offset)] if first else []
        start, end = self._next, self._next + len(others)
        for kind, identifier, other in zip(self._kinds[start:end], self._ids[start:end], others, strict=True):
            found.append((kind, identifier, offset))
            if other:
                found.append(("Text", other, offset))
        self._next = end
        return found


def marked(body: str) -> tuple[str, Tags]:
    """Return a page with marks for tags, and what they stand for; the page as it is where that may mislead."""
    if PAIR_BEGINS not in body or MARK in body:
        return body, Tags()
    found = _TAGS.split(body)
    page = MARK.join(found[::3])
    if any(map(page.__contains__, _BETTER_LEFT)):
        return body, Tags()
    natives, english = found[1::3], found[2::3]
    kinds = [
        "Native" if native else "English" if other else "/Pair"
        for native, other in zip(natives, english, strict=True)
    ]
    return page, Tags(kinds, [native or other or "" for native, other in zip(natives, english, strict=True)])
