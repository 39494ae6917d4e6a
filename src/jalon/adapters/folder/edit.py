"""Changing entries of the fleet's list of devices, in CSV or in YAML: every other byte stays."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jalon.adapters.folder import csv_edit, csv_reader, yaml_edit, yaml_reader
from jalon.adapters.folder.document import Draft
from jalon.adapters.folder.plain_text import decode
from jalon.adapters.folder.splice import Fields, Keys, Texts, by_hand
from jalon.adapters.folder.yaml_reader import plain
from jalon.vocab.text import N_

DEVICES_CSV = "fleet/devices.csv"
DEVICES_YAML = "fleet/devices.yaml"
GROUPS_YAML = "fleet/groups.yaml"
_TOP = "devices"
_DEVICES: Keys = (_TOP,)
_GROUPS: Keys = ("groups",)
_COLUMNS = ("id", "name", "thing", "site", "room")


def devices_file(folder: Path) -> str:
    """The file, relative to the folder, in which devices stand; where there is none yet, CSV."""
    return DEVICES_YAML if (folder / DEVICES_YAML).is_file() else DEVICES_CSV


def appended(raw: bytes, name: str, entries: Sequence[Texts]) -> bytes:
    """The content of the file `name` with more entries. Raises UsageError."""
    if name.endswith(".csv"):
        return _edited(raw, lambda text: csv_edit.append(text, entries, _COLUMNS))
    return _edited(raw, lambda text: yaml_edit.append(text, list(map(_device, entries)), _DEVICES))


def changed(raw: bytes, name: str, entry_id: str, fields: Texts) -> bytes:
    """The same with other values of an entry; None takes a value away. Raises UsageError."""
    return changed_each(raw, name, {entry_id: fields})


def changed_each(raw: bytes, name: str, changes: Mapping[str, Texts]) -> bytes:
    """The same with other values of several entries, by id. Raises UsageError."""
    if name.endswith(".csv"):
        return _edited(raw, lambda text: csv_edit.change(text, changes))
    meant = {entry_id: _device(fields) for entry_id, fields in changes.items()}
    return _edited(raw, lambda text: yaml_edit.change(text, meant, _DEVICES))


def removed(raw: bytes, name: str, entry_id: str) -> bytes:
    """The same without an entry. Raises UsageError."""
    if name.endswith(".csv"):
        return _edited(raw, lambda text: csv_edit.remove(text, entry_id))
    return _edited(raw, lambda text: yaml_edit.remove(text, entry_id, _DEVICES))


def group_added(raw: bytes, fields: Fields) -> bytes:
    """The content of `fleet/groups.yaml` with one more group. Raises UsageError."""
    return _edited(raw, lambda text: yaml_edit.append(text, [fields], _GROUPS))


def group_removed(raw: bytes, group_id: str) -> bytes:
    """The same without a group. Raises UsageError."""
    return _edited(raw, lambda text: yaml_edit.remove(text, group_id, _GROUPS))


def entry_added(raw: bytes, path: Keys, fields: Fields) -> bytes:
    """The content of a YAML file with one more entry in the list at `path`. Raises UsageError."""
    return _edited(raw, lambda text: yaml_edit.append(text, [fields], path))


def entry_changed(raw: bytes, path: Keys, entry_id: str, fields: Fields) -> bytes:
    """The same with other values of an entry of the list. Raises UsageError."""
    return _edited(raw, lambda text: yaml_edit.change(text, {entry_id: fields}, path))


def entry_removed(raw: bytes, path: Keys, entry_id: str) -> bytes:
    """The same without an entry of the list. Raises UsageError."""
    return _edited(raw, lambda text: yaml_edit.remove(text, entry_id, path))


def mapping_changed(raw: bytes, path: Keys, fields: Fields) -> bytes:
    """The same with other values of the mapping at `path`. Raises UsageError."""
    return _edited(raw, lambda text: yaml_edit.change_mapping(text, fields, path))


def entry_lines(raw: bytes, name: str) -> list[int]:
    """The line (from 1) on which each entry begins; empty when the file cannot be read."""
    draft = Draft(name)
    text = decode(raw, draft)
    if text is None:
        return []
    if name.endswith(".csv"):
        document = csv_reader.read(text, draft, _TOP)
    else:
        document = yaml_reader.read(text, draft)
    if document is None:
        return []
    found = (path for path in document.spots if len(path) == 2 and path[0] == _TOP)
    return [document.spots[path].key_line for path in found]


def write(path: Path, content: bytes) -> None:
    """Put the content in the file's place, whole or not at all; a link stays one, and who may read
    the file stays the same."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(name).chmod(mode)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _device(texts: Texts) -> Fields:
    """A device's texts as what they mean in YAML."""
    meant: dict[str, object] = dict(texts)
    for key in ("latitude", "longitude"):
        if texts.get(key):
            meant[key] = plain(texts[key] or "")
    if "tags" in texts:
        meant["tags"] = (texts["tags"] or "").split()
    return meant


def _edited(raw: bytes, edit: Callable[[str], str]) -> bytes:
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    try:
        text = raw[len(mark) :].decode()
    except UnicodeDecodeError:
        raise by_hand("", N_("the file is not UTF-8")) from None
    return mark + edit(text).encode()
