"""The broker as a process: it starts, stops, is found taken, survives and leaves no orphan."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import psutil
import pytest
from doorkeeper import Account, Doorkeeper
from waiting import wait_for

from jalon.adapters.broker import launcher
from jalon.adapters.broker.process import find_server
from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt.connection import Connection
from jalon.adapters.links.mqtt.jetstream import stream_state
from jalon.vocab.errors import BrokerError, PortTaken, UsageError

StartBroker = Callable[..., Broker]
Connect = Callable[..., mqtt.Client]


def server_process(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "pid").read_text()))


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other_program:
        yield other_program.getsockname()[1]


def test_the_pinned_server_keeps_the_stream_we_made(broker: Broker, connect: Connect) -> None:
    """The contract that is not documented: it holds for this version of the server."""
    version = subprocess.run([find_server(), "-v"], capture_output=True, text=True, check=True)
    assert version.stdout.strip() == "nats-server: v2.15.1"
    device = connect(broker, "dev1", client_id="d", clean=False)
    device.subscribe("v1/dev1/cmd/#", qos=1)
    device.publish("v1/dev1/telemetry", b"1", qos=1).wait_for_publish(5)
    with Connection.open(broker.access, "test") as connection:
        state = stream_state(connection)
    assert state.config["retention"] == "limits"
    assert state.config["discard"] == "new"
    assert state.config["storage"] == "file"
    assert state.messages == 1  # with interest retention it would be gone


def test_a_client_in_a_hurry_cannot_make_the_stream_before_us(
    start_broker: StartBroker, free_port: int
) -> None:
    stop = threading.Event()
    attempts = [0]

    def hammer() -> None:
        hello = b"\x10\x1a\x00\x04MQTT\x04\xc2\x00\x00\x00\x04fast\x00\x04dev1\x00\x02p1"
        while not stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", free_port), timeout=0.2) as client:
                    client.sendall(hello)
                    attempts[0] += client.recv(4) == b"\x20\x02\x00\x00"
            except OSError:
                continue

    client = threading.Thread(target=hammer)
    client.start()
    try:
        for _ in range(3):
            broker = start_broker(mqtt_port=free_port)
            wanted = attempts[0] + 1
            wait_for(lambda wanted=wanted: attempts[0] >= wanted)  # type: ignore[misc]
            with Connection.open(broker.access, "test") as connection:
                assert stream_state(connection).config["retention"] == "limits"
            broker.stop()
    finally:
        stop.set()
        client.join()


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def test_changed_limits_reach_an_existing_stream(start_broker: StartBroker) -> None:
    start_broker(stream_bytes=1 << 20).stop()
    broker = start_broker(stream_bytes=2 << 20)
    with Connection.open(broker.access, "test") as connection:
        assert stream_state(connection).config["max_bytes"] == 2 << 20


def test_files_with_secrets_are_ours_alone_and_the_log_has_none(
    broker: Broker, connect: Connect
) -> None:
    connect(broker, "dev1")
    config = broker.folder / "nats.conf"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(broker.folder.stat().st_mode) == 0o700
    assert broker.access.password in config.read_text()
    log = (broker.folder / "log").read_text()
    assert broker.access.password not in log
    assert "p1" not in log.split()


def test_a_fleet_of_thousands_has_an_account_each(
    broker: Broker, keeper: Doorkeeper, connect: Connect
) -> None:
    for i in range(2000):
        keeper.accounts[f"dev{i}"] = Account(f"dev{i}", f"p{i}", [f"v1/dev{i}/telemetry"])
    connect(broker, "dev1").publish("v1/dev1/telemetry", b"1", qos=1).wait_for_publish(5)
    with Connection.open(broker.access, "test") as connection:
        assert stream_state(connection).messages == 1


@pytest.mark.parametrize("option", ["mqtt", "websocket", "nats"])
def test_a_taken_port_is_named_with_what_to_do(
    start_broker: StartBroker, taken_port: int, option: str
) -> None:
    with pytest.raises(PortTaken) as refusal:
        start_broker(**{f"{option}_port": taken_port})
    assert refusal.value.port == taken_port
    assert refusal.value.host == "127.0.0.1"
    for part in (str(taken_port), "127.0.0.1", f"--{option}-port"):
        assert part in str(refusal.value)


@pytest.mark.parametrize("option", ["mqtt", "websocket", "nats"])
def test_a_port_taken_behind_our_back_is_found_as_well(
    start_broker: StartBroker, taken_port: int, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "check_port", lambda *_: None)  # as if it was free just before
    with pytest.raises(PortTaken) as refusal:
        start_broker(**{f"{option}_port": taken_port})
    assert refusal.value.port == taken_port


def test_after_a_refused_start_the_folder_is_free_again(
    start_broker: StartBroker, taken_port: int
) -> None:
    with pytest.raises(PortTaken):
        start_broker(mqtt_port=taken_port)
    assert start_broker().alive()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_only_this_machine_is_listened_to(start_broker: StartBroker, host: str) -> None:
    with pytest.raises(UsageError, match="encryption"):
        start_broker(host=host)


def test_two_brokers_cannot_share_a_folder(start_broker: StartBroker) -> None:
    first = start_broker()
    with pytest.raises(BrokerError, match="already running"):
        start_broker()
    assert first.alive()


def test_stop_is_quick_and_final(start_broker: StartBroker) -> None:
    broker = start_broker()
    broker.supervise()
    process = server_process(broker.folder)
    started = time.monotonic()
    broker.stop()
    assert time.monotonic() - started < 15
    assert not broker.alive()
    assert not process.is_running()
    broker.stop()  # once more does no harm


def test_a_server_that_does_not_listen_to_reason_is_killed(start_broker: StartBroker) -> None:
    broker = start_broker()
    process = server_process(broker.folder)
    process.suspend()
    started = time.monotonic()
    broker.stop()
    assert time.monotonic() - started < 15
    assert not process.is_running()


JALON = """
    import sys, threading
    from pathlib import Path
    from jalon.adapters.broker.server import Broker
    from jalon.adapters.broker.settings import BrokerSettings

    from jalon.run.identity import Denied
    from jalon.run.journal import Kind

    settings = BrokerSettings(Path(sys.argv[1]), mqtt_port=0)
    broker = Broker.start(settings, lambda attempt: Denied(Kind.UNKNOWN_IDENTITY))
    print("ready", flush=True)
    threading.Event().wait()
"""


@pytest.fixture
def jalon(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that has started a broker in `broker`."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(JALON), tmp_path / "broker"],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    yield process
    process.kill()
    process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's service is Linux's own")
def test_the_server_ends_when_jalon_is_killed(
    jalon: subprocess.Popen[bytes], tmp_path: Path, start_broker: StartBroker
) -> None:
    orphan = server_process(tmp_path / "broker")
    jalon.kill()
    jalon.wait()  # the server may be gone before all that the process held has been released
    wait_for(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)
    assert start_broker().alive()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_an_orphan_is_ended_before_its_files_are_opened(
    jalon: subprocess.Popen[bytes], tmp_path: Path, start_broker: StartBroker
) -> None:
    orphan = server_process(tmp_path / "broker")
    orphan.suspend()  # it cannot hear that its parent is gone
    wait_for(lambda: orphan.status() == psutil.STATUS_STOPPED)
    jalon.kill()
    jalon.wait()
    assert orphan.status() == psutil.STATUS_STOPPED
    broker = start_broker()
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
    assert broker.alive()


def test_a_stranger_with_the_orphans_number_is_left_alone(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (tmp_path / "broker").mkdir()
        (tmp_path / "broker" / "pid").write_text(str(stranger.pid))
        assert start_broker().alive()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_dead_server_comes_back_on_the_same_ports_with_its_messages(
    start_broker: StartBroker, connect: Connect
) -> None:
    broker = start_broker()
    broker.supervise()
    ports = broker.ports
    connect(broker, "dev1").publish("v1/dev1/telemetry", b"1", qos=1).wait_for_publish(5)
    os.kill(server_process(broker.folder).pid, signal.SIGKILL)
    wait_for(lambda: broker.restarts == 1)
    assert broker.alive()
    assert broker.ports == ports
    assert broker.trouble == ""
    with Connection.open(broker.access, "test") as connection:
        assert stream_state(connection).messages == 1


def test_when_its_port_was_taken_meanwhile_the_broker_says_so_and_waits(
    start_broker: StartBroker,
) -> None:
    broker = start_broker()
    port = broker.mqtt_port
    process = server_process(broker.folder)
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        process.kill()
        wait_for(lambda: not broker.alive())
        thief.bind(("127.0.0.1", port))
        thief.listen()
        broker.supervise()
        wait_for(lambda: str(port) in broker.trouble)
        assert not broker.alive()
    wait_for(lambda: broker.restarts == 1)
    assert broker.trouble == ""
    assert broker.mqtt_port == port


def test_stopping_while_it_starts_again_does_not_wait(start_broker: StartBroker) -> None:
    broker = start_broker()
    broker.supervise()
    os.kill(server_process(broker.folder).pid, signal.SIGKILL)
    started = time.monotonic()
    broker.stop()
    assert time.monotonic() - started < 15
    assert not broker.alive()
