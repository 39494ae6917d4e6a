"""Which commands may come from Home Assistant."""

from __future__ import annotations

from jalon.run.commands.affordances import Affordance
from jalon.run.fleet import Device
from jalon.run.integrations.home_assistant import is_offered
from jalon.run.integrations.select import Select
from jalon.run.things import DataSchema, PropertyType
from jalon.vocab.text import Names

PUMP = Device(id="pump", name="Pump", thing="pump", site="mill")
NAMES, LEVEL = Names({"en": "Level"}), DataSchema(type=PropertyType.NUMBER)


def test_only_what_was_announced_may_be_asked_for() -> None:
    level = Affordance("set:level", NAMES, NAMES, LEVEL, writes="level")
    assert is_offered(level, PUMP, Select(properties=["lev*"]))
    assert not is_offered(level, PUMP, Select(properties=["flow"]))
    assert not is_offered(level, PUMP, Select(devices=["valve"]))
    assert is_offered(Affordance("blink", NAMES, NAMES, None), PUMP, Select())
    assert not is_offered(Affordance("empty", NAMES, NAMES, None, dangerous=True), PUMP, Select())
    assert not is_offered(Affordance("fill", NAMES, NAMES, LEVEL), PUMP, Select())
