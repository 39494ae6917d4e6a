"""A box of mixed devices on one running solution: each with its own way of speaking and proof."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from modbus_peers import Peers, meter, tcp
from paho.mqtt.enums import CallbackAPIVersion
from waiting import wait_for

from jalon.adapters.pki.authority import Authority
from jalon.app import reloading
from jalon.app.identities import Identities
from jalon.app.launch import Launched, Listen, launched
from jalon.app.solution import Solution
from jalon.run.batch import Reason
from jalon.run.journal import REFUSALS, Kind
from jalon.vocab.errors import SolutionError
from jalon.vocab.reading import Value

SOLUTION = """\
id: box
name: A box of devices
client: {name: Somebody}
problem: {statement: Everything speaks another language.}
personas:
  - {id: nadia, name: Nadia, role: Integrator}
"""
SITES = "sites:\n  - {id: main, name: Main, zone: Europe/Paris}\n"
CONTEXT = '"@context": https://www.w3.org/2022/wot/td/v1.1\n"@type": tm:ThingModel\n'
THINGS = {
    "radio": """\
title: Radio sensor
jalon:codec:
  kind: ts013
  file: radio.js
properties:
  temperature: {type: number, unit: Cel}
""",
    "plug": """\
title: Plug whose topics are its own
properties:
  power: {type: number, unit: W, forms: [{href: SENSOR}], "jalon:path": ENERGY.Power}
  relay: {type: boolean, forms: [{href: POWER}]}
""",
    "meter": """\
title: Meter on a bus
properties:
  voltage:
    type: number
    unit: V
    jalon:scale: 0.1
    forms: [{href: "0", "modv:entity": HoldingRegister, "modv:zeroBasedAddressing": true}]
""",
    "probe": "title: Probe\nproperties:\n  humidity: {type: number, unit: '%'}\n",
}
CODEC = """\
function decodeUplink(input) {
  if (input.bytes.length !== 2) return { errors: ["expected two bytes"] };
  return { data: { temperature: ((input.bytes[0] << 8) | input.bytes[1]) / 100 } };
}
"""
DEVICES = """\
id,name,thing,site,dev_eui,link,address
attic,Attic,radio,main,0200a14c00000001,,
kitchen,Kitchen,plug,main,,,tele/kitchen
panel,Panel,meter,main,,bus,1
cellar,Cellar,probe,main,,,
"""
Start = Callable[..., Launched]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A solution with four devices that have nothing in common."""
    place = tmp_path / "box"
    (place / "things").mkdir(parents=True)
    (place / "fleet").mkdir()
    (place / "solution.yaml").write_text(SOLUTION)
    (place / "fleet/sites.yaml").write_text(SITES)
    (place / "fleet/devices.csv").write_text(DEVICES)
    (place / "things/radio.js").write_text(CODEC)
    for name, text in THINGS.items():
        (place / f"things/{name}.tm.yaml").write_text(CONTEXT + text)
    return place


@pytest.fixture
def bus(folder: Path) -> Iterator[None]:
    """A real Modbus device, and the link to it."""
    peers = Peers()
    _server, port = tcp(peers, [meter(1, [2305, 0])])
    (folder / "links.yaml").write_text(
        f"links:\n  - {{id: bus, kind: modbus-tcp, host: 127.0.0.1, port: {port}, poll_s: 0.2}}\n"
    )
    yield
    peers.close()


@pytest.fixture
def start(folder: Path, bus: None) -> Iterator[Start]:
    """Run the solution; keywords are those of Listen."""
    entered = []

    def start(**settings: Any) -> Launched:
        listen = Listen(mqtt=0, websocket=0, **settings)
        context = launched(folder, listen, lambda _text: None)
        entered.append(context)
        return context.__enter__()

    yield start
    for context in entered:
        context.__exit__(None, None, None)


class Talker:
    """A real MQTT client that is let in or not."""

    def __init__(
        self, plant: Launched, user: str, secret: str, tls: ssl.SSLContext | None = None
    ) -> None:
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=user)
        if secret:
            self.client.username_pw_set(user, secret)
        if tls is not None:
            self.client.tls_set_context(tls)
        self.answered, self.gone = threading.Event(), threading.Event()
        self.refused = False
        self.client.on_connect = self._connected
        self.client.on_disconnect = lambda *_: self.gone.set()
        self.client.reconnect_delay_set(600, 600)
        at = plant.certificates if tls is not None and not secret else plant.mqtt
        assert at is not None
        self.client.connect("127.0.0.1", at.port)
        self.client.loop_start()
        assert self.answered.wait(10)

    def _connected(self, *details: Any) -> None:
        self.refused = details[3].is_failure
        self.answered.set()

    def say(self, topic: str, content: object) -> None:
        body = content if isinstance(content, str) else json.dumps(content)
        self.client.publish(topic, body, qos=1).wait_for_publish(10)

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def secret(plant: Launched, identity: str) -> str:
    reception = plant.running.reception
    assert reception is not None
    found = reception.keyring.issue(identity).secret
    plant.running.reload()
    return found


def value(plant: Launched, device: str, name: str) -> Value | None:
    series = plant.running.series.get((device, name))
    latest = plant.running.live.latest(series.id) if series else None
    return latest.value if latest else None


def notes(plant: Launched, kind: Kind) -> list[str | None]:
    return [note.device for note in plant.running.journal.read(kinds=frozenset({kind}))]


def uplink(eui: str, frame: int, data: bytes, time: str) -> dict[str, object]:
    return {
        "deviceInfo": {"devEui": eui},
        "devAddr": "01020304",
        "fCnt": frame,
        "fPort": 1,
        "time": time,
        "data": base64.b64encode(data).decode(),
        "rxInfo": [{"gatewayId": "aa", "rssi": -90, "snr": 7.5}],
    }


def test_within_the_hour_every_device_of_the_box_reports(start: Start) -> None:
    plant = start()
    server = Talker(plant, "chirpstack", secret(plant, "chirpstack"))
    topic = "application/1/device/0200a14c00000001/event/up"
    server.say(topic, uplink("0200a14c00000001", 1, b"\x08\x66", "2026-11-01T10:00:00Z"))
    plug = Talker(plant, "kitchen", secret(plant, "kitchen"))
    plug.say("tele/kitchen/SENSOR", {"Time": "x", "ENERGY": {"Power": 41}})
    plug.say("tele/kitchen/POWER", "ON")
    probe = Talker(plant, "cellar", secret(plant, "cellar"))
    probe.say("v1/cellar/telemetry", {"humidity": 71})

    wait_for(lambda: value(plant, "attic", "temperature") == 21.5)
    wait_for(lambda: value(plant, "kitchen", "power") == 41)
    wait_for(lambda: value(plant, "kitchen", "relay") is True)
    wait_for(lambda: value(plant, "panel", "voltage") == 230.5)
    wait_for(lambda: value(plant, "cellar", "humidity") == 71)
    assert plant.running.links()["bus"].up
    assert plant.running.store.letter_counts() == {}
    [frame] = plant.running.frames.of("attic")
    assert frame.topic == topic
    for talker in (server, plug, probe):
        talker.leave()


def test_what_is_refused_is_seen_by_the_operator(start: Start) -> None:
    plant = start()
    assert Talker(plant, "cellar", "too early").refused
    issued = secret(plant, "cellar")
    assert Talker(plant, "cellar", "wrong secret").refused
    assert Talker(plant, "nobody", "x").refused
    probe = Talker(plant, "cellar", issued)
    probe.say("v1/kitchen/telemetry", {"power": 1})
    server = Talker(plant, "chirpstack", secret(plant, "chirpstack"))
    topic = "application/1/device/0200a14c00000001/event/up"
    server.say(topic, uplink("0200a14c00000001", 7, b"\x08\x66", "2026-11-01T10:00:00Z"))
    server.say(topic, uplink("0200a14c00000001", 7, b"\x08\x66", "2026-11-01T11:00:00Z"))
    server.say(topic, uplink("0200a14c00000001", 8, b"\x08", "2026-11-01T12:00:00Z"))
    stranger = "0200a14c00000009"
    event = uplink(stranger, 1, b"xx", "2026-11-01T10:00:00Z")
    server.say(topic.replace("0200a14c00000001", stranger), event)

    wait_for(lambda: "cellar" in notes(plant, Kind.NO_CREDENTIAL))
    wait_for(lambda: "cellar" in notes(plant, Kind.WRONG_SECRET))
    wait_for(lambda: None in notes(plant, Kind.UNKNOWN_IDENTITY))
    wait_for(lambda: "cellar" in notes(plant, Kind.PUBLISH_DENIED))
    wait_for(lambda: "attic" in notes(plant, Kind.REPLAYED))
    wait_for(
        lambda: (
            plant.running.store.letter_counts()
            == {Reason.REPLAYED: 1, Reason.CODEC: 1, Reason.UNKNOWN_DEVICE: 1}
        )
    )
    reception = plant.running.reception
    assert reception is not None
    wait_for(lambda: [one.unique_id for one in reception.waiting.entries()] == [stranger])
    probe.leave()
    server.leave()


def test_a_device_is_added_moved_out_and_cut_off_while_everything_runs(start: Start) -> None:
    plant = start()
    reception = plant.running.reception
    assert reception is not None
    added = reception.provisioning.add(
        {"id": "loft", "name": "Loft", "thing": "probe", "site": "main"}, issue=True
    )
    assert added.secret is not None
    loft = Talker(plant, "loft", added.secret.secret)
    loft.say("v1/loft/telemetry", {"humidity": 33})
    wait_for(lambda: value(plant, "loft", "humidity") == 33)

    reception.provisioning.retire("loft")
    assert loft.gone.wait(10)
    assert Talker(plant, "loft", added.secret.secret).refused
    wait_for(lambda: "loft" in notes(plant, Kind.RETIRED))
    assert value(plant, "loft", "humidity") == 33


def test_a_new_device_is_let_in_only_once_it_is_heard(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it said before would be acknowledged by the broker and passed over by the intake."""
    plant = start()
    reload: Any = plant.running.reload
    heard: list[str] = []
    learn = reloading.learn

    def watched(identities: Identities, solution: Solution) -> frozenset[str]:
        heard.append(reload.__self__.durable._topics.topic(b"$MQTT.msgs.tele.shed.POWER"))
        return learn(identities, solution)

    monkeypatch.setattr(reloading, "learn", watched)
    with (folder / "fleet/devices.csv").open("a") as file:
        file.write("shed,Shed,plug,main,,,tele/shed\n")
    reload()

    assert heard == ["tele/shed/POWER"]


def test_a_revoked_secret_ends_the_connection_at_once(start: Start) -> None:
    plant = start()
    reception = plant.running.reception
    assert reception is not None
    probe = Talker(plant, "cellar", secret(plant, "cellar"))
    reception.keyring.revoke("cellar")
    plant.running.reload()
    assert probe.gone.wait(10)


def test_a_device_that_says_too_much_is_cut_off_and_loses_nothing_acknowledged(
    start: Start, folder: Path
) -> None:
    with (folder / "links.yaml").open("a") as links:
        links.write("limits: {messages_per_second: 1, burst: 20}\n")
    plant = start()
    now = plant.running.now_ms()
    issued = secret(plant, "cellar")
    probe = Talker(plant, "cellar", issued)
    acknowledged: list[int] = []
    probe.client.on_publish = lambda _client, _data, mid, *_: acknowledged.append(mid)
    for number in range(60):
        probe.client.publish(
            "v1/cellar/telemetry", json.dumps({"ts": now - number, "humidity": number}), qos=1
        )
    assert probe.gone.wait(10)
    assert Talker(plant, "cellar", issued).refused
    wait_for(lambda: notes(plant, Kind.OVER_RATE) != [])
    series = plant.running.series["cellar", "humidity"].id

    def stored() -> int:
        return len(plant.running.store.points(series, now - 100, now + 1))

    wait_for(lambda: stored() >= len(acknowledged) > 20)


def test_with_a_certificate_a_device_needs_no_password(start: Start, folder: Path) -> None:
    plant = start(tls=True, certificates=0)
    reception = plant.running.reception
    assert reception is not None
    issued = reception.keyring.certificate("cellar")
    assert issued.key_pem is not None
    plant.running.reload()
    (folder / "device.pem").write_text(issued.certificate_pem)
    (folder / "device.key").write_text(issued.key_pem)
    trust = ssl.create_default_context(cafile=folder / ".jalon/pki/ca.pem")
    trust.load_cert_chain(folder / "device.pem", folder / "device.key")
    probe = Talker(plant, "cellar", "", trust)
    probe.say("v1/cellar/telemetry", {"humidity": 64})
    wait_for(lambda: value(plant, "cellar", "humidity") == 64)

    reception.keyring.revoke("cellar")
    plant.running.reload()
    assert probe.gone.wait(10)
    assert Talker(plant, "cellar", "", trust).refused
    wait_for(lambda: "cellar" in notes(plant, Kind.REVOKED))


def test_a_customers_authority_lets_its_devices_in_as_soon_as_it_is_there(
    start: Start, folder: Path, tmp_path: Path
) -> None:
    plant = start(tls=True, certificates=0)
    customer = Authority.open(tmp_path / "customer", "Customer", plant.running.now_ms)
    issued = customer.issue_device("cellar")
    assert issued.key_pem is not None
    (folder / "device.pem").write_bytes(issued.certificate_pem)
    (folder / "device.key").write_bytes(issued.key_pem)
    trust = ssl.create_default_context(cafile=folder / ".jalon/pki/ca.pem")
    trust.load_cert_chain(folder / "device.pem", folder / "device.key")

    (folder / "authorities").mkdir()
    (folder / "authorities/customer.pem").write_bytes(customer.certificate_pem)
    (folder / "authorities/customer.devices").write_text("cel*\n")
    plant.running.reload()
    probe = Talker(plant, "cellar", "", trust)
    assert not probe.refused
    probe.say("v1/cellar/telemetry", {"humidity": 12})
    wait_for(lambda: value(plant, "cellar", "humidity") == 12)
    probe.leave()

    (folder / "authorities/customer.devices").write_text("pump-*\n")
    plant.running.reload()
    assert Talker(plant, "cellar", "", trust).refused


def test_a_server_certificate_near_its_end_is_renewed_while_running(
    start: Start, folder: Path
) -> None:
    plant = start(tls=True, certificates=0)
    (folder / ".jalon/pki/server.pem").unlink()  # as good as expired
    plant.running.reload()
    assert (folder / ".jalon/pki/server.pem").exists()
    trust = ssl.create_default_context(cafile=folder / ".jalon/pki/ca.pem")
    probe = Talker(plant, "cellar", secret(plant, "cellar"), trust)
    assert not probe.refused
    assert not [note for note in plant.running.journal.read() if note.kind in REFUSALS]
    probe.leave()


def test_files_with_a_fault_change_nothing(start: Start, folder: Path) -> None:
    plant = start()
    before = plant.running.solution
    (folder / "fleet/devices.csv").write_text(DEVICES + "attic,Twice,probe,main,,,\n")
    with pytest.raises(SolutionError):
        plant.running.reload()
    assert plant.running.solution is before
