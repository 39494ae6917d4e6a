"""Files named by the SHA-256 of what is in them."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

from jalon.vocab.errors import StoreError
from jalon.vocab.text import N_, Text

_NAME = re.compile(r"[0-9a-f]{64}")


class Shelf:
    """One folder. Contents never change: a name says what is in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Keep a content; its SHA-256 in hexadecimal. On the disk, whole, when done. Raises
        StoreError."""
        name = sha256(content).hexdigest()
        path = self._folder / name
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists() and path.read_bytes() == content:
                return name
            self._write(path, content)
        except OSError as error:
            text = Text(N_("The package cannot be kept: {reason}"), {"reason": str(error)})
            raise StoreError(text) from error
        return name

    def _write(self, path: Path, content: bytes) -> None:
        handle, new = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(new).replace(path)
        finally:
            Path(new).unlink(missing_ok=True)
        # The name too has to survive a power cut.
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, name: str, offset: int = 0, length: int = -1) -> bytes:
        """Bytes from `offset`, at most `length` (-1: all); b"" beyond the end. Raises StoreError
        when it is not kept."""
        if not _NAME.fullmatch(name):
            raise StoreError(Text(N_("The package is not kept here any more.")))
        try:
            with (self._folder / name).open("rb") as file:
                file.seek(offset)
                return file.read(length)
        except (OSError, ValueError) as error:  # the latter for an offset beyond any file
            raise StoreError(Text(N_("The package is not kept here any more."))) from error

    def keep_only(self, names: Collection[str]) -> None:
        """Remove all others."""
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                if path.name not in names:
                    path.unlink(missing_ok=True)
