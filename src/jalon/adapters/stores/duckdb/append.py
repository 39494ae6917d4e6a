"""The writing side: series, readings, letters and the read position, a transaction a batch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from jalon.adapters.stores.duckdb.days import FIRST_MS, LAST_MS, files_of, rows_of
from jalon.adapters.stores.duckdb.decisions import Decisions
from jalon.adapters.stores.duckdb.feed import Feed
from jalon.adapters.stores.duckdb.letters import Letters
from jalon.adapters.stores.duckdb.schema import Limits, transaction
from jalon.adapters.stores.duckdb.shelf import Shelf, closed
from jalon.adapters.stores.duckdb.watermark import Flags, Ints, Sifted, Watermark
from jalon.run.batch import Columns, DeadLetter, Position
from jalon.run.ports import Appended, Resolved, Series, SeriesSpec
from jalon.vocab.errors import StoreError
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

Batch = dict[str, NDArray[np.generic]]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a writer changes that appends nothing."""

    connection: duckdb.DuckDBPyConnection
    decisions: Decisions
    feed: Feed


class Appender:
    """The one writer of the hot database. Calls from several threads take turns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, shelf: Shelf, limits: Limits) -> None:
        self._connection = connection
        self._shelf = shelf
        self._turn = threading.Lock()
        self._closed = False
        self._letters = Letters(connection, limits)
        self._decisions = Decisions(connection)
        self._feed = Feed(connection)
        self._watermark = Watermark()
        self._streams: set[str] = set()
        self._series: list[Series] = []
        self._ids: dict[tuple[str, str], int] = {}
        self._load()

    def _load(self) -> None:
        rows = self._connection.execute(
            "select id, device, property, kind, unit, zone from series order by id"
        ).fetchall()
        self._series = [
            Series(number, SeriesSpec(device, name, ValueKind(kind), unit, zone))
            for number, device, name, kind, unit, zone in rows
        ]
        self._ids = {(one.spec.device, one.spec.property): one.id for one in self._series}
        self._watermark.grow(len(rows))
        newest = self._connection.execute(
            "select series, epoch_ms(ts) as time from latest where ts is not null"
        ).fetchnumpy()
        self._watermark.raise_to(newest["series"], newest["time"].astype(np.int64))
        found = self._connection.execute("select stream from positions").fetchall()
        self._streams = {stream for (stream,) in found}

    def known(self) -> Sequence[Series]:
        """Every series; its place is its id. The sequence never changes, a new one takes over."""
        return self._series

    def declare(self, specs: Sequence[SeriesSpec]) -> list[Series]:
        """Add what is new, follow units and zones. All or nothing."""
        with self._writing():
            series = list(self._series)
            ids = dict(self._ids)
            changed: dict[int, SeriesSpec] = {}
            for spec in specs:
                number = ids.setdefault((spec.device, spec.property), len(series))
                if number == len(series):
                    series.append(Series(number, spec))
                    changed[number] = spec
                elif series[number].spec != spec:
                    _refuse_other_kind(series[number].spec, spec)
                    series[number] = Series(number, spec)
                    changed[number] = spec
            if changed:
                self._store_series(changed)
            self._watermark.grow(len(series))
            self._series, self._ids = series, ids
            return [series[ids[spec.device, spec.property]] for spec in specs]

    def _store_series(self, changed: Mapping[int, SeriesSpec]) -> None:
        specs = changed.values()
        columns: Batch = {"id": np.array(list(changed), np.int32)}
        for name in ("device", "property", "kind", "unit", "zone"):
            columns[name] = np.array([str(getattr(spec, name)) for spec in specs], object)
        with transaction(self._connection), self._registered("incoming", columns):
            self._connection.execute(
                "update series set unit = new.unit, zone = new.zone from incoming new"
                " where new.id = series.id"
            )
            fresh = f"from incoming where id >= {len(self._series)}"
            self._connection.execute(
                f"insert into series select id, device, property, kind, unit, zone {fresh}"
            )
            self._connection.execute(f"insert into latest select id, null, null, null, 0 {fresh}")

    def append(
        self,
        readings: Columns,
        letters: Sequence[DeadLetter],
        position: Position | None,
        resolved: Resolved | None,
    ) -> Appended:
        """See `ReadingStore.append`."""
        series, times, numbers = _checked(readings, len(self._series))
        with self._writing():
            sifted = self._watermark.sift(series, times)
            decided: int | None = None
            fed: tuple[int, int] | None = None
            try:
                with self._shelf.holding(), transaction(self._connection):
                    sifted = self._without_stored(sifted)
                    newer = self._watermark.newer(sifted)
                    self._insert(_batch(readings, numbers, sifted), newer)
                    fed = self._feed.add(sifted)
                    if letters:
                        self._letters.add(letters)
                    if position:
                        self._remember(position)
                    if resolved:
                        decided = self._decisions.add(resolved)
            except BaseException:
                self._letters.reload()
                raise
            self._watermark.raise_to(sifted.series[newer], sifted.times_ms[newer])
            if position:
                self._streams.add(position.stream)
            if decided is not None:
                self._decisions.committed(decided)
            if fed is not None:
                self._feed.committed(fed)
        stored = len(sifted.rows)
        return Appended(stored, len(readings) - stored, int(sifted.late.sum()))

    def drop_letters(self, ids: Sequence[int]) -> None:
        """Forget letters."""
        with self._writing():
            with transaction(self._connection):
                self._connection.execute(
                    "delete from letters where list_contains(?, id)", [list(ids)]
                )
            self._letters.reload()

    @contextmanager
    def changing(self) -> Iterator[Parts]:
        """What is written beside readings, inside a transaction of the one writer."""
        with self._writing(), transaction(self._connection):
            yield Parts(self._connection, self._decisions, self._feed)

    def _without_stored(self, sifted: Sifted) -> Sifted:
        suspects = np.flatnonzero(sifted.suspects)
        if not len(suspects):
            return sifted
        times = sifted.times_ms[suspects]
        files = files_of(self._connection, np.unique(times // DAY_MS).tolist())
        span = int(times.min()), int(times.max()) + 1
        stored = rows_of(self._shelf.layout, files, "series, ts", span)
        columns: Batch = {
            "row": suspects,
            "series": sifted.series[suspects].astype(np.int32),
            "ts": times.view("datetime64[ms]"),
        }
        with self._registered("incoming", columns):
            found = self._connection.execute(
                f"select row from incoming join ({stored}) using (series, ts)"
            ).fetchnumpy()
        gone: Flags = np.zeros(len(sifted.rows), np.bool_)
        gone[found["row"]] = True
        return sifted.without(gone)

    def _insert(self, columns: Batch, newer: Ints) -> None:
        if not len(columns["series"]):
            return
        text = "text" if "text" in columns else "null"
        with self._registered("incoming", columns):
            self._connection.execute(
                f"insert into hot select series, ts, num, {text}, quality from incoming"
            )
        newest = {name: column[newer] for name, column in columns.items()}
        with self._registered("incoming", newest):
            self._connection.execute(
                f"update latest set ts = new.ts, num = new.num, text = {_new(text)},"
                " quality = new.quality from incoming new where new.series = latest.series"
            )

    def _remember(self, position: Position) -> None:
        if position.stream in self._streams:
            statement = "update positions set created = $created, sequence = $sequence"
            statement += " where stream = $stream"
        else:
            statement = "insert into positions values ($stream, $created, $sequence)"
        self._connection.execute(
            statement,
            {
                "stream": position.stream,
                "created": position.created,
                "sequence": position.sequence,
            },
        )

    @contextmanager
    def _registered(self, name: str, columns: Batch) -> Iterator[None]:
        self._connection.register(name, columns)
        try:
            yield
        finally:
            self._connection.unregister(name)

    def close(self) -> None:
        """Let the running write finish and refuse others."""
        with self._turn:
            self._closed = True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._turn:
            if self._closed:
                raise closed(self._shelf.layout)
            try:
                yield
            except duckdb.Error as error:
                text = N_(
                    "Nothing more can be stored in {folder}: {cause}. Look whether the disk is"
                    " full or read-only, then start again."
                )
                params = {"folder": self._shelf.layout.folder, "cause": error}
                raise StoreError(Text(text, params)) from error


def _new(column: str) -> str:
    return column if column == "null" else f"new.{column}"


def _checked(readings: Columns, known: int) -> tuple[Ints, Ints, Floats]:
    """The batch's series, times and numbers as arrays. A batch that breaks the contract is a
    bug of the caller."""
    series = np.array(readings.series, np.int64)
    times = np.array(readings.times_ms, np.int64)
    if len(series) and not (series.min() >= 0 and series.max() < known):
        raise ValueError("a reading of a series that was not declared")
    if len(times) and not (times.min() >= FIRST_MS and times.max() < LAST_MS):
        raise ValueError("a reading outside the years 1 to 9999")
    if not len(series) == len(times) == len(readings.numbers):
        raise ValueError("columns of different lengths")
    numbers = np.array(readings.numbers, np.float64)
    empty = np.flatnonzero(np.isnan(numbers))
    if any(int(row) not in readings.texts for row in empty):
        raise ValueError("a reading with neither a number nor a text")
    return series, times, numbers


def _batch(readings: Columns, numbers: Floats, sifted: Sifted) -> Batch:
    """The rows to store as columns for DuckDB, where NaN stands for NULL."""
    columns: Batch = {
        "series": sifted.series.astype(np.int32),
        "ts": sifted.times_ms.view("datetime64[ms]"),
        "num": numbers[sifted.rows],
    }
    quality = np.zeros(len(readings), np.uint8)
    for row, flaw in readings.flaws.items():
        quality[row] = flaw
    columns["quality"] = quality[sifted.rows]
    if readings.texts:
        texts = np.full(len(readings), None, object)
        for row, text in readings.texts.items():
            texts[row] = text
        columns["text"] = texts[sifted.rows]
    return columns


def _refuse_other_kind(old: SeriesSpec, new: SeriesSpec) -> None:
    if old.kind != new.kind:
        text = N_(
            "{device}/{property} holds {old} values; it cannot become {new}. Give the property"
            " another name, or keep its type."
        )
        params = {
            "device": new.device,
            "property": new.property,
            "old": old.kind.value,
            "new": new.kind.value,
        }
        raise StoreError(Text(text, params))
