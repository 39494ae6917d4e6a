"""From messages to readings: route, decode, unit, time, quality. Plain calls on a batch.

Every message ends in readings, in a dead letter, in both when only a part of it is refused, or
aside when it says something else than values. The common case, a JSON object of known numbers,
takes a short way through; everything else goes the careful way, entry by entry, with the same
outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from jalon.run.admission import EARLIEST_MS, FUTURE_MS, Path, Source, take_entry
from jalon.run.batch import Columns, DeadLetter, RawBatch, Reason
from jalon.run.codecs import json, senml
from jalon.run.codecs.codec import Codec, Frame
from jalon.run.codecs.entry import Refused

MAX_PAYLOAD = 65_536
_NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What an envelope holds: the device's `key`, and what it said as `values` (a JSON object), as
    a `frame` for the codec of its type, or both: the codec goes first. `time` as the envelope
    gives it, or None. With a `refusal` it is the device's, but not to be believed."""

    key: str
    values: object = None
    frame: Frame | None = None
    time: object = None
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A message that carries no values: a join, a status, an announcement. `event` is what its
    envelope made of it; `key` is the device's, None when it speaks for none."""

    event: object
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message format that wraps the values, such as a network server's uplink.

    `unwrap` takes the topic and the parsed JSON, or the payload itself when `binary`; None is
    nothing for us. It raises ValueError (a UnicodeDecodeError is one) with what is wrong, or
    Refused.
    """

    matches: Callable[[str], bool]
    unwrap: Callable[[str, object], Wrapped | Aside | None]
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """An aside as it came out: `device` is the one that the key stands for, if any."""

    event: object
    device: str | None
    topic: str
    time_ms: int


@dataclass(slots=True)
class Decoded:
    """What a batch became. `heard` is when each device that spoke was last heard (Unix ms);
    `speakers` has, for each message in its order, the device it is of, or "" when it is of none.
    What was recorded and sent anew is of its device, but does not show that it is there.
    `warnings` are what codecs had to say of the message in a row.
    """

    columns: Columns = field(default_factory=Columns)
    letters: list[DeadLetter] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=dict)
    asides: list[Heard] = field(default_factory=list)
    speakers: list[str] = field(default_factory=list)
    warnings: dict[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class _Waiting:
    """Frames for one codec, decoded together at the end of the batch."""

    codec: Codec
    rows: list[int] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    times: list[object] = field(default_factory=list)

    def add(self, row: int, source: Source, frame: Frame, time: object) -> None:
        """One more frame, of the message in that row of the batch."""
        self.rows.append(row)
        self.sources.append(source)
        self.frames.append(frame)
        self.times.append(time)


class Intake:
    """Knows the fleet's topics and properties; keeps no state between batches.

    `topics` gives the source of each device topic, `keys` of each device key inside an envelope.
    """

    def __init__(
        self,
        topics: Mapping[str, Source],
        keys: Mapping[str, Source] | None = None,
        envelopes: Iterable[Envelope] = (),
    ) -> None:
        self._topics = topics
        self._keys = keys or {}
        self._envelopes = tuple(envelopes)
        self._coded = any(one.codec is not None for one in topics.values()) or any(
            one.binary for one in self._envelopes
        )

    def decode(self, batch: RawBatch) -> Decoded:
        """Turn a batch into rows and dead letters. Never raises for what a sender can send."""
        out = Decoded()
        waiting: dict[int, _Waiting] = {}
        values = self._parse(batch)
        find = self._topics.get
        speak = out.speakers.append
        for row, (topic, value) in enumerate(zip(batch.topics, values, strict=True)):
            received = batch.times_ms[row]
            source = find(topic)
            if source is not None and _take_plain(source, value, received, out.columns):
                speak(source.device)
                out.heard[source.device] = received
            else:
                speak(self._take_careful(batch, row, value, out, waiting))
        for group in waiting.values():
            _take_coded(batch, group, out)
        return out

    def _parse(self, batch: RawBatch) -> list[object]:
        """Each payload's JSON value, the Refused that says why not, or the bytes themselves where
        they are not JSON; an oversized one is not read."""
        payloads = batch.payloads
        if not self._coded and max(map(len, payloads), default=0) <= MAX_PAYLOAD:
            return json.parse_many(payloads)
        raw = [self._is_binary(topic) for topic in batch.topics] if self._coded else []
        skipped = {
            row: Refused(Reason.OVERSIZED, f"{len(payload)} bytes, at most {MAX_PAYLOAD}")
            if len(payload) > MAX_PAYLOAD
            else payload
            for row, payload in enumerate(payloads)
            if len(payload) > MAX_PAYLOAD or (raw and raw[row])
        }
        if not skipped:
            return json.parse_many(payloads)
        values = json.parse_many(
            [b"0" if row in skipped else payload for row, payload in enumerate(payloads)]
        )
        for row, value in skipped.items():
            values[row] = value
        return values

    def _is_binary(self, topic: str) -> bool:
        source = self._topics.get(topic)
        if source is not None:
            return source.codec is not None
        return any(one.binary and one.matches(topic) for one in self._envelopes)

    def _take_careful(
        self, batch: RawBatch, row: int, value: object, out: Decoded, waiting: dict[int, _Waiting]
    ) -> str:
        """Take one message; the device it is of, or ""."""
        topic, received = batch.topics[row], batch.times_ms[row]
        source: Source | None = None
        try:
            opened = self._open(topic, value, received)
            if opened is None:
                return ""
            if isinstance(opened, Heard):
                out.asides.append(opened)
                if opened.device is None:
                    return ""
                out.heard[opened.device] = received
                return opened.device
            source, wrapped = opened
            if wrapped.refusal is None:
                out.heard[source.device] = received
            _take_opened(batch, row, source, wrapped, out, waiting)
        except Refused as refused:
            out.letters.append(_letter(batch, row, [refused], source))
        return source.device if source else ""

    def _open(
        self, topic: str, value: object, received: int
    ) -> tuple[Source, Wrapped] | Heard | None:
        """Source and content of a message, out of its envelope if it has one; None for one that
        says nothing to us."""
        if isinstance(value, Refused):
            raise value
        if source := self._topics.get(topic):
            if source.codec is not None and isinstance(value, bytes):
                return source, Wrapped(source.device, frame=Frame(value, None, received))
            return source, Wrapped(source.device, value)
        envelope = next((one for one in self._envelopes if one.matches(topic)), None)
        if envelope is None:
            if topic.startswith("v1/"):
                raise Refused(Reason.UNKNOWN_DEVICE, topic.split("/")[1])
            raise Refused(Reason.UNKNOWN_TOPIC, topic)
        try:
            content = envelope.unwrap(topic, value)
        except ValueError as error:
            raise Refused(Reason.MALFORMED, str(error)) from None
        if content is None:
            return None
        found = None if content.key is None else self._keys.get(content.key)
        if isinstance(content, Aside):
            return Heard(content.event, found.device if found else None, topic, received)
        if found is None:
            raise Refused(Reason.UNKNOWN_DEVICE, content.key)
        return found, content


def _take_opened(
    batch: RawBatch,
    row: int,
    source: Source,
    wrapped: Wrapped,
    out: Decoded,
    waiting: dict[int, _Waiting],
) -> None:
    """Take the values, or put the frame with the others of its codec. Raises Refused."""
    if source.retired:
        raise Refused(Reason.RETIRED, source.device)
    if wrapped.refusal is not None:
        raise wrapped.refusal
    if wrapped.frame is not None and source.codec is not None:
        frame = wrapped.frame
        if not frame.time_ms:
            # Dataloggers count their samples back from it.
            frame = replace(frame, time_ms=batch.times_ms[row])
        group = waiting.setdefault(id(source.codec), _Waiting(source.codec))
        group.add(row, source, frame, wrapped.time)
    elif wrapped.values is None:
        raise Refused(Reason.CODEC, "not decoded: its type has no “jalon:codec”")
    else:
        _take_values(batch, row, source, wrapped, out)


def _take_coded(batch: RawBatch, group: _Waiting, out: Decoded) -> None:
    """Decode the frames of one codec and take what they say."""
    outputs = group.codec.decode(group.frames)
    for row, source, time, output in zip(
        group.rows, group.sources, group.times, outputs, strict=True
    ):
        if isinstance(output, Refused):
            out.letters.append(_letter(batch, row, [output], source))
            continue
        if output.warnings:
            out.warnings[row] = output.warnings
        if output.values is not None:
            _take_values(batch, row, source, Wrapped("", output.values, time=time), out)


def _take_values(batch: RawBatch, row: int, source: Source, wrapped: Wrapped, out: Decoded) -> None:
    received = batch.times_ms[row]
    problems: list[Refused] = []
    try:
        values = _selected(source, wrapped.values) if source.selective else wrapped.values
        entries = json.entries(values, received)
        if not entries:
            problems.append(Refused(Reason.EMPTY, _nothing(source, wrapped.values)))
        for entry in entries:
            try:
                take_entry(source, entry, wrapped.time, received, out.columns)
            except Refused as refused:
                problems.append(refused)
    except Refused as refused:
        problems.append(refused)
    if problems:
        out.letters.append(_letter(batch, row, problems, source))


def _letter(
    batch: RawBatch, row: int, problems: list[Refused], source: Source | None
) -> DeadLetter:
    detail = "; ".join(problem.detail for problem in problems[:8])
    return DeadLetter(
        batch.topics[row],
        batch.payloads[row],
        batch.times_ms[row],
        problems[0].reason,
        detail[:500],
        source.device if source else None,
    )


def _selected(source: Source, values: object) -> object:
    """Only what the properties ask for, under their names."""
    if isinstance(values, list):
        if senml.is_senml(values):
            return values
        # A list inside is refused later; looking into it would follow a sender to any depth.
        return [_selected(source, one) if isinstance(one, dict) else one for one in values]
    if not isinstance(values, dict):
        return values
    chosen = {}
    if json.TIME in values:
        chosen[json.TIME] = values[json.TIME]
    for name in source.targets:
        path = source.paths.get(name)
        found = None if path is None else _follow(values, path)
        if found is not None:
            chosen[name] = found
        elif name in values:  # an import writes properties under their names
            chosen[name] = values[name]
    return chosen


def _follow(value: object, path: Path) -> object:
    """What stands at the path; None when nothing does."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _nothing(source: Source, values: object) -> str:
    if source.selective and isinstance(values, dict) and values:
        names = ", ".join(str(name)[:40] for name in list(values)[:_NAMES_SHOWN])
        return f"none of the properties is among what was decoded: {names}"
    return "no property in the message"


def _take_plain(source: Source, value: object, received: int, columns: Columns) -> bool:
    """Take a JSON object of known numbers in one go; False, and nothing taken, for the rest."""
    if type(value) is not dict or not value or source.paths or source.retired:
        return False
    time = value.get(json.TIME, received)
    if type(time) is not int or not EARLIEST_MS <= time <= received + FUTURE_MS:
        return False
    targets = source.targets
    ids: list[int] = []
    numbers: list[float] = []
    for name, one in value.items():
        if name == json.TIME:
            continue
        target = targets.get(name)
        if (
            target is None
            or (type(one) is not float and type(one) is not int)
            or not target.plain
            or not target.minimum <= one <= target.maximum
        ):
            return False
        ids.append(target.series)
        numbers.append(one)
    columns.series += ids
    columns.numbers += numbers
    columns.times_ms += [time] * len(ids)
    return bool(ids)
