"""Devices that remember what was acknowledged, and send again what was not, as good ones do."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench import mqtt
from bench.site import wait_for
from bench.stored import Rows

_RETRY_S = 0.05
_PATIENCE_S = 5.0
_IDS = 65_535
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of a device's report number n: `first_ms + n * step_ms`."""

    first_ms: int
    step_ms: int


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports number `numbers` of device number `device`, whose values say which they are."""

    device: int
    name: str
    clock: Clock
    numbers: Ints

    def rows(self) -> Rows:
        """The rows they make in the store."""
        count = len(self.numbers)
        times = self.clock.first_ms + self.numbers * self.clock.step_ms
        return {
            "device": np.array([self.name] * 2 * count, dtype=object),
            "property": np.array(["co2"] * count + ["temperature"] * count, dtype=object),
            "time_ms": np.concatenate([times, times]),
            "number": np.concatenate([self._co2(), self._temperature()]),
        }

    def payloads(self) -> list[bytes]:
        """What is sent."""
        times = self.clock.first_ms + self.numbers * self.clock.step_ms
        return [
            json.dumps({"ts": ts, "co2": co2, "temperature": temperature}).encode()
            for ts, co2, temperature in zip(
                times.tolist(), self._co2().tolist(), self._temperature().tolist(), strict=True
            )
        ]

    def _co2(self) -> NDArray[np.float64]:
        return np.asarray(400.0 + (self.numbers + 37 * self.device) % 9_000)

    def _temperature(self) -> NDArray[np.float64]:
        return np.asarray(((self.numbers * 7 + self.device) % 1_200 - 350) / 10)


class CarefulDevice:
    """One device in a thread of its own. Sends as fast as `window` unacknowledged messages allow.

    After a lost connection it comes back and first sends again, with the same times, what was not
    acknowledged.
    """

    def __init__(
        self, number: int, account: tuple[str, str], address: tuple[str, int], clock: Clock
    ) -> None:
        self._number = number
        self._name, self._password = account
        self._address = address
        self._clock = clock
        self._window = 20
        self._stop = threading.Event()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._next = 0
        self._pending: dict[int, int] = {}
        self.acknowledged: list[int] = []
        self.connections = 0

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def enough(self) -> None:
        """Send nothing new; only what waits for its acknowledgement."""
        self._enough.set()

    def stop(self) -> None:
        """End, whatever still waits."""
        self._stop.set()
        self._thread.join(2 * _PATIENCE_S)

    @property
    def done(self) -> bool:
        """Whether everything sent was acknowledged."""
        return self._enough.is_set() and len(self.acknowledged) == self._next

    def reports(self, *, acknowledged: bool) -> Reports:
        """What was acknowledged, or everything sent at least once."""
        numbers = self.acknowledged if acknowledged else range(self._next)
        return Reports(
            self._number, self._name, self._clock, np.array(list(numbers), dtype=np.int64)
        )

    def last_time_ms(self) -> int:
        """The time of the newest report sent."""
        return self._clock.first_ms + (self._next - 1) * self._clock.step_ms

    def _run(self) -> None:
        while not self._stop.is_set() and not self.done:
            try:
                sock = mqtt.connect(*self._address, self._name, self._password, _PATIENCE_S)
                self.connections += 1
                with sock:
                    self._talk(sock)
            except (OSError, ValueError):
                self._stop.wait(_RETRY_S)

    def _talk(self, sock: socket.socket) -> None:
        sock.sendall(self._frames(sorted(self._pending.values()), again=True))
        rest = b""
        while not self._stop.is_set():
            if not self._enough.is_set():
                room = self._window - len(self._pending)
                fresh = list(range(self._next, self._next + room))
                self._next += room
                self._pending |= {n % _IDS + 1: n for n in fresh}
                sock.sendall(self._frames(fresh, again=False))
            if not self._pending:
                return
            data = sock.recv(65_536)
            if not data:
                raise ConnectionResetError("the broker closed the connection")
            data = rest + data
            whole = len(data) - len(data) % mqtt.PUBACK_SIZE
            rest = data[whole:]
            self.acknowledged += [self._pending.pop(one) for one in mqtt.acknowledged(data[:whole])]

    def _frames(self, numbers: Sequence[int], *, again: bool) -> bytes:
        topic = f"v1/{self._name}/telemetry".encode()
        reports = Reports(self._number, self._name, self._clock, np.array(numbers, dtype=np.int64))
        return b"".join(
            mqtt.publish(topic, number % _IDS + 1, payload, again=again)
            for number, payload in zip(numbers, reports.payloads(), strict=True)
        )


class CarefulFleet:
    """Several careful devices together. `latest_ms(name)` tells the newest time stored."""

    def __init__(
        self, accounts: Sequence[tuple[str, str]], address: tuple[str, int], clock: Clock
    ) -> None:
        self.devices = [
            CarefulDevice(number, account, address, clock)
            for number, account in enumerate(accounts)
        ]
        self._names = [name for name, _ in accounts]

    def start(self) -> None:
        """All begin."""
        for device in self.devices:
            device.start()

    def stop(self) -> None:
        """All end."""
        for device in self.devices:
            device.stop()

    @property
    def acknowledged(self) -> int:
        """Messages acknowledged so far."""
        return sum(len(device.acknowledged) for device in self.devices)

    def wait_acknowledged(self, more: int, timeout_s: float) -> None:
        """Wait until that many more messages are acknowledged. Raises TimeoutError."""
        wanted = self.acknowledged + more
        wait_for(lambda: self.acknowledged >= wanted, timeout_s, f"{more} PUBACKs", 0.005)

    def finish(self, latest_ms: Callable[[str], int], timeout_s: float) -> None:
        """Wait until all that was sent is acknowledged, and the newest of each device stored.

        Raises TimeoutError.
        """
        for device in self.devices:
            device.enough()
        wait_for(lambda: all(one.done for one in self.devices), timeout_s, "the last PUBACKs")
        for name, device in zip(self._names, self.devices, strict=True):
            newest = device.last_time_ms()
            wait_for(lambda: latest_ms(name) >= newest, timeout_s, f"{name} to be stored")  # noqa: B023

    def rows(self, *, acknowledged: bool) -> Rows:
        """Rows of every device: acknowledged ones, or all that were ever sent."""
        parts = [one.reports(acknowledged=acknowledged).rows() for one in self.devices]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
