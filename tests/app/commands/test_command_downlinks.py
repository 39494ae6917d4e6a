"""A LoRaWAN frame has no id: what is not the same twice is sent at most once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from command_post import Post, open_post
from notebook import Notebook

from jalon.app.codecs import open_codecs
from jalon.app.commands.desk import Asked
from jalon.app.commands.service import Commands
from jalon.app.commands.views import Command
from jalon.app.downlinks import Downlinks, NotSent
from jalon.app.solution import Solution, load
from jalon.run.codecs.codec import Codec
from jalon.run.commands.states import State
from jalon.run.control import DownlinkHeard
from jalon.run.frames import FrameLog
from jalon.run.journal import Journal
from jalon.vocab.errors import BrokerError, UsageError
from jalon.vocab.text import Text

SENSOR = "zay-cm2-a"
ROUTE = "application/a1/device/0200a14c000010c0"
ACTIONS = """
actions:
  digital_out_1:
    titles: {en: Switch the relay}
    input: {type: integer, minimum: 0, maximum: 1}
    idempotent: true
    jalon:fport: 10
  digital_out_2:
    titles: {en: Turn one notch}
    input: {type: integer}
    jalon:fport: 10
  no_such_field:
    titles: {en: What the codec cannot write}
    input: {type: integer}
"""


@dataclass
class Server:
    """The network server's side: what was put into its queue; `trouble` is raised instead,
    `killed` after it."""

    solution: Solution
    codecs: dict[str, Codec] | Any
    frames: FrameLog = field(default_factory=FrameLog)
    journal: Journal = field(default_factory=Notebook)
    queue: list[dict[str, Any]] = field(default_factory=list)
    trouble: BaseException | None = None
    killed: BaseException | None = None

    def now_ms(self) -> int:
        return 1_790_000_000_000

    def carry(self, _device: object, _topic: str, payload: bytes) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.queue.append(json.loads(payload))
        if self.killed is not None:
            raise self.killed


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    found = open_post(tmp_path / "air")
    file = found.solution.folder / "things" / "air-sensor.tm.yaml"
    text = file.read_text("utf-8")
    start, end = text.index("jalon:codec:"), text.index("\nproperties:")
    text = f"{text[:start]}jalon:codec: {{kind: cayenne-lpp}}\n{text[end:]}{ACTIONS}"
    file.write_text(text, "utf-8")
    found.solution = load(found.solution.folder)
    yield found
    found.registry.close()


@pytest.fixture
def server(post: Post) -> Iterator[Server]:
    codecs = open_codecs(post.solution)
    found = Server(post.solution, codecs)
    found.frames.note(SENSOR, 1, f"{ROUTE}/event/up", b"{}")
    post.downlinks = Downlinks(found, found.carry)
    yield found
    codecs.close()


def ask(commands: Commands, action: str, key: str = "k") -> Command:
    return commands.ask(Asked(SENSOR, action, 1, "user:ann", key=key))


def tell(commands: Commands, command: Command, stage: str) -> None:
    commands.carry_out(
        DownlinkHeard(
            at_ms=1,
            key=f"{command.id}:{stage}",
            by="link:lorawan",
            subject=f"device:{SENSOR}",
            downlink=command.id,
            stage=stage,
        )
    )


def state(post: Post, command: Command) -> State:
    found = post.open().one(command.id)
    assert found is not None
    return found.state


def test_a_frame_is_queued_sent_and_acknowledged(post: Post, server: Server) -> None:
    commands = post.open()
    asked = ask(commands, "digital_out_2")
    commands.tick()
    assert [(one["id"], one["fPort"], one["confirmed"]) for one in server.queue] == [
        (asked.id, 10, True)
    ]
    tell(commands, asked, "sent")
    assert state(post, asked) is State.SENT
    tell(commands, asked, "acknowledged")
    tell(commands, asked, "acknowledged")
    assert state(post, asked) is State.COMPLETED
    assert [step.step for step in commands.steps(asked)][-3:] == ["transmit", "reach", "complete"]


def test_a_device_that_sleeps_for_hours_is_not_told_twice(post: Post, server: Server) -> None:
    commands = post.open()
    asked = ask(commands, "digital_out_1")
    for _hour in range(5):
        commands.tick()
        post.now += 3_600_000
    assert len(server.queue) == 1
    assert state(post, asked) is State.SENT


@pytest.mark.parametrize(
    ("action", "times", "after"),
    [("digital_out_2", 1, State.UNKNOWN), ("digital_out_1", 2, State.SENT)],
)
def test_without_an_acknowledgement_only_what_is_the_same_twice_is_repeated(
    post: Post, server: Server, action: str, times: int, after: State
) -> None:
    commands = post.open()
    asked = ask(commands, action)
    commands.tick()
    tell(commands, asked, "not-acknowledged")
    commands.tick()
    commands.tick()
    assert (len(server.queue), state(post, asked)) == (times, after)


class Killed(BaseException):
    """What a SIGKILL looks like from inside."""


def lose_the_link(server: Server) -> None:
    server.trouble = BrokerError(Text("no answer"))


def kill_before(server: Server) -> None:
    server.trouble = Killed()


def kill_after(server: Server) -> None:
    server.killed = Killed()


@pytest.mark.parametrize("happen", [lose_the_link, kill_before, kill_after])
@pytest.mark.parametrize("action", ["digital_out_1", "digital_out_2"])
def test_whatever_stops_in_between_one_notch_is_never_two(
    post: Post, server: Server, happen: Callable[[Server], None], action: str
) -> None:
    commands = post.open()
    asked = ask(commands, action)
    happen(server)
    try:
        commands.tick()
    except Killed:
        assert state(post, asked) is State.SENDING
    server.trouble = server.killed = None
    commands = post.open()
    post.now += 60_000
    commands.tick()
    commands.tick()
    if action == "digital_out_1":
        assert state(post, asked) is State.SENT
        assert len(server.queue) >= 1
    else:
        assert state(post, asked) is State.UNKNOWN
        assert len(server.queue) <= 1
        tell(commands, asked, "acknowledged")
        assert state(post, asked) is State.COMPLETED


def test_until_its_network_server_is_known_it_waits(post: Post, server: Server) -> None:
    server.frames = FrameLog()
    commands = post.open()
    asked = ask(commands, "digital_out_2")
    commands.tick()
    assert state(post, asked) is State.QUEUED
    server.frames.note(SENSOR, 1, f"{ROUTE}/event/up", b"{}")
    post.now += 60_000
    commands.tick()
    assert (len(server.queue), state(post, asked)) == (1, State.SENT)


def test_a_link_that_is_away_is_no_doubt(post: Post, server: Server) -> None:
    commands = post.open()
    asked = ask(commands, "digital_out_2")
    server.trouble = NotSent(Text("not connected"))
    commands.tick()
    assert state(post, asked) is State.QUEUED


def test_what_the_codec_cannot_write_is_refused_at_once(post: Post, server: Server) -> None:
    with pytest.raises(UsageError):
        ask(post.open(), "no_such_field")
    assert server.queue == []
