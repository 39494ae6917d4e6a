"""The tables of `hot.duckdb`, the settings it runs with, and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb

from jalon.adapters.stores.duckdb.layout import Layout
from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text

FORMAT = 1
"""Raised when the tables or files change so that an older Jalon cannot read them."""

TABLES = """
create table facts (name varchar, value bigint);
create table series (
    id integer, device varchar, property varchar, kind varchar, unit varchar, zone varchar);
create table hot (
    series integer, ts timestamp_ms, num double, text varchar, quality utinyint);
create table latest (
    series integer, ts timestamp_ms, num double, text varchar, quality utinyint);
create table positions (stream varchar, created varchar, sequence bigint);
create table letters (
    id bigint, topic varchar, payload blob, received_ms bigint, reason varchar, detail varchar,
    device varchar);
create table days (
    day integer, generation integer, rows bigint, bytes bigint, grain_ms integer);
"""

DECISIONS = """
create table if not exists decisions (id bigint, body blob);
create table if not exists memories (key varchar, body blob);
create table if not exists feed (id bigint, rows bigint, body blob);
create table if not exists generations (given integer);
"""
"""Came later; what made a store before does not miss them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the store may take. Memory is DuckDB's buffers; Python's share comes on top.

    `slice_rows` is how many rows of a day one transaction of compaction moves.
    """

    memory_mb: int = 256
    threads: int = 2
    checkpoint_mb: int = 32
    slice_rows: int = 8_000_000
    letters: int = 10_000
    letter_bytes: int = 64 * 1024 * 1024


def connect(layout: Layout, limits: Limits) -> duckdb.DuckDBPyConnection:
    """Open the hot database, creating it on first use. Raises StoreError."""
    try:
        connection = duckdb.connect(
            layout.hot,
            config={
                "memory_limit": f"{limits.memory_mb}MB",
                "threads": limits.threads,
                "checkpoint_threshold": f"{limits.checkpoint_mb}MB",
                "temp_directory": str(layout.spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
    except duckdb.Error as error:
        text = N_("The database {file} cannot be opened: {cause}. Restore it from a backup.")
        raise StoreError(Text(text, {"file": layout.hot, "cause": error})) from error
    try:
        _prepare(connection, layout)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    connection.execute("set global parquet_metadata_cache = true")
    # No name in our SQL may ever mean a Python variable; looking for one also costs time.
    connection.execute("set global python_enable_replacements = false")
    # Object columns are texts; without this DuckDB looks at each value to guess a type (100 ms).
    connection.execute("set global pandas_analyze_sample = 0")
    if not connection.execute("select 1 from duckdb_tables() where table_name='facts'").fetchall():
        with transaction(connection):
            connection.execute(TABLES)
            connection.execute(
                "insert into facts values ('format', ?), ('letters_dropped', 0)", [FORMAT]
            )
    connection.execute(DECISIONS)
    found = fact(connection, "format")
    if found != FORMAT:
        text = N_(
            "The readings in {folder} were written in format {found}; this Jalon reads format"
            " {format}. Use the version that wrote them, or restore a backup."
        )
        params = {"folder": layout.folder, "found": found, "format": FORMAT}
        raise StoreError(Text(text, params))


def fact(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """A single figure the store remembers about itself."""
    row = connection.execute("select value from facts where name = ?", [name]).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what was done inside, durably; undo all of it when anything fails."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        # After a failed commit there is nothing left to undo; the first error is the one to tell.
        with suppress(duckdb.Error):
            connection.rollback()
        raise
