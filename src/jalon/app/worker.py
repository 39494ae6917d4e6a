"""A thread that takes one turn after the other, at once when it is woken."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from jalon.vocab.errors import StoreError

log = logging.getLogger(__name__)


class Worker:
    """`turn` does what is due and returns after how many seconds it wants to look again by itself.

    After an error of the store, or a bug, it is tried again in `retry_s` seconds: without the
    thread nothing of its kind would ever be done again, and nobody would see it. `trouble` says
    what is wrong now, "" for nothing.
    """

    def __init__(self, name: str, turn: Callable[[], float], retry_s: float = 1.0) -> None:
        self.trouble = ""
        self._name = name
        self._turn = turn
        self._retry_s = retry_s
        self._awake = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def ending(self) -> bool:
        """Whether it was told to end: a long turn asks."""
        return self._ending.is_set()

    def start(self) -> None:
        """Take the first turn now."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the turn that is being taken; one that does not run stays as it is."""
        self._ending.set()
        self._awake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Take a turn now. Returns at once."""
        self._awake.set()

    def _run(self) -> None:
        while True:
            self._awake.clear()
            if self._ending.is_set():  # asked after the clearing: being told to end is not missed
                return
            try:
                wait_s = self._turn()
            except StoreError as error:
                log.warning("%s: waiting, %s", self._name, error)
                self.trouble = str(error)
                self._ending.wait(self._retry_s)
            except Exception as error:
                log.exception("%s met a bug", self._name)
                self.trouble = repr(error)
                self._ending.wait(self._retry_s)
            else:
                self.trouble = ""
                self._awake.wait(wait_s)
