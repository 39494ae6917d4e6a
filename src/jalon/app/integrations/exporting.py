"""Writes a file for every period that is over, those missed while nothing ran included."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from jalon.adapters.stores.registry import IntegrationTable
from jalon.app.integrations.following import Selection
from jalon.app.integrations.runner import Desk
from jalon.run.integrations.periods import Period, label, over, period_of
from jalon.run.integrations.ports import Bucket, SinkDown
from jalon.run.integrations.spec import Export
from jalon.run.ports import FollowedStore
from jalon.vocab.errors import JalonError
from jalon.vocab.text import Text
from jalon.vocab.times import local_day

LOOK_S = 30.0
KEPT_RUNS = 1000


class Exporting:
    """Keeps one export. The same period gives the same name, and replaces the file before: run
    again, nothing is there twice."""

    def __init__(
        self,
        settings: Export,
        zone: ZoneInfo,
        store: FollowedStore,
        selection: Selection,
        open_bucket: Callable[[], Bucket],
        table: IntegrationTable,
        scratch: Path,
    ) -> None:
        self._settings = settings
        self._zone = zone
        self._store = store
        self._selection = selection
        self._open_bucket = open_bucket
        self._table = table
        self._scratch = scratch
        self._asked = threading.Event()

    def serve(self, desk: Desk) -> None:
        """Write what is due until stopped. Raises SinkDown; the periods behind wait."""
        bucket = self._open_bucket()
        while not desk.stopping():
            due = self._due(desk.now_ms())
            for done, period in enumerate(due):
                if desk.stopping():
                    return
                self._write(bucket, period, desk)
                desk.works()
                desk.did(1, waiting=len(due) - done - 1)
            desk.wait(LOOK_S)

    def run_now(self, desk: Desk) -> None:
        """Write the last period that is over once more, whatever has been written."""
        self._asked.set()
        desk.wake()

    def check(self) -> str:
        """Whether files could be put; where. Raises SinkDown."""
        return self._open_bucket().check()

    def _due(self, now_ms: int) -> list[Period]:
        since = self._since(now_ms)
        wait = self._settings.wait
        found = over(self._settings.every, self._zone, since, now_ms, wait)
        if self._asked.is_set():
            self._asked.clear()
            here = period_of(self._settings.every, self._zone, now_ms)
            before = period_of(self._settings.every, self._zone, here.start_ms - 1)
            if before not in found:
                found.append(before)
        return found

    def _since(self, now_ms: int) -> int:
        """The end of the newest period that is done; else where the export begins, which is
        written down at the first time."""
        name = self._settings.id
        if (end := self._table.newest_end(name)) is not None:
            return end
        begun = self._table.position(f"export:{name}")
        if begun is None:
            first = self._settings.since
            begun = (
                period_of(self._settings.every, self._zone, now_ms).start_ms
                if first is None
                else local_day(first, self._zone)[0]
            )
            self._table.move(f"export:{name}", begun)
        return begun

    def _write(self, bucket: Bucket, period: Period, desk: Desk) -> None:
        run = self._table.begin(self._settings.id, *period, desk.now_ms())
        try:
            rows, size, place = self._carry(bucket, period)
        except SinkDown as down:
            self._table.failed(run.id, desk.now_ms(), str(down.text))
            raise
        except (JalonError, OSError) as error:
            text = error.text if isinstance(error, JalonError) else Text(str(error))
            self._table.failed(run.id, desk.now_ms(), str(text))
            raise SinkDown(text) from error
        self._table.done(run.id, desk.now_ms(), rows, size, place)
        self._table.forget(self._settings.id, KEPT_RUNS)

    def _carry(self, bucket: Bucket, period: Period) -> tuple[int, int, str]:
        name = f"{self._settings.id}-{label(self._settings.every, self._zone, period)}"
        name = f"{name}.{self._settings.format}"
        self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            path = Path(folder) / name
            chosen = list(self._selection.series())
            rows = self._store.export(path, chosen, *period, self._settings.format)
            return rows, path.stat().st_size, bucket.put(f"{self._settings.id}/{name}", path)
