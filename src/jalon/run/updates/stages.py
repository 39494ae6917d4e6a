"""Which devices a campaign reaches when: stages, pace, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from hashlib import sha256

from jalon.run.updates.spec import Abort, Stage
from jalon.run.updates.states import BAD, FINISHED, DeviceState

MINUTE_MS = 60_000
_PASSED_OVER = frozenset({DeviceState.INCOMPATIBLE, DeviceState.WITHDRAWN})


def order(devices: Collection[str], campaign: str) -> list[str]:
    """The devices in an order that is the same each time and another for each campaign, so that
    it is not always the same ones that go first."""
    return sorted(
        set(devices), key=lambda one: (sha256(f"{campaign}\x1f{one}".encode()).digest(), one)
    )


def reach(stage: Stage, count: int) -> int:
    """Up to how many of `count` devices may have been begun when the stage is over: a share is
    rounded up, so that a canary of a small fleet is one device."""
    if stage.devices is not None:
        return min(stage.devices, count)
    return min(math.ceil((stage.percent or 0) * count / 100), count)


def split(devices: Sequence[str], stages: Sequence[Stage]) -> list[list[str]]:
    """The devices of each stage, in order; the last stage takes all that are left. Shares count
    all devices from the beginning."""
    parts: list[list[str]] = []
    done = 0
    for number, stage in enumerate(stages):
        last = number == len(stages) - 1
        upto = len(devices) if last else max(done, reach(stage, len(devices)))
        parts.append(list(devices[done:upto]))
        done = upto
    return parts


def room(per_minute: int | None, begun_ms: Collection[int], now_ms: int) -> int | None:
    """How many more devices may be begun now, when those at `begun_ms` have been; None for any
    number. Within any minute there are never more than `per_minute`."""
    if per_minute is None:
        return None
    return max(0, per_minute - sum(now_ms - begun < MINUTE_MS for begun in begun_ms))


def must_stop(abort: Abort, states: Collection[DeviceState]) -> bool:
    """Whether a stage with its devices in these states has gone too wrong to go on.

    A share counts those that have finished, from `at_least` of them on or when all have.
    """
    considered = [one for one in states if one not in _PASSED_OVER]
    finished = [one for one in considered if one in FINISHED]
    bad = sum(one in BAD for one in finished)
    if abort.failures is not None and bad >= abort.failures:
        return True
    if abort.percent is None or not finished:
        return False
    enough = len(finished) >= abort.at_least or len(finished) == len(considered)
    return enough and bad * 100 > abort.percent * len(finished)
