"""Every kind of link with its real other side, all told apart by nothing but this.

A harness has one device, `probe`, with one number, `value`; its type is what the kind needs.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

from bad_peers import Ear, free_port, serial_talker, tcp_talker, udp_talker, unreachable
from coap_peers import CoapDevice, free_udp_port
from modbus_peers import Peers, meter, serial, serial_line, tcp
from mosquittos import Mosquitto, Publisher, password_file
from opcua_peers import NAMESPACE, OneUser, Plant
from sparkplug_nodes import EdgeNode, metric

Entry = dict[str, object]
LINK = "plant"
_SECRET = "sesame"
_EUI = "70b3d57ed0061234"


class Harness(ABC):
    """A link of one kind and its other side.

    `tells_loss_as` is how the link says that the other side is gone: "ends" for LinkDown, "notes"
    where one link has many other sides. `has_credentials`: a wrong password ends it.
    """

    kind: ClassVar[str]
    tells_loss_as: ClassVar[str] = "ends"
    has_credentials: ClassVar[bool] = False
    can_lie: ClassVar[bool] = True
    """Registers hold what they hold; what is wrong on the wire, see `hostile`."""
    connects: ClassVar[bool] = True
    """Whether there is a connection that may take long to be made."""
    device: ClassVar[Entry] = {}
    """What the device's line says beside its name."""
    form: ClassVar[Entry] = {}
    hostile: ClassVar[tuple[bytes, ...]] = ()
    """Answers of the protocol's look, and wrong; any protocol is also answered noise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stack = ExitStack()
        self.ear = Ear()
        self.secrets = {"password": _SECRET} if self.has_credentials else {}

    @abstractmethod
    def start(self) -> None:
        """Have the other side there, where it was before."""

    @abstractmethod
    def stop(self) -> None:
        """Have it gone."""

    @abstractmethod
    def say(self, value: int) -> None:
        """The device has this value."""

    @abstractmethod
    def entry(self) -> Entry:
        """The link's entry of links.yaml, but for `id` and `kind`."""

    @abstractmethod
    def where(self, entry: Entry) -> str:
        """What a sentence must hold to say where something went wrong."""

    def lie(self) -> None:
        """The device says what nobody should say; where `can_lie`."""
        raise NotImplementedError

    def nowhere(self) -> Entry:
        """An entry for an other side that was never there."""
        return self.at(free_port())

    def broken(self) -> Entry:
        """An entry for a link that does not stand."""
        return self.nowhere()

    def silent(self) -> Entry:
        """An entry for one that takes everything and answers nothing."""
        return self.talking(None)

    def talking(self, says: bytes | None) -> Entry:
        """An entry for one that answers everything with this; `ear` counts."""
        return self.at(self.stack.enter_context(tcp_talker(says, self.ear)))

    def unreachable(self) -> Entry:
        """An entry for one to which no connection is ever made."""
        return self.at(self.stack.enter_context(unreachable()))

    def at(self, port: int) -> Entry:
        """The entry, for another port."""
        return self.entry() | {"port": port}

    def close(self) -> None:
        """End everything."""
        self.stack.close()


class Mqtt(Harness):
    """Another broker: a Mosquitto that knows one user."""

    kind = "mqtt"
    user: ClassVar[str] = "jalon"
    has_credentials = True
    device: ClassVar[Entry] = {"address": "hall/probe"}
    hostile = (
        b"\x20\x02\x00\x00\x90\x03\x00\x01\x01\x30\x02\x00\x09",
        b"\x20\x02\x00\x00\x30\x04\x00\x02\xff\xfe",
        b"\x20\x03\x00\x00\x00\x30\x01\x00",
        b"\x20\x05\x00\x00\x02\x7f\x7f\x90\x00",
        b"\x20\x00",
        # Everything is granted, then comes a topic that is no UTF-8: in MQTT 3.1.1, in MQTT 5.
        b"\x20\x02\x00\x00\x90\x03\x00\x01\x01\x30\x04\x00\x02\xff\xfe",
        b"\x20\x03\x00\x00\x00\x90\x04\x00\x01\x00\x01\x30\x05\x00\x02\xff\xfe\x00",
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        passwords = password_file(folder, self.user, _SECRET)
        lines = ("allow_anonymous false", f"password_file {passwords}")
        self.broker = Mosquitto(folder, *lines)
        self.speaker: Any = None

    def start(self) -> None:
        """Run the broker, and what speaks there."""
        self.broker.start()
        self.stack.callback(self.broker.stop)
        if self.speaker is None:
            self.speaker = self.speaking()
            self.stack.callback(self.speaker.close)

    def speaking(self) -> Any:
        """Who speaks on the broker."""
        return Publisher(self.broker.port, self.user, _SECRET)

    def stop(self) -> None:
        """End the broker."""
        self.broker.kill()

    def say(self, value: int) -> None:
        """Publish it."""
        self.speaker.say("hall/probe", json.dumps({"value": value}).encode())

    def lie(self) -> None:
        """Speak for others, and nonsense."""
        for topic in ("v1/other/telemetry", "../../v1/other/telemetry", "ext/x/v1", "a b/.*/>"):
            self.speaker.say(topic, b'{"value": 666}')
        self.speaker.say("hall/probe", b"\xff\x00{")

    def entry(self) -> Entry:
        """For that broker, reading everything there is."""
        return self.login() | {"topics": ["#"], "user": self.user, "password": "password"}

    def login(self) -> Entry:
        """Where it is."""
        return {"host": "127.0.0.1", "port": self.broker.port}

    def where(self, entry: Entry) -> str:
        """Host and port."""
        return f"{entry['host']}:{entry['port']}"


class ThingsStack(Mqtt):
    """The Things Stack's MQTT server, played by a Mosquitto."""

    kind = "things-stack"
    user = "jalon@ttn"
    device: ClassVar[Entry] = {"dev_eui": _EUI}

    def say(self, value: int, topic: str = "probe", eui: str = _EUI.upper()) -> None:
        """An uplink with decoded values."""
        event = {
            "end_device_ids": {"device_id": "probe", "dev_eui": eui},
            "received_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "uplink_message": {"f_port": 1, "decoded_payload": {"value": value}},
        }
        self.speaker.say(f"v3/jalon@ttn/devices/{topic}/up", json.dumps(event).encode())

    def lie(self) -> None:
        """Events of nobody, and nonsense."""
        super().lie()
        self.say(666, eui="other")
        self.say(666, "a b/../../probe")
        self.say(666, "a b", "other")
        self.speaker.say("v3/jalon@ttn/devices/a b/up", b"{}")
        self.speaker.say("v3/jalon@ttn/devices/probe/up", bytes(900_001))
        self.speaker.say("v3/jalon@ttn/devices/probe/up", b"\xff\x00{")
        self.speaker.say("v3/jalon@ttn/devices/probe/up", b'{"end_device_ids": 3}')

    def entry(self) -> Entry:
        """For that server."""
        return self.login() | {"tls": False, "application": self.user, "key": "password"}


class Sparkplug(Mqtt):
    """An edge node `plant/press` with its device, on a Mosquitto."""

    kind = "sparkplug"
    device: ClassVar[Entry] = {"address": "plant/press/oven"}
    form: ClassVar[Entry] = {"href": "Inputs/Temperature"}

    def say(self, value: int) -> None:
        """Report it."""
        self.speaker.report(float(value))

    def lie(self) -> None:
        """Speak for others, and nonsense."""
        for topic in ("v1/other/telemetry", "spBv1.0/plant/DDATA/press/oven"):
            self.speaker.client.publish(topic, b"\xff\x00{")
        long = [metric("Inputs/Temperature", datatype=12, string_value="x" * 1_000_000)]
        self.speaker.say(long)

    def speaking(self) -> Any:
        """The node."""
        return EdgeNode(self.broker.port, login=(self.user, _SECRET))

    def entry(self) -> Entry:
        """For that broker."""
        return self.login() | {"user": self.user, "password": "password"}


class OpcUa(Harness):
    """A server with one variable and one user."""

    kind = "opcua"
    has_credentials = True
    device: ClassVar[Entry] = {"address": "Line1"}
    form: ClassVar[Entry] = {"href": "s={address}.Value"}
    hostile = (
        b"ACKF\x1c\x00\x00\x00" + bytes(20),
        b"ACKF\x1c\x00\x00\x00" + b"\xff" * 20 + b"OPNF\x10\x00\x00\x00" + b"\xff" * 8,
        b"ERRF\x10\x00\x00\x00" + b"\xff" * 8,
        b"MSGF\xff\xff\xff\xff" + bytes(64),
        b"ACKF\x00\x00\x00\x00",
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.plant = Plant(user_manager=OneUser())
        self.stack.callback(self.plant.close)
        self._value = 0

    def start(self) -> None:
        """Run the server."""
        self.plant.start({"Value": self._value})

    def stop(self) -> None:
        """End the server."""
        self.plant.stop()

    def say(self, value: int) -> None:
        """Give the variable a value."""
        self._value = value
        self.plant.write("Value", value)

    def lie(self) -> None:
        """A value that is said to be bad."""
        self.plant.write("Value", 666, status=0x80000000)

    def entry(self) -> Entry:
        """For that server."""
        return self.at(self.plant.port) | {"password": "password", "user": "jalon"}

    def at(self, port: int) -> Entry:
        """For a server on that port."""
        quick = {"sampling_ms": 20, "publishing_ms": 50, "timeout_s": 2}
        url = f"opc.tcp://127.0.0.1:{port}"
        return {"url": url, "policy": "none", "namespace": NAMESPACE, **quick}

    def where(self, entry: Entry) -> str:
        """The endpoint."""
        return str(entry["url"])


class ModbusTcp(Harness):
    """A device with one register, over TCP."""

    kind = "modbus-tcp"
    can_lie = False
    device: ClassVar[Entry] = {"address": "1"}
    form: ClassVar[Entry] = {
        "href": "0",
        "modv:entity": "HoldingRegister",
        "modv:zeroBasedAddressing": True,
    }
    hostile: ClassVar[tuple[bytes, ...]] = (
        b"\x00\x01\x00\x00\x00\x05\x01\x03\x02\xff",
        b"\x00\x01\x00\x00\xff\xff\x01\x03",
        b"\x00\x01\x00\x00\x00\x02\x01\x83",
        b"\x00\x01\x00\x00\x00\x03\x01\x7f\x00",
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.peers = Peers()
        self.stack.callback(self.peers.close)
        self.server: Any = None
        self.port = 0
        self._value = 0

    def start(self) -> None:
        """Run the device."""
        self.server, self.port = tcp(self.peers, [meter(1, [self._value])], self.port)

    def stop(self) -> None:
        """End the device."""
        self.peers.stop(self.server)

    def say(self, value: int) -> None:
        """Write the register."""
        self._value = value
        self.peers.write(self.server, 1, 0, [value])

    def entry(self) -> Entry:
        """For that device."""
        return {"host": "127.0.0.1", "port": self.port, "poll_s": 0.05, "timeout_s": 0.1}

    def where(self, entry: Entry) -> str:
        """Host and port."""
        return f"{entry['host']}:{entry['port']}"


class ModbusRtu(ModbusTcp):
    """The same on a serial line."""

    kind = "modbus-rtu"
    connects = False
    hostile = (b"\x01\x03\x02\x00", b"\x01\x03\xff" + bytes(255), b"\x01\x83\x7f\x00\x00")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ours, self.theirs = self.stack.enter_context(serial_line())

    def start(self) -> None:
        """Run the device."""
        self.server = serial(self.peers, [meter(1, [self._value])], self.theirs)

    def entry(self) -> Entry:
        """For that line."""
        return self._line(self.ours)

    def nowhere(self) -> Entry:
        """No such line."""
        return self._line("/dev/tty-none")

    def talking(self, says: bytes | None) -> Entry:
        """A line with somebody else on it."""
        return self._line(self.stack.enter_context(serial_talker(says, self.ear)))

    def where(self, entry: Entry) -> str:
        """The line."""
        return str(entry["serial_port"])

    def _line(self, name: str) -> Entry:
        return {
            "serial_port": name,
            "baud_rate": 19200,
            "parity": "none",
            "poll_s": 0.05,
            "timeout_s": 0.1,
            "retries": 0,
        }


class Coap(Harness):
    """A device that is observed."""

    kind = "coap"
    tells_loss_as = "notes"
    connects = False
    hostile = (b"\x60\x45\x00\x01", b"\x40\x45\x00\x01\xff", b"\x48\x45", b"\x61\x45\x00\x00\xd0")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_udp_port()
        self.device = {"address": f"coap://127.0.0.1:{self.port}/state"}  # type: ignore[misc]
        self.probe: CoapDevice | None = None
        self._value = 0
        self.stack.callback(self.stop)

    def start(self) -> None:
        """Run the device."""
        self.probe = CoapDevice(self.port, max_age=1)
        self.say(self._value)

    def stop(self) -> None:
        """End the device."""
        if self.probe is not None:
            self.probe.close()
        self.probe = None

    def say(self, value: int) -> None:
        """Have another state."""
        self._value = value
        assert self.probe is not None
        self.probe.say(json.dumps({"value": value}).encode())

    def lie(self) -> None:
        """A state that is none."""
        assert self.probe is not None
        self.probe.say(b"\xff\x00{")

    def entry(self) -> Entry:
        """Only observing."""
        return {"listen": None, "poll_s": 1}

    def where(self, entry: Entry) -> str:
        """The device's address."""
        return str(self.device["address"])

    def at(self, port: int) -> Entry:
        """The device is said to be there."""
        self.device = {"address": f"coap://127.0.0.1:{port}/state"}  # type: ignore[misc]
        return self.entry()

    def nowhere(self) -> Entry:
        """Nobody has that port."""
        return self.at(free_udp_port())

    def broken(self) -> Entry:
        """A port to listen on that somebody has."""
        port = self.stack.enter_context(udp_talker(None, Ear()))
        return {"listen": "127.0.0.1", "port": port}

    def talking(self, says: bytes | None) -> Entry:
        """Somebody else has that port."""
        return self.at(self.stack.enter_context(udp_talker(says, self.ear)))


HARNESSES: dict[str, type[Harness]] = {
    one.kind: one for one in (Mqtt, ThingsStack, Sparkplug, OpcUa, ModbusTcp, ModbusRtu, Coap)
}
