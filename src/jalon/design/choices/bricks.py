"""What is reused: is it alive, safe, free enough, and is it worth it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jalon.catalogues.licences import LicenceFamily, in_conflict, licence_family
from jalon.design.spec.choices import Brick, ChoicesFile, LockIn

STALE_DAYS = 2 * 365
QUIET_DAYS = 365
_FEW = 2


class Grade(StrEnum):
    """`UNKNOWN`: nothing is written."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Score:
    """One brick: a grade an aspect, and what it saves in euros (None when nothing tells)."""

    brick: Brick
    index: int
    family: LicenceFamily | None
    licence: Grade
    upkeep: Grade
    safety: Grade
    people: Grade
    freedom: Grade
    saving: Decimal | None

    @property
    def gains(self) -> bool:
        """Whether reuse is shown to be worth it."""
        return self.saving is not None and self.saving > 0 and bool(self.brick.evidence)


def scores(file: ChoicesFile, today: date) -> tuple[Score, ...]:
    """Every brick's."""
    return tuple(_score(file, one, index, today) for index, one in enumerate(file.bricks))


def _score(file: ChoicesFile, brick: Brick, index: int, today: date) -> Score:
    family = licence_family(brick.licence) if brick.licence else None
    saving = None
    if brick.build_days is not None and brick.adopt_days is not None:
        saving = Decimal(str(brick.build_days - brick.adopt_days)) * file.day_eur
    return Score(
        brick,
        index,
        family,
        _licence(file, brick, family),
        _upkeep(brick, today),
        _by_count(brick.open_vulnerabilities),
        _people(brick),
        {
            LockIn.LOW: Grade.GOOD,
            LockIn.MEDIUM: Grade.FAIR,
            LockIn.HIGH: Grade.POOR,
            None: Grade.UNKNOWN,
        }[brick.lock_in],
        saving,
    )


def _licence(file: ChoicesFile, brick: Brick, family: LicenceFamily | None) -> Grade:
    if brick.licence is None or family is None:
        return Grade.UNKNOWN
    if asks(file, family):
        return Grade.POOR
    return Grade.FAIR if family.asks_when != "never" else Grade.GOOD


def asks(file: ChoicesFile, family: LicenceFamily) -> bool:
    """Whether a licence of the family asks for something, as the solution is handed out: what is
    asked of a service is asked of what is shipped too."""
    when = {"internal": (), "service": ("service",), "shipped": ("shipped", "service")}
    return family.asks_when in when[file.distribution]


def _upkeep(brick: Brick, today: date) -> Grade:
    if brick.last_release is None:
        return Grade.UNKNOWN
    age = (today - brick.last_release).days
    if age > STALE_DAYS:
        return Grade.POOR
    return Grade.FAIR if age > QUIET_DAYS else Grade.GOOD


def _by_count(vulnerabilities: int | None) -> Grade:
    if vulnerabilities is None:
        return Grade.UNKNOWN
    return Grade.POOR if vulnerabilities else Grade.GOOD


def _people(brick: Brick) -> Grade:
    if brick.maintainers is None:
        return Grade.UNKNOWN
    if brick.maintainers < _FEW:
        return Grade.POOR
    return Grade.FAIR if brick.maintainers == _FEW else Grade.GOOD


def clashes(file: ChoicesFile) -> list[tuple[int, int]]:
    """Pairs of linked bricks whose licences cannot be joined, by index."""
    linked = [(index, one) for index, one in enumerate(file.bricks) if one.linked and one.licence]
    return [
        (index, other_index)
        for place, (index, one) in enumerate(linked)
        for other_index, other in linked[place + 1 :]
        if in_conflict(one.licence or "", other.licence or "")
    ]
