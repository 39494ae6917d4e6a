"""Which column each part belongs to: data goes from left to right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence


def columns(nodes: Sequence[str], roads: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Ends of a road are never in one column; a road that would close a circle counts as turned
    round. What nothing leads to stands just before what it leads to."""
    out: dict[str, set[str]] = defaultdict(set)
    for near, far in roads:
        if near != far:
            if _leads(out, far, near):
                near, far = far, near
            out[near].add(far)
    place = dict.fromkeys(nodes, 0)
    for node in _sorted(nodes, out):
        for far in out[node]:
            place[far] = max(place[far], place[node] + 1)
    entered = {far for ends in out.values() for far in ends}
    for node in nodes:
        if node not in entered and out[node]:
            place[node] = min(place[far] for far in out[node]) - 1
    return place


def _leads(out: dict[str, set[str]], start: str, end: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        if node == end:
            return True
        fresh = out[node] - seen
        seen |= fresh
        waiting += fresh
    return False


def _sorted(nodes: Sequence[str], out: dict[str, set[str]]) -> list[str]:
    """Each before what it leads to."""
    missing = dict.fromkeys(nodes, 0)
    for ends in list(out.values()):
        for far in ends:
            missing[far] += 1
    row = [node for node in nodes if not missing[node]]
    done: list[str] = []
    while row:
        node = row.pop(0)
        done.append(node)
        for far in sorted(out[node]):
            missing[far] -= 1
            if not missing[far]:
                row.append(far)
    return done
