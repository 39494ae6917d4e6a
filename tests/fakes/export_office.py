"""The example school with integrations, on a real store and registry, without a broker of its
own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import time_ns

import yaml
from notebook import Notebook

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.app import routing
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.external_secrets import write_external
from jalon.app.ground import Ground
from jalon.app.integrations.outside import Outside
from jalon.app.integrations.service import Integrations, Shown
from jalon.app.notices.outbox import Outbox
from jalon.app.solution import Solution, load
from jalon.run.batch import Columns
from jalon.run.control import CommandDue
from jalon.run.live import LiveBoard
from jalon.run.ports import Latest

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"
DEVICE = "zay-cm2-a"


@dataclass
class ExportOffice:
    """A solution that runs as far as its integrations need. `now` may be set."""

    folder: Path
    solution: Solution
    store: DuckdbStore
    registry: Registry
    live: LiveBoard
    outbox: Outbox
    commands: list[CommandDue] = field(default_factory=list)
    notebook: Notebook = field(default_factory=Notebook)
    now: int = 0
    integrations: Integrations = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.now or time_ns() // 1_000_000
        self.series = routing.by_name(self.store.declare(routing.specs(self.solution)))
        self.join()

    def join(self) -> None:
        """Integrations as after a new start of Jalon."""
        ground = Ground(
            self.registry, lambda: self.solution, lambda: self.now, self.notebook, self.folder
        )
        self.integrations = Integrations(ground)
        self.integrations.attach(
            Outside(self.store, self.live, self.outbox, lambda: None, self.commands.append)
        )

    def write(self, **lists: object) -> None:
        """Have this `integrations.yaml` from now on."""
        (self.folder / "integrations.yaml").write_text(yaml.safe_dump(lists))
        self.solution = load(self.folder)

    def secret(self, name: str, value: str) -> None:
        """What the operator has set."""
        write_external(self.folder, name, value)

    def hear(self, time_ms: int, value: float, device: str = DEVICE, name: str = "co2") -> None:
        """A value comes in, as the intake brings it."""
        one = self.series[device, name]
        self.store.append(Columns([one.id], [time_ms], [value]))
        self.live.publish([Latest(one.id, time_ms, value)])

    def shown(self, name: str) -> Shown:
        """How an integration is."""
        return next(one for one in self.integrations.shown() if one.settings.id == name)

    def works(self, name: str) -> bool:
        """Whether it does."""
        standing = self.shown(name).standing
        return standing is not None and standing.works is True

    def trouble(self, name: str) -> str:
        """Why it does not work, "" when it does."""
        standing = self.shown(name).standing
        return str(standing.trouble) if standing and standing.trouble else ""


@contextmanager
def export_office(folder: Path) -> Iterator[ExportOffice]:
    """One in `folder`; whatever runs is stopped afterwards."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
    store = DuckdbStore.open(folder / ".jalon" / "store")
    registry = open_sqlite(folder / REGISTRY_FILE)

    def clock() -> int:
        return time_ns() // 1_000_000

    outbox = Outbox(registry, clock)
    office = ExportOffice(folder, load(folder), store, registry, LiveBoard(store.latest()), outbox)
    outbox.start()
    try:
        yield office
    finally:
        office.integrations.stop()
        outbox.stop()
        registry.close()
        store.close()


Check = Callable[[], bool]
