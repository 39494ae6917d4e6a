"""The list of people in the registry."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from jalon.adapters.stores.registry.registry import Registry
from jalon.adapters.stores.registry.schema import User


class PeopleTable:
    """Who may sign in."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def all(self) -> list[User]:
        """By name."""
        with self._registry.look() as db:
            return list(db.scalars(select(User).order_by(User.name)))

    def add(self, user: User) -> bool:
        """False when somebody has that name."""
        with self._registry.work() as db:
            if db.scalar(select(User.id).where(User.name == user.name)) is not None:
                return False
            db.add(user)
        return True

    def remove(self, name: str, kept_role: str) -> bool | None:
        """With their sessions and tokens. False when there is nobody of that name, None when it is
        the last one in `kept_role`."""
        with self._registry.work() as db:
            user = db.scalar(select(User).where(User.name == name))
            if user is None:
                return False
            others = select(func.count()).where(User.role == kept_role, User.id != user.id)
            if user.role == kept_role and not db.scalar(others):
                return None
            db.execute(delete(User).where(User.id == user.id))
        return True
