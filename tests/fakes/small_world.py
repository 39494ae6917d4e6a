"""Three sensors in one room, one in another, and readings for them: a world for rules."""

from __future__ import annotations

from collections.abc import Sequence

from jalon.run.batch import Columns
from jalon.run.calendars import CalendarsFile
from jalon.run.control import Decision
from jalon.run.fleet import Fleet
from jalon.run.ports import Latest, Point
from jalon.run.rules.engine import Engine, Past, World
from jalon.run.rules.spec import Rule, RuleFile
from jalon.run.things import ThingModel
from jalon.vocab.reading import Location, Quality, Value

T0 = 1_773_133_200_000
"""Tuesday 2026-03-10, 10:00 in Paris."""
MINUTE = 60_000
PROPERTIES = ("co2", "t", "door", "mode", "pos", "feel", "air")
ROOMS = {"a": "r", "b": "r", "c": "r", "d": "q"}
SERIES = {
    (device, name): row * 10 + column
    for row, device in enumerate(ROOMS)
    for column, name in enumerate(PROPERTIES)
}
Reading = tuple[str, str, float, float | bool | str]
"""Device, property, minutes after T0, value."""

THING = ThingModel.model_validate(
    {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "@type": "tm:ThingModel",
        "title": "Sensor",
        "jalon:period": 60,
        "properties": {
            "co2": {"type": "number", "minimum": 300, "maximum": 10000, "jalon:path": "co2"},
            "t": {"type": "number"},
            "door": {"type": "boolean"},
            "mode": {"type": "string"},
            "pos": {"type": "object"},
            "feel": {"type": "number"},
            "air": {"type": "number"},
        },
        "actions": {"beep": {"input": {"type": "string", "enum": ["soft", "loud"]}}},
    }
)
FLEET = Fleet.model_validate(
    {
        "sites": [
            {
                "id": "s",
                "name": "School",
                "zone": "Europe/Paris",
                "latitude": 47.0,
                "longitude": 2.0,
                "rooms": [{"id": "r", "name": "Red"}, {"id": "q", "name": "Quiet"}],
            }
        ],
        "devices": [
            {"id": device, "name": device.upper(), "thing": "sensor", "site": "s", "room": room}
            for device, room in ROOMS.items()
        ],
    }
)
CALENDARS = CalendarsFile.model_validate(
    {
        "calendars": [
            {
                "id": "school",
                "week": {day: ["08:30-12:00", "13:30-16:30"] for day in ("mon", "tue", "thu")},
            }
        ]
    }
)
WORLD = World({"sensor": THING}, FLEET, CALENDARS, SERIES)


def rules(*written: dict[str, object]) -> list[Rule]:
    """Rules as they stand in a file."""
    return RuleFile.model_validate({"rules": list(written)}).rules


def columns(*readings: Reading) -> Columns:
    """Readings as a batch."""
    made = Columns()
    for device, name, minutes, value in readings:
        if isinstance(value, str):
            made.texts[len(made)] = value
        made.numbers.append(float("nan") if isinstance(value, str) else float(value))
        made.times_ms.append(T0 + round(minutes * MINUTE))
        made.series.append(SERIES[device, name])
    return made


class Stage:
    """An engine, a store that keeps what it was fed, and what the engine wants remembered."""

    def __init__(self, written: Sequence[Rule], at: float = 0) -> None:
        self.written = list(written)
        self.remembered: dict[str, bytes] = {}
        self.stored: dict[int, dict[int, tuple[Value, Quality]]] = {}
        self.decisions: list[Decision] = []
        self.engine = self._open(at)

    def _open(self, at: float) -> Engine:
        newest = [
            Latest(series, time, *values[time])
            for series, values in self.stored.items()
            for time in [max(values)]
        ]
        past = Past(newest, self._points, dict(self.remembered))
        return Engine(WORLD, self.written, past, T0 + round(at * MINUTE))

    def restart(self, at: float, written: Sequence[Rule] | None = None) -> None:
        """As after a crash, perhaps with other files."""
        self.written = list(written or self.written)
        self.engine = self._open(at)

    def feed(self, *readings: Reading, now: float | None = None) -> list[Decision]:
        """Let readings come in, at the time of the newest or at `now` (minutes)."""
        latest = max((minutes for _, _, minutes, _ in readings), default=0.0)
        return self.feed_columns(columns(*readings), latest if now is None else now)

    def feed_columns(self, batch: Columns, now: float) -> list[Decision]:
        """The same of a batch."""
        decisions, memory = self.engine.feed(batch, T0 + round(now * MINUTE))
        names = {number: name for (_, name), number in SERIES.items()}
        for row, series in enumerate(batch.series):
            value: Value = batch.texts.get(row, batch.numbers[row])
            if names[series] == "pos":
                value = Location.parse(str(value))
            kept = self.stored.setdefault(series, {})
            kept.setdefault(batch.times_ms[row], (value, Quality(batch.flaws.get(row, 0))))
        return self._took(decisions, memory)

    def tick(self, minutes: float) -> list[Decision]:
        """Let time pass until then."""
        return self._took(*self.engine.tick(T0 + round(minutes * MINUTE)))

    def _took(self, decisions: list[Decision], memory: object) -> list[Decision]:
        assert isinstance(memory, dict)
        for key, value in memory.items():
            if value is None:
                self.remembered.pop(key, None)
            else:
                self.remembered[key] = value
        self.decisions += decisions
        return decisions

    def _points(self, series: int, start_ms: int, end_ms: int) -> list[Point]:
        kept = self.stored.get(series, {})
        return [Point(time, *kept[time]) for time in sorted(kept) if start_ms <= time < end_ms]


def told(decisions: Sequence[Decision], kind: str = "alarm") -> list[tuple[str, str, float]]:
    """Subject, severity ("" for none) and minutes after T0 of the decisions of a kind."""
    return [
        (one.subject, str(getattr(one, "severity", "") or ""), (one.at_ms - T0) / MINUTE)
        for one in decisions
        if one.kind == kind
    ]
