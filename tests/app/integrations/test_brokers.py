"""Values published again, and devices announced to Home Assistant, on a real Mosquitto."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import paho.mqtt.client as mqtt
import pytest
from export_office import DEVICE, ExportOffice
from mosquittos import Mosquitto, password_file
from paho.mqtt.enums import CallbackAPIVersion
from waiting import wait_for

from jalon.run.announcements import Announcement
from jalon.run.discovery import home_assistant as reader
from jalon.run.integrations.home_assistant import own_ids
from jalon.vocab.errors import UsageError

DISPLAY = "zay-canteen"


class Listener:
    """Somebody on the other broker who hears everything."""

    def __init__(self, port: int, user: str | None = None, password: str | None = None) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._subscribed = threading.Event()
        # The broker keeps for it what comes while it is not connected.
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False
        )
        self.client.reconnect_delay_set(1, 1)
        if user is not None:
            self.client.username_pw_set(user, password)
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe("#", qos=1)
        assert self._subscribed.wait(10)

    def on(self, topic: str) -> list[bytes]:
        """What came there."""
        return [payload for where, payload in list(self.heard) if where == topic]

    def last(self, topic: str) -> bytes | None:
        """What was said there last."""
        return self.on(topic)[-1] if self.on(topic) else None

    def close(self) -> None:
        """End."""
        self.client.disconnect()
        self.client.loop_stop()

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker with one account."""
    folder = tmp_path / "broker"
    folder.mkdir()
    passwords = password_file(folder, "jalon", "s3cret")
    broker = Mosquitto(folder, "allow_anonymous false", f"password_file {passwords}").start()
    yield broker
    broker.stop()


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[Listener]:
    """Somebody who listens there."""
    found = Listener(mosquitto.port, "jalon", "s3cret")
    yield found
    found.close()


def there(broker: Mosquitto) -> dict[str, object]:
    """The `broker` of an entry."""
    return {"host": "127.0.0.1", "port": broker.port, "user": "jalon", "password": "mq"}


def test_values_are_published_again_as_they_come(
    office: ExportOffice, mosquitto: Mosquitto, listener: Listener
) -> None:
    office.secret("mq", "s3cret")
    office.write(
        republish=[
            {
                "id": "town",
                "broker": there(mosquitto),
                "topic": "schools/{site}/{room}/{device}/{property}",
                "select": {"properties": ["co2"]},
            }
        ]
    )
    office.integrations.start()
    wait_for(lambda: office.works("town"))
    office.hear(office.now, 20.5, name="temperature")
    office.hear(office.now, 612.0)
    topic = f"schools/jean-zay/cm2-a/{DEVICE}/co2"
    wait_for(lambda: listener.last(topic) is not None)
    told = orjson.loads(listener.on(topic)[0])
    assert (told["value"], told["unit"], told["device"]) == (612, "[ppm]", DEVICE)
    assert not [one for one, _ in listener.heard if "temperature" in one]


def test_what_comes_while_the_broker_is_away_waits_up_to_the_bound(
    office: ExportOffice, mosquitto: Mosquitto, listener: Listener
) -> None:
    office.secret("mq", "s3cret")
    office.write(
        republish=[
            {
                "id": "town",
                "broker": there(mosquitto),
                "topic": "again/{device}/{property}",
                "queue": 100,
            }
        ]
    )
    office.integrations.start()
    wait_for(lambda: office.works("town"))
    mosquitto.kill()
    wait_for(lambda: office.trouble("town") != "")
    for step in range(150):
        office.hear(office.now + step, 600.0 + step)
    mosquitto.start()
    topic = f"again/{DEVICE}/co2"
    wait_for(lambda: len(listener.on(topic)) >= 100)
    values = [orjson.loads(one)["value"] for one in listener.on(topic)]
    assert values == [600 + step for step in range(50, 150)], "the newest, in their order"
    wait_for(lambda: office.works("town"))
    standing = office.shown("town").standing
    assert standing
    assert standing.dropped == 50


def announced(listener: Listener) -> dict[str, bytes]:
    """Announcements that stand."""
    last = dict(listener.heard)
    return {topic: told for topic, told in last.items() if topic.endswith("/config") and told}


def hass(broker: Mosquitto, **more: object) -> dict[str, object]:
    """An entry of `home_assistant`."""
    return {"id": "ha", "broker": there(broker), "select": {"devices": [DISPLAY]}, **more}


def test_devices_are_announced_as_our_own_reader_understands(
    office: ExportOffice, mosquitto: Mosquitto, listener: Listener
) -> None:
    office.secret("mq", "s3cret")
    office.hear(office.now, 21.5, DISPLAY, "temperature")
    office.write(home_assistant=[hass(mosquitto)])
    office.integrations.start()
    base = "jalon/school-air/ha"
    wait_for(lambda: listener.last(f"{base}/{DISPLAY}/temperature") == b"21.5")
    assert listener.last(f"{base}/available") == b"online"
    found = {}
    for topic, payload in announced(listener).items():
        read = reader.read(topic, orjson.loads(payload))
        assert isinstance(read, Announcement), topic
        assert read.unique_id == f"{own_ids(office.solution.about.id)}{DISPLAY}"
        (entity,) = read.entities
        found[topic.split("/")[3]] = entity
    temperature = found["temperature"]
    assert (temperature.unit, temperature.device_class) == ("°C", "temperature")
    assert temperature.state_topic == f"{base}/{DISPLAY}/temperature"
    assert found["co2"].device_class == "carbon_dioxide"
    assert found["humidity"].device_class == "humidity"
    assert found["brightness"].command_topic == "", "commands were not asked for"
    office.integrations.stop()
    wait_for(lambda: listener.last(f"{base}/available") == b"offline")


def test_what_home_assistant_wants_becomes_a_command(
    office: ExportOffice, mosquitto: Mosquitto, listener: Listener
) -> None:
    office.secret("mq", "s3cret")
    office.write(home_assistant=[hass(mosquitto, commands=True)])
    office.integrations.start()
    wait_for(lambda: any("/number/" in topic for topic in announced(listener)))
    (topic,) = (one for one in announced(listener) if "/number/" in one)
    config = orjson.loads(announced(listener)[topic])
    assert (config["min"], config["max"]) == (0, 100)
    wait_for(lambda: office.works("ha"))
    never_announced = f"jalon/school-air/ha/{DISPLAY}/do/call/setIndicator"
    listener.client.publish(never_announced, b"off", qos=1)
    for payload in (b"nonsense", b"inf", b"35"):
        listener.client.publish(config["command_topic"], payload, qos=1)
    wait_for(lambda: len(office.commands) == 1)
    (command,) = office.commands
    assert (command.subject, command.action, command.input) == (
        f"device:{DISPLAY}",
        "set:brightness",
        35.0,
    )
    assert command.by == "integration:ha"


def test_a_device_that_goes_is_withdrawn_and_with_the_integration_all(
    office: ExportOffice, mosquitto: Mosquitto, listener: Listener
) -> None:
    office.secret("mq", "s3cret")
    both = {"devices": [DISPLAY, DEVICE]}
    office.write(home_assistant=[hass(mosquitto, select=both)])
    office.integrations.start()
    wait_for(lambda: {DISPLAY, DEVICE} <= owners(listener))
    office.integrations.stop()
    office.write(home_assistant=[hass(mosquitto)])  # while nothing ran
    office.join()
    office.integrations.start()
    wait_for(lambda: owners(listener) == {DISPLAY})
    office.write(home_assistant=[])
    wait_for(lambda: owners(listener) == set())


def owners(listener: Listener) -> set[str]:
    """Devices whose announcements stand."""
    found = set()
    for payload in announced(listener).values():
        (name,) = orjson.loads(payload)["device"]["identifiers"]
        found.add(name.removeprefix(own_ids("school-air")))
    return found


def test_the_other_side_is_tried_before_anything_is_sent(
    office: ExportOffice, mosquitto: Mosquitto
) -> None:
    office.secret("mq", "wrong")
    office.write(home_assistant=[hass(mosquitto)])
    office.integrations.start()
    with pytest.raises(UsageError, match=r"refuses|not let"):
        office.integrations.test("ha")
    office.secret("mq", "s3cret")
    office.integrations.test("ha")
