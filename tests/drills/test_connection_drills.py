"""Thousands of devices at the door: the broker dies, the door is shut, a certificate ends.

Each device publishes one message with QoS 1 and comes back by itself whenever it is cut off.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doorkeeper import Account, Doorkeeper, doorkeeper
from mqtt_device import Pki, now_ms
from waiting import wait_for

from bench.swarm import Member, Place, Swarm, more_files
from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings
from jalon.adapters.links.mqtt.connection import Connection
from jalon.adapters.links.mqtt.jetstream import stream_state
from jalon.run.identity import Attempt, Denied, Grant
from jalon.run.journal import Kind

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]

Gather = Callable[..., Swarm]


def members(count: int) -> list[Member]:
    return [Member(f"d{number}", f"d{number}", "word") for number in range(count)]


@pytest.fixture
def keeper() -> Doorkeeper:
    return doorkeeper(
        Account(one.user, one.password, [f"v1/{one.user}/telemetry"]) for one in members(5_000)
    )


@pytest.fixture
def broker(tmp_path: Path, keeper: Doorkeeper) -> Iterator[Broker]:
    more_files()
    broker = Broker.start(BrokerSettings(tmp_path / "broker", mqtt_port=0), keeper)
    broker.supervise()
    yield broker
    broker.stop()


@pytest.fixture
def gather() -> Iterator[Gather]:
    """A swarm of that many, all inside."""
    swarms: list[Swarm] = []

    def gathered(port: int, count: int) -> Swarm:
        swarm = Swarm(Place(port), members(count))
        swarms.append(swarm)
        swarm.start()
        wait_for(lambda: len(swarm.inside) == count, 120)
        return swarm

    yield gathered
    for swarm in swarms:
        swarm.stop()


def stored(broker: Broker) -> int:
    with Connection.open(broker.access, "drill") as connection:
        return stream_state(connection).messages


def kill(broker: Broker) -> None:
    os.kill(int((broker.folder / "pid").read_text()), signal.SIGKILL)


@pytest.mark.parametrize("count", [2_000, 5_000])
def test_all_come_back_after_the_brokers_death_and_nothing_is_lost(
    broker: Broker, gather: Gather, count: int
) -> None:
    swarm = gather(broker.mqtt_port, count)
    kill(broker)
    swarm.publish()
    wait_for(lambda: broker.restarts == 1)
    wait_for(lambda: swarm.acknowledged == count, 120)
    wait_for(lambda: len(swarm.inside) == count, 120)
    print(f"{count} devices back; {swarm.refusals} refusals on the way")
    assert stored(broker) >= count
    assert len(broker.connections()) == count


def test_a_door_that_is_shut_for_seconds_lets_nobody_in_and_puts_nobody_out(
    broker: Broker, gather: Gather, keeper: Doorkeeper
) -> None:
    inside = gather(broker.mqtt_port, 1_000)
    open_again = threading.Event()
    keeper.before = lambda _attempt: (open_again.wait(60), None)[1]
    outside = Swarm(Place(broker.mqtt_port), members(2_000)[1_000:])
    outside.start()
    try:
        wait_for(lambda: outside.refusals > 100)  # the server waits five seconds for an answer
        assert not outside.inside
        inside.publish()
        wait_for(lambda: inside.acknowledged == 1_000)
        assert len(inside.inside) == inside.connects == 1_000
        open_again.set()
        wait_for(lambda: len(outside.inside) == 1_000, 120)
        outside.publish()
        wait_for(lambda: outside.acknowledged == 1_000, 60)
    finally:
        open_again.set()
        outside.stop()
    assert stored(broker) == 2_000


def test_with_the_certificate_the_stay_ends_and_with_a_new_one_it_goes_on(
    tmp_path: Path,
) -> None:
    pki = Pki.make(tmp_path)
    trust = pki.trust

    def decide(attempt: Attempt) -> Grant | Denied:
        found = trust.identify(attempt.certificate or b"")
        if found is None:
            return Denied(Kind.UNTRUSTED_CERTIFICATE)
        shown, _ = found
        return Grant(shown.subject, (f"v1/{shown.subject}/#",), (), shown.not_after_ms)

    settings = BrokerSettings(tmp_path / "broker", mqtt_port=0, tls=pki.tls, certificate_port=0)
    broker = Broker.start(settings, decide)
    place = Place(broker.ports.certificates or 0, Path(pki.ca))

    def swarm(name: str, seconds: float) -> Swarm:
        issued = pki.authority.issue_device("pump", days=seconds / 86_400)
        certificate, key = (Path(one) for one in pki.files(name, issued))
        made = Swarm(place, [Member(name, files=(certificate, key))])
        made.start()
        return made

    brief = swarm("brief", 6)
    try:
        wait_for(lambda: brief.connects == 1)
        began = now_ms()
        wait_for(lambda: not brief.inside)
        assert now_ms() - began < 10_000
        connects = brief.connects
        renewed = swarm("renewed", 3_600)
        wait_for(lambda: renewed.connects == 1)
        assert brief.connects == connects
        assert not brief.inside
        renewed.stop()
    finally:
        brief.stop()
        broker.stop()
