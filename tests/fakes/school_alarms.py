"""What is wrong at the example school, and who takes care of it."""

from __future__ import annotations

from jalon.adapters.stores.registry import Registry
from jalon.app.alarms.desk import By
from jalon.app.alarms.service import Alarms
from jalon.run.control import AlarmDue, AlarmSeverity, Words
from jalon.run.silences import Silence, SilenceKind

STUFFY: Words = {"en": "Too much CO₂, open the windows", "fr": "Trop de CO₂, ouvrez les fenêtres"}
WARM: Words = {"en": "It is too warm", "fr": "Il fait trop chaud"}
BATTERY: Words = {"en": "The battery is low", "fr": "La pile est faible"}
_MINUTE_MS = 60_000


def fill_alarms(registry: Registry, alarms: Alarms, now_ms: int) -> None:
    """Alarm 1 has a long history and holds; the others are of every severity; one is over."""

    def decide(
        number: int, device: str, rule: str, severity: AlarmSeverity | None, words: Words
    ) -> None:
        """So many minutes ago."""
        due = AlarmDue(
            at_ms=now_ms - number * _MINUTE_MS,
            key=f"{rule}/{device}/{number}",
            by=f"rule:{rule}",
            subject=f"device:{device}",
            severity=severity,
            words=words,
            values={"co2": 800.0 + 10 * (60 - number)} if rule == "stuffy" else {},
            tags=["air"],
        )
        with registry.work():
            alarms.carry_out(due)

    decide(50, "zay-cm2-a", "stuffy", AlarmSeverity.WARNING, STUFFY)
    decide(45, "zay-cm2-a", "stuffy", None, STUFFY)
    decide(40, "zay-cm2-a", "stuffy", AlarmSeverity.MAJOR, STUFFY)
    decide(38, "zay-cp-a", "stuffy", AlarmSeverity.WARNING, STUFFY)
    decide(30, "til-ps-a", "warm", AlarmSeverity.MINOR, WARM)
    decide(25, "zay-library", "battery", AlarmSeverity.CRITICAL, BATTERY)
    decide(20, "zay-ce1-a", "warm", AlarmSeverity.MINOR, WARM)
    decide(10, "zay-ce1-a", "warm", None, WARM)
    alarms.desk.comment(1, By("user:admin", "The window handle is broken.\nI have called."))
    alarms.desk.assign(1, "caretaker", By("user:admin"))
    alarms.desk.silence(1, now_ms + 120 * _MINUTE_MS, By("user:admin"))
    week = 7 * 24 * 60 * _MINUTE_MS
    painters = Silence(
        0, SilenceKind.MAINTENANCE, "room:jean-zay/cp-b", now_ms, now_ms + week, "user:admin"
    )
    alarms.silencing.create(painters)
