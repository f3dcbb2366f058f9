"""The fewest sets that together hold what is wanted: offerings for services, lists or controls for controls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg import controls
from kg.control_lists import ControlSet
from kg.controls import Answers
from kg.crosswalk import EQUAL, EQUIVALENT, SUBSET
from kg.errors import QueryError
from kg.network.scopes import listed
from kg.network.statements import labels
from kg.queries import Table

_STEPS = 50_000  # of the exact search; what takes more is answered by the greedy one, and said to be
_HEADER = ("step", "chosen", "chosenLabel", "adds", "covered", "total", "uncoverable", "optimal", "bound")
_COVERS = {EQUAL, EQUIVALENT, SUBSET}


@dataclass(frozen=True, slots=True)
class Cover:
    """Sets that hold all that can be held, by name, the one that adds most first.

    `uncoverable` is what no set holds. `optimal` tells that fewer would not do; if they might, `bound` says how
    many times the fewest these are at most.
    """

    chosen: tuple[str, ...]
    uncoverable: frozenset[str]
    optimal: bool
    bound: float


def minimum(wanted: Iterable[str], sets: Mapping[str, frozenset[str]], *, steps: int = _STEPS) -> Cover:
    """Return the fewest sets that hold what is wanted, as far as any holds it.

    The greedy choice (V. Chvátal, A Greedy Heuristic for the Set-Covering Problem, Mathematics of Operations
    Research 4(3), 1979) is at most H(d) ≤ 1 + ln d times the fewest, d being the size of the largest set. A search by
    branch and bound over the item that fewest sets hold then looks for fewer, for so many `steps`; where it ends
    before, the answer is the fewest. Of equally good sets the first name is taken.
    """
    goal = frozenset(wanted)
    useful = {name: held & goal for name, held in sorted(sets.items()) if held & goal}
    reached = frozenset().union(*useful.values())
    greedy = _greedy(reached, useful)
    best, proven = _Search(_undominated(useful), greedy, steps).run(reached)
    largest = max((len(held) for held in useful.values()), default=1)
    harmonic = math.fsum(1 / size for size in range(1, largest + 1))
    return Cover(
        chosen=_by_gain(best, useful),
        uncoverable=goal - reached,
        optimal=proven,
        bound=1.0 if proven else round(harmonic, 4),
    )


def _greedy(goal: frozenset[str], sets: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    left, chosen = set(goal), []
    while left:
        name = max(sets, key=lambda each: len(sets[each] & left))  # the first of the largest
        left -= sets[name]
        chosen.append(name)
    return tuple(chosen)


def _by_gain(chosen: Sequence[str], sets: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return sets so that each adds as much as any of those after it could."""
    left, order, seen = sorted(chosen), list[str](), set[str]()
    while left:
        name = max(left, key=lambda each: len(sets[each] - seen))
        left.remove(name)
        seen |= sets[name]
        order.append(name)
    return tuple(order)


def _undominated(sets: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return those sets that lie in no other; of equal ones the first."""
    kept: dict[str, frozenset[str]] = {}
    for name in sorted(sets, key=lambda each: (-len(sets[each]), each)):
        if not any(sets[name] <= held for held in kept.values()):
            kept[name] = sets[name]
    return kept


class _Search:
    """Branch and bound for the fewest sets, from a cover that is known; ends after so many steps."""

    def __init__(self, sets: Mapping[str, frozenset[str]], known: tuple[str, ...], steps: int) -> None:
        self._sets = sets
        self._best = known
        self._left = steps
        self._holders: dict[str, list[str]] = {}
        for name, held in sets.items():
            for item in held:
                self._holders.setdefault(item, []).append(name)

    def run(self, goal: frozenset[str]) -> tuple[tuple[str, ...], bool]:
        """Return the best cover found, and whether no other can be smaller."""
        # An explicit stack: as deep as sets are chosen, which recursion would not bear in long lists.
        stack: list[tuple[tuple[str, ...], frozenset[str]]] = [((), goal)]
        while stack:
            if self._left <= 0:
                return self._best, False
            self._left -= 1
            chosen, open_items = stack.pop()
            if not open_items:
                if len(chosen) < len(self._best):
                    self._best = chosen
                continue
            if len(chosen) + self._at_least(open_items) >= len(self._best):
                continue
            item = min(open_items, key=lambda each: (len(self._holders[each]), each))
            options = sorted(
                self._holders[item], key=lambda name: (len(self._sets[name] & open_items), name), reverse=True
            )
            stack += [((*chosen, name), open_items - self._sets[name]) for name in reversed(options)]
        return self._best, True

    def _at_least(self, open_items: frozenset[str]) -> int:
        """Return how many more sets are needed in any case: items that no set holds two of."""
        needed, left = 0, set(open_items)
        for item in sorted(open_items, key=lambda each: (len(self._holders[each]), each)):
            if item in left:
                needed += 1
                for name in self._holders[item]:
                    left -= self._sets[name]
        return needed


def cover(
    graph: Answers, *wanted: str, by: str | None = None, services: bool = False, steps: int = _STEPS
) -> Table:
    """Return the fewest things that together cover what is wanted, one a row, the one that adds most first.

    With `services`, or with nothing wanted, offerings that list the services wanted (all that any lists);
    else lists of controls that cover those of the one list wanted, or, with `by` a list, the controls of that one.
    A control covers another that it is, equals or contains by a stated or derived mapping; the
    wanted list itself, and the catalogs it selects from, do not count. Columns: step, chosen, chosenLabel, adds, covered (so far), total (what is
    wanted), uncoverable (what nothing covers), optimal (whether fewer cannot do), bound (how many times the fewest
    these are at most). See `minimum` for the method. QueryError for more than one list.
    """
    if services or not wanted:
        goal, sets = _offerings(graph, wanted)
    elif len(wanted) > 1:
        raise QueryError(
            "one list of controls is covered at a time", hint="or name services, with --services"
        )
    else:
        goal, sets = _lists(graph, wanted[0]) if by is None else _controls(graph, wanted[0], by)
    found = minimum(goal, sets, steps=steps)
    names = labels(graph, found.chosen)
    rows, seen = [], set[str]()
    for step, name in enumerate(found.chosen, 1):
        adds = (sets[name] & goal) - seen
        seen |= adds
        rows.append(
            (
                step,
                ox.NamedNode(name),
                names.get(name),
                len(adds),
                len(seen),
                len(goal),
                len(found.uncoverable),
                found.optimal,
                found.bound,
            )
        )
    return Table.of(_HEADER, rows)


Problem = tuple[frozenset[str], dict[str, frozenset[str]]]


def _offerings(graph: Answers, wanted: Sequence[str]) -> Problem:
    """Return the services wanted, all that any lists without some, and what each offering lists."""
    sets = listed(graph)
    if wanted:
        return frozenset(graph.words.resolve(name, "ckg:CloudService").value for name in wanted), sets
    return frozenset().union(*sets.values()), sets


def _lists(graph: Answers, wanted: str) -> Problem:
    """Return the controls of a list, and which of them each other list covers.

    A catalog that the list selects from is no other list: it holds them in any case.
    """
    iri, goal = _members(graph, wanted)
    lists = {each: graph.lists.members(ControlSet(each, is_baseline=True)) for each in graph.lists.baselines}
    for each in graph.lists.editions:
        members = graph.lists.members(ControlSet(each, is_baseline=False))
        if not members & goal:
            lists[each] = members
    lists.pop(iri, None)
    coverers = _coverers(graph, goal, frozenset().union(*lists.values()))
    return goal, {
        each: frozenset(control for control in goal if coverers[control] & members)
        for each, members in lists.items()
    }


def _controls(graph: Answers, wanted: str, by: str) -> Problem:
    """Return the controls of a list, and which of them each control of another covers."""
    _, goal = _members(graph, wanted)
    _, others = _members(graph, by)
    sets: dict[str, set[str]] = {}
    for control, found in _coverers(graph, goal, others).items():
        for each in found:
            sets.setdefault(each, set()).add(control)
    return goal, {each: frozenset(covered) for each, covered in sets.items()}


def _members(graph: Answers, name: str) -> tuple[str, frozenset[str]]:
    iri = controls.list_of(graph, name)
    return iri, graph.lists.members(controls.control_set(iri))


def _coverers(graph: Answers, goal: frozenset[str], others: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return those of other controls that cover each control of a list."""
    return {
        control: frozenset({control} & others) | {each.control for each in found if each.relation in _COVERS}
        for control, found in graph.lists.counterparts(sorted(goal), others).items()
    }
