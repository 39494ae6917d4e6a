"""What the tests of integrations share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from export_office import ExportOffice, export_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ExportOffice]:
    """A school whose integrations are to be written."""
    with export_office(tmp_path / "school") as open_office:
        yield open_office
