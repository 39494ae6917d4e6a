"""Provoking what is measured: virtual devices, and people, do something to the trial's stack."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jalon.adapters.links.mqtt.publisher import Publisher
from jalon.adapters.stores.registry.alarms_reading import AlarmReader
from jalon.app import credentials
from jalon.app.alarms.asking import alarm_reader
from jalon.app.background import wait_until
from jalon.app.clock import now_ms
from jalon.app.commands.requests import CommandRequests
from jalon.app.commands.shapes import CommandDetail
from jalon.app.design.measuring import report_times
from jalon.app.design.trial_stack import HURRIED_MS, SILENT, TrialStack, copy_id
from jalon.app.local_api import LocalApi
from jalon.app.simulate import Plan, simulate
from jalon.app.solution import Solution
from jalon.app.tls import local_trust
from jalon.app.voices import Voice, voices
from jalon.design.prototype.verdicts import Sample
from jalon.design.spec.prototype import Hypothesis, Scalar
from jalon.run.alarms.alarm import Wish
from jalon.run.alarms.life import Event
from jalon.run.commands.states import OVER, State
from jalon.run.links import telemetry_topic
from jalon.run.rules.expression.functions import span_ms
from jalon.run.rules.expression.tree import Constant
from jalon.run.rules.spec import Rule
from jalon.run.virtual.devices import Report
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_PATIENCE_S = 60.0
_APART_S = 0.04


Understudies = Mapping[tuple[str, str], Sequence[str]]
"""Hypothesis and device → the copies of it that are its own: what one hypothesis does to a device
says nothing of another."""


def understudies(hypotheses: Sequence[Hypothesis], copies: int) -> Understudies:
    """The copies each hypothesis needs; none when the devices themselves are probed."""
    given: Counter[str] = Counter()
    found: dict[tuple[str, str], Sequence[str]] = {}
    for one in hypotheses if copies else ():
        for device in one.probe.devices:
            numbers = range(given[device] + 1, given[device] + copies + 1)
            found[one.id, device] = [copy_id(device, number) for number in numbers]
            given[device] += copies
    return found


@dataclass(frozen=True)
class Cast:
    """Who takes part in the trial: the copy, and the voice of each of its devices. `written` is
    the solution as it stands in its folder; `understudies` are the copies of a device that a
    hypothesis probes."""

    stack: TrialStack
    written: Solution
    solution: Solution
    voices: dict[str, Voice]
    understudies: Understudies

    @classmethod
    def of(
        cls, stack: TrialStack, written: Solution, seed: int, understudies: Understudies
    ) -> Cast:
        """The cast of a stack."""
        solution = stack.solution
        found = {voice.device.id: voice for voice in voices(solution, seed)}
        return cls(stack, written, solution, found, understudies)

    def probed(self, hypothesis: Hypothesis) -> list[Voice]:
        """The devices that are probed, or their copies."""
        names = [
            name
            for one in hypothesis.probe.devices
            for name in self.understudies.get((hypothesis.id, one), [one])
        ]
        return [self.voices[name] for name in names]

    @contextlib.contextmanager
    def publisher(self, speakers: Sequence[Voice]) -> Iterator[Publisher]:
        """Sessions of these devices."""
        folder, mqtt = self.stack.folder, self.stack.run.mqtt
        trust = local_trust(folder) if mqtt.tls else None
        publisher = Publisher(mqtt.near, mqtt.port, None, trust)
        try:
            for user in {voice.user for voice in speakers}:
                publisher.open(user, credentials.password(folder, user))
            publisher.wait_connected()
            yield publisher
        finally:
            publisher.close()


def _rule(solution: Solution, hypothesis: Hypothesis) -> Rule:
    """The rule that is waited for. Raises UsageError."""
    for file in solution.control.rules.values():
        for rule in file.rules:
            if rule.id == hypothesis.probe.rule:
                return rule
    text = N_("{hypothesis}: rules/ has no rule “{rule}” (probe, rule).")
    words = {"hypothesis": hypothesis.id, "rule": hypothesis.probe.rule or "–"}
    raise UsageError(Text(text, words))


def require_probes(solution: Solution, hypotheses: Sequence[Hypothesis]) -> None:
    """Raises UsageError when a rule or a device that a hypothesis probes is not there."""
    known = {voice.device.id for voice in voices(solution, 0)}
    for one in hypotheses:
        for device in one.probe.devices:
            if device not in known:
                text = N_("{hypothesis}: no virtual device can be {device}.")
                raise UsageError(Text(text, {"hypothesis": one.id, "device": device}))
        if one.probe.rule is not None:
            _rule(solution, one)


def silence_ms(solution: Solution, hypothesis: Hypothesis) -> int:
    """How long a device must have been silent by the rule. Raises UsageError."""
    for level in _rule(solution, hypothesis).all_levels():
        if found := SILENT.search(level.when):
            return span_ms(Constant(0, 0, found[1]))
    text = N_("{hypothesis}: the rule “{rule}” does not wait for silence.")
    words = {"hypothesis": hypothesis.id, "rule": hypothesis.probe.rule or "–"}
    raise UsageError(Text(text, words))


def alarm_latencies(cast: Cast, hypothesis: Hypothesis) -> list[Sample]:
    """Seconds from the moment the reported condition is fulfilled until the alarm stands in the
    registry. What must last by the rule lasts a few seconds in the copy."""
    holds = [level.for_ms for level in _rule(cast.solution, hypothesis).all_levels()]
    due = _provoke(cast, hypothesis)
    return [
        Sample(hypothesis.id, device, max(0.0, (noted - due[device] - min(holds)) / 1000))
        for device, noted in _raised(cast, hypothesis, due).items()
    ]


def silence_detections(cast: Cast, hypothesis: Hypothesis) -> list[Sample]:
    """Seconds from the last report until the alarm of silence. The copy's rule waits for a few
    seconds only; what the rule as it is written waits longer is added."""
    longer = silence_ms(cast.written, hypothesis) - HURRIED_MS
    due = _provoke(cast, hypothesis)
    return [
        Sample(hypothesis.id, device, (noted - due[device] + longer) / 1000)
        for device, noted in _raised(cast, hypothesis, due).items()
    ]


def _provoke(cast: Cast, hypothesis: Hypothesis) -> dict[str, int]:
    """Each probed device reports once; the time of the measurement, by device."""
    said: dict[str, int] = {}
    speakers = cast.probed(hypothesis)
    with cast.publisher(speakers) as publisher:
        for voice in speakers:
            time_ms = now_ms()
            report: Report = {**(voice.device.report(time_ms) or {}), **hypothesis.probe.values}
            publisher.publish(voice.user, voice.topic, voice.encode(time_ms, report))
            said[voice.device.id] = time_ms
            _pause(publisher)
        publisher.flush(_PATIENCE_S)
    return said


def _pause(publisher: Publisher) -> None:
    """Some time between two reports, so that they do not all meet the same tick of the rules."""
    until = time.monotonic() + _APART_S
    while (left := until - time.monotonic()) > 0:
        publisher.poll(left)


def _raised(cast: Cast, hypothesis: Hypothesis, due: dict[str, int]) -> dict[str, int]:
    """When the alarm of each device was written down; those that never came are missing."""
    found: dict[str, int] = {}
    with alarm_reader(cast.stack.folder) as reader:
        wait_until(lambda: len(_look(reader, hypothesis, due, found)) == len(due), _PATIENCE_S)
    return found


def _look(
    reader: AlarmReader, hypothesis: Hypothesis, due: dict[str, int], found: dict[str, int]
) -> dict[str, int]:
    for alarm in reader.select(Wish(rule=hypothesis.probe.rule or ""), 10_000):
        device = alarm.subject.id
        if device in due and device not in found:
            for entry in reader.history(alarm.id):
                if entry.what is Event.RAISED and entry.at_ms >= due[device]:
                    found.setdefault(device, entry.noted_ms)
    return found


class _Live:
    """Lets virtual devices go on in real time while commands are sent."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.ending = threading.Event()

    def history(self, done: float) -> None:
        """There is none."""

    def caught_up(self, devices: int, messages: int) -> None:
        """They listen now."""
        self.ready.set()

    def stopped(self) -> bool:
        """Whether to end."""
        return self.ending.is_set()


@contextlib.contextmanager
def living(cast: Cast, seed: int) -> Iterator[None]:
    """Virtual devices hear and answer while this lasts."""
    live = _Live()
    plan = Plan(seed=seed)
    where = cast.stack.run.mqtt
    thread = threading.Thread(
        target=simulate, args=(cast.solution, where, plan, live, now_ms), name="virtual devices"
    )
    thread.start()
    try:
        wait_until(lambda: live.ready.is_set() or not thread.is_alive(), _PATIENCE_S)
        yield
    finally:
        live.ending.set()
        thread.join()


def commands(cast: Cast, hypothesis: Hypothesis) -> list[tuple[str, State, float]]:
    """Ask the probed devices, each in turn; device, how it ended and after how many seconds."""
    probe = hypothesis.probe
    requests = CommandRequests(cast.stack.folder)
    given: list[Scalar | None] = [*probe.inputs] or [None]
    found: list[tuple[str, State, float]] = []
    speakers = cast.probed(hypothesis)
    for turn in range(-(-hypothesis.samples // max(1, len(speakers)))):
        for voice in speakers[: hypothesis.samples - len(found)]:
            asked = requests.send(voice.device.id, probe.action or "", given[turn % len(given)])
            ended = _ended(requests, asked.id)
            took = (ended.changed - ended.created).total_seconds()
            found.append((voice.device.id, ended.state, took))
    return found


def _ended(requests: CommandRequests, command: str) -> CommandDetail:
    """The command once it is over, or as it is when that takes too long."""
    wait_until(lambda: requests.one(command).state in OVER, _PATIENCE_S)
    return requests.one(command)


def command_latencies(cast: Cast, hypothesis: Hypothesis) -> list[Sample]:
    """Seconds from asking until the device has confirmed."""
    return [
        Sample(hypothesis.id, device, took)
        for device, state, took in commands(cast, hypothesis)
        if state is State.COMPLETED
    ]


def command_successes(cast: Cast, hypothesis: Hypothesis) -> list[Sample]:
    """Whether each command was applied."""
    return [
        Sample(hypothesis.id, device, float(state is State.COMPLETED), 1.0)
        for device, state, _ in commands(cast, hypothesis)
    ]


def page_latencies(cast: Cast, hypothesis: Hypothesis) -> list[Sample]:
    """Seconds until a page, or an answer of the API, is there as a whole, over real HTTP on this
    machine; what a browser does with it is not in it."""
    api = LocalApi(cast.stack.folder, cast.stack.run)
    paths = hypothesis.probe.pages or ["/api/v1/devices"]
    found = []
    for number in range(hypothesis.samples):
        began = time.perf_counter()
        api.read(paths[number % len(paths)])
        found.append(Sample(hypothesis.id, "", time.perf_counter() - began))
    return found


def foreign_publishes(cast: Cast, hypothesis: Hypothesis) -> list[Sample]:
    """Each probed device speaks in the name of the next one; how many of such messages were
    stored. A report of its own goes behind each, so that it is known when all has been seen."""
    speakers = [voice for voice in cast.probed(hypothesis) if voice.hears]
    said: Report = dict(hypothesis.probe.values)
    if len(speakers) < 2 or not said:
        text = N_("{hypothesis}: name two devices that speak MQTT, and what they say (values).")
        raise UsageError(Text(text, {"hypothesis": hypothesis.id}))
    start = now_ms() - 60_000
    own: dict[str, set[int]] = {}
    foreign: dict[str, set[int]] = {}
    with cast.publisher(speakers) as publisher:
        for number in range(hypothesis.samples):
            voice, victim = (speakers[(number + k) % len(speakers)] for k in (0, 1))
            time_ms = start + 2 * number
            payload = victim.encode(time_ms, said)
            publisher.publish(voice.user, telemetry_topic(victim.device.id), payload)
            foreign.setdefault(victim.device.id, set()).add(time_ms)
            publisher.publish(voice.user, voice.topic, voice.encode(time_ms + 1, said))
            own.setdefault(voice.device.id, set()).add(time_ms + 1)
            publisher.poll(0.0)
        publisher.flush(_PATIENCE_S)
    end = start + 2 * hypothesis.samples + 1

    def stored() -> dict[str, set[int]]:
        return {name: set(all_) for name, all_ in report_times(cast.solution, start, end).items()}

    wait_until(lambda: all(times <= stored()[name] for name, times in own.items()), _PATIENCE_S)
    there = stored()
    return [
        Sample(hypothesis.id, name, float(len(times & there[name])), float(len(times)))
        for name, times in foreign.items()
    ]


PROBES: dict[str, Callable[[Cast, Hypothesis], list[Sample]]] = {
    "alarm.latency": alarm_latencies,
    "silence.detection": silence_detections,
    "command.latency": command_latencies,
    "command.success": command_successes,
    "page.latency": page_latencies,
    "security.foreign_publish_accepted": foreign_publishes,
}
"""What has to be provoked."""
LIVE = frozenset({"command.latency", "command.success"})
"""For these, virtual devices have to hear."""
