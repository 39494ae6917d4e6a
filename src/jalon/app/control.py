"""Carries out what was decided, each decision once, and keeps the services of control together."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from jalon.adapters.stores.registry import MarkTable
from jalon.app.alarms.service import Alarms
from jalon.app.commands.service import Commands
from jalon.app.ground import Ground
from jalon.app.integrations.service import Integrations
from jalon.app.notices.service import Notices
from jalon.app.rules.live import LiveRules
from jalon.app.rules.service import Rules
from jalon.app.twins.service import Twins
from jalon.app.updates.service import Updates
from jalon.app.worker import Worker
from jalon.run import control as words
from jalon.run.control import Decision
from jalon.run.journal import Kind
from jalon.run.ports import DecisionLog
from jalon.vocab.errors import JalonError, StoreError, Unstorable

log = logging.getLogger(__name__)

_MARK = "decisions"
_AT_ONCE = 200
_IDLE_S = 5.0
_RETRY_S = 1.0


class Service(Protocol):
    """A service that does something by itself."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End."""


@dataclass
class Control:
    """The services by which a running solution watches, decides and acts."""

    rules: Rules
    alarms: Alarms
    notices: Notices
    commands: Commands
    twins: Twins
    updates: Updates
    integrations: Integrations
    live: LiveRules
    """The rules at work."""

    def carry_out(self, decision: Decision, ground: Ground) -> None:
        """Give a decision to the service whose it is; a part of the transaction it is called in."""
        match decision:
            case words.AlarmDue():
                self.alarms.carry_out(decision)
            case words.NoticeDue():
                self.notices.carry_out(decision)
            case words.CommandDue() | words.ResultHeard() | words.DownlinkHeard():
                self.commands.carry_out(decision)
            case words.DesireDue():
                self.twins.carry_out(decision)
            case words.StateHeard():
                self.twins.carry_out(decision)
                self.integrations.state_news(decision)
            case words.CallDue():
                self.integrations.carry_out(decision)
            case words.FiredDue():
                self.rules.carry_out(decision)
            case words.ProgressHeard():
                self.updates.carry_out(decision)
            case words.EventHeard():
                device = words.Subject.parse(decision.subject).id
                detail = str(decision.data)[:200] if decision.data is not None else ""
                ground.journal.note(
                    Kind.DEVICE_EVENT, device, event=decision.event[:64], detail=detail
                )

    def start(self) -> None:
        """Start every service."""
        for service in self._services():
            service.start()

    def stop(self) -> None:
        """Stop every service, the last one first."""
        for service in reversed(self._services()):
            service.stop()

    def _services(self) -> Sequence[Service]:
        return (
            self.rules,
            self.alarms,
            self.notices,
            self.integrations,
            self.twins,
            self.commands,
            self.updates,
        )


class Executor:
    """The thread that carries decisions out. `wake` tells it that there are new ones.

    A mark in the registry says how far it has come; it moves in the transaction in which the
    decisions take effect, so that each takes effect once whenever the process is killed.
    """

    def __init__(self, decided: DecisionLog, ground: Ground, control: Control) -> None:
        self._log = decided
        self._ground = ground
        self._control = control
        self._marks = MarkTable(ground.registry)
        self._worker = Worker("control", self._turn, _RETRY_S)
        self._forgotten = 0

    @property
    def trouble(self) -> str:
        """What keeps decisions from being carried out now; "" for nothing."""
        return self._worker.trouble

    def start(self) -> None:
        """Begin with what was decided and not carried out before."""
        # A store made anew counts from 1 again; the mark is of the old one.
        if self._marks.get(_MARK) > self._log.last_decision():
            self._marks.set(_MARK, self._log.last_decision())
        self._worker.start()

    def stop(self) -> None:
        """Carry out what was read, and end. The rest is carried out after the next start."""
        self._worker.stop()

    def wake(self) -> None:
        """There are new decisions. Returns at once."""
        self._worker.wake()

    def _turn(self) -> float:
        return 0.0 if self.once() else _IDLE_S

    def once(self) -> bool:
        """Carry out the next decisions; whether there were any. Raises StoreError."""
        mark = self._marks.get(_MARK)
        waiting = self._log.decisions(mark, _AT_ONCE)
        if not waiting:
            self._forget(mark)
            return False
        try:
            with self._ground.registry.work():
                for _id, body in waiting:
                    self._carry_out(body)
                self._marks.set(_MARK, waiting[-1][0])
        except Exception as error:
            if _may_pass(error):
                raise
            log.exception("a decision cannot be carried out; going one by one")
            for number, body in waiting:
                self._alone(number, body)
        return True

    def _alone(self, number: int, body: bytes) -> None:
        """One decision; one that cannot be carried out is told, and holds up no other."""
        try:
            with self._ground.registry.work():
                self._carry_out(body)
                self._marks.set(_MARK, number)
        except Exception as error:
            if _may_pass(error):
                raise
            if isinstance(error, Unstorable) or not isinstance(error, JalonError | ValidationError):
                log.exception("a decision met a bug")
            what = body.decode("utf-8", "replace")
            self._ground.journal.note(
                Kind.DECISION_FAILED, detail=str(error)[:300], decision=what[:500]
            )
            self._marks.set(_MARK, number)

    def _carry_out(self, body: bytes) -> None:
        self._control.carry_out(words.read(body), self._ground)

    def _forget(self, mark: int) -> None:
        if mark > self._forgotten:
            self._log.forget_decisions(mark)
            self._forgotten = mark


def _may_pass(error: Exception) -> bool:
    """Whether it is worth trying again: the registry is busy, or full."""
    return isinstance(error, StoreError) and not isinstance(error, Unstorable)
