"""`jalon prototype`: the real stack, virtual or real devices, and a verdict on each hypothesis."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from jalon.app.background import wait_until
from jalon.app.clock import now_ms
from jalon.app.design.measuring import MEASURED, Look, lived, look_at, report_times
from jalon.app.design.probing import LIVE, PROBES, Cast, living, require_probes, understudies
from jalon.app.design.trial_files import HYPOTHESES, registered, write
from jalon.app.design.trial_stack import TrialStack, trial_stack
from jalon.app.scenarios import read_scenario, scenario_path
from jalon.app.simulate import Outcome, Plan, simulate
from jalon.app.solution import Solution, load
from jalon.app.voices import voices
from jalon.design.prototype.sealing import digest, raw_text
from jalon.design.prototype.verdicts import SUBJECTS, Sample, Shape, judge, measure_of
from jalon.design.spec.prototype import Hypothesis, RunSettings
from jalon.design.spec.trials import TrialFile
from jalon.run.virtual.scenarios import play
from jalon.vocab.errors import UsageError
from jalon.vocab.measure import Measure
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS, from_ms

Tell = Callable[[Text], None]
OUTAGE = "outage.lost_messages"
_REAL_DAYS = 7
_SLACK_MS = 5_000
"""Between history and what is provoked: a device reports forwards in time."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A run that is over, and the folder of its results."""

    result: TrialFile
    folder: Path


def prototype(folder: Path, tell: Tell, *, real: bool = False, only: str = "") -> Trial:
    """Run what prototype.yaml says and write the results. Raises JalonError."""
    solution = load(folder)
    chosen = _chosen(solution, real, only)
    settings = solution.blueprint.prototype.run
    before = registered(folder)
    began = now_ms()
    gather = _measured if real else _tried
    samples, conditions = gather(solution, settings, chosen, tell)
    samples = [
        kept for one, measure in chosen for kept in _at_most(samples, one, measure, settings)
    ]
    trial = TrialFile(
        run=f"{from_ms(began):%Y%m%dT%H%M%SZ}",
        started=_second(began),
        ended=_second(now_ms()),
        jalon=version("jalon"),
        real=real,
        settings=settings,
        registered=before,
        conditions=list(conditions),
        judged=[judge(one, measure, settings, samples) for one, measure in chosen],
        raw_sha256=digest(raw_text(samples)),
    )
    return Trial(trial, write(folder, trial, samples))


def _second(time_ms: int) -> datetime:
    return from_ms(time_ms // 1000 * 1000).astimezone(UTC)


def _chosen(solution: Solution, real: bool, only: str) -> list[tuple[Hypothesis, Measure]]:
    """The hypotheses that can be measured, with their bounds. Raises UsageError."""
    blueprint = solution.blueprint
    wanted = [one for one in blueprint.prototype.hypotheses if only in ("", one.id)]
    if not wanted:
        text = N_("{file} has no such hypothesis; write down first what is to be shown.")
        raise UsageError(Text(text, {"file": HYPOTHESES}))
    found = []
    for one in wanted:
        measure = measure_of(one, blueprint.about)
        if measure is None:
            text = N_("{hypothesis} has no measure, nor has its first requirement.")
            raise UsageError(Text(text, {"hypothesis": one.id}))
        if measure.subject not in (MEASURED if real else SUBJECTS):
            text = N_("{hypothesis}: “{subject}” cannot be measured like this. Known: {known}.")
            known = ", ".join(MEASURED if real else SUBJECTS)
            words = {"hypothesis": one.id, "subject": measure.subject, "known": known}
            raise UsageError(Text(text, words))
        found.append((one, measure))
    return found


def _at_most(
    samples: Iterable[Sample], hypothesis: Hypothesis, measure: Measure, settings: RunSettings
) -> list[Sample]:
    """The samples of a hypothesis; of quantities no more than wanted, drawn with the run's seed."""
    own = [one for one in samples if one.hypothesis == hypothesis.id]
    shape, _ = SUBJECTS[measure.subject]
    if shape is Shape.QUANTITY and len(own) > hypothesis.samples:
        order = random.Random(f"{settings.seed}/{hypothesis.id}")  # noqa: S311 - to be repeated
        own = [own[k] for k in sorted(order.sample(range(len(own)), hypothesis.samples))]
    return own


Chosen = list[tuple[Hypothesis, Measure]]


def _measured(
    solution: Solution, settings: RunSettings, chosen: Chosen, tell: Tell
) -> tuple[list[Sample], list[str]]:
    """What the solution that runs, or ran, has on record of the last days."""
    tell(Text(N_("Reading the records of the last {days} days…"), {"days": _REAL_DAYS}))
    end = now_ms()
    with look_at(solution, end - _REAL_DAYS * DAY_MS, end) as look:
        return _recorded(lived(look), chosen), []


def _recorded(look: Look, chosen: Chosen) -> list[Sample]:
    return [
        replace(sample, hypothesis=one.id)
        for one, measure in chosen
        if measure.subject in MEASURED
        for sample in MEASURED[measure.subject](look)
    ]


def _tried(
    solution: Solution, settings: RunSettings, chosen: Chosen, tell: Tell
) -> tuple[list[Sample], list[str]]:
    """What a copy of the solution does with virtual devices."""
    require_probes(solution, [one for one, _ in chosen])
    extra = understudies([one for one, _ in chosen], settings.copies)
    copies: Counter[str] = Counter()
    for (_, device), names in extra.items():
        copies[device] += len(names)
    tell(Text(N_("Starting a copy of {folder}…"), {"folder": str(solution.folder)}))
    hurried = {one.probe.rule for one, _ in chosen if one.probe.rule is not None}
    with trial_stack(solution.folder, copies, hurried) as stack:
        samples = _history(stack, solution, settings, chosen, tell)
        samples += _probes(Cast.of(stack, solution, settings.seed, extra), chosen, tell, settings)
        tell(Text(N_("Stopping the copy…")))
        return samples, [str(one) for one in stack.changed]


def _probes(cast: Cast, chosen: Chosen, tell: Tell, settings: RunSettings) -> list[Sample]:
    found: list[Sample] = []
    hear = [one for one in chosen if one[1].subject in LIVE]
    for one, measure in chosen:
        if measure.subject in PROBES and measure.subject not in LIVE:
            tell(Text(N_("Measuring {subject} for {id}…"), _words(one, measure)))
            found += PROBES[measure.subject](cast, one)
    if hear:
        with living(cast, settings.seed):
            for one, measure in hear:
                tell(Text(N_("Measuring {subject} for {id}…"), _words(one, measure)))
                found += PROBES[measure.subject](cast, one)
    return found


def _words(hypothesis: Hypothesis, measure: Measure) -> Mapping[str, object]:
    return {"id": hypothesis.id, "subject": measure.subject}


def _history(
    stack: TrialStack, solution: Solution, settings: RunSettings, chosen: Chosen, tell: Tell
) -> list[Sample]:
    """Virtual devices of the fleet, without copies, report history; what is on record of it."""
    asked = [one for one in chosen if one[1].subject == OUTAGE or one[1].subject not in PROBES]
    if not asked:
        return []
    tell(Text(N_("Virtual devices report their history…")))
    end = now_ms() - _SLACK_MS
    start = end - settings.history
    watch = _Cutting(stack, settings.cut, tell)
    copy = stack.solution
    many = len(voices(solution, settings.seed))
    story = settings.scenario
    scenario = read_scenario(scenario_path(copy.folder, story)) if story else None
    plan = Plan(settings.history / DAY_MS, None, 0, many, settings.seed, scenario)
    told: Outcome = simulate(copy, stack.run.mqtt, plan, watch, lambda: end)
    if told.acknowledged < told.published:
        tell(Text(N_("Not every message was acknowledged.")))
    sent = _sent(copy, plan, start, end)
    _wait_stored(copy, sent, start, end)
    with look_at(copy, start, end) as look:
        lost = [
            Sample(one.id, device, float(len(times - set(look.reports[device]))), len(times))
            for one, measure in asked
            if measure.subject == OUTAGE
            for device, times in sent.items()
        ]
        real = {device.id: look.reports[device.id] for device in solution.fleet.devices}
        return [*_recorded(replace(look, reports=real), asked), *lost]


def _sent(solution: Solution, plan: Plan, start: int, end: int) -> dict[str, set[int]]:
    """When each virtual device reported: the same seed says the same again."""
    speakers = voices(solution, plan.seed, plan.devices)
    if plan.scenario is not None:
        cast = [(solution.device(one.device.id), one.device) for one in speakers]
        play(plan.scenario, end, [(device, one) for device, one in cast if device])
    return {
        voice.device.id: {time_ms for time_ms, _ in voice.device.reports(start, end)}
        for voice in speakers
    }


def _wait_stored(solution: Solution, sent: Mapping[str, set[int]], start: int, end: int) -> None:
    """Until the intake has taken in what it will: all of it, or nothing new for some looks."""
    expected, seen, still = sum(map(len, sent.values())), -1, 0

    def settled() -> bool:
        nonlocal seen, still
        there = sum(map(len, report_times(solution, start, end).values()))
        still = still + 1 if there == seen else 0
        seen = there
        return there >= expected or still >= 20

    wait_until(settled, 60.0)


class _Cutting:
    """Watches history go out, and cuts the power of the server in the middle of it."""

    def __init__(self, stack: TrialStack, cut: bool, tell: Tell) -> None:
        self._stack = stack
        self._due = cut
        self._tell = tell

    def history(self, done: float) -> None:
        """The share that is sent."""
        if self._due and done >= 0.5:
            self._due = False
            self._tell(Text(N_("The server is killed, and started again…")))
            self._stack.kill()
            self._stack.start()

    def caught_up(self, devices: int, messages: int) -> None:
        """All is sent."""

    def stopped(self) -> bool:
        """It goes on to its end."""
        return False
