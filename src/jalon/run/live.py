"""What just changed, handed to those who watch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jalon.run.ports import Latest

Listener = Callable[[Sequence[Latest]], None]


class LiveBoard:
    """The newest value of every series, kept in memory, and the listeners of its changes.

    `publish` runs on the intake thread after the values are stored; a listener must return at
    once (hand the values to its own loop) and must not raise.
    """

    def __init__(self, known: Sequence[Latest] = ()) -> None:
        self._latest = {value.series: value for value in known}
        self._listeners: tuple[Listener, ...] = ()

    def latest(self, series: int) -> Latest | None:
        """The newest value of a series, by its own time stamp."""
        return self._latest.get(series)

    def publish(self, values: Sequence[Latest]) -> None:
        """Take newer values and tell every listener of those that were newer."""
        news = []
        for value in values:
            known = self._latest.get(value.series)
            if known is None or value.time_ms > known.time_ms:
                self._latest[value.series] = value
                news.append(value)
        if news:
            for listener in self._listeners:
                listener(news)

    def forget(self, before_ms: Mapping[int, int]) -> None:
        """Drop the value of each series that is older than its time. Listeners are not told: who
        looks again sees that there is none."""
        for series, cut in before_ms.items():
            known = self._latest.get(series)
            if known is not None and known.time_ms < cut:
                gone = self._latest.pop(series, None)
                if gone is not None and gone is not known:  # a newer one came in between
                    self._latest.setdefault(series, gone)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; call what is returned to remove it again."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

        return stop
