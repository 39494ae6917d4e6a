"""Real Modbus devices over TCP, and a serial line."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator

import pytest
from modbus_peers import Peers


@pytest.fixture
def peers() -> Iterator[Peers]:
    """Where servers run."""
    running = Peers()
    yield running
    running.close()


@pytest.fixture
def line() -> Iterator[tuple[str, str]]:
    """Both ends of a serial line, as device files."""
    ends = [os.openpty(), os.openpty()]
    names = (os.ttyname(ends[0][1]), os.ttyname(ends[1][1]))
    masters = (ends[0][0], ends[1][0])
    ending = threading.Event()

    def carry() -> None:
        while not ending.is_set():
            ready, _, _ = select.select(masters, [], [], 0.05)
            for one in ready:
                os.write(masters[1 - masters.index(one)], os.read(one, 512))

    carrier = threading.Thread(target=carry, daemon=True)
    carrier.start()
    yield names
    ending.set()
    carrier.join(5)
    for master, slave in ends:
        os.close(master)
        os.close(slave)
