"""A question about then is answered with the silences of then."""

from __future__ import annotations

from pathlib import Path

from school import open_school

from jalon.run.silences import Silence, SilenceKind


def test_a_silence_that_is_over_is_known_to_whoever_asks_about_then(tmp_path: Path) -> None:
    school = open_school(tmp_path / "air", 3_600_000)
    control = school.running.control
    assert control.rules.around is not None
    now = school.running.now_ms()
    kind, scope = SilenceKind.MAINTENANCE, "rule:stale-air"
    ordered = control.alarms.silencing.create(
        Silence(0, kind, scope, now - 60_000, now + 3_600_000, "user:ann", "painting")
    )
    control.alarms.silencing.end(ordered.id, "user:ann")
    then = [one for one in control.rules.around.silences() if one.id == ordered.id]
    assert [one.covers({scope}, now - 30_000) for one in then] == [True]
    assert ordered.id not in {one.id for one in control.alarms.silences()}
    school.running.store.close()
