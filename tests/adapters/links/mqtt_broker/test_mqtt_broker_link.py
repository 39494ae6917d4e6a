"""An existing broker is read without losing anything: a real Mosquitto, restarted on the way."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mosquittos import Mosquitto, Publisher
from pydantic import ValidationError
from roads import Served
from waiting import wait_for

from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt_broker.link import Settings, make
from jalon.run.fleet import Device
from jalon.run.links import Member
from jalon.run.things import ThingModel
from jalon.vocab.errors import UsageError

Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a link of these settings; it is stopped at the end."""
    started: list[Served] = []

    def start(port: int, members: tuple[Member, ...] = (), **settings: object) -> Served:
        secrets = {"plant": "s3cret", "wrong": "guess", "ours": "p4"}
        link = make(settings_of(port, **settings), members)
        started.append(Served(link, secrets).start())
        return started[-1]

    yield start
    for one in started:
        one.close()


def settings_of(port: int, **settings: object) -> Settings:
    known = {"id": "plant", "kind": "mqtt", "host": "127.0.0.1", "port": port, "topics": ["#"]}
    return Settings.model_validate(known | settings)


def member(address: str | None = "hall/lamp") -> Member:
    thing = ThingModel.model_validate(
        {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "@type": "tm:ThingModel",
            "title": "Lamp",
            "properties": {
                "power": {"type": "number", "forms": [{"href": "meter/power"}]},
                "lit": {"type": "boolean"},
            },
        }
    )
    device = Device(id="lamp", name="Lamp", thing="lamp", site="hall", link="plant")
    return Member(device.model_copy(update={"address": address}), thing)


def standing(served: Served) -> Served:
    wait_for(lambda: bool(served.ups))
    return served


def test_a_message_reaches_the_road_under_the_name_of_its_link(
    mosquitto: Mosquitto, publisher: Publisher, serve: Serve
) -> None:
    served = standing(serve(mosquitto.port))
    assert served.ups == [f"127.0.0.1:{mosquitto.port}, MQTT 5"]
    publisher.say("hall 2/température", b"21.5")
    publisher.say("hall/lamp", b"ON", qos=0)
    publisher.say("hall/lamp", b"OFF", qos=2)
    wait_for(lambda: len(served.road.messages) == 3)
    assert served.road.messages == [
        ("ext/plant/hall%202/temp%C3%A9rature", b"21.5"),
        ("ext/plant/hall/lamp", b"ON"),
        ("ext/plant/hall/lamp", b"OFF"),
    ]


def test_without_filters_it_reads_where_its_devices_speak(
    mosquitto: Mosquitto, publisher: Publisher, serve: Serve
) -> None:
    served = standing(serve(mosquitto.port, (member(),), topics=[]))
    publisher.say("hall/other", b"1")
    publisher.say("hall/lamp/meter/power", b"3")
    publisher.say("hall/lamp", b"4")
    wait_for(lambda: len(served.road.messages) == 2)
    assert [topic for topic, _ in served.road.messages] == [
        "ext/plant/hall/lamp/meter/power",
        "ext/plant/hall/lamp",
    ]


def test_two_readers_of_a_group_get_each_message_once(
    mosquitto: Mosquitto, publisher: Publisher, serve: Serve
) -> None:
    both = [
        standing(serve(mosquitto.port, client_id=name, share="jalon")) for name in ("one", "two")
    ]
    for number in range(400):
        publisher.say("hall/count", b"%d" % number)

    def heard() -> list[int]:
        return [int(payload) for served in both for _, payload in list(served.road.messages)]

    wait_for(lambda: len(heard()) >= 400)
    assert sorted(heard()) == list(range(400))
    assert all(served.road.messages for served in both)


def test_nothing_acknowledged_is_lost_when_the_broker_is_restarted_on_the_way(
    mosquitto: Mosquitto, publisher: Publisher, serve: Serve
) -> None:
    served = standing(serve(mosquitto.port, receive_maximum=50))
    for number in range(3000):
        publisher.say("hall/count", b"%d" % number)
    wait_for(lambda: len(served.road.messages) > 100)
    mosquitto.kill()
    wait_for(lambda: bool(served.ends))
    mosquitto.start()
    publisher.wait(3000)
    wait_for(
        lambda: {int(payload) for _, payload in list(served.road.messages)} >= set(range(3000))
    )
    assert len(served.ups) >= 2


def test_what_the_road_refuses_stays_with_the_broker(
    mosquitto: Mosquitto, publisher: Publisher, serve: Serve
) -> None:
    served = standing(serve(mosquitto.port))
    served.road.closed = True
    for number in range(20):
        publisher.say("hall/count", b"%d" % number)
    publisher.wait(20)
    wait_for(lambda: any("keeps the messages" in end for end in served.ends))
    assert served.road.messages == []
    served.road.closed = False
    wait_for(lambda: len(served.road.messages) >= 20)
    assert [int(payload) for _, payload in served.road.messages][:20] == list(range(20))


def test_messages_of_the_time_away_are_read_afterwards(
    mosquitto: Mosquitto, publisher: Publisher, serve: Serve
) -> None:
    standing(serve(mosquitto.port)).close()
    publisher.say("hall/count", b"missed")
    publisher.wait(1)
    served = standing(serve(mosquitto.port))
    wait_for(lambda: served.road.messages == [("ext/plant/hall/count", b"missed")])


def test_a_retained_value_is_no_new_reading_but_a_retained_announcement_is_heard(
    mosquitto: Mosquitto, publisher: Publisher, serve: Serve
) -> None:
    publisher.say("hall/lamp", b"old", retain=True)
    publisher.say("homeassistant/sensor/a/config", b"{}", retain=True)
    publisher.wait(2)
    served = standing(serve(mosquitto.port, topics=["hall/#"], discovery=["homeassistant/#"]))
    publisher.say("hall/lamp", b"new", retain=True)
    wait_for(lambda: len(served.road.messages) >= 2)
    assert sorted(served.road.messages) == [
        ("ext/plant/hall/lamp", b"new"),
        ("ext/plant/homeassistant/sensor/a/config", b"{}"),
    ]


def test_a_message_too_large_for_the_road_does_not_hold_up_the_others(
    mosquitto: Mosquitto, publisher: Publisher, serve: Serve
) -> None:
    served = standing(serve(mosquitto.port))
    publisher.say("hall/picture", bytes(910_000))
    publisher.say("hall/lamp", b"1")
    wait_for(lambda: served.road.messages == [("ext/plant/hall/lamp", b"1")])
    assert served.notes == ["A message of 910000 bytes on hall/picture was too large and left out."]
    assert served.ends == []


def test_a_wrong_password_is_said_in_so_many_words(tmp_path: Path, serve: Serve) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "reader", "s3cret"], check=True)
    passwords.chmod(0o644)
    broker = Mosquitto(tmp_path, "allow_anonymous false", f"password_file {passwords}").start()
    try:
        refused = serve(broker.port, user="reader", password="wrong", client_id="a")
        unset = serve(broker.port, user="reader", password="nowhere", client_id="b")
        served = serve(broker.port, user="reader", password="plant", client_id="c")
        wait_for(lambda: bool(served.ups and refused.ends and unset.ends))
    finally:
        broker.stop()
    where = f"127.0.0.1:{broker.port}"
    assert refused.ends[0] in (
        f"{where} refuses the password of the user “reader”.",
        f"{where} does not let the user “reader” in.",
    )
    assert unset.ends[0] == "The secret “nowhere” has not been set."
    assert not any("guess" in end for end in refused.ends)


def test_a_broker_without_mqtt_5_is_read_all_the_same(broker: Broker, serve: Serve) -> None:
    served = standing(
        serve(broker.mqtt_port, user="anything", password="ours", share="jalon", topics=["hall/#"])
    )
    assert served.ups[0].endswith("MQTT 3.1.1")
    assert "no shared subscriptions" in served.notes[0]
    publisher = Publisher(broker.mqtt_port, "anything", "p4")
    publisher.say("hall/lamp", b"1")
    wait_for(lambda: served.road.messages == [("ext/plant/hall/lamp", b"1")])
    publisher.close()


def test_somebody_else_with_our_client_id_is_named(mosquitto: Mosquitto, serve: Serve) -> None:
    first = standing(serve(mosquitto.port))
    standing(serve(mosquitto.port))
    wait_for(lambda: any("client_id of its own" in end for end in first.ends))


def test_a_broker_that_is_away_is_named(serve: Serve, tmp_path: Path) -> None:
    absent = Mosquitto(tmp_path)
    served = serve(absent.port)
    wait_for(lambda: bool(served.ends))
    assert served.ends[0].startswith(f"No MQTT broker answers at 127.0.0.1:{absent.port}")


def test_a_device_without_an_address_is_refused() -> None:
    with pytest.raises(UsageError, match="lamp needs an address"):
        make(settings_of(1883), [member(None)])
    with pytest.raises(UsageError, match="stands for many topics"):
        make(settings_of(1883), [member("hall/+")])


def test_clear_text_to_another_machine_must_be_asked_for() -> None:
    with pytest.raises(ValidationError, match="unencrypted: true"):
        settings_of(1883, host="broker.example")
    with pytest.raises(ValidationError, match="on this machine"):
        settings_of(8883, host="broker.example", tls={"insecure": True})
    assert settings_of(1883, host="broker.example", unencrypted=True).at == 1883
    known = {"id": "plant", "kind": "mqtt", "host": "broker.example", "tls": {}}
    assert Settings.model_validate(known).at == 8883
