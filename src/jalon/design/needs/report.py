"""Everything that is said of needs, beside what it is said of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.needs.checks import check
from jalon.vocab.finding import Remark, Severity

_ORDER = list(Severity)


@dataclass(frozen=True, slots=True)
class Beside:
    """Remarks by the file's part, the list in it and the place in that list, the worst first.
    `elsewhere` are those about no entry."""

    by_entry: Mapping[tuple[str, str, int], Sequence[Remark]] = field(default_factory=dict)
    elsewhere: Sequence[Remark] = ()

    def of(self, part: str, listed: str, index: int) -> Sequence[Remark]:
        """What is said of that entry."""
        return self.by_entry.get((part, listed, index), ())

    @property
    def count(self) -> int:
        """How many there are in all."""
        return len(self.elsewhere) + sum(map(len, self.by_entry.values()))


def beside(blueprint: Blueprint, today: date) -> Beside:
    """The remarks of `check`."""
    by_entry: dict[tuple[str, str, int], list[Remark]] = defaultdict(list)
    elsewhere = []
    for remark in sorted(check(blueprint, today), key=lambda one: _ORDER.index(one.severity)):
        path = remark.at.path
        if len(path) > 1 and isinstance(path[0], str) and isinstance(path[1], int):
            by_entry[remark.at.part, path[0], path[1]].append(remark)
        else:
            elsewhere.append(remark)
    return Beside(dict(by_entry), tuple(elsewhere))
