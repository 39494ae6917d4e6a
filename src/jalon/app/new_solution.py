"""A new solution folder, made from a template."""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from jalon.vocab.errors import UsageError
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

TEMPLATES = ("air", "cold-chain", "blank")
_ID_LINE = re.compile(r"^id: .*$", re.MULTILINE)
_GITIGNORE = "# What a running solution keeps; never in git.\n.jalon/\n"


def create(folder: Path, template: str) -> list[str]:
    """Write the template's files and return their names. The folder's name becomes the id.

    Raises UsageError when there is no such template, or when the folder already has something.
    """
    if template not in TEMPLATES:
        text = N_("There is no template “{name}”. {hint}")
        raise UsageError(Text(text, {"name": template, "hint": nearest(template, TEMPLATES)}))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        text = N_("{folder} is already there and is not empty; choose another name.")
        raise UsageError(Text(text, {"folder": folder}))
    source = files("jalon.app").joinpath("templates_solution").joinpath(template)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = _copy(source, folder, "")
        about = folder / "solution.yaml"
        content = about.read_text(encoding="utf-8")
        about.write_text(_ID_LINE.sub(f"id: {solution_id(folder)}", content, count=1), "utf-8")
        (folder / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
    except OSError as error:
        text = N_("{folder} cannot be written: {problem}.")
        raise UsageError(Text(text, {"folder": folder, "problem": error.strerror})) from error
    return [*written, ".gitignore"]


def solution_id(folder: Path) -> str:
    """An id out of the folder's name: letters without accents, digits and dashes."""
    plain = unicodedata.normalize("NFKD", folder.resolve().name).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain.lower()).strip("-")[:64] or "solution"


def _copy(source: Traversable, target: Path, under: str) -> list[str]:
    written = []
    for entry in sorted(source.iterdir(), key=lambda one: one.name):
        name = f"{under}{entry.name}"
        if entry.is_dir():
            (target / name).mkdir()
            written += _copy(entry, target, f"{name}/")
        else:
            (target / name).write_bytes(entry.read_bytes())
            written.append(name)
    return written
