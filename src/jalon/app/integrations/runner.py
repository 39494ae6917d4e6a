"""A thread for each integration that works by itself: what fails in one touches no other, and is
tried again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from jalon.run.backoff import Backoff
from jalon.run.integrations.ports import SinkDown
from jalon.run.integrations.states import Standing
from jalon.vocab.errors import JalonError
from jalon.vocab.text import N_, Text

log = logging.getLogger(__name__)

LEAVE_S = 3.0


class Job(Protocol):
    """What an integration does."""

    def serve(self, desk: Desk) -> None:
        """Work until `desk.stopping`; raises SinkDown or another JalonError when the other side is
        gone: it is called again after a pause."""


class Desk:
    """What a job says of itself, and how it waits. For any thread."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.standing = Standing(None, now_ms())
        self._changed = threading.Condition()
        self._ending = threading.Event()
        self._awake = False

    def stopping(self) -> bool:
        """Whether to end."""
        return self._ending.is_set()

    def stop(self) -> None:
        """Have it end."""
        self._ending.set()
        self.wake()

    def wake(self) -> None:
        """There is something to do."""
        with self._changed:
            self._awake = True
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Until woken, or told to stop, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._awake or self.stopping(), seconds)
            self._awake = False

    def pause(self, seconds: float) -> None:
        """Until told to stop, at most so long: after a failure nothing else shortens it."""
        self._ending.wait(seconds)

    def works(self, detail: str = "") -> None:
        """The other side is there."""
        with self._changed:
            since = self.standing.since_ms if self.standing.works else self.now_ms()
            self.standing = replace(
                self.standing, works=True, since_ms=since, trouble=None, detail=detail
            )

    def did(self, count: int, waiting: int = 0) -> None:
        """Something was done; `waiting` is left."""
        with self._changed:
            last = self.now_ms() if count else self.standing.last_ms
            done = self.standing.done + count
            self.standing = replace(self.standing, last_ms=last, done=done, waiting=waiting)

    def lost(self, dropped: int) -> None:
        """So many were given up, all in all."""
        with self._changed:
            self.standing = replace(self.standing, dropped=dropped)

    def fails(self, trouble: Text) -> None:
        """The other side is gone."""
        with self._changed:
            failed_before = self.standing.works is False
            since = self.standing.since_ms if failed_before else self.now_ms()
            self.standing = replace(self.standing, works=False, since_ms=since, trouble=trouble)


class Runner:
    """One job and its thread."""

    def __init__(
        self, name: str, job: Job, now_ms: Callable[[], int], backoff: Backoff | None = None
    ) -> None:
        self.job = job
        self.desk = Desk(now_ms)
        self._name = name
        self._backoff = backoff or Backoff(first_s=1.0, most_s=60.0)
        self._thread = threading.Thread(target=self._run, name=f"integration {name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def tell_stop(self) -> None:
        """Ask it to end."""
        self.desk.stop()

    def join(self) -> None:
        """Wait for its end; one that hangs is left behind."""
        self._thread.join(LEAVE_S)

    def _run(self) -> None:
        while not self.desk.stopping():
            try:
                self.job.serve(self.desk)
            except SinkDown as down:
                self._failed(down.text)
            except JalonError as error:
                self._failed(error.text)
            except Exception as error:
                # A mistake of ours in one of them must not end it for good, nor touch the others.
                log.exception("integration %s met a bug", self._name)
                self._failed(Text(N_("A mistake of ours: {error}"), {"error": repr(error)}))

    def _failed(self, trouble: Text) -> None:
        if self.desk.stopping():
            return
        if self.desk.standing.works:
            self._backoff.reset()
        self.desk.fails(trouble)
        self.desk.pause(self._backoff.pause_s())
