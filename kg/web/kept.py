"""Answers that were given, kept until the graph changes: the same question has the same answer until then."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

SIZE = 8_000_000
_LARGEST = SIZE // 16


class _Sized(Protocol):
    @property
    def graph(self) -> str: ...
    @property
    def body(self) -> bytes: ...


_A = TypeVar("_A", bound=_Sized)


class Kept(Generic[_A]):
    """The answers asked for last, in a bounded number of bytes; those of one graph at a time."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, _A] = OrderedDict()
        self._graph = ""
        self._size = 0
        self.hits = 0

    def get(self, graph: str, mark: Hashable) -> _A | None:
        """Return the answer kept under a mark, if it is one of this graph."""
        found = self._answers.get(mark) if graph == self._graph else None
        if found is not None:
            self._answers.move_to_end(mark)
            self.hits += 1
        return found

    def put(self, mark: Hashable, answer: _A) -> None:
        """Keep an answer; those that were not asked for longest make room."""
        if answer.graph != self._graph:
            self._answers.clear()
            self._graph, self._size = answer.graph, 0
        if len(answer.body) > _LARGEST or mark in self._answers:
            return
        self._answers[mark] = answer
        self._size += _cost(answer)
        while self._size > SIZE:
            self._size -= _cost(self._answers.popitem(last=False)[1])


def _cost(answer: _Sized) -> int:
    return len(answer.body) + 1000  # what an answer takes beside its body
