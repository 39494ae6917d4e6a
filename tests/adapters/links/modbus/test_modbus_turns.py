"""Turns keep their beat, and who is silent waits."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.links.modbus.codec import Entity, Point
from jalon.adapters.links.modbus.turns import AGAIN_S, SILENCE_S, Round, Silence, rounds


def points(count: int) -> list[Point]:
    """Neighbouring holding registers."""
    return [Point(f"p{i}", Entity.HOLDING_REGISTER, i) for i in range(count)]


@given(st.lists(st.floats(0, 50), max_size=40), st.floats(0.1, 20))
def test_a_late_turn_keeps_the_beat_and_makes_nothing_up(late: list[float], every_s: float) -> None:
    turn = Round(1, "d", every_s, [])
    for delay in late:
        now_s = turn.due_s + delay
        turn.took_place(now_s)
        assert now_s < turn.due_s + 1e-6
        assert turn.due_s <= now_s + every_s * (1 + 1e-9)
        beats = turn.due_s / every_s
        assert math.isclose(beats, round(beats), abs_tol=1e-6)


def test_a_refused_span_is_halved_until_the_culprit_stands_alone() -> None:
    (turn,) = rounds(1, "d", points(8), 10, 8, 125)
    culprit = turn.spans[0].points[5]
    asked = 0
    given_up: list[Point] = []
    while broken := [span for span in turn.spans if culprit in span.points]:
        asked += 1
        point = turn.refused(broken[0], 100.0)
        given_up += [point] if point else []

    assert given_up == [culprit]
    assert asked == 4  # 8, 4, 2, 1
    assert [p.name for span in turn.spans for p in span.points] == [
        "p0", "p1", "p2", "p3", "p4", "p6", "p7",
    ]  # fmt: skip
    turn.try_again(100.0 + AGAIN_S - 1)
    assert culprit in turn.missing
    turn.try_again(100.0 + AGAIN_S)
    assert turn.spans[-1].points == (culprit,)


def test_silence_grows_to_a_minute_and_not_beyond() -> None:
    silence = Silence()
    pauses = []
    for _ in range(30):
        silence.lasts(0.0, 1.0)
        pauses.append(silence.until_s)
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[-1] == SILENCE_S


def test_properties_of_one_pace_share_a_round() -> None:
    fast = Point("fast", Entity.COIL, 3, poll_ms=500)
    found = rounds(7, "d", [*points(3), fast], 10, 8, 125)
    assert [(one.every_s, [len(s.points) for s in one.spans]) for one in found] == [
        (10, [3]),
        (0.5, [1]),
    ]
