"""Readers, each on its own snapshot, and the files that stay until the last of them has gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from jalon.adapters.stores.duckdb.layout import Layout
from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text


class Shelf:
    """Hands out connections to read with, and deletes replaced files once nobody reads them."""

    def __init__(self, root: duckdb.DuckDBPyConnection, layout: Layout) -> None:
        self.layout = layout
        self._root = root
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._busy: set[duckdb.DuckDBPyConnection] = set()
        self._readers: set[object] = set()
        self._retired: list[tuple[set[object], Sequence[Path]]] = []
        self._changed = threading.Condition()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection inside a transaction: one state of the store, whatever goes on beside.

        Keep it short: replaced files and old row versions stay on disk meanwhile.
        """
        with self.holding():
            cursor = self._take()
            try:
                cursor.begin()
                yield cursor
            except duckdb.Error as error:
                text = N_("The readings in {folder} cannot be read: {cause}.")
                params = {"folder": self.layout.folder, "cause": error}
                raise StoreError(Text(text, params)) from error
            finally:
                with suppress(duckdb.Error):
                    cursor.rollback()
                with self._changed:
                    self._busy.discard(cursor)
                    self._idle.append(cursor)

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Keep every file that is in the catalogue now; enter before the transaction begins."""
        ticket = object()
        with self._changed:
            if self._closed:
                raise closed(self.layout)
            self._readers.add(ticket)
        try:
            yield
        finally:
            with self._changed:
                self._readers.discard(ticket)
                self._sweep()
                self._changed.notify_all()

    def retire(self, files: Sequence[Path]) -> None:
        """Delete files that are out of the catalogue, once today's readers have gone."""
        with self._changed:
            self._retired.append((set(self._readers), files))
            self._sweep()

    def close(self, patience_s: float) -> None:
        """Refuse new readers, wait for the running ones, stop those that take too long."""
        with self._changed:
            self._closed = True
            while not self._changed.wait_for(lambda: not self._readers, patience_s):
                for cursor in self._busy:
                    cursor.interrupt()
            for cursor in self._idle:
                cursor.close()
            self._idle.clear()

    def _take(self) -> duckdb.DuckDBPyConnection:
        with self._changed:
            cursor = self._idle.pop() if self._idle else self._root.cursor()
            self._busy.add(cursor)
            return cursor

    def _sweep(self) -> None:
        waiting = []
        for readers, files in self._retired:
            if readers & self._readers:
                waiting.append((readers, files))
            else:
                for path in files:
                    path.unlink(missing_ok=True)
        self._retired = waiting


def closed(layout: Layout) -> StoreError:
    """The answer to whoever comes too late."""
    text = N_("The store of readings in {folder} is closed.")
    return StoreError(Text(text, {"folder": layout.folder}))
