"""Frames that a codec reads, values that stand elsewhere, and messages that carry none."""

from __future__ import annotations

import json
from collections.abc import Sequence

from jalon.run.admission import Source, Target
from jalon.run.batch import RawBatch, Reason
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused
from jalon.run.intake import MAX_PAYLOAD, Aside, Decoded, Envelope, Intake, Wrapped
from jalon.vocab.reading import ValueKind

NOW = 1_790_000_000_000
TENTHS = Target(1, ValueKind.NUMBER, "Cel", -40, 85, scale=0.1)
HUMIDITY = Target(2, ValueKind.NUMBER, "%", 0, 100)


class TwoBytes:
    """Temperature in tenths, humidity, and what nobody asked for; counts how it was called."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def decode(self, frames: Sequence[Frame]) -> list[Output | Refused]:
        self.calls.append(len(frames))
        return [self._one(frame) for frame in frames]

    def _one(self, frame: Frame) -> Output | Refused:
        if len(frame.payload) != 2:
            return Refused(Reason.CODEC, f"{len(frame.payload)} bytes, expected 2")
        air = {"t": frame.payload[0], "h": [0, frame.payload[1]]}
        return Output({"air": air, "port": frame.port, "debug": "x"})


def unwrap(topic: str, payload: object) -> Wrapped | Aside:
    assert isinstance(payload, bytes)
    kind, key = topic.split("/")[1:]
    if kind == "join":
        return Aside({"joined": payload}, key)
    return Wrapped(key, frame=Frame(payload, 7), time=NOW - 1000)


def plant(codec: TwoBytes | None, *, retired: bool = False) -> Intake:
    targets = {"temperature": TENTHS, "humidity": HUMIDITY}
    paths = {"temperature": ("air", "t"), "humidity": ("air", "h", "1")}
    coded = Source("cellar", targets, codec, paths, retired)
    plain = Source("hall", targets)
    envelope = Envelope(lambda topic: topic.startswith("net/"), unwrap, binary=True)
    return Intake({"own/cellar": coded, "v1/hall/telemetry": plain}, {"70b3": coded}, [envelope])


def decode(intake: Intake, *messages: tuple[str, bytes]) -> Decoded:
    topics = [topic for topic, _ in messages]
    return intake.decode(RawBatch(topics, [body for _, body in messages], [NOW] * len(messages)))


def rows(decoded: Decoded) -> list[tuple[int, int, float]]:
    c = decoded.columns
    return sorted(zip(c.series, c.times_ms, c.numbers, strict=True))


def test_frames_of_a_batch_are_decoded_together_beside_plain_json() -> None:
    codec = TwoBytes()
    out = decode(
        plant(codec),
        ("net/up/70b3", b"\xd2\x32"),
        ("v1/hall/telemetry", b'{"humidity": 40}'),
        ("net/up/70b3", b"\xff\x33"),
    )
    assert codec.calls == [2]
    assert rows(out) == [
        (1, NOW - 1000, 21.0),
        (1, NOW - 1000, 25.5),
        (2, NOW - 1000, 50),
        (2, NOW - 1000, 51),
        (2, NOW, 40),
    ]
    assert out.speakers == ["cellar", "hall", "cellar"]
    assert out.letters == []


def test_a_frame_its_codec_refuses_is_kept_whole_with_the_reason() -> None:
    out = decode(plant(TwoBytes()), ("net/up/70b3", b"\x00"), ("net/up/70b3", b"\xd2\x32"))
    [letter] = out.letters
    assert (letter.reason, letter.detail) == (Reason.CODEC, "1 bytes, expected 2")
    assert (letter.payload, letter.device) == (b"\x00", "cellar")
    assert len(rows(out)) == 2


def test_a_device_with_a_topic_of_its_own_sends_its_bytes_there() -> None:
    out = decode(plant(TwoBytes()), ("own/cellar", b"\xd2\x32"))
    assert rows(out) == [(1, NOW, 21.0), (2, NOW, 50)]


def test_without_a_codec_nested_json_is_found_by_its_path() -> None:
    out = decode(plant(None), ("own/cellar", json.dumps({"air": {"t": 195}, "rssi": -70}).encode()))
    assert rows(out) == [(1, NOW, 19.5)]
    assert out.letters == []


def test_a_list_of_samples_each_with_its_time_is_followed_too() -> None:
    samples = [{"ts": NOW - 60_000, "air": {"t": 200}}, {"ts": NOW, "air": {"t": 210}}]
    out = decode(plant(None), ("own/cellar", json.dumps(samples).encode()))
    assert rows(out) == [(1, NOW - 60_000, 20.0), (1, NOW, 21.0)]


def test_when_nothing_that_was_decoded_is_a_property_the_names_are_told() -> None:
    [letter] = decode(plant(None), ("own/cellar", b'{"TempC": 21, "Hum": 40}')).letters
    assert letter.reason is Reason.EMPTY
    assert letter.detail.endswith("TempC, Hum")


def test_a_frame_for_a_type_without_a_codec_says_so() -> None:
    [letter] = decode(plant(None), ("net/up/70b3", b"\xd2\x32")).letters
    assert letter.reason is Reason.CODEC
    assert "jalon:codec" in letter.detail


def test_scaled_numbers_keep_their_range_check_and_a_unit_of_their_own_wins() -> None:
    body = b'{"temperature": 900}'
    out = decode(plant(None), ("v1/hall/telemetry", body))
    assert rows(out) == [(1, NOW, 90.0)]
    assert out.columns.flaws == {0: 1}
    given = b'{"temperature": {"value": 20, "unit": "Cel"}}'
    assert rows(decode(plant(None), ("v1/hall/telemetry", given))) == [(1, NOW, 20.0)]


def test_what_is_nothing_for_us_leaves_no_trace() -> None:
    envelope = Envelope(lambda topic: True, lambda topic, value: None)
    out = decode(Intake({}, {}, [envelope]), ("anything", b"{}"))
    assert (rows(out), out.letters, out.asides, out.speakers) == ([], [], [], [""])


def test_a_join_goes_aside_and_counts_as_having_heard_the_device() -> None:
    out = decode(plant(TwoBytes()), ("net/join/70b3", b"now"), ("net/join/beef", b"now"))
    assert [(one.event, one.device) for one in out.asides] == [
        ({"joined": b"now"}, "cellar"),
        ({"joined": b"now"}, None),
    ]
    assert out.heard == {"cellar": NOW}
    assert out.speakers == ["cellar", ""]


def test_a_retired_device_is_refused_whatever_the_way() -> None:
    intake = plant(None, retired=True)
    out = decode(intake, ("net/up/70b3", b"\xd2\x32"), ("own/cellar", b'{"humidity": 1}'))
    assert [letter.reason for letter in out.letters] == [Reason.RETIRED] * 2
    assert rows(out) == []


def test_oversized_frames_never_reach_the_codec() -> None:
    codec = TwoBytes()
    [letter] = decode(plant(codec), ("net/up/70b3", b"x" * (MAX_PAYLOAD + 1))).letters
    assert letter.reason is Reason.OVERSIZED
    assert codec.calls == []


def test_what_was_sent_anew_does_not_show_that_the_device_is_there() -> None:
    """A recording would keep a device that was stolen alive for ever."""
    replayed = Refused(Reason.REPLAYED, "heard before")
    source = Source("cellar", {})
    envelope = Envelope(lambda _topic: True, lambda *_: Wrapped("70b3", refusal=replayed))
    out = decode(Intake({}, {"70b3": source}, [envelope]), ("net/up/70b3", b"{}"))

    assert [letter.reason for letter in out.letters] == [Reason.REPLAYED]
    assert out.speakers == ["cellar"], "its page shows the frame"
    assert out.heard == {}


def test_the_warnings_of_a_codec_stay_with_the_message() -> None:
    class Warns(TwoBytes):
        def _one(self, frame: Frame) -> Output | Refused:
            return Output({"air": {"t": 1}}, ("battery low",))

    out = decode(plant(Warns()), ("v1/hall/telemetry", b"{}"), ("net/up/70b3", b"\xd2\x32"))

    assert out.warnings == {1: ("battery low",)}


def test_lists_in_lists_are_refused_however_deep() -> None:
    [letter] = decode(plant(None), ("own/cellar", b"[" * 1000 + b"]" * 1000)).letters

    assert letter.reason is Reason.MALFORMED


def test_a_whole_number_of_any_size_is_one_that_cannot_be_stored() -> None:
    class Huge(TwoBytes):
        def _one(self, frame: Frame) -> Output | Refused:
            return Output({"air": {"t": 10**400}})

    [letter] = decode(plant(Huge()), ("own/cellar", b"\xd2\x32")).letters

    assert letter.reason is Reason.NOT_A_NUMBER
