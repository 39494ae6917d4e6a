"""What links hand over is in the stream when the call returns, or the caller is told."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from waiting import wait_for

from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt.inbox import DurableInbox
from jalon.adapters.links.mqtt.road import StreamRoad
from jalon.run.links import RoadClosed, external_topic

TOPIC = "v1/dev1/telemetry"


@pytest.fixture
def road(broker: Broker) -> Iterator[StreamRoad]:
    road = StreamRoad(lambda: broker.access)
    road.start()
    yield road
    road.close()


def read(broker: Broker, wanted: int, filters: tuple[str, ...] = ("v1/+/telemetry",)) -> list[str]:
    inbox = DurableInbox(broker.access, filters)
    found: list[str] = []

    def enough() -> bool:
        batch = inbox.take(0.1)
        if batch is not None:
            found.extend(payload.decode() for payload in batch.payloads)
        return len(found) >= wanted

    wait_for(enough)
    inbox.close()
    return found


def test_what_was_submitted_is_read_in_its_order(broker: Broker, road: StreamRoad) -> None:
    road.submit([(TOPIC, b"%d" % number) for number in range(5000)])
    assert read(broker, 5000) == [str(number) for number in range(5000)]


def test_many_callers_at_once_each_get_their_answer(broker: Broker, road: StreamRoad) -> None:
    def one(caller: int) -> None:
        for number in range(20):
            road.submit([(TOPIC, b"%d-%d" % (caller, number))])

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(one, range(20)))
    assert len(set(read(broker, 400))) == 400


def test_a_friendly_name_with_spaces_travels(broker: Broker, road: StreamRoad) -> None:
    topic = external_topic("zigbee", "zigbee2mqtt/Salle à manger 50%")
    road.submit([(topic, b"21.5")])
    assert read(broker, 1, (topic,)) == ["21.5"]


def test_a_full_stream_is_told_to_the_caller(
    start_broker: Callable[..., Broker], tmp_path: Path
) -> None:
    broker = start_broker(folder=tmp_path / "small", stream_bytes=1 << 20)
    road = StreamRoad(lambda: broker.access)
    road.start()
    with pytest.raises(RoadClosed, match="maximum bytes"):
        for _ in range(40):
            road.submit([(TOPIC, b"x" * 60_000)])
    road.close()


def test_while_the_broker_is_away_callers_keep_their_message_and_later_succeed(
    broker: Broker, road: StreamRoad
) -> None:
    broker.supervise()
    road.submit([(TOPIC, b"before")])
    os.kill(int((broker.folder / "pid").read_text()), signal.SIGKILL)
    refused: list[RoadClosed] = []

    def accepted() -> bool:
        try:
            road.submit([(TOPIC, b"again")], timeout_s=2.0)
        except RoadClosed as closed:
            refused.append(closed)
            return False
        return True

    wait_for(accepted)
    assert read(broker, 2)[0] == "before"
    assert refused
    with pytest.raises(ValueError, match="not a topic"):
        road.submit([("not a topic", b"")])
    road.close()
    with pytest.raises(RoadClosed):
        road.submit([(TOPIC, b"late")])
