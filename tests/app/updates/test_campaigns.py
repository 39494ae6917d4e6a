"""Campaigns from draft to their end: stages, failures, power cuts, restarts, ways back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from update_town import FAST, FILE, Town, make_folder, signed

from jalon.app.updates.desk import Act, Targets, Wish
from jalon.run.answers import ChunkWanted
from jalon.run.virtual.updating import Flaws
from jalon.vocab.errors import UsageError

ALL = {"id": "all", "stages": [{"percent": 100}]}
CAREFUL = {
    "id": "careful",
    "stages": [{"devices": 1, "wait_min": 1}, {"percent": 50, "per_minute": 4}, {"percent": 100}],
    "abort": {"percent": 20, "at_least": 3},
    "healthy_min": 1,
}
Build = Callable[..., Town]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    def make(
        plans: Sequence[Mapping[str, object]] = (ALL, CAREFUL), count: int = 20, **more: object
    ) -> Town:
        town = Town(make_folder(tmp_path / "cold", count, plans), **more)  # type: ignore[arg-type]
        town.greet()
        return town

    return make


def with_flaws(**flaws: float) -> Flaws:
    known = {name: getattr(FAST, name) for name in ("install_s", "reboot_s", "dark_s")}
    return Flaws(**known, ask_again_s=2, **flaws)


def test_twenty_devices_are_updated_by_stages_and_never_faster_than_asked(build: Build) -> None:
    town = build()
    campaign = town.campaign(town.package(), "careful")
    town.live(20)
    assert Counter(town.states(campaign).values()) == {"updated": 1, "pending": 19}
    town.live(400)
    assert town.state(campaign) == "completed"
    assert set(town.states(campaign).values()) == {"updated"}
    assert {one.versions["firmware"] for name, one in town.devices.items() if name != "lorry"} == {
        "2.0.0"
    }
    second = [at for at, _ in town.offers[1:10]]
    assert all(sum(at <= other < at + 60_000 for other in second) <= 4 for at in second)
    assert town.offers[1][0] - town.offers[0][0] >= 60_000
    assert not any(town.retained.values())


def test_too_many_failures_in_a_stage_stop_the_campaign(build: Build) -> None:
    town = build(flaws=with_flaws(fail=1))
    campaign = town.campaign(town.package(), "careful")
    town.live(180)
    states = Counter(town.states(campaign).values())
    assert town.state(campaign) == "aborted"
    assert states["withdrawn"] == 19
    assert states["failed"] + states["rolled-back"] == 1
    assert town.updates.world.campaign(campaign).reason == "threshold"


def test_what_loses_power_goes_on_from_where_it_was(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = build(flaws=with_flaws(power_loss=1))
    campaign = town.campaign(town.package(), "all")
    asked: list[tuple[str, int]] = []
    wanted = town.updates.chunk_wanted

    def listen(one: ChunkWanted) -> None:
        asked.append((one.device, one.offset))
        wanted(one)

    monkeypatch.setattr(town.updates, "chunk_wanted", listen)
    town.live(60)
    assert town.state(campaign) == "completed"
    offsets = [offset for device, offset in asked if device == "c00"]
    assert offsets.count(0) == 1
    assert sorted(set(offsets)) == sorted(offsets)


def test_a_wrong_byte_is_refused_by_the_device(build: Build) -> None:
    town = build(count=3, flaws=with_flaws(corrupt=1))
    campaign = town.campaign(town.package(), "all")
    town.live(30)
    assert set(town.states(campaign).values()) == {"refused"}
    assert town.devices["c00"].versions["firmware"] == "1.0.0"


def test_a_failed_device_is_tried_again_and_then_counts_as_failed(build: Build) -> None:
    plan = {**ALL, "tries": 3, "abort": {"failures": 99}}
    town = build([plan], count=12, flaws=with_flaws(fail=1))
    campaign = town.campaign(town.package(), "all")
    town.live(200)
    targets = town.updates.world.campaigns.targets(campaign)
    tries = {one.state: one.tries for one in targets}
    assert tries == {"failed": 3, "rolled-back": 1}


def test_a_service_that_was_killed_goes_on_where_it_was(build: Build) -> None:
    town = build()
    campaign = town.campaign(town.package(), "careful")
    for _ in range(40):
        town.live(7)
        town.reopen()
    town.live(120)
    assert town.state(campaign) == "completed"
    assert set(town.states(campaign).values()) == {"updated"}
    assert Counter(device for _, device in town.offers).most_common(1)[0][1] == 1


def test_an_offer_waits_while_the_broker_is_away(build: Build) -> None:
    town = build(count=2)
    campaign = town.campaign(town.package(), "all")
    town.broken_wire = True
    town.live(10)
    assert set(town.states(campaign).values()) == {"offered"}
    town.broken_wire = False
    town.live(60)
    assert town.state(campaign) == "completed"


def test_a_campaign_is_rolled_back_to_what_each_device_ran(build: Build) -> None:
    town = build(count=4)
    first = town.package(FILE + b"1", "1.5.0")
    town.campaign(first, "all", targets={"devices": ["c00", "c01"]})
    town.live(30)
    campaign = town.campaign(town.package(), "all")
    town.live(30)
    assert {one.versions["firmware"] for one in town.devices.values()} == {"2.0.0", "1.0.0"}
    town.updates.desk.act(campaign, Act.ROLLBACK, "bob")
    town.live(60)
    assert town.state(campaign) == "rolled-back"
    # 1.0.0 was never a package here: those two keep what they have, and the report says so.
    versions = {name: one.versions["firmware"] for name, one in town.devices.items()}
    assert versions == {
        "c00": "1.5.0",
        "c01": "1.5.0",
        "c02": "2.0.0",
        "c03": "2.0.0",
        "lorry": "1.0.0",
    }
    assert town.states(campaign) == {
        "c00": "rolled-back",
        "c01": "rolled-back",
        "c02": "updated",
        "c03": "updated",
    }


def test_a_plan_can_roll_back_by_itself(build: Build) -> None:
    plan = {
        "id": "strict",
        "stages": [{"devices": 2}, {"percent": 100}],
        "abort": {"percent": 0, "at_least": 1},
        "rollback": True,
        "notify": [],
        "tries": 1,
    }
    town = build([ALL, plan], count=8)
    town.campaign(town.package(FILE + b"1", "1.5.0"), "all")
    town.live(30)
    package = town.package()
    campaign = town.campaign(package, "strict")
    bad = town.updates.desk.preview(Wish(package=package, plan="strict")).stages[1][0]
    town.devices[bad]._luck = town.devices[bad]._luck.__class__(with_flaws(fail=1), 5)
    town.live(120)
    assert town.state(campaign) == "rolled-back"
    assert {one.versions["firmware"] for name, one in town.devices.items() if name != "lorry"} == {
        "1.5.0"
    }


def test_a_person_pauses_resumes_and_aborts(build: Build) -> None:
    town = build([{**ALL, "stages": [{"percent": 100, "per_minute": 2}]}], count=10)
    campaign = town.campaign(town.package(), "all")
    town.live(30)
    town.updates.desk.act(campaign, Act.PAUSE, "bob")
    town.live(200)
    assert Counter(town.states(campaign).values()) == {"updated": 2, "pending": 8}
    town.updates.desk.act(campaign, Act.RESUME, "bob")
    town.live(5)
    town.updates.desk.act(campaign, Act.ABORT, "bob")
    town.live(100)
    states = Counter(town.states(campaign).values())
    assert town.state(campaign) == "aborted"
    assert states["withdrawn"] + states["updated"] == 10
    with pytest.raises(UsageError, match="aborted"):
        town.updates.desk.act(campaign, Act.RESUME, "bob")
    steps = [(one.who, one.what) for one in town.updates.world.campaigns.steps(campaign)]
    assert steps[:5] == [
        ("ada", "draft"),
        ("bob", "running"),
        ("bob", "paused"),
        ("bob", "running"),
        ("bob", "aborting"),
    ]


def test_a_device_that_says_nothing_any_more_fails_in_time(build: Build) -> None:
    town = build([{**ALL, "answer_h": 0.01, "healthy_min": 0.5}], count=3)
    town.devices.pop("c00")
    town.devices["c00"] = _Mute()  # type: ignore[assignment]
    campaign = town.campaign(town.package(), "all")
    town.live(60)
    assert town.states(campaign)["c00"] == "failed"
    assert town.updates.world.campaigns.target(campaign, "c00").detail == "silent"  # type: ignore[union-attr]


class _Mute:
    is_dark = False
    versions: Mapping[str, str] = {}

    def tick(self, _now_ms: int) -> list[tuple[str, bytes]]:
        return []

    def heard(self, _leaf: str, _payload: bytes, _now_ms: int) -> list[tuple[str, bytes]]:
        return []


def test_two_people_are_needed_where_the_plan_says_so(build: Build) -> None:
    town = build([{**ALL, "two_people": True}], count=2)
    campaign = town.campaign(town.package(), "all", start=False)
    with pytest.raises(UsageError, match="two people"):
        town.updates.desk.start(campaign, "ada")
    town.updates.desk.start(campaign, "bob")
    assert town.state(campaign) == "running"


def test_only_the_package_offered_to_a_device_is_handed_out(build: Build) -> None:
    town = build(count=2)
    package = town.package()
    with pytest.raises(UsageError, match="not offered"):
        town.updates.piece("c00", package, 0, 100)
    campaign = town.campaign(package, "all", targets={"devices": ["c00"]}, start=False)
    town.updates.desk.start(campaign, "bob")
    town.rollout.turn(town.now_ms)
    assert town.updates.piece("c00", package, 10, 5) == FILE[10:15]
    assert len(town.updates.piece("c00", package, 0, 1 << 30)) <= 64 << 10
    assert town.updates.piece("c00", package, len(FILE), 10) == b""
    with pytest.raises(UsageError, match="not offered"):
        town.updates.piece("c01", package, 0, 100)


def test_a_downgrade_is_refused_unless_said(build: Build) -> None:
    town = build(count=2)
    old = town.package(FILE + b"0", "0.9.0")
    with pytest.raises(UsageError, match="No device"):
        town.campaign(old, "all")
    campaign = town.campaign(old, "all", downgrade=True)
    town.live(30)
    assert town.state(campaign) == "completed"
    assert town.devices["c00"].versions["firmware"] == "0.9.0"


def test_who_cannot_be_given_the_package_is_named_with_the_reason(build: Build) -> None:
    town = build(count=2)
    package = town.package(hardware=["B"])
    wish = Wish(package=package, targets=Targets(devices=["c00", "lorry"]))
    assert dict(town.updates.desk.preview(wish).unfit) == {
        "c00": "other-hardware",
        "lorry": "other-thing",
    }


def test_all_that_is_said_of_the_devices_must_hold(build: Build) -> None:
    town = build(count=12)
    package = town.package()

    def reached(**targets: object) -> list[str]:
        wish = Wish(package=package, targets=Targets.model_validate(targets))
        return sorted(town.updates.desk.preview(wish).fit)

    assert len(reached()) == 12
    assert reached(query="c1") == ["c10", "c11"]
    assert reached(query="c1", devices=["c03", "c10"]) == ["c10"]
    with pytest.raises(UsageError, match="no group"):
        reached(group="nowhere")
    with pytest.raises(UsageError, match="no device"):
        reached(devices=["c99"])


def test_a_package_that_is_needed_is_not_dropped(build: Build) -> None:
    town = build(count=2)
    package = town.package()
    town.campaign(package, "all", start=False)
    with pytest.raises(UsageError, match="needs this package"):
        town.updates.desk.drop(package)
    other = town.package(FILE + b"2", "3.0.0")
    town.updates.desk.drop(other)
    assert [one.id for one in town.updates.world.packages.all()] == [package]
    assert len(list((town.solution.folder / ".jalon" / "packages").iterdir())) == 1


def test_a_key_that_is_trusted_no_more_stops_what_it_signed(build: Build) -> None:
    town = build(count=2)
    campaign = town.campaign(town.package(), "all")
    keyless = town.solution.control.updates.model_copy(update={"keys": []})
    object.__setattr__(town.solution.control, "updates", keyless)
    town.live(5)
    assert town.state(campaign) == "paused"
    assert town.offers == []


def test_nothing_unsigned_is_kept(build: Build) -> None:
    town = build(count=1)
    with pytest.raises(UsageError, match="not the one that was signed"):
        town.updates.desk.add(signed(FILE), FILE[:-1] + b"x", "ada")
    stranger = signed(FILE).model_copy(update={"key": "somebody"})
    with pytest.raises(UsageError, match="not trusted"):
        town.updates.desk.add(stranger, FILE, "ada")
    assert town.updates.world.packages.all() == []


def test_a_configuration_is_a_document(build: Build) -> None:
    town = build(count=1)
    with pytest.raises(UsageError, match="JSON or YAML"):
        town.package(b"just words", "1.1.0", component="config")
    campaign = town.campaign(town.package(b"interval: 60\n", "1.1.0", component="config"), "all")
    town.live(20)
    assert town.state(campaign) == "completed"
    assert town.updates.versions("c00")["config"] == "1.1.0"


def test_an_offset_beyond_any_file_is_left_unanswered(build: Build) -> None:
    town = build(count=2)
    package = town.package()
    town.campaign(package, "all")
    town.live(1)
    for offset in (2**40, 2**64):
        town.updates.chunk_wanted(ChunkWanted("c00", package, offset, 16))
