"""Which message becomes which series: the fleet's topics and properties, for the intake."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.adapters.links.mqtt.codec import matcher
from jalon.app.solution import Solution
from jalon.run import answers
from jalon.run.admission import Source, Target
from jalon.run.batch import Reason
from jalon.run.codecs.codec import Codec, Frame, Output
from jalon.run.codecs.entry import Refused
from jalon.run.control import DownlinkHeard, Due, Subject, SubjectKind
from jalon.run.discovery import listening
from jalon.run.fleet import Device
from jalon.run.intake import Aside, Envelope, Heard, Intake, Wrapped
from jalon.run.links import Member, external_topic, telemetry_topic
from jalon.run.ports import Series, SeriesSpec
from jalon.run.replay import ReplayGuard, Verdict
from jalon.run.topic_mapping import Route, TopicMap, topic_map

FRAMES = "v1/+/frame/#"
OUR_FILTERS = (
    "v1/+/telemetry",
    FRAMES,
    *answers.FILTERS,
    *lorawan.EVENT_FILTERS,
    *listening.FILTERS,
)
"""What we listen to in every solution; `filters` adds the topics of its own devices."""
RELEASED = (*OUR_FILTERS, "ext/#", "out/#")
"""What the broker need not keep once we have passed it; `released` adds what this solution's
accounts may publish. Commands, which may wait for a sleeping device, are not among it."""

SeriesByName = Mapping[tuple[str, str], Series]


def specs(solution: Solution) -> list[SeriesSpec]:
    """The series this solution keeps: every property that its devices report."""
    return [
        SeriesSpec(
            device.id, name, declared.kind, declared.unit or "", solution.site(device.site).zone
        )
        for device in solution.fleet.devices
        for name, declared in solution.properties(device).items()
        if not declared.write_only
    ]


def by_name(series: Sequence[Series]) -> SeriesByName:
    """The series by (device, property)."""
    return {(one.spec.device, one.spec.property): one for one in series}


def filters(solution: Solution) -> tuple[str, ...]:
    """The MQTT topic filters of what the intake is to see; every other topic is for somebody
    else."""
    elsewhere = (
        external_topic(link.id, "") + one
        for link in solution.links.links
        if solution.speaks_mqtt(link.id)
        for one in listening.FILTERS
    )
    return (*OUR_FILTERS, *_mapped(solution).routes, *elsewhere)


def released(solution: Solution) -> tuple[str, ...]:
    """What the broker need not keep once we have passed it."""
    bridged = (one for bridge in solution.links.bridges for one in bridge.publish)
    wide = list(dict.fromkeys((*RELEASED, *bridged)))
    # The broker is asked for each: not for thousands of topics that are among these already.
    among = matcher(wide)
    return (*wide, *(topic for topic in _mapped(solution).routes if not among(topic)))


def intake(
    solution: Solution,
    series: SeriesByName,
    codecs: Mapping[str, Codec] | None = None,
    guard: ReplayGuard | None = None,
) -> Intake:
    """The intake of this solution; a `dev_eui` is heard through a network server.

    `codecs` are those of the Thing Models that have one, by thing. With a `guard` frames that were
    recorded and sent again are refused; without one, as when letters are replayed, they are not.
    Every device has its own topic too: the broker lets only an MQTT device, a link or an import
    use it.
    """
    topics: dict[str, Source] = {}
    keys: dict[str, Source] = {}
    for device in solution.fleet.devices:
        plain = source(solution, device, series)
        topics[telemetry_topic(device.id)] = plain
        codec = (codecs or {}).get(device.thing)
        coded = replace(plain, codec=codec) if codec else plain
        keys[device.id] = coded
        if device.dev_eui is not None:
            keys[device.dev_eui] = coded
    for topic, route in _mapped(solution).routes.items():
        found = keys[route.device]
        own = found.codec is not None and _address_topic(solution, route.device) == topic
        topics[topic] = found if own else replace(found, codec=RoutedTopic(route), paths={})
    return Intake(topics, keys, (_lorawan(guard), *_OTHER_ENVELOPES))


def source(solution: Solution, device: Device, series: SeriesByName) -> Source:
    """A device that speaks JSON, with what it may report and the series that keep it."""
    reported = {
        name: declared
        for name, declared in solution.properties(device).items()
        if not declared.write_only
    }
    return Source(
        device=device.id,
        targets={
            name: Target.of(series[device.id, name].id, declared)
            for name, declared in reported.items()
        },
        paths={
            name: tuple(declared.path.split("."))
            for name, declared in reported.items()
            if declared.path is not None
        },
        retired=device.retired is not None,
    )


def answer(heard: Heard) -> Due | None:
    """What a device, or a network server for it, says of what it was told; None for all else."""
    match heard.event:
        case Due() as due:
            return answers.stamped(due, heard.time_ms)
        case lorawan.Delivery() as news if heard.device is not None:
            return _downlink(heard, news.id, news.stage, news.detail)
        case lorawan.Log() as log if heard.device is not None and log.level == "ERROR":
            detail = f"{log.code}: {log.description}"
            return _downlink(heard, log.downlink, lorawan.Stage.FAILED, detail)
    return None


def _downlink(heard: Heard, downlink: str, stage: lorawan.Stage, detail: str) -> DownlinkHeard:
    return DownlinkHeard(
        at_ms=heard.time_ms,
        key=f"downlink:{downlink}:{stage}",
        by=f"device:{heard.device}",
        subject=str(Subject(SubjectKind.DEVICE, heard.device or "")),
        downlink=downlink,
        stage=stage,
        detail=detail,
    )


@dataclass(frozen=True, slots=True)
class RoutedTopic:
    """A topic that a device cannot change, read as its form says. A Codec."""

    route: Route

    def decode(self, frames: Sequence[Frame]) -> list[Output | Refused]:
        """One result a frame; without values when the message has none of ours."""
        return [self._one(frame) for frame in frames]

    def _one(self, frame: Frame) -> Output | Refused:
        try:
            return Output(self.route.read(frame.payload) or None)
        except Refused as refused:
            return refused


def _mapped(solution: Solution) -> TopicMap:
    return topic_map(
        Member(device, solution.things[device.thing])
        for device in solution.fleet.devices
        if device.link is None or solution.speaks_mqtt(device.link)
    )


def _address_topic(solution: Solution, device_id: str) -> str | None:
    device = solution.device(device_id)
    if device is None or device.address is None:
        return None
    return external_topic(device.link, device.address) if device.link else device.address


def _lorawan(guard: ReplayGuard | None) -> Envelope:
    def unwrap(topic: str, value: object) -> Wrapped | Aside | None:
        try:
            event = lorawan.read(topic, value)
        except lorawan.NoValues as sign_of_life:
            return Aside(sign_of_life, sign_of_life.dev_eui)
        if event is None:
            return None
        if not isinstance(event, lorawan.Uplink):
            if guard is not None:
                _counted_anew(guard, event)
            return Aside(event, event.dev_eui)
        refusal = None if guard is None else _replayed(guard, event)
        frame = Frame(event.data, event.port, event.time_ms or 0) if event.data else None
        values = None if event.values is None else dict(event.values)
        return Wrapped(event.dev_eui, values, frame, event.time_ms, refusal)

    return Envelope(lorawan.is_event_topic, unwrap)


def _counted_anew(guard: ReplayGuard, event: lorawan.Event) -> None:
    if isinstance(event, lorawan.Join):
        guard.joined(event.dev_eui, event.dev_addr)
    elif isinstance(event, lorawan.Log) and event.code == "UPLINK_F_CNT_RESET":
        guard.counter_reset(event.dev_eui)


def _replayed(guard: ReplayGuard, uplink: lorawan.Uplink) -> Refused | None:
    if uplink.frame is None or uplink.time_ms is None:
        return None
    verdict = guard.judge(uplink.dev_eui, uplink.dev_addr, uplink.frame, uplink.time_ms)
    if verdict is not Verdict.REPLAYED:
        return None
    detail = f"frame {uplink.frame} of session {uplink.dev_addr} was heard before"
    return Refused(Reason.REPLAYED, detail)


_FRAME = re.compile("v1/([^/]+)/frame(?:/([0-9]{1,3}))?")


def _unwrap_frame(topic: str, payload: object) -> Wrapped:
    """Bytes for the codec of the device's type: `v1/<device>/frame`, then the FPort if any."""
    found = _FRAME.fullmatch(topic)
    if found is None or not isinstance(payload, bytes):
        raise ValueError("expected v1/<device>/frame or v1/<device>/frame/<port>")
    device, port = found.groups()
    return Wrapped(device, frame=Frame(payload, int(port) if port else None))


def _unwrap_announcement(topic: str, payload: object) -> Aside | None:
    assert isinstance(payload, bytes)
    heard = listening.read(topic, payload)
    return None if heard is None else Aside(heard)


def _unwrap_answer(topic: str, content: object) -> Aside:
    return Aside(answers.read(topic, content), answers.device_of(topic))


_ANNOUNCED = matcher([*listening.FILTERS, *(f"ext/+/{one}" for one in listening.FILTERS)])
_OTHER_ENVELOPES = (
    Envelope(matcher([FRAMES]), _unwrap_frame, binary=True),
    Envelope(matcher([*answers.FILTERS]), _unwrap_answer),
    Envelope(_ANNOUNCED, _unwrap_announcement, binary=True),
)
