"""Where a solution's readings lie."""

from __future__ import annotations

from pathlib import Path

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app.local import data_folder


def open_store(folder: Path) -> DuckdbStore:
    """The store of the solution in `folder`, to be closed. Raises StoreError, above all while the
    solution runs: one process has the store at a time."""
    return DuckdbStore.open(data_folder(folder) / "store")
