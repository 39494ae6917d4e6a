"""The functions of rules as the engine asks them: a process each, replaced when it does not
answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jalon.adapters.plugin_rules.process import Limits, Process
from jalon.adapters.sandbox.breaker import PAUSE_S, Breaker
from jalon.run.control import Scalar
from jalon.run.rules.plugin import Answered, Ask, PluginFailed

AT_ONCE = 256
"""Asks of one message: so many share the time of a call."""


class Processes:
    """See `run.rules.plugin.PluginRunner`. `folder` is the solution's `rules/`; a file there comes
    before an installed package. Nothing runs before it is asked; `close` ends every process."""

    def __init__(
        self,
        folder: Path,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._limits = limits or Limits()
        self._clock = clock
        self._running: dict[str, tuple[Process, Breaker]] = {}

    def ask(self, name: str, asks: Sequence[Ask], memory: Mapping[str, str]) -> Answered:
        """A value an ask. Raises PluginFailed; after five failures in a row the function rests for
        half a minute."""
        if name not in self._running:
            process = Process(name, self._folder / f"{name}.py", self._limits)
            self._running[name] = process, Breaker(self._clock)
        process, breaker = self._running[name]
        if not breaker.allowed():
            raise PluginFailed(f"it rests for {PAUSE_S:.0f} s after it failed too often")
        kept = dict(memory)
        values: list[Scalar] = []
        try:
            for first in range(0, len(asks), AT_ONCE):
                part = asks[first : first + AT_ONCE]
                mine = {one.subject: kept.get(one.subject, "") for one in part}
                said = process.ask(part, mine)
                values += said.values
                kept.update(said.memory)
        except PluginFailed:
            breaker.failed()
            raise
        breaker.worked()
        return Answered(values, kept)

    def close(self) -> None:
        """End every process; what is asked later starts them again."""
        for process, _breaker in self._running.values():
            process.stop()
        self._running.clear()
