"""Readings on one machine, in DuckDB and Parquet."""

from jalon.adapters.stores.duckdb.schema import Limits
from jalon.adapters.stores.duckdb.store import DuckdbStore

__all__ = ["DuckdbStore", "Limits"]
