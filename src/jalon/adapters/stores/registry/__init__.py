"""People, sessions, tokens and the audit trail: one small relational database.

SQLite in the solution folder by default; the same schema fits PostgreSQL.
"""

from jalon.adapters.stores.registry.registry import Registry, open_sqlite

__all__ = ["Registry", "open_sqlite"]
