"""What a payload says of one property at one time, in its own words."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.run.batch import Reason


@dataclass(frozen=True, slots=True)
class Entry:
    """`time` as the payload gives it (None when it gives none), `unit` as a UCUM code or None for
    the declared one. `value` is any JSON value; whether it fits is the intake's business."""

    name: str
    value: object
    time: object = None
    unit: str | None = None


class Refused(Exception):  # noqa: N818 - an outcome, counted and kept, not a failure of ours
    """A message or a part of it cannot become readings."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
