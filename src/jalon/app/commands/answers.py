"""What devices and network servers tell of commands."""

from __future__ import annotations

import json
import logging

from jalon.adapters.stores.registry import CommandTable
from jalon.adapters.stores.registry.commands_schema import CommandRow
from jalon.app.commands.ledger import Ledger, said_by_device
from jalon.app.ground import Ground
from jalon.run.commands.states import IN_HAND, Misstep, State, Step
from jalon.run.control import DownlinkHeard, ResultHeard, Subject
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

_LONGEST_OUTPUT = 16_000
_BY_RADIO = Text(N_("The device's radio has acknowledged it; it tells no more."))
_UNHEARD = Text(N_("The device's radio has not acknowledged it; it may have done it all the same."))


class Answers:
    """May come in any thread, twice, late, and before we know that the command has left."""

    def __init__(self, ground: Ground, table: CommandTable, ledger: Ledger) -> None:
        self._ground = ground
        self._table = table
        self._ledger = ledger

    def heard(self, due: ResultHeard) -> None:
        """A device says how it goes; part of the transaction. What comes twice, of another's
        command or after the end changes nothing."""
        with self._ground.registry.work():
            row = self._table.by_id(due.command)
            if row is None or row.device != Subject.parse(due.subject).id:
                return
            now = self._ground.now_ms()
            try:
                match due.status:
                    case "running":
                        self._ledger.move(row, Step.BEGIN, due.by)
                        row.next_ms = now + row.timeout_ms
                    case "completed":
                        self._ledger.move(row, Step.COMPLETE, due.by)
                        row.output = json.dumps(due.output)[:_LONGEST_OUTPUT]
                    case "failed":
                        self._ledger.move(row, Step.FAIL, due.by, said_by_device(due.error))
            except Misstep:
                log.debug("command %s: %s came too late or twice", row.id, due.status)

    def radio(self, due: DownlinkHeard) -> None:
        """A network server tells of a downlink, which has its command's id."""
        with self._ground.registry.work():
            row = self._table.by_id(due.downlink)
            if row is None or row.device != Subject.parse(due.subject).id:
                return
            try:
                match due.stage:
                    case "sent":
                        self._ledger.move(row, Step.TRANSMIT, due.by)
                    case "acknowledged":
                        if row.state in (*IN_HAND, State.SENT):
                            self._ledger.move(row, Step.REACH, due.by)
                        self._ledger.move(row, Step.COMPLETE, due.by, _BY_RADIO)
                    case "failed":
                        reason = Text(N_("The network server: {detail}"), {"detail": due.detail})
                        self._ledger.move(row, Step.FAIL, due.by, reason)
                    case "not-acknowledged":
                        self._unheard(row, due.by)
            except Misstep:
                log.debug("command %s: %s came too late or twice", row.id, due.stage)

    def _unheard(self, row: CommandRow, who: str) -> None:
        now = self._ground.now_ms()
        if row.sure and row.attempts <= row.retries and now < row.expires_ms:
            self._ledger.move(row, Step.REPEAT, who)
            row.attempts += 1
            row.next_ms = now  # resumed at the next tick
            return
        self._ledger.move(row, Step.LOSE, who, _UNHEARD)
