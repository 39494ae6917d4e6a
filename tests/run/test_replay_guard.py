"""Frames that come again: a second delivery does no harm, one sent anew is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.replay import ReplayGuard, Verdict

NEW, DUPLICATE, REPLAYED = Verdict.NEW, Verdict.DUPLICATE, Verdict.REPLAYED
PERIOD = 600_000


def heard(guard: ReplayGuard, *frames: tuple[int, int], session: str = "01") -> list[Verdict]:
    """The verdicts on (counter, time) of one device, in order."""
    return [guard.judge("a", session, frame, time) for frame, time in frames]


def test_frames_that_count_up_are_new_and_a_second_delivery_is_a_duplicate() -> None:
    guard = ReplayGuard()
    assert heard(guard, (1, 10), (2, 20), (5, 50)) == [NEW] * 3
    assert heard(guard, (5, 50), (2, 20)) == [DUPLICATE] * 2


def test_an_old_frame_sent_anew_is_refused_however_old_it_is() -> None:
    guard = ReplayGuard()
    heard(guard, *((frame, frame * 10) for frame in range(100)))
    assert heard(guard, (99, 1000), (98, 1001), (3, 1002), (0, 1003)) == [REPLAYED] * 4
    assert heard(guard, (100, 1010)) == [NEW]


def test_a_frame_delivered_late_is_believed_by_its_time() -> None:
    guard = ReplayGuard()
    heard(guard, (1, 10), (4, 40), (5, 50))
    assert heard(guard, (3, 30)) == [NEW]
    assert heard(guard, (3, 45)) == [REPLAYED]


def test_a_device_whose_neighbour_counts_alike_is_not_disturbed() -> None:
    guard = ReplayGuard()
    assert guard.judge("a", "01", 7, 10) is NEW
    assert guard.judge("b", "01", 7, 20) is NEW


def test_a_new_session_counts_from_the_beginning() -> None:
    guard = ReplayGuard()
    heard(guard, (500, 10))
    assert heard(guard, (0, 20), (1, 30), session="02") == [NEW] * 2
    guard.joined("a", "03")
    assert heard(guard, (0, 40), session="03") == [NEW]


def test_nobody_comes_back_to_an_ended_session() -> None:
    guard = ReplayGuard()
    heard(guard, (500, 10), (501, 20))
    heard(guard, (0, 30), session="02")
    assert heard(guard, (500, 40), (502, 50)) == [REPLAYED] * 2
    assert heard(guard, (502, 25)) == [NEW], "delivered late, heard before the new session"
    assert heard(guard, (1, 60), session="02") == [NEW], "the session was not disturbed"
    guard.joined("a", "01")
    assert heard(guard, (0, 70)) == [NEW], "unless the device joins and is given the same address"


def test_a_counter_reset_that_the_network_server_tells_of_is_believed() -> None:
    guard = ReplayGuard()
    heard(guard, (500, 10))
    guard.counter_reset("a")
    guard.counter_reset("unknown")
    assert heard(guard, (0, 20), (1, 30)) == [NEW] * 2


@given(st.integers(0, 2**17), st.integers(1, 2000), st.booleans())
def test_a_long_life_is_new_to_its_end_with_counters_of_16_and_of_32_bits(
    first: int, frames: int, short: bool
) -> None:
    guard = ReplayGuard()
    mask = 0xFFFF if short else 0xFFFF_FFFF
    for number in range(first, first + frames):
        assert heard(guard, (number & mask, number * PERIOD)) == [NEW]
    again = (first + frames - 1) & mask
    assert heard(guard, (again, (first + frames) * PERIOD)) == [REPLAYED]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 400)), max_size=60),
    st.sampled_from([0, 65_500, 70_000]),
)
def test_a_frame_is_never_new_twice_in_the_order_of_time(
    frames: list[tuple[int, int]], start: int
) -> None:
    guard = ReplayGuard()
    believed: set[int] = set()
    for frame, time in sorted(frames, key=lambda one: one[1]):
        if heard(guard, (start + frame, time)) == [NEW]:
            assert frame not in believed
            believed.add(frame)


@pytest.mark.parametrize("devices", [1, 10])
def test_memory_is_bounded_and_those_silent_longest_go_first(devices: int) -> None:
    guard = ReplayGuard(devices)
    for number in range(100):
        guard.judge(str(number), "01", 1, number)
    assert len(guard) == devices
    assert guard.judge("99", "01", 1, 1000) is REPLAYED
    assert guard.judge("0", "01", 1, 1000) is NEW
