"""Lists of devices as ChirpStack and The Things Stack write them."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from front_door import EXAMPLES

from jalon.app.device_lists import Defaults, ListFormat, read_fleet, read_foreign
from jalon.app.provisioning import Fields
from jalon.app.solution import Solution, load
from jalon.vocab.errors import UsageError

HERE = Defaults("jean-zay", "canteen", "air-sensor")


@pytest.fixture(scope="module")
def school() -> Solution:
    """The schools."""
    return load(EXAMPLES / "school-air")


def fields(
    content: object, form: ListFormat, school: Solution, defaults: Defaults = HERE
) -> list[Fields]:
    raw = content if isinstance(content, bytes) else orjson.dumps(content)
    return [row for _place, row in read_foreign(raw, form, school, defaults).rows]


def test_chirpstack_writes_json(school: Solution) -> None:
    answer = {
        "totalCount": 2,
        "result": [
            {
                "devEui": "70b3d57ed0000001",
                "name": "Préau nord",
                "description": "",
                "deviceProfileId": "a",
                "deviceProfileName": "AM107",
                "tags": {"serial": "SN-1"},
            },
            {"devEui": "70b3d57ed0000002", "name": "Préau nord", "deviceProfileName": "AM107"},
        ],
    }
    first, second = fields(answer, ListFormat.CHIRPSTACK, school)
    assert first == {
        "id": "preau-nord",
        "name": "Préau nord",
        "thing": "air-sensor",
        "site": "jean-zay",
        "room": "canteen",
        "dev_eui": "70b3d57ed0000001",
        "serial": "SN-1",
    }
    assert second["id"] == "preau-nord-2", "two of one name stay two"


def test_the_things_stack_writes_json_and_its_keys_are_passed_over(school: Solution) -> None:
    entry = {
        "ids": {
            "device_id": "hall-1",
            "application_ids": {"application_id": "air"},
            "dev_eui": "70B3D57ED0000003",
            "join_eui": "0000000000000001",
        },
        "name": "Hall",
        "version_ids": {"brand_id": "works", "model_id": "th-1"},
        "root_keys": {"app_key": {"key": "00112233445566778899AABBCCDDEEFF"}},
    }
    for content in ([entry], {"end_devices": [entry]}, entry, orjson.dumps(entry) + b"\n"):
        raw = content if isinstance(content, bytes) else orjson.dumps(content)
        found = read_foreign(raw, ListFormat.THINGS_STACK, school, HERE)
        ((_place, row),) = found.rows
        assert (row["id"], row["name"]) == ("hall-1", "Hall")
        assert row["dev_eui"] == "70B3D57ED0000003"
        assert "00112233" not in str(found.rows)
        (note,) = found.notes
        assert "keys" in str(note)


def test_both_write_csv(school: Solution) -> None:
    things_stack = (
        b"id;dev_eui;join_eui;name;frequency_plan_id;brand_id;model_id;app_key\n"
        b"hall-1;70B3D57ED0000003;0000000000000001;Hall;EU_863_870;works;th-1;0011\n"
    )
    (row,) = fields(things_stack, ListFormat.THINGS_STACK, school)
    assert (row["id"], row["dev_eui"]) == ("hall-1", "70B3D57ED0000003")
    chirpstack = "\ufeffdev_eui,name,device_profile_name\r\n70b3,Salle 1,AM107\r\n".encode()
    (row,) = fields(chirpstack, ListFormat.CHIRPSTACK, school)
    assert (row["id"], row["dev_eui"]) == ("salle-1", "70b3")


def test_the_type_is_that_of_the_profile(school: Solution) -> None:
    thing = school.things["air-sensor"]
    listed = [
        {"devEui": "70b3d57ed0000001", "name": "a", "deviceProfileName": name}
        for name in ("AIR SENSOR", thing.title, "Display X", "Unknown 3000")
    ]
    given = Defaults("jean-zay", things={"Display X": "air-display"})
    found = fields(listed, ListFormat.CHIRPSTACK, school, given)
    assert [row["thing"] for row in found] == [
        "air-sensor",
        "air-sensor",
        "air-display",
        "unknown-3000",
    ]


def test_our_own_list_may_have_secrets() -> None:
    found = read_fleet(b"id;name;secret\na;A;sixteen letters!\n\nb;B;\n")
    assert found.rows == (
        (2, {"id": "a", "name": "A", "secret": "sixteen letters!"}),
        (4, {"id": "b", "name": "B"}),
    )
    with pytest.raises(UsageError, match="colour"):
        read_fleet(b"id,name,colour\na,A,red\n")


@pytest.mark.parametrize(
    "content", [b"", b"one column\n", b"\xff\xfe1", b"[1]", b'{"result": 3}', b"[{", b'"x"']
)
def test_what_is_no_list_is_refused(school: Solution, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no list of devices"):
        read_foreign(content, ListFormat.CHIRPSTACK, school, HERE)
