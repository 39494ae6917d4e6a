"""What integrations are joined to when a solution runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jalon.app.local import Endpoint
from jalon.app.notices.outbox import Outbox
from jalon.run.control import CommandDue
from jalon.run.live import LiveBoard
from jalon.run.ports import FollowedStore


@dataclass(frozen=True, slots=True)
class Outside:
    """`broker` is where our own broker listens, None while it does not. `command` has a command
    carried out; it raises JalonError when that cannot be."""

    store: FollowedStore
    live: LiveBoard
    outbox: Outbox
    broker: Callable[[], Endpoint | None]
    command: Callable[[CommandDue], None]
