"""Everybody is asked about at the door, which may answer late, wrongly or not at all."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable

import pytest
from doorkeeper import Account, Doorkeeper
from mqtt_device import Device, now_ms
from waiting import wait_for

from jalon.adapters.broker import door
from jalon.adapters.broker.server import Broker
from jalon.adapters.links.mqtt.connection import Connection
from jalon.adapters.links.mqtt.jetstream import stream_state
from jalon.run.identity import Attempt

StartBroker = Callable[..., Broker]
Connect = Callable[..., Device]


def stored(broker: Broker) -> int:
    with Connection.open(broker.access, "test") as connection:
        return stream_state(connection).messages


def test_the_door_is_told_who_is_there(broker: Broker, device: Connect, keeper: Doorkeeper) -> None:
    assert device(broker.mqtt_port, "dev1", "p1", client_id="one").answer() == "Success"
    assert keeper.attempts == [Attempt("mqtt", "dev1", "p1", "one", None, "127.0.0.1")]


@pytest.mark.parametrize(("user", "password"), [("dev1", "wrong"), ("nobody", "p1"), ("", "")])
def test_who_is_not_known_stays_out(
    broker: Broker, device: Connect, user: str, password: str
) -> None:
    assert device(broker.mqtt_port, user, password).answer() == "Not authorized"
    assert broker.connections() == []


@pytest.mark.parametrize("user", ["jalon.inside", "jalon.system", "jalon.door", "jalon.front"])
def test_the_names_of_the_house_are_of_no_use(broker: Broker, device: Connect, user: str) -> None:
    for password in (broker.access.password, "wrong"):
        refused = device(broker.mqtt_port, user, password, client_id="intruder")
        assert refused.answer() == "Not authorized"


def test_a_changed_fleet_holds_from_the_next_connection_on(
    broker: Broker, device: Connect, keeper: Doorkeeper
) -> None:
    staying = device(broker.mqtt_port, "dev1", "p1")
    leaving = device(broker.mqtt_port, "dev2", "p2")
    assert staying.answer() == leaving.answer() == "Success"
    del keeper.accounts["dev2"]
    keeper.accounts["dev3"] = Account("dev3", "p3", ["v1/dev3/telemetry"])
    assert leaving.left.empty()
    assert broker.disconnect("dev2") == 1
    assert leaving.answer() == "Not authorized"
    new = device(broker.mqtt_port, "dev3", "p3")
    assert new.answer() == "Success"
    new.send("v1/dev3/telemetry", b"1")
    assert stored(broker) == 1
    assert staying.left.empty()


def test_all_connections_of_one_are_closed_and_no_other(broker: Broker, device: Connect) -> None:
    mine = [device(broker.mqtt_port, "dev1", "p1", client_id=f"c{i}") for i in range(5)]
    other = device(broker.mqtt_port, "dev2", "p2")
    assert {one.answer() for one in [*mine, other]} == {"Success"}
    assert {one.client_id for one in broker.connections("dev1")} == {f"c{i}" for i in range(5)}
    assert broker.disconnect("dev1") == 5
    for one in mine:
        assert one.left.get(timeout=10)
    assert other.left.empty()
    assert broker.disconnect("nobody") == 0


def test_who_is_just_coming_in_does_not_slip_through(
    broker: Broker, device: Connect, keeper: Doorkeeper
) -> None:
    """The decision was taken with the old state; the connection is not listed yet."""
    deciding, go_on = threading.Event(), threading.Event()

    def hold(_attempt: Attempt) -> None:
        deciding.set()
        assert go_on.wait(10)

    keeper.before = hold
    late = device(broker.mqtt_port, "dev1", "p1")
    assert deciding.wait(10)
    kicked: queue.Queue[int] = queue.Queue()
    kicker = threading.Thread(target=lambda: kicked.put(broker.disconnect("dev1")))
    kicker.start()
    keeper.before = lambda _attempt: keeper.accounts.pop("dev1", None)  # type: ignore[assignment]
    go_on.set()
    kicker.join()
    assert kicked.get() == 1
    wait_for(lambda: "Not authorized" in late.answers.queue)
    assert broker.connections("dev1") == []


def test_a_stay_ends_when_the_grant_says_so(
    broker: Broker, device: Connect, keeper: Doorkeeper
) -> None:
    keeper.expires_ms = now_ms() + 6000
    guest = device(broker.mqtt_port, "dev1", "p1")
    assert guest.answer() == "Success"
    assert guest.left.get(timeout=40)
    assert guest.answer() == "Not authorized"
    keeper.expires_ms = now_ms() + 3_600_000
    wait_for(lambda: "Success" in guest.answers.queue)


def test_a_bug_in_one_decision_keeps_only_that_one_out(
    broker: Broker, device: Connect, keeper: Doorkeeper
) -> None:
    def stumble(attempt: Attempt) -> None:
        if attempt.user == "dev1":
            raise RuntimeError("bug")

    keeper.before = stumble
    keeper.accounts["odd"] = Account("odd", "p", ["v1/#/no filter"])
    assert device(broker.mqtt_port, "dev1", "p1").answer() == "Not authorized"
    assert device(broker.mqtt_port, "odd", "p").answer() == "Not authorized"
    assert device(broker.mqtt_port, "dev2", "p2").answer() == "Success"
    assert broker.trouble == ""


def test_while_the_door_is_shut_nobody_comes_in_and_nobody_is_put_out(
    start_broker: StartBroker,
    device: Connect,
    keeper: Doorkeeper,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jalon.adapters.broker.config.TIMEOUT_S", 1)
    broker = start_broker()
    inside = device(broker.mqtt_port, "dev1", "p1")
    assert inside.answer() == "Success"
    shut = threading.Event()
    keeper.before = lambda _attempt: (shut.wait(30), None)[1]
    outside = device(broker.mqtt_port, "dev2", "p2")
    assert outside.answer() == "Not authorized"
    for number in range(20):
        inside.send("v1/dev1/telemetry", b"%d" % number)
    assert stored(broker) == 20
    assert inside.left.empty()
    shut.set()
    wait_for(lambda: "Success" in outside.answers.queue)
    outside.send("v1/dev2/telemetry", b"at last")
    assert stored(broker) == 21


def test_a_lost_connection_of_the_door_is_made_again(
    broker: Broker, device: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the server takes it for a slow consumer."""
    broken, mended = threading.Event(), threading.Event()
    receive = Connection.receive

    def fail_once(self: Connection, timeout_s: float) -> list[object]:
        if threading.current_thread().name == "door":
            if not broken.is_set():
                broken.set()
                self.close()
                raise ConnectionResetError("test")
            mended.set()
        return list(receive(self, timeout_s))

    monkeypatch.setattr(Connection, "receive", fail_once)
    assert mended.wait(10)
    assert broker.trouble == ""
    assert device(broker.mqtt_port, "dev1", "p1").answer() == "Success"


def test_hundreds_come_back_after_the_servers_death_and_nothing_acknowledged_is_lost(
    broker: Broker, device: Connect, keeper: Doorkeeper
) -> None:
    broker.supervise()
    for i in range(300):
        rights = [f"v1/d{i}/telemetry"]
        keeper.accounts[f"d{i}"] = Account(f"d{i}", "p", rights)
    fleet = [device(broker.mqtt_port, f"d{i}", "p", client_id=f"d{i}") for i in range(300)]
    assert {one.answer() for one in fleet} == {"Success"}
    for i, one in enumerate(fleet):
        one.send(f"v1/d{i}/telemetry", b"before")
    os.kill(int((broker.folder / "pid").read_text()), signal.SIGKILL)
    for one in fleet:
        assert one.left.get(timeout=30)
    wait_for(lambda: all("Success" in one.answers.queue for one in fleet), 60)
    for i, one in enumerate(fleet):
        one.send(f"v1/d{i}/telemetry", b"after")
    assert stored(broker) == 600
    assert len(broker.connections()) == 300


def test_requests_given_up_by_the_server_are_passed_over(
    start_broker: StartBroker,
    device: Connect,
    keeper: Doorkeeper,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or a door that fell behind would only ever answer those who have gone."""
    monkeypatch.setattr("jalon.adapters.broker.config.TIMEOUT_S", 1)
    broker = start_broker()
    waiting = threading.Event()
    keeper.before = lambda _attempt: (waiting.wait(30), None)[1]
    first = device(broker.mqtt_port, "dev1", "p1")
    second = device(broker.mqtt_port, "dev2", "p2")
    assert first.answer() == second.answer() == "Not authorized"
    wait_for(lambda: second.answers.qsize() >= 2)
    asked = len(keeper.attempts)
    keeper.before = lambda _attempt: None
    waiting.set()
    assert device(broker.mqtt_port, "dev1", "p1").answer() == "Success"
    assert asked == 1
    assert door.TIMEOUT_S > 1
