"""Entries of the design's files as values: read, tried beside what is in force, and saved."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel

from jalon.adapters.folder import edit, yaml_reader, yaml_write
from jalon.adapters.folder.document import Document, Draft
from jalon.adapters.folder.plain_text import decode
from jalon.app.fleet_files import FilesDraft, editing
from jalon.app.schemas import KINDS
from jalon.app.solution import check
from jalon.vocab.entries import is_identifier
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Finding, Severity
from jalon.vocab.finding import Path as KeyPath
from jalon.vocab.text import N_, Text

EDITED = frozenset(
    (
        *("solution", "architecture", "security", "ebios", "privacy", "regulation"),
        *("accessibility", "watch", "sizing", "choices", "prototype", "documents"),
    )
)
"""Kinds of files whose entries are changed by forms; those of `tests/` as well."""
_TESTS = "tests/"

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where entries stand: in the list, or as the one mapping, at `path` of the file. `model` says
    what they are made of."""

    part: str
    path: tuple[str, ...]
    model: type[BaseModel]
    listed: bool

    @property
    def file(self) -> str:
        """Its path in the folder."""
        return f"{self.part}.yaml"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is on disk. `stamp` tells one content of the file from another; "" when there
    is no such file yet. `value` is made of dict, list, str, int, float, bool and None."""

    value: Mapping[str, object]
    stamp: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A finding with the keys of the entry down to the value it is about."""

    finding: Finding
    at: KeyPath


@dataclass(frozen=True, slots=True)
class Tried:
    """What a check says of the entry as it would be, and the errors elsewhere."""

    mine: Sequence[Trouble]
    elsewhere: Sequence[Finding]

    @property
    def holds(self) -> bool:
        """Whether the solution would load."""
        wrong = any(one.finding.severity is Severity.ERROR for one in self.mine)
        return not wrong and not self.elsewhere


def spot_of(part: str, dotted: str) -> Spot:
    """The place of that name, such as `requirements` in `solution`. Raises UsageError."""
    nowhere = UsageError(
        Text(N_("There are no entries “{path}” in {part}."), {"path": dotted, "part": part})
    )
    if part.startswith(_TESTS) and is_identifier(part.removeprefix(_TESTS)):
        kind = "tests"
    elif part in EDITED:
        kind = part
    else:
        raise nowhere
    found: type[BaseModel] = next(one.model for one in KINDS if one.name == kind)
    path = tuple(dotted.split("."))
    listed = False
    for key in path:
        field = found.model_fields.get(key)
        inner = None if field is None or listed else model_in(field.annotation)
        if inner is None:
            raise nowhere
        found, listed = inner
    return Spot(part, path, found, listed)


def model_in(annotation: object) -> tuple[type[BaseModel], bool] | None:
    """The model that an annotation is about, and whether it is a list of them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return model_in(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        some = [one for one in get_args(annotation) if one is not type(None)]
        return model_in(some[0]) if len(some) == 1 else None
    if origin is list:
        inner = model_in(get_args(annotation)[0])
        return (inner[0], True) if inner and not inner[1] else None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    return None


class Entries:
    """The entries of one solution folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, spot: Spot, entry_id: str = "") -> Entry:
        """The entry as it is; an empty one for the id "". Raises UsageError when there is none."""
        raw = self._raw(spot)
        value: object = _document(raw, spot).value if raw.strip() else {}
        found = _at(value, _path_to(value, spot, entry_id)) if entry_id or not spot.listed else {}
        if not isinstance(found, Mapping):
            message = N_("There is no entry {id} in the file.")
            raise UsageError(Text(message, {"id": entry_id or ".".join(spot.path)}))
        return Entry(found, _stamp(raw))

    def tried(self, spot: Spot, entry_id: str, fields: Fields) -> Tried:
        """What would be with these values; nothing is written. Raises UsageError."""
        draft = FilesDraft(self._folder)
        content = self._written(self._raw(spot), spot, entry_id, fields)
        draft.put(spot.file, content)
        with draft.copied() as copy:
            findings = check(copy)
        document = _document(content, spot)
        under = _path_to(document.value, spot, entry_id or str(fields.get("id", "")))
        mine = [_trouble(one, document, under) for one in findings if one.place.file == spot.file]
        errors = (one for one in findings if one.severity is Severity.ERROR)
        inside = [one for one in mine if one is not None]
        own = {id(one.finding) for one in inside}
        return Tried(inside, [one for one in errors if id(one) not in own])

    def save(self, spot: Spot, entry_id: str, fields: Fields, stamp: str) -> None:
        """Change the entry, or add one when the id is "", if the file is still the one of `stamp`.
        Raises UsageError when it is not, SolutionError when the solution would not load."""
        with editing(self._folder) as draft:
            raw = self._raw(spot)
            _same(raw, spot, stamp)
            draft.put(spot.file, self._written(raw, spot, entry_id, fields))
            draft.commit()

    def remove(self, spot: Spot, entry_id: str, stamp: str) -> None:
        """Take the entry out of its list. Raises as `save`."""
        with editing(self._folder) as draft:
            raw = self._raw(spot)
            _same(raw, spot, stamp)
            draft.put(spot.file, edit.entry_removed(raw, spot.path, entry_id))
            draft.commit()

    def _raw(self, spot: Spot) -> bytes:
        path = self._folder / spot.file
        try:
            return path.read_bytes() if path.is_file() else b""
        except OSError as error:
            message = N_("{file} cannot be read: {problem}.")
            given = {"file": spot.file, "problem": error.strerror}
            raise UsageError(Text(message, given)) from error

    def _written(self, raw: bytes, spot: Spot, entry_id: str, fields: Fields) -> bytes:
        if not spot.listed:
            return edit.mapping_changed(raw, spot.path, fields)
        if entry_id:
            return edit.entry_changed(raw, spot.path, entry_id, fields)
        name = str(fields.get("id") or "")
        if "id" in spot.model.model_fields and not is_identifier(name):
            message = N_("“{id}” cannot be an id: letters without accents, digits, - and _")
            raise UsageError(Text(message, {"id": name[:80]}))
        return edit.entry_added(raw, spot.path, fields)


def parsed(text: str) -> object:
    """A part of an entry that was typed as YAML. Raises UsageError with what is wrong in it."""
    if not text.strip():
        return None
    draft = Draft("")
    document = yaml_reader.read(text, draft)
    if draft.findings or document is None:
        found = draft.findings[0]
        message = N_("Line {line}: {problem}")
        raise UsageError(Text(message, {"line": found.place.line, "problem": found.text}))
    return document.value


def typed(value: object) -> str:
    """The same the other way."""
    if value in (None, [], {}):
        return ""
    if isinstance(value, Mapping):
        return yaml_write.block(value, "", "\n")
    if isinstance(value, list):
        return "\n".join(f"- {yaml_write.item(one, '', chr(10))}" for one in value)
    return yaml_write.flow(value)


def _document(raw: bytes, spot: Spot) -> Document:
    draft = Draft(spot.file)
    text = decode(raw, draft)
    document = yaml_reader.read(text, draft) if text is not None else None
    if document is None:
        message = N_("{file} cannot be read; change it by hand first.")
        raise UsageError(Text(message, {"file": spot.file}))
    return document


def _path_to(value: object, spot: Spot, entry_id: str) -> KeyPath:
    """The keys and the index down to the entry; to the list itself when it is not there."""
    if not spot.listed:
        return spot.path
    entries = _at(value, spot.path)
    if isinstance(entries, list):
        for index, one in enumerate(entries):
            if isinstance(one, Mapping) and str(one.get("id", "")) == entry_id:
                return (*spot.path, index)
    return (*spot.path, -1)


def _at(value: object, path: Iterable[str | int]) -> object:
    for key in path:
        if isinstance(value, Mapping) and isinstance(key, str):
            value = value.get(key, {})
        elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        else:
            return None
    return value


def _trouble(finding: Finding, document: Document, under: KeyPath) -> Trouble | None:
    """The finding when it is about the entry: by the last value that begins at or before it."""
    place = finding.place.line, finding.place.column
    before = [
        ((spot.key_line, spot.key_column), len(path), path)
        for path, spot in document.spots.items()
        if (spot.key_line, spot.key_column) <= place
    ]
    path = max(before, default=((0, 0), 0, ()))[2]
    if path[: len(under)] != under:
        return None
    return Trouble(finding, path[len(under) :])


def _stamp(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest() if raw else ""


def _same(raw: bytes, spot: Spot, stamp: str) -> None:
    if _stamp(raw) != stamp:
        message = N_(
            "{file} was changed by somebody else in the meantime. Load it again, and make your"
            " changes there."
        )
        raise UsageError(Text(message, {"file": spot.file}))
