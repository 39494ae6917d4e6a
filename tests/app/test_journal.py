"""The journal takes everything at once, keeps it, and stays small."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from front_door import Clock
from waiting import wait_for

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.adapters.stores.registry.schema import Base
from jalon.app import journal as journal_module
from jalon.app.journal import (
    REFUSED_EACH,
    STRANGERS,
    TOGETHER_MS,
    RegistryJournal,
    acting,
)
from jalon.app.journal_words import of_kind
from jalon.run.journal import REFUSALS, Kind


@pytest.fixture
def clock() -> Clock:
    """Time that stands."""
    return Clock()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty one."""
    found = open_sqlite(tmp_path / "registry.db")
    yield found
    found.close()


@pytest.fixture
def journal(registry: Registry, clock: Clock) -> RegistryJournal:
    """Nothing in it; its thread does not run."""
    return RegistryJournal(registry, clock)


def test_what_is_noted_is_read_the_newest_first(journal: RegistryJournal, clock: Clock) -> None:
    journal.note(Kind.WRONG_SECRET, "d1", address="192.0.2.1", client_id="c1")
    clock.now += 5
    journal.note(Kind.LINK_DOWN, who="plant")
    newest, oldest = journal.read()
    assert (newest.kind, newest.who, newest.device) == (Kind.LINK_DOWN, "plant", None)
    assert (oldest.device, oldest.address, oldest.detail) == (
        "d1",
        "192.0.2.1",
        {"client_id": "c1"},
    )
    assert (oldest.at_ms, oldest.last_ms, oldest.count) == (clock.now - 5, clock.now - 5, 1)
    assert [one.kind for one in journal.read("d1")] == [Kind.WRONG_SECRET]
    assert [one.kind for one in journal.read(kinds=frozenset({Kind.LINK_DOWN}))] == [Kind.LINK_DOWN]
    assert journal.read(limit=1) == [newest]
    assert journal.read(before_id=newest.id) == [oldest]


def test_repetitions_within_a_minute_are_one_line(journal: RegistryJournal, clock: Clock) -> None:
    began = clock.now
    for _ in range(3):
        journal.note(Kind.WRONG_SECRET, "d1", address="a")
        clock.now += 10_000
    (line,) = journal.read()
    assert (line.count, line.at_ms, line.last_ms) == (3, began, began + 20_000)
    journal.note(Kind.WRONG_SECRET, "d1", address="a")
    assert [one.count for one in journal.read()] == [4], "also once it is written"
    journal.note(Kind.WRONG_SECRET, "d1", address="b")
    clock.now = began + TOGETHER_MS
    journal.note(Kind.WRONG_SECRET, "d1", address="a")
    assert [(one.address, one.count) for one in journal.read()] == [("a", 1), ("b", 1), ("a", 4)]


def test_the_last_count_of_a_minute_is_not_lost_when_the_next_begins(
    journal: RegistryJournal, clock: Clock
) -> None:
    journal.note(Kind.REPLAYED, "d1")
    journal.note(Kind.REPLAYED, "d1")
    clock.now += TOGETHER_MS
    journal.note(Kind.REPLAYED, "d1")
    assert [one.count for one in journal.read()] == [1, 2]


def test_a_flood_of_strangers_does_not_push_out_what_matters(
    registry: Registry, clock: Clock
) -> None:
    journal = RegistryJournal(registry, clock, kept=2_000)
    journal.note(Kind.REVOKED, "d1")
    for number in range(20_000):
        journal.note(Kind.UNKNOWN_IDENTITY, who=f"guess-{number}", address="192.0.2.66")
        if number % 500 == 0:
            journal.read(limit=1)
    lines = journal.read(limit=10_000)
    assert len(lines) == STRANGERS + 2
    assert sum(one.count for one in lines) == 20_001, "none is forgotten in the count"
    assert lines[-1].kind is Kind.REVOKED
    assert journal.dropped == 0


def test_who_is_refused_in_the_name_of_a_device_does_not_push_out_who_did_what(
    registry: Registry, clock: Clock
) -> None:
    """Anybody may knock as a device that there is, each time as another client."""
    journal = RegistryJournal(registry, clock, kept=1_000)
    with acting("ada"):
        journal.note(Kind.CREDENTIAL_REVOKED, "d1")
    for number in range(20_000):
        journal.note(Kind.WRONG_SECRET, "d1", client_id=f"guess-{number}")
        if number % 200 == 0:
            clock.now += TOGETHER_MS
            journal.read(limit=1)
    assert [one.detail for one in journal.read(kinds=frozenset({Kind.CREDENTIAL_REVOKED}))] == [
        {"by": "ada"}
    ]
    lines = journal.read(limit=10_000)
    assert len(lines) < 1_000 + 1_100
    assert sum(one.count for one in lines[: REFUSED_EACH + 1]) == 199


def test_a_device_that_tells_many_events_does_not_push_out_who_did_what(
    registry: Registry, clock: Clock
) -> None:
    journal = RegistryJournal(registry, clock, kept=1_000)
    with acting("ada"):
        journal.note(Kind.CREDENTIAL_REVOKED, "d1")
    for number in range(3_000):
        journal.note(Kind.DEVICE_EVENT, "d1", event="opened", detail=str(number))
        if number % 200 == 0:
            journal.read(limit=1)
    assert [one.detail for one in journal.read(kinds=frozenset({Kind.CREDENTIAL_REVOKED}))] == [
        {"by": "ada"}
    ]
    assert len(journal.read(limit=10_000)) < 1_000 + 1_100


def test_a_line_says_who_did_it_and_not_who_was_refused_meanwhile(journal: RegistryJournal) -> None:
    with acting("ada"):
        journal.note(Kind.MOVED, "d1", room="lab")
        journal.note(Kind.WRONG_SECRET, "d1")
    journal.note(Kind.JOINED, "d1")
    assert [one.detail for one in journal.read()] == [{}, {}, {"room": "lab", "by": "ada"}]


def test_nobody_gives_orders_to_the_readers_terminal(journal: RegistryJournal) -> None:
    journal.note(Kind.UNKNOWN_IDENTITY, who="\x1b]0;owned\x07x\u202etxt", topic="a\nb")
    (line,) = journal.read()
    assert (line.who, line.detail["topic"]) == ("\ufffd]0;owned\ufffdx\ufffdtxt", "a\ufffdb")


def test_the_oldest_lines_are_forgotten(registry: Registry, clock: Clock) -> None:
    journal = RegistryJournal(registry, clock, kept=50)
    for number in range(2_500):
        journal.note(Kind.JOINED, f"d{number}")
        if number % 100 == 0:
            journal.read(limit=1)
    lines = journal.read(limit=10_000)
    assert lines[0].device == "d2499"
    assert len(lines) < 50 + 1_100


def test_noting_waits_for_no_disk_and_what_waits_is_bounded(
    registry: Registry, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "WAITING", 100)
    journal = RegistryJournal(registry, clock)
    with registry.work() as db:
        Base.metadata.tables["notes"].drop(db.connection())
    journal.start()
    for number in range(150):
        journal.note(Kind.JOINED, f"d{number}")
    wait_for(lambda: bool(journal.trouble))
    assert journal.dropped == 50
    with registry.work() as db:
        Base.metadata.tables["notes"].create(db.connection())
    wait_for(lambda: not journal.trouble)
    journal.stop()
    assert len(journal.read(limit=1_000)) == 100


def test_stopping_writes_the_rest(registry: Registry, clock: Clock) -> None:
    journal = RegistryJournal(registry, clock)
    journal.start()
    journal.note(Kind.JOINED, "d1")
    journal.stop()
    assert [one.device for one in RegistryJournal(registry, clock).read()] == ["d1"]


def test_notes_from_many_threads_are_all_counted(journal: RegistryJournal) -> None:
    journal.start()

    def talk(name: str) -> None:
        for _ in range(500):
            journal.note(Kind.OVER_RATE, name)

    threads = [threading.Thread(target=talk, args=(f"d{number % 2}",)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    journal.stop()
    assert {one.device: one.count for one in journal.read()} == {"d0": 1500, "d1": 1500}


def test_half_characters_and_long_texts_of_strangers_are_taken(journal: RegistryJournal) -> None:
    journal.note(
        Kind.UNKNOWN_IDENTITY, who="\ud800" + "x" * 500, address="y" * 100, topic="z" * 9_999
    )
    (line,) = journal.read()
    assert line.who.startswith("?xxx")
    assert (len(line.who), len(line.address), len(line.detail["topic"])) == (128, 64, 500)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_words_and_every_refusal_says_what_to_do(kind: Kind) -> None:
    words = of_kind(kind)
    assert str(words.sentence).endswith(".")
    assert (words.hint is not None) or kind not in REFUSALS
