"""What the record of processing says is kept so long and no longer is erased while it runs."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping

from jalon.app.running import Running
from jalon.design.duties.data import PropertyKey
from jalon.design.duties.retention import Kept, erased_before, retention
from jalon.run.journal import Kind
from jalon.run.ports import Series
from jalon.vocab.times import from_ms

log = logging.getLogger(__name__)

DEED = "data.erased"
WHO = "retention"


class Forgetting:
    """A chore of housekeeping. `audit` writes when who did what: here nobody, by the rule."""

    def __init__(self, running: Running, audit: Callable[[int, str, str, str], None]) -> None:
        self._running = running
        self._audit = audit

    def __call__(self) -> None:
        """Erase what is too old now; journal and audit trail say what went and why."""
        running = self._running
        now_ms = running.now_ms()
        rules = due(running)
        cuts = {one: erased_before(kept.keep_ms, now_ms) for one, (kept, _) in rules.items()}
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


def due(running: Running) -> dict[int, tuple[Kept, PropertyKey]]:
    """Series that are not kept for ever, with the rule of each.

    A device that is in the fleet no more has no type any more: its properties go by the longest
    rule of all types that have one of that name, and stay when one of these types has none.
    """
    rules = retention(running.solution.blueprint)
    if not rules:
        return {}
    found = {}
    for one in running.store.series():
        if rule := _rule(running, rules, one):
            found[one.id] = rule, (rule.thing, rule.prop)
    return found


def _rule(running: Running, rules: Mapping[PropertyKey, Kept], one: Series) -> Kept | None:
    device = running.solution.device(one.spec.device)
    if device is not None:
        return rules.get((device.thing, one.spec.property))
    having = [
        (thing.id, one.spec.property)
        for thing in running.solution.blueprint.things.values()
        if one.spec.property in thing.properties
    ]
    named = [rules[key] for key in having if key in rules]
    if not named or len(named) < len(having):
        return None
    return max(named, key=lambda rule: rule.keep_ms)
