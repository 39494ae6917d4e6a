"""A search is understood, or refused where it goes wrong."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.app.solution import load
from jalon.run.fleet import Device
from jalon.run.things import Property
from jalon.run.twins.evaluation import compiled, same, version_key
from jalon.run.twins.names import Vocabulary, check
from jalon.run.twins.parsing import parse
from jalon.run.twins.query import (
    KEYWORDS,
    Among,
    And,
    Comparator,
    Comparison,
    Flag,
    Name,
    Not,
    Or,
    Query,
    QueryError,
    Value,
)

SCHOOL = load(Path(__file__).parents[3] / "examples" / "school-air")
WORDS = Vocabulary(SCHOOL.things, SCHOOL.fleet, frozenset({"roof-sensors"}))

names = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True).filter(
    lambda text: text not in KEYWORDS
)
numbers = st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,2})?", fullmatch=True)
values = st.one_of(
    st.builds(Value, st.text(max_size=12), st.just(True)),
    st.builds(
        Value, names.filter(lambda text: text.partition(".")[0] not in ("desired", "reported"))
    ),
    st.builds(Value, numbers, st.just(False), st.sampled_from(["", "%", "min", "[ppm]", "Cel"])),
)
others = st.builds(Name, st.sampled_from(["desired.setpoint", "reported.co2"]))
tests = st.one_of(
    st.builds(Flag, st.builds(Name, names)),
    st.builds(Comparison, st.builds(Name, names), st.sampled_from(Comparator), values | others),
    st.builds(Among, st.builds(Name, names), st.lists(values, min_size=1, max_size=3).map(tuple)),
)
queries: st.SearchStrategy[Query] = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


@given(queries)
def test_what_is_written_is_read_as_it_was(query: Query) -> None:
    assert parse(str(query)) == query


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_at_a_place_in_it(text: str) -> None:
    place = 0
    try:
        parse(text)
    except QueryError as error:
        place = error.at
    assert 0 <= place <= len(text)


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("", 1, "A condition is missing here."),
        ("battery <", 10, "A value is missing here."),
        ("battery 20", 9, "“and” or “or” is missing before “20”."),
        ("(silent or never", 1, "This bracket is never closed."),
        ("silent)", 7, "This bracket closes nothing."),
        ('name = "x', 8, "This quotation mark is never closed."),
        ("site in a", 9, "A list in brackets is missing."),
        ("site in (a", 9, "This list is never closed."),
        ("not and", 5, "A name is expected here, not “and”."),
    ],
)
def test_a_slip_is_shown_where_it_is(text: str, column: int, part: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert (caught.value.at + 1, part in str(caught.value)) == (column, True), str(caught.value)


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("batery < 20", 1, "Did you mean “battery”?"),
        ("silent and desired.setpont = 1", 12, "No type of device has the property “setpont”."),
        ("co2 > many", 7, "This property is a number, and “many” is none."),
        ("co2 > 20 roof", 7, "“roof” is not a known unit."),
        ("co2 > 20 Cel", 7, "The values are in [ppm], which is never Cel."),
        ("age > 30", 7, "A length of time is expected here."),
        ("site = jean-zai", 8, "Did you mean “jean-zay”?"),
        ("group = rof-sensors", 9, "Did you mean “roof-sensors”?"),
        ("silent or group", 11, "A group is named by its id."),
        ("group ~ roof", 1, "A group is named by its id."),
        ("silent = true", 1, "“silent” has no value."),
    ],
)
def test_what_means_nothing_in_this_fleet_is_refused(text: str, column: int, part: str) -> None:
    with pytest.raises(QueryError) as caught:
        check(parse(text), WORDS)
    assert (caught.value.at + 1, part in str(caught.value)) == (column, True), str(caught.value)


def test_brackets_beyond_reason_are_refused_and_do_no_harm() -> None:
    with pytest.raises(QueryError):
        parse("(" * 400 + "silent" + ")" * 400)


SAID = {"co2": 1200.0, "temperature": 21.0, "backhaul": "Éthernet", "on": True}
WANTED = {"temperature": 22.0}


class OneDevice:
    """Facts of one sensor that was heard two minutes ago."""

    def texts(self, device: Device, name: str) -> Collection[str]:
        lists: dict[str, Collection[str]] = {
            "site": ("jean-zay", "École Jean-Zay"),
            "tag": device.tags,
            "group": (),
        }
        return lists.get(name) or tuple(filter(None, [getattr(device, name, None)]))

    def state(self, device: Device) -> str:
        return "silent"

    def age_ms(self, device: Device, name: str) -> int | None:
        return {"": 120_000, "co2": 3_600_000}.get(name)

    def alarms(self, device: Device) -> int:
        return 2

    def version(self, device: Device, component: str) -> str | None:
        return {"firmware": "1.10.0"}.get(component)

    def desired(self, device: Device, name: str) -> object:
        return WANTED.get(name)

    def reported(self, device: Device, name: str) -> object:
        return SAID.get(name)

    def is_pending(self, device: Device) -> bool:
        return True

    def declared(self, device: Device, name: str) -> Property | None:
        return SCHOOL.properties(device).get(name)


DEVICE = Device(
    id="zay-cm2-a", name="Air de la Cantine", thing="air-sensor", site="jean-zay",
    tags=["roof", "2d"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("co2 > 1000", True),
        ("co2 > 1000 ppm", True),
        ("co2 >= 0.13 %", False),
        ("temperature < 70 [degF]", True),
        ("temperature < 69 [degF]", False),
        ("not co2 > 1000 or silent", True),
        ("not (co2 > 1000 or silent)", False),
        ("SITE = Jean-Zay AND Silent", True),
        ('site = "ecole jean-zay"', True),
        ("name ~ cantine", True),
        ("name !~ cantine", False),
        ("tag = roof", True),
        ("tag != roof", False),
        ("tag in (cellar, 2d)", True),
        ("thing != air-sensor", False),
        ("age > 30 min", False),
        ("age < 3min", True),
        ("co2.age >= 1 h", True),
        ("humidity.age < 1 h", False),
        ("humidity", False),
        ("humidity = 3", False),
        ("humidity != 3", True),
        ("co2", True),
        ("backhaul = ethernet", True),
        ("on", True),
        ("on = false", False),
        ("alarms > 1", True),
        ("firmware.version > 1.9", True),
        ("firmware.version = 1.10.0", True),
        ("gateway.version < 9", False),
        ("desired.temperature != reported.temperature", True),
        ("desired.temperature > reported.temperature", True),
        ("desired.humidity != reported.humidity", False),
        ("desired.temperature", True),
        ("link = x", False),
        ("pending and not retired", True),
    ],
)
def test_a_device_is_meant_or_not(text: str, is_meant: bool) -> None:
    assert compiled(parse(text), OneDevice())(DEVICE) is is_meant


def test_versions_are_ordered_as_people_order_them() -> None:
    ordered = ["0.9", "1.2-rc1", "1.2", "1.2.1", "v1.10", "2.0-beta", "2.0"]
    mixed = ordered[3:] + ordered[:3]
    assert sorted(mixed, key=version_key) == ordered
    assert version_key("1.2") == version_key("v1.2.0")


def test_a_device_that_rounds_says_the_same() -> None:
    assert same(21.5, 21.5000001)
    assert not same(21.5, 21.51)
    assert not same(True, 1)
