"""Resident memory and CPU of a running solution, looked at ten times a second."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import psutil

from bench.site import Site

MB = 1_000_000


class Watch:
    """While the context lasts: the most memory Jalon and its broker held, in MB."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.jalon_mb = 0.0
        self.broker_mb = 0.0
        self.jalon_cpu_s = 0.0
        self.broker_cpu_s = 0.0

    def __enter__(self) -> Self:
        self._before = self._cpu()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        jalon, broker = self._cpu()
        self.jalon_cpu_s = jalon - self._before[0]
        self.broker_cpu_s = broker - self._before[1]

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            jalon, broker = self._processes()
            self.jalon_mb = max(self.jalon_mb, _resident_mb(jalon))
            self.broker_mb = max(self.broker_mb, _resident_mb(broker))

    def _processes(self) -> tuple[psutil.Process, psutil.Process | None]:
        return psutil.Process(self._site.process.pid), self._site.broker()

    def _cpu(self) -> tuple[float, float]:
        found = [one.cpu_times() if one else None for one in self._processes()]
        jalon, broker = (one.user + one.system if one else 0.0 for one in found)
        return jalon, broker


def _resident_mb(process: psutil.Process | None) -> float:
    try:
        return process.memory_info().rss / MB if process else 0.0
    except psutil.NoSuchProcess:
        return 0.0
