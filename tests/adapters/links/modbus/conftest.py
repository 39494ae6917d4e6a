"""Real Modbus devices over TCP, and a serial line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from modbus_peers import Peers, serial_line


@pytest.fixture
def peers() -> Iterator[Peers]:
    """Where servers run."""
    running = Peers()
    yield running
    running.close()


@pytest.fixture
def line() -> Iterator[tuple[str, str]]:
    """Both ends of a serial line, as device files."""
    with serial_line() as ends:
        yield ends
