"""Both sides of a twin, in whatever order their changes come."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from jalon.run.things import DataSchema, Property, PropertyType
from jalon.run.twins.document import Document, Twin, merged
from jalon.run.twins.values import fault, refused

SETPOINT = Property(type=PropertyType.NUMBER, unit="Cel", minimum=5, maximum=30)
MODE = Property(type=PropertyType.STRING, enum=["eco", "comfort"])
PIN = Property(type=PropertyType.INTEGER, write_only=True)
CO2 = Property(type=PropertyType.NUMBER, read_only=True)
PROPERTIES = {"setpoint": SETPOINT, "mode": MODE, "pin": PIN, "co2": CO2}

scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["a", "b"]))
states = st.dictionaries(st.sampled_from(["a", "b", "c"]), scalars, min_size=1)
changes = st.lists(st.tuples(states, st.integers(0, 4)), max_size=8)


def after(told: list[tuple[dict[str, object], int, str]]) -> Document:
    """What is left when these have come one after the other."""
    document = Document()
    for values, at_ms, key in told:
        document = document.whole(values, at_ms, "device:x", key)
    return document


@given(changes, st.randoms())
def test_order_and_repetition_change_nothing(
    heard: list[tuple[dict[str, object], int]], chance: Random
) -> None:
    told = [(values, at, f"message:{number}") for number, (values, at) in enumerate(heard)]
    mixed = told + told[: len(told) // 2]
    chance.shuffle(mixed)
    assert after(mixed).values == after(told).values


@given(changes)
def test_what_is_older_never_takes_the_place_of_what_is_newer(
    heard: list[tuple[dict[str, object], int]],
) -> None:
    told = [(values, at, f"message:{number}") for number, (values, at) in enumerate(heard)]
    steps = [after(told[:count]) for count in range(len(told) + 1)]
    for before, later in pairwise(steps):
        assert later.version - before.version in (0, 1)
        for name, entry in before.entries.items():
            assert later.entries[name].order >= entry.order
            assert later.entries[name].version >= entry.version


def test_keys_of_one_moment_are_counted_not_spelled() -> None:
    document = Document().whole({"a": 1}, 5, "d", "state:9").whole({"a": 2}, 5, "d", "state:10")
    assert document.values == {"a": 2}


def test_true_is_not_one() -> None:
    document = Document().whole({"a": 1}, 1, "d").whole({"a": True}, 2, "d")
    assert (document.version, document.values["a"]) == (2, True)


json_values = st.recursive(
    st.none() | st.integers(0, 3) | st.text(max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def difference(old: object, new: object) -> object:
    """The merge patch that leads from one to the other."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    gone: dict[str, object] = dict.fromkeys(old.keys() - new.keys())
    return gone | {
        name: difference(old.get(name), value)
        for name, value in new.items()
        if name not in old or old[name] != value
    }


def without_null(value: object) -> object:
    """A merge patch cannot write null."""
    if not isinstance(value, dict):
        return value
    return {name: without_null(one) for name, one in value.items() if one is not None}


@given(json_values.map(without_null), json_values.map(without_null))
def test_a_merge_patch_leads_from_one_document_to_the_other(old: object, new: object) -> None:
    assert merged(old, difference(old, new)) == new


def test_the_examples_of_the_standard() -> None:
    assert merged({"a": "b", "c": {"d": "e", "f": "g"}}, {"a": "z", "c": {"f": None}}) == {
        "a": "z",
        "c": {"d": "e"},
    }
    assert merged({"a": "foo"}, "bar") == "bar"
    assert merged({}, {"a": {"bb": {"ccc": None}}}) == {"a": {"bb": {}}}
    assert merged([1, 2], {"a": "b", "c": None}) == {"a": "b"}


def test_the_difference_is_what_is_wanted_and_not_so() -> None:
    desired = Document().patched({"setpoint": 21.5, "mode": "eco", "pin": 1234}, 1, "user:a")
    twin = Twin(desired=desired)
    assert twin.delta(PROPERTIES, {}) == {"setpoint": 21.5, "mode": "eco", "pin": 1234}
    said = {"setpoint": 21.5000001, "mode": "comfort"}
    assert twin.delta(PROPERTIES, said) == {"mode": "eco", "pin": 1234}
    assert Twin(desired, Document(), taken=1).delta(PROPERTIES, said) == {"mode": "eco"}
    assert twin.delta({"co2": CO2}, {}) == {}


def test_a_wish_that_is_taken_back_is_no_difference() -> None:
    twin = Twin(Document().patched({"mode": "eco"}, 1, "u").patched({"mode": None}, 2, "u"))
    assert twin.desired.values == {}
    assert twin.desired.version == 2
    assert twin.delta(PROPERTIES, {"mode": "comfort"}) == {}


def test_what_a_device_cannot_be_is_refused_with_a_sentence() -> None:
    said = {
        str(refused(PROPERTIES, patch))
        for patch in (
            {"setpoint": 31},
            {"setpoint": "hot"},
            {"mode": "party"},
            {"co2": 400},
            {"setpont": 20},
            {"pin": 1.5},
            {"setpoint": True},
        )
    }
    assert said == {
        "setpoint: It is at most 30 Cel, not 31.",
        "setpoint: A number is expected, not hot.",
        "mode: It is one of eco, comfort, not party.",
        "The property “co2” is only reported: it cannot be set.",
        "The type has no property “setpont”. Did you mean “setpoint”?",
        "pin: A whole number is expected, not 1.5.",
        "setpoint: A number is expected, not true.",
    }
    assert refused(PROPERTIES, {"setpoint": None, "mode": "eco", "gone": None}) is None
    number = DataSchema(type=PropertyType.NUMBER)
    assert fault(number, 10**9) is None
    assert fault(number, 10**30) is not None
    assert fault(number, 10**400) is not None


def test_a_place_has_latitude_and_longitude() -> None:
    place = Property(type=PropertyType.OBJECT)
    assert fault(place, {"latitude": 48.1, "longitude": 2}) is None
    assert fault(place, {"latitude": 99, "longitude": 2}) is not None
    assert fault(place, {"latitude": 48.1}) is not None
    assert fault(place, {"latitude": float("nan"), "longitude": 0}) is not None
