"""Codecs that take too much, crash their engine, or want what is not theirs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import wait_for

from jalon.adapters.sandbox import Limits, Sandbox
from jalon.run.batch import Reason
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused

ONE = Frame(b"\x01\x02", 1)
GOOD = "function decodeUplink(input) { return { data: { first: input.bytes[0] } }; }"
LOOP = "function decodeUplink(input) { for (;;); }"
STUBBORN = """
function decodeUplink(input) {
  var hay = ("a".repeat(1e6) + "b").repeat(3);
  return { data: { at: hay.indexOf("a".repeat(5e5) + "c") } };
}"""
"""A built-in function that takes seconds and cannot be interrupted."""


class Clock:
    """Monotonic seconds, by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def reasons(found: list[Output | Refused]) -> list[Reason | None]:
    return [one.reason if isinstance(one, Refused) else None for one in found]


@pytest.mark.parametrize(
    "body",
    [
        "for (;;);",
        "for (;;) { try { for (;;); } catch (e) {} }",
        "try { for (;;); } finally { for (;;); }",
        "/(a+)+$/.test('a'.repeat(40) + 'b')",
        "var x = []; for (;;) x.push(new Array(1000).fill(1));",
        "var x = []; for (;;) { try { x.push(new Array(1000).fill(1)); } catch (e) {} }",
        "var x = []; for (;;) x.push({ a: 1 });",
        "var x = ''; for (;;) x += 'abcdefgh' + x;",
        "'a'.repeat(1 << 28)",
        "new Array(1e8).fill(0)",
        "(function f() { return 1 + f(); })()",
        "JSON.parse('['.repeat(1e6))",
        "return { data: { a: 'x'.repeat(70000) } };",
        "return { data: { get a() { for (;;); } } };",
        "return { data: { toJSON() { for (;;); } } };",
        "throw { toString() { for (;;); } };",
        "var a = {}; var b = a; for (var i = 0; i < 40; i++) b = b.a = {}; return { data: a };",
        "var hay = ('a'.repeat(1e6) + 'b').repeat(3); hay.indexOf('a'.repeat(5e5) + 'c');",
        "Promise.resolve().then(() => 1); for (;;);",
    ],
)
def test_one_greedy_frame_costs_one_refusal(sandbox: Sandbox, body: str) -> None:
    guarded = f"if (input.bytes[0] === 9) {{ {body} }}"
    source = f"function decodeUplink(input) {{ {guarded} return {{ data: {{}} }}; }}"
    frames = [ONE, ONE, Frame(b"\x09"), ONE, ONE, ONE, Frame(b"\x09"), ONE]
    found = sandbox.script("greedy", source).decode(frames)
    limit = Reason.CODEC_LIMIT
    assert reasons(found) == [None, None, limit, None, None, None, limit, None]


def test_what_codecs_pile_up_does_not_reach_others(sandbox: Sandbox) -> None:
    hoard = """function decodeUplink(i) {
      var big = new Array(1e5).fill(i.bytes); Promise.resolve(big).then((x) => x.length);
      return { data: {} }; }"""
    for number in range(30):
        codec = sandbox.script("hoard", f"{hoard}// {number}")
        assert codec.decode([ONE] * 12) == [Output({})] * 12
    needy = "function decodeUplink(i) { new Array(5e5).fill(0); return { data: {} }; }"
    assert sandbox.script("needy", needy).decode([ONE] * 12) == [Output({})] * 12
    assert sandbox.deaths == 0


def test_a_file_that_takes_too_long_to_load_is_refused(sandbox: Sandbox) -> None:
    assert reasons(sandbox.script("load", "for (;;);").decode([ONE])) == [Reason.CODEC_LIMIT]
    assert reasons(sandbox.script("size", "//" + "x" * (3 << 20)).decode([ONE])) == [Reason.CODEC]


def test_a_codec_that_fails_again_and_again_is_suspended_and_tried_later() -> None:
    clock = Clock()
    told: list[tuple[str, str]] = []
    source = "function decodeUplink(i) { if (i.bytes[0]) for (;;); return { data: {} }; }"
    with Sandbox(lambda name, detail: told.append((name, detail)), clock=clock) as sandbox:
        codec = sandbox.script("flood", source)
        bad, good = Frame(b"\x01"), Frame(b"\x00")
        assert set(reasons(codec.decode([bad] * 1000))) == {Reason.CODEC_LIMIT}
        assert [name for name, _ in told] == ["flood"]
        assert "interrupted" in told[0][1]
        refused = codec.decode([good])[0]
        assert isinstance(refused, Refused)
        assert "suspended" in refused.detail
        assert sandbox.script("other", GOOD).decode([ONE]) == [Output({"first": 1})]

        clock.now = 31
        assert set(reasons(codec.decode([bad, good]))) == {Reason.CODEC_LIMIT}
        clock.now = 62
        assert codec.decode([good, good]) == [Output({}), Output({})]
        assert len(told) == 1


def test_failures_with_successes_between_them_do_not_suspend(sandbox: Sandbox) -> None:
    source = "function decodeUplink(i) { if (i.bytes[0]) for (;;); return { data: {} }; }"
    found = sandbox.script("mixed", source).decode([Frame(b"\x01"), Frame(b"\x00")] * 6)
    assert reasons(found) == [Reason.CODEC_LIMIT, None] * 6


def test_the_death_of_the_child_costs_the_culprit_only(sandbox: Sandbox) -> None:
    source = STUBBORN.replace("{\n", "{\n  if (!input.bytes[0]) return { data: {} };\n", 1)
    frames = [Frame(bytes([at == 20])) for at in range(40)]
    found = sandbox.script("stubborn", source).decode(frames)
    assert [at for at, reason in enumerate(reasons(found)) if reason] == [20]
    assert sandbox.deaths == 1


def test_a_child_killed_from_outside_is_replaced(sandbox: Sandbox) -> None:
    codec = sandbox.script("good", GOOD)
    codec.decode([ONE])
    first = sandbox.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert codec.decode([ONE] * 3) == [Output({"first": 1})] * 3
    assert sandbox.pid != first


def test_a_child_that_never_works_is_given_up() -> None:
    with Sandbox(limits=Limits(address_space=4 << 20)) as sandbox:
        found = sandbox.script("good", GOOD).decode([ONE, ONE])
    assert reasons(found) == [Reason.CODEC_LIMIT] * 2


def test_a_closed_sandbox_refuses() -> None:
    sandbox = Sandbox()
    codec = sandbox.script("good", GOOD)
    codec.decode([ONE])
    pid = sandbox.pid
    sandbox.close()
    assert sandbox.pid is None
    assert not Path(f"/proc/{pid}").exists()
    assert reasons(codec.decode([ONE])) == [Reason.CODEC]


def test_nothing_runs_before_the_first_call() -> None:
    with Sandbox() as sandbox:
        sandbox.script("broken", "let x = ;")
        assert sandbox.pid is None


def test_threads_take_turns(sandbox: Sandbox) -> None:
    found: dict[int, list[Output | Refused]] = {}

    def decode(number: int) -> None:
        frames = [Frame(bytes([number]))] * 300
        found[number] = sandbox.script(f"codec {number}", GOOD).decode(frames)

    threads = [threading.Thread(target=decode, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [Output({"first": number})] * 300 for number in range(4)}


def test_the_child_has_nothing_and_may_nothing(sandbox: Sandbox) -> None:
    sandbox.script("good", GOOD).decode([ONE])
    process = Path(f"/proc/{sandbox.pid}")
    assert (process / "environ").read_bytes().rstrip(b"\0") == b"TZ=UTC"
    limits = (process / "limits").read_text()
    allowed = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()[1:]}
    for name in ("Max open files", "Max file size", "Max core file size", "Max processes"):
        assert allowed[name] == ["0", "0"], name
    assert allowed["Max address space"] == [str(512 << 20)] * 2
    kinds = [str(one.readlink()).partition(":")[0] for one in (process / "fd").iterdir()]
    assert "socket" not in kinds
    assert kinds.count("pipe") == 2


def test_the_child_does_not_outlive_its_parent() -> None:
    program = (
        "import time\n"
        "from jalon.adapters.sandbox import Sandbox\n"
        "from jalon.run.codecs.codec import Frame\n"
        "sandbox = Sandbox()\n"
        f"sandbox.script('good', {GOOD!r}).decode([Frame(b'1')])\n"
        "print(sandbox.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        parent.kill()
        parent.wait()
    wait_for(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
