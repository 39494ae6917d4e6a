"""What is done now and then while the solution runs: days that are over become sorted files."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from jalon.run.ports import ReadingStore

log = logging.getLogger(__name__)

EVERY_S = 600.0
SETTLE_MS = 3_600_000
"""How long after midnight UTC a day may still receive its last values before it is written."""


class Housekeeping:
    """Compacts the store beside everything else, and does the `chores`; `trouble` says why it could
    not."""

    def __init__(
        self,
        store: ReadingStore,
        now_ms: Callable[[], int],
        every_s: float = EVERY_S,
        chores: Sequence[Callable[[], object]] = (),
    ) -> None:
        self._store = store
        self._now_ms = now_ms
        self._every_s = every_s
        self._chores = chores
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)
        self.trouble: str | None = None

    def start(self) -> None:
        """Begin; the first round comes after one interval, so that it never slows a start."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.5) -> None:
        """End after the round at hand, or leave it: closing the store cuts a compaction short,
        which loses nothing."""
        self._stop.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self.trouble = None
            for chore in (self._compact, *self._chores):
                try:
                    chore()
                except Exception as error:
                    # Whatever it was, it must not go unseen: say so and try again.
                    if self._stop.is_set():
                        return
                    log.exception("housekeeping failed; it will be tried again")
                    self.trouble = str(error) or type(error).__name__

    def _compact(self) -> None:
        started = time.monotonic()
        done = self._store.compact(self._now_ms() - SETTLE_MS)
        if done.days:
            spent = time.monotonic() - started
            log.info("compacted %d days, %d rows in %.1f s", done.days, done.rows, spent)
