"""What rules decided is remembered; their files are tried and saved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import NoReturn, cast

import pytest
from notebook import Notebook
from waiting import wait_for

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.adapters.stores.registry.rules import FiringTable
from jalon.app.ground import Ground
from jalon.app.rules.replay import BackTestRequest, Reader
from jalon.app.rules.service import Rules, Surroundings
from jalon.app.rules.starting import TEMPLATES, started
from jalon.app.rules.testing import run_tests
from jalon.app.solution import load
from jalon.run.control import AlarmSeverity, FiredDue
from jalon.run.journal import Kind
from jalon.run.ports import ValueHistory
from jalon.vocab.errors import SolutionError, UsageError
from jalon.vocab.text import Text
from jalon.vocab.times import DAY_MS, from_ms

EXAMPLE = Path(__file__).parents[3] / "examples" / "school-air"
NOW = 1_773_133_200_000


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty one."""
    found = open_sqlite(tmp_path / "registry.db")
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The schools, never started."""
    hidden = shutil.ignore_patterns(".jalon")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "air", ignore=hidden))


@pytest.fixture
def journal() -> Notebook:
    """Remembers notes."""
    return Notebook()


@pytest.fixture
def rules(registry: Registry, folder: Path, journal: Notebook) -> Rules:
    """The rules of the schools, without a store."""
    return Rules(Ground(registry, lambda: load(folder), lambda: NOW, journal, folder))


def fired(number: int, severity: AlarmSeverity | None, **more: str | bool) -> FiredDue:
    """A rule changed its mind."""
    given = {"by": "rule:stale-air", "subject": "device:zay-cm2-a", **more}
    return FiredDue.model_validate(
        {
            "at_ms": NOW - 1_000 + number,
            "key": f"k{number}",
            "severity": severity,
            "active": severity is not None,
            "values": {"co2": 900 + number},
            **given,
        }
    )


def test_the_same_decision_is_written_down_once(rules: Rules) -> None:
    due = fired(1, AlarmSeverity.MINOR)
    rules.carry_out(due)
    rules.carry_out(due)
    (found,) = rules.firings("stale-air")
    assert (found.subject, found.severity, found.values) == (
        "device:zay-cm2-a",
        AlarmSeverity.MINOR,
        {"co2": 901},
    )


def test_the_list_tells_what_fires_now_and_how_often_it_did(rules: Rules) -> None:
    rules.carry_out(fired(1, AlarmSeverity.MINOR))
    rules.carry_out(fired(2, None))
    rules.carry_out(fired(3, AlarmSeverity.MAJOR, subject="device:zay-cm1-a", dry=True))
    line = next(one for one in rules.overview() if one.rule.id == "stale-air")
    assert line.file == "air"
    assert [one.subject for one in line.firing] == ["device:zay-cm1-a"]
    assert line.fired == 2, "becoming clear is no firing"
    first = rules.stands("stale-air")[0]
    assert (first.subject.id, first.active) == ("zay-cm1-a", True)


def test_each_rule_keeps_its_newest_decisions_whatever_others_do(registry: Registry) -> None:
    table = FiringTable(registry, kept=10)
    table.add(fired(0, AlarmSeverity.MINOR, by="rule:rare"))
    for number in range(1, 205):
        table.add(fired(number, AlarmSeverity.MINOR))
    noisy = [one.values["co2"] for one in table.read("stale-air", limit=1_000)]
    assert noisy[0] == 900 + 204
    assert len(noisy) < 10 + 101
    assert len(table.read("rare")) == 1


def test_a_text_is_saved_byte_for_byte_and_told(
    rules: Rules, folder: Path, journal: Notebook
) -> None:
    before = rules.files.read("air")
    text = before.text.replace("co2 > 800", "co2 > 850") + "# the end, without a line break"
    rules.save("air", text.replace("\n", "\r\n"), before.stamp, "user:anne")
    raw = (folder / "rules" / "air.yaml").read_bytes()
    assert raw.decode() == text + "\n", "comments and lines as they were typed"
    assert [note.kind for note in journal.notes] == [Kind.RULE_SAVED]


def test_a_text_with_a_fault_is_not_saved(rules: Rules, folder: Path) -> None:
    before = rules.files.read("air")
    raw = (folder / "rules" / "air.yaml").read_bytes()
    wrong = before.text.replace("co2 > 800", "co3 > 800")
    tried = rules.files.tried("air", wrong)
    assert tried.solution is None
    assert tried.findings[0].place.file == "rules/air.yaml"
    assert tried.findings[0].place.line > 1
    with pytest.raises(SolutionError):
        rules.save("air", wrong, before.stamp, "user:anne")
    assert (folder / "rules" / "air.yaml").read_bytes() == raw


def test_a_file_that_somebody_else_changed_is_not_overwritten(rules: Rules, folder: Path) -> None:
    before = rules.files.read("air")
    other = before.text + "# by somebody else\n"
    (folder / "rules" / "air.yaml").write_text(other)
    with pytest.raises(UsageError, match="changed by somebody else"):
        rules.save("air", before.text + "# mine\n", before.stamp, "user:anne")
    assert (folder / "rules" / "air.yaml").read_text() == other


@pytest.mark.parametrize("name", ["../solution", "a/b", ".hidden", "", "ärger"])
def test_no_file_outside_rules_can_be_reached(rules: Rules, name: str) -> None:
    with pytest.raises(UsageError):
        rules.files.read(name)
    with pytest.raises(UsageError):
        rules.save(name, "rules: []\n", "", "user:anne")


def test_what_a_new_file_begins_with_is_good_and_passes_its_own_test(
    rules: Rules, folder: Path
) -> None:
    for template in TEMPLATES:
        text = started(load(folder), f"new-{template}", template)
        tried = rules.files.tried(f"new-{template}", text)
        assert tried.solution is not None, tried.findings
        assert [one.text for one in tried.findings] == []
        results = list(run_tests(tried.solution, f"new-{template}"))
        assert [failure.text for one in results for failure in one.failures] == []
        assert results


def test_back_tests_that_wait_do_not_keep_every_thread_of_the_pages(rules: Rules) -> None:
    """Whoever may read may ask for one, as often as they like."""
    go_on = Event()

    def series() -> NoReturn:
        go_on.wait(20)
        raise UsageError(Text("told"))

    rules.around = Surroundings(cast(ValueHistory, None), series)
    span = BackTestRequest(start=from_ms(NOW - DAY_MS), end=from_ms(NOW))

    def ask() -> str:
        with pytest.raises(UsageError) as refused:
            rules.backtest("stale-air", span, Reader("en", str))
        return str(refused.value)

    with ThreadPoolExecutor(8) as pages:
        asked = [pages.submit(ask) for _ in range(8)]
        try:
            wait_for(lambda: sum(one.done() for one in asked) >= 4)
            refused = [one.result() for one in asked if one.done()]
        finally:
            go_on.set()
        told = [one.result(20) for one in asked]
    assert len(refused) == 4
    assert all("Too many requests" in one for one in refused)
    assert told.count("told") == 4
