"""Sends what is queued, asks again, and gives up in time. A crash at any instant makes no command
run twice: a command is taken in one transaction, sent with its own id, and then marked in another.
"""

from __future__ import annotations

from collections.abc import Callable

from jalon.adapters.stores.registry import CommandTable
from jalon.adapters.stores.registry.commands_schema import CommandRow
from jalon.app.commands.handing import MAYBE, Handing
from jalon.app.ground import Ground
from jalon.run.commands.states import IN_HAND, ON_THE_WAY, State, Step
from jalon.run.commands.wanted import Wanted
from jalon.vocab.text import N_, Text

_AT_ONCE = 100


class Dispatcher:
    """`tick` does everything that is due; called by one thread. `heard` gives when a device last
    said anything (Unix ms)."""

    def __init__(
        self,
        ground: Ground,
        table: CommandTable,
        handing: Handing,
        heard: Callable[[str], int | None],
    ) -> None:
        self._ground = ground
        self._table = table
        self._handing = handing
        self._heard = heard

    def tick(self) -> None:
        """Expire, give up, ask again, send."""
        now = self._ground.now_ms()
        self._expire(now)
        self._resume(now)
        self._follow_up(now)
        self._send(now, None, _AT_ONCE)
        for bulk in self._table.bulks.open([State.QUEUED]):
            tally = self._table.bulks.tally(bulk.id)
            room = bulk.concurrency - sum(tally.get(state, 0) for state in ON_THE_WAY)
            self._send(now, bulk.id, min(room, _AT_ONCE))

    def _send(self, now: int, bulk: int | None, limit: int) -> None:
        """What is next to be sent of one bulk, or of none: so many at most. Each by itself, so that
        a bulk to devices that sleep holds up nobody else."""
        if limit > 0:
            for row in self._table.ready(ON_THE_WAY, State.QUEUED, now, bulk)[:limit]:
                if self._handing.claim(row):
                    self._handing.deliver(row)

    def _expire(self, now: int) -> None:
        patience = self._ground.solution().control.commands.approval_expires
        for row in self._table.find(Wanted(states=[State.AWAITING]), 1_000, oldest=True):
            if row.created_ms + patience <= now:
                self._handing.settle(row, Step.EXPIRE, Text(N_("Nobody has approved it in time.")))
        for row in self._table.expired(State.QUEUED, now, 1_000):
            self._handing.settle(row, Step.EXPIRE)

    def _resume(self, now: int) -> None:
        """What was being sent when we were killed, or when the answer stayed away, is sent again
        if that harms nothing; otherwise nobody knows."""
        for row in self._table.due(IN_HAND, now, 1_000):
            if not row.sure:
                self._handing.settle(row, Step.LOSE, MAYBE)
            elif now >= row.expires_ms:
                self._handing.settle(row, Step.LOSE)
            elif row.state == State.REPEATING or self._handing.take(row, Step.DOUBT):
                self._handing.deliver(row)

    def _follow_up(self, now: int) -> None:
        """Those from which nothing was heard in time."""
        for row in self._table.due([State.SENT, State.DELIVERED, State.RUNNING], now, 1_000):
            if row.state != State.SENT or now >= row.expires_ms + row.timeout_ms:
                self._handing.settle(row, Step.TIME_OUT)
            elif now >= row.expires_ms or not self._handing.is_numbered(row):
                self._handing.look_again(row, row.expires_ms + row.timeout_ms)
            elif row.attempts > row.retries and not self._spoke(row):
                self._handing.look_again(
                    row, min(self._handing.later(row), row.expires_ms + row.timeout_ms)
                )
            elif self._handing.claim(row, Step.REPEAT):
                self._handing.deliver(row)

    def _spoke(self, row: CommandRow) -> bool:
        """Whether the device said anything since it was told: it is there, and may have come back
        without the session in which the broker kept the command."""
        return (self._heard(row.device) or 0) > row.changed_ms
