"""Commands on a real registry, with a device at the other end that does what tests want."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from notebook import Notebook
from school import EXAMPLE

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.app.commands.service import Commands
from jalon.app.downlinks import Downlinks
from jalon.app.ground import Ground
from jalon.app.solution import Solution, load
from jalon.run.control import Message, ResultHeard
from jalon.run.fleet import Device

DISPLAY, OTHER = "zay-cm2-a-display", "zay-canteen"
START_MS = 1_790_000_000_000


@dataclass
class Post:
    """`commands` of the example school; `now` is the clock, `told` what devices were told.
    `trouble`, while set, is raised instead of telling; `before` is called when something is told,
    `after` once it was."""

    registry: Registry
    solution: Solution
    now: int = START_MS
    told: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    trouble: BaseException | None = None
    downlinks: Downlinks | None = None
    after: Callable[[], None] = lambda: None

    def open(self) -> Commands:
        """The service, as after a start."""
        ground = Ground(
            self.registry,
            lambda: self.solution,
            lambda: self.now,
            Notebook(),
            self.solution.folder,
        )
        return Commands(ground, self._carry, self.messages.append, lambda: self.downlinks)

    def _carry(self, device: Device, leaf: str, payload: bytes, _retain: bool) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.told.append((device.id, leaf, json.loads(payload)))
        self.after()

    def answer(
        self, commands: Commands, status: str, output: object = None, device: str = ""
    ) -> None:
        """The device that was told last says how it went."""
        name, _leaf, body = self.told[-1]
        commands.carry_out(
            ResultHeard.model_validate(
                {
                    "at_ms": self.now,
                    "key": f"{body['id']}:{status}:{self.now}",
                    "by": f"device:{device or name}",
                    "subject": f"device:{device or name}",
                    "command": body["id"],
                    "status": status,
                    "output": output,
                    "error": "stuck" if status == "failed" else "",
                }
            )
        )


def open_post(folder: Path, written: str = "") -> Post:
    """A copy of the example school with this `commands.yaml`."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
    for file in ("rules", "notifications.yaml", "alarms.yaml", "updates.yaml"):
        found = folder / file
        if found.is_dir():
            shutil.rmtree(found)
        else:
            found.unlink(missing_ok=True)
    (folder / "commands.yaml").unlink(missing_ok=True)
    if written:
        (folder / "commands.yaml").write_text(written, "utf-8")
    return Post(open_sqlite(folder / ".jalon" / "registry.db"), load(folder))
