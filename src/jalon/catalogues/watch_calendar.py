"""Days of law and technology that no single obligation begins with."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue
from jalon.catalogues.regulations import LawStatus
from jalon.vocab.entries import Wording


class CalendarEvent(Catalogued):
    """A day, None while it is open. It matters when one of the facts `about` holds, or one of the
    technologies `words` is named."""

    id: str
    day: date | None = None
    status: LawStatus
    about: list[str] = Field(default_factory=list)
    words: list[str] = Field(default_factory=list)
    reference: str
    name: Wording
    to_check: Wording | None = None


class WatchCalendar(Catalogue):
    """`watch_calendar.yaml`."""

    events: list[CalendarEvent]


def calendar_events() -> list[CalendarEvent]:
    """Every event."""
    found: WatchCalendar = catalogue("watch_calendar", WatchCalendar)
    return found.events
