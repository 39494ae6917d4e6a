"""How devices take commands: over MQTT and CoAP with our contract, by LoRaWAN downlinks, or in
their own words over another broker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import orjson

from jalon.app.carriers import Carry
from jalon.app.directory import own_topics
from jalon.app.downlinks import Downlinks, NotSent, Order
from jalon.app.solution import Solution
from jalon.run.commands.affordances import Affordance
from jalon.run.commands.foreign import raw, telling
from jalon.run.fleet import Device
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

HOUR_MS = 3_600_000
_COAP = "coap"


class Way(Protocol):
    """One way. `numbered` says that the device is told the command's id and runs each id once, so
    that telling it again harms nothing; `answers` that it can tell how it went. `expires_ms`,
    `timeout_ms` and `retries` hold where nothing is said."""

    numbered: bool
    answers: bool
    expires_ms: int
    timeout_ms: int
    retries: int

    def check(self, device: Device, one: Affordance, value: object) -> None:
        """Raises UsageError when this can never be told to the device."""

    def send(self, device: Device, one: Affordance, told: Told) -> None:
        """Hand over. Raises UsageError or NotSent when nothing has left, another BrokerError when
        that is not certain."""


class Told(Protocol):
    """What a device is told; see `CommandRow`."""

    @property
    def id(self) -> str:
        """The command's."""

    @property
    def input(self) -> str:
        """JSON."""

    @property
    def expires_ms(self) -> int:
        """Unix ms."""


class ByContract:
    """`v1/<device>/cmd/<action>` gets the command with its id; the device answers on `result`. The
    same command is always the same bytes."""

    numbered = True
    expires_ms = HOUR_MS
    timeout_ms = 30_000
    retries = 2

    def __init__(self, carry: Carry, *, answers: bool = True) -> None:
        self._carry = carry
        self.answers = answers

    def check(self, device: Device, one: Affordance, value: object) -> None:
        """Everything that can be written in JSON can be told."""

    def send(self, device: Device, one: Affordance, told: Told) -> None:
        """Publish with QoS 1: the broker keeps it for a device whose session sleeps."""
        body = {
            "id": told.id,
            "action": one.name,
            "input": raw(one, orjson.loads(told.input)),
            "expires": told.expires_ms,
        }
        self._carry(device, f"cmd/{one.name}", orjson.dumps(body), False)


class ByDownlink:
    """A frame has no id and no answer but the radio's acknowledgement."""

    numbered = False
    answers = True
    expires_ms = 24 * HOUR_MS
    timeout_ms = HOUR_MS
    retries = 2

    def __init__(self, downlinks: Callable[[], Downlinks | None]) -> None:
        self._downlinks = downlinks

    def check(self, device: Device, one: Affordance, value: object) -> None:
        """The codec of its type must be able to write it."""
        downlinks = self._downlinks()
        if downlinks is not None:
            downlinks.check(device.id, _order(one, value, ""))

    def send(self, device: Device, one: Affordance, told: Told) -> None:
        """Into the network server's queue, which sends it after the next uplink."""
        downlinks = self._downlinks()
        if downlinks is None:
            raise NotSent(Text(N_("The broker does not run yet.")))
        downlinks.send(device.id, _order(one, orjson.loads(told.input), told.id))


class ByForm:
    """A device of another broker, or with topics of its own: its form says the topic, and it does
    not know our contract."""

    numbered = False
    answers = False
    expires_ms = HOUR_MS
    timeout_ms = 30_000
    retries = 0

    def __init__(self, carry: Carry) -> None:
        self._carry = carry

    def check(self, device: Device, one: Affordance, value: object) -> None:
        """A form must say where; at our broker that is below the device's own topic."""
        topic = telling(one, device.address or "", value).topic
        if device.link is None and not (
            own_topics(device) and f"{topic}/".startswith(f"{device.address}/")
        ):
            message = N_("No form of “{action}” says on which topic the device takes it.")
            raise UsageError(Text(message, {"action": one.name}))

    def send(self, device: Device, one: Affordance, told: Told) -> None:
        """Publish on the other broker."""
        found = telling(one, device.address or "", orjson.loads(told.input))
        self._carry(device, f"/{found.topic}", found.payload, False)


class Ways:
    """Finds the way to a device."""

    def __init__(self, carry: Carry, downlinks: Callable[[], Downlinks | None]) -> None:
        self._contract = ByContract(carry)
        self._board = ByContract(carry, answers=False)
        self._downlink = ByDownlink(downlinks)
        self._form = ByForm(carry)

    def to(self, solution: Solution, device: Device) -> Way:
        """Raises UsageError for a device that cannot be told anything."""
        if device.retired is not None:
            raise UsageError(Text(N_("{device} is out of service."), {"device": device.id}))
        if device.dev_eui is not None:
            return self._downlink
        if device.link is None:
            return self._contract if device.address is None else self._form
        kinds: Mapping[str, str] = {
            link.id: str(getattr(link, "kind", "")) for link in solution.links.links
        }
        kind = kinds.get(device.link, "")
        if kind == _COAP and device.address is None:
            return self._board
        if solution.speaks_mqtt(device.link):
            return self._form
        message = N_("Commands cannot be sent over the link {link} yet.")
        raise UsageError(Text(message, {"link": device.link}))


def _order(one: Affordance, value: object, number: str) -> Order:
    return Order(one.values(raw(one, value)), port=one.port, confirmed=True, id=number)
