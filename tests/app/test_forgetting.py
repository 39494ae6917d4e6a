"""What the record of processing lets go is erased by the running solution, and nothing else."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from waiting import wait_for

from jalon.adapters.stores.registry import open_sqlite
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.audit import Audit, AuditWish
from jalon.app.forgetting import DEED, QUIET_S, WHO, Forgetting, due
from jalon.app.launch import Launched, Listen, launched
from jalon.run.batch import Columns
from jalon.run.journal import Kind
from jalon.run.ports import SeriesSpec
from jalon.vocab.reading import ValueKind
from jalon.vocab.times import DAY_MS

EXAMPLES = Path(__file__).parents[2] / "examples"
EVER = 2**45


OFTEN = Listen(mqtt=0, websocket=0, compact_every_s=0.2)


def ages(plant: Launched, device: str, prop: str) -> list[int]:
    """How many days old its readings are, the oldest first."""
    running = plant.running
    series = running.series[device, prop].id
    now = running.now_ms()
    return [(now - one.time_ms) // DAY_MS for one in running.store.points(series, 0, EVER)]


def put(plant: Launched, device: str, prop: str, *days: int) -> None:
    running = plant.running
    series = running.series[device, prop].id
    times = [running.now_ms() - day * DAY_MS for day in days]
    running.store.append(Columns([series] * len(times), times, [1.0] * len(times)))


def test_a_running_solution_erases_what_the_record_no_longer_allows(tmp_path: Path) -> None:
    folder = tmp_path / "cold"
    shutil.copytree(EXAMPLES / "cold-chain", folder)
    with launched(folder, OFTEN, lambda _text: None) as plant:
        truck = next(one.id for one in plant.running.solution.fleet.devices if one.thing == "truck")
        put(plant, truck, "temperature", 900, 40, 1)
        put(plant, truck, "door", 900, 40, 20, 1)
        wait_for(lambda: ages(plant, truck, "door") == [20, 1], 30)
        assert ages(plant, truck, "temperature") == [900, 40, 1], "three years for the cold"
        wait_for(lambda: reasons(plant) == {"truck.door": "door-alarms"}, 30)

        shorten(folder, "retention: 1096 d", "retention: 100 d")
        plant.running.reload()
        wait_for(lambda: ages(plant, truck, "temperature") == [40, 1], 30)
        wait_for(lambda: reasons(plant).get("truck.temperature") == "cold-record", 30)
    with closing(open_sqlite(folder / REGISTRY_FILE)) as registry:
        deeds = Audit(registry).read(AuditWish(action=DEED), 10)
    assert {one.who for one in deeds} == {WHO}
    assert {one.detail for one in deeds} >= {"truck.door 2", "truck.temperature 1"}


def reasons(plant: Launched) -> dict[str, str]:
    """Which processing each erasure was for, by what was erased."""
    notes = plant.running.journal.read(kinds=frozenset({Kind.DATA_ERASED}))
    return {one.detail["data"]: one.detail["because"] for one in notes}


def shorten(folder: Path, old: str, new: str) -> None:
    file = folder / "privacy.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_device_that_left_the_fleet_is_forgotten_too(tmp_path: Path) -> None:
    folder = tmp_path / "cold"
    shutil.copytree(EXAMPLES / "cold-chain", folder)
    with launched(folder, Listen(mqtt=0, websocket=0), lambda _text: None) as plant:
        running = plant.running
        likely = SeriesSpec("ghost", "door", ValueKind.BOOLEAN, "", "UTC")
        unheard = SeriesSpec("ghost", "colour", ValueKind.TEXT, "", "UTC")
        kept = {key: rule.days for rule, key in due(running).values()}
        assert kept["truck", "location"] == 60
        assert kept["cabinet", "temperature"] == 1096
        door, colour = running.store.declare([likely, unheard])
        assert due(running)[door.id][0].days == 30
        assert colour.id not in due(running), "of what nobody knows nothing is erased"


class Clocks:
    """Of a machine: what it shows, and what it counts since it was switched on."""

    def __init__(self, now_ms: int) -> None:
        self.shown_ms, self.steady_s = now_ms, 0.0

    def now_ms(self) -> int:
        return self.shown_ms

    def steady(self) -> float:
        return self.steady_s

    def go_on(self, seconds: float) -> None:
        self.shown_ms += int(seconds * 1000)
        self.steady_s += seconds


def forgetting(plant: Launched) -> tuple[Forgetting, Clocks]:
    """One whose rounds come when the test says so."""
    clocks = Clocks(plant.running.now_ms())
    plant.running.now_ms = clocks.now_ms
    return Forgetting(plant.running, lambda *_deed: None, clocks.steady), clocks


def test_a_rule_of_one_moment_erases_nothing(tmp_path: Path) -> None:
    """A file that was read half written is whole again at the next round."""
    folder = tmp_path / "cold"
    shutil.copytree(EXAMPLES / "cold-chain", folder)
    whole = (folder / "privacy.yaml").read_text(encoding="utf-8")
    with launched(folder, Listen(mqtt=0, websocket=0), lambda _text: None) as plant:
        truck = next(one.id for one in plant.running.solution.fleet.devices if one.thing == "truck")
        erase, clocks = forgetting(plant)
        put(plant, truck, "temperature", 1200, 900, 1)
        erase()
        assert ages(plant, truck, "temperature") == [1200, 900, 1], "the first round looks only"
        shorten(folder, "retention: 1096 d", "retention: 10 d")
        plant.running.reload()
        erase()
        assert ages(plant, truck, "temperature") == [900, 1], "still by the longer time"
        (folder / "privacy.yaml").write_text(whole, encoding="utf-8")
        plant.running.reload()
        for _ in range(3):
            clocks.go_on(600)
            erase()
        assert ages(plant, truck, "temperature") == [900, 1]
        (folder / "privacy.yaml").write_bytes(b"")
        clocks.go_on(600)
        erase()
        assert ages(plant, truck, "temperature") == [900, 1], "an empty record lets nothing go"


def test_a_clock_that_leaps_erases_nothing_for_a_day(tmp_path: Path) -> None:
    folder = tmp_path / "cold"
    shutil.copytree(EXAMPLES / "cold-chain", folder)
    with launched(folder, Listen(mqtt=0, websocket=0), lambda _text: None) as plant:
        truck = next(one.id for one in plant.running.solution.fleet.devices if one.thing == "truck")
        erase, clocks = forgetting(plant)
        put(plant, truck, "door", 20, 1)
        count = len(ages(plant, truck, "door"))
        erase()
        clocks.go_on(600)
        clocks.shown_ms += 3000 * DAY_MS
        for _ in range(3):
            erase()
            clocks.go_on(600)
        assert len(ages(plant, truck, "door")) == count == 2
        clocks.go_on(QUIET_S)
        erase()
        assert not ages(plant, truck, "door"), "nobody has set the clock back: it is right"


def test_after_a_long_rest_the_clock_is_not_trusted_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "cold"
    shutil.copytree(EXAMPLES / "cold-chain", folder)
    with launched(folder, Listen(mqtt=0, websocket=0), lambda _text: None) as plant:
        truck = next(one.id for one in plant.running.solution.fleet.devices if one.thing == "truck")
        put(plant, truck, "door", 900)
        erase, clocks = forgetting(plant)
        for _ in range(3):
            clocks.go_on(600)
            erase()
        assert ages(plant, truck, "door") == [900]
        clocks.go_on(QUIET_S)
        erase()
        assert not ages(plant, truck, "door")
