"""Virtual devices that report through the real protocols, as history and in real time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from jalon.adapters.links.mqtt.publisher import Publisher
from jalon.app import credentials
from jalon.app.answering import Answering, Sent
from jalon.app.local import Endpoint
from jalon.app.solution import Solution
from jalon.app.tls import local_trust
from jalon.app.voices import Voice, voices
from jalon.run.virtual.scenarios import Scenario, play
from jalon.run.virtual.updating import Flaws
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

SLICE_MS = 6 * 3_600_000
_LIVE_S = 0.25
_FLUSH_S = 30.0
_LEAVE_S = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the virtual devices.

    History of `days_back` days comes first, `speed` times as fast as it happened (None: as fast
    as the broker acknowledges); then real time, for `run_s` seconds (None: until stopped).
    `devices` limits how many of the fleet take part. `scenario` begins with the real time; `flaws`
    say how updates go wrong.
    """

    days_back: float = 0.0
    speed: float | None = None
    run_s: float | None = None
    devices: int | None = None
    seed: int = 1
    scenario: Scenario | None = None
    flaws: Flaws = field(default_factory=Flaws)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Messages published and acknowledged by the broker, by so many devices."""

    devices: int
    published: int
    acknowledged: int


class Watch(Protocol):
    """Who is told how it goes, and may end it."""

    def history(self, done: float) -> None:
        """The share of the history that is sent, 0 to 1."""

    def caught_up(self, devices: int, messages: int) -> None:
        """History is done; real time begins."""

    def stopped(self) -> bool:
        """Whether to end now."""


def simulate(
    solution: Solution, broker: Endpoint, plan: Plan, watch: Watch, clock: Callable[[], int]
) -> Outcome:
    """Run the virtual devices until the plan is done or `watch` says stop.

    Running it again sends the same messages for the same time, which the store knows already.
    Raises UsageError when no device has a signal or the broker cannot be used.
    """
    speakers = voices(solution, plan.seed, plan.devices)
    if not speakers:
        raise UsageError(
            Text(N_("No property has a “jalon:signal”, so there is nothing to simulate."))
        )
    answering = Answering(solution, speakers, plan.seed, plan.flaws)
    if plan.scenario is not None:
        cast = [(solution.device(one.device.id), one.device) for one in speakers]
        play(plan.scenario, clock(), [(device, one) for device, one in cast if device])
    return _Simulation(solution.folder, broker, speakers, answering, clock).run(plan, watch)


class _Simulation:
    """The sessions and the moment up to which everything is published."""

    def __init__(
        self,
        folder: Path,
        broker: Endpoint,
        speakers: list[Voice],
        answering: Answering,
        clock: Callable[[], int],
    ) -> None:
        self._folder = folder
        self._voices = speakers
        self._clock = clock
        self._answering = answering
        self._early: list[tuple[str, str, bytes]] | None = []
        self._publisher = Publisher(
            broker.near, broker.port, self._hear, local_trust(folder) if broker.tls else None
        )

    def run(self, plan: Plan, watch: Watch) -> Outcome:
        """Connect, publish history, go on in real time, leave."""
        try:
            self._connect()
            self._publish_all(plan, watch)
            self._publisher.flush(_LEAVE_S if watch.stopped() else _FLUSH_S)
        finally:
            self._publisher.close()
        return Outcome(len(self._voices), self._publisher.published, self._publisher.acknowledged)

    def _connect(self) -> None:
        users = {voice.user: voice.hears for voice in self._voices}
        for user, filters in users.items():
            self._publisher.open(user, credentials.password(self._folder, user), filters)
        self._publisher.wait_connected()

    def _publish_all(self, plan: Plan, watch: Watch) -> None:
        began_ms = self._clock()
        start_ms = at_ms = began_ms - round(plan.days_back * DAY_MS)
        caught_up_ms: int | None = None
        while not watch.stopped():
            now = self._clock()
            reach_ms = now
            if caught_up_ms is None and plan.speed is not None:
                reach_ms = min(now, start_ms + round((now - began_ms) * plan.speed))
            upto_ms = min(reach_ms, at_ms + SLICE_MS)
            if not self._publish(at_ms, upto_ms, watch):
                return
            at_ms = max(at_ms, upto_ms)
            if caught_up_ms is None:
                watch.history((at_ms - start_ms) / max(1, now - start_ms))
                if at_ms >= now:
                    caught_up_ms = now
                    watch.caught_up(len(self._voices), self._publisher.published)
                    self._begin(plan)
            if caught_up_ms is not None and _over(now - caught_up_ms, plan.run_s):
                return
            self._live(_LIVE_S if upto_ms == reach_ms else 0.0)

    def _publish(self, start_ms: int, end_ms: int, watch: Watch) -> bool:
        """Publish what every device says in `[start_ms, end_ms)`, in time order; False when told
        to stop before the end."""
        said = [
            (time_ms, place, report)
            for place, voice in enumerate(self._voices)
            for time_ms, report in voice.device.reports(start_ms, end_ms)
        ]
        said.sort(key=lambda one: one[:2])
        for time_ms, place, report in said:
            while not self._publisher.has_room and not watch.stopped():
                self._publisher.poll(_LIVE_S)
            if watch.stopped():
                return False
            voice = self._voices[place]
            self._publisher.publish(voice.user, voice.topic, voice.encode(time_ms, report))
        return True

    def _begin(self, plan: Plan) -> None:
        """Real time begins: from now on they hear, what waited for them first."""
        if plan.run_s == 0:
            return
        early, self._early = self._early or [], None
        self._say(self._answering.begin())
        for user, topic, content in early:
            self._hear(user, topic, content)

    def _live(self, seconds: float) -> None:
        """Move bytes for so long, and let time pass for the devices."""
        until = time.monotonic() + seconds
        self._publisher.poll(seconds)
        while (left := until - time.monotonic()) > 0:
            self._publisher.poll(left)
        if self._early is None:
            self._say(self._answering.tick(self._clock()))

    def _hear(self, user: str, topic: str, content: bytes) -> None:
        if self._early is None:
            self._say(self._answering.heard(user, topic, content, self._clock()))
        else:
            self._early.append((user, topic, content))

    def _say(self, said: Sequence[Sent]) -> None:
        for user, topic, content in said:
            self._publisher.publish(user, topic, content)


def _over(live_ms: int, run_s: float | None) -> bool:
    return run_s is not None and live_ms >= run_s * 1000
