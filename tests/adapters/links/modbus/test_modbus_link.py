"""The link with real Modbus servers, over TCP and on a serial line."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from modbus_peers import Peers, holding, listening_port, member, meter, serial, tcp
from pydantic import ValidationError
from pymodbus import FramerType
from pymodbus.server import ModbusTcpServer
from roads import Served
from waiting import wait_for

from jalon.adapters.links.modbus.link import Settings, make
from jalon.run.links import Member
from jalon.vocab.errors import UsageError

Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a link with these members; keywords are settings."""
    running: list[Served] = []

    def serve(members: list[Member], **settings: Any) -> Served:
        values = {"id": "plant", "poll_s": 0.05, "timeout_s": 0.3, **settings}
        served = Served(make(Settings.model_validate(values), members)).start()
        running.append(served)
        return served

    yield serve
    for one in running:
        one.close()


def over_tcp(port: int) -> dict[str, object]:
    """The settings of a link to a server here."""
    return {"kind": "modbus-tcp", "host": "127.0.0.1", "port": port}


FLOAT = list(struct.unpack(">HH", struct.pack(">f", 21.5)))


def test_values_of_several_units_flow_under_their_devices(peers: Peers, serve: Serve) -> None:
    coils = [False, True] + [False] * 14
    _, port = tcp(peers, [meter(1, [*FLOAT, 7], coils), meter(2, [0, 0, 65535])])
    first: dict[str, dict[str, object]] = {
        "temperature": holding("0", **{"modv:type": "xsd:float"}),
        "state": holding("2"),
        "open": {"href": "2", "modv:entity": "Coil"},
    }
    served = serve(
        [
            member("m1", "1", first),
            member("m2", "2", {"level": holding("2", **{"modv:type": "xsd:short"})}),
        ],
        **over_tcp(port),
    )

    wait_for(lambda: len(served.road.said("v1/m1/telemetry")) >= 3)
    wait_for(lambda: len(served.road.said("v1/m2/telemetry")) >= 3)
    said = served.road.said("v1/m1/telemetry")
    assert [{k: v for k, v in one.items() if k != "ts"} for one in said[:3]] == [
        {"temperature": 21.5, "state": 7, "open": True}
    ] * 3
    assert served.road.said("v1/m2/telemetry")[0]["level"] == -1
    times = [int(str(one["ts"])) for one in said]
    assert times == sorted(times)
    assert served.ups == [f"127.0.0.1:{port}"]
    assert served.notes == []


def test_a_register_the_device_does_not_have_is_told_and_the_others_go_on(
    peers: Peers, serve: Serve
) -> None:
    _, port = tcp(peers, [meter(1, [10, 11, 12, 13])])
    forms = {f"p{i}": holding(str(i)) for i in range(6)}
    served = serve([member("m1", "1", forms)], **over_tcp(port))

    wait_for(lambda: any(one.get("p3") for one in served.road.said("v1/m1/telemetry")))
    wait_for(lambda: len(served.notes) == 2)
    last = served.road.said("v1/m1/telemetry")[-1]
    assert {k: v for k, v in last.items() if k != "ts"} == {"p0": 10, "p1": 11, "p2": 12, "p3": 13}
    assert served.notes == [
        "m1 does not have p4 (HoldingRegister 4): left out.",
        "m1 does not have p5 (HoldingRegister 5): left out.",
    ]


def test_a_dead_unit_does_not_silence_the_others_and_comes_back(
    peers: Peers, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server, port = tcp(peers, [meter(1, [5])])
    members = [
        member("alive", "1", {"x": holding("0")}),
        member("dead", "9", {"x": holding("0")}),
    ]
    served = serve(members, **over_tcp(port), timeout_s=0.1, retries=0)

    wait_for(lambda: "Unit 9 does not answer." in served.notes)
    before = len(served.road.said("v1/alive/telemetry"))
    wait_for(lambda: len(served.road.said("v1/alive/telemetry")) > before + 10)
    assert served.ends == []

    peers.stop(server)
    tcp(peers, [meter(1, [5]), meter(9, [6])], port)
    wait_for(lambda: len(served.road.said("v1/dead/telemetry")) >= 2)
    assert caplog.records == [], "the library speaks to the terminal"


def test_when_nobody_answers_the_link_is_down(peers: Peers, serve: Serve) -> None:
    _, port = tcp(peers, [meter(1, [5])])
    served = serve(
        [member("dead", "9", {"x": holding("0")})], **over_tcp(port), timeout_s=0.05, retries=0
    )
    wait_for(lambda: any(one.startswith("No unit answers at 127.0.0.1:") for one in served.ends))


def test_the_link_comes_back_after_the_device_restarted(peers: Peers, serve: Serve) -> None:
    server, port = tcp(peers, [meter(1, [1])])
    served = serve([member("m1", "1", {"x": holding("0")})], **over_tcp(port))
    wait_for(lambda: bool(served.road.said("v1/m1/telemetry")))

    peers.stop(server)
    wait_for(lambda: bool(served.ends))
    tcp(peers, [meter(1, [2])], port)
    wait_for(lambda: {"x": 2}.items() <= served.road.said("v1/m1/telemetry")[-1].items())
    assert len(served.ups) >= 2


def test_what_was_read_while_the_road_was_closed_arrives_later_in_order(
    peers: Peers, serve: Serve
) -> None:
    _, port = tcp(peers, [meter(1, [1])])
    served = serve([member("m1", "1", {"x": holding("0")})], **over_tcp(port))
    wait_for(lambda: bool(served.road.said("v1/m1/telemetry")))

    served.road.closed = True
    wait_for(lambda: any("Values wait" in one for one in served.notes))
    served.road.closed = False
    count = len(served.road.messages)
    wait_for(lambda: len(served.road.messages) > count + 5)
    times = [int(str(one["ts"])) for one in served.road.said("v1/m1/telemetry")]
    assert times == sorted(times)


def test_serial_frames_through_a_tcp_converter(peers: Peers, serve: Serve) -> None:
    server = peers.start(
        lambda: ModbusTcpServer([meter(3, [42])], address=("127.0.0.1", 0), framer=FramerType.RTU)
    )
    port = listening_port(server)
    served = serve([member("m3", "3", {"x": holding("0")})], **over_tcp(port), framing="rtu")
    wait_for(lambda: {"x": 42}.items() <= (served.road.said("v1/m3/telemetry") or [{}])[0].items())


def test_two_units_on_a_serial_line(peers: Peers, serve: Serve, line: tuple[str, str]) -> None:
    serial(peers, [meter(1, FLOAT), meter(2, [8])], line[0])
    served = serve(
        [
            member("m1", "1", {"t": holding("0", **{"modv:type": "xsd:float"})}),
            member("m2", "2", {"x": holding("0")}),
            member("m9", "9", {"x": holding("0")}),
        ],
        kind="modbus-rtu",
        serial_port=line[1],
        parity="none",
        retries=0,
        timeout_s=0.2,
    )

    wait_for(lambda: len(served.road.said("v1/m1/telemetry")) >= 5)
    wait_for(lambda: len(served.road.said("v1/m2/telemetry")) >= 5)
    assert served.road.said("v1/m1/telemetry")[0]["t"] == 21.5
    assert served.road.said("v1/m2/telemetry")[0]["x"] == 8
    assert served.notes[:1] == ["Unit 9 does not answer."]


def test_a_line_that_is_not_there_is_told(serve: Serve) -> None:
    served = serve(
        [member("m1", "1", {"x": holding("0")})], kind="modbus-rtu", serial_port="/dev/tty-none"
    )
    wait_for(lambda: "/dev/tty-none: No such file or directory" in served.ends)


def test_a_host_that_refuses_is_told(serve: Serve) -> None:
    served = serve([member("m1", "1", {"x": holding("0")})], **over_tcp(1))
    wait_for(lambda: bool(served.ends))
    assert served.ends[0].startswith("127.0.0.1:1: ")
    assert "refused" in served.ends[0]


def test_a_link_without_devices_stands_and_stops(peers: Peers, serve: Serve) -> None:
    _, port = tcp(peers, [meter(1, [1])])
    served = serve([], **over_tcp(port))
    wait_for(lambda: served.ups == [f"127.0.0.1:{port}"])
    served.close()
    assert served.ends == []


def test_a_link_that_waits_for_an_answer_stops_at_once(peers: Peers) -> None:
    _, port = tcp(peers, [meter(1, [1])])
    settings = Settings.model_validate({"id": "p", **over_tcp(port), "timeout_s": 60})
    served = Served(make(settings, [member("dead", "9", {"x": holding("0")})])).start()
    wait_for(lambda: bool(served.ups))
    served.close()


def test_a_device_that_cannot_be_read_is_refused_at_once() -> None:
    settings = Settings(id="plant", kind="modbus-tcp", host="127.0.0.1")
    with pytest.raises(UsageError, match="A Modbus device needs its unit"):
        make(settings, [member("m1", "plc", {"x": holding("0")})])
    with pytest.raises(UsageError, match="m1 cannot be read over Modbus: x: "):
        make(settings, [member("m1", "1", {"x": holding("there")})])
    with pytest.raises(UsageError, match="m1 has no property with a Modbus form"):
        make(settings, [member("m1", "1", {"x": {"href": "ns=2;s=x"}})])


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"kind": "modbus-tcp"}, "needs `host`"),
        ({"kind": "modbus-rtu"}, "needs `serial_port`"),
        ({"kind": "modbus-tcp", "host": "x", "parity": "odd"}, "`parity` is not for"),
        ({"kind": "modbus-rtu", "serial_port": "x", "port": 1}, "`port` is not for"),
    ],
)
def test_settings_belong_to_their_kind(settings: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Settings.model_validate({"id": "plant", **settings})


def test_a_serial_line_is_quiet_between_requests() -> None:
    slow = Settings(id="p", kind="modbus-rtu", serial_port="x", baud_rate=9600)
    fast = Settings(id="p", kind="modbus-rtu", serial_port="x", baud_rate=115200)
    assert slow.quiet_s == pytest.approx(3.5 * 11 / 9600)
    assert fast.quiet_s == 0.00175
