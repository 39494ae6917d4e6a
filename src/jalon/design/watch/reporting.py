"""The countdown of article 14 of the Cyber Resilience Act, Regulation (EU) 2024/2847: what is to be
notified by when, what was, and what is late."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from jalon.design.spec.watch import Incident, IncidentKind
from jalon.vocab.text import N_


class Step(StrEnum):
    """The three notifications, to the coordinating CSIRT and ENISA by the single platform."""

    WARNING = "early-warning"
    NOTIFICATION = "notification"
    FINAL = "final-report"


class Progress(StrEnum):
    """`OPEN`: its deadline is to come. `WAITING`: it has none before a correction is there."""

    DONE = "done"
    DONE_LATE = "done-late"
    OPEN = "open"
    LATE = "late"
    WAITING = "waiting"


STEP_WORDS = {
    Step.WARNING: N_("early warning, within 24 hours"),
    Step.NOTIFICATION: N_("notification, within 72 hours"),
    Step.FINAL: N_("final report"),
}
PROGRESS_WORDS = {
    Progress.DONE: N_("sent in time"),
    Progress.DONE_LATE: N_("sent too late"),
    Progress.OPEN: N_("to be sent"),
    Progress.LATE: N_("late"),
    Progress.WAITING: N_("waits for a correction"),
}
KIND_WORDS = {
    IncidentKind.EXPLOITED: N_("actively exploited vulnerability"),
    IncidentKind.SEVERE: N_("severe incident"),
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """A step of an incident: `due` and `done` in UTC."""

    incident: Incident
    step: Step
    due: datetime | None
    done: datetime | None
    progress: Progress

    def hours_left(self, now: datetime) -> float | None:
        """Until it is due, negative afterwards; None without a deadline."""
        return None if self.due is None else (self.due - now).total_seconds() / 3600


def deadlines(incident: Incident, now: datetime) -> Sequence[Deadline]:
    """The three steps. The final report on a vulnerability is due 14 days after a correction is
    available, that on an incident a month after the notification."""
    aware = _utc(incident.aware_at)
    told = aware + timedelta(hours=72)
    last: datetime | None
    if incident.kind is IncidentKind.EXPLOITED:
        fixed = incident.fixed_at
        last = None if fixed is None else _utc(fixed) + timedelta(days=14)
    else:
        sent = incident.notification_at
        last = _a_month_after(told if sent is None else _utc(sent))
    return [
        _deadline(incident, Step.WARNING, aware + timedelta(hours=24), now),
        _deadline(incident, Step.NOTIFICATION, told, now),
        _deadline(incident, Step.FINAL, last, now),
    ]


def _deadline(incident: Incident, step: Step, due: datetime | None, now: datetime) -> Deadline:
    sent = {
        Step.WARNING: incident.early_warning_at,
        Step.NOTIFICATION: incident.notification_at,
        Step.FINAL: incident.final_report_at,
    }[step]
    done = None if sent is None else _utc(sent)
    if done is not None:
        progress = Progress.DONE if due is None or done <= due else Progress.DONE_LATE
    elif due is None:
        progress = Progress.WAITING
    else:
        progress = Progress.OPEN if now <= due else Progress.LATE
    return Deadline(incident, step, due, done, progress)


def _utc(moment: datetime) -> datetime:
    """A moment without an offset is taken for UTC; `watch.no-offset` tells of it."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _a_month_after(moment: datetime) -> datetime:
    """The same day of the next month, or its last."""
    year, month = (moment.year + moment.month // 12, moment.month % 12 + 1)
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)
