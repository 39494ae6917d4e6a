"""Readings in PostgreSQL: a table of series, a long table of readings, and how far the copy has
come, all changed in one transaction, so that each reading is there exactly once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jalon.run.integrations.ports import Kept, Progress, SinkDown
from jalon.run.ports import StoredRow
from jalon.vocab.text import N_, Text

_CONNECT_S = 10
_STATEMENT_MS = 120_000


@dataclass(frozen=True, slots=True)
class Target:
    """Where the tables are. `prefix` begins their names; with `encrypted` the server has to show a
    certificate for `host` from `ca`, or from an authority of the system."""

    host: str
    port: int
    database: str
    user: str
    password: str | None
    encrypted: bool
    ca: str | None
    schema: str
    prefix: str

    def table(self, name: str) -> sql.Identifier:
        """A table's quoted name."""
        return sql.Identifier(self.schema, self.prefix + name)


class PostgresqlTable:
    """See `Table`. `copy` names what is copied: the solution and the integration; several may
    share the tables."""

    def __init__(self, target: Target, solution: str, copy: str) -> None:
        self._target = target
        self._solution = solution
        self._copy = copy
        self._ids: dict[int, tuple[Kept, int]] = {}
        self._connection = _connect(target)
        try:
            with self._asking():
                self._prepare()
        except BaseException:
            self.close()
            raise

    def progress(self) -> Progress | None:
        with self._asking():
            row = self._run(
                "select position, backfill_ms, floor_ms from {positions}"
                " where solution = %s and copy = %s",
                [self._solution, self._copy],
            ).fetchone()
        return Progress(*row) if row else None

    def write(
        self, series: Mapping[int, Kept], rows: Sequence[StoredRow], progress: Progress
    ) -> int:
        with self._asking():
            fresh = self._series({row.series for row in rows}, series)
            self._keep_progress(progress)
            new = self._insert(rows, {**self._ids, **fresh}) if rows else 0
        self._ids |= fresh
        return new

    def close(self) -> None:
        with contextlib.suppress(psycopg.Error):
            self._connection.close()

    def _series(self, wanted: set[int], known: Mapping[int, Kept]) -> dict[int, tuple[Kept, int]]:
        """Ids over there of those that are new here, or were changed."""
        fresh: dict[int, tuple[Kept, int]] = {}
        for number in sorted(wanted):
            kept = known[number]
            if number in self._ids and self._ids[number][0] == kept:
                continue
            spec = kept.spec
            row = self._run(
                "insert into {series} as s (solution, device, property, kind, unit, zone, site,"
                " thing) values (%s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict (solution, device, property) do update set kind = excluded.kind,"
                " unit = excluded.unit, zone = excluded.zone, site = excluded.site,"
                " thing = excluded.thing returning s.id",
                [
                    self._solution,
                    spec.device,
                    spec.property,
                    spec.kind.value,
                    spec.unit,
                    spec.zone,
                    kept.site,
                    kept.thing,
                ],
            ).fetchone()
            assert row is not None
            fresh[number] = kept, int(row[0])
        return fresh

    def _keep_progress(self, progress: Progress) -> None:
        self._run(
            "insert into {positions} as p (solution, copy, position, backfill_ms, floor_ms)"
            " values (%s, %s, %s, %s, %s) on conflict (solution, copy) do update set"
            " position = excluded.position, backfill_ms = excluded.backfill_ms,"
            " floor_ms = excluded.floor_ms, moved = now()",
            [
                self._solution,
                self._copy,
                progress.position,
                progress.backfill_ms,
                progress.floor_ms,
            ],
        )

    def _insert(self, rows: Sequence[StoredRow], ids: Mapping[int, tuple[Kept, int]]) -> int:
        self._run(
            "create temporary table if not exists jalon_incoming (series bigint, time timestamptz,"
            " number double precision, text text, quality smallint) on commit delete rows"
        )
        with self._connection.cursor() as cursor:
            statement = "copy jalon_incoming (series, time, number, text, quality) from stdin"
            with cursor.copy(statement) as copy:
                for row in rows:
                    text = None if row.text is None else row.text.replace("\0", "")
                    time = _moment(row.time_ms)
                    copy.write_row((ids[row.series][1], time, row.number, text, row.quality))
        done = self._run(
            "insert into {readings} (series, time, number, text, quality)"
            " select series, time, number, text, quality from jalon_incoming"
            " on conflict (series, time) do nothing"
        )
        return done.rowcount

    def _prepare(self) -> None:
        there = self._run("select to_regnamespace(%s)", [_quoted(self._target.schema)]).fetchone()
        if there is None or there[0] is None:
            self._run("create schema if not exists {schema}")
        # Two that begin at once must not both make the tables.
        self._run("select pg_advisory_xact_lock(hashtext(%s))", [self._target.prefix])
        found = self._run(
            "select 1 from information_schema.tables where table_schema = %s and table_name = %s",
            [self._target.schema, f"{self._target.prefix}positions"],
        ).fetchone()
        if found is None:
            for statement in _TABLES:
                self._run(statement)

    def _run(
        self, statement: str, values: Sequence[object] = ()
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        names = ("series", "readings", "positions", "values")
        query = sql.SQL(statement).format(
            schema=sql.Identifier(self._target.schema),
            **{name: self._target.table(name) for name in names},
        )
        return self._connection.execute(query, values or None)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            with self._connection.transaction():
                yield
        except psycopg.Error as error:
            raise _down(self._target, error) from error


_TABLES = (
    "create table if not exists {series} (id bigint generated always as identity primary key,"
    " solution text not null, device text not null, property text not null, kind text not null,"
    " unit text not null, zone text not null, site text not null, thing text not null,"
    " unique (solution, device, property))",
    "create table if not exists {readings} (series bigint not null references {series} (id),"
    " time timestamptz not null, number double precision, text text, quality smallint not null,"
    " primary key (series, time))",
    "create or replace view {values} as select s.solution, s.site, s.thing, s.device, s.property,"
    " r.time, r.number, r.text, s.unit, r.quality from {readings} r join {series} s"
    " on s.id = r.series",
    "create table if not exists {positions} (solution text not null, copy text not null,"
    " position bigint not null, backfill_ms bigint not null, floor_ms bigint not null,"
    " moved timestamptz not null default now(), primary key (solution, copy))",
)
"""`quality` is 0 for a good value, 1 for one outside its range. `number` has truth values as 0 and
1; `text` has texts, and places as geo URIs."""


def _connect(target: Target) -> psycopg.Connection[tuple[Any, ...]]:
    trust = {"sslmode": "prefer"}
    if target.encrypted:
        trust = {"sslmode": "verify-full", "sslrootcert": target.ca or "system"}
    place = make_conninfo(
        host=target.host,
        port=target.port,
        dbname=target.database,
        user=target.user,
        password=target.password,
        connect_timeout=_CONNECT_S,
        application_name="jalon",
        options=f"-c statement_timeout={_STATEMENT_MS} -c timezone=UTC",
        keepalives_idle=30,
        **trust,
    )
    try:
        return psycopg.connect(place, autocommit=True)
    except psycopg.Error as error:
        raise _down(target, error) from error


def _moment(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _down(target: Target, error: psycopg.Error) -> SinkDown:
    reason = " ".join(str(error).split()) or type(error).__name__
    return SinkDown(
        Text(
            N_("PostgreSQL at {host}:{port}, database {database}: {reason}"),
            {
                "host": target.host,
                "port": target.port,
                "database": target.database,
                "reason": reason[:500],
            },
        )
    )
