"""A thread that takes turns: woken at once, ended at once, and still there after a bug."""

from __future__ import annotations

import threading

from waiting import wait_for

from jalon.app.worker import Worker
from jalon.vocab.errors import StoreError
from jalon.vocab.text import Text

LONG_S = 3_600.0


def test_it_begins_at_once_and_takes_a_turn_whenever_it_is_woken() -> None:
    turns = threading.Semaphore(0)

    def turn() -> float:
        turns.release()
        return LONG_S

    worker = Worker("test", turn)
    worker.start()
    try:
        assert turns.acquire(timeout=20)
        for _ in range(20):
            worker.wake()
            assert turns.acquire(timeout=20)
    finally:
        worker.stop()


def test_it_ends_although_its_next_turn_is_far_away_and_can_begin_again() -> None:
    turns = threading.Semaphore(0)

    def turn() -> float:
        turns.release()
        return LONG_S

    worker = Worker("ended-test", turn)
    for _ in range(30):
        worker.start()
        assert turns.acquire(timeout=20)
        worker.stop()
    assert not any(one.name == "ended-test" for one in threading.enumerate())


def test_neither_the_store_nor_a_bug_ends_it_and_it_says_what_is_wrong() -> None:
    errors: list[Exception] = [ValueError("a bug"), StoreError(Text("no room"))]
    told: list[str] = []
    done = threading.Event()

    def turn() -> float:
        told.append(worker.trouble)
        if errors:
            raise errors.pop()
        done.set()
        return LONG_S

    worker = Worker("test", turn, retry_s=0.001)
    worker.start()
    try:
        assert done.wait(20)
        wait_for(lambda: worker.trouble == "")
        assert told == ["", "no room", "ValueError('a bug')"]
    finally:
        worker.stop()
