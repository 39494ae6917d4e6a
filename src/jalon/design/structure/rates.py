"""How often flows speak: `6/h`, `1/10 min`."""

from __future__ import annotations

import re
from functools import cache

ON_EVENT = "on event"
_DAY = {"s": 86_400.0, "min": 1_440.0, "h": 24.0, "d": 1.0}
_RATE = re.compile(r"(\d+(?:\.\d+)?)/(?:(\d+) )?(s|min|h|d)")


@cache
def per_day(rate: str | None) -> float | None:
    """Messages a day of one sender; None for `on event` and where nothing is written."""
    found = _RATE.fullmatch(rate or "")
    if found is None:
        return None
    times, every, unit = found.groups()
    spans = float(every) if every else 1.0
    return float(times) * _DAY[unit] / spans if spans else None
