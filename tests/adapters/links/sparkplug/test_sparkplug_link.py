"""A real Mosquitto and a real edge node: births, data, deaths, restarts of everybody."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mosquittos import Mosquitto
from pydantic import ValidationError
from roads import Served
from sparkplug_nodes import EdgeNode
from waiting import wait_for

from jalon.adapters.links.sparkplug.link import Settings, make
from jalon.adapters.pki.authority import Authority
from jalon.run.fleet import Device
from jalon.run.links import Member
from jalon.run.things import ThingModel
from jalon.vocab.errors import UsageError

TOPIC = "v1/oven/telemetry"
Serve = Callable[..., Served]
Node = Callable[..., EdgeNode]


def member(address: str | None = "plant/press/oven", name: str = "oven") -> Member:
    thing = ThingModel.model_validate(
        {
            "@context": "https://www.w3.org/2022/wot/td/v1.1",
            "@type": "tm:ThingModel",
            "title": "Oven",
            "properties": {
                "temperature": {"type": "number", "forms": [{"href": "Inputs/Temperature"}]},
                "setpoint": {"type": "number", "writeOnly": True},
            },
        }
    )
    device = Device(id=name, name="Oven", thing="oven", site="hall", link="line", address=address)
    return Member(device, thing)


def settings_of(port: int, **more: object) -> Settings:
    known = {"id": "line", "kind": "sparkplug", "host": "127.0.0.1", "port": port}
    return Settings.model_validate(known | more)


@pytest.fixture
def serve(mosquitto: Mosquitto) -> Iterator[Serve]:
    """Serve a link to that broker; it is stopped at the end."""
    started: list[Served] = []

    def start(**more: object) -> Served:
        link = make(settings_of(mosquitto.port, **more), [member()])
        started.append(Served(link, {"line": "s3cret"}).start())
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def node(mosquitto: Mosquitto) -> Iterator[Node]:
    """A node on that broker."""
    started: list[EdgeNode] = []

    def start(**more: object) -> EdgeNode:
        started.append(EdgeNode(mosquitto.port, **more))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for one in started:
        one.close()


def temperatures(served: Served) -> list[object]:
    return [said["temperature"] for said in served.road.said(TOPIC)]


def test_births_and_data_reach_the_road(serve: Serve, node: Node) -> None:
    served = serve()
    wait_for(lambda: bool(served.ups))
    edge = node()
    wait_for(lambda: temperatures(served) == [20.0])
    edge.report(21.5)
    wait_for(lambda: temperatures(served) == [20.0, 21.5])
    assert all(isinstance(said["ts"], int) for said in served.road.said(TOPIC))
    assert served.ups[0].endswith(", plant")
    assert served.notes == []


def test_a_host_that_comes_later_asks_for_a_birth(serve: Serve, node: Node) -> None:
    edge = node()
    served = serve()
    wait_for(lambda: temperatures(served) == [20.0])
    assert edge.rebirths == 1
    edge.report(22.0)
    wait_for(lambda: temperatures(served) == [20.0, 22.0])


def test_a_restarted_host_asks_again(serve: Serve, node: Node) -> None:
    edge = node()
    first = serve()
    wait_for(lambda: temperatures(first) == [20.0])
    first.close()
    edge.report(23.0)
    second = serve()
    wait_for(lambda: temperatures(second) == [23.0])
    assert edge.rebirths == 2


def test_a_lost_message_is_noticed_and_mended(serve: Serve, node: Node) -> None:
    edge = node()
    served = serve()
    wait_for(lambda: edge.rebirths == 1 and temperatures(served) == [20.0])
    edge.report(24.0, skipped=2)
    wait_for(lambda: bool(served.notes))
    assert "was not heard for a while" in served.notes[0]

    def mended() -> bool:
        edge.report(25.0)
        return 25.0 in temperatures(served)

    wait_for(mended)  # not sooner than a node may be asked again
    assert edge.rebirths == 2


def test_a_node_that_loses_its_connection_is_gone(serve: Serve, node: Node) -> None:
    served = serve()
    wait_for(lambda: bool(served.ups))
    edge = node()
    wait_for(lambda: temperatures(served) == [20.0])
    edge.vanish()
    wait_for(lambda: bool(served.notes))
    assert served.notes == ["plant/press is gone, and with it: oven."]
    node(birth_number=2)
    wait_for(lambda: len(served.notes) == 2)
    assert served.notes[1] == "plant/press is back."
    wait_for(lambda: temperatures(served) == [20.0, 20.0])


def test_the_broker_may_go_and_come_back(mosquitto: Mosquitto, serve: Serve, node: Node) -> None:
    served = serve()
    wait_for(lambda: bool(served.ups))
    edge = node()
    wait_for(lambda: temperatures(served) == [20.0])
    mosquitto.kill()
    wait_for(lambda: bool(served.ends))
    assert "closed the connection" in served.ends[0]
    mosquitto.start()
    wait_for(lambda: len(served.ups) == 2)
    wait_for(lambda: len(temperatures(served)) > 1)
    assert edge.births > 1


def test_nodes_that_wait_for_their_host_are_told(serve: Serve, node: Node) -> None:
    edge = node(host_id="jalon")
    served = serve(host_id="jalon")
    wait_for(lambda: edge.host_says == [True])
    served.close()
    wait_for(lambda: edge.host_says == [True, False])


def test_an_old_will_does_not_stand(serve: Serve, node: Node) -> None:
    edge = node(host_id="jalon")
    served = serve(host_id="jalon")
    wait_for(lambda: bool(served.ups) and edge.host_says == [True])
    edge.client.publish("spBv1.0/STATE/jalon", b'{"online":false,"timestamp":1}', 1, True)
    wait_for(lambda: edge.host_says == [True, False, True])


def test_while_the_road_is_closed_values_wait(serve: Serve, node: Node) -> None:
    edge = node()
    served = serve()
    wait_for(lambda: temperatures(served) == [20.0])
    served.road.closed = True
    edge.report(26.0)
    wait_for(lambda: bool(served.notes))
    served.road.closed = False
    wait_for(lambda: temperatures(served) == [20.0, 26.0])


def test_a_broker_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir()
    broker = Mosquitto(tmp_path / "locked", "allow_anonymous false").start()
    served = Served(make(settings_of(broker.port), [member()])).start()
    try:
        wait_for(lambda: bool(served.ends))
        assert "refuses the connection" in served.ends[0]
    finally:
        served.close()
        broker.stop()


def test_a_broker_that_is_not_there_is_told(mosquitto: Mosquitto, serve: Serve) -> None:
    mosquitto.stop()
    served = serve()
    wait_for(lambda: bool(served.ends))
    assert served.ends[0].startswith("No MQTT broker answers at 127.0.0.1:")


def test_a_secret_that_is_not_set_is_told(serve: Serve) -> None:
    served = serve(user="jalon", password="other")
    wait_for(lambda: bool(served.ends))
    assert served.ends[0] == "The secret “other” has not been set."


def test_a_certificate_that_cannot_be_read_is_told(serve: Serve) -> None:
    served = serve(tls={"ca": "/nowhere/ca.pem"})
    wait_for(lambda: bool(served.ends))
    assert "/nowhere/ca.pem" in served.ends[0]


def test_an_encrypted_broker_is_trusted_by_its_authority_and_knows_us(tmp_path: Path) -> None:
    authorities = [
        Authority.open(tmp_path / name, name, lambda: time.time_ns() // 1_000_000)
        for name in ("plant", "other")
    ]
    files = authorities[0].server(["127.0.0.1"])
    passwords = str(tmp_path / "passwords")
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "jalon", "s3cret"], check=True)
    broker = Mosquitto(
        tmp_path,
        f"cafile {tmp_path}/plant/ca.pem",
        f"certfile {files.certificate}",
        f"keyfile {files.key}",
        "allow_anonymous false",
        f"password_file {passwords}",
    ).start()
    known = {"user": "jalon", "password": "line"}
    trusting, doubting = (
        Served(
            make(settings_of(broker.port, tls={"ca": f"{tmp_path}/{name}/ca.pem"}, **known), []),
            {"line": "s3cret"},
        ).start()
        for name in ("plant", "other")
    )
    try:
        wait_for(lambda: bool(trusting.ups))
        wait_for(lambda: bool(doubting.ends))
        assert "No secure connection" in doubting.ends[0]
        assert doubting.ups == []
    finally:
        trusting.close()
        doubting.close()
        broker.stop()


@pytest.mark.parametrize("address", [None, "plant", "plant/press/oven/door", "plant/+", "a//b"])
def test_an_address_that_is_none_is_refused(address: str | None) -> None:
    with pytest.raises(UsageError, match="oven needs an address"):
        make(settings_of(1883), [member(address)])


def test_two_devices_cannot_have_one_address() -> None:
    with pytest.raises(UsageError, match="bakery and oven have the same address"):
        make(settings_of(1883), [member(), member(name="bakery")])


def test_a_device_of_a_group_that_is_not_listened_to_is_refused() -> None:
    with pytest.raises(UsageError, match="does not listen to"):
        make(settings_of(1883, groups=["yard"]), [member()])


@pytest.mark.parametrize(
    "more",
    [
        {"host": "broker.plant.example"},
        {"password": "line"},
        {"tls": {"certificate": "/etc/ssl/a.pem"}},
        {"tls": {"ca": "ca.pem"}},
        {"groups": ["a/b"]},
        {"host_id": "#"},
    ],
)
def test_unsafe_settings_are_refused(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings_of(1883, **more)
