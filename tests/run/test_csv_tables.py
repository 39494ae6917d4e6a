"""CSV tables: the three forms are told apart by their header and what the person says."""

from __future__ import annotations

from typing import Any

import pytest

from jalon.run.batch import Reason
from jalon.run.codecs.entry import Refused
from jalon.run.codecs.table import Cell, Wishes, entry, layout
from jalon.vocab.errors import UsageError
from jalon.vocab.reading import ValueKind

KINDS = {
    "d1": {"co2": (ValueKind.NUMBER, "[ppm]"), "door": (ValueKind.BOOLEAN, "")},
    "d2": {"place": (ValueKind.LOCATION, "")},
}


def cells(header: list[str], row: list[str], **wishes: Any) -> list[Cell]:
    return list(layout(header, Wishes(**wishes), KINDS).cells(row))


def test_our_own_form_says_everything_itself() -> None:
    found = cells(["device", "property", "time", "value", "unit"], ["d1", "co2", "t", "4", "%"])
    assert found == [Cell("d1", "co2", "t", "4", "%")]


def test_one_series_with_the_rest_said_by_the_person() -> None:
    found = cells(["timestamp", "value"], ["t", "4"], device="d1", property="co2", unit="ppm")
    assert found == [Cell("d1", "co2", "t", "4", "ppm")]


def test_a_wide_table_has_a_value_for_each_filled_cell() -> None:
    header = ["door", "note", "date", "co2"]
    assert cells(header, ["", "x", "t", "4"], device="d1") == [Cell("d1", "co2", "t", "4")]
    assert len(cells(header, ["1", "x", "t", "4"], device="d1")) == 2
    with pytest.raises(Refused) as refused:
        cells(header, ["", "x", "t", " "], device="d1")
    assert refused.value.reason is Reason.EMPTY


def test_a_wide_table_may_name_the_device_in_a_column() -> None:
    found = cells(["device", "time", "co2", "place"], ["d2", "t", "", "geo:1,2"])
    assert found == [Cell("d2", "place", "t", "geo:1,2")]


@pytest.mark.parametrize(
    ("header", "wishes", "says"),
    [
        (["value"], {"device": "d1", "property": "co2"}, "--time-column"),
        (["time", "value"], {"property": "co2"}, "--device"),
        (["time", "x"], {"device": "d1", "property": "co2"}, "--value-column"),
        (["time", "x"], {"device": "d1"}, "--property"),
        (["time", "value"], {"device": "d3", "property": "co2"}, "d3"),
        (["time", "value"], {"device": "d1", "property": "co"}, "co2, door"),
        (["time", "value"], {"device": "d1", "property": "co2", "unit": "kg"}, "kg"),
    ],
)
def test_what_is_missing_is_said(header: list[str], wishes: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        layout(header, Wishes(**wishes), KINDS)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (ValueKind.NUMBER, "4.5", 4.5),
        (ValueKind.NUMBER, "-4,5", -4.5),
        (ValueKind.BOOLEAN, "TRUE", True),
        (ValueKind.BOOLEAN, "0", False),
        (ValueKind.BOOLEAN, "oui", True),
        (ValueKind.TEXT, "a, b", "a, b"),
        (ValueKind.LOCATION, "geo:1.5,2", {"latitude": 1.5, "longitude": 2.0}),
    ],
)
def test_a_cell_is_read_as_its_property(kind: ValueKind, text: str, value: object) -> None:
    assert entry(Cell("d", "p", "t", text), kind, 7, comma=True).value == value


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (ValueKind.NUMBER, "4,5", Reason.NOT_A_NUMBER),
        (ValueKind.BOOLEAN, "perhaps", Reason.WRONG_TYPE),
        (ValueKind.LOCATION, "here", Reason.WRONG_TYPE),
    ],
)
def test_a_cell_that_is_something_else_is_refused(
    kind: ValueKind, text: str, reason: Reason
) -> None:
    with pytest.raises(Refused) as refused:
        entry(Cell("d", "p", "t", text), kind, 7)
    assert refused.value.reason is reason
