"""What the counters and gateways of the last frames say of the air between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.radio import Hearing, Reception, quality


def heard(*counters: int | None) -> list[Hearing]:
    """Frames with these counters, a minute apart."""
    return [Hearing(at * 60_000, counter) for at, counter in enumerate(counters)]


@pytest.mark.parametrize(
    ("counters", "frames", "lost"),
    [
        ([], 0, 0),
        ([7], 1, 0),
        ([7, 8, 9], 3, 0),
        ([7, 9, 12], 3, 3),
        ([7, 7, 8], 2, 0),  # the network told one frame twice
        ([900, 901, 0, 1], 4, 0),  # it joined anew
        ([5, 40_000, 40_001], 3, 0),  # no device sends so much between two reports
        ([None, None], 0, 0),
    ],
)
def test_gaps_of_the_counter_are_lost_frames(
    counters: list[int | None], frames: int, lost: int
) -> None:
    found = quality(heard(*counters))
    assert (found.heard, found.lost) == (frames, lost)


@given(st.lists(st.integers(0, 70_000), max_size=60))
def test_never_more_is_heard_than_was_sent(counters: list[int]) -> None:
    found = quality(heard(*counters))
    assert 0 <= found.heard <= found.sent
    assert 0 <= found.lost_share < 1
    assert quality(list(reversed(heard(*counters)))) == found


def test_each_gateway_is_told_with_what_it_heard() -> None:
    one, two = Reception("roof", -90.0, 6.0), Reception("cellar", -118.0, -9.0)
    hearings = [
        Hearing(0, 1, 7, "SF7BW125", (one, two)),
        Hearing(60_000, 2, 7, "SF7BW125", (Reception("roof", -94.0, 8.0),)),
    ]
    shares = quality(hearings).gateways
    assert [(s.gateway, s.frames, s.rssi, s.snr) for s in shares] == [
        ("roof", 2, -92.0, 7.0),
        ("cellar", 1, -118.0, -9.0),
    ]
    assert hearings[0].best == one
    assert hearings[0].margin_db == 13.5


def test_without_spreading_factor_or_gateway_no_margin_is_invented() -> None:
    assert Hearing(0, 1, None, "", (Reception("roof", -90.0, 6.0),)).margin_db is None
    assert Hearing(0, 1, 7).margin_db is None
