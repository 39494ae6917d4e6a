"""Where commands are asked for, approved, rejected and cancelled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from jalon.adapters.stores.registry import CommandTable
from jalon.adapters.stores.registry.commands_schema import CommandRow
from jalon.app.commands.ledger import Ledger
from jalon.app.commands.ways import Way, Ways
from jalon.app.ground import Ground
from jalon.run.commands.affordances import Affordance, Affordances
from jalon.run.commands.inputs import checked
from jalon.run.commands.spec import Handling, person
from jalon.run.commands.states import OPEN, Misstep, State, Step
from jalon.run.control import Message
from jalon.run.fleet import Device
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

MOST_OPEN = 50
"""Commands of one device that are not over yet."""
MOST_OF_A_RULE = 60
"""Commands an hour of one rule to one device, where no policy gives a rate: what it does may be
what it sees next, round and round."""
_LONGEST_KEY = 200
_HOUR_MS = 3_600_000


class KeyTaken(UsageError):  # noqa: N818 - named for what happened
    """The key was used for something else."""


class NotForYou(UsageError):  # noqa: N818 - named for what happened
    """Somebody else may do it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command somebody wants: `by` is `user:<name>`, `rule:<id>` or `schedule:<id>`; `key` makes
    it unique (a random one without). It is sent at `at_ms` or now, and until `expires_ms` at the
    latest (Unix ms); None for what is written about the action."""

    device: str
    action: str
    input: object = None
    by: str = ""
    key: str = ""
    at_ms: int | None = None
    expires_ms: int | None = None
    bulk: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a command is going to be handled."""

    device: Device
    one: Affordance
    way: Way
    handling: Handling
    input: object


class Desk:
    """See `Commands`, which has the same methods for everybody else."""

    def __init__(
        self,
        ground: Ground,
        table: CommandTable,
        ledger: Ledger,
        ways: Ways,
        post: Callable[[Message], None],
    ) -> None:
        self._ground = ground
        self._table = table
        self._ledger = ledger
        self._ways = ways
        self._post = post

    def plan(self, asked: Asked) -> Plan:
        """How it would be handled. Raises UsageError when it makes no sense."""
        solution = self._ground.solution()
        device = solution.device(asked.device)
        if device is None:
            raise UsageError(Text(N_("There is no device {id}."), {"id": asked.device[:64]}))
        one = Affordances.of(solution.things[device.thing]).all.get(asked.action)
        if one is None:
            message = N_("{device} has no action “{action}”.")
            raise UsageError(Text(message, {"device": device.id, "action": asked.action[:80]}))
        way = self._ways.to(solution, device)
        value = checked(one.input, asked.input)
        way.check(device, one, value)
        handling = solution.control.commands.handling(device.thing, one)
        return Plan(device, one, way, handling, value)

    def ask(self, asked: Asked) -> CommandRow:
        """The command, the same one when its key was used before. Raises UsageError, KeyTaken."""
        if len(asked.key) > _LONGEST_KEY:
            message = N_("A key has at most {count} characters.")
            raise UsageError(Text(message, {"count": _LONGEST_KEY}))
        if asked.key and (known := self._known(asked)) is not None:
            return known
        plan = self.plan(asked)  # a codec may have to be asked: not inside a transaction of ours
        with self._ground.registry.work():
            if asked.key and (known := self._known(asked)) is not None:
                return known
            self._allow(asked, plan)
            row = self._row(asked, plan)
            self._ledger.open(row)
            if plan.handling.dangerous:
                self._hold(row, plan)
            else:
                self._ledger.move(row, Step.ENQUEUE, asked.by)
            return row

    def refuse(self, asked: Asked, reason: Text) -> CommandRow | None:
        """Write down a command that cannot be: a rule's, so that somebody sees it. None for one of
        very many, which is one too many to write down."""
        with self._ground.registry.work():
            if asked.by.startswith("rule:") and self._asked_by(asked) >= 2 * MOST_OF_A_RULE:
                return None
            if (known := self._table.by_key(asked.key)) is not None:
                return known
            row = self._row(asked, None)
            self._ledger.open(row)
            self._ledger.move(row, Step.REJECT, "", reason)
            return row

    def approve(self, command: str, who: str) -> CommandRow:
        """By a second person. Raises UsageError, NotForYou."""
        with self._ground.registry.work():
            row = self._row_of(command)
            if person(row.by) == person(who):
                message = N_("Somebody else must approve it: you have asked for it yourself.")
                raise NotForYou(Text(message))
            self._move(row, Step.APPROVE, who)
            row.approver = who
            now = self._ground.now_ms()
            waited_ms = max(0, now - (row.next_ms or now))
            row.next_ms = max(row.next_ms or now, now)
            row.expires_ms += waited_ms
            return row

    def reject(self, command: str, who: str, why: str = "") -> CommandRow:
        """Say no to what awaits approval."""
        with self._ground.registry.work():
            row = self._row_of(command)
            if State(row.state) is not State.AWAITING:
                raise UsageError(Text(N_("It does not await approval (any more).")))
            reason = Text(N_("Rejected: {why}"), {"why": why[:500]}) if why else None
            self._move(row, Step.REJECT, who, reason)
            return row

    def cancel(self, command: str, who: str) -> CommandRow:
        """What has not left yet. Raises UsageError for the rest."""
        with self._ground.registry.work():
            row = self._row_of(command)
            self._move(row, Step.CANCEL, who)
            return row

    def _known(self, asked: Asked) -> CommandRow | None:
        known = self._table.by_key(asked.key)
        if known is not None and known.digest != digest(asked):
            message = N_("This key was used for another command; take a new one.")
            raise KeyTaken(Text(message))
        return known

    def _allow(self, asked: Asked, plan: Plan) -> None:
        handling = plan.handling
        if not handling.allows(asked.by):
            message = N_("{who} may not ask for “{action}”.")
            raise NotForYou(Text(message, {"who": asked.by, "action": plan.one.name}))
        if self._table.open_of(plan.device.id, OPEN) >= MOST_OPEN:
            message = N_("{count} commands wait for {device} already.")
            raise UsageError(Text(message, {"count": MOST_OPEN, "device": plan.device.id}))
        if handling.rate is not None:
            since = self._ground.now_ms() - _HOUR_MS
            if self._table.count(plan.device.id, plan.one.name, since) >= handling.rate:
                raise _too_many(handling.rate, plan.device.id)
        elif asked.by.startswith("rule:") and self._asked_by(asked) >= MOST_OF_A_RULE:
            raise _too_many(MOST_OF_A_RULE, plan.device.id)

    def _asked_by(self, asked: Asked) -> int:
        since = self._ground.now_ms() - _HOUR_MS
        return self._table.asked_by(asked.by[:100], asked.device[:64], since)

    def _row(self, asked: Asked, plan: Plan | None) -> CommandRow:
        now = self._ground.now_ms()
        start = now if asked.at_ms is None else max(asked.at_ms, now)
        number = str(uuid4())
        wait, timeout, retries, sure, answers = _HOUR_MS, 0, 0, False, True
        if plan is not None:
            way, said = plan.way, plan.handling
            wait = way.expires_ms if said.expires_ms is None else said.expires_ms
            timeout = way.timeout_ms if said.timeout_ms is None else said.timeout_ms
            retries = way.retries if said.retries is None else said.retries
            sure = way.numbered or plan.one.idempotent
            answers = way.answers and plan.one.answers
        return CommandRow(
            id=number,
            key=asked.key or number,
            digest=digest(asked),
            device=asked.device[:64],
            action=asked.action[:80],
            input=json.dumps(plan.input if plan else asked.input, ensure_ascii=False),
            by=asked.by[:100],
            state=State.REQUESTED.value,
            sure=sure,
            parallel=plan is not None and plan.one.parallel,
            answers=answers,
            created_ms=now,
            changed_ms=now,
            expires_ms=asked.expires_ms or start + wait,
            timeout_ms=timeout,
            next_ms=start,
            retries=retries,
            attempts=0,
            approver="",
            bulk=asked.bulk,
            output="",
            reason="",
        )

    def _hold(self, row: CommandRow, plan: Plan) -> None:
        """Until a second person has approved it; those who can are told."""
        self._ledger.move(row, Step.HOLD, row.by)
        to = self._ground.solution().control.commands.approvers
        if not to:
            return
        params = {"device": plan.device.name, "by": row.by.partition(":")[2]}
        titles = plan.one.names.by_language
        title = {
            "en": f"To approve: {titles.get('en', plan.one.name)}, {plan.device.name}",
            "fr": f"À approuver : {titles.get('fr', plan.one.name)}, {plan.device.name}",
        }
        body = {
            "en": f"{params['by']} asks {plan.device.name} to do it. A second person must approve.",
            "fr": f"{params['by']} le demande à {plan.device.name}. Une deuxième personne doit"
            " approuver.",
        }
        now = self._ground.now_ms()
        key, path = f"approval:{row.id}", f"/commands/{row.number}"
        self._post(Message(key=key, at_ms=now, to=to, title=title, body=body, path=path))

    def _row_of(self, command: str) -> CommandRow:
        row = self._table.by_id(command)
        if row is None:
            raise UsageError(Text(N_("There is no command {id}."), {"id": command[:64]}))
        return row

    def _move(self, row: CommandRow, step: Step, who: str, reason: Text | None = None) -> None:
        try:
            self._ledger.move(row, step, who, reason)
        except Misstep:
            message = {
                Step.APPROVE: N_("It does not await approval (any more)."),
                Step.REJECT: N_("It does not await approval (any more)."),
            }.get(step, N_("It can no longer be cancelled: it has left, or it is over."))
            raise UsageError(Text(message)) from None


def _too_many(count: float, device: str) -> UsageError:
    message = N_("At most {count} of these an hour may be asked of {device}.")
    return UsageError(Text(message, {"count": f"{count:g}", "device": device}))


def digest(asked: Asked) -> str:
    """What makes two requests the same."""
    said = [asked.device, asked.action, asked.input]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
