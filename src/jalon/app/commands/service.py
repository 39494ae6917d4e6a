"""The commands of a running solution."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from jalon.adapters.stores.registry import CommandTable
from jalon.app.carriers import Carry
from jalon.app.commands.answers import Answers
from jalon.app.commands.bulks import BulkAsked, Bulks
from jalon.app.commands.desk import Asked, Desk
from jalon.app.commands.handing import Handing
from jalon.app.commands.ledger import Ledger
from jalon.app.commands.schedules import Schedules
from jalon.app.commands.sending import Dispatcher
from jalon.app.commands.views import Bulk, Command, CommandStep, bulk_of, command_of, step_of
from jalon.app.commands.ways import Ways
from jalon.app.downlinks import Downlinks, NotSent
from jalon.app.ground import Ground
from jalon.app.worker import Worker
from jalon.run.commands.states import OVER, State
from jalon.run.commands.wanted import Wanted
from jalon.run.control import CommandDue, DownlinkHeard, Message, ResultHeard, Subject
from jalon.run.fleet import Device
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

TICK_S = 0.25
_HOUR_MS = 3_600_000


def _nowhere(_device: Device, _leaf: str, _payload: bytes, _retain: bool) -> None:
    raise NotSent(Text(N_("The broker does not run yet.")))


def _nobody(_question: str) -> list[str]:
    raise UsageError(Text(N_("The fleet cannot be searched now.")))


class Commands:
    """Every method may be called from any thread.

    `carry` brings messages to devices (see `app.carriers`), `downlinks` gives what sends LoRaWAN
    frames once it runs, `post` tells people; `search` gives the ids of devices for a question to
    the fleet, `members` those of a group. `carry`, `search` and `members` may be set later, as may
    `heard`, which gives when a device last said anything (Unix ms).
    """

    def __init__(
        self,
        ground: Ground,
        carry: Carry = _nowhere,
        post: Callable[[Message], None] = lambda _message: None,
        downlinks: Callable[[], Downlinks | None] = lambda: None,
        search: Callable[[str], list[str]] = _nobody,
        members: Callable[[str], list[str]] = _nobody,
    ) -> None:
        self.carry = carry
        self.search = search
        self.members = members
        self.heard: Callable[[str], int | None] = lambda _device: None
        self._table = CommandTable(ground.registry)
        ledger = Ledger(self._table, ground.journal, ground.now_ms)
        ways = Ways(lambda *told: self.carry(*told), downlinks)
        self.desk = Desk(ground, self._table, ledger, ways, post)
        self.bulks = Bulks(
            ground,
            self._table,
            ledger,
            self.desk,
            (lambda question: self.search(question), lambda group: self.members(group)),
        )
        self.schedules = Schedules(ground, self._table, self.desk, self.bulks)
        self._answers = Answers(ground, self._table, ledger)
        handing = Handing(ground, self._table, ledger, ways)
        self._dispatcher = Dispatcher(
            ground, self._table, handing, lambda device: self.heard(device)
        )
        self._ground = ground
        self._swept_ms = 0
        self._worker = Worker("commands", self._turn, TICK_S)

    def start(self) -> None:
        """Begin to send."""
        self._worker.start()

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""
        self._worker.stop()

    def tick(self) -> None:
        """Do everything that is due now. The thread does nothing else."""
        self.schedules.tick()
        self.bulks.tick()
        self._dispatcher.tick()
        now = self._ground.now_ms()
        if abs(now - self._swept_ms) >= _HOUR_MS:
            self._swept_ms = now
            before = now - self._ground.solution().control.commands.kept_ms
            while self._table.prune(OVER, before) and not self._worker.ending:
                pass

    def carry_out(self, due: CommandDue | ResultHeard | DownlinkHeard) -> None:
        """Take in; a part of the transaction it is called in. What cannot be is written down as a
        rejected command."""
        match due:
            case CommandDue():
                asked = Asked(
                    Subject.parse(due.subject).id,
                    due.action,
                    due.input,
                    due.by,
                    key=due.key,
                    expires_ms=due.expires_ms,
                )
                try:
                    self.desk.ask(asked)
                except UsageError as error:
                    self.desk.refuse(asked, error.text)
            case ResultHeard():
                self._answers.heard(due)
            case DownlinkHeard():
                self._answers.radio(due)
        self._worker.wake()

    def ask(self, asked: Asked) -> Command:
        """A command, the same one when its key was used before. Raises UsageError when it makes no
        sense, KeyTaken for a key that was used for something else, NotForYou."""
        row = self.desk.ask(asked)
        self._worker.wake()
        return command_of(row)

    def approve(self, command: str, who: str) -> Command:
        """By a second person (`user:<name>`). Raises UsageError, NotForYou."""
        row = self.desk.approve(command, who)
        self._worker.wake()
        return command_of(row)

    def one(self, command: str) -> Command | None:
        """The command of that id."""
        row = self._table.by_id(command)
        return None if row is None else command_of(row)

    def steps(self, command: Command) -> Sequence[CommandStep]:
        """What happened to it, in order."""
        return [step_of(row) for row in self._table.steps(command.number)]

    def find(self, wanted: Wanted, limit: int = 50) -> list[Command]:
        """The newest first."""
        return [command_of(row) for row in self._table.find(wanted, limit)]

    def awaiting(self) -> list[Command]:
        """What waits for somebody's approval, the oldest first."""
        wanted = Wanted(states=[State.AWAITING])
        return [command_of(row) for row in self._table.find(wanted, 1_000, oldest=True)]

    def begin(self, asked: BulkAsked, confirmed: int) -> Bulk:
        """The same to many devices; see `Bulks.ask`."""
        row = self.bulks.ask(asked, confirmed)
        self._worker.wake()
        return bulk_of(row, self._table.bulks.tally(row.id))

    def bulk(self, number: int) -> Bulk | None:
        """The bulk of that number."""
        row = self._table.bulks.one(number)
        return None if row is None else bulk_of(row, self._table.bulks.tally(number))

    def all_bulks(self, limit: int = 20) -> list[Bulk]:
        """The newest first."""
        return [
            bulk_of(row, self._table.bulks.tally(row.id)) for row in self._table.bulks.newest(limit)
        ]

    def _turn(self) -> float:
        self.tick()
        return TICK_S
