"""A database that follows the store: first what comes, then, backwards, what was there before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jalon.app.integrations.following import IDLE_S, Marks, Selection
from jalon.app.integrations.runner import Desk
from jalon.run.integrations.ports import Progress, Table
from jalon.run.ports import FollowedStore, Stretch
from jalon.vocab.times import DAY_MS, from_ms

_MOST_ROWS = 50_000
_FEW_ROWS = 10_000
_HOUR_MS = 3_600_000
_LONGEST_MS = 64 * DAY_MS


class Copying:
    """Keeps one database. `open_table` connects to it, and raises SinkDown.

    Where it stands lies in the database itself, moved with the rows: killed at any moment, nothing
    is there twice and nothing is missing.
    """

    def __init__(
        self,
        name: str,
        store: FollowedStore,
        selection: Selection,
        open_table: Callable[[], Table],
        marks: Marks,
        backfill: bool,
    ) -> None:
        self._name = name
        self._store = store
        self._selection = selection
        self._open_table = open_table
        self._marks = marks
        self._backfill = backfill
        self._step_ms = DAY_MS

    def serve(self, desk: Desk) -> None:
        """Copy until stopped. Raises SinkDown."""
        table = self._open_table()
        try:
            progress = table.progress()
            if progress is None:
                progress = self._first(desk.now_ms())
                table.write(self._selection.series(), [], progress)
            desk.works()
            while not desk.stopping():
                self._marks.reach(self._name, progress.position)
                progress = self._follow(desk, table, progress)
        finally:
            table.close()

    def check(self) -> None:
        """Connect, and look for the tables. Raises SinkDown."""
        table = self._open_table()
        try:
            table.progress()
        finally:
            table.close()

    def _first(self, now_ms: int) -> Progress:
        # The position first: what is stored between the two is copied by both, and kept once.
        position = self._store.last_change()
        if not self._backfill:
            return Progress(position, now_ms, now_ms)
        here = now_ms + DAY_MS  # a clock that is ahead has stored readings of tomorrow
        return Progress(position, here, self._oldest(here))

    def _oldest(self, here: int) -> int:
        found = self._store.points_each(list(self._selection.series()), 0, here, limit=1)
        return min((points[0].time_ms for points in found.values() if points), default=here)

    def _follow(self, desk: Desk, table: Table, progress: Progress) -> Progress:
        step = self._store.changes(progress.position, _MOST_ROWS)
        newest = self._store.last_change()
        if step.start > progress.position or progress.position > newest:
            return self._begin_again(desk, table, progress)
        if step.up_to > progress.position:
            rows = self._selection.rows(step.stretches)
            done = replace(progress, position=step.up_to)
            new = table.write(self._selection.series(), rows, done)
            desk.did(new, waiting=max(0, newest - step.up_to))
            return done
        if not progress.is_whole:
            return self._go_back(desk, table, progress)
        desk.did(0)
        desk.works()
        desk.wait(IDLE_S)
        return progress

    def _begin_again(self, desk: Desk, table: Table, progress: Progress) -> Progress:
        """The store no longer knows what came since: everything is compared anew."""
        position = self._store.last_change()
        here = desk.now_ms() + DAY_MS
        floor = min(progress.floor_ms, here)
        done = Progress(position, here, floor)
        table.write(self._selection.series(), [], done)
        return done

    def _go_back(self, desk: Desk, table: Table, progress: Progress) -> Progress:
        end = progress.backfill_ms
        start = max(progress.floor_ms, end - self._step_ms)
        stretches = [Stretch(one, start, end - 1) for one in self._selection.series()]
        rows = self._selection.rows(stretches)
        done = replace(progress, backfill_ms=start)
        new = table.write(self._selection.series(), rows, done)
        desk.did(new)
        desk.works(f"← {from_ms(start):%Y-%m-%d}")
        if len(rows) > _MOST_ROWS:
            self._step_ms = max(_HOUR_MS, self._step_ms // 2)
        elif len(rows) < _FEW_ROWS:
            self._step_ms = min(_LONGEST_MS, self._step_ms * 2)
        return done
