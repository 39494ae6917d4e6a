"""A real Mosquitto with persistence, and a client that publishes to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mosquittos import Mosquitto, Publisher


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A Mosquitto that lets everybody in."""
    broker = Mosquitto(tmp_path).start()
    yield broker
    broker.stop()


@pytest.fixture
def publisher(mosquitto: Mosquitto) -> Iterator[Publisher]:
    """A client of that Mosquitto."""
    client = Publisher(mosquitto.port)
    yield client
    client.close()
