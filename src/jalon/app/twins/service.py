"""The twins of a running solution."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import orjson

from jalon.adapters.stores.registry import TwinTable
from jalon.app.ground import Ground
from jalon.app.solution import Solution
from jalon.app.twins.reported import Plant, Reported
from jalon.app.twins.sending import Carry, Sender, trouble_of
from jalon.app.twins.views import TwinChanged, TwinView
from jalon.run.commands.affordances import SET, Affordances
from jalon.run.control import DesireDue, StateHeard, Subject
from jalon.run.fleet import Device
from jalon.run.journal import Kind
from jalon.run.twins.document import MOST_PROPERTIES, Twin, merged
from jalon.run.twins.values import LONGEST_TEXT, refused
from jalon.vocab.entries import is_identifier
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_DESIRED, _REPORTED = "desired", "reported"


class Twins:
    """Every method may be called from any thread.

    `carry` brings a message to a device and is given before `start`, as is `sender.radio`, by which
    LoRaWAN devices are told; without a `carry` nothing is sent. `see` tells what devices measure:
    the newest value of a property counts as reported; `known` tells what is.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._table = TwinTable(ground.registry)
        self.known = Reported(ground.solution)
        self.sender = Sender(ground, self._table, self.known)

    @property
    def carry(self) -> Carry | None:
        """(device, leaf of its topic, payload, retain): the way to devices."""
        return self.sender.carry

    @carry.setter
    def carry(self, carry: Carry) -> None:
        self.sender.carry = carry

    def see(self, plant: Plant) -> None:
        """What devices measure closes what is wanted of them as well."""
        self.known.plant = plant
        plant.live.listen(self.sender.measured)

    def start(self) -> None:
        """Begin to send what devices have not been told."""
        self.sender.start()

    def stop(self) -> None:
        """End it; what is on its way is kept for the next start."""
        self.sender.stop()

    def carry_out(self, due: DesireDue | StateHeard) -> None:
        """Take in; a part of the transaction it is called in. Nothing is raised for what a device
        or a rule says wrongly: the journal tells it."""
        device = self._ground.solution().device(Subject.parse(due.subject).id)
        if device is None:
            return
        if isinstance(due, StateHeard):
            self._heard(device, due)
            return
        try:
            self._desire(device, due.desired, due.at_ms, due.by, due.key)
        except UsageError as error:
            note = self._ground.journal.note
            note(Kind.DESIRE_REFUSED, device.id, reason=str(error), asked_by=due.by)

    def desire(
        self, device_id: str, patch: Mapping[str, object], who: str, if_version: int | None = None
    ) -> TwinView:
        """Want properties to be so: a JSON Merge Patch (RFC 7396), where null takes a wish back.

        `who` is `user:<name>`. With `if_version` only when the desired state is still at that
        version: else TwinChanged is raised. Raises UsageError for what the device cannot be.
        """
        with self._ground.registry.work():
            device = self._device(device_id)
            twin, _ = self._table.get(device_id)
            if if_version is not None and twin.desired.version != if_version:
                raise TwinChanged(twin.desired.version)
            # The clock of a device or of a rule may be ahead; a person who decides now decides.
            known = [one.at_ms for one in twin.desired.entries.values()]
            now = max([self._ground.now_ms(), *(at + 1 for at in known)])
            self._desire(device, patch, now, who, who)
        self.sender.wake()
        return self.view(device_id)

    def twin(self, device_id: str) -> Twin:
        """What was wanted and reported, without what was measured."""
        return self._table.get(device_id)[0]

    def view(self, device_id: str) -> TwinView:
        """The twin as it is now. Raises UsageError when there is no such device."""
        solution = self._ground.solution()
        device = self._device(device_id)
        twin, errand = self._table.get(device_id)
        reported = self.known.reported(device, twin)
        properties = solution.properties(device)
        delta = twin.delta(properties, {name: one.value for name, one in reported.items()})
        sent = errand.sent_ms if errand.sent and delta else None
        trouble = trouble_of(errand.trouble) if delta else None
        return TwinView(device, twin, properties, reported, delta, sent, trouble)

    def values(
        self, side: str, names: Collection[str]
    ) -> Mapping[tuple[str, str], tuple[object, int]]:
        """What is `desired` or `reported` (by state) with its time, by device and property, over
        the whole fleet."""
        return self._table.values(side, names)

    def pending(self) -> frozenset[str]:
        """Devices of which something is wanted that is not so yet."""
        solution = self._ground.solution()
        found = set()
        for device_id, twin in self._table.wanted().items():
            device = solution.device(device_id)
            if device is not None and device.retired is None:
                told = self.known.reported(device, twin, twin.desired.values)
                said = {name: one.value for name, one in told.items()}
                if twin.delta(solution.properties(device), said):
                    found.add(device_id)
        return frozenset(found)

    def _desire(
        self, device: Device, patch: Mapping[str, object], at_ms: int, by: str, key: str
    ) -> None:
        solution = self._ground.solution()
        if device.retired is not None:
            message = N_("{device} is out of service: nothing can be wanted of it.")
            raise UsageError(Text(message, {"device": device.id}))
        with self._ground.registry.work():
            old, _ = self._table.get(device.id)
            wished = old.desired.values
            whole = {name: merged(wished.get(name), value) for name, value in patch.items()}
            if reason := refused(solution.properties(device), whole):
                raise UsageError(reason)
            _require_allowed(solution, device, patch, by)
            new = old.desired.patched(patch, at_ms, by, key)
            if new.entries != old.desired.entries:
                self._table.put(device.id, old, replace(old, desired=new))
        if new.version != old.desired.version:
            said = orjson.dumps(patch).decode()
            self._ground.journal.note(Kind.DESIRED, device.id, desired=said, asked_by=by)
            self.sender.wake()

    def _heard(self, device: Device, due: StateHeard) -> None:
        old, _ = self._table.get(device.id)
        kept = {
            name: value
            for name, value in due.reported.items()
            if is_identifier(name) and len(orjson.dumps(value)) <= LONGEST_TEXT
        }
        room = MOST_PROPERTIES - len(old.reported.entries)
        strange = [name for name in kept if name not in old.reported.entries][max(room, 0) :]
        kept = {name: value for name, value in kept.items() if name not in strange}
        if len(kept) < len(due.reported):
            missing = ", ".join(sorted(due.reported.keys() - kept.keys()))
            self._ground.journal.note(Kind.STATE_REFUSED, device.id, properties=missing[:200])
        reported = old.reported.whole(kept, due.at_ms, due.by, due.key)
        taken = min(max(old.taken, due.version or 0), old.desired.version)
        if reported.entries != old.reported.entries or taken != old.taken:
            self._table.put(device.id, old, replace(old, reported=reported, taken=taken))
            self.sender.wake()

    def _device(self, device_id: str) -> Device:
        device = self._ground.solution().device(device_id)
        if device is None:
            raise UsageError(Text(N_("There is no device {id}."), {"id": device_id}))
        return device


def _require_allowed(
    solution: Solution, device: Device, patch: Mapping[str, object], by: str
) -> None:
    """What a second person must approve as a command, or what not everybody may ask for, is not
    had by wanting it. To take a wish back is open to all. Raises UsageError."""
    known = Affordances.of(solution.things[device.thing]).all
    for name, value in patch.items():
        one = known.get(SET + name)
        if one is None or value is None:
            continue
        handling = solution.control.commands.handling(device.thing, one)
        if handling.dangerous:
            message = N_("A second person must approve “{action}”: ask for it as a command.")
            raise UsageError(Text(message, {"action": one.name}))
        if not handling.allows(by):
            message = N_("{who} may not ask for “{action}”.")
            raise UsageError(Text(message, {"who": by, "action": one.name}))
