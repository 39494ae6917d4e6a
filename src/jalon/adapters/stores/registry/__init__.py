"""People, sessions, tokens, the audit trail, and who devices are: one small relational database.

SQLite in the solution folder by default; the same schema fits PostgreSQL.
"""

from jalon.adapters.stores.registry.commands import CommandTable
from jalon.adapters.stores.registry.credentials import CredentialTable
from jalon.adapters.stores.registry.integrations import IntegrationTable
from jalon.adapters.stores.registry.marks import MarkTable
from jalon.adapters.stores.registry.notes import NoteTable
from jalon.adapters.stores.registry.onboarding import ClaimTable, WaitingTable
from jalon.adapters.stores.registry.registry import Registry, open_sqlite
from jalon.adapters.stores.registry.twins import TwinTable

__all__ = [
    "ClaimTable",
    "CommandTable",
    "CredentialTable",
    "IntegrationTable",
    "MarkTable",
    "NoteTable",
    "Registry",
    "TwinTable",
    "WaitingTable",
    "open_sqlite",
]
