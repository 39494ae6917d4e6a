"""Which obligations apply, which facts decide it, and how far each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from jalon.catalogues.regulations import (
    BEARER_WORDS,
    Condition,
    LawStatus,
    Obligation,
    Regulation,
    regulations,
)
from jalon.design.blueprint import Blueprint
from jalon.design.duties.facts import Fact, facts
from jalon.design.spec.regulation import Duty, DutyStatus, OwnObligation
from jalon.design.spec.tests import Verdict
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text


class Applies(StrEnum):
    """`UNKNOWN`: it cannot be decided until a fact is answered."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Standing(StrEnum):
    """How far an obligation is; `OPEN`: it applies and nothing is written of it."""

    MET = "met"
    PLANNED = "planned"
    NOT_MET = "not-met"
    NOT_APPLICABLE = "not-applicable"
    OPEN = "open"
    UNDECIDED = "undecided"


STANDING_WORDS: Mapping[Standing, str] = {
    Standing.MET: N_("met"),
    Standing.PLANNED: N_("planned"),
    Standing.NOT_MET: N_("not met"),
    Standing.NOT_APPLICABLE: N_("does not apply"),
    Standing.OPEN: N_("nothing written"),
    Standing.UNDECIDED: N_("not decided"),
}


@dataclass(frozen=True, slots=True)
class ObligationReport:
    """An obligation for this solution. `bearer` is an English msgid or the author's words.

    `deciding` are the facts that make it apply or not; `missing` those without which nobody can
    say. `days` counts from today to the day it applies from: 0 or less when it does already.
    """

    id: str
    regulation: Wording
    article: Wording | str
    name: Wording
    bearer: str | Wording | None
    applies: Applies
    deciding: Sequence[Fact]
    missing: Sequence[Fact]
    standing: Standing
    law: LawStatus = LawStatus.IN_FORCE
    since: date | None = None
    days: int | None = None
    duty: Duty | None = None
    check: Wording | None = None
    to_check: Wording | None = None
    because: Wording | None = None
    source: str | None = None
    failed: Sequence[str] = ()
    """Its test cases whose last run failed."""

    @property
    def in_force(self) -> bool:
        """Whether it binds today, as far as the catalogue knows."""
        return self.law is LawStatus.IN_FORCE and (self.days is None or self.days <= 0)

    def overdue(self, today: date) -> bool:
        """Whether its own day has come and it is not met."""
        if self.applies is not Applies.YES or self.duty is None:
            return False
        if self.standing is Standing.PLANNED:
            return self.duty.due is not None and self.duty.due < today
        return self.standing is Standing.NOT_MET and (
            self.in_force if self.duty.due is None else self.duty.due < today
        )


@lru_cache(maxsize=4)
def obligations(blueprint: Blueprint, today: date) -> Sequence[ObligationReport]:
    """All of the catalogue in its order, then the author's own."""
    known = facts(blueprint)
    duties = {one.id: one for one in blueprint.regulation.duties}
    found = [
        _report(blueprint, law, one, known, duties.get(one.id), today)
        for law in regulations().regulations
        for one in law.obligations
    ]
    found += [_own(blueprint, one, duties.get(one.id), today) for one in blueprint.regulation.own]
    return tuple(found)


def unanswered(blueprint: Blueprint, today: date) -> list[Fact]:
    """Facts that somebody must answer before all can be decided, each once."""
    missing = {fact.id: fact for one in obligations(blueprint, today) for fact in one.missing}
    return list(missing.values())


def decide(
    when: Condition, known: Mapping[str, Fact]
) -> tuple[Applies, Sequence[Fact], Sequence[Fact]]:
    """Whether the condition holds, the facts that decide it, and those that are missing."""
    against = [known[one] for one in when.none if known[one].value is True]
    against += [known[one] for one in when.all if known[one].value is False]
    if when.any and all(known[one].value is False for one in when.any):
        against += [known[one] for one in when.any]
    if against:
        return Applies.NO, against, ()
    missing = list(_missing(when, known))
    if missing:
        return Applies.UNKNOWN, [known[one] for one in when.all if known[one].value], missing
    grounds = [known[one] for one in when.all]
    grounds += [known[one] for one in when.any if known[one].value]
    grounds += [known[one] for one in when.none]
    return Applies.YES, grounds, ()


def _missing(when: Condition, known: Mapping[str, Fact]) -> Iterator[Fact]:
    for one in (*when.all, *when.none):
        if known[one].value is None:
            yield known[one]
    if when.any and not any(known[one].value for one in when.any):
        yield from (known[one] for one in when.any if known[one].value is None)


def _report(
    blueprint: Blueprint,
    law: Regulation,
    one: Obligation,
    known: Mapping[str, Fact],
    duty: Duty | None,
    today: date,
) -> ObligationReport:
    applies, deciding, missing = decide(one.when, known)
    return ObligationReport(
        id=one.id,
        regulation=law.short,
        article=one.article,
        name=one.name,
        bearer=BEARER_WORDS[one.bearer],
        applies=applies,
        deciding=deciding,
        missing=missing,
        standing=_standing(applies, duty),
        law=one.status,
        since=one.since,
        days=(one.since - today).days if one.since else None,
        duty=duty,
        check=one.check,
        to_check=one.to_check,
        failed=_failed(blueprint, duty),
    )


def _own(
    blueprint: Blueprint, one: OwnObligation, duty: Duty | None, today: date
) -> ObligationReport:
    return ObligationReport(
        id=one.id,
        regulation=one.regulation,
        article=one.article or "",
        name=one.name,
        bearer=one.bearer,
        applies=Applies.YES,
        deciding=(),
        missing=(),
        standing=_standing(Applies.YES, duty),
        since=one.since,
        days=(one.since - today).days if one.since else None,
        duty=duty,
        to_check=one.to_check,
        because=one.because,
        source=one.source,
        failed=_failed(blueprint, duty),
    )


def _standing(applies: Applies, duty: Duty | None) -> Standing:
    if duty is not None:
        return Standing(duty.status.value)
    if applies is Applies.NO:
        return Standing.NOT_APPLICABLE
    return Standing.OPEN if applies is Applies.YES else Standing.UNDECIDED


def _failed(blueprint: Blueprint, duty: Duty | None) -> Sequence[str]:
    if duty is None or duty.status is not DutyStatus.MET:
        return ()
    results = blueprint.results
    return tuple(
        one for one in duty.tests if one in results and results[one].verdict is Verdict.FAILED
    )


def countdown(one: ObligationReport) -> Text:
    """When it applies, in words, as seen from the day of the report."""
    if one.law is LawStatus.PROPOSAL:
        return Text(N_("a proposal, not adopted"))
    if one.law is LawStatus.TO_CHECK:
        return Text(N_("state of the law to be checked"))
    if one.days is None:
        return Text(N_("in force"))
    if one.days <= 0:
        return Text(N_("since {date}"), {"date": one.since})
    return Text(N_("from {date}, in {days} days"), {"date": one.since, "days": one.days})
