"""Everything about how devices come in, put together for a running solution or for a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.adapters.stores.registry.schema import AuditEntry
from jalon.app.accounts import OPERATOR, REGISTRY_FILE
from jalon.app.claims import Claims
from jalon.app.clock import now_ms
from jalon.app.fleet_marks import FleetMarks
from jalon.app.journal import RegistryJournal, acting
from jalon.app.keyring import Keyring
from jalon.app.local import Endpoint, read_run
from jalon.app.local_api import LocalApi
from jalon.app.provisioning import Provisioning
from jalon.app.solution import load
from jalon.app.waiting_room import WaitingRoom
from jalon.run.journal import Journal
from jalon.vocab.errors import SolutionError

RELOAD_PATH = "/api/reload"


@dataclass(frozen=True, slots=True)
class Reception:
    """The journal and the desks of one solution."""

    journal: Journal
    keyring: Keyring
    provisioning: Provisioning
    claims: Claims
    waiting: WaitingRoom
    marks: FleetMarks

    @classmethod
    def of(
        cls,
        registry: Registry,
        journal: Journal,
        folder: Path,
        clock: Callable[[], int],
        changed: Callable[[], None],
    ) -> Reception:
        """Those of the solution in `folder`; `changed` is called after the fleet's files or
        credentials have changed."""
        quiet = Keyring(registry, journal, folder, clock)
        provisioning = Provisioning(folder, quiet, journal, clock, changed)

        def learnt() -> None:
            # Credentials are learnt also when the files have a fault, which is not their matter.
            with suppress(SolutionError):
                changed()

        def mqtt(by_certificate: bool) -> Endpoint | None:
            run = read_run(folder)
            if run is None:
                return None
            return run.certificates if by_certificate else run.mqtt

        return cls(
            journal,
            Keyring(registry, journal, folder, clock, learnt),
            provisioning,
            Claims(registry, quiet, provisioning, journal, clock, mqtt),
            WaitingRoom(registry, folder, provisioning, journal, clock),
            FleetMarks(folder, journal, changed),
        )


@contextmanager
def reception(folder: Path, action: str = "", detail: str = "") -> Iterator[Reception]:
    """The desks for a command: it works on the registry and the files itself. With an `action`,
    which the audit trail keeps, a solution that runs is told to learn at the end.

    Raises SolutionError for files with a fault, StoreError, and UsageError when the running
    solution refuses what it is told.
    """
    if not (folder / "solution.yaml").is_file():
        load(folder)  # raises: a mistyped folder must not get a registry
    registry = open_sqlite(folder / REGISTRY_FILE)
    journal = RegistryJournal(registry, now_ms)
    journal.start()
    try:
        with acting(OPERATOR if action else ""):
            yield Reception.of(registry, journal, folder, now_ms, lambda: None)
        if action:
            entry = AuditEntry(
                at_ms=now_ms(), who=OPERATOR, action=action, detail=detail[:255], address=""
            )
            registry.add(entry)
    finally:
        journal.stop()
        registry.close()
    if action:
        tell_running(folder)


def tell_running(folder: Path) -> None:
    """Let a running solution learn what has changed; nothing when it is not running."""
    if run := read_run(folder):
        LocalApi(folder, run).post(RELOAD_PATH)
