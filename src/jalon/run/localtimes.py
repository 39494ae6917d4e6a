"""Times as people write them in files: often without a zone, through changes of the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from jalon.vocab.times import to_ms

_SECONDS_BELOW = 100_000_000_000
"""A smaller number is Unix seconds (until the year 5138), a larger one milliseconds."""
# Eight digits are a day, 20131202, and no number of seconds anybody writes.
_UNIX = re.compile(r"\d{9,}(\.\d+)?")


class Trail(BaseModel):
    """What was last read of one series: enough to know that an hour comes a second time."""

    last: datetime | None = None
    step: timedelta = timedelta(0)
    second: bool = False


@dataclass
class LocalTimes:
    """Reads the time column of a file written in time order.

    A time with an offset, or in Unix seconds or milliseconds, is what it says. A time without one
    is local: in the hour that comes twice in autumn, a series that steps back is in its second
    pass; in the hour that is skipped in spring, the offset before the change holds. `repeated`
    and `skipped` count both. `pattern` is a strptime format, for what is not ISO 8601.
    """

    pattern: str | None = None
    repeated: int = 0
    skipped: int = 0
    trails: dict[str, Trail] = field(default_factory=dict)

    def read(self, text: str, zone: ZoneInfo, series: str) -> int:
        """Unix milliseconds of a time of `series`, local in `zone`. Raises ValueError."""
        text = text.strip()
        if self.pattern is None and _UNIX.fullmatch(text):
            number = float(text)
            return round(number * 1000 if abs(number) < _SECONDS_BELOW else number)
        moment = (
            datetime.fromisoformat(text)
            if self.pattern is None
            else datetime.strptime(text, self.pattern)  # noqa: DTZ007 - the zone comes below
        )
        return to_ms(moment if moment.tzinfo else self._place(moment, zone, series))

    def _place(self, local: datetime, zone: ZoneInfo, series: str) -> datetime:
        trail = self.trails.setdefault(series, Trail())
        moment = local.replace(tzinfo=zone)
        first, second = moment.utcoffset(), moment.replace(fold=1).utcoffset()
        if first == second or first is None or second is None:
            trail.second = False
        elif first > second:
            self.repeated += 1
            trail.second = trail.second or _steps_back(trail, local, first - second)
            moment = moment.replace(fold=int(trail.second))
        else:
            self.skipped += 1
        if trail.last is not None and local > trail.last:
            trail.step = local - trail.last
        trail.last = local
        return moment


def _steps_back(trail: Trail, local: datetime, repeated: timedelta) -> bool:
    """Whether the series is in its second pass. One whose step is as long as what the clock
    repeats (an hour, half an hour on Lord Howe) shows the very same time again."""
    if trail.last is None:
        return False
    return local < trail.last or (local == trail.last and trail.step >= repeated)
