"""What is wanted of devices reaches them, and what they say closes it."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook import Notebook
from waiting import wait_for

from jalon.adapters.stores.registry import Registry, open_sqlite
from jalon.app.ground import Ground
from jalon.app.solution import Solution, load
from jalon.app.twins.sending import AGAIN_MS, MOST_TRIES
from jalon.app.twins.service import Twins
from jalon.app.twins.views import TwinChanged
from jalon.run.commands.spec import CommandsFile, Policy
from jalon.run.control import DesireDue, StateHeard
from jalon.run.fleet import Device
from jalon.run.journal import Kind
from jalon.run.live import LiveBoard
from jalon.run.ports import Latest, Series, SeriesSpec
from jalon.run.things import Property, PropertyType
from jalon.vocab.errors import BrokerError, UsageError
from jalon.vocab.text import Text

EXAMPLE = Path(__file__).parents[3] / "examples" / "cold-chain"
START_MS = 1_700_000_000_000
THERMOSTAT = {
    "setpoint": Property(type=PropertyType.NUMBER, unit="Cel", minimum=-30, maximum=15),
    "mode": Property(type=PropertyType.STRING, enum=["eco", "normal"]),
    "temperature": Property(type=PropertyType.NUMBER, unit="Cel", read_only=True),
}


@dataclass
class Way:
    """A way to devices that takes everything, or says why not."""

    sent: list[tuple[str, str, bytes, bool]] = field(default_factory=list)
    trouble: Exception | None = None

    def __call__(self, device: Device, leaf: str, payload: bytes, retain: bool) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.sent.append((device.id, leaf, payload, retain))

    def by_radio(self, device: str, values: Mapping[str, object]) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.sent.append((device, "radio", json.dumps(values).encode(), False))

    @property
    def last(self) -> dict[str, object]:
        """The newest message; {} when it takes the earlier one away."""
        payload = self.sent[-1][2]
        found: dict[str, object] = json.loads(payload) if payload else {}
        return found


@dataclass
class Plant:
    """A solution with thermostats, without its broker; `now_ms` is the clock."""

    folder: Path
    registry: Registry
    solution: Solution
    now_ms: int = START_MS
    journal: Notebook = field(default_factory=Notebook)
    live: LiveBoard = field(default_factory=LiveBoard)
    series: Mapping[tuple[str, str], Series] = field(default_factory=dict)
    way: Way = field(default_factory=Way)

    def __post_init__(self) -> None:
        self.series = {
            (device.id, name): Series(
                number * 10 + place, SeriesSpec(device.id, name, prop.kind, prop.unit or "", "UTC")
            )
            for number, device in enumerate(self.solution.fleet.devices)
            for place, (name, prop) in enumerate(THERMOSTAT.items())
        }
        self.twins = self.start()

    def start(self) -> Twins:
        """The service as after a start of the process; its thread is not needed: see `look`."""
        ground = Ground(
            self.registry, lambda: self.solution, lambda: self.now_ms, self.journal, self.folder
        )
        self.twins = Twins(ground)
        self.twins.carry = self.way
        self.twins.sender.radio = self.way.by_radio
        self.twins.see(self)
        return self.twins

    def look(self) -> None:
        """One round of the sender."""
        self.twins.sender.look()

    def measure(self, device: str, name: str, value: float | str) -> None:
        """A value comes in."""
        self.now_ms += 1
        self.live.publish([Latest(self.series[device, name].id, self.now_ms, value)])

    def hear(self, reported: dict[str, object], version: int | None = None, key: str = "") -> None:
        """The first device reports its state."""
        self.now_ms += 1
        self.twins.carry_out(
            StateHeard(
                at_ms=self.now_ms,
                key=key or f"state:{self.now_ms}",
                by=f"device:{self.device}",
                subject=f"device:{self.device}",
                reported=reported,
                version=version,
            )
        )

    @property
    def device(self) -> str:
        """The first device, which connects itself."""
        return self.solution.fleet.devices[0].id


def thermostats(folder: Path) -> Solution:
    """The example, whose first device connects itself and whose second one is heard by radio."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
    solution = load(folder)
    fleet = solution.fleet
    thing = solution.things[fleet.devices[0].thing].model_copy(update={"properties": THERMOSTAT})
    devices = [
        one.model_copy(
            update={
                "thing": "thermostat",
                "link": None,
                "dev_eui": "0011223344556677" if number == 1 else None,
            }
        )
        for number, one in enumerate(fleet.devices)
    ]
    things = {**solution.things, "thermostat": thing}
    changed = fleet.model_copy(update={"devices": devices})
    return replace(solution, folder=folder, things=things, fleet=changed)


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    solution = thermostats(tmp_path / "cold")
    registry = open_sqlite(tmp_path / "registry.db")
    yield Plant(solution.folder, registry, solution)
    registry.close()


def test_a_device_is_told_what_is_wanted_and_no_more_when_it_is_so(plant: Plant) -> None:
    plant.twins.desire(plant.device, {"setpoint": 4, "mode": "eco"}, "user:ada")
    plant.look()
    assert plant.way.sent[-1][:2] == (plant.device, "desired")
    assert plant.way.sent[-1][3] is True
    assert plant.way.last == {"version": 1, "desired": {"setpoint": 4, "mode": "eco"}}
    plant.hear({"mode": "eco"})
    plant.look()
    assert plant.way.last == {"version": 1, "desired": {"setpoint": 4}}
    plant.hear({"setpoint": 4.0})
    plant.look()
    assert plant.way.sent[-1][2] == b""
    assert plant.twins.view(plant.device).delta == {}
    plant.look()
    assert len(plant.way.sent) == 3


def test_what_a_device_measures_counts_as_reported(plant: Plant) -> None:
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada")
    plant.look()
    plant.measure(plant.device, "setpoint", 4.0000001)
    plant.look()
    assert plant.way.sent[-1][2] == b""
    line = plant.twins.view(plant.device).lines[0]
    assert line.reported is not None
    assert line.reported.by_telemetry
    assert not line.is_open
    # Somebody turns the knob: it is told again.
    plant.measure(plant.device, "setpoint", 7.0)
    plant.look()
    assert plant.way.last == {"version": 1, "desired": {"setpoint": 4}}


def policed(plant: Plant, policy: Policy) -> None:
    commands = CommandsFile(policies=[policy])
    control = replace(plant.solution.control, commands=commands)
    plant.solution = replace(plant.solution, control=control)


def test_what_two_must_agree_on_is_not_had_by_wanting_it(plant: Plant) -> None:
    plant.twins.desire(plant.device, {"setpoint": 2}, "user:ann")
    policed(plant, Policy(action="set:setpoint", dangerous=True))
    with pytest.raises(UsageError, match="second person"):
        plant.twins.desire(plant.device, {"setpoint": 5, "mode": "eco"}, "user:ann")
    assert plant.twins.twin(plant.device).desired.values == {"setpoint": 2}
    plant.twins.desire(plant.device, {"setpoint": None}, "user:ann")
    assert plant.twins.twin(plant.device).desired.values == {}


def test_who_may_not_command_it_may_not_want_it(plant: Plant) -> None:
    policed(plant, Policy(action="set:setpoint", who=["bea"]))
    with pytest.raises(UsageError, match="user:ann may not ask"):
        plant.twins.desire(plant.device, {"setpoint": 5}, "user:ann")
    plant.twins.desire(plant.device, {"setpoint": 5}, "user:bea (dashboard)")
    assert plant.twins.twin(plant.device).desired.values == {"setpoint": 5}


def test_a_wish_is_taken_back_with_null(plant: Plant) -> None:
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada")
    plant.look()
    view = plant.twins.desire(plant.device, {"setpoint": None}, "user:ada")
    plant.look()
    assert (view.twin.desired.version, view.twin.desired.values) == (2, {})
    assert plant.way.sent[-1][2] == b""


def test_what_a_device_cannot_be_changes_nothing(plant: Plant) -> None:
    with pytest.raises(UsageError, match="at most 15 Cel"):
        plant.twins.desire(plant.device, {"mode": "eco", "setpoint": 99}, "user:ada")
    assert plant.twins.twin(plant.device).desired.version == 0


def test_a_rule_may_be_wrong_and_harms_nobody(plant: Plant) -> None:
    subject = f"device:{plant.device}"
    due = DesireDue(at_ms=1, key="r:1", by="rule:cool", subject=subject, desired={"setpoint": 99})
    plant.twins.carry_out(due)
    plant.twins.carry_out(due.model_copy(update={"subject": "device:gone"}))
    assert [one.kind for one in plant.journal.notes] == [Kind.DESIRE_REFUSED]
    assert plant.journal.notes[0].detail["asked_by"] == "rule:cool"


def test_the_same_decision_twice_is_one_and_an_older_one_is_none(plant: Plant) -> None:
    subject = f"device:{plant.device}"

    def due(at_ms: int, setpoint: float) -> DesireDue:
        return DesireDue(
            at_ms=START_MS + at_ms,
            key=f"rule:cool:{at_ms}",
            by="rule:cool",
            subject=subject,
            desired={"setpoint": setpoint},
        )

    for one in (due(5, 4), due(9, 2), due(5, 4), due(7, 8)):
        plant.twins.carry_out(one)
    desired = plant.twins.twin(plant.device).desired
    assert (desired.values, desired.version) == ({"setpoint": 2}, 2)
    # What a person wants now is newer than what a clock that runs ahead has said.
    plant.twins.desire(plant.device, {"setpoint": 6}, "user:ada")
    assert plant.twins.twin(plant.device).desired.values == {"setpoint": 6}


def test_of_two_who_write_at_once_the_second_is_told(plant: Plant) -> None:
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada", if_version=0)
    with pytest.raises(TwinChanged) as caught:
        plant.twins.desire(plant.device, {"setpoint": 9}, "user:bob", if_version=0)
    assert caught.value.version == 1
    plant.twins.desire(plant.device, {"setpoint": 9}, "user:bob", if_version=1)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["setpoint", "mode"]), st.integers(0, 5)),
        min_size=1,
        max_size=10,
    )
)
def test_who_reads_before_writing_never_loses_what_another_wrote(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int]]
) -> None:
    """Two people, each with the version they saw last: a write either builds on what is there or
    is refused, and then they look again."""
    folder = tmp_path_factory.mktemp("twins")
    registry = open_sqlite(folder / "registry.db")
    plant = Plant(folder, registry, thermostats(folder / "cold"))
    seen = {"a": 0, "b": 0}
    expected: dict[str, object] = {}
    for who, name, number in steps:
        value: object = number if name == "setpoint" else ["eco", "normal"][number % 2]
        current = plant.twins.twin(plant.device).desired.version
        try:
            view = plant.twins.desire(plant.device, {name: value}, f"user:{who}", seen[who])
        except TwinChanged as changed:
            assert changed.version == current != seen[who]  # noqa: PT017 - both ways are right
            seen[who] = changed.version
        else:
            assert seen[who] == current
            seen[who] = view.twin.desired.version
            expected[name] = value
    assert plant.twins.twin(plant.device).desired.values == expected
    registry.close()


def test_two_threads_that_write_the_same_version_are_one_winner(plant: Plant) -> None:
    ready, lost = threading.Barrier(4), []

    def write(setpoint: int) -> None:
        ready.wait()
        try:
            plant.twins.desire(plant.device, {"setpoint": setpoint}, "user:x", if_version=0)
        except TwinChanged:
            lost.append(setpoint)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(lost) == 3
    assert plant.twins.twin(plant.device).desired.version == 1


def test_what_was_not_sent_is_sent_after_the_next_start(plant: Plant) -> None:
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada")
    plant.start()
    plant.look()
    assert plant.way.last == {"version": 1, "desired": {"setpoint": 4}}
    plant.start()
    plant.look()
    assert len(plant.way.sent) == 1


def test_what_was_measured_while_nobody_ran_is_seen_at_the_next_start(plant: Plant) -> None:
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada")
    plant.look()
    plant.live = LiveBoard([Latest(plant.series[plant.device, "setpoint"].id, START_MS + 9, 4.0)])
    plant.start()
    plant.look()
    assert plant.way.sent[-1][2] == b""


def test_a_broker_that_is_away_is_tried_again_later_and_later(plant: Plant) -> None:
    plant.way.trouble = BrokerError(Text("The broker has not taken it in charge."))
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada")
    plant.look()
    trouble = plant.twins.view(plant.device).trouble
    assert str(trouble) == "The broker has not taken it in charge."
    plant.way.trouble = None
    plant.look()
    assert plant.way.sent == []
    plant.now_ms += 60_000
    plant.look()
    assert plant.way.last == {"version": 1, "desired": {"setpoint": 4}}
    assert plant.twins.view(plant.device).trouble is None


def test_what_can_never_be_written_is_said_once(plant: Plant) -> None:
    plant.way.trouble = UsageError(Text("{device} cannot be written.", {"device": plant.device}))
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada")
    plant.look()
    plant.way.trouble = None
    plant.now_ms += 10**9
    plant.look()
    assert plant.way.sent == []
    assert str(plant.twins.view(plant.device).trouble) == f"{plant.device} cannot be written."


def test_a_radio_device_is_told_again_a_few_times(plant: Plant) -> None:
    radio = plant.solution.fleet.devices[1].id
    plant.twins.desire(radio, {"setpoint": 4}, "user:ada")
    plant.look()
    plant.look()
    assert plant.way.sent == [(radio, "radio", b'{"setpoint": 4}', False)]
    for _ in range(2 * MOST_TRIES):
        plant.now_ms += AGAIN_MS
        plant.look()
    assert len(plant.way.sent) == MOST_TRIES
    plant.measure(radio, "setpoint", 4.0)
    plant.look()
    # Nothing keeps messages for it, so there is nothing to take away.
    assert len(plant.way.sent) == MOST_TRIES


def test_a_radio_device_nobody_has_heard_yet_is_told_when_it_can_be(plant: Plant) -> None:
    radio = plant.solution.fleet.devices[1].id
    plant.way.trouble = UsageError(Text("Its network server is not known."))
    plant.twins.desire(radio, {"setpoint": 4}, "user:ada")
    plant.look()
    plant.way.trouble = None
    assert str(plant.twins.view(radio).trouble) == "Its network server is not known."
    plant.now_ms += AGAIN_MS
    plant.look()
    assert plant.way.last == {"setpoint": 4}
    assert plant.twins.view(radio).trouble is None


def test_hardware_that_takes_a_place_is_told_everything_anew(plant: Plant) -> None:
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada")
    plant.hear({"setpoint": 4})
    plant.look()
    assert plant.way.sent == []
    plant.journal.note(Kind.REPLACED, plant.device)  # at the time of the wall clock: later
    plant.solution = replace(plant.solution)
    plant.look()
    assert plant.way.last == {"version": 1, "desired": {"setpoint": 4}}


def test_a_state_that_says_too_much_is_kept_within_bounds(plant: Plant) -> None:
    plant.hear({f"p{number}": number for number in range(500)} | {"bad name": 1, "mode": "eco"})
    twin = plant.twins.twin(plant.device)
    assert len(twin.reported.entries) == 200
    assert plant.journal.notes[-1].kind is Kind.STATE_REFUSED
    plant.hear({"p1": "x" * 100_000})
    assert plant.twins.twin(plant.device).reported.values["p1"] == 1


def test_the_thread_sends_by_itself_and_stops(plant: Plant) -> None:
    plant.twins.start()
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada")
    wait_for(lambda: len(plant.way.sent) == 1)
    plant.measure(plant.device, "setpoint", 4.0)
    wait_for(lambda: len(plant.way.sent) == 2)
    plant.twins.stop()
    assert plant.way.sent[-1][2] == b""


def test_what_is_pending_is_what_is_not_so(plant: Plant) -> None:
    other = plant.solution.fleet.devices[2].id
    plant.twins.desire(plant.device, {"setpoint": 4}, "user:ada")
    plant.twins.desire(other, {"setpoint": 4}, "user:ada")
    plant.measure(other, "setpoint", 4.0)
    assert plant.twins.pending() == {plant.device}
