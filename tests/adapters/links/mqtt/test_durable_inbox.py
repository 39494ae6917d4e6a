"""From a device's publish to a batch, over the real broker."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from waiting import wait_for

from jalon.adapters.broker.config import stream_config
from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings
from jalon.adapters.links.mqtt.codec import subject_of
from jalon.adapters.links.mqtt.connection import Connection
from jalon.adapters.links.mqtt.inbox import DurableInbox, Limits
from jalon.adapters.links.mqtt.jetstream import STREAM, ask, make_stream, stream_state
from jalon.run.batch import Position, RawBatch

TELEMETRY = ["v1/+/telemetry", "application/+/device/+/event/up"]
StartBroker = Callable[..., Broker]
Connect = Callable[..., mqtt.Client]


def publish(client: mqtt.Client, payloads: list[bytes], topic: str = "", qos: int = 1) -> None:
    """Publish and wait until the broker has acknowledged every one."""
    topic = topic or "v1/dev1/telemetry"
    for sent in [client.publish(topic, payload, qos=qos) for payload in payloads]:
        sent.wait_for_publish(30)
        assert sent.is_published()


def numbers(count: int, start: int = 0) -> list[bytes]:
    return [b"%d" % number for number in range(start, start + count)]


def take_all(inbox: DurableInbox, count: int, timeout_s: float = 30) -> list[RawBatch]:
    """Batches until there are `count` messages, or no more in time."""
    batches: list[RawBatch] = []
    deadline = time.monotonic() + timeout_s
    while sum(map(len, batches)) < count and time.monotonic() < deadline:
        if (batch := inbox.take(0.2)) is not None:
            batches.append(batch)
    return batches


def payloads_of(batches: list[RawBatch]) -> list[bytes]:
    return [payload for batch in batches for payload in batch.payloads]


@pytest.fixture
def device(broker: Broker, connect: Connect) -> mqtt.Client:
    return connect(broker, "dev1")


@pytest.fixture
def inbox(broker: Broker) -> DurableInbox:
    return DurableInbox(broker.access, TELEMETRY)


def test_qos_1_and_2_arrive_in_order_with_the_time_of_reception(
    device: mqtt.Client, inbox: DurableInbox
) -> None:
    before = time.time_ns() // 1_000_000
    publish(device, [b"one"])
    publish(device, [b"two"], qos=2)
    publish(device, [b"light"], qos=0)
    publish(device, [b"three"])
    batches = take_all(inbox, 3)
    assert payloads_of(batches) == [b"one", b"two", b"three"]
    assert {topic for batch in batches for topic in batch.topics} == {"v1/dev1/telemetry"}
    after = time.time_ns() // 1_000_000
    assert all(before <= one <= after for batch in batches for one in batch.times_ms)
    assert batches[-1].backlog == 0
    assert inbox.take(0.05) is None


def test_the_same_stream_read_from_a_position_goes_on_behind_it(
    broker: Broker, device: mqtt.Client, inbox: DurableInbox
) -> None:
    publish(device, numbers(50))
    batches = take_all(inbox, 50)
    inbox.close()
    publish(device, numbers(5, 50))
    again = DurableInbox(broker.access, TELEMETRY, batches[-1].position)
    assert payloads_of(take_all(again, 5)) == numbers(5, 50)
    assert again.take(0.05) is None


def test_batches_are_bounded_by_count_and_by_bytes(broker: Broker, device: mqtt.Client) -> None:
    publish(device, numbers(3000))
    by_count = DurableInbox(broker.access, TELEMETRY, limits=Limits(messages=100))
    batches = take_all(by_count, 3000)
    assert payloads_of(batches) == numbers(3000)
    by_count.close()

    publish(device, [b"x" * 50_000] * 60)
    by_bytes = DurableInbox(broker.access, TELEMETRY, batches[-1].position, Limits(bytes=1_200_000))
    batches = take_all(by_bytes, 60)
    assert len(payloads_of(batches)) == 60
    assert max(sum(map(len, batch.payloads)) for batch in batches) < 1_200_000 + (1 << 18)
    assert by_count.reconnects == by_bytes.reconnects == 0


def test_backlog_counts_what_waits_behind_the_batch(broker: Broker, device: mqtt.Client) -> None:
    publish(device, [b"x" * 10_000] * 300)
    inbox = DurableInbox(broker.access, TELEMETRY, limits=Limits(messages=10))
    batch = inbox.take(5)
    assert batch is not None
    assert batch.backlog == 300 - len(batch)


def test_what_is_not_telemetry_is_passed_over(
    broker: Broker, connect: Connect, inbox: DurableInbox
) -> None:
    anybody = connect(broker, "anything")
    publish(anybody, [b"other"] * 10, "some/other/topic")
    publish(anybody, [b"up"], "application/7/device/0011223344556677/event/up")
    publish(anybody, [b"join"], "application/7/device/0011223344556677/event/join")
    batch = inbox.take(5)
    assert batch is not None
    assert batch.payloads == [b"up"]
    assert batch.topics == ["application/7/device/0011223344556677/event/up"]
    assert batch.position is not None
    assert batch.position.sequence in (11, 12)


ODD_TOPICS = ["/a", "a/", "a//b", "//a", "a//", "/", "a.b/c", ".", "a/..", "é/ü", "a/*/>", "$x/y"]


def test_the_server_writes_topics_as_subjects_the_way_we_do(
    broker: Broker, connect: Connect
) -> None:
    anybody = connect(broker, "anything")
    inbox = DurableInbox(broker.access, ["#"])
    for topic in ODD_TOPICS:
        publish(anybody, [topic.encode()], topic)
    batches = take_all(inbox, len(ODD_TOPICS))
    assert [topic for batch in batches for topic in batch.topics] == ODD_TOPICS
    with Connection.open(broker.access, "test") as connection:
        for sequence, topic in enumerate(ODD_TOPICS, 1):
            found = ask(connection, f"STREAM.MSG.GET.{STREAM}", {"seq": sequence})["message"]
            assert isinstance(found, dict)
            assert found["subject"] == f"$MQTT.msgs.{subject_of(topic)}"


READER = """
    import sqlite3, sys
    from jalon.adapters.links.mqtt.connection import Access
    from jalon.adapters.links.mqtt.inbox import DurableInbox, Limits
    from jalon.run.batch import Position

    port, user, password, path = int(sys.argv[1]), *sys.argv[2:]
    database = sqlite3.connect(path)
    database.execute("create table if not exists rows (payload blob)")
    database.execute("create table if not exists position (stream, created, sequence)")
    known = database.execute("select * from position").fetchone()
    inbox = DurableInbox(
        Access("127.0.0.1", port, user, password),
        ["v1/+/telemetry"],
        Position(*known) if known else None,
        Limits(messages=20),
    )
    while True:
        batch = inbox.take(0.2)
        if batch is None:
            continue
        where = batch.position
        with database:
            database.executemany("insert into rows values (?)", [(p,) for p in batch.payloads])
            database.execute("delete from position")
            database.execute(
                "insert into position values (?, ?, ?)",
                (where.stream, where.created, where.sequence),
            )
"""


def test_a_reader_killed_again_and_again_stores_everything_once(
    broker: Broker, device: mqtt.Client, tmp_path: Path
) -> None:
    rounds, each, database = 6, 800, tmp_path / "rows.db"

    def stored() -> list[bytes]:
        if not database.exists():
            return []
        with sqlite3.connect(database, timeout=30) as connection:
            if not connection.execute("select 1 from sqlite_master").fetchone():
                return []
            return [row[0] for row in connection.execute("select payload from rows")]

    command = [sys.executable, "-c", textwrap.dedent(READER)]
    access = broker.access
    command += [str(access.port), access.user, access.password, str(database)]
    for number in range(rounds):
        before = len(stored())
        reader = subprocess.Popen(command)
        publisher = threading.Thread(target=publish, args=(device, numbers(each, number * each)))
        publisher.start()
        try:
            wait_for(lambda before=before: len(stored()) > before)  # type: ignore[misc]
            if number == rounds - 1:
                wait_for(lambda: len(stored()) >= rounds * each)
        finally:
            reader.kill()
            reader.wait()
            publisher.join()
    assert stored() == numbers(rounds * each)


def test_a_broker_killed_under_load_comes_back_and_nothing_acknowledged_is_lost(
    broker: Broker, device: mqtt.Client, inbox: DurableInbox
) -> None:
    broker.supervise()
    ports = broker.ports
    acknowledged: set[bytes] = set()
    stop = threading.Event()

    def keep_publishing() -> None:
        number = 0
        while not stop.is_set():
            wait_for(device.is_connected)
            number += 1
            sent = device.publish("v1/dev1/telemetry", b"%d" % number, qos=1)
            try:
                sent.wait_for_publish(20)
            except RuntimeError:  # the connection broke just now
                continue
            if sent.is_published():
                acknowledged.add(b"%d" % number)

    publisher = threading.Thread(target=keep_publishing)
    publisher.start()
    got: list[bytes] = []
    try:
        for kill in range(1, 4):
            wanted = len(got) + 200
            deadline = time.monotonic() + 30
            while len(got) < wanted and time.monotonic() < deadline:
                if batch := inbox.take(0.1):
                    got += batch.payloads
            assert len(got) >= wanted
            kill_server(broker)
            wait_for(lambda kill=kill: broker.restarts == kill and broker.alive())  # type: ignore[misc]
        wanted = len(acknowledged) + 100
        wait_for(lambda: len(acknowledged) >= wanted)
    finally:
        stop.set()
        publisher.join()
    deadline = time.monotonic() + 30
    while not acknowledged <= set(got) and time.monotonic() < deadline:
        if batch := inbox.take(0.1):
            got += batch.payloads
    assert acknowledged <= set(got)
    assert broker.ports == ports
    assert inbox.reconnects >= 3
    # What the kill left unacknowledged the client may send again; the reader itself repeats none.
    assert len(got) - len(set(got)) <= 3


def kill_server(broker: Broker) -> None:
    pid = int((broker.folder / "pid").read_text())
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not broker.alive() or broker.restarts > 0)


def test_a_full_stream_holds_publishers_back_and_loses_nothing_acknowledged(
    start_broker: StartBroker, connect: Connect
) -> None:
    broker = start_broker(stream_bytes=400_000)
    device, operator = connect(broker, "dev1"), connect(broker, "operator")
    publish(operator, [b"wake up"], "v1/dev1/cmd/set")
    acknowledged: list[int] = []
    device.on_publish = lambda _client, _data, mid, *_: acknowledged.append(mid)
    for number in range(300):
        device.publish("v1/dev1/telemetry", b"%04d" % number + b"x" * 4000, qos=1)
    wait_for(lambda: stream_bytes(broker) > 390_000)
    wait_for(lambda: 0 < len(acknowledged) < 300)

    inbox = DurableInbox(broker.access, TELEMETRY)
    got: list[bytes] = []
    deadline = time.monotonic() + 60
    released = 0
    position: Position | None = None
    while len(set(got)) < 300 and time.monotonic() < deadline:
        if batch := inbox.take(0.1):
            got += [payload[:4] for payload in batch.payloads]
            position = batch.position
        released += inbox.release(position)
    assert {int(one) for one in got} == set(range(300))
    assert released > 100
    wait_for(lambda: len(acknowledged) == 300)
    with Connection.open(broker.access, "test") as connection:
        found = ask(connection, f"STREAM.MSG.GET.{STREAM}", {"seq": 1})["message"]
    assert isinstance(found, dict)
    assert found["subject"] == "$MQTT.msgs.v1.dev1.cmd.set"  # a command is not telemetry: it stays


def stream_bytes(broker: Broker) -> int:
    with Connection.open(broker.access, "test") as connection:
        return stream_state(connection).bytes


def test_release_spares_what_is_not_stored_yet(start_broker: StartBroker, connect: Connect) -> None:
    broker = start_broker(stream_bytes=200_000)
    device = connect(broker, "dev1")
    publish(device, [b"%02d" % number + b"x" * 4000 for number in range(40)])
    first = DurableInbox(broker.access, TELEMETRY, limits=Limits(messages=5, bytes=20_000))
    batch = first.take(5)
    assert batch is not None
    assert batch.position is not None
    stored = Position(STREAM, batch.position.created, 5)
    assert first.release(stored) == 5
    first.close()
    again = DurableInbox(broker.access, TELEMETRY, stored)
    assert [int(one[:2]) for one in payloads_of(take_all(again, 35))] == list(range(5, 40))


def test_a_nearly_empty_stream_is_left_in_peace_until_its_time_comes(
    broker: Broker, device: mqtt.Client, inbox: DurableInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(device, numbers(20))
    batch = take_all(inbox, 20)[-1]
    assert inbox.release(batch.position) == 0
    monkeypatch.setattr("jalon.adapters.links.mqtt.inbox._LOOK_EVERY_S", 0)
    assert inbox.release(batch.position) == 0
    monkeypatch.setattr("jalon.adapters.links.mqtt.inbox._RELEASE_EVERY_S", 0)
    assert inbox.release(batch.position) == 20
    assert stream_bytes(broker) == 0
    publish(device, numbers(5, 20))
    assert payloads_of(take_all(inbox, 5)) == numbers(5, 20)


def test_a_stream_made_anew_is_read_from_its_start(
    broker: Broker, device: mqtt.Client, inbox: DurableInbox
) -> None:
    publish(device, numbers(20))
    batches = take_all(inbox, 20)
    settings = BrokerSettings(broker.folder, stream_bytes=64 << 20)
    with Connection.open(broker.access, "test") as connection:
        ask(connection, f"STREAM.DELETE.{STREAM}")
        make_stream(connection, stream_config(settings))
    publish(device, [b"new"] * 30)
    assert payloads_of(take_all(inbox, 30)) == [b"new"] * 30  # while connected
    other = DurableInbox(broker.access, TELEMETRY, batches[-1].position)
    assert payloads_of(take_all(other, 30)) == [b"new"] * 30  # after a restart


def test_after_a_power_cut_took_the_end_of_the_stream_reading_begins_at_its_start(
    start_broker: StartBroker, connect: Connect
) -> None:
    broker = start_broker()
    publish(connect(broker, "dev1"), numbers(20))
    batch = DurableInbox(broker.access, TELEMETRY).take(5)
    assert batch is not None
    position = batch.position
    assert position is not None
    broker.stop()
    broker = start_broker()
    assert broker.resume(position) == position
    ahead = Position(position.stream, position.created, 21)
    assert broker.resume(ahead) is None
    assert broker.resume(Position(position.stream, "another time", 3)) is None
    assert broker.resume(None) is None


def test_a_wrong_password_or_no_broker_just_say_so(broker: Broker) -> None:
    access = broker.access
    wrong = type(access)(access.host, access.port, access.user, "wrong")
    inbox = DurableInbox(wrong, TELEMETRY)
    assert inbox.take(0.1) is None
    assert "Authorization" in inbox.trouble
    assert "wrong" not in inbox.trouble
    broker.stop()
    gone = DurableInbox(access, TELEMETRY)
    assert gone.take(0.1) is None
    assert gone.trouble


def test_a_stream_full_of_what_nobody_reads_takes_telemetry_again(
    start_broker: StartBroker, connect: Connect
) -> None:
    broker = start_broker(stream_bytes=400_000)
    anybody, device = connect(broker, "anything"), connect(broker, "dev1")
    for _ in range(120):
        anybody.publish("v1/dev1/state", b"x" * 4000, qos=1)
    wait_for(lambda: stream_bytes(broker) > 390_000)
    sent = device.publish("v1/dev1/telemetry", b"heard", qos=1)
    inbox = DurableInbox(broker.access, TELEMETRY, released=[*TELEMETRY, "v1/+/state"])
    deadline = time.monotonic() + 30
    stored: Position | None = None
    got: list[bytes] = []
    while not got and time.monotonic() < deadline:
        if batch := inbox.take(0.1):
            got += batch.payloads
            stored = batch.position
        inbox.release(stored)
    assert got == [b"heard"]
    assert sent.is_published()


def test_of_many_topics_some_are_released_at_a_time(
    broker: Broker, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of devices with topics of their own would hold up the readings of all."""
    monkeypatch.setattr("jalon.adapters.links.mqtt.inbox._RELEASE_EVERY_S", 0)
    topics = [f"plant/lamp{number}" for number in range(100)]
    anybody = connect(broker, "anything")
    for topic in topics:
        publish(anybody, [b"1"], topic)
    inbox = DurableInbox(broker.access, topics)
    stored = take_all(inbox, 100)[-1].position
    assert [inbox.release(stored) for _ in range(3)] == [64, 36, 0]
    assert stream_bytes(broker) == 0


def test_what_was_given_and_not_stored_is_never_released(
    start_broker: StartBroker, connect: Connect
) -> None:
    broker = start_broker(stream_bytes=200_000)
    anybody = connect(broker, "anything")
    publish(anybody, [b"kept"], "v1/dev1/telemetry")
    publish(anybody, [b"x" * 4000] * 40, "v1/dev1/state")
    inbox = DurableInbox(broker.access, TELEMETRY, released=[*TELEMETRY, "v1/+/state"])
    assert payloads_of(take_all(inbox, 1)) == [b"kept"]
    assert inbox.release(None) == 0
    inbox.close()
    again = DurableInbox(broker.access, TELEMETRY)
    assert payloads_of(take_all(again, 1)) == [b"kept"]


def test_a_failure_in_the_middle_of_a_batch_passes_nothing_over(
    broker: Broker, device: mqtt.Client, inbox: DurableInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(device, numbers(20))
    keep_asking = DurableInbox._keep_asking
    calls: list[int] = []

    def run_out(self: DurableInbox, connection: Connection) -> None:
        calls.append(1)
        if len(calls) == 2:  # the first is of the beginning; by the second, messages are taken
            raise MemoryError
        keep_asking(self, connection)

    monkeypatch.setattr(DurableInbox, "_keep_asking", run_out)
    with pytest.raises(MemoryError):
        inbox.take(5)
    assert payloads_of(take_all(inbox, 20)) == numbers(20)


def test_topics_of_a_new_device_are_taken_without_a_new_connection(
    broker: Broker, connect: Connect
) -> None:
    inbox = DurableInbox(broker.access, TELEMETRY)
    device = connect(broker, "anything")
    device.publish("tele/attic/SENSOR", b"before", qos=1).wait_for_publish(10)
    assert inbox.take(0.3) is None
    inbox.listen([*TELEMETRY, "tele/+/SENSOR"], TELEMETRY)
    device.publish("tele/attic/SENSOR", b"after", qos=1).wait_for_publish(10)
    batch = inbox.take(5)
    assert batch is not None
    assert (batch.topics, batch.payloads) == (["tele/attic/SENSOR"], [b"after"])
    assert inbox.reconnects == 0
    with pytest.raises(ValueError, match="a b"):
        inbox.listen(["a b"], [])
