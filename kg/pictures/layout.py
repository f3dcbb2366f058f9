"""Where boxes of a network stand: near what they are tied to, none upon another, the same each time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import networkx as nx

Point = tuple[float, float]

_SEED = 0
_ROUNDS = 400
_ROOM, _MORE = (
    2.2,
    0.09,
)  # how many times the area of the boxes they are given, and how much more for each box
_EVEN = 0.6  # how far towards equal distances
_LANDSCAPE = 1.5  # width to height
_APART_X, _APART_Y = 0.22, 0.26  # between boxes, in inches
_BENDS = (0.0, 0.14, -0.14, 0.28, -0.28, 0.42, -0.42)
_SAMPLES = 24


def placed(network: nx.Graph, sizes: Mapping[str, Point]) -> dict[str, Point]:
    """Return the middle of each node's box, given the boxes' widths and heights; all in inches from (0, 0).

    Each connected part is laid out by springs (T. M. J. Fruchterman and E. M. Reingold, Graph Drawing by Force-directed
    Placement, Software: Practice and Experience 21(11), 1991) from a fixed beginning, its boxes are then pushed
    apart, and the parts are set in rows, the largest first.
    """
    parts = sorted(nx.connected_components(network), key=lambda part: (-len(part), min(part)))
    laid = [_laid(network.subgraph(part), sizes) for part in parts]
    wide = max((_extent(part, sizes)[0] for part in laid), default=0.0)
    found: dict[str, Point] = {}
    x = y = high = 0.0
    for part in laid:
        width, height = _extent(part, sizes)
        if x and x + width > wide * 1.02:
            x, y, high = 0.0, y + high + 2 * _APART_Y, 0.0
        found |= {node: (x + at[0], y + at[1]) for node, at in part.items()}
        x, high = x + width + 2 * _APART_X, max(high, height)
    return found


def _laid(network: nx.Graph, sizes: Mapping[str, Point]) -> dict[str, Point]:
    """Return one part, its upper left corner at (0, 0)."""
    ordered = nx.Graph()
    ordered.add_nodes_from(sorted(network))
    ordered.add_edges_from(sorted(tuple(sorted(edge)) for edge in network.edges if edge[0] != edge[1]))
    nodes = list(ordered)
    if len(nodes) == 1:
        positions = {nodes[0]: (0.0, 0.0)}
    else:
        area = (_ROOM + _MORE * len(nodes)) * sum(
            (sizes[node][0] + _APART_X) * (sizes[node][1] + _APART_Y) for node in nodes
        )
        high = (area / _LANDSCAPE) ** 0.5
        sprung = nx.spring_layout(ordered, seed=_SEED, iterations=_ROUNDS, k=1.6 / len(nodes) ** 0.5)
        level = _level({node: (float(at[0]), float(at[1])) for node, at in sprung.items()})
        across, down = (_spread({node: at[axis] for node, at in level.items()}) for axis in (0, 1))
        positions = {node: (across[node] * high * _LANDSCAPE, down[node] * high) for node in nodes}
    apart = _pushed_apart(positions, sizes)
    left = min(apart[node][0] - sizes[node][0] / 2 for node in nodes)
    top = min(apart[node][1] - sizes[node][1] / 2 for node in nodes)
    return {node: (at[0] - left, at[1] - top) for node, at in apart.items()}


def _level(positions: Mapping[str, Point]) -> dict[str, Point]:
    """Return positions about their middle, turned so that they extend furthest from left to right."""
    count = len(positions)
    x, y = (math.fsum(at[axis] for at in positions.values()) / count for axis in (0, 1))
    xx, yy, xy = (
        math.fsum((at[one] - middle[one]) * (at[other] - middle[other]) for at in positions.values())
        for middle in ((x, y),)
        for one, other in ((0, 0), (1, 1), (0, 1))
    )
    turn = math.atan2(2 * xy, xx - yy) / 2
    cos, sin = math.cos(turn), math.sin(turn)
    return {
        node: ((at[0] - x) * cos + (at[1] - y) * sin, (at[1] - y) * cos - (at[0] - x) * sin)
        for node, at in positions.items()
    }


def _spread(places: Mapping[str, float]) -> dict[str, float]:
    """Return places between 0 and 1 in the same order, drawn towards equal distances so that no room is left empty."""
    order = sorted(places, key=lambda node: (round(places[node], 6), node))
    low, high = places[order[0]], places[order[-1]]
    return {
        node: (1 - _EVEN) * (places[node] - low) / ((high - low) or 1.0) + _EVEN * rank / (len(order) - 1)
        for rank, node in enumerate(order)
    }


def _pushed_apart(positions: Mapping[str, Point], sizes: Mapping[str, Point]) -> dict[str, Point]:
    """Return positions moved until no two boxes touch, each pair along the side on which they overlap less."""
    at = {node: list(point) for node, point in positions.items()}
    for _ in range(_ROUNDS):
        moved = False
        for one, other in combinations(sorted(at), 2):
            dx, dy = at[other][0] - at[one][0], at[other][1] - at[one][1]
            over_x = (sizes[one][0] + sizes[other][0]) / 2 + _APART_X - abs(dx)
            over_y = (sizes[one][1] + sizes[other][1]) / 2 + _APART_Y - abs(dy)
            if over_x <= 1e-6 or over_y <= 1e-6:
                continue
            moved = True
            axis, over, away = (0, over_x, dx) if over_x < over_y else (1, over_y, dy)
            step = (over / 2 + 1e-3) * (1 if away >= 0 else -1)
            at[one][axis] -= step
            at[other][axis] += step
        if not moved:
            break
    return {node: (point[0], point[1]) for node, point in at.items()}


def _extent(part: Mapping[str, Point], sizes: Mapping[str, Point]) -> Point:
    return (
        max(at[0] + sizes[node][0] / 2 for node, at in part.items()),
        max(at[1] + sizes[node][1] / 2 for node, at in part.items()),
    )


def bend(
    start: str, end: str, at: Mapping[str, Point], sizes: Mapping[str, Point], taken: Sequence[float]
) -> float:
    """Return how much to bend the line from one box to another, so that it crosses the fewest boxes between.

    Of bends not `taken` by another line between the two the slightest; the measure is matplotlib's `rad` of `arc3`.
    """
    free = [each for each in _BENDS if each not in taken] or [_BENDS[-1] * (1 + len(taken) / 4)]
    others = [node for node in at if node not in {start, end}]
    return min(
        free, key=lambda each: (_crossed(at[start], at[end], each, others, at, sizes), abs(each), each)
    )


def _crossed(
    start: Point,
    end: Point,
    rad: float,
    others: Sequence[str],
    at: Mapping[str, Point],
    sizes: Mapping[str, Point],
) -> int:
    dx, dy = end[0] - start[0], end[1] - start[1]
    # As matplotlib bends where y grows downwards.
    control = ((start[0] + end[0]) / 2 - rad * dy, (start[1] + end[1]) / 2 + rad * dx)
    points = []
    for step in range(1, _SAMPLES):
        share = step / _SAMPLES
        points.append(
            tuple(
                (1 - share) ** 2 * start[axis]
                + 2 * share * (1 - share) * control[axis]
                + share**2 * end[axis]
                for axis in (0, 1)
            )
        )
    return sum(
        any(
            abs(x - at[node][0]) < sizes[node][0] / 2 + 0.03
            and abs(y - at[node][1]) < sizes[node][1] / 2 + 0.03
            for x, y in points
        )
        for node in others
    )
