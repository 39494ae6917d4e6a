"""Dead letters: messages that could not become readings, kept until they are replayed."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import duckdb
import numpy as np

from jalon.adapters.stores.duckdb.schema import Limits
from jalon.run.batch import DeadLetter, Reason


class Letters:
    """Writes letters within the caps: beyond them the oldest go, and are counted.

    Runs inside the caller's transaction; call `committed` after it, `undone` when it failed.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits
        self._next = 1
        self._sizes: deque[tuple[int, int]] = deque()
        self._bytes = 0
        self.reload()

    def reload(self) -> None:
        """Read from the table what is kept in memory: ids and sizes, oldest first."""
        found = self._connection.execute(
            "select id, octet_length(payload) from letters order by id"
        ).fetchall()
        self._sizes = deque(found)
        self._bytes = sum(size for _, size in found)
        self._next = max(self._next, found[-1][0] + 1 if found else 1)

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Insert, then drop the oldest beyond the caps."""
        fitting = self._newest_fitting(letters)
        dropped = len(letters) - len(fitting)
        if fitting:
            self._insert(fitting)
        last_dropped = 0
        while len(self._sizes) > self._limits.letters or self._bytes > self._limits.letter_bytes:
            last_dropped, size = self._sizes.popleft()
            self._bytes -= size
            dropped += 1
        if last_dropped:
            self._connection.execute("delete from letters where id <= ?", [last_dropped])
        if dropped:
            self._connection.execute(
                "update facts set value = value + ? where name = 'letters_dropped'", [dropped]
            )

    def _newest_fitting(self, letters: Sequence[DeadLetter]) -> Sequence[DeadLetter]:
        """A flood within one batch is cut before it is written."""
        room = self._limits.letter_bytes
        count = 0
        for letter in reversed(letters):
            room -= len(letter.payload)
            if room < 0 or count == self._limits.letters:
                break
            count += 1
        return letters[len(letters) - count :]

    def _insert(self, letters: Sequence[DeadLetter]) -> None:
        ids = range(self._next, self._next + len(letters))
        columns = {
            "id": np.array(ids, np.int64),
            "topic": np.array([_storable(letter.topic) for letter in letters], object),
            "payload": np.array([letter.payload.hex() for letter in letters], object),
            "received_ms": np.array([letter.received_ms for letter in letters], np.int64),
            "reason": np.array([letter.reason.value for letter in letters], object),
            "detail": np.array([_storable(letter.detail) for letter in letters], object),
            "device": np.array([letter.device for letter in letters], object),
        }
        self._connection.register("incoming", columns)
        self._connection.execute(
            "insert into letters select id, topic, unhex(payload), received_ms, reason, detail,"
            " device from incoming"
        )
        self._connection.unregister("incoming")
        self._next = ids.stop
        sizes = [len(letter.payload) for letter in letters]
        self._sizes.extend(zip(ids, sizes, strict=True))
        self._bytes += sum(sizes)


def _storable(text: str) -> str:
    """Whatever a device sent, as valid UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def waiting(
    connection: duckdb.DuckDBPyConnection,
    reason: Reason | None,
    limit: int,
    before_id: int | None,
) -> list[DeadLetter]:
    """Letters, newest first."""
    rows = connection.execute(
        "select topic, payload, received_ms, reason, detail, device, id from letters"
        " where ($reason is null or reason = $reason)"
        " and ($before is null or id < $before) order by id desc limit $limit",
        {"reason": reason and reason.value, "before": before_id, "limit": limit},
    ).fetchall()
    return [
        DeadLetter(topic, payload, received, Reason(why), detail, device, number)
        for topic, payload, received, why, detail, device, number in rows
    ]


def counts(connection: duckdb.DuckDBPyConnection) -> dict[Reason, int]:
    """Letters by reason."""
    rows = connection.execute("select reason, count(*) from letters group by all").fetchall()
    return {Reason(reason): count for reason, count in rows}
