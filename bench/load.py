"""The load: many devices on plain sockets, driven by one process with epoll.

Everything that is sent is rendered before the clock starts, so that what is measured is the
server and not the generator.
"""

from __future__ import annotations

import multiprocessing
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from multiprocessing.connection import Connection
from typing import Literal, Self

from bench import mqtt
from bench.signals import signals

_IDS = 65_535
_SILENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Who sends how much, where. `devices` are (id, password).

    `rate` is messages/s of all devices together, None for as many as are acknowledged. A device
    has at most `window` messages unacknowledged and sends them `burst` by burst.
    """

    host: str
    port: int
    devices: Sequence[tuple[str, str]]
    each: int
    first_ms: int
    period_ms: int = 10_000
    rate: float | None = None
    window: int = 10
    burst: int = 5
    seed: int = 1

    @property
    def total(self) -> int:
        """Messages of all devices together."""
        return self.each * len(self.devices)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the load did: messages acknowledged in `seconds`, and CPU seconds it used itself.

    `started` is `time.monotonic()` at the first publish.
    """

    acknowledged: int
    seconds: float
    cpu_s: float
    started: float

    @property
    def rate(self) -> float:
        """Messages acknowledged per second."""
        return self.acknowledged / self.seconds


class Load:
    """The generator's process. `ready` returns once all devices are connected."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(plan, theirs), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    def ready(self) -> None:
        """Wait until everything is rendered and every device is connected."""
        self._hear("ready")

    def go(self) -> None:
        """Start the clock and the messages."""
        self._pipe.send("go")

    def sent(self) -> Sent:
        """Wait until the last message is acknowledged."""
        result = self._hear("sent")
        assert isinstance(result, Sent)
        return result

    def _hear(self, wanted: Literal["ready", "sent"]) -> object:
        while not self._pipe.poll(1.0):
            if not self._process.is_alive():
                raise RuntimeError("the load generator died")
        word, value = self._pipe.recv()
        if word != wanted:
            raise RuntimeError(f"the load generator said {word}: {value}")
        return value


def _work(plan: Plan, pipe: Connection) -> None:
    try:
        generator = _Generator(plan)
        pipe.send(("ready", None))
        pipe.recv()
        pipe.send(("sent", generator.run()))
    except (OSError, ValueError, EOFError) as error:
        pipe.send(("failed", repr(error)))


class _Device:
    """One connection, and how far its messages have been sent and acknowledged."""

    def __init__(self, plan: Plan, number: int) -> None:
        name, password = plan.devices[number]
        topic = f"v1/{name}/telemetry".encode()
        reports = signals(plan.seed, number, plan.first_ms, plan.period_ms, plan.each)
        frames = [
            mqtt.publish(topic, index % _IDS + 1, payload)
            for index, payload in enumerate(reports.payloads())
        ]
        self.frames = b"".join(frames)
        self.ends = [0, *accumulate(map(len, frames))]
        self.sent = 0
        self.acknowledged_bytes = 0
        self.socket: socket.socket = mqtt.connect(plan.host, plan.port, name, password)

    @property
    def waiting(self) -> int:
        """Messages sent and not yet acknowledged."""
        return self.sent - self.acknowledged_bytes // mqtt.PUBACK_SIZE

    def send(self, count: int) -> int:
        """Send the next messages, at most `count`; how many they were."""
        last = min(self.sent + count, len(self.ends) - 1)
        if last == self.sent:
            return 0
        self.socket.sendall(self.frames[self.ends[self.sent] : self.ends[last]])
        count, self.sent = last - self.sent, last
        return count


class _Generator:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._devices = [_Device(plan, number) for number in range(len(plan.devices))]
        self._by_file = {one.socket.fileno(): one for one in self._devices}
        self._epoll = select.epoll()
        self._acknowledged = 0
        for file in self._by_file:
            self._epoll.register(file, select.EPOLLIN)

    def run(self) -> Sent:
        cpu, started = time.process_time(), time.monotonic()
        if self._plan.rate is None:
            self._as_fast_as_acknowledged()
        else:
            self._steadily(self._plan.rate, started)
        result = Sent(
            self._acknowledged,
            time.monotonic() - started,
            time.process_time() - cpu,
            started,
        )
        for device in self._devices:
            mqtt.disconnect(device.socket)
        return result

    def _as_fast_as_acknowledged(self) -> None:
        window, burst = self._plan.window, self._plan.burst
        for device in self._devices:
            device.send(window)
        while self._acknowledged < self._plan.total:
            for device in self._hear(_SILENCE_S):
                room = window - device.waiting
                if room >= burst:
                    device.send(room)

    def _steadily(self, rate: float, started: float) -> None:
        burst, total = self._plan.burst, self._plan.total
        sent, turn = 0, 0
        heard = time.monotonic()
        while self._acknowledged < total:
            now = time.monotonic()
            due = min(total, int((now - started) * rate))
            tries = len(self._devices)
            while sent < due and tries:
                device = self._devices[turn]
                turn = (turn + 1) % len(self._devices)
                tries -= 1
                if device.waiting + burst <= self._plan.window:
                    sent += device.send(burst)
            if self._hear(burst / rate if sent < total else _SILENCE_S):
                heard = now
            elif now > heard + _SILENCE_S:
                raise TimeoutError("no acknowledgement for a minute")

    def _hear(self, wait_s: float) -> list[_Device]:
        """Read what has come; the devices it came for."""
        found = []
        for file, _ in self._epoll.poll(wait_s):
            device = self._by_file[file]
            data = device.socket.recv(65_536)
            if not data:
                raise ConnectionResetError("the broker closed a device's connection")
            before = device.acknowledged_bytes // mqtt.PUBACK_SIZE
            device.acknowledged_bytes += len(data)
            self._acknowledged += device.acknowledged_bytes // mqtt.PUBACK_SIZE - before
            found.append(device)
        if not found and wait_s >= _SILENCE_S:
            raise TimeoutError("no acknowledgement for a minute")
        return found
