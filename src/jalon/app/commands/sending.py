"""Sends what is queued, asks again, and gives up in time. A crash at any instant makes no command
run twice: a command is taken in one transaction, sent with its own id, and then marked in another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from jalon.adapters.stores.registry import CommandTable
from jalon.adapters.stores.registry.commands_schema import CommandRow
from jalon.app.commands.ledger import Ledger
from jalon.app.commands.ways import Way, Ways
from jalon.app.downlinks import NotSent
from jalon.app.ground import Ground
from jalon.run.commands.affordances import Affordance, Affordances
from jalon.run.commands.states import IN_HAND, ON_THE_WAY, State, Step
from jalon.run.commands.wanted import Wanted
from jalon.run.fleet import Device
from jalon.vocab.errors import BrokerError, StoreError, UsageError
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

_AT_ONCE = 100
_PAUSES_MS = (2_000, 600_000)
"""The shortest and the longest before what could not be handed over is tried again."""
_NO_ANSWER = Text(N_("It was handed over; this device does not tell how it went."))
_MAYBE = Text(
    N_("It may have been sent, or not; as twice is not the same as once, it is not sent again.")
)


class Room:
    """How many more of a bulk may be on their way."""

    def __init__(self, table: CommandTable) -> None:
        self._table = table
        self._left: dict[int, int] = {}

    def take(self, bulk: int | None) -> bool:
        """Whether there is room for one more, which is taken."""
        if bulk is None:
            return True
        if bulk not in self._left:
            row, tally = self._table.bulks.one(bulk), self._table.bulks.tally(bulk)
            under_way = sum(tally.get(state, 0) for state in ON_THE_WAY)
            self._left[bulk] = 0 if row is None or row.stopped else row.concurrency - under_way
        self._left[bulk] -= 1
        return self._left[bulk] >= 0


class Dispatcher:
    """`tick` does everything that is due; called by one thread. `heard` gives when a device last
    said anything (Unix ms)."""

    def __init__(
        self,
        ground: Ground,
        table: CommandTable,
        ledger: Ledger,
        ways: Ways,
        heard: Callable[[str], int | None],
    ) -> None:
        self._ground = ground
        self._table = table
        self._ledger = ledger
        self._ways = ways
        self._heard = heard

    def tick(self) -> None:
        """Expire, give up, ask again, send."""
        now = self._ground.now_ms()
        self._expire(now)
        self._resume(now)
        self._follow_up(now)
        heads = self._table.heads(ON_THE_WAY, State.QUEUED, now)
        room = Room(self._table)
        for row in self._table.due([State.QUEUED], now, _AT_ONCE * 10):
            first = row.parallel or heads.get(row.device, row.number) >= row.number
            if first and room.take(row.bulk) and self._claim(row):
                self._deliver(row)

    def _expire(self, now: int) -> None:
        patience = self._ground.solution().control.commands.approval_expires
        for row in self._table.find(Wanted(states=[State.AWAITING]), 1_000, oldest=True):
            if row.created_ms + patience <= now:
                self._settle(row, Step.EXPIRE, Text(N_("Nobody has approved it in time.")))
        for row in self._table.expired(State.QUEUED, now, 1_000):
            self._settle(row, Step.EXPIRE)

    def _resume(self, now: int) -> None:
        """What was being sent when we were killed, or when the answer stayed away, is sent again
        if that harms nothing; otherwise nobody knows."""
        for row in self._table.due(IN_HAND, now, 1_000):
            if not row.sure:
                self._settle(row, Step.LOSE, _MAYBE)
            elif now >= row.expires_ms:
                self._settle(row, Step.LOSE)
            elif row.state == State.REPEATING or self._take(row, Step.DOUBT):
                self._deliver(row)

    def _follow_up(self, now: int) -> None:
        """Those from which nothing was heard in time."""
        for row in self._table.due([State.SENT, State.DELIVERED, State.RUNNING], now, 1_000):
            if row.state != State.SENT or now >= row.expires_ms + row.timeout_ms:
                self._settle(row, Step.TIME_OUT)
            elif now >= row.expires_ms or not self._is_numbered(row):
                self._look_again(row, row.expires_ms + row.timeout_ms)
            elif row.attempts > row.retries and not self._spoke(row):
                self._look_again(row, min(self._later(row), row.expires_ms + row.timeout_ms))
            elif self._claim(row, Step.REPEAT):
                self._deliver(row)

    def _spoke(self, row: CommandRow) -> bool:
        """Whether the device said anything since it was told: it is there, and may have come back
        without the session in which the broker kept the command."""
        return (self._heard(row.device) or 0) > row.changed_ms

    def _is_numbered(self, row: CommandRow) -> bool:
        """Whether the device knows the command by its id. A network server keeps a frame in its
        queue however long the device sleeps: it is not put in a second time."""
        try:
            return self._target(row)[2].numbered
        except UsageError:
            return False

    def _claim(self, row: CommandRow, step: Step = Step.CLAIM) -> bool:
        """Take it to be sent once more."""
        return self._take(row, step, attempts=1)

    def _take(self, row: CommandRow, step: Step, attempts: int = 0) -> bool:
        """Take the step; False when something else has happened to it meanwhile."""
        with self._ground.registry.work():
            fresh = self._table.by_id(row.id)
            if fresh is None or fresh.state != row.state:
                return False
            self._ledger.move(fresh, step)
            fresh.attempts += attempts
            row.state, row.attempts = fresh.state, fresh.attempts
        return True

    def _deliver(self, row: CommandRow) -> None:
        """Hand over a command that was taken."""
        try:
            device, one, way = self._target(row)
        except UsageError as gone:
            self._settle(row, Step.FAIL, gone.text)
            return
        try:
            way.send(device, one, row)
        except (UsageError, NotSent) as later:
            self._put_back(row, later.text)
        except BrokerError as unsure:
            log.info("command %s: %s", row.id, unsure)
            self._doubt(row)
        except StoreError:
            raise
        except Exception:
            # One that meets a bug must not hold up the commands of all other devices, for ever.
            log.exception("sending command %s met a bug", row.id)
            self._doubt(row)
        else:
            self._handed_over(row)

    def _doubt(self, row: CommandRow) -> None:
        """It may have left, or not."""
        if not row.sure:
            self._settle(row, Step.LOSE, _MAYBE)
            return
        if row.state == State.SENDING:
            self._take(row, Step.DOUBT)
        self._look_again(row, self._later(row))

    def _target(self, row: CommandRow) -> tuple[Device, Affordance, Way]:
        solution = self._ground.solution()
        device = solution.device(row.device)
        if device is None:
            raise UsageError(Text(N_("There is no device {id}."), {"id": row.device}))
        one = Affordances.of(solution.things[device.thing]).all.get(row.action)
        if one is None:
            message = N_("{device} has no action “{action}”.")
            raise UsageError(Text(message, {"device": row.device, "action": row.action}))
        return device, one, self._ways.to(solution, device)

    def _handed_over(self, row: CommandRow) -> None:
        now = self._ground.now_ms()
        with self._ground.registry.work():
            fresh = self._table.by_id(row.id)
            if fresh is None or fresh.state not in IN_HAND:
                return  # the device was faster
            self._ledger.move(fresh, Step.HAND_OVER)
            fresh.next_ms = now + fresh.timeout_ms
            if not fresh.answers:
                self._ledger.move(fresh, Step.COMPLETE, "", _NO_ANSWER)

    def _put_back(self, row: CommandRow, reason: Text) -> None:
        """Nothing has left this time; it may have left before."""
        with self._ground.registry.work():
            fresh = self._table.by_id(row.id)
            if fresh is None or fresh.state not in IN_HAND:
                return
            step = Step.PUT_BACK if fresh.state == State.SENDING else Step.KEEP
            self._ledger.move(fresh, step, "", reason)
            fresh.attempts -= 1
            fresh.next_ms = self._later(row)

    def _later(self, row: CommandRow) -> int:
        """When to try again: the longer it has lasted, the later."""
        now = self._ground.now_ms()
        least, most = _PAUSES_MS
        return now + min(max((now - row.created_ms) // 4, least), most)

    def _look_again(self, row: CommandRow, at_ms: int) -> None:
        with self._ground.registry.work():
            fresh = self._table.by_id(row.id)
            if fresh is not None and fresh.state == row.state:
                fresh.next_ms = at_ms

    def _settle(self, row: CommandRow, step: Step, reason: Text | None = None) -> None:
        with self._ground.registry.work():
            fresh = self._table.by_id(row.id)
            if fresh is None or fresh.state != row.state:
                return
            self._ledger.move(fresh, step, "", reason)
