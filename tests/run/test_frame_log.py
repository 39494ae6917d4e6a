"""The last frames of every device, within a fixed room."""

from __future__ import annotations

from jalon.run.frames import FrameLog


def test_the_newest_frames_of_a_device_are_kept_newest_first() -> None:
    log = FrameLog(kept=3)
    for number in range(5):
        log.note("a", number, "t", b"%d" % number)
    assert [(one.time_ms, one.payload) for one in log.of("a")] == [(4, b"4"), (3, b"3"), (2, b"2")]
    assert log.of("b") == []


def test_over_its_budget_everyone_gives_the_oldest_half() -> None:
    log = FrameLog(budget=10_000)
    for number in range(1_000):
        log.note(f"d{number % 4}", number, "t", b"x" * 300)
        kept = [frame for device in range(4) for frame in log.of(f"d{device}")]
        assert sum(len(frame.payload) for frame in kept) <= 10_000
    assert all(log.of(f"d{device}") for device in range(4))
    assert log.of("d3")[0].time_ms == 999
