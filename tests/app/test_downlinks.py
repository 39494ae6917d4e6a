"""A frame for a device goes to its network server, and what becomes of it is told."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from notebook import Notebook
from paho.mqtt.enums import CallbackAPIVersion
from school import EXAMPLE
from waiting import wait_for

from jalon.adapters.links.lorawan.codec import Delivery, Log, Stage
from jalon.app.codecs import open_codecs
from jalon.app.credentials import NETWORK_SERVER
from jalon.app.downlinks import Downlinks, Order, Ways
from jalon.app.launch import Listen, launched
from jalon.app.local import Endpoint
from jalon.app.solution import Solution, load
from jalon.run.codecs.codec import Codec
from jalon.run.fleet import Device
from jalon.run.frames import FrameLog
from jalon.run.journal import Journal, Kind, Note
from jalon.run.links import LinkDown
from jalon.vocab.errors import BrokerError, UsageError
from jalon.vocab.text import Text

SENSOR, EUI = "zay-cm2-a", "0200a14c000010c0"
ROUTE = f"application/a1/device/{EUI}"
DISPLAY = "zay-cm2-a-display"


@dataclass
class Plant:
    """What downlinks need of a running solution."""

    solution: Solution
    codecs: Mapping[str, Codec] = field(default_factory=dict)
    frames: FrameLog = field(default_factory=FrameLog)
    journal: Journal = field(default_factory=Notebook)
    now: int = 1_790_000_000_000

    @property
    def notes(self) -> list[Note]:
        """The journal, oldest first."""
        return self.journal.read()[::-1]

    def now_ms(self) -> int:
        self.now += 1000
        return self.now


@pytest.fixture(scope="module")
def solution() -> Solution:
    return load(EXAMPLE)


@pytest.fixture
def plant(solution: Solution) -> Plant:
    found = Plant(solution)
    found.frames.note(SENSOR, 1, f"{ROUTE}/event/up", b"{}")
    return found


@pytest.fixture
def carried() -> list[tuple[str, dict[str, Any]]]:
    return []


@pytest.fixture
def downlinks(plant: Plant, carried: list[tuple[str, dict[str, Any]]]) -> Downlinks:
    return Downlinks(plant, lambda _d, topic, body: carried.append((topic, json.loads(body))))


def kinds(plant: Plant) -> list[Kind]:
    return [note.kind for note in plant.notes]


def test_bytes_go_where_the_device_was_last_heard(
    downlinks: Downlinks, plant: Plant, carried: list[tuple[str, dict[str, Any]]]
) -> None:
    sent = downlinks.send(SENSOR, Order(data=b"\x01\xff", port=10, confirmed=True))
    ((topic, body),) = carried
    assert topic == f"{ROUTE}/command/down"
    assert (body["id"], body["devEui"], body["fPort"]) == (sent.id, EUI, 10)
    assert (b64decode(body["data"]), body["confirmed"]) == (b"\x01\xff", True)
    assert sent.stage is Stage.QUEUED
    assert plant.notes[0].device == SENSOR
    assert plant.notes[0].detail == {"downlink": sent.id, "port": "10"}


def test_the_news_move_it_on_and_each_is_told_once(downlinks: Downlinks, plant: Plant) -> None:
    sent = downlinks.send(SENSOR, Order(data=b"\x01", port=10, confirmed=True))
    for stage in (Stage.QUEUED, Stage.SENT, Stage.SENT, Stage.ACKNOWLEDGED, Stage.SENT):
        downlinks.delivered(SENSOR, Delivery(EUI, 1, stage, sent.id))
    assert [one.stage for one in downlinks.of(SENSOR)] == [Stage.ACKNOWLEDGED]
    assert kinds(plant) == [
        Kind.DOWNLINK_QUEUED,
        Kind.DOWNLINK_SENT,
        Kind.DOWNLINK_ACKNOWLEDGED,
    ]


def test_an_acknowledgement_that_does_not_come_is_a_failure(
    downlinks: Downlinks, plant: Plant
) -> None:
    sent = downlinks.send(SENSOR, Order(data=b"\x01", port=10, confirmed=True))
    downlinks.delivered(SENSOR, Delivery(EUI, 1, Stage.NOT_ACKNOWLEDGED, sent.id))
    assert kinds(plant)[-1] is Kind.DOWNLINK_FAILED
    assert "not acknowledged" in plant.notes[-1].detail["detail"]


def test_what_the_network_server_complains_of_is_told(downlinks: Downlinks, plant: Plant) -> None:
    sent = downlinks.send(SENSOR, Order(data=b"\x01", port=10))
    too_long = Log(EUI, 1, "ERROR", "DOWNLINK_PAYLOAD_SIZE", "exceeds", sent.id)
    downlinks.delivered(SENSOR, too_long)
    downlinks.delivered(SENSOR, too_long)
    assert [one.stage for one in downlinks.of(SENSOR)] == [Stage.FAILED]
    downlinks.delivered(SENSOR, Log(EUI, 1, "ERROR", "UPLINK_MIC", "wrong key"))
    downlinks.delivered(SENSOR, Log(EUI, 1, "INFO", "OTAA", "fine"))
    assert kinds(plant) == [Kind.DOWNLINK_QUEUED, Kind.DOWNLINK_FAILED, Kind.LINK_NOTE]
    assert plant.notes[-1].detail["code"] == "UPLINK_MIC"


def test_news_of_a_downlink_from_before_the_start_are_told_all_the_same(
    downlinks: Downlinks, plant: Plant
) -> None:
    downlinks.delivered(SENSOR, Delivery(EUI, 1, Stage.ACKNOWLEDGED, "an-old-one"))
    assert kinds(plant) == [Kind.DOWNLINK_ACKNOWLEDGED]
    assert plant.notes[0].detail == {"downlink": "an-old-one"}


def test_values_are_written_by_the_codec_of_the_type(
    downlinks: Downlinks, plant: Plant, carried: list[tuple[str, dict[str, Any]]]
) -> None:
    said = {"co2": 612, "temperature": 20.0, "humidity": 45, "battery": 95}
    with pytest.raises(UsageError, match="codec"):
        downlinks.send(SENSOR, Order(said, port=3))
    plant.codecs = open_codecs(plant.solution)
    downlinks.send(SENSOR, Order(said, port=3))
    assert b64decode(carried[0][1]["data"]) == bytes.fromhex("026407d05a5f")
    with pytest.raises(UsageError, match="port"):
        downlinks.send(SENSOR, Order(said))
    with pytest.raises(UsageError, match="co2"):
        downlinks.send(SENSOR, Order({**said, "co2": "much"}, port=3))


@pytest.mark.parametrize(
    ("device", "order", "says"),
    [
        ("ghost", Order(data=b"1", port=1), "ghost"),
        (DISPLAY, Order(data=b"1", port=1), "LoRaWAN"),
        (SENSOR, Order(data=b"1"), "FPort"),
        (SENSOR, Order(data=b"1", port=0), "223"),
        (SENSOR, Order(data=b"1", port=224), "223"),
        (SENSOR, Order(data=bytes(243), port=1), "242"),
        ("zay-cp-a", Order(data=b"1", port=1), "not been heard"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_goes(
    downlinks: Downlinks,
    plant: Plant,
    carried: list[tuple[str, dict[str, Any]]],
    device: str,
    order: Order,
    says: str,
) -> None:
    with pytest.raises(UsageError, match=says):
        downlinks.send(device, order)
    assert not carried
    assert not plant.notes


def test_a_downlink_that_nobody_takes_has_failed(plant: Plant) -> None:
    def refuse(_device: Device, _topic: str, _payload: bytes) -> None:
        raise BrokerError(Text("gone"))

    downlinks = Downlinks(plant, refuse)
    with pytest.raises(BrokerError):
        downlinks.send(SENSOR, Order(data=b"1", port=1))
    assert [one.stage for one in downlinks.of(SENSOR)] == [Stage.FAILED]
    assert kinds(plant) == [Kind.DOWNLINK_FAILED]


class Things:
    """A link to The Things Stack that keeps what it is given, or is down."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.down = False

    def send(self, topic: str, _payload: bytes) -> None:
        """Keep one."""
        if self.down:
            raise LinkDown(Text("ttn is not connected"))
        self.sent.append(topic)


def test_a_device_of_the_things_stack_is_reached_by_its_link(
    plant: Plant, solution: Solution, tmp_path: Path
) -> None:
    plant.frames.note(SENSOR, 2, "v3/schools@ttn/devices/cm2/up", b"{}")
    things = Things()
    nowhere = Endpoint("127.0.0.1", 1)
    downlinks = Downlinks(plant, Ways(tmp_path, nowhere, {"ttn": things}.get))
    with pytest.raises(UsageError, match="things-stack"):
        downlinks.send(SENSOR, Order(data=b"1", port=1))
    devices = [
        one.model_copy(update={"link": "ttn"}) if one.id == SENSOR else one
        for one in solution.fleet.devices
    ]
    fleet = solution.fleet.model_copy(update={"devices": devices})
    plant.solution = replace(solution, fleet=fleet)
    downlinks.send(SENSOR, Order(data=b"1", port=1))
    assert things.sent == ["v3/schools@ttn/devices/cm2/down/push"]
    things.down = True
    with pytest.raises(BrokerError, match="not connected"):
        downlinks.send(SENSOR, Order(data=b"1", port=1))


class ChirpStack:
    """A network server: takes commands at our broker, and tells what becomes of them."""

    def __init__(self, broker: Endpoint, secret: str) -> None:
        self.commands: list[dict[str, Any]] = []
        self.ready = False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="chirpstack-1")
        self._client.username_pw_set(NETWORK_SERVER, secret)
        self._client.on_subscribe = lambda *_details: setattr(self, "ready", True)
        self._client.on_message = self._take
        self._client.connect(broker.host, broker.port)
        self._client.subscribe("application/+/device/+/command/down", 1)
        self._client.loop_start()
        wait_for(lambda: self.ready)

    def tell(self, kind: str, **event: object) -> None:
        """Publish an event of the sensor."""
        whole = {"deviceInfo": {"devEui": EUI}, "time": "2026-11-16T09:34:15Z", **event}
        self._client.publish(f"{ROUTE}/event/{kind}", json.dumps(whole), 1)

    def close(self) -> None:
        """End."""
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        command = json.loads(message.payload)
        self.commands.append(command)
        self.tell("txack", queueItemId=command["id"], gatewayId="0016c001f153a14d")
        self.tell("ack", queueItemId=command["id"], acknowledged=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "air"
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns(".jalon"))
    return target


def test_a_downlink_goes_through_the_real_broker_to_a_network_server_and_comes_back_acknowledged(
    folder: Path,
) -> None:
    with launched(folder, Listen(mqtt=0, websocket=0), lambda _text: None) as plant:
        running = plant.running
        assert running.reception is not None
        assert running.downlinks is not None
        secret = running.reception.keyring.issue(NETWORK_SERVER).secret
        running.reload()
        server = ChirpStack(plant.mqtt, secret)
        server.tell("up", devAddr="01", fCnt=1, fPort=2, data="AmQH0Fpf", object={"co2": 612})
        wait_for(lambda: bool(running.frames.of(SENSOR)))
        sent = running.downlinks.send(SENSOR, Order(data=b"\x2a", port=7, confirmed=True))
        wait_for(lambda: stage_of(running.downlinks, sent.id) is Stage.ACKNOWLEDGED)
        server.close()
        journal: Journal = running.journal
        told = {Kind.DOWNLINK_QUEUED, Kind.DOWNLINK_SENT, Kind.DOWNLINK_ACKNOWLEDGED}
        wait_for(lambda: {one.kind for one in journal.read(SENSOR)} >= told)
    assert [one["data"] for one in server.commands] == ["Kg=="]


def stage_of(downlinks: Downlinks | None, downlink: str) -> Stage | None:
    assert downlinks is not None
    return next((one.stage for one in downlinks.of(SENSOR) if one.id == downlink), None)
