"""What the record of processing says is kept so long and no longer is erased while it runs."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping

from jalon.app.running import Running
from jalon.app.solution import Solution
from jalon.design.duties.data import PropertyKey
from jalon.design.duties.retention import Kept, erased_before, retention
from jalon.run.journal import Kind
from jalon.run.ports import Series
from jalon.vocab.times import from_ms

log = logging.getLogger(__name__)

DEED = "data.erased"
WHO = "retention"

LEAP_S, QUIET_S = 3_600.0, 86_400.0
"""A clock that goes further than LEAP_S forward at once, or a start so long after the newest
reading, may be wrong, and what is erased does not come back: nothing is erased for QUIET_S."""


def steady_s() -> float:
    """Seconds that no setting of the clock changes; they go on while the machine sleeps, where
    it can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Forgetting:
    """A chore of housekeeping. `audit` writes when who did what: here nobody, by the rule.

    A rule is carried out when the round before knew it too, or a stricter one: of a file that was
    read half written, or mended at once, nothing comes.
    """

    def __init__(
        self,
        running: Running,
        audit: Callable[[int, str, str, str], None],
        steady: Callable[[], float] = steady_s,
    ) -> None:
        self._running = running
        self._audit = audit
        self._steady = steady
        self._before: Mapping[int, int] = {}
        self._quiet_until = -float("inf")
        self._seen = self._clocks()
        newest = max((one.time_ms for one in running.store.latest()), default=None)
        if newest is not None and self._seen[0] - newest > QUIET_S * 1000:
            self._hold("the newest reading is old")

    def __call__(self) -> None:
        """Erase what is too old now; journal and audit trail say what went and why."""
        running = self._running
        rules = due(running)
        before, self._before = self._before, {one: kept.keep_ms for one, (kept, _) in rules.items()}
        if not self._trusts_clock():
            return
        now_ms = self._seen[0]
        cuts = {
            one: erased_before(max(kept.keep_ms, before[one]), now_ms)
            for one, (kept, _) in rules.items()
            if one in before
        }
        if not cuts:
            return
        running.live.forget(cuts)
        done = running.store.erase(cuts)
        gone: dict[PropertyKey, int] = defaultdict(int)
        why: dict[PropertyKey, tuple[Kept, int]] = {}
        for series, rows in done.rows.items():
            kept, key = rules[series]
            gone[key] += rows
            why[key] = kept, cuts[series]
        for key, rows in gone.items():
            kept, cut = why[key]
            running.journal.note(
                Kind.DATA_ERASED,
                data=".".join(key),
                rows=str(rows),
                older_than=f"{from_ms(cut):%Y-%m-%d %H:%M} UTC",
                because=", ".join(kept.why),
            )
        if gone:
            told = ", ".join(f"{'.'.join(key)} {rows}" for key, rows in gone.items())
            self._audit(now_ms, WHO, DEED, told)
            log.info("erased %d readings in %d days: %s", sum(gone.values()), done.days, told)

    def _clocks(self) -> tuple[int, float]:
        return self._running.now_ms(), self._steady()

    def _trusts_clock(self) -> bool:
        (now_ms, steady), (last_ms, last) = self._clocks(), self._seen
        self._seen = now_ms, steady
        if (now_ms - last_ms) / 1000 - (steady - last) > LEAP_S:
            self._hold("the clock has leapt forward")
        return steady >= self._quiet_until

    def _hold(self, why: str) -> None:
        self._quiet_until = self._seen[1] + QUIET_S
        log.warning("%s: nothing is erased for a day; is the clock right?", why)


def due(running: Running) -> dict[int, tuple[Kept, PropertyKey]]:
    """Series that are not kept for ever, with the rule of each.

    A device that is in the fleet no more has no type any more: its properties go by the longest
    rule of all types that have one of that name, and stay when one of these types has none.
    """
    solution = running.solution  # another one may come in between
    rules = retention(solution.blueprint)
    if not rules:
        return {}
    found = {}
    for one in running.store.series():
        if rule := _rule(solution, rules, one):
            found[one.id] = rule, (rule.thing, rule.prop)
    return found


def _rule(solution: Solution, rules: Mapping[PropertyKey, Kept], one: Series) -> Kept | None:
    device = solution.device(one.spec.device)
    if device is not None:
        return rules.get((device.thing, one.spec.property))
    having = [
        (thing.id, one.spec.property)
        for thing in solution.blueprint.things.values()
        if one.spec.property in thing.properties
    ]
    named = [rules[key] for key in having if key in rules]
    if not named or len(named) < len(having):
        return None
    return max(named, key=lambda rule: rule.keep_ms)
