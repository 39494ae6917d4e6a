"""Devices come, move, are replaced and go: always as an edit of the fleet's files, which stay the
only place that says which devices there are.

Every edit is checked as a whole before a file changes: what would not load is refused with what
is wrong, and then nothing has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jalon.app.keyring import IssuedSecret, Keyring
from jalon.run.journal import Journal
from jalon.vocab.text import Text

Fields = Mapping[str, str]
"""A device as a line of `fleet/devices.csv`: column → text. Tags are separated by spaces."""


@dataclass(frozen=True, slots=True)
class Added:
    """A device that is there now. `secret` is its new credential, to be shown once; None when none
    was asked for."""

    device_id: str
    secret: IssuedSecret | None = None


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row of an import. `line` counts from 1 in the file it came from;
    `problems` says why it was refused, and is empty when it was accepted."""

    line: int
    device_id: str
    problems: tuple[Text, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the device was, or could be, added."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of an import. `done` says whether the accepted rows were added: they are not
    when a row was refused and that was not to be passed over. `secrets` are shown once."""

    rows: tuple[RowReport, ...]
    done: bool
    secrets: tuple[IssuedSecret, ...] = ()
    notes: tuple[Text, ...] = ()


class Provisioning:
    """Edits the fleet of one solution folder. `changed` is called after each change.

    Every method may be called from any thread; edits come one after the other, also those of other
    processes. All raise UsageError for a device that does not exist, and SolutionError with
    findings when the fleet would not load any more.
    """

    def __init__(
        self,
        folder: Path,
        keyring: Keyring,
        journal: Journal,
        now_ms: Callable[[], int],
        changed: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._keyring = keyring
        self._journal = journal
        self._now_ms = now_ms
        self._changed = changed

    def add(self, fields: Fields, *, issue: bool = False, secret: str | None = None) -> Added:
        """Add one device; with `issue` it gets a new secret, with `secret` the one it has."""
        raise NotImplementedError

    def add_many(
        self,
        rows: Sequence[tuple[int, Fields]],
        *,
        issue: bool = False,
        skip_refused: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Add many, each with the line it came from. A field `secret` is the credential that the
        device has already. With `skip_refused` a refused row does not hold back the others."""
        raise NotImplementedError

    def move(self, device_id: str, site: str, room: str | None) -> None:
        """The device is now somewhere else; its history stays what it is."""
        raise NotImplementedError

    def change(self, device_id: str, fields: Mapping[str, str | None]) -> None:
        """Change what the files say of a device; None removes a field."""
        raise NotImplementedError

    def replace(
        self, device_id: str, *, dev_eui: str | None = None, serial: str | None = None
    ) -> Added:
        """New hardware takes the device's place: its id and history stay, its credentials end at
        once, and it gets a new secret when it connects itself."""
        raise NotImplementedError

    def retire(self, device_id: str) -> None:
        """Out of service as of today (UTC): credentials end at once, history stays."""
        raise NotImplementedError
