"""What a solution's store and registry say about the subjects of measures, one function each.

All work on a folder whether its solution runs or not. Times are Unix ms, amounts in the unit of
the catalogue `measure_subjects`.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from jalon.adapters.stores.registry import CommandTable, open_sqlite
from jalon.adapters.stores.registry.alarms_reading import AlarmReader
from jalon.adapters.stores.registry.registry import Registry
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.exporting import Extract, export_csv
from jalon.app.solution import Solution
from jalon.design.prototype.verdicts import Sample
from jalon.run.alarms.alarm import Alarm, Entry, Wish
from jalon.run.alarms.life import Event
from jalon.run.commands.states import OVER, State
from jalon.run.commands.wanted import Wanted
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS, to_ms

_MOST = 10_000
_SILENCE_WORD = "silent("
Times = Mapping[str, Sequence[int]]
"""Device → when it reported, in order."""


@dataclass(frozen=True)
class Look:
    """A solution's records of `[start_ms, end_ms)`. Obtained from `look_at`."""

    solution: Solution
    registry: Registry
    start_ms: int
    end_ms: int
    reports: Times


@contextmanager
def look_at(solution: Solution, start_ms: int, end_ms: int) -> Iterator[Look]:
    """Open the records. Raises UsageError when the solution never ran."""
    path = solution.folder / REGISTRY_FILE
    if not path.is_file():
        text = N_("The solution in {folder} has never run.")
        raise UsageError(Text(text, {"folder": solution.folder}))
    registry = open_sqlite(path)
    try:
        yield Look(solution, registry, start_ms, end_ms, report_times(solution, start_ms, end_ms))
    finally:
        registry.close()


def lived(look: Look) -> Look:
    """The part since the first report of the fleet: before it there was nothing to miss."""
    first = min((times[0] for times in look.reports.values() if times), default=look.start_ms)
    return replace(look, start_ms=max(look.start_ms, first))


def report_times(solution: Solution, start_ms: int, end_ms: int) -> dict[str, list[int]]:
    """When each device of the fleet reported; what rules compute is no report."""
    computed = {
        rule.compute.property
        for file in solution.control.rules.values()
        for rule in file.rules
        if rule.compute is not None
    }
    found: dict[str, set[int]] = {device.id: set() for device in solution.fleet.devices}
    text = io.BytesIO()
    export_csv(solution, Extract(start_ms=start_ms, end_ms=end_ms), text)
    for row in csv.DictReader(io.StringIO(text.getvalue().decode("utf-8"))):
        if row["property"] not in computed and row["device"] in found:
            found[row["device"]].add(to_ms(datetime.fromisoformat(row["time"])))
    return {device: sorted(times) for device, times in found.items()}


def period_ms(solution: Solution, device_id: str) -> int:
    """The time between two reports that its type declares; 0 when it declares none."""
    device = solution.device(device_id)
    seconds = solution.things[device.thing].period_s if device else None
    return round((seconds or 0) * 1000)


def completeness(look: Look) -> Iterator[Sample]:
    """How many of the reports that were due are stored, by device. Only whole periods between two
    reports, and before the first and behind the last of a device, count as missing."""
    for device, times in look.reports.items():
        if period := period_ms(look.solution, device):
            yield _stored(device, times, (look.start_ms, look.end_ms), period)


def _stored(device: str, times: Sequence[int], span: tuple[int, int], period: int) -> Sample:
    start, end = span
    if not times:
        return Sample("", device, 0.0, (end - start) // period)
    missing = sum(max(0, round((later - one) / period) - 1) for one, later in pairwise(times))
    missing += (times[0] - start) // period + (end - times[-1] - 1) // period
    return Sample("", device, float(len(times)), float(len(times) + missing))


def loss(look: Look) -> Iterator[Sample]:
    """How many of the reports that were due are not stored."""
    for one in completeness(look):
        yield Sample("", one.device, (one.of or 0.0) - one.value, one.of)


def report_intervals(look: Look) -> Iterator[Sample]:
    """Seconds between two reports of a device."""
    for device, times in look.reports.items():
        for one, later in pairwise(times):
            yield Sample("", device, (later - one) / 1000)


def alarm_latencies(look: Look) -> Iterator[Sample]:
    """Seconds from when the condition was fulfilled, by the time of the measurements, until the
    alarm was written down. What came more than a day late is history that was filled in."""
    quiet = _silence_rules(look.solution)
    for alarm, entry in _raised(look):
        late = entry.noted_ms - entry.at_ms
        if alarm.rule not in quiet and 0 <= late < DAY_MS:
            yield Sample("", alarm.subject.id, late / 1000)


def silence_detections(look: Look) -> Iterator[Sample]:
    """Seconds from the last report of a device until the alarm of its silence."""
    quiet = _silence_rules(look.solution)
    for alarm, entry in _raised(look):
        before = [one for one in look.reports.get(alarm.subject.id, ()) if one < entry.noted_ms]
        if alarm.rule in quiet and before:
            yield Sample("", alarm.subject.id, (entry.noted_ms - before[-1]) / 1000)


def command_latencies(look: Look) -> Iterator[Sample]:
    """Seconds from asking until the device confirmed; waiting for a second person included."""
    for device, state, seconds in _commands(look):
        if state == State.COMPLETED:
            yield Sample("", device, seconds)


def command_successes(look: Look) -> Iterator[Sample]:
    """How many of the commands that are over were applied, by device. What people took back is
    none."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for device, state, _ in _commands(look):
        if state not in (State.CANCELLED, State.REJECTED):
            counts[device][0] += state == State.COMPLETED
            counts[device][1] += 1
    for device, (done, of) in counts.items():
        yield Sample("", device, float(done), float(of))


def _commands(look: Look) -> Iterator[tuple[str, str, float]]:
    table = CommandTable(look.registry)
    for row in table.find(Wanted(states=sorted(OVER)), _MOST):
        if look.start_ms <= row.created_ms < look.end_ms:
            yield row.device, row.state, (row.changed_ms - row.created_ms) / 1000


def _raised(look: Look) -> Iterator[tuple[Alarm, Entry]]:
    reader = AlarmReader(look.registry)
    for alarm in reader.select(Wish(), _MOST):
        if alarm.changed_ms < look.start_ms:
            continue
        for entry in reader.history(alarm.id):
            if entry.what is Event.RAISED and look.start_ms <= entry.noted_ms < look.end_ms:
                yield alarm, entry


def _silence_rules(solution: Solution) -> set[str]:
    """Rules about silence: what they wait for is no measurement."""
    return {
        rule.id
        for file in solution.control.rules.values()
        for rule in file.rules
        if any(_SILENCE_WORD in level.when for level in rule.all_levels())
    }


MEASURED: Mapping[str, Callable[[Look], Iterator[Sample]]] = {
    "alarm.latency": alarm_latencies,
    "silence.detection": silence_detections,
    "command.latency": command_latencies,
    "command.success": command_successes,
    "data.completeness": completeness,
    "data.loss": loss,
    "device.report_interval": report_intervals,
}
"""What can be read from the records of any solution, running or not."""
