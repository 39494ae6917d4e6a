"""The span of time a page or an API call is about."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS, from_ms, parse_time
from jalon.web.problems import Refused

HOUR_MS = 3_600_000
PRESETS: dict[str, tuple[str, int]] = {
    "1h": (N_("1 hour"), HOUR_MS),
    "24h": (N_("24 hours"), DAY_MS),
    "7d": (N_("7 days"), 7 * DAY_MS),
    "30d": (N_("30 days"), 30 * DAY_MS),
}
DEFAULT_PRESET = "24h"


@dataclass(frozen=True, slots=True)
class Span:
    """`[start_ms, end_ms)`; `preset` is "" for dates the reader chose. A preset ends now."""

    start_ms: int
    end_ms: int
    preset: str = ""

    @property
    def is_live(self) -> bool:
        """Whether new values belong to it."""
        return bool(self.preset)

    def field(self, which: str, zone: ZoneInfo) -> str:
        """The start or the end for an `<input type="datetime-local">` in `zone`."""
        time_ms = self.start_ms if which == "start" else self.end_ms
        return from_ms(time_ms).astimezone(zone).strftime("%Y-%m-%dT%H:%M")


_LAST_MS = 2**42
"""In 2109. No value is later, and what is reckoned from it is still a date."""


def between(start: str, end: str, zone: ZoneInfo, now_ms: int) -> Span:
    """A span from texts: ISO 8601 or Unix ms; the end is now and the start a day before it when
    left out. Raises Refused."""
    end_ms = _moment(end, zone) if end else now_ms
    start_ms = _moment(start, zone) if start else end_ms - DAY_MS
    if start_ms >= end_ms:
        raise Refused(422, Text(N_("The start has to be before the end.")))
    return Span(start_ms, end_ms)


def chosen(preset: str, start: str, end: str, zone: ZoneInfo, now_ms: int) -> Span:
    """What the reader asked for on a page: dates win over a preset. Raises Refused."""
    if start or end:
        return between(start, end, zone, now_ms)
    name = preset if preset in PRESETS else DEFAULT_PRESET
    return Span(now_ms - PRESETS[name][1], now_ms, name)


def _moment(text: str, zone: ZoneInfo) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return min(int(text), _LAST_MS)
    try:
        return max(0, min(parse_time(text, zone), _LAST_MS))
    except (ValueError, OverflowError, OSError) as error:
        raise Refused(
            422, Text(N_("“{text}” is not a date; write 2026-03-29T08:00."), {"text": text[:40]})
        ) from error
