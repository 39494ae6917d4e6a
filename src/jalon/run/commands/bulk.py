"""The same command to many devices: how it goes, and when the rest is better left undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jalon.run.commands.states import OPEN, State

FAILURES = (
    State.FAILED,
    State.TIMED_OUT,
    State.EXPIRED,
    State.REJECTED,
    State.UNKNOWN,
)
_ENOUGH, _LEAST = 10, 2
"""Devices that must be through before a share of failures says something; half of fewer."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many devices are done, failed, were left out, and are still to come. `refused` of those
    that failed could never have been told."""

    done: int
    failed: int
    left_out: int
    open: int
    refused: int = 0

    @classmethod
    def of(cls, tally: Mapping[str, int]) -> Progress:
        """Counted from commands by state."""
        return cls(
            done=tally.get(State.COMPLETED, 0),
            failed=sum(tally.get(state, 0) for state in FAILURES),
            left_out=tally.get(State.CANCELLED, 0),
            open=sum(tally.get(state, 0) for state in OPEN),
            refused=tally.get(State.REJECTED, 0),
        )

    @property
    def total(self) -> int:
        """All devices."""
        return self.done + self.failed + self.left_out + self.open

    @property
    def over(self) -> int:
        """Those that are through."""
        return self.done + self.failed

    def is_hopeless(self, stop_at: float) -> bool:
        """Whether so many percent of those that are through have failed that the rest should not
        be tried; said once ten are through, or half of fewer than twenty. Those that could never
        be told were known before."""
        over, failed = self.over - self.refused, self.failed - self.refused
        enough = min(_ENOUGH, max(_LEAST, self.total // 2))
        return over >= enough and failed > 0 and failed * 100 >= stop_at * over


@dataclass(frozen=True, slots=True)
class Success:
    """Every device has done it."""

    done: int


@dataclass(frozen=True, slots=True)
class PartialFailure:
    """Some have, some have not."""

    done: int
    failed: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Error:
    """None has."""

    failed: int
    left_out: int


def result(progress: Progress) -> Success | PartialFailure | Error | None:
    """How a bulk ended; None while it goes on."""
    if progress.open:
        return None
    if progress.done == progress.total:
        return Success(progress.done)
    if progress.done:
        return PartialFailure(progress.done, progress.failed, progress.left_out)
    return Error(progress.failed, progress.left_out)
