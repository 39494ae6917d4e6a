"""Commands neither go round in circles nor pile up for ever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_post import DISPLAY, OTHER, Post, open_post
from sqlalchemy import func, select

from jalon.adapters.stores.registry.commands_schema import BulkRow, CommandStepRow
from jalon.app.commands.bulks import BulkAsked
from jalon.app.commands.desk import MOST_OF_A_RULE, Asked
from jalon.run.commands.states import State
from jalon.run.commands.wanted import Wanted
from jalon.run.control import CommandDue

DAY_MS = 86_400_000


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    found = open_post(tmp_path / "air", "keep: 90 d\n")
    yield found
    found.registry.close()


def decided(post: Post, number: int, device: str = DISPLAY) -> CommandDue:
    return CommandDue(
        at_ms=post.now,
        key=f"r:{device}:{number}",
        by="rule:light",
        subject=f"device:{device}",
        action="setIndicator",
        input="off",
    )


def test_a_rule_that_is_woken_by_its_own_command_is_stopped(post: Post) -> None:
    commands = post.open()
    for number in range(4 * MOST_OF_A_RULE):
        commands.carry_out(decided(post, number))
        commands.tick()
        post.now += 1_000
        if post.told and commands.find(Wanted(states=[State.SENT])):
            post.answer(commands, "completed")
    assert len(post.told) == MOST_OF_A_RULE
    refused = commands.find(Wanted(states=[State.REJECTED]), 1_000)
    assert "At most 60" in str(refused[0].reason)
    assert len(refused) == MOST_OF_A_RULE  # and no more are written down
    commands.carry_out(decided(post, 0, OTHER))
    commands.ask(Asked(DISPLAY, "setIndicator", "off", "user:ann"))
    post.now += 3_600_000
    commands.carry_out(decided(post, 10_000))
    assert len(commands.find(Wanted(states=[State.QUEUED]))) == 3


def test_what_is_over_for_long_is_forgotten_with_its_key(post: Post) -> None:
    commands = post.open()
    done = commands.ask(Asked(DISPLAY, "setIndicator", "off", "user:ann", key="k"))
    commands.begin(BulkAsked([OTHER], "setIndicator", "off", "user:ann"), 1)
    commands.tick()
    assert len(post.told) == 2
    for one in list(post.told):
        post.told.append(one)
        post.answer(commands, "completed")
    later = commands.ask(
        Asked(DISPLAY, "setIndicator", "good", "user:ann", at_ms=post.now + 100 * DAY_MS)
    )
    post.now += 89 * DAY_MS
    commands.tick()
    assert commands.ask(Asked(DISPLAY, "setIndicator", "off", "user:ann", key="k")).id == done.id
    post.now += 2 * DAY_MS
    commands.tick()
    assert [one.id for one in commands.find(Wanted())] == [later.id]
    with post.registry.look() as db:
        assert db.scalar(select(func.count()).select_from(BulkRow)) == 0
        kept = set(db.scalars(select(CommandStepRow.command)))
    assert kept == {later.number}
