"""Passwords and keys of other systems, which links use: given by the operator, kept out of the
solution's files, readable by their owner only."""

from __future__ import annotations

import re
from pathlib import Path

from jalon.app.local import data_folder, write_private
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
LONGEST = 64 * 1024


def read_external(folder: Path, name: str) -> str | None:
    """The secret of that name; None when the operator has not set it."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return (_place(folder) / name).read_text("utf-8")
    except FileNotFoundError:
        return None


def write_external(folder: Path, name: str, value: str) -> None:
    """Keep a secret, instead of an earlier one. Raises UsageError for a name or a value that
    cannot be kept."""
    if not _NAME.fullmatch(name):
        message = N_(
            "A secret's name is made of letters without accents, digits, “-”, “_” and “.”."
        )
        raise UsageError(Text(message))
    if not value or len(value) > LONGEST:
        raise UsageError(Text(N_("A secret is not empty and has 64 KiB at most.")))
    place = _place(folder)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(place / name, value.encode("utf-8"))


def external_names(folder: Path) -> list[str]:
    """Names of the secrets that are set, in alphabetical order."""
    place = _place(folder)
    return sorted(path.name for path in place.iterdir()) if place.is_dir() else []


def _place(folder: Path) -> Path:
    return data_folder(folder) / "secrets" / "external"
