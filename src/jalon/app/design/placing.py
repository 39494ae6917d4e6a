"""Where in the files what an analysis points at is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jalon.adapters.folder import yaml_reader
from jalon.adapters.folder.document import Document, Draft
from jalon.adapters.folder.plain_text import decode
from jalon.vocab.finding import Mark, Place


def places(folder: Path, marks: Iterable[Mark]) -> list[Place]:
    """One for each mark, in order; the whole file where it cannot be read."""
    documents: dict[str, Document | None] = {}
    found = []
    for mark in marks:
        name = f"{mark.part}.yaml"
        if mark.part not in documents:
            documents[mark.part] = _document(folder / name, name)
        document = documents[mark.part]
        place = Place(name)
        if document is not None and mark.path:
            place = document.place(mark.path, on_key=mark.on_key, offset=mark.offset)
        found.append(place)
    return found


def _document(path: Path, name: str) -> Document | None:
    if not path.is_file():
        return None
    draft = Draft(name)
    text = decode(path.read_bytes(), draft)
    return yaml_reader.read(text, draft) if text is not None else None
