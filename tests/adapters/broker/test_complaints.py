"""What the server refuses without telling the device is read from its log."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mqtt_device import Device
from waiting import wait_for

from jalon.adapters.broker.complaints import Complaint, LogEar, complaint
from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.station import Refusal
from jalon.adapters.links.mqtt.codec import subject_of

StartBroker = Callable[..., Broker]
Connect = Callable[..., Device]
STAMP = "[17428] 2026/11/23 17:06:05.794940 [ERR] "


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_publish_that_is_not_permitted_is_told(
    broker: Broker, device: Connect, refusals: list[Refusal], qos: int
) -> None:
    sensor = device(broker.mqtt_port, "dev1", "p1", client_id='odd"-é')
    assert sensor.answer() == "Success"
    sensor.send('v1/dev2/tele.metry"é', b"spoof", qos)
    wait_for(lambda: bool(refusals))
    told = refusals[0]
    assert (told.how, told.identity, told.text) == ("publish", "dev1", 'v1/dev2/tele.metry"é')
    assert told.address == "127.0.0.1"
    assert sensor.left.empty()


def test_a_client_id_that_garbles_the_log_hides_nobody(
    broker: Broker, device: Connect, refusals: list[Refusal]
) -> None:
    sensor = device(broker.mqtt_port, "dev1", "p1", client_id="%s%d%[1]q")
    assert sensor.answer() == "Success"
    sensor.send("v1/dev2/telemetry", b"spoof")
    wait_for(lambda: bool(refusals))
    assert (refusals[0].how, refusals[0].identity) == ("publish", "dev1")


def test_repetitions_are_counted_not_repeated(
    broker: Broker, device: Connect, refusals: list[Refusal]
) -> None:
    sensor = device(broker.mqtt_port, "dev1", "p1")
    assert sensor.answer() == "Success"
    for _ in range(500):
        sensor.client.publish("v1/dev2/telemetry", b"spoof", qos=1)
    wait_for(lambda: sum(one.times for one in refusals) == 500)
    assert len(refusals) < 100


def test_a_subscription_that_is_not_permitted_is_told(
    broker: Broker, device: Connect, refusals: list[Refusal]
) -> None:
    sensor = device(broker.mqtt_port, "dev1", "p1", client_id="nosy")
    assert sensor.answer() == "Success"
    for topic in ("v1/+/cmd", "v1/dev2/#", "#"):
        refusals.clear()
        assert not sensor.subscribe(topic)
        wait_for(lambda: bool(refusals))
        assert refusals == [Refusal("subscribe", "dev1", "nosy", "127.0.0.1", topic)]


def test_a_will_that_is_not_permitted_is_told(
    broker: Broker, device: Connect, refusals: list[Refusal]
) -> None:
    sensor = device(broker.mqtt_port, "dev1", "p1", will="v1/dev2/state")
    assert sensor.answer() == "Success"
    broker.disconnect("dev1")
    wait_for(lambda: bool(refusals))
    assert (refusals[0].how, refusals[0].text) == ("publish", "v1/dev2/state")


def test_what_ends_a_connection_without_a_word_is_told(
    start_broker: StartBroker, device: Connect, refusals: list[Refusal]
) -> None:
    broker = start_broker(max_payload=10_000)
    for topic, payload, how, text in (
        ("v1/dev1/telemetry", b"x" * 20_000, "payload", "vs 10000"),
        ("v1/dev1/tele metry", b"1", "topic", "not supported"),
    ):
        refusals.clear()
        sensor = device(broker.mqtt_port, "dev1", "p1")
        assert sensor.answer() == "Success"
        sensor.client.publish(topic, payload, qos=0)
        assert sensor.left.get(timeout=10)
        wait_for(lambda: bool(refusals))
        assert (refusals[0].how, refusals[0].identity) == (how, "dev1")
        assert text in refusals[0].text


def test_a_client_id_the_server_cannot_take_is_told(
    broker: Broker, device: Connect, refusals: list[Refusal]
) -> None:
    sensor = device(broker.mqtt_port, "dev1", "p1", client_id="dev.1")
    assert sensor.answer() == "Client identifier not valid"
    wait_for(lambda: bool(refusals))
    assert (refusals[0].how, refusals[0].text, refusals[0].identity) == ("client-id", "dev.1", "")


def test_nothing_is_told_of_who_keeps_to_the_rules(
    broker: Broker, device: Connect, refusals: list[Refusal]
) -> None:
    sensor = device(broker.mqtt_port, "dev1", "p1")
    assert sensor.answer() == "Success"
    assert sensor.subscribe("v1/dev1/cmd/#")
    sensor.send("v1/dev1/telemetry", b"1")
    broker.stop()  # hears the log to its end
    assert refusals == []


levels = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1).filter(
    lambda level: not set(level) & set("+#/")
)


@given(levels, st.lists(levels, min_size=1, max_size=4), st.integers(1, 10**9))
def test_any_topic_and_client_id_are_read_back(client_id: str, parts: list[str], cid: int) -> None:
    topic = "/".join(parts)
    subject = json.dumps(subject_of(topic))
    line = f"{STAMP}10.0.0.7:5 - mid:{cid} - {json.dumps(client_id)} - Publish Violation - Subject"
    assert complaint(f"{line} {subject}") == Complaint("publish", cid, client_id, "10.0.0.7", topic)


def test_a_client_id_cannot_pretend_to_be_a_complaint() -> None:
    forged = json.dumps('x" - Publish Violation - Subject "v1.victim.telemetry"')
    assert complaint(f"{STAMP}10.0.0.7:5 - mid:9 - {forged} - authentication error") is None


@given(st.text())
def test_any_other_line_is_passed_over(text: str) -> None:
    assert complaint(text) is None


def test_a_log_is_followed_through_its_rotation(tmp_path: Path) -> None:
    log = tmp_path / "log"
    line = STAMP + '10.0.0.7:5 - mid:{} - "c" - Publish Violation - Subject "v1.x"\n'
    log.write_text(line.format(1))
    heard: list[tuple[int, int]] = []
    ear = LogEar(log, lambda found, times: heard.append((found.cid, times)))
    ear.start()
    with log.open("a") as old:
        old.write(line.format(2))
        old.flush()
        wait_for(lambda: heard == [(2, 1)])
        old.write(line.format(3) * 2)
    log.rename(tmp_path / "log.1")
    log.write_text(line.format(4))
    wait_for(lambda: len(heard) == 3)
    with log.open("a") as new:
        new.write(line.format(5)[:20])
        new.flush()
        new.write(line.format(5)[20:])
    ear.stop()
    assert heard == [(2, 1), (3, 2), (4, 1), (5, 1)]
