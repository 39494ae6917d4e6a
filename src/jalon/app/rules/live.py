"""The engine of a running solution: the intake thread feeds it, others may look at it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from jalon.run.batch import Columns
from jalon.run.control import Outcome
from jalon.run.rules.engine import Engine
from jalon.run.silences import Silence
from jalon.vocab.text import Text


class LiveRules:
    """A Watcher. `renew` puts another engine in its place, once the files have changed."""

    def __init__(self, silences: Callable[[], Sequence[Silence]]) -> None:
        self._silences = silences
        self._engine: Engine | None = None
        self._turn = threading.Lock()

    def renew(self, engine: Engine) -> None:
        """Go on with this engine. To be called by the intake thread, or before it runs."""
        engine.silences = self._silences()
        with self._turn:
            self._engine = engine

    def silences_changed(self) -> None:
        """Ask again what is silenced. For any thread."""
        found = self._silences()
        with self._turn:
            if self._engine is not None:
                self._engine.silences = found

    def feed(self, columns: Columns, now_ms: int) -> Outcome:
        """See new readings."""
        with self._turn:
            return self._engine.feed(columns, now_ms) if self._engine else ([], {})

    def tick(self, now_ms: int) -> Outcome:
        """See that time has passed."""
        with self._turn:
            return self._engine.tick(now_ms) if self._engine else ([], {})

    @contextmanager
    def lent(self) -> Iterator[Engine | None]:
        """The engine, to look at; the intake waits meanwhile, so be quick."""
        with self._turn:
            yield self._engine

    @property
    def troubles(self) -> Mapping[str, Text]:
        """Rules that cannot be evaluated now, with the reason."""
        with self._turn:
            return dict(self._engine.troubles) if self._engine else {}
