"""A house with alarms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alarm_house import House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Fresh for each test."""
    found = open_house(tmp_path)
    yield found
    found.registry.close()
