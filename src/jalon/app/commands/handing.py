"""Hands one command over, and writes down how that went. It is taken in one transaction and marked
in another."""

from __future__ import annotations

import logging

from jalon.adapters.stores.registry import CommandTable
from jalon.adapters.stores.registry.commands_schema import CommandRow
from jalon.app.commands.ledger import Ledger
from jalon.app.commands.ways import Way, Ways
from jalon.app.downlinks import NotSent
from jalon.app.ground import Ground
from jalon.run.commands.affordances import Affordance, Affordances
from jalon.run.commands.states import IN_HAND, State, Step
from jalon.run.fleet import Device
from jalon.vocab.errors import BrokerError, StoreError, UsageError
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

_PAUSES_MS = (2_000, 600_000)
"""The shortest and the longest before what could not be handed over is tried again."""
_NO_ANSWER = Text(N_("It was handed over; this device does not tell how it went."))
MAYBE = Text(
    N_("It may have been sent, or not; as twice is not the same as once, it is not sent again.")
)


class Handing:
    """For one thread. A row that is given may be old: what happened to it since is looked up."""

    def __init__(self, ground: Ground, table: CommandTable, ledger: Ledger, ways: Ways) -> None:
        self._ground = ground
        self._table = table
        self._ledger = ledger
        self._ways = ways

    def is_numbered(self, row: CommandRow) -> bool:
        """Whether the device knows the command by its id. A network server keeps a frame in its
        queue however long the device sleeps: it is not put in a second time."""
        try:
            return self._target(row)[2].numbered
        except UsageError:
            return False

    def claim(self, row: CommandRow, step: Step = Step.CLAIM) -> bool:
        """Take it to be sent once more."""
        return self.take(row, step, attempts=1)

    def take(self, row: CommandRow, step: Step, attempts: int = 0) -> bool:
        """Take the step; False when something else has happened to it meanwhile."""
        with self._ground.registry.work():
            fresh = self._table.by_id(row.id)
            if fresh is None or fresh.state != row.state:
                return False
            self._ledger.move(fresh, step)
            fresh.attempts += attempts
            row.state, row.attempts = fresh.state, fresh.attempts
        return True

    def deliver(self, row: CommandRow) -> None:
        """Hand over a command that was taken."""
        try:
            device, one, way = self._target(row)
        except UsageError as gone:
            self.settle(row, Step.FAIL, gone.text)
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
            self.settle(row, Step.LOSE, MAYBE)
            return
        if row.state == State.SENDING:
            self.take(row, Step.DOUBT)
        self.look_again(row, self.later(row))

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
            # What is resumed was not counted again; what may have left counts as told once.
            fresh.attempts = max(fresh.attempts - 1, int(step is Step.KEEP))
            fresh.next_ms = self.later(row)

    def later(self, row: CommandRow) -> int:
        """When to try again: the longer it has lasted, the later."""
        now = self._ground.now_ms()
        least, most = _PAUSES_MS
        return now + min(max((now - row.created_ms) // 4, least), most)

    def look_again(self, row: CommandRow, at_ms: int) -> None:
        """See to it at that time (Unix ms), if nothing happens to it before."""
        with self._ground.registry.work():
            fresh = self._table.by_id(row.id)
            if fresh is not None and fresh.state == row.state:
                fresh.next_ms = at_ms

    def settle(self, row: CommandRow, step: Step, reason: Text | None = None) -> None:
        """Take the step, unless something else has happened to it."""
        with self._ground.registry.work():
            fresh = self._table.by_id(row.id)
            if fresh is None or fresh.state != row.state:
                return
            self._ledger.move(fresh, step, "", reason)
