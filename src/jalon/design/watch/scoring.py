"""How much an item weighs as an opportunity and as a risk: 0 to 3 on each axis, by open rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jalon.catalogues.watch_words import Axis, Side, WordGroup, word_groups
from jalon.design.spec.watch import Decision, Weight
from jalon.design.spec.watched import WatchItem
from jalon.design.watch.likeness import tokens
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text

MOST = 3
Reason = Text | Wording


@dataclass(frozen=True)
class Score:
    """`opportunity` and `risk` by axis, with what made them. `by_hand`: somebody changed one."""

    opportunity: Mapping[Axis, int]
    risk: Mapping[Axis, int]
    reasons: Sequence[Reason] = ()
    by_hand: bool = False

    @property
    def weight(self) -> int:
        """By which items are ordered: the worst risk first, then the sum of everything."""
        return (
            100 * max(self.risk.values())
            + sum(self.risk.values()) * 3
            + sum(self.opportunity.values())
        )


def score(item: WatchItem, decision: Decision | None = None) -> Score:
    """Groups of words that the item has, its CVSS severity and whether it is exploited; then what
    was decided by hand."""
    said = f" {' '.join(tokens(f'{item.title} {item.text}'))} "
    levels = {side: dict.fromkeys(Axis, 0) for side in Side}
    reasons: list[Reason] = []
    for group, plain in _groups():
        if any(f" {word} " in said for word in plain):
            found = levels[group.side]
            found[group.axis] = min(MOST, found[group.axis] + 1)
            reasons.append(group.name)
    if item.cvss is not None:
        level = 3 if item.cvss >= 9 else 2 if item.cvss >= 7 else 1 if item.cvss > 0 else 0
        risk = levels[Side.RISK]
        risk[Axis.SECURITY] = max(risk[Axis.SECURITY], level)
        reasons.append(Text(N_("CVSS {score}"), {"score": f"{item.cvss:g}"}))
    if item.exploited:
        levels[Side.RISK][Axis.SECURITY] = MOST
        reasons.append(Text(N_("known to be exploited")))
    by_hand = False
    if decision is not None:
        changed = [
            _by_hand(levels[Side.OPPORTUNITY], decision.opportunity),
            _by_hand(levels[Side.RISK], decision.risk),
        ]
        by_hand = any(changed)
    return Score(levels[Side.OPPORTUNITY], levels[Side.RISK], tuple(reasons), by_hand)


def _by_hand(levels: dict[Axis, int], weight: Weight) -> bool:
    given = {
        Axis.PERFORMANCE: weight.performance,
        Axis.SECURITY: weight.security,
        Axis.CONFORMITY: weight.conformity,
    }
    chosen = {axis: value for axis, value in given.items() if value is not None}
    levels.update(chosen)
    return bool(chosen)


@cache
def _groups() -> list[tuple[WordGroup, list[str]]]:
    return [(one, [" ".join(tokens(word)) for word in one.words]) for one in word_groups()]
