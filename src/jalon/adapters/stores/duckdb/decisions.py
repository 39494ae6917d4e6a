"""Decisions that wait to be carried out, and what rules remember: written with the readings they
come from."""

from __future__ import annotations

import duckdb
import numpy as np

from jalon.run.ports import Resolved


class Decisions:
    """Writes them, inside the caller's transaction. Ids count up for ever: the last decision stays
    when all have been carried out, so that a new start goes on from it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        row = connection.execute("select max(id) from decisions").fetchone()
        self._last = int(row[0]) if row and row[0] is not None else 0

    def add(self, resolved: Resolved) -> int:
        """Insert; the last id used, to be given to `committed`."""
        count = len(resolved.decisions)
        if count:
            columns = {
                "id": np.arange(self._last + 1, self._last + 1 + count, dtype=np.int64),
                "body": np.array([one.hex() for one in resolved.decisions], object),
            }
            self._insert("decisions select id, unhex(body)", columns)
        if resolved.memories:
            # Joined rather than given as a list: at each of thousands of keys a list is walked.
            gone = {"key": np.array(list(resolved.memories), object)}
            self._connection.register("incoming", gone)
            self._connection.execute("delete from memories where key in (select key from incoming)")
            self._connection.unregister("incoming")
            kept = {key: body for key, body in resolved.memories.items() if body is not None}
            if kept:
                bodies = np.array([body.hex() for body in kept.values()], object)
                columns = {"key": np.array(list(kept), object), "body": bodies}
                self._insert("memories select key, unhex(body)", columns)
        return self._last + count

    def committed(self, last: int) -> None:
        """The transaction in which `add` was called stands."""
        self._last = last

    def forget(self, up_to: int) -> None:
        """Drop decisions up to that id, but for the last there is."""
        self._connection.execute(
            "delete from decisions where id <= ? and id < (select max(id) from decisions)", [up_to]
        )

    def _insert(self, statement: str, columns: dict[str, np.ndarray]) -> None:
        self._connection.register("incoming", columns)
        self._connection.execute(f"insert into {statement} from incoming")
        self._connection.unregister("incoming")


def waiting(
    connection: duckdb.DuckDBPyConnection, after: int, limit: int
) -> list[tuple[int, bytes]]:
    """Decisions behind that id, in their order."""
    return connection.execute(
        "select id, body from decisions where id > ? order by id limit ?", [after, limit]
    ).fetchall()


def last(connection: duckdb.DuckDBPyConnection) -> int:
    """The last id ever used; 0 before the first."""
    row = connection.execute("select coalesce(max(id), 0) from decisions").fetchone()
    assert row is not None
    return int(row[0])


def memories(connection: duckdb.DuckDBPyConnection) -> dict[str, bytes]:
    """Everything remembered, by key."""
    return dict(connection.execute("select key, body from memories").fetchall())
