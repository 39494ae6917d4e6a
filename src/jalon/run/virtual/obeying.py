"""A virtual device that does as it is told, and remembers what it has done.

What it is asked to do it does when the device has the action: a set-point moves the cabinet, and
an action `set<Property>` sets that property. Any other action of its type is answered and has no
effect, as nothing of it can be seen.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import orjson

from jalon.run.signals import Setpoint
from jalon.run.things import ThingModel
from jalon.run.virtual.devices import VirtualDevice
from jalon.run.virtual.updating import Said

_REMEMBERED = 500


class Obeying:
    """One device's memory of commands, and its state. Times are Unix ms."""

    def __init__(self, device: VirtualDevice, thing: ThingModel) -> None:
        self._device = device
        self._thing = thing
        self._answers: OrderedDict[str, Said] = OrderedDict()
        self.obeyed = 0
        """How many commands had an effect, each counted once."""

    def heard(self, leaf: str, payload: bytes, now_ms: int) -> list[Said]:
        """Take a command or the state wanted; what it answers."""
        content = _object(payload)
        if content is None:
            return []
        if leaf == "desired":
            return self._desired(content, now_ms)
        kind, _, action = leaf.partition("/")
        return self._command(action, content, now_ms) if kind == "cmd" and action else []

    def _command(self, action: str, content: Mapping[str, object], now_ms: int) -> list[Said]:
        number = content.get("id")
        if not isinstance(number, str) or not number:
            self._do(action, content, now_ms)  # of somebody who wants no answer
            return []
        if number in self._answers:  # heard again: said again, not done again
            return [self._answers[number]]
        error = self._expired(content, now_ms) or self._do(action, content.get("input"), now_ms)
        said: dict[str, object] = {"id": number, "status": "failed" if error else "completed"}
        if error:
            said["error"] = error
        answer = ("result", orjson.dumps(said))
        self._answers[number] = answer
        while len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
        return [("result", orjson.dumps({"id": number, "status": "running"})), answer]

    def _expired(self, content: Mapping[str, object], now_ms: int) -> str:
        expires = content.get("expires")
        return "expired" if isinstance(expires, int) and expires < now_ms else ""

    def _do(self, action: str, given: object, now_ms: int) -> str:
        """Do it; why not, else ""."""
        if action not in self._thing.actions:
            return "unknown action"
        value = given.get("value") if isinstance(given, Mapping) else given
        name = self._property_of(action)
        if name is not None and not self._set(name, value, now_ms):
            return "the value does not fit"
        self.obeyed += 1
        return ""

    def _property_of(self, action: str) -> str | None:
        """What an action sets: `setSetpoint` the property `setpoint`, in whatever case."""
        wanted = action.removeprefix("set").lower() if action.startswith("set") else ""
        for name, declared in self._thing.properties.items():
            plain = name.replace("_", "").lower()
            if plain == wanted and declared.signal is not None:
                return name
            if wanted == "setpoint" and isinstance(declared.signal, Setpoint):
                return name
        return None

    def _set(self, name: str, value: object, now_ms: int) -> bool:
        declared = self._thing.properties[name]
        if isinstance(declared.signal, Setpoint):
            good = isinstance(value, int | float) and not isinstance(value, bool)
            return good and self._device.command(float(value), now_ms)  # type: ignore[arg-type]
        return isinstance(value, bool | int | float | str) and self._device.hold(
            name, value, now_ms
        )

    def _desired(self, content: Mapping[str, object], now_ms: int) -> list[Said]:
        wanted = content.get("desired")
        version = content.get("version")
        if not isinstance(wanted, Mapping):
            return []
        taken: dict[str, object] = {}
        for name, value in wanted.items():
            declared = self._thing.properties.get(str(name))
            writable = declared is not None and not declared.read_only
            settable = writable and declared is not None and declared.signal is not None
            if settable and self._set(str(name), value, now_ms):
                taken[str(name)] = value
        said: dict[str, object] = {"reported": taken}
        if isinstance(version, int) and not isinstance(version, bool):
            said["version"] = version
        return [("state", orjson.dumps(said))]


def _object(payload: bytes) -> Mapping[str, object] | None:
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
