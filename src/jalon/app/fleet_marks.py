"""Tags and groups: the words by which people and rules speak of many devices at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from pathlib import Path

from jalon.adapters.folder import edit
from jalon.app.fleet_files import editing
from jalon.app.solution import load
from jalon.run.journal import Journal, Kind
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

TAG = re.compile(r"[\w][\w.:-]{0,39}")


class FleetMarks:
    """Edits tags and groups in the files of one solution folder, as `Provisioning` edits devices.
    `changed` is called after each change.

    All raise UsageError for what does not exist, and SolutionError when the fleet would not load
    any more.
    """

    def __init__(self, folder: Path, journal: Journal, changed: Callable[[], None]) -> None:
        self._folder = folder
        self._journal = journal
        self._changed = changed

    def tag(self, device_ids: Sequence[str], add: Set[str], remove: Set[str]) -> list[str]:
        """Put tags on devices and take others away, all in one edit; ids of those that changed."""
        if wrong := sorted(tag for tag in add if not TAG.fullmatch(tag)):
            message = N_("“{tag}” is no tag: letters, digits, “-”, “_”, “.” and “:”, at most 40.")
            raise UsageError(Text(message, {"tag": wrong[0]}))
        with editing(self._folder) as draft:
            solution = load(self._folder)
            changes: dict[str, dict[str, str]] = {}
            for device_id in device_ids:
                device = solution.device(device_id)
                if device is None:
                    raise UsageError(Text(N_("There is no device {id}."), {"id": device_id}))
                kept = [tag for tag in device.tags if tag not in remove]
                tags = [*kept, *sorted(add - set(kept))]
                if tags != device.tags:
                    changes[device_id] = {"tags": " ".join(tags)}
            if changes:
                name = edit.devices_file(self._folder)
                draft.put(name, edit.changed_each(draft.read(name), name, changes))
                draft.commit()
        for device_id, fields in changes.items():
            self._journal.note(Kind.TAGGED, device_id, **fields)
        if changes:
            self._changed()
        return list(changes)

    def add_group(self, group_id: str, query: str, name: str = "") -> None:
        """Keep a search as a group in `fleet/groups.yaml`."""
        fields = {"id": group_id, "name": name, "query": query}
        with editing(self._folder) as draft:
            before = draft.read(edit.GROUPS_YAML)
            draft.put(edit.GROUPS_YAML, edit.group_added(before, fields))
            draft.commit()
        self._changed()

    def remove_group(self, group_id: str) -> None:
        """Forget a group; its devices stay."""
        with editing(self._folder) as draft:
            before = draft.read(edit.GROUPS_YAML)
            draft.put(edit.GROUPS_YAML, edit.group_removed(before, group_id))
            draft.commit()
        self._changed()
