"""The same to many devices, at a pace; by schedules; and dangerous things by two people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from command_post import DISPLAY, OTHER, Post, open_post

from jalon.app.commands.bulks import BulkAsked
from jalon.app.commands.desk import Asked, KeyTaken, NotForYou
from jalon.app.commands.service import Commands
from jalon.run.commands.bulk import PartialFailure, Success
from jalon.run.commands.spec import BulkLimits, Selection
from jalon.run.commands.states import State
from jalon.run.commands.wanted import Wanted
from jalon.vocab.errors import UsageError
from jalon.vocab.times import to_ms

DISPLAYS = Selection(thing="air-display")
PARIS = ZoneInfo("Europe/Paris")
Open = Callable[[str], Post]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """A school with this commands.yaml."""
    posts: list[Post] = []

    def open_one(written: str = "") -> Post:
        posts.append(open_post(tmp_path / f"air{len(posts)}", written))
        return posts[-1]

    yield open_one
    for one in posts:
        one.registry.close()


def bulk(commands: Commands, limits: BulkLimits, key: str = "") -> BulkAsked:
    devices = commands.bulks.select(DISPLAYS)
    return BulkAsked(devices, "setIndicator", "off", "user:ann", key, limits)


def test_devices_are_told_at_the_rate_and_only_so_many_at_a_time(opened: Open) -> None:
    post = opened("")
    commands = post.open()
    asked = bulk(commands, BulkLimits(rate=1, concurrency=2))
    begun = commands.begin(asked, len(asked.devices))
    told = []
    for _second in range(4):
        commands.tick()
        told.append(len(post.told))
        post.now += 1_000
    assert told == [1, 2, 2, 2]
    for _device in range(2, len(asked.devices) + 1):
        for index in range(len(post.told)):
            name, leaf, body = post.told[index]
            post.told[index:] = [*post.told[index + 1 :], (name, leaf, body)]
            post.answer(commands, "completed")
        commands.tick()
    while len(post.told) < len(asked.devices):
        commands.tick()
    for told_one in list(post.told):
        post.told.append(told_one)
        post.answer(commands, "completed")
        post.told.pop()
    after = commands.bulk(begun.id)
    assert after is not None
    assert after.result == Success(len(asked.devices))


def test_a_bulk_to_devices_that_sleep_holds_up_nobody(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jalon.adapters.stores.registry.commands._AT_ONCE", 1)
    post = opened("")
    commands = post.open()
    limits = BulkLimits(rate=100, concurrency=1, stop_at=100)
    others = [one for one in commands.bulks.select(DISPLAYS) if one != DISPLAY]
    commands.begin(BulkAsked(others, "setIndicator", "off", "user:ann", limits=limits), len(others))
    post.now += 1_000
    mine = commands.ask(Asked(DISPLAY, "setIndicator", "good", "user:ann"))
    for _ in range(3):
        commands.tick()
    assert [device for device, _leaf, _body in post.told] == [DISPLAY, others[0]]
    assert post.told[0][2]["id"] == mine.id


def test_the_number_is_confirmed_and_the_key_begins_it_once(opened: Open) -> None:
    commands = opened("").open()
    asked = bulk(commands, BulkLimits(), key="k")
    with pytest.raises(UsageError, match="confirmed"):
        commands.begin(asked, len(asked.devices) + 1)
    first = commands.begin(asked, len(asked.devices))
    assert commands.begin(asked, len(asked.devices)).id == first.id
    assert len(commands.find(Wanted())) == len(asked.devices)
    other = BulkAsked(asked.devices, "setIndicator", "good", "user:ann", "k")
    with pytest.raises(KeyTaken):
        commands.begin(other, len(asked.devices))


def test_when_too_many_fail_the_rest_is_left_out(opened: Open) -> None:
    post = opened("")
    commands = post.open()
    asked = bulk(commands, BulkLimits(rate=1, concurrency=1, stop_at=50))
    begun = commands.begin(asked, len(asked.devices))
    for status in ("completed", "failed"):
        commands.tick()
        post.answer(commands, status)
        post.now += 1_000
    commands.tick()
    after = commands.bulk(begun.id)
    assert after is not None
    assert after.result == PartialFailure(1, 1, len(asked.devices) - 2)
    assert "1 of 2" in str(after.stopped)
    post.now += 60_000
    commands.tick()
    assert len(post.told) == 2


def test_a_device_that_cannot_be_told_fails_alone(opened: Open) -> None:
    post = opened("")
    commands = post.open()
    asked = BulkAsked([DISPLAY, "zay-cm2-a"], "setIndicator", "off", "user:ann")
    preview = commands.bulks.preview(asked)
    assert preview.devices == [DISPLAY]
    assert list(preview.refused) == ["zay-cm2-a"]
    begun = commands.begin(asked, 2)
    commands.tick()
    post.answer(commands, "completed")
    after = commands.bulk(begun.id)
    assert after is not None
    assert after.result == PartialFailure(1, 1, 0)


DANGEROUS = """
policies: [{action: setIndicator, dangerous: true}]
approval_expires: 10 min
"""


def test_a_second_person_approves_and_not_the_same_one_by_a_program(opened: Open) -> None:
    post = opened(DANGEROUS)
    commands = post.open()
    asked = commands.ask(
        Asked(DISPLAY, "setIndicator", "off", "user:ann (script)", expires_ms=None)
    )
    commands.tick()
    assert (asked.state, post.told) == (State.AWAITING, [])
    with pytest.raises(NotForYou):
        commands.approve(asked.id, "user:ann")
    post.now += 300_000
    approved = commands.approve(asked.id, "user:bea")
    assert approved.expires_ms == asked.expires_ms + 300_000
    commands.tick()
    assert len(post.told) == 1
    with pytest.raises(UsageError, match="any more"):
        commands.approve(asked.id, "user:bea")


def test_those_who_may_approve_are_led_to_the_page_of_the_command(opened: Open) -> None:
    post = opened(DANGEROUS)
    control = post.solution.control
    file = control.commands.model_copy(update={"approvers": ["sophie"]})
    post.solution = replace(post.solution, control=replace(control, commands=file))
    asked = post.open().ask(Asked(DISPLAY, "setIndicator", "off", "user:ann"))
    (message,) = post.messages
    assert (message.to, message.path) == (["sophie"], f"/commands/{asked.number}")


def test_what_nobody_approves_expires_and_what_is_rejected_never_leaves(opened: Open) -> None:
    post = opened(DANGEROUS)
    commands = post.open()
    late = commands.ask(Asked(DISPLAY, "setIndicator", "off", "rule:night"))
    no = commands.ask(Asked(OTHER, "setIndicator", "off", "user:ann"))
    commands.desk.reject(no.id, "user:bea", "not now")
    post.now += 600_000
    commands.tick()
    found = {one.id: one for one in commands.find(Wanted())}
    assert found[late.id].state is State.EXPIRED
    assert (found[no.id].state, str(found[no.id].reason)) == (State.REJECTED, "Rejected: not now")
    assert post.told == []


def test_many_dangerous_ones_are_approved_at_once_and_paced_from_then(opened: Open) -> None:
    post = opened(DANGEROUS)
    commands = post.open()
    asked = bulk(commands, BulkLimits(rate=1))
    begun = commands.begin(asked, len(asked.devices))
    assert begun.awaiting == len(asked.devices)
    post.now += 60_000
    assert commands.bulks.approve(begun.id, "user:bea") == len(asked.devices)
    commands.tick()
    assert len(post.told) == 1


def test_policies_say_who_and_how_often(opened: Open) -> None:
    post = opened("policies: [{action: setIndicator, rate: 2, who: [ann, 'rule:night']}]")
    commands = post.open()
    commands.ask(Asked(DISPLAY, "setIndicator", "off", "user:ann"))
    commands.ask(Asked(DISPLAY, "setIndicator", "off", "rule:night"))
    with pytest.raises(NotForYou):
        commands.ask(Asked(DISPLAY, "setIndicator", "off", "user:bea"))
    with pytest.raises(UsageError, match="At most 2"):
        commands.ask(Asked(DISPLAY, "setIndicator", "good", "user:ann"))
    commands.ask(Asked(OTHER, "setIndicator", "good", "user:ann"))


NIGHT = """
schedules:
  - id: night
    thing: air-display
    site: jean-zay
    action: setIndicator
    input: "off"
    at: "19:00"
    missed: run
    late: 30 min
"""


def moment(day: int, hour: int, minute: int = 0) -> int:
    return to_ms(datetime(2026, 10, day, hour, minute, tzinfo=PARIS))


def test_a_schedule_runs_once_a_day_however_often_jalon_starts(opened: Open) -> None:
    post = opened(NIGHT)
    post.now = moment(24, 18)
    for hour, minute in ((18, 0), (18, 59), (19, 0), (19, 0), (19, 20)):
        post.now = moment(24, hour, minute)
        post.open().tick()
    assert {(name, body["id"]) for name, _leaf, body in post.told} == {
        (one.device, one.id) for one in post.open().find(Wanted())
    }
    assert len(post.open().find(Wanted())) == 2
    assert {one.by for one in post.open().find(Wanted())} == {"schedule:night"}
    post.now = moment(25, 19)  # the clock has changed
    post.open().tick()
    made = post.open().find(Wanted())
    assert len(made) == 4
    assert made[0].created_ms - made[-1].created_ms == 25 * 3_600_000


@pytest.mark.parametrize(("minute", "count"), [(29, 2), (31, 0)])
def test_what_was_missed_is_made_up_for_only_so_late(opened: Open, minute: int, count: int) -> None:
    post = opened(NIGHT)
    post.now = moment(24, 18)
    post.open().tick()
    post.now = moment(24, 19, minute)
    post.open().tick()
    assert len(post.open().find(Wanted())) == count


def test_the_pages_know_when_it_comes(opened: Open) -> None:
    post = opened(NIGHT)
    post.now = moment(24, 20)
    (coming,) = post.open().schedules.coming()
    assert coming.at_ms == moment(25, 19)
