"""Newer values on their way to the browsers that watch.

The intake thread hands values over and goes on at once. A watcher that reads slowly gets the
newest value of each of its series, never a growing queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Collection, Sequence

from jalon.run.live import LiveBoard
from jalon.run.ports import Latest

MAX_WATCHERS = 256
MIN_PAUSE_S = 0.5
"""Between two deliveries to one watcher, so that a flood does not become a flood of pages."""


class Watcher:
    """One open stream: the newest unsent value of each of its series."""

    def __init__(self, series: Collection[int]) -> None:
        self.series = frozenset(series)
        self.waiting: dict[int, Latest] = {}
        self.news = asyncio.Event()


class Hub:
    """Between the live board's thread and the event loop. `open` and `close` belong to the app's
    lifespan; `close` may be called from any thread and ends every stream."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handed: dict[int, Latest] = {}
        self._scheduled = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_listening: Callable[[], None] | None = None
        self._watchers: set[Watcher] = set()
        self.closed = False
        self._ending = asyncio.Event()

    def open(self, board: LiveBoard) -> None:
        """Begin to listen to the board, inside the running event loop."""
        self._loop = asyncio.get_running_loop()
        self.closed = False
        self._ending = asyncio.Event()
        self._stop_listening = board.listen(self.hand_over)

    def close(self) -> None:
        """End every stream and listen no more."""
        self.closed = True
        if self._stop_listening:
            self._stop_listening()
            self._stop_listening = None
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all)

    def hand_over(self, values: Sequence[Latest]) -> None:
        """Take values on the intake's thread; bounded by the number of series."""
        with self._lock:
            for value in values:
                self._handed[value.series] = value
            if self._scheduled or self._loop is None or self.closed:
                return
            self._scheduled = True
        self._loop.call_soon_threadsafe(self._spread)

    @property
    def full(self) -> bool:
        """Whether no further watcher is admitted."""
        return len(self._watchers) >= MAX_WATCHERS

    def __len__(self) -> int:
        return len(self._watchers)

    async def watch(
        self,
        series: Collection[int],
        beat_s: float,
        known: Callable[[int], Latest | None] = lambda _: None,
    ) -> AsyncIterator[list[Latest]]:
        """What is `known` of the series, then newer values as they come; an empty list after
        `beat_s` without any. Ends at `close`."""
        watcher = Watcher(series)
        self._watchers.add(watcher)
        for one in map(known, series):
            if one:
                watcher.waiting.setdefault(one.series, one)
                watcher.news.set()
        try:
            while not self.closed:
                try:
                    async with asyncio.timeout(beat_s):
                        await watcher.news.wait()
                except TimeoutError:
                    yield []
                    continue
                watcher.news.clear()
                news, watcher.waiting = list(watcher.waiting.values()), {}
                if news:
                    yield news
                    await self._pause()
        finally:
            self._watchers.discard(watcher)

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MIN_PAUSE_S):
                await self._ending.wait()

    def _spread(self) -> None:
        with self._lock:
            handed, self._handed = self._handed, {}
            self._scheduled = False
        for watcher in self._watchers:
            wanted = watcher.series & handed.keys()
            if wanted:
                watcher.waiting.update((one, handed[one]) for one in wanted)
                watcher.news.set()

    def _wake_all(self) -> None:
        self._ending.set()
        for watcher in self._watchers:
            watcher.news.set()
