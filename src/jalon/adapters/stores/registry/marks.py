"""How far something has come, moved in the same transaction as what was done."""

from __future__ import annotations

from jalon.adapters.stores.registry.control_schema import Mark
from jalon.adapters.stores.registry.registry import Registry


class MarkTable:
    """Numbers by name; 0 before the first."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def get(self, name: str) -> int:
        """Where it stands."""
        with self._registry.look() as db:
            found = db.get(Mark, name)
            return found.value if found else 0

    def set(self, name: str, value: int) -> None:
        """Move it."""
        with self._registry.work() as db:
            db.merge(Mark(name=name, value=value))
