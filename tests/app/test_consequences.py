"""What a batch means beside its values, when that cannot be done."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from notebook import Notebook
from waiting import wait_for

from jalon.adapters.links.lorawan.codec import Join
from jalon.app.consequences import Consequences
from jalon.run.batch import RawBatch
from jalon.run.intake import Decoded, Heard
from jalon.run.journal import Kind
from jalon.vocab.errors import StoreError
from jalon.vocab.text import Text


class Full:
    """A waiting room whose disk is full; counts who knocks."""

    def __init__(self) -> None:
        self.knocks = 0

    def knock(self, _source: str, _name: str) -> None:
        self.knocks += 1
        raise StoreError(Text("the disk is full"))


def test_what_fails_is_said_and_what_comes_next_is_still_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room: Any = Full()
    running: Any = SimpleNamespace(frames=None)
    running.frames = SimpleNamespace(note=None)
    consequences = Consequences(running, running, room, print, print)
    stranger = Heard(Join("0200a14c00000001", 0, "01a1b2c3"), None, "application/1", 0)

    for _ in range(2):
        consequences(RawBatch(), Decoded(asides=[stranger]))
    wait_for(lambda: room.knocks == 2)
    consequences.close()

    assert "the disk is full" in caplog.text


def test_who_says_too_much_is_cut_off_and_the_journal_says_so() -> None:
    notebook = Notebook()
    frames = SimpleNamespace(note=lambda *_: None)
    running: Any = SimpleNamespace(frames=frames, journal=notebook)
    identities: Any = SimpleNamespace(over_rate=lambda *_: True)
    asked: list[str] = []

    def disconnect(device: str) -> int:
        asked.append(device)
        return 2 if len(asked) == 1 else 0

    consequences = Consequences(running, identities, running, disconnect, print)
    batch = RawBatch(times_ms=[1], topics=["v1/fridge-3/telemetry"], payloads=[b"{}"])
    for _ in range(2):
        consequences(batch, Decoded(speakers=["fridge-3"]))
    wait_for(lambda: len(asked) == 2)
    consequences.close()
    assert [(one.kind, one.device, one.detail) for one in notebook.notes] == [
        (Kind.DISCONNECTED_BY_US, "fridge-3", {"why": "rate"})
    ]
