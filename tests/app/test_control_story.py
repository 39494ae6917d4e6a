"""A door is left open: an alarm, a message, a command; over a restart too, and each once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fridges import Fridge, Till, till, write_shop
from waiting import wait_for

from jalon.app.alarms.desk import By
from jalon.app.commands.service import Commands
from jalon.app.control import Control
from jalon.app.launch import Launched, Listen, launched
from jalon.run.alarms.alarm import Alarm, Wish
from jalon.run.alarms.life import State
from jalon.run.commands.states import State as Stage
from jalon.run.commands.wanted import Wanted


@pytest.fixture
def told() -> Iterator[Till]:
    with till() as service:
        yield service


@pytest.fixture
def shop(tmp_path: Path, told: Till) -> Path:
    folder = tmp_path / "shop"
    write_shop(folder, 2, told.port)
    return folder


def secrets(plant: Launched) -> str:
    assert plant.running.reception is not None
    secret = plant.running.reception.keyring.issue("fridge-0").secret
    plant.running.reload()
    return secret


def control(plant: Launched) -> Control:
    return plant.running.control


def alarms(plant: Launched) -> list[Alarm]:
    return control(plant).alarms.reader.select(Wish(), 100)


def stages(commands: Commands) -> list[Stage]:
    return [one.state for one in commands.find(Wanted())]


def listen(mqtt: int = 0) -> Listen:
    return Listen(mqtt=mqtt, websocket=0)


def test_a_door_left_open_is_told_once_and_acted_on_once(shop: Path, told: Till) -> None:
    with launched(shop, listen(), lambda _text: None) as plant:
        fridge = Fridge("fridge-0", secrets(plant), (plant.mqtt.near, plant.mqtt.port))
        now = plant.running.now_ms()
        fridge.say(now - 4000, door=False)
        fridge.say(now - 3000, door=True)
        wait_for(lambda: [one.state for one in alarms(plant)] == [State.ACTIVE])
        wait_for(lambda: len(told.told) == 1)
        wait_for(lambda: stages(control(plant).commands) == [Stage.COMPLETED])
        assert list(fridge.ran.values()) == [2.0]
        (alarm,) = alarms(plant)
        assert (str(alarm.subject), alarm.by) == ("device:fridge-0", "rule:door-open")
        control(plant).alarms.desk.acknowledge(alarm.id, By("user:leila", "I close it"))
        port = plant.mqtt.port

    # While nothing runs the door is closed; the device comes back and says so.
    with launched(shop, listen(port), lambda _text: None) as plant:
        fridge.say(plant.running.now_ms(), door=False)
        wait_for(lambda: [one.state for one in alarms(plant)] == [State.RESOLVED])
        wait_for(lambda: len(told.told) == 2)
        history = control(plant).alarms.reader.history(alarm.id)
        steps = [one.what.value for one in history]
        assert steps == ["raised", "told", "acknowledged", "cleared", "told"]
        assert ("user:leila", "I close it") in [(one.who, one.comment) for one in history]
        assert stages(control(plant).commands) == [Stage.COMPLETED]
        fridge.leave()
    assert sum(fridge.deliveries.values()) == 1
    assert all("Porte ouverte" in str(one) for one in told.told.values())


def test_a_rule_that_is_changed_holds_at_once_and_takes_its_alarms_along(
    shop: Path, told: Till
) -> None:
    with launched(shop, listen(), lambda _text: None) as plant:
        fridge = Fridge("fridge-0", secrets(plant), (plant.mqtt.near, plant.mqtt.port))
        fridge.say(plant.running.now_ms() - 2000, door=True)
        wait_for(lambda: [one.state for one in alarms(plant)] == [State.ACTIVE])
        rules = shop / "rules" / "doors.yaml"
        rules.write_text(rules.read_text().replace("id: door-open", "id: door-ajar"))
        plant.running.reload()
        wait_for(
            lambda: (
                {(one.by, one.state) for one in alarms(plant)}
                == {("rule:door-open", State.CLOSED), ("rule:door-ajar", State.ACTIVE)}
            )
        )
        fridge.leave()
