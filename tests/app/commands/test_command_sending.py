"""A command is told, answered, told again with the same id, given up: and never run twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_post import DISPLAY, OTHER, Post, open_post

from jalon.app.commands.desk import Asked, KeyTaken
from jalon.app.commands.views import Command
from jalon.app.directory import commander, directory, grant
from jalon.app.downlinks import NotSent
from jalon.run.commands.states import State
from jalon.run.commands.wanted import Wanted
from jalon.run.control import CommandDue
from jalon.run.fleet import Device
from jalon.run.things import Form
from jalon.vocab.errors import BrokerError, StoreError, UsageError
from jalon.vocab.text import Text

OFF = Asked(DISPLAY, "setIndicator", "off", "user:ann", key="k1")


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    found = open_post(tmp_path / "air")
    yield found
    found.registry.close()


def fresh(post: Post, command: Command) -> Command:
    found = post.open().one(command.id)
    assert found is not None
    return found


def words(post: Post, command: Command) -> list[str]:
    return [step.step for step in post.open().steps(command)]


def test_a_command_is_told_and_answered(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    commands.tick()
    assert post.told == [
        (
            DISPLAY,
            "cmd/setIndicator",
            {
                "id": asked.id,
                "action": "setIndicator",
                "input": "off",
                "expires": asked.expires_ms,
            },
        )
    ]
    assert fresh(post, asked).state is State.SENT
    post.answer(commands, "running")
    assert fresh(post, asked).state is State.RUNNING
    post.answer(commands, "completed", {"was": "good"})
    done = fresh(post, asked)
    assert (done.state, done.output) == (State.COMPLETED, {"was": "good"})
    post.now += 86_400_000
    commands.tick()
    assert fresh(post, asked) == done
    assert len(post.told) == 1
    assert words(post, asked) == [
        "request",
        "enqueue",
        "claim",
        "hand-over",
        "begin",
        "complete",
    ]


def test_what_is_said_twice_or_by_another_device_changes_nothing(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    commands.tick()
    post.answer(commands, "completed", device="zay-gateway")
    assert fresh(post, asked).state is State.SENT
    post.answer(commands, "completed", 1)
    post.answer(commands, "failed")
    post.answer(commands, "completed", 2)
    assert (fresh(post, asked).state, fresh(post, asked).output) == (State.COMPLETED, 1)


def test_the_same_key_is_the_same_command_and_another_wish_is_refused(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    commands.tick()
    assert commands.ask(OFF).id == asked.id
    with pytest.raises(KeyTaken):
        commands.ask(Asked(DISPLAY, "setIndicator", "good", "user:ann", key="k1"))
    commands.tick()
    assert len(post.told) == 1


def test_a_silent_device_is_told_the_same_again_and_then_given_up(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    for _ in range(6):
        commands.tick()
        post.now += 31_000
    assert len(post.told) == 3
    assert len({str(body) for _device, _leaf, body in post.told}) == 1
    assert fresh(post, asked).state is State.SENT
    post.now = asked.expires_ms + 31_000
    commands.tick()
    commands.tick()
    assert fresh(post, asked).state is State.TIMED_OUT
    post.answer(commands, "completed")
    assert fresh(post, asked).state is State.COMPLETED


def test_a_device_that_comes_back_without_its_session_is_told_again(post: Post) -> None:
    heard: dict[str, int] = {}
    commands = post.open()
    commands.heard = heard.get
    asked = commands.ask(OFF)
    for _ in range(20):
        commands.tick()
        post.now += 31_000
    assert len(post.told) == 3
    heard[DISPLAY] = post.now
    post.now += 600_000
    commands.tick()
    assert len(post.told) == 4
    for _ in range(20):
        post.now += 31_000
        commands.tick()
    assert len(post.told) == 4  # it said nothing since
    assert len({str(body) for _device, _leaf, body in post.told}) == 1
    post.answer(commands, "completed")
    assert fresh(post, asked).state is State.COMPLETED


def test_what_cannot_leave_for_a_while_is_not_told_more_often_afterwards(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    post.trouble = BrokerError(Text("no acknowledgement"))
    commands.tick()
    post.trouble = NotSent(Text("away"))
    for _ in range(10):
        post.now += 60_000
        commands.tick()
    assert fresh(post, asked).attempts == 1
    post.trouble = None
    for _ in range(20):
        post.now += 60_000
        commands.tick()
    assert len(post.told) == 2  # the first may have left


def test_a_command_that_meets_a_bug_holds_up_no_other(post: Post) -> None:
    commands = post.open()
    stuck = commands.ask(OFF)
    post.trouble = ValueError("odd")
    commands.tick()
    assert fresh(post, stuck).state is State.REPEATING
    other = commands.ask(Asked(OTHER, "setIndicator", "off", "user:ann"))
    post.now += 10_000

    def odd(device: Device, leaf: str, payload: bytes, retain: bool) -> None:
        if device.id == DISPLAY:
            raise ValueError("odd")
        post.trouble = None
        carry(device, leaf, payload, retain)

    carry, commands.carry = commands.carry, odd
    commands.tick()
    assert fresh(post, other).state is State.SENT


def keeping_its_topics(post: Post, *hrefs: str) -> None:
    """The display publishes where it always did; its type's forms say where it can be told."""
    kept = post.solution
    devices = [
        one.model_copy(update={"address": "old/display"}) if one.id == DISPLAY else one
        for one in kept.fleet.devices
    ]
    thing = kept.things["air-display"]
    action = thing.actions["setIndicator"].model_copy(
        update={"forms": [Form(href=href) for href in hrefs]}
    )
    told = thing.model_copy(update={"actions": {"setIndicator": action}})
    post.solution = replace(
        kept,
        fleet=kept.fleet.model_copy(update={"devices": devices}),
        things={**kept.things, "air-display": told},
    )


@pytest.mark.parametrize("hrefs", [(), ("/v1/zay-canteen/cmd",), ("/old/displays/set",)])
def test_a_device_with_its_own_topics_is_told_nothing_it_would_not_hear(
    post: Post, hrefs: tuple[str, ...]
) -> None:
    keeping_its_topics(post, *hrefs)
    with pytest.raises(UsageError, match="on which topic"):
        post.open().ask(OFF)


def test_a_device_with_its_own_topics_is_told_where_its_form_says(post: Post) -> None:
    keeping_its_topics(post, "light/set")
    commands = post.open()
    heard: list[tuple[str, bytes]] = []
    commands.carry = lambda _device, leaf, payload, _retain: heard.append((leaf, payload))
    asked = commands.ask(OFF)
    commands.tick()
    assert heard == [("/old/display/light/set", b"off")]
    assert fresh(post, asked).state is State.COMPLETED
    display = post.solution.device(DISPLAY)
    assert display is not None
    topics = {"old/display", "old/display/#"}
    assert topics <= set(grant(display).subscribe)
    assert topics <= set(commander(directory(post.solution, [], []).own_topics).publish)


def test_one_after_the_other_in_order(post: Post) -> None:
    commands = post.open()
    ids = [
        commands.ask(Asked(DISPLAY, "setIndicator", one, "user:ann")).id for one in ("off", "good")
    ]
    commands.tick()
    commands.tick()
    assert [body["id"] for _d, _l, body in post.told] == ids[:1]
    post.answer(commands, "completed")
    commands.tick()
    assert [body["id"] for _d, _l, body in post.told] == ids


class Killed(BaseException):
    """What a SIGKILL looks like from inside."""


def test_killed_before_it_left_it_is_sent_once_after_the_restart(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    post.trouble = Killed()
    with pytest.raises(Killed):
        commands.tick()
    post.trouble = None
    assert fresh(post, asked).state is State.SENDING
    post.open().tick()
    assert [body["id"] for _d, _l, body in post.told] == [asked.id]
    assert fresh(post, asked).state is State.SENT


def test_killed_after_it_left_the_same_id_goes_out_again(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)

    def kill() -> None:
        raise Killed

    post.after = kill
    with pytest.raises(Killed):
        commands.tick()
    post.after = lambda: None
    post.open().tick()
    assert [body["id"] for _d, _l, body in post.told] == [asked.id, asked.id]
    assert post.told[0] == post.told[1]
    post.open().tick()
    assert len(post.told) == 2


def test_an_answer_may_be_faster_than_the_mark(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    post.after = lambda: post.answer(commands, "completed")
    commands.tick()
    assert fresh(post, asked).state is State.COMPLETED


def test_while_the_broker_is_away_it_waits_and_can_be_cancelled(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    post.trouble = NotSent(Text("The broker is away."))
    commands.tick()
    waiting = fresh(post, asked)
    assert (waiting.state, str(waiting.reason)) == (State.QUEUED, "The broker is away.")
    commands.tick()
    assert words(post, asked).count("claim") == 1
    commands.desk.cancel(asked.id, "user:ann")
    post.trouble = None
    post.now += 60_000
    commands.tick()
    assert (post.told, fresh(post, asked).state) == ([], State.CANCELLED)


def test_what_may_have_left_cannot_be_cancelled_and_keeps_its_id(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    post.trouble = BrokerError(Text("The broker has not taken it."))
    commands.tick()
    with pytest.raises(UsageError):
        commands.desk.cancel(asked.id, "user:ann")
    post.trouble = None
    commands.tick()
    assert post.told == []
    post.now += 5_000
    commands.tick()
    assert [body["id"] for _d, _l, body in post.told] == [asked.id]


def test_a_command_that_was_told_once_is_never_called_unsent(post: Post) -> None:
    commands = post.open()
    asked = commands.ask(OFF)
    commands.tick()
    post.trouble = NotSent(Text("The broker is away."))
    post.now += 31_000
    commands.tick()
    assert fresh(post, asked).state is State.SENT
    post.now = asked.expires_ms + 31_000
    commands.tick()
    commands.tick()
    assert fresh(post, asked).state is State.TIMED_OUT


def test_what_nobody_could_be_told_in_time_expires(post: Post) -> None:
    commands = post.open()
    post.trouble = NotSent(Text("The broker is away."))
    asked = commands.ask(OFF)
    commands.tick()
    post.now = asked.expires_ms
    commands.tick()
    assert fresh(post, asked).state is State.EXPIRED


def test_a_command_for_later_waits_and_holds_up_nobody(post: Post) -> None:
    commands = post.open()
    later = commands.ask(
        Asked(DISPLAY, "setIndicator", "good", "user:ann", at_ms=post.now + 3_600_000)
    )
    now = commands.ask(OFF)
    commands.tick()
    assert [body["id"] for _d, _l, body in post.told] == [now.id]
    post.answer(commands, "completed")
    post.now += 3_600_000
    commands.tick()
    assert [body["id"] for _d, _l, body in post.told] == [now.id, later.id]


def test_a_rule_acts_once_and_its_mistakes_are_seen(post: Post) -> None:
    commands = post.open()
    due = CommandDue(
        at_ms=post.now,
        key="rule:air:1",
        by="rule:air",
        subject=f"device:{DISPLAY}",
        action="setIndicator",
        input="air-now",
    )
    commands.carry_out(due)
    commands.carry_out(due)
    commands.tick()
    assert len(post.told) == 1
    commands.carry_out(due.model_copy(update={"key": "rule:air:2", "input": "purple"}))
    refused, _first = post.open().find(Wanted())
    assert refused.state is State.REJECTED
    assert "purple" not in str(refused.reason)


def test_a_decision_and_its_command_are_kept_or_undone_together(post: Post) -> None:
    commands = post.open()

    def both() -> None:
        with post.registry.work():
            commands.ask(OFF)
            raise StoreError(Text("disk full"))

    with pytest.raises(StoreError):
        both()
    assert commands.find(Wanted()) == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked("nobody", "setIndicator", "off"), "no device nobody"),
        (Asked(DISPLAY, "explode"), "no action"),
        (Asked(DISPLAY, "setIndicator"), "missing"),
        (Asked(DISPLAY, "setIndicator", 3), "a text"),
        (Asked(DISPLAY, "setIndicator", "red"), "Allowed"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(post: Post, asked: Asked, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        post.open().ask(asked)
