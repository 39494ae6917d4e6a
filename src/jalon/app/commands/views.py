"""Commands as they are shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from jalon.adapters.stores.registry.commands_schema import BulkRow, CommandRow, CommandStepRow
from jalon.app.commands.ledger import read_text
from jalon.run.commands.bulk import Error, PartialFailure, Progress, Success, result
from jalon.run.commands.states import State
from jalon.vocab.text import Text


@dataclass(frozen=True, slots=True)
class Command:
    """A command. Times in Unix ms; `by` and `approver` are `user:<name>` or the like."""

    id: str
    number: int
    key: str
    device: str
    action: str
    input: object
    by: str
    state: State
    created_ms: int
    changed_ms: int
    expires_ms: int
    attempts: int
    approver: str
    bulk: int | None
    output: object
    reason: Text | None


@dataclass(frozen=True, slots=True)
class CommandStep:
    """Something that happened to it: the step's word, the state after it, by whom, and why."""

    at_ms: int
    step: str
    state: State
    who: str
    reason: Text | None


@dataclass(frozen=True, slots=True)
class Bulk:
    """The same command to many devices, and how far it has come; `result` is None meanwhile."""

    id: int
    action: str
    input: object
    by: str
    created_ms: int
    rate: float
    concurrency: int
    stop_at: float
    stopped: Text | None
    progress: Progress
    awaiting: int

    @property
    def result(self) -> Success | PartialFailure | Error | None:
        """How it ended."""
        return result(self.progress)


def command_of(row: CommandRow) -> Command:
    """A row as a command."""
    return Command(
        id=row.id,
        number=row.number,
        key=row.key,
        device=row.device,
        action=row.action,
        input=json.loads(row.input),
        by=row.by,
        state=State(row.state),
        created_ms=row.created_ms,
        changed_ms=row.changed_ms,
        expires_ms=row.expires_ms,
        attempts=row.attempts,
        approver=row.approver,
        bulk=row.bulk,
        output=_output(row.output),
        reason=read_text(row.reason),
    )


def step_of(row: CommandStepRow) -> CommandStep:
    """A row as a step."""
    return CommandStep(row.at_ms, row.step, State(row.state), row.who, read_text(row.reason))


def bulk_of(row: BulkRow, tally: Mapping[str, int]) -> Bulk:
    """A row as a bulk."""
    return Bulk(
        id=row.id,
        action=row.action,
        input=json.loads(row.input),
        by=row.by,
        created_ms=row.created_ms,
        rate=row.rate,
        concurrency=row.concurrency,
        stop_at=row.stop_at,
        stopped=read_text(row.stopped),
        progress=Progress.of(tally),
        awaiting=tally.get(State.AWAITING, 0),
    )


def _output(stored: str) -> object:
    """What a device answered; the raw text of one that was too long to be kept whole."""
    if not stored:
        return None
    try:
        return json.loads(stored)
    except json.JSONDecodeError:
        return stored
