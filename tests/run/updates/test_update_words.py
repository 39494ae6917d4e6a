"""Versions, manifests, stages and life cycles, whatever they are given."""

from __future__ import annotations

import random
from base64 import b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.updates import stages
from jalon.run.updates.manifest import (
    Component,
    Manifest,
    Signed,
    canonical,
    package_id,
    public_text,
    read_manifest,
    sign,
    verify,
)
from jalon.run.updates.spec import Abort, Stage
from jalon.run.updates.states import (
    BAD,
    CAMPAIGNS,
    DEVICES,
    FINISHED,
    SAID,
    UNDER_WAY,
    CampaignEvent,
    CampaignState,
    DeviceEvent,
    DeviceState,
    campaign_after,
    device_after,
)
from jalon.run.updates.versions import Version, in_range, same
from jalon.vocab.errors import UsageError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = {"release": public_text(KEY.public_key())}
NUMBERS = st.integers(0, 999)
VERSIONS = st.builds(
    "{}.{}.{}{}".format, NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["", "-rc.1", "-rc.2", "-a"])
)
WORDS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60)
MANIFESTS = st.builds(
    Manifest,
    component=st.sampled_from(Component),
    version=VERSIONS,
    things=st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True), min_size=1, max_size=4),
    hardware=st.lists(st.text(max_size=10), max_size=3),
    upgrades=st.builds(">={} <{}".format, VERSIONS, VERSIONS) | st.just(""),
    size=st.integers(1, 1 << 28),
    sha256=st.binary().map(lambda one: sha256(one).hexdigest()),
    chunk=st.integers(16 << 10, 64 << 10),
    created=st.integers(0, 1 << 50),
    description=WORDS,
)


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    texts = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11"
    ordered = [*texts.split(), "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0", "2.0.0"]
    assert sorted(random.Random(3).sample(ordered, len(ordered)), key=Version) == ordered
    assert same("v1.4", "1.4.0+build.7")
    assert same("build 7", "build 7")
    assert not same("1.4.0", "build 7")


@given(VERSIONS, VERSIONS)
def test_a_range_holds_what_lies_in_it(low: str, high: str) -> None:
    wanted = f">={low} <{high}"
    assert in_range(low, wanted) == (Version(low) < Version(high))
    assert not in_range(high, wanted)
    assert in_range(low, "")


@pytest.mark.parametrize("text", ["", "1", "1.x", "one.two", "1.2.3.4", "1.2.3-"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        Version(text)


@given(MANIFESTS)
def test_a_manifest_comes_back_as_it_was_signed(manifest: Manifest) -> None:
    signed = sign(manifest, "release", KEY)
    assert verify(signed, KEYS) == manifest
    assert read_manifest(canonical(manifest)) == manifest
    assert signed.package == package_id(canonical(manifest))
    again = Signed.model_validate_json(signed.model_dump_json())
    assert verify(again, KEYS) == manifest


@given(MANIFESTS, st.data())
def test_no_changed_bit_of_a_manifest_goes_unseen(manifest: Manifest, data: st.DataObject) -> None:
    signed = sign(manifest, "release", KEY)
    content = bytearray(signed.content)
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    changed = signed.model_copy(update={"signed": b64encode(bytes(content)).decode()})
    with pytest.raises(UsageError, match="does not hold"):
        verify(changed, KEYS)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_signature_that_is_none_is_refused_with_a_sentence(content: str, signature: str) -> None:
    with pytest.raises(UsageError):
        verify(Signed(signed=content, key="release", signature=signature), KEYS)


def test_a_signature_of_another_key_or_for_another_purpose_does_not_hold() -> None:
    manifest = Manifest(
        component=Component.CONFIG,
        version="1.0.0",
        things=["air"],
        size=1,
        sha256="0" * 64,
        created=0,
    )
    signed = sign(manifest, "release", Ed25519PrivateKey.generate())
    with pytest.raises(UsageError, match="does not hold"):
        verify(signed, KEYS)
    bare = b64encode(KEY.sign(canonical(manifest))).decode()
    with pytest.raises(UsageError, match="does not hold"):
        verify(signed.model_copy(update={"signature": bare}), KEYS)


STAGES = st.lists(
    st.builds(Stage, devices=st.integers(1, 50))
    | st.builds(Stage, percent=st.floats(0.1, 100, allow_nan=False)),
    min_size=1,
    max_size=6,
)
FLEETS = st.sets(st.text("abcdef0123", min_size=1, max_size=6), max_size=200)


@given(FLEETS, STAGES)
def test_every_device_is_in_one_stage_and_no_stage_reaches_too_far(
    fleet: set[str], written: list[Stage]
) -> None:
    ordered = stages.order(fleet, "campaign")
    assert ordered == stages.order(sorted(fleet), "campaign")
    parts = stages.split(ordered, written)
    assert [one for part in parts for one in part] == ordered
    assert len(parts) == len(written)
    begun, allowed = 0, 0
    for part, stage in zip(parts[:-1], written[:-1], strict=True):
        begun += len(part)
        allowed = max(allowed, stages.reach(stage, len(fleet)))
        assert begun <= allowed
        if stage.percent is not None:
            assert stages.reach(stage, len(fleet)) - 1 < stage.percent * len(fleet) / 100


@given(st.integers(1, 20), st.lists(st.integers(1, 30_000), max_size=80))
def test_no_minute_sees_more_than_the_rate(per_minute: int, pauses: list[int]) -> None:
    begun: list[int] = []
    now = 0
    for pause in pauses:
        now += pause
        room = stages.room(per_minute, begun, now)
        assert room is not None
        begun += [now] * min(room, 3)
    for at in begun:
        assert sum(at <= other < at + 60_000 for other in begun) <= per_minute


@given(st.lists(st.sampled_from(DeviceState)), st.integers(1, 5), st.floats(0, 99))
def test_a_stage_without_bad_ends_never_stops_a_campaign(
    states: list[DeviceState], failures: int, percent: float
) -> None:
    bad = sum(one in BAD for one in states)
    by_count = stages.must_stop(Abort(failures=failures), states)
    assert by_count == (bad >= failures)
    if not bad:
        assert not stages.must_stop(Abort(failures=failures, percent=percent), states)
    if bad and all(one in FINISHED for one in states):
        assert stages.must_stop(Abort(percent=0), states)


def test_the_tables_name_every_state_and_lead_somewhere() -> None:
    assert set(DEVICES) == set(DeviceState)
    assert set(CAMPAIGNS) == set(CampaignState)
    reached = {to for moves in DEVICES.values() for to in moves.values()}
    assert set(DeviceState) - {DeviceState.PENDING} <= reached
    reached_too = {to for moves in CAMPAIGNS.values() for to in moves.values()}
    assert reached_too == set(CampaignState) - {CampaignState.DRAFT}


@given(st.lists(st.sampled_from(DeviceEvent), max_size=30))
def test_a_device_that_failed_for_good_can_only_turn_out_well(events: list[DeviceEvent]) -> None:
    state = DeviceState.PENDING
    for event in events:
        before, after = state, device_after(state, event)
        if after is None:
            continue
        state = after
        if before in FINISHED:
            assert state in (DeviceState.UPDATED, DeviceState.ROLLED_BACK)
        if state is DeviceState.UPDATED and before is not DeviceState.UPDATED:
            assert event is DeviceEvent.RUNS_NEW
    for under_way in UNDER_WAY:
        assert {device_after(under_way, event) for event in SAID.values()} >= {
            DeviceState.FAILED,
            DeviceState.REFUSED,
        }


@given(st.lists(st.sampled_from(CampaignEvent), max_size=30))
def test_a_campaign_that_was_stopped_begins_no_device_any_more(
    events: list[CampaignEvent],
) -> None:
    state = CampaignState.DRAFT
    stopped = False
    for event in events:
        state = campaign_after(state, event) or state
        stopped |= state in (
            CampaignState.ABORTING,
            CampaignState.ABORTED,
            CampaignState.ROLLING_BACK,
        )
        assert not (stopped and state in (CampaignState.RUNNING, CampaignState.PAUSED))
