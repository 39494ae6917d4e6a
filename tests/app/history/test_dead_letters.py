"""A refused message is not lost: it is listed with its reason and tried again when mended."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from jalon.adapters.links.mqtt.publisher import Publisher
from jalon.adapters.stores.duckdb import DuckdbStore, Limits
from jalon.app import deadletters
from jalon.app.credentials import SIMULATED, password
from jalon.app.deadletters import StoreLetters
from jalon.app.local import read_run
from jalon.run.batch import Columns, DeadLetter, Reason
from jalon.run.ports import Point

DEVICE = "zay-canteen"
TOPIC = f"v1/{DEVICE}/telemetry"
Jalon = Callable[..., subprocess.CompletedProcess[str]]
Up = Callable[[Path], "subprocess.Popen[str]"]
Points = Callable[[Path, str, str], list[Point]]
RECEIVED = 1_780_000_000_000


def declare_pm25(folder: Path) -> None:
    """What the author does after reading the list: the property was never written down."""
    file = folder / "things" / "air-display.tm.yaml"
    lines = "properties:\n  pm25: {type: number, unit: ug/m3}\n"
    file.write_text(file.read_text().replace("properties:\n", lines, 1))


@pytest.fixture
def refused(school: Path) -> Path:
    """A stopped solution with three dead letters."""
    payloads = [
        (Reason.UNKNOWN_PROPERTY, b'{"pm25": 7}'),
        (Reason.MALFORMED, b"nonsense"),
        (Reason.UNKNOWN_PROPERTY, b'{"pm25": 8, "pm1": 3}'),
    ]
    (school / ".jalon").mkdir()
    with closing(DuckdbStore.open(school / ".jalon" / "store")) as store:
        letters = [
            DeadLetter(TOPIC, payload, RECEIVED + n, reason)
            for n, (reason, payload) in enumerate(payloads)
        ]
        store.append(Columns(), letters)
    return school


def listed(jalon: Jalon, folder: Path, *words: str) -> list[tuple[str, str]]:
    found = json.loads(jalon("deadletters", "list", folder, "--format", "json", *words).stdout)
    return [(letter["reason"], letter["payload"]) for letter in found]


def test_the_list_says_what_when_and_why(jalon: Jalon, refused: Path) -> None:
    said = jalon("deadletters", "list", refused).stdout
    assert "malformed" in said
    assert TOPIC in said
    assert "nonsense" in said
    assert listed(jalon, refused, "--reason", "malformed") == [("malformed", "nonsense")]
    assert len(listed(jalon, refused, "--limit", "2")) == 2


def test_mended_letters_become_values_and_the_others_stay(
    jalon: Jalon, refused: Path, points: Points
) -> None:
    declare_pm25(refused)
    said = jalon("deadletters", "replay", refused).stdout
    assert "Messages tried: 3. Values stored: 2." in said
    assert [(p.time_ms, p.value) for p in points(refused, DEVICE, "pm25")] == [
        (RECEIVED, 7.0),
        (RECEIVED + 2, 8.0),
    ]
    stay = [("malformed", "nonsense"), ("unknown-property", '{"pm25": 8, "pm1": 3}')]
    assert sorted(listed(jalon, refused)) == stay
    again = jalon("deadletters", "replay", refused).stdout
    assert "Messages tried: 2. Values stored: 0. Known already: 1." in again
    assert sorted(listed(jalon, refused)) == stay


def test_replaying_a_full_list_pushes_no_letter_out(
    school: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadletters, "_PAGE", 2)
    (school / ".jalon").mkdir()
    sent = [b"nonsense %d" % number for number in range(4)]
    folder = school / ".jalon" / "store"
    with closing(DuckdbStore.open(folder)) as store:
        store.append(Columns(), [DeadLetter(TOPIC, one, RECEIVED, Reason.BUG) for one in sent])
        StoreLetters(store, school).replay(None, None)  # now for the reason they have today
    with closing(DuckdbStore.open(folder, Limits(letters=4))) as store:
        again = StoreLetters(store, school).replay(None, None)
        letters = store.letters()
        assert store.size().letters_dropped == 0
    assert again.refused == {Reason.MALFORMED: 4}
    assert sorted(letter.payload for letter in letters) == sent


def test_one_letter_or_one_reason(jalon: Jalon, refused: Path) -> None:
    declare_pm25(refused)
    assert (
        "tried: 1. Values stored: 1." in jalon("deadletters", "replay", refused, "--id", 1).stdout
    )
    assert len(listed(jalon, refused)) == 2
    words = ("--reason", "malformed")
    assert "tried: 1. Values stored: 0." in jalon("deadletters", "replay", refused, *words).stdout
    missing = jalon("deadletters", "replay", refused, "--id", 4711, code=2)
    assert "no dead letter 4711" in missing.stderr


def test_a_running_solution_replays_them_itself(
    jalon: Jalon, up: Up, school: Path, points: Points
) -> None:
    process = up(school)
    run = read_run(school)
    assert run is not None
    publisher = Publisher(run.mqtt.host, run.mqtt.port)
    user = SIMULATED + DEVICE
    publisher.open(user, password(school, user))
    publisher.wait_connected()
    publisher.publish(user, TOPIC, b'{"pm25": 9}')
    assert publisher.flush(10)
    publisher.close()
    deadline = time.monotonic() + 30
    while not listed(jalon, school):
        assert time.monotonic() < deadline
    declare_pm25(school)
    assert "Values stored: 1." in jalon("deadletters", "replay", school).stdout
    assert jalon("deadletters", "list", school).stdout == "No dead letter.\n"
    process.terminate()
    process.wait(20)
    assert [p.value for p in points(school, DEVICE, "pm25")] == [9.0]
