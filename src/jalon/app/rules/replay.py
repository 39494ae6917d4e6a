"""Back-tests as they are asked for and as they are shown, by pages, the API and commands."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.units import format_unit
from pydantic import BaseModel

from jalon.adapters.plugin_rules import Processes
from jalon.app.formats import Formats
from jalon.app.rules.picture import Bar, Lane, Picture, Track
from jalon.app.rules.places import name_of, rule_of, world_of, zone_of
from jalon.app.solution import Solution
from jalon.run.control import AlarmSeverity, Scalar, Subject
from jalon.run.ports import Bucket, Series, ValueHistory
from jalon.run.rules.backtest import BackTest, Episode, Span, backtest
from jalon.run.rules.reach import Reach
from jalon.run.rules.spec import Rule
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms, to_ms

API_PATH = "/api/v1/rules/{rule_id}/backtest"
STEPS = 300
LANES = 8
_TRACKS = 2
_EPISODES = 500
_DAY_S = 86_400

Say = Callable[[Text], str]


class BackTestRequest(BaseModel):
    """What to replay. With `text`, the file `file` of rules/ as it would be with that text."""

    start: datetime
    end: datetime
    file: str | None = None
    text: str | None = None


class RangeShape(BaseModel):
    """The least and the greatest value."""

    least: float
    greatest: float


class EpisodeShape(BaseModel):
    """A time in which the rule would have fired; `end` is null when it lasts beyond the replay."""

    subject: str
    name: str
    start: datetime
    end: datetime | None
    seconds: float
    severity: str | None
    values: dict[str, Scalar]
    ranges: dict[str, RangeShape]


class ShareShape(BaseModel):
    """How much of the time the rule would have fired about a subject, from 0 to 1."""

    subject: str
    name: str
    episodes: int
    seconds: float
    share: float


class TrackShape(BaseModel):
    """A number of the most troubled subject in equal steps: least, mean, greatest; null is a
    gap. `limits` are those that the rule compares it with."""

    property: str
    unit: str
    rows: list[tuple[float, float, float] | None]
    limits: list[float]


class BackTestShape(BaseModel):
    """When a rule would have fired. `count` are all episodes, of which the first `episodes` are
    told; `share` is over all subjects, the most troubled of which comes first."""

    rule: str
    title: str
    start: datetime
    end: datetime
    zone: str
    readings: int
    count: int
    share: float
    trouble: str | None
    subjects: list[ShareShape]
    episodes: list[EpisodeShape]
    tracks: list[TrackShape]


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom it is: two-letter language, and how sentences are said to them."""

    language: str
    say: Say


def replayed(
    solution: Solution,
    history: ValueHistory,
    series: Mapping[tuple[str, str], Series],
    rule_id: str,
    span: Span,
    reader: Reader,
) -> BackTestShape:
    """Replay stored values through a rule of the solution. Raises UsageError for one that is not
    there."""
    rule = rule_of(solution, rule_id)[2]
    world = world_of(solution, series)
    with closing(Processes(solution.folder / "rules")) as plugins:
        found = backtest(rule, world, history, span, plugins=plugins)
    first = found.shares[0].subject if found.shares else None
    tracks: list[TrackShape] = []
    if first is not None:
        specs = {one.id: one for one in series.values()}
        names = Reach(rule, world).named(first)
        tracks = list(_tracks(rule, history, span, names, specs))
    return _shape(solution, rule, found, tracks, reader)


def _tracks(
    rule: Rule,
    history: ValueHistory,
    span: Span,
    names: Mapping[str, Sequence[int]],
    specs: Mapping[int, Series],
) -> Iterator[TrackShape]:
    width = max(1, math.ceil((span.end_ms - span.start_ms) / STEPS))
    limits = {name: limits_of(rule, name) for name in names}
    # Those that the rule compares with a number say most.
    for name in sorted(names, key=lambda one: not limits[one])[:_TRACKS]:
        numbers = [one for one in names[name] if specs[one].spec.kind is ValueKind.NUMBER]
        if numbers:
            buckets = history.buckets(numbers, span.start_ms, span.end_ms, width)
            yield TrackShape(
                property=name,
                unit=specs[numbers[0]].spec.unit,
                rows=[_row(one) for one in buckets],
                limits=limits[name],
            )


def _row(bucket: Bucket) -> tuple[float, float, float] | None:
    if bucket.minimum is None or bucket.mean is None or bucket.maximum is None:
        return None
    return round(bucket.minimum, 6), round(bucket.mean, 6), round(bucket.maximum, 6)


def limits_of(rule: Rule, name: str) -> list[float]:
    """The numbers that a rule's conditions compare a property with."""
    number = r"-?\d+(?:\.\d+)?"
    plain = rf"(?<![\w.\"'])(?:\w+\.)?{re.escape(name)}\s*[<>]=?\s*({number})"
    turned = rf"({number})\s*[<>]=?\s*(?:\w+\.)?{re.escape(name)}(?![\w(])"
    found: set[float] = set()
    for level in rule.all_levels():
        for text in (level.when, level.clear or ""):
            for pattern in (plain, turned):
                found.update(map(float, re.findall(pattern, text)))
    return sorted(found)


def _shape(
    solution: Solution, rule: Rule, found: BackTest, tracks: list[TrackShape], reader: Reader
) -> BackTestShape:
    length = found.end_ms - found.start_ms
    first = found.shares[0].subject if found.shares else None

    def name(subject: Subject) -> str:
        return name_of(solution, subject, reader.language)

    return BackTestShape(
        rule=rule.id,
        title=rule.names().in_language(reader.language),
        start=from_ms(found.start_ms),
        end=from_ms(found.end_ms),
        zone=(zone_of(solution, first) if first else zone_of(solution, Subject(rule.kind, ""))).key,
        readings=found.readings,
        count=found.count,
        share=found.share,
        trouble=reader.say(found.trouble) if found.trouble else None,
        subjects=[
            ShareShape(
                subject=str(one.subject),
                name=name(one.subject),
                episodes=one.episodes,
                seconds=one.firing_ms / 1000,
                share=one.firing_ms / length if length else 0.0,
            )
            for one in found.shares
        ],
        episodes=[
            _episode(one, name(one.subject), found.end_ms) for one in found.episodes[:_EPISODES]
        ],
        tracks=tracks,
    )


def _episode(one: Episode, name: str, end_ms: int) -> EpisodeShape:
    return EpisodeShape(
        subject=str(one.subject),
        name=name,
        start=from_ms(one.start_ms),
        end=from_ms(one.end_ms) if one.end_ms is not None else None,
        seconds=one.length_ms(end_ms) / 1000,
        severity=one.severity.value if one.severity else None,
        values=dict(one.values),
        ranges={
            key: RangeShape(least=range_.least, greatest=range_.greatest)
            for key, range_ in one.ranges.items()
        },
    )


def picture_of(shape: BackTestShape, solution: Solution, formats: Formats, say: Say) -> Picture:
    """The back-test to be drawn: the numbers of the most troubled subject, and when the rule fires
    about the first few."""
    shown = [one for one in shape.subjects if one.episodes][:LANES] or shape.subjects[:1]
    end_ms = to_ms(shape.end)
    lanes = [
        Lane(
            one.name,
            [
                Bar(
                    to_ms(episode.start),
                    to_ms(episode.end) if episode.end else end_ms,
                    AlarmSeverity(episode.severity) if episode.severity else None,
                )
                for episode in shape.episodes
                if episode.subject == one.subject
            ],
        )
        for one in shown
    ]
    first = shown[0].name if shown else ""
    tracks = [
        Track(_label(solution, one, formats, first), one.rows, one.limits) for one in shape.tracks
    ]
    title = say(Text(N_("When “{rule}” would have fired"), {"rule": shape.title}))
    words = say(summary(shape, formats))
    zone = ZoneInfo(shape.zone)
    return Picture(title, words, to_ms(shape.start), end_ms, zone, tracks, lanes)


def _label(solution: Solution, track: TrackShape, formats: Formats, subject: str) -> str:
    unit = formats.unit(track.unit)
    for thing in solution.things.values():
        if track.property in thing.properties:
            title = thing.properties[track.property].names(track.property)
            name = title.in_language(formats.language.code)
            return f"{name} ({unit}), {subject}" if unit else f"{name}, {subject}"
    return f"{track.property}, {subject}"


def summary(shape: BackTestShape, formats: Formats) -> Text:
    """How often and how long, in a sentence."""
    if shape.trouble is not None:
        return Text(N_("The rule cannot be worked out: {reason}"), {"reason": shape.trouble})
    if not shape.count:
        return Text(N_("It would not have fired at all."))
    hit = sum(one.episodes > 0 for one in shape.subjects)
    given = {
        "count": formats.count(shape.count),
        "hit": formats.count(hit),
        "all": formats.count(len(shape.subjects)),
        "share": percent(shape.share, formats),
    }
    message = N_("It would have fired {count} times, about {hit} of {all}; {share} of the time.")
    return Text(message, given)


def percent(share: float, formats: Formats) -> str:
    """A share as people read it: never 0 % of what happened."""
    if 0 < share < 0.001:
        return "< " + formats.amount(0.1, "%", 1)
    return formats.amount(share * 100, "%", 1 if share < 0.1 else 0)


def lasting(seconds: float, formats: Formats) -> str:
    """A length of time in its two largest units."""
    parts: list[str] = []
    for unit, size in (("day", _DAY_S), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(round(seconds), size)
        if count or (unit == "second" and not parts):
            parts.append(format_unit(count, f"duration-{unit}", "short", locale=formats.locale))
        if len(parts) == 2:
            break
    return " ".join(parts)
