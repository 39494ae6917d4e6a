"""The Things Stack over MQTT, played by a real Mosquitto: nothing is acknowledged unstored."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from mosquittos import Mosquitto, Publisher
from pydantic import ValidationError
from roads import Served
from waiting import wait_for

from jalon.adapters.links.lorawan.link import Settings, ThingsStackLink, make
from jalon.run.fleet import Device
from jalon.run.links import LinkDown, Member
from jalon.run.things import ThingModel
from jalon.vocab.errors import UsageError

LINES = (Path(__file__).parent / "traces" / "things_stack.jsonl").read_text("utf-8").splitlines()
TRACE = [(one["topic"], json.dumps(one["payload"]).encode()) for one in map(json.loads, LINES)]
UP = "v3/schools@ttn/devices/classroom-4/up"


def settings(port: int = 1, **changes: object) -> Settings:
    known = {
        "id": "ttn",
        "kind": "things-stack",
        "host": "127.0.0.1",
        "port": port,
        "tls": False,
        "application": "schools@ttn",
        "key": "ttn-key",
    }
    return Settings.model_validate(known | changes)


@pytest.fixture
def served(mosquitto: Mosquitto) -> Iterator[Served]:
    """The link at work."""
    found = Served(ThingsStackLink(settings(mosquitto.port)), {"ttn-key": "NNSXS.1"}).start()
    wait_for(lambda: bool(found.ups))
    yield found
    found.close()


def test_every_event_comes_onto_the_road_under_its_own_topic(
    served: Served, publisher: Publisher
) -> None:
    publisher.say("v3/another@ttn/devices/x/up", b"{}")
    publisher.say("v3/schools@ttn/devices/classroom-4/down/replace", b"{}")
    for topic, payload in TRACE:
        publisher.say(topic, payload)
    wait_for(lambda: len(served.road.messages) >= 7)
    assert served.road.messages == TRACE[:-1], "a location is nothing for us, nor what others say"
    assert "schools@ttn" in served.ups[0]


def test_what_cannot_be_stored_now_is_stored_later_and_survives_a_lost_connection(
    mosquitto: Mosquitto, publisher: Publisher
) -> None:
    served = Served(ThingsStackLink(settings(mosquitto.port)), {"ttn-key": "NNSXS.1"}).start()
    wait_for(lambda: bool(served.ups))
    served.road.closed = True
    publisher.say(UP, b'{"first": 1}')
    publisher.wait(1)
    mosquitto.kill()
    wait_for(lambda: bool(served.ends))
    mosquitto.start()
    wait_for(lambda: len(served.ups) >= 2)
    served.road.closed = False
    wait_for(lambda: bool(served.road.messages))
    served.close()
    assert served.road.messages[0] == (UP, b'{"first": 1}')


def test_a_downlink_goes_to_the_server(mosquitto: Mosquitto, publisher: Publisher) -> None:
    taken: list[tuple[str, bytes]] = []
    publisher.client.on_message = lambda _c, _d, message: taken.append(
        (message.topic, bytes(message.payload))
    )
    publisher.client.subscribe("v3/schools@ttn/devices/+/down/push", 1)
    link = ThingsStackLink(settings(mosquitto.port))
    with pytest.raises(LinkDown, match="not connected"):
        link.send(UP, b"too early")
    served = Served(link, {"ttn-key": "NNSXS.1"}).start()
    wait_for(lambda: bool(served.ups))
    push = "v3/schools@ttn/devices/classroom-4/down/push"
    link.send(push, b'{"downlinks": []}')
    wait_for(lambda: bool(taken))
    served.close()
    assert taken == [(push, b'{"downlinks": []}')]


def test_a_downlink_that_was_told_to_have_failed_is_not_sent_later(
    mosquitto: Mosquitto, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[bytes] = []
    publisher.client.on_message = lambda _c, _d, message: taken.append(bytes(message.payload))
    publisher.client.subscribe("v3/schools@ttn/devices/+/down/push", 1)
    push = "v3/schools@ttn/devices/classroom-4/down/push"
    link = ThingsStackLink(settings(mosquitto.port))
    link._standing.set()  # the connection ends in the moment in which somebody sends
    with monkeypatch.context() as patch:
        patch.setattr("jalon.adapters.links.lorawan.link._ANSWER_S", 0.01)
        with pytest.raises(LinkDown):
            link.send(push, b"given up")
    served = Served(link, {"ttn-key": "NNSXS.1"}).start()
    wait_for(lambda: bool(served.ups))
    link.send(push, b"again")
    wait_for(lambda: b"again" in taken)
    served.close()
    assert taken == [b"again"]


def test_downlinks_of_many_threads_all_arrive(served: Served, publisher: Publisher) -> None:
    link = served._link
    assert isinstance(link, ThingsStackLink)
    threads = [
        threading.Thread(target=link.send, args=(UP, f'{{"n": {number}}}'.encode()))
        for number in range(20)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    wait_for(lambda: len(served.road.messages) == 20)


def test_a_missing_key_and_a_wrong_one_are_said(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    lines = ("allow_anonymous false", f"password_file {passwords}")
    broker = Mosquitto(tmp_path, *lines).start()
    try:
        for secrets, says in (({}, "ttn-key"), ({"ttn-key": "guess"}, "schools@ttn")):
            served = Served(ThingsStackLink(settings(broker.port)), secrets).start()
            wait_for(lambda served=served: bool(served.ends))  # type: ignore[misc]
            served.close()
            assert says in served.ends[0]
            assert not served.ups
            assert "guess" not in served.ends[0]
    finally:
        broker.stop()


def test_a_server_that_is_not_there_is_said() -> None:
    served = Served(ThingsStackLink(settings(1)), {"ttn-key": "x"}).start()
    wait_for(lambda: bool(served.ends))
    served.close()
    assert served.ends[0]


def test_settings_that_would_give_the_key_away_are_refused() -> None:
    with pytest.raises(ValidationError, match="API key"):
        settings(host="eu1.cloud.thethings.network")
    assert settings(host="eu1.cloud.thethings.network", tls=True).port == 1
    with pytest.raises(ValidationError, match="application"):
        settings(application="schools")


def test_a_device_of_the_link_needs_its_dev_eui() -> None:
    thing = ThingModel.model_validate(
        {"@context": "https://www.w3.org/2022/wot/td/v1.1", "@type": "tm:ThingModel", "title": "T"}
    )
    device = Device(id="s1", name="S", thing="t", site="hall", link="ttn")
    with pytest.raises(UsageError, match="dev_eui"):
        make(settings(), [Member(device, thing)])
    known = device.model_copy(update={"dev_eui": "70b3d57ed0061234"})
    assert make(settings(), [Member(known, thing)])
