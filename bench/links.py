"""How fast links carry: another MQTT broker into ours, and CoAP requests stored and answered."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import aiocoap
import paho.mqtt.client as paho
from aiocoap.optiontypes import OpaqueOption
from paho.mqtt.enums import CallbackAPIVersion

from bench import peers
from bench.report import Figure, Tell, median
from bench.site import wait_for
from jalon.adapters.broker.server import Broker
from jalon.adapters.broker.settings import BrokerSettings
from jalon.adapters.links.coap import link as coap
from jalon.adapters.links.coap.server import SECRET_OPTION
from jalon.adapters.links.mqtt.road import StreamRoad
from jalon.adapters.links.mqtt_broker import link as mqtt
from jalon.run.identity import Attempt, Grant
from jalon.run.journal import Kind, Note
from jalon.run.links import Host, Link

PART = "links"
_PAYLOAD = b'{"temperature":21.5,"humidity":40}'
_TOPICS = 500
_AT_ONCE = 32
_READER, _WRITER = ("links", "for-this-bench"), ("writer", "for-this-bench")


class _NoJournal:
    def note(self, kind: Kind, device: str | None = None, **_more: str) -> None:
        """Nothing is refused here."""

    def read(self, *_wanted: object, **_more: object) -> list[Note]:
        """Nothing."""
        return []


def run(work: Path, messages: int, requests: int, rounds: int, tell: Tell) -> list[Figure]:
    """Both ways, `rounds` times."""
    figures: list[Figure] = []
    program = peers.mosquitto()
    if program is not None:
        tell(f"{PART}: {messages} messages of a Mosquitto")
        rates = [_mqtt(work / f"mqtt-{index}", program, messages) for index in range(rounds)]
        note = "QoS 1, acknowledged once stored"
        figures.append(median(PART, "MQTT broker to our stream", rates, "msg/s", note=note))
    tell(f"{PART}: {requests} CoAP requests")
    rates = [_coap(work / f"coap-{index}", requests) for index in range(rounds)]
    note = f"one client, {_AT_ONCE} at once, answered once stored"
    figures.append(median(PART, "CoAP POST", rates, "msg/s", note=note))
    return figures


class _Counted:
    """A road that counts what is stored; `standing` is set once the link stands."""

    def __init__(self, road: StreamRoad) -> None:
        self._road = road
        self.standing = threading.Event()
        self.stored = 0

    def submit(self, messages: Sequence[tuple[str, bytes]], timeout_s: float = 10.0) -> None:
        """Store and count."""
        self._road.submit(messages, timeout_s)
        self.stored += len(messages)


@contextlib.contextmanager
def _served(folder: Path, link: Link) -> Iterator[_Counted]:
    """The link carrying to a broker of ours."""
    folder.mkdir(parents=True)
    broker = Broker.start(BrokerSettings(folder / "broker", mqtt_port=0), _everybody)
    road = StreamRoad(lambda: broker.access)
    road.start()
    counted, stop = _Counted(road), threading.Event()
    host = Host(
        road=counted,
        stop=stop,
        up=lambda _detail: counted.standing.set(),
        note=lambda _text: None,
        secret={"word": _READER[1]}.get,
        now_ms=lambda: time.time_ns() // 1_000_000,
        decide=_everybody,
        journal=_NoJournal(),
    )
    thread = threading.Thread(target=link.serve, args=(host,))
    thread.start()
    try:
        yield counted
    finally:
        stop.set()
        thread.join(10)
        road.close()
        broker.stop()


def _everybody(attempt: Attempt) -> Grant:
    return Grant(attempt.user)


def _mqtt(folder: Path, program: str, messages: int) -> float:
    """Messages a second of what waits in a Mosquitto for a link that was away."""
    folder.mkdir()
    with peers.mosquitto_alone(folder, program, [_READER, _WRITER]) as (port, _process):
        known = {"id": "plant", "kind": "mqtt", "host": "127.0.0.1", "port": port, "topics": ["#"]}
        settings = mqtt.Settings.model_validate(
            known | {"user": _READER[0], "password": "word", "share": "jalon"}
        )
        link = mqtt.make(settings, [])
        with _served(folder / "first", link) as first:  # so that there is a session
            assert first.standing.wait(20)
        done = threading.Event()
        left = messages
        writer = paho.Client(CallbackAPIVersion.VERSION2)
        writer.username_pw_set(*_WRITER)

        def count(*_details: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                done.set()

        writer.on_publish = count
        writer.connect("127.0.0.1", port)
        writer.loop_start()
        for number in range(messages):
            writer.publish(f"site/{number % _TOPICS}/state", _PAYLOAD, 1)
        assert done.wait(120)
        writer.loop_stop()
        with _served(folder / "second", link) as second:
            wait_for(lambda: second.stored > 0, 20, "the link")
            before, started = second.stored, time.perf_counter()
            wait_for(lambda: second.stored >= messages, 120, "the link")
            return (messages - before) / (time.perf_counter() - started)


def _coap(folder: Path, requests: int) -> float:
    """Requests a second of a client in a process of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = coap.Settings.model_validate({"id": "coap", "kind": "coap", "port": port})
    with _served(folder, coap.make(settings, [])) as served:
        assert served.standing.wait(20)
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            return pool.apply(_ask_all, (port, requests))


def _ask_all(port: int, requests: int) -> float:
    return asyncio.run(_ask(port, requests))


async def _ask(port: int, requests: int) -> float:
    client = await aiocoap.Context.create_client_context(transports=["udp6"])
    uri = f"coap://127.0.0.1:{port}/v1/probe/telemetry"
    numbers = iter(range(requests))

    async def some() -> None:
        for _ in numbers:
            request: Any = aiocoap.Message(code=aiocoap.POST, uri=uri, payload=_PAYLOAD)
            request.opt.add_option(OpaqueOption(SECRET_OPTION, b"any"))
            answer = await client.request(request).response
            assert answer.code.is_successful(), answer

    started = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(_AT_ONCE)))
    rate = requests / (time.perf_counter() - started)
    await client.shutdown()
    return rate
