"""What the record of processing lets go is erased by the running solution, and nothing else."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from waiting import wait_for

from jalon.adapters.stores.registry import open_sqlite
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.audit import Audit, AuditWish
from jalon.app.forgetting import DEED, WHO, due
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
