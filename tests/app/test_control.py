"""Every decision is carried out once, whatever happens in between."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from memory_store import MemoryStore
from notebook import Notebook
from sqlalchemy import text
from waiting import wait_for

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.app.control import Control, Executor
from jalon.app.ground import Ground
from jalon.app.solution import Solution
from jalon.run.batch import Columns
from jalon.run.control import Decision, NoticeDue, write
from jalon.run.journal import Kind
from jalon.run.ports import Resolved
from jalon.vocab.errors import StoreError, UsageError
from jalon.vocab.text import Text

NOW = 1_790_000_000_000


class Scribe:
    """Stands for the services: writes what it carries out into the registry, or refuses."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.refuses: set[str] = set()
        self.dies_at = ""
        with registry.work() as db:
            db.execute(text("create table if not exists done (key text unique)"))

    def carry_out(self, decision: Decision, ground: Ground) -> None:
        """As `Control.carry_out`."""
        del ground
        with self._registry.work() as db:
            db.execute(text("insert into done values (:key)"), {"key": decision.key})
        if decision.key in self.refuses:
            raise UsageError(Text("no such thing"))
        if decision.key == self.dies_at:
            raise StoreError(Text("killed"))

    def done(self) -> list[str]:
        """What took effect."""
        with self._registry.look() as db:
            return list(db.scalars(text("select key from done order by rowid")))


class Bench:
    """An executor over a log in memory and a real registry."""

    def __init__(self, folder: Path) -> None:
        self.registry = open_sqlite(folder / "registry.db")
        self.log = MemoryStore()
        self.notebook = Notebook()
        self.scribe = Scribe(self.registry)

        def solution() -> Solution:
            raise AssertionError("not asked for")

        self.ground = Ground(self.registry, solution, lambda: NOW, self.notebook, folder)

    def executor(self) -> Executor:
        """A new one, as after a start."""
        return Executor(self.log, self.ground, cast(Control, self.scribe))

    def decide(self, *keys: str) -> None:
        """Decisions as the intake stores them."""
        due = [
            NoticeDue(at_ms=NOW, key=k, by="rule:r", subject="site:s", to=[], words={})
            for k in keys
        ]
        self.log.append(Columns(), resolved=Resolved([write(one) for one in due]))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_decisions_take_effect_in_order_and_once(bench: Bench) -> None:
    bench.decide("a", "b")
    executor = bench.executor()
    assert executor.once()
    assert not executor.once()
    bench.decide("c")
    assert bench.executor().once()
    assert bench.scribe.done() == ["a", "b", "c"]
    assert bench.log.decisions(0) == [(3, bench.log.decisions(2)[0][1])]


def test_killed_in_the_middle_nothing_is_half_done_nor_done_twice(bench: Bench) -> None:
    bench.decide("a", "b", "c")
    bench.scribe.dies_at = "b"
    with pytest.raises(StoreError):
        bench.executor().once()
    assert bench.scribe.done() == []
    bench.scribe.dies_at = ""
    bench.executor().once()
    assert bench.scribe.done() == ["a", "b", "c"]


def test_one_that_cannot_be_carried_out_is_told_and_holds_up_no_other(bench: Bench) -> None:
    bench.decide("a", "bad", "c")
    bench.scribe.refuses = {"bad"}
    bench.executor().once()
    assert bench.scribe.done() == ["a", "c"]
    (note,) = bench.notebook.notes
    assert note.kind is Kind.DECISION_FAILED
    assert note.detail["detail"] == "no such thing"
    assert '"key":"bad"' in note.detail["decision"]


def test_one_that_the_registry_will_never_take_holds_up_no_other(bench: Bench) -> None:
    bench.decide("a", "a", "c")
    bench.executor().once()
    assert bench.scribe.done() == ["a", "c"]
    assert [note.kind for note in bench.notebook.notes] == [Kind.DECISION_FAILED]


def test_a_bug_does_not_end_the_thread(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jalon.app.control._RETRY_S", 0.01)
    read, tries = bench.log.decisions, iter([ValueError("odd"), None])

    def decisions(after: int, limit: int = 1000) -> list[tuple[int, bytes]]:
        if error := next(tries, None):
            raise error
        return read(after, limit)

    monkeypatch.setattr(bench.log, "decisions", decisions)
    bench.decide("a")
    executor = bench.executor()
    executor.start()
    wait_for(lambda: bench.scribe.done() == ["a"])
    executor.stop()


def test_what_cannot_even_be_read_is_told_too(bench: Bench) -> None:
    bench.log.append(Columns(), resolved=Resolved([b"{not json"]))
    bench.decide("b")
    bench.executor().once()
    assert bench.scribe.done() == ["b"]
    assert [note.kind for note in bench.notebook.notes] == [Kind.DECISION_FAILED]


def test_a_store_made_anew_is_not_taken_for_one_already_carried_out(bench: Bench) -> None:
    bench.decide("a", "b", "c")
    bench.executor().once()
    bench.log = MemoryStore()
    executor = bench.executor()
    executor.start()
    bench.decide("d")
    executor.wake()
    wait_for(lambda: bench.scribe.done() == ["a", "b", "c", "d"])
    executor.stop()
