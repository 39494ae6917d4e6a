"""Moves commands from state to state, and writes down each step."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from jalon.adapters.stores.registry import CommandTable
from jalon.adapters.stores.registry.commands_schema import CommandRow, CommandStepRow
from jalon.run.commands.states import State, Step, follow
from jalon.run.journal import Journal, Kind
from jalon.vocab.text import N_, Text

_LONGEST = 2_000
_ENDS = {
    State.COMPLETED: Kind.COMMAND_COMPLETED,
    State.FAILED: Kind.COMMAND_NOT_DONE,
    State.TIMED_OUT: Kind.COMMAND_NOT_DONE,
    State.EXPIRED: Kind.COMMAND_NOT_DONE,
    State.CANCELLED: Kind.COMMAND_NOT_DONE,
    State.REJECTED: Kind.COMMAND_NOT_DONE,
    State.UNKNOWN: Kind.COMMAND_NOT_DONE,
}


class Ledger:
    """For use inside `registry.work()`."""

    def __init__(self, table: CommandTable, journal: Journal, now_ms: Callable[[], int]) -> None:
        self._table = table
        self._journal = journal
        self._now_ms = now_ms

    def open(self, row: CommandRow) -> None:
        """A new command is written down."""
        self._table.add(row)
        self._step(row, "request", row.by, None)
        self._journal.note(
            Kind.COMMAND_ASKED, row.device, action=row.action, command=row.id, by=row.by
        )

    def move(self, row: CommandRow, step: Step, who: str = "", reason: Text | None = None) -> None:
        """Take the step. Raises Misstep when there is none from there."""
        state = follow(State(row.state), step)
        row.state = state.value
        row.changed_ms = self._now_ms()
        if reason is not None:
            row.reason = write_text(reason)
        elif state is State.COMPLETED:
            row.reason = ""
        self._step(row, step.value, who, reason)
        if state in _ENDS and step is not Step.TRANSMIT:
            row.next_ms = None
            said = {"action": row.action, "command": row.id, "state": state.value}
            if reason is not None:
                said["reason"] = str(reason)
            self._journal.note(_ENDS[state], row.device, **said)

    def _step(self, row: CommandRow, step: str, who: str, reason: Text | None) -> None:
        self._table.add(
            CommandStepRow(
                command=row.number,
                at_ms=self._now_ms(),
                step=step,
                state=row.state,
                who=who[:100],
                reason="" if reason is None else write_text(reason),
            )
        )


def said_by_device(error: str) -> Text:
    """What a device gave as its reason."""
    return Text(N_("The device says: {error}"), {"error": error[:_LONGEST]})


def write_text(text: Text) -> str:
    """A text as it is stored, to be translated when it is shown."""
    return json.dumps(_plain(text), ensure_ascii=False, default=str)


def read_text(stored: str) -> Text | None:
    """The inverse of `write_text`; None for what is empty."""
    return _text(json.loads(stored)) if stored else None


def _plain(text: Text) -> dict[str, object]:
    params = {
        name: _plain(one) if isinstance(one, Text) else one for name, one in text.params.items()
    }
    return {"message": text.message, "params": params}


def _text(plain: Mapping[str, object]) -> Text:
    params = plain["params"]
    assert isinstance(params, Mapping)
    found = {name: _text(one) if isinstance(one, Mapping) else one for name, one in params.items()}
    return Text(str(plain["message"]), found)
