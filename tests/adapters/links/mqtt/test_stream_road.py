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
from jalon.adapters.links.mqtt.codec import Message
from jalon.adapters.links.mqtt.connection import Access, Connection
from jalon.adapters.links.mqtt.inbox import DurableInbox
from jalon.adapters.links.mqtt.road import StreamRoad
from jalon.run.links import MAX_MESSAGE, RoadClosed, external_topic

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
        road.submit([(TOPIC, b"x" * 60_000)] * 40)
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


def test_what_is_too_long_is_refused_at_once_and_nothing_else_suffers(
    broker: Broker, road: StreamRoad
) -> None:
    """The broker would cut the connection on which everybody's messages travel."""
    with ThreadPoolExecutor(2) as pool:
        others = pool.submit(road.submit, [(TOPIC, b"%d" % number) for number in range(4000)])
        for topic, payload in ((TOPIC, b"x" * (MAX_MESSAGE + 1)), ("v1/" + "x" * 5000, b"x")):
            with pytest.raises(ValueError, match="bytes on v1/"):
                road.submit([(TOPIC, b"one"), (topic, payload)])
        others.result()
    road.submit([(TOPIC, b"x" * MAX_MESSAGE)])
    assert len(read(broker, 4001)) == 4001


class Line:
    """A connection that acknowledges what comes with the first `good` sendings and then breaks."""

    def __init__(self, good: int) -> None:
        self.sent: list[bytes] = []
        self._good = good
        self._replies: list[bytes] = []

    def reply_to(self, number: int) -> str:
        self._replies.append(b"r%d" % number)
        return f"r{number}"

    def send(self, frames: bytes) -> None:
        self.sent.append(frames)
        if len(self.sent) > self._good:
            raise ConnectionResetError("broken by the test")

    def receive(self, _timeout_s: float) -> list[Message]:
        replies, self._replies = self._replies, []
        return [Message(b"1", reply, b"", b"", b"{}") for reply in replies]

    def close(self) -> None:
        """Nothing."""


def at_rest(monkeypatch: pytest.MonkeyPatch, line: Line) -> StreamRoad:
    """A road that waits for `start`, with that line at its end."""
    monkeypatch.setattr(Connection, "open", lambda *_: line)
    return StreamRoad(lambda: Access("127.0.0.1", 1, "", ""))


def test_who_travelled_with_others_that_failed_is_not_told_to_send_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was stored: a second time it would be another reading, at another time."""
    road = at_rest(monkeypatch, Line(good=1))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(road.submit, [(TOPIC, b"1")])
        wait_for(lambda: len(road._parcels) == 1)
        second = pool.submit(road.submit, [(TOPIC, b"2")] * 2500)
        wait_for(lambda: len(road._parcels) == 2)
        road.start()
        with pytest.raises(RoadClosed, match="broken by the test"):
            second.result()
        first.result()
    road.close()


def test_what_a_caller_has_given_up_does_not_leave_later(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(good=10)
    road = at_rest(monkeypatch, line)
    with pytest.raises(RoadClosed, match="in time"):
        road.submit([(TOPIC, b"given up")], timeout_s=0.01)
    road.start()
    road.submit([(TOPIC, b"again")])
    road.close()
    assert b"given up" not in b"".join(line.sent)
