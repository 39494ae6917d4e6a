"""Opening hours, holidays and closed days, by name, in local time."""

from __future__ import annotations

from jalon.vocab.entries import Strict


class CalendarsFile(Strict):
    """The whole of `calendars.yaml`."""
