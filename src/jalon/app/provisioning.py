"""Devices come, move, are replaced and go: always as an edit of the fleet's files, which stay the
only place that says which devices there are.

Every edit is checked as a whole before a file changes: what would not load is refused with what
is wrong, and then nothing has changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from jalon.adapters.folder import edit
from jalon.app.fleet_files import FilesDraft, editing, refusal
from jalon.app.keyring import IssuedSecret, Keyring, usable, usable_secret
from jalon.app.solution import load
from jalon.run.fleet import Device
from jalon.run.journal import Journal, Kind
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms

SECRET = "secret"  # noqa: S105
"""Field of a row that stays out of the files: the credential that the device has already."""
KNOWN_FIELDS = frozenset((*Device.model_fields, SECRET))

Fields = Mapping[str, str]
"""A device as a line of `fleet/devices.csv`: column → text. Tags are separated by spaces."""


@dataclass(frozen=True, slots=True)
class Added:
    """A device that is there now. `secret` is its new credential, to be shown once; None when none
    was asked for."""

    device_id: str
    secret: IssuedSecret | None = None


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row of an import. `line` counts from 1 in the file it came from;
    `problems` says why it was refused, and is empty when it was accepted."""

    line: int
    device_id: str
    problems: tuple[Text, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the device was, or could be, added."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of an import. `done` says whether the accepted rows were added: they are not
    when a row was refused and that was not to be passed over. `secrets` are shown once."""

    rows: tuple[RowReport, ...]
    done: bool
    secrets: tuple[IssuedSecret, ...] = ()
    notes: tuple[Text, ...] = ()


class Provisioning:
    """Edits the fleet of one solution folder. `changed` is called after each change.

    Every method may be called from any thread; edits come one after the other, also those of other
    processes. All raise UsageError for a device that does not exist, and SolutionError with
    findings when the fleet would not load any more.
    """

    def __init__(
        self,
        folder: Path,
        keyring: Keyring,
        journal: Journal,
        now_ms: Callable[[], int],
        changed: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._keyring = keyring
        self._journal = journal
        self._now_ms = now_ms
        self._changed = changed

    def add(
        self,
        fields: Fields,
        *,
        issue: bool = False,
        secret: str | None = None,
        proven: bool = False,
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Added:
        """Add one device; with `issue` it gets a new secret, with `secret` the one it has. `files`
        are others to be written with it, such as its Thing Model, by path in the folder. What an
        earlier device of that id had is worthless then, unless `proven`: it was just given."""
        given = {**fields, SECRET: secret} if secret else fields
        report = self.add_many([(0, given)], issue=issue, files=files, proven=proven)
        row = report.rows[0]
        if not row.accepted:
            raise UsageError(
                Text(N_("The device was not added: {reason}"), {"reason": row.problems[0]})
            )
        return Added(row.device_id, report.secrets[0] if report.secrets else None)

    def add_many(
        self,
        rows: Sequence[tuple[int, Fields]],
        *,
        issue: bool = False,
        skip_refused: bool = False,
        dry_run: bool = False,
        proven: bool = False,
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> ImportReport:
        """Add many, each with the line it came from. A field `secret` is the credential that the
        device has already. With `skip_refused` a refused row does not hold back the others; a
        `dry_run` only says what would happen. `proven`: see `add`."""
        with editing(self._folder) as draft:
            for name, content in files.items():
                draft.put(name, content)
            problems = {place: one for place, row in enumerate(rows) if (one := _weak(row[1]))}
            accepted = _without_faults(draft, rows, problems)
            report = ImportReport(
                tuple(
                    RowReport(line, fields.get("id", ""), tuple(problems.get(place, ())))
                    for place, (line, fields) in enumerate(rows)
                ),
                done=bool(accepted) and not dry_run and (skip_refused or not problems),
            )
            if not report.done:
                return report
            added = [rows[place][1] for place in accepted]
            if not proven:
                self._end_earlier({fields["id"] for fields in added})
            secrets = self._commit(draft, added, issue)
        for fields in added:
            self._journal.note(Kind.ADDED, fields["id"], thing=fields["thing"])
        self._changed()
        return replace(report, secrets=tuple(secrets))

    def move(self, device_id: str, site: str, room: str | None) -> None:
        """The device is now somewhere else; its history stays what it is."""
        self.change(device_id, {"site": site, "room": room}, Kind.MOVED)

    def change(
        self, device_id: str, fields: Mapping[str, str | None], kind: Kind | None = None
    ) -> None:
        """Change what the files say of a device; None removes a field. `kind` is what the journal
        calls it."""
        with editing(self._folder) as draft:
            self._edit(draft, device_id, fields)
        if kind is not None:
            detail = {name: value for name, value in fields.items() if value}
            self._journal.note(kind, device_id, **detail)
        self._changed()

    def replace(
        self, device_id: str, *, dev_eui: str | None = None, serial: str | None = None
    ) -> Added:
        """New hardware takes the device's place: its id and history stay, its credentials end at
        once, and it gets a new secret when it connects itself. Without a `serial` the old one is
        removed from the files."""
        device = self.device(device_id)
        if device.dev_eui and not dev_eui:
            raise UsageError(Text(N_("The new hardware has another DevEUI: give it.")))
        with editing(self._folder) as draft:
            fields = {"serial": serial, "retired": None}
            self._edit(draft, device_id, fields | ({"dev_eui": dev_eui} if dev_eui else {}))
        self._keyring.revoke(device_id)
        self._keyring.forget_client_ids(device_id)
        issued = self._keyring.issue(device_id) if may_have_credential(device) else None
        was = {"was_dev_eui": device.dev_eui, "was_serial": device.serial}
        new = {"dev_eui": dev_eui, "serial": serial}
        detail = {name: value for name, value in (was | new).items() if value}
        self._journal.note(Kind.REPLACED, device_id, **detail)
        self._changed()
        return Added(device_id, issued)

    def retire(self, device_id: str) -> None:
        """Out of service as of today (UTC): credentials end at once, history stays."""
        day = from_ms(self._now_ms()).date().isoformat()
        with editing(self._folder) as draft:
            self._edit(draft, device_id, {"retired": day})
        self._keyring.revoke(device_id)
        self._journal.note(Kind.WITHDRAWN, device_id, since=day)
        self._changed()

    def device(self, device_id: str) -> Device:
        """The device as the files have it now. Raises UsageError when there is none."""
        device = load(self._folder).device(device_id)
        if device is None:
            raise UsageError(Text(N_("There is no device {id}."), {"id": device_id}))
        return device

    def devices(self) -> Sequence[Device]:
        """The devices as the files have them now."""
        return load(self._folder).fleet.devices

    def place(self, thing: str, site: str, room: str | None) -> None:
        """Raises UsageError unless there is such a type and such a place."""
        solution = load(self._folder)
        sites = {one.id: {room.id for room in one.rooms} for one in solution.fleet.sites}
        for message, word, known in (
            (N_("There is no Thing Model “{id}” in things/."), thing, set(solution.things)),
            (N_("There is no site “{id}” in fleet/sites.yaml."), site, set(sites)),
            (N_("There is no room “{id}” on this site."), room, sites.get(site, set())),
        ):
            if word is not None and word not in known:
                raise UsageError(Text(message, {"id": word}))

    def credentials_changed(self) -> None:
        """Let a running solution learn credentials that were changed without it."""
        self._changed()

    def _edit(self, draft: FilesDraft, device_id: str, fields: Mapping[str, str | None]) -> None:
        name = edit.devices_file(self._folder)
        draft.put(name, edit.changed(draft.read(name), name, device_id, fields))
        draft.commit()

    def _end_earlier(self, names: Set[str]) -> None:
        """A device that was removed by hand has left its credentials behind."""
        for name, credentials in self._keyring.all().items():
            if name in names and usable(credentials):
                self._keyring.revoke(name)

    def _commit(
        self, draft: FilesDraft, added: Sequence[Fields], issue: bool
    ) -> list[IssuedSecret]:
        """Write the file and the credentials; when the file cannot be written, neither."""
        given = {fields["id"]: fields.get(SECRET) or None for fields in added}
        lorawan = {fields["id"] for fields in added if fields.get("dev_eui")}
        wanted = {
            name: secret
            for name, secret in given.items()
            if secret or (issue and name not in lorawan)
        }
        secrets = self._keyring.issue_each(wanted) if wanted else []
        try:
            draft.commit()
        except BaseException:
            for name in wanted:
                self._keyring.revoke(name)
            raise
        return [one for one in secrets if given[one.identity] is None]


def may_have_credential(device: Device) -> bool:
    """Whether a device proves itself who it is: the devices of a network server do not."""
    return device.dev_eui is None


def _weak(fields: Fields) -> list[Text]:
    """What is wrong with a row beside what the files would say of it."""
    if strange := sorted(fields.keys() - KNOWN_FIELDS):
        return [Text(N_("“{key}” is not a known key here."), {"key": strange[0]})]
    secret = fields.get(SECRET)
    try:
        if secret:
            usable_secret(secret)
    except UsageError as error:
        return [error.text]
    return []


def _without_faults(
    draft: FilesDraft, rows: Sequence[tuple[int, Fields]], problems: dict[int, list[Text]]
) -> list[int]:
    """Plan the file with the rows that have no fault; their places. What is wrong with the others
    is added to `problems`. Raises SolutionError for faults that are none of theirs.

    A fault in the form of one row hides what the whole would say of the others: so it is asked
    again without it, until all that is left is good.
    """
    name = edit.devices_file(draft.folder)
    before = draft.read(name)
    left = [place for place in range(len(rows)) if place not in problems]
    while left:
        entries = [
            {key: value for key, value in rows[place][1].items() if key != SECRET} for place in left
        ]
        draft.put(name, edit.appended(before, name, entries))
        errors = draft.errors()
        if not errors:
            return left
        begins = edit.entry_lines(draft.read(name), name)
        new = begins[len(begins) - len(left) :]
        bad: dict[int, list[Text]] = {}
        for finding in errors:
            at = bisect_right(new, finding.place.line) - 1
            if finding.place.file != name or at < 0:
                raise refusal([finding])
            bad.setdefault(left[at], []).append(finding.text)
        problems.update(bad)
        left = [place for place in left if place not in bad]
    return left
