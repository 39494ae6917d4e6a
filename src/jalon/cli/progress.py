"""A progress bar for what takes longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click

PATIENCE_S = 1.0
_STEPS = 1000


class Bar:
    """Shows nothing during the first second; on a terminal a bar after that, else one line for
    each tenth, so that logs stay short. Use it as a context."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._began = time.monotonic()
        self._shown = 0
        self._bar = click.progressbar(length=_STEPS, label=label, file=sys.stderr)
        self._open = False

    def __enter__(self) -> Bar:
        return self

    def at(self, done: float) -> None:
        """`done` is the share that is finished, 0 to 1."""
        if time.monotonic() - self._began < PATIENCE_S:
            return
        if not sys.stderr.isatty():
            tenth = int(done * 10)
            if tenth > self._shown:
                self._shown = tenth
                click.echo(f"{self._label} {tenth * 10} %", err=True)
            return
        if not self._open:
            self._bar.__enter__()
            self._open = True
        step = min(_STEPS, int(done * _STEPS))
        self._bar.update(step - self._shown)
        self._shown = step

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open:
            self._bar.__exit__(kind, error, trace)
            self._open = False
