"""Functions in Python that rules look at: whatever they do, it is their own trouble."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jalon.adapters.plugin_rules import Limits, Processes
from jalon.run.rules.plugin import Ask, PluginFailed

Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write `rules/<name>.py`; each time is another time for the file system."""
    count = 0

    def written(name: str, text: str) -> None:
        nonlocal count
        count += 1
        file = tmp_path / f"{name}.py"
        file.write_text(textwrap.dedent(text))
        os.utime(file, (count, count))

    return written


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Functions of the folder `tmp_path`."""
    found = Processes(tmp_path, Limits(call_s=0.3, silent_s=5.0, load_s=30.0))
    yield found
    found.close()


def ask(subject: str, **values: float) -> Ask:
    """What a rule asks about a device."""
    return Ask(f"device:{subject}", 1_000, values, dict.fromkeys(values, 3.0))


def test_a_function_gives_a_value_for_each_ask_and_remembers_by_subject(
    processes: Processes, write: Write
) -> None:
    write(
        "dew",
        """
        def decide(ask):
            print("this goes nowhere")
            ask.memory["seen"] = ask.memory.get("seen", 0) + 1
            return ask.values["t"] - ask.memory["seen"] * 10
        """,
    )
    first = processes.ask("dew", [ask("a", t=20), ask("a", t=40), ask("b", t=5)], {})
    assert list(first.values) == [10, 20, -5]
    assert first.memory == {"device:a": '{"seen": 2}', "device:b": '{"seen": 1}'}
    later = processes.ask("dew", [ask("a", t=100)], first.memory)
    assert list(later.values) == [70]


def test_a_function_that_raises_says_where_and_is_asked_again(
    processes: Processes, write: Write
) -> None:
    write("half", "def decide(ask):\n    return 1 / ask.values['t']\n")
    with pytest.raises(PluginFailed, match=r"ZeroDivisionError.*\(line 2\)"):
        processes.ask("half", [ask("a", t=0)], {})
    assert list(processes.ask("half", [ask("a", t=2)], {}).values) == [0.5]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("while True: pass", "more than 300 ms"),
        ("import os; os._exit(3)", "ended"),
        ("import sys; sys.exit()", "SystemExit"),
        ("return [1]", "gave a list"),
        ("ask.memory['x'] = 'y' * 5000", "remember"),
        ("open(__file__ + '.txt', 'w', 1).write('much\\n')", "OSError"),
    ],
)
def test_a_function_that_misbehaves_is_the_trouble_of_its_rule_alone(
    processes: Processes, write: Write, body: str, reason: str
) -> None:
    write("bad", f"def decide(ask):\n    {body}\n")
    write("good", "def decide(ask):\n    return True\n")
    with pytest.raises(PluginFailed, match=reason):
        processes.ask("bad", [ask("a", t=0)], {})
    assert list(processes.ask("good", [ask("a", t=2)], {}).values) == [True]


def test_a_function_that_only_waits_is_ended_too(tmp_path: Path, write: Write) -> None:
    write("slow", "import time\ndef decide(ask):\n    time.sleep(60)\n")
    processes = Processes(tmp_path, Limits(silent_s=0.5, load_s=30.0))
    with pytest.raises(PluginFailed, match=r"did not answer within 0\.5 s"):
        processes.ask("slow", [ask("a", t=0)], {})
    processes.close()


def test_what_fails_again_and_again_rests_for_a_while(tmp_path: Path, write: Write) -> None:
    now = 0.0
    write("bad", "def decide(ask):\n    raise ValueError('no')\n")
    processes = Processes(tmp_path, clock=lambda: now)
    for _ in range(5):
        with pytest.raises(PluginFailed, match="ValueError: no"):
            processes.ask("bad", [ask("a", t=0)], {})
    with pytest.raises(PluginFailed, match="rests"):
        processes.ask("bad", [ask("a", t=0)], {})
    now = 31.0
    write("bad", "def decide(ask):\n    return 1\n")
    assert list(processes.ask("bad", [ask("a", t=0)], {}).values) == [1]
    processes.close()


def test_the_file_is_read_again_when_it_has_changed(processes: Processes, write: Write) -> None:
    with pytest.raises(PluginFailed, match=r"no rules/new\.py"):
        processes.ask("new", [ask("a", t=0)], {})
    write("new", "def decide(ask) return 1")
    with pytest.raises(PluginFailed, match=r"SyntaxError.*line 1"):
        processes.ask("new", [ask("a", t=0)], {})
    write("new", "def decide(ask): return 1\n")
    assert list(processes.ask("new", [ask("a", t=0)], {}).values) == [1]
    write("new", "def decide(ask): return 2\n")
    assert list(processes.ask("new", [ask("a", t=0)], {}).values) == [2]


def test_many_asks_come_back_in_their_order(processes: Processes, write: Write) -> None:
    write("same", "def decide(ask): return ask.values['t']\n")
    asks = [ask(f"d{n % 7}", t=n) for n in range(1_000)]
    assert list(processes.ask("same", asks, {}).values) == list(range(1_000))
