"""Where the store's files lie, how they become durable, and who may open them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text

EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Layout:
    """The folder of one store: `hot.duckdb`, `days/`, `hours/`, `spill/` and `lock`."""

    folder: Path

    @property
    def hot(self) -> Path:
        """The database with everything not yet compacted, and the catalogue of day files."""
        return self.folder / "hot.duckdb"

    @property
    def spill(self) -> Path:
        """Where DuckDB sorts what does not fit in memory."""
        return self.folder / "spill"

    def day_file(self, day: int, generation: int) -> Path:
        """Every value of a UTC day (counted from 1970), sorted by series and time."""
        return self.folder / "days" / _file_name(day, generation)

    def hour_file(self, day: int, generation: int) -> Path:
        """The partial aggregates of the same day."""
        return self.folder / "hours" / _file_name(day, generation)

    def make(self) -> None:
        """Create the folders, durably."""
        for name in ("days", "hours", "spill"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        sync(self.folder)

    def sweep(self, known: Iterable[tuple[int, int]]) -> list[Path]:
        """Delete files a killed run left behind; returns the files of `known` that are missing.

        `known` are the (day, generation) of the catalogue.
        """
        wanted = {path for pair in known for path in (self.day_file(*pair), self.hour_file(*pair))}
        present = {path for name in ("days", "hours") for path in (self.folder / name).iterdir()}
        for path in present - wanted:
            path.unlink()
        for path in self.spill.iterdir():
            path.unlink()
        return sorted(wanted - present)


def _file_name(day: int, generation: int) -> str:
    return f"{date.fromordinal(EPOCH_DAY + day).isoformat()}.{generation}.parquet"


def sync(path: Path) -> None:
    """Make a file's content, or a directory's entries, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FolderLock:
    """Held by the one process that has the store open; the kernel frees it when that one dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._handle: int | None = None

    def take(self) -> None:
        """Raises StoreError when another store object, here or elsewhere, holds the folder."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode("ascii", "replace").strip()
            os.close(handle)
            text = N_(
                "The readings in {folder} are in use by process {pid}. Stop that one first"
                " (one process at a time may open them), or ask it over its API."
            )
            params = {"folder": self._path.parent, "pid": holder or "?"}
            raise StoreError(Text(text, params)) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle

    def release(self) -> None:
        """Let the next one in."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None
