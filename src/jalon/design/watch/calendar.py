"""The days that matter to this solution: when obligations begin, and what else ends or begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from jalon.catalogues.regulations import LawStatus
from jalon.catalogues.watch_calendar import calendar_events
from jalon.design.blueprint import Blueprint
from jalon.design.duties.facts import facts
from jalon.design.duties.obligations import Applies, obligations
from jalon.design.watch.likeness import named
from jalon.design.watch.matching import technologies
from jalon.vocab.entries import Wording

_LOOK_BACK_DAYS = 365


@dataclass(frozen=True, slots=True)
class Milestone:
    """`days` counts from today, negative when it is past, None while the day is open. `sure`:
    whether it is known to concern the solution, or only cannot be excluded."""

    id: str
    name: Wording
    reference: str | Wording
    on: date | None
    days: int | None
    status: LawStatus
    sure: bool
    to_check: Wording | None = None


@lru_cache(maxsize=4)
def milestones(blueprint: Blueprint, today: date) -> Sequence[Milestone]:
    """Those to come, and those of the last year, in their order; open ones last."""
    found = [*_beginnings(blueprint, today), *_events(blueprint, today)]
    recent = [one for one in found if one.days is None or one.days >= -_LOOK_BACK_DAYS]
    return tuple(sorted(recent, key=lambda one: (one.on is None, one.on or today, one.id)))


def _beginnings(blueprint: Blueprint, today: date) -> list[Milestone]:
    return [
        Milestone(
            duty.id,
            duty.name,
            duty.article,
            duty.since,
            None if duty.since is None else (duty.since - today).days,
            duty.law,
            duty.applies is Applies.YES,
            duty.to_check,
        )
        for duty in obligations(blueprint, today)
        if duty.applies is not Applies.NO and (duty.since or duty.law is LawStatus.PROPOSAL)
    ]


def _events(blueprint: Blueprint, today: date) -> list[Milestone]:
    known = facts(blueprint)
    said = " , ".join(technologies(blueprint))
    found = []
    for one in calendar_events():
        values = [known[name].value for name in one.about if name in known]
        there = bool(named(one.words, said))
        if there or any(value is not False for value in values):
            days = None if one.day is None else (one.day - today).days
            sure = there or True in values
            found.append(
                Milestone(
                    one.id, one.name, one.reference, one.day, days, one.status, sure, one.to_check
                )
            )
    return found
