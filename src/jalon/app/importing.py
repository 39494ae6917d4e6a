"""`jalon import`: history from a CSV file, with its own time stamps.

The work is cut into batches; after each one a checkpoint is written, so that an import cut short
goes on where it was. Doing it twice stores nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from jalon.app import routing
from jalon.app.clock import now_ms
from jalon.app.csv_lines import CsvLines, RejectedLines, Row
from jalon.app.local import data_folder, write_private
from jalon.app.sinks import Sink, open_sink
from jalon.app.solution import Solution
from jalon.run.admission import take_entry
from jalon.run.batch import Columns, Reason
from jalon.run.codecs import table
from jalon.run.codecs.entry import Refused
from jalon.run.localtimes import LocalTimes, Trail
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

BATCH_ROWS = 20_000

Tell = Callable[[float], None]
"""Told the share of the file that is read, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to import and how to read it. `zone` is for times without offset (None: the device's
    site's), `delimiter` for the columns (None: found in the header), `time_pattern` a strptime
    format for times that are not ISO 8601."""

    file: Path
    wishes: table.Wishes = field(default_factory=table.Wishes)
    zone: ZoneInfo | None = None
    delimiter: str | None = None
    time_pattern: str | None = None


class Tally(BaseModel):
    """What became of the file so far; kept with the checkpoint.

    `stored`, `duplicates` and `late` are the store's own count; `acknowledged` are the values the
    broker took in charge. `repeated` and `skipped` count times in the hours that the clock
    repeats and skips.
    """

    stored: int = 0
    duplicates: int = 0
    late: int = 0
    acknowledged: int = 0
    repeated: int = 0
    skipped: int = 0
    rejected: dict[Reason, int] = {}

    def refuse(self, reason: Reason) -> None:
        """Count one line."""
        self.rejected[reason] = self.rejected.get(reason, 0) + 1


class Checkpoint(BaseModel):
    """How far a file is imported: everything before byte `offset`, which is after line `line`.

    `rejected_bytes` of the file of rejected lines belong to what is done.
    """

    offset: int = 0
    line: int = 0
    rejected_bytes: int = 0
    done: bool = False
    tally: Tally = Tally()
    trails: dict[str, Trail] = {}


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome. `rejected_file` is None when every line was good; `resumed_line` is the first
    line read when an earlier run was cut short, else 0."""

    tally: Tally
    rejected_file: Path | None
    resumed_line: int


def import_file(solution: Solution, job: Job, tell: Tell) -> Report:
    """Import a file into a solution, running or not.

    Raises UsageError when the file or the way to read it makes no sense, StoreError or
    BrokerError when the rows cannot be kept; run it again to go on.
    """
    if not job.file.is_file():
        raise UsageError(Text(N_("There is no file {file}."), {"file": str(job.file)}))
    with open_sink(solution) as sink, job.file.open("rb") as content:
        return Importer(solution, sink, job).run(content, tell)


class Importer:
    """One file on its way into one sink."""

    def __init__(self, solution: Solution, sink: Sink, job: Job) -> None:
        self._job = job
        self._sink = sink
        fleet = solution.fleet.devices
        self._sources = {d.id: routing.source(solution, d, sink.series) for d in fleet}
        self._zones = {d.id: job.zone or solution.site(d.site).tz for d in fleet}
        self._kinds = {
            device: {name: (one.kind, one.unit) for name, one in source.targets.items()}
            for device, source in self._sources.items()
        }
        data = data_folder(solution.folder)
        self._rejected = data / "imports"
        # A checkpoint says what this store has: it lies inside, and goes when that is made anew.
        self._checkpoints = data / "store" / "imports"
        for folder in (self._rejected, self._checkpoints):
            folder.mkdir(mode=0o700, exist_ok=True)

    def run(self, content: BufferedReader, tell: Tell) -> Report:
        """Read on from the last checkpoint to the end."""
        identity = _identity(content, self._job)
        state = self._checkpoints / f"{identity}.json"
        rejected = self._rejected / f"{identity}.rejected.csv"
        point = _load(state)
        resumed = point.line + 1 if point.offset else 0
        lines = CsvLines(content, self._job.delimiter)
        layout = table.layout(lines.header, self._job.wishes, self._kinds)
        if point.offset:
            lines.seek(point.offset, point.line)
        size = max(1, self._job.file.stat().st_size)
        with RejectedLines(rejected, point.rejected_bytes) as bad:
            batch = Batch(self, self._job, layout, lines, point, bad)
            while batch.read():
                self._keep(batch.rows, point.tally)
                batch.settle()
                write_private(state, point.model_dump_json().encode())
                tell(point.offset / size)
        point.done = True
        write_private(state, point.model_dump_json().encode())
        return Report(point.tally, rejected if point.tally.rejected else None, resumed)

    def take(self, cell: table.Cell, times: LocalTimes, comma: bool, rows: Columns) -> None:
        """Add a value to `rows`. Raises Refused."""
        source = self._sources.get(cell.device)
        if source is None:
            raise Refused(Reason.UNKNOWN_DEVICE, cell.device[:80])
        target = source.targets.get(cell.property)
        if target is None:
            raise Refused(Reason.UNKNOWN_PROPERTY, cell.property[:80])
        try:
            zone, series = self._zones[cell.device], f"{cell.device}/{cell.property}"
            time_ms = times.read(cell.time, zone, series)
        except (ValueError, OverflowError):
            raise Refused(Reason.INVALID_TIME, f"{cell.time[:40]!r} is not a time") from None
        entry = table.entry(cell, target.kind, time_ms, comma=comma)
        take_entry(source, entry, None, now_ms(), rows)

    def _keep(self, rows: Columns, tally: Tally) -> None:
        if not len(rows):
            return
        kept = self._sink.keep(rows)
        tally.acknowledged += kept.acknowledged
        if kept.appended is not None:
            tally.stored += kept.appended.stored
            tally.duplicates += kept.appended.duplicates
            tally.late += kept.appended.late


class Batch:
    """Some lines of the file at a time, and what became of them."""

    def __init__(
        self,
        importer: Importer,
        job: Job,
        layout: table.Layout,
        lines: CsvLines,
        point: Checkpoint,
        bad: RejectedLines,
    ) -> None:
        self._importer = importer
        self._layout = layout
        self._lines = lines
        self._point = point
        self._bad = bad
        tally = point.tally
        self._times = LocalTimes(job.time_pattern, tally.repeated, tally.skipped, point.trails)
        self.rows = Columns()

    def read(self) -> bool:
        """Read the next lines into `rows`; False at the end of the file."""
        self.rows, some = Columns(), False
        for row in self._lines.rows(BATCH_ROWS):
            some = True
            if problems := self._take(row):
                self._bad.write(row, problems)
                self._point.tally.refuse(problems[0].reason)
        return some

    def settle(self) -> None:
        """The rows are kept: move the checkpoint behind them."""
        self._point.offset, self._point.line = self._lines.offset, self._lines.line
        self._point.rejected_bytes = self._bad.sync()
        self._point.tally.repeated = self._times.repeated
        self._point.tally.skipped = self._times.skipped

    def _take(self, row: Row) -> list[Refused]:
        """Take the good values of a line; what is wrong with the others."""
        if row.problem is not None:
            return [row.problem]
        problems = []
        try:
            for cell in self._layout.cells(row.cells):
                try:
                    self._importer.take(cell, self._times, self._lines.comma, self.rows)
                except Refused as refused:
                    problems.append(refused)
        except Refused as refused:
            problems.append(refused)
        return problems


def _identity(content: BufferedReader, job: Job) -> str:
    """The same file read in the same way has the same identity, wherever it lies."""
    digest = hashlib.file_digest(content, "sha256")
    content.seek(0)
    digest.update(repr((job.wishes, job.zone, job.delimiter, job.time_pattern)).encode())
    return digest.hexdigest()[:32]


def _load(state: Path) -> Checkpoint:
    """The checkpoint of a run that was cut short; a new one for a file that is new or done."""
    try:
        found = Checkpoint.model_validate_json(state.read_bytes())
    except (FileNotFoundError, ValidationError):
        return Checkpoint()
    return Checkpoint() if found.done else found
