"""Devices come, move, are replaced and go, in the fleet's own files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from front_door import FrontDoor, copied

from jalon.app.claims import Terms
from jalon.app.provisioning import Fields
from jalon.app.solution import load
from jalon.run.identity import Denied, Grant
from jalon.run.journal import Kind
from jalon.vocab.errors import SolutionError, UsageError

NEW = {
    "id": "zay-lab",
    "name": "Lab",
    "thing": "air-display",
    "site": "jean-zay",
    "room": "canteen",
}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[FrontDoor]:
    """The schools, whose devices stand in a CSV file."""
    found = FrontDoor(copied("school-air", tmp_path))
    yield found
    found.close()


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[FrontDoor]:
    """The cold chain, whose devices stand in a YAML file with comments."""
    found = FrontDoor(copied("cold-chain", tmp_path))
    yield found
    found.close()


def test_an_added_device_can_connect_at_once(door: FrontDoor) -> None:
    added = door.reception.provisioning.add(NEW, issue=True)
    assert added.secret
    found = door.ask("zay-lab", added.secret.secret)
    assert isinstance(found, Grant)
    device = load(door.folder).device("zay-lab")
    assert device
    assert (device.name, device.room) == ("Lab", "canteen")
    assert [line.device for line in door.noted(Kind.ADDED)] == ["zay-lab"]


@pytest.mark.parametrize("how", ["file", "claim"])
def test_an_id_that_is_used_again_is_not_open_to_whoever_had_it(door: FrontDoor, how: str) -> None:
    """Removed by hand, a device leaves its secret behind."""
    secret = door.reception.keyring.issue(NEW["id"]).secret
    if how == "file":
        door.reception.provisioning.add(NEW)
    else:
        terms = Terms("", 1, door.clock.now + 1000, NEW["thing"], NEW["site"], None, NEW["id"])
        claimed = door.reception.claims.claim(door.reception.claims.create(terms).key, "hw-1")
        assert isinstance(door.ask(NEW["id"], claimed.secret or ""), Grant)
    assert door.ask(NEW["id"], secret) == Denied(Kind.REVOKED, NEW["id"])


def test_a_device_is_added_to_yaml_and_the_comments_stay(cold: FrontDoor) -> None:
    file = cold.folder / "fleet" / "devices.yaml"
    before = file.read_text()
    twin = load(cold.folder).fleet.devices[0]
    new = {"id": "new-1", "name": "yes: a name", "thing": twin.thing, "site": twin.site}
    cold.reception.provisioning.add(new)
    after = file.read_text()
    added = load(cold.folder).device("new-1")
    assert added
    assert added.name == "yes: a name"
    assert [line for line in after.splitlines() if "new-1" not in line] == before.splitlines()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"id": "zay-canteen"}, "already the id"),
        ({"id": "no id"}, "An id is made of"),
        ({"thing": "air-displ"}, "no Thing Model “air-displ”"),
        ({"site": "nowhere"}, "no site “nowhere”"),
        ({"room": "attic"}, "no room “attic”"),
        ({"dev_eui": "0200a14c00000208"}, "already the dev_eui"),
        ({"dev_eui": "0200"}, "16 hexadecimal digits"),
        ({"colour": "red"}, "“colour” is not a known key"),
        ({"name": ""}, "“name” is missing"),
        ({"id": "chirpstack"}, "account of the broker"),
    ],
)
def test_what_would_not_load_is_refused_and_the_file_stays(
    door: FrontDoor, wrong: Fields, reason: str
) -> None:
    file = door.folder / "fleet" / "devices.csv"
    before = file.read_bytes()
    with pytest.raises(UsageError, match=reason):
        door.reception.provisioning.add({**NEW, **wrong}, issue=True)
    assert file.read_bytes() == before
    assert door.reception.keyring.all() == {}
    assert door.noted() == []


def test_a_fault_elsewhere_is_named_and_nothing_changes(door: FrontDoor) -> None:
    sites = door.folder / "fleet" / "sites.yaml"
    sites.write_text(sites.read_text().replace("Europe/Paris", "Europe/Pariss", 1))
    before = (door.folder / "fleet" / "devices.csv").read_bytes()
    with pytest.raises(SolutionError, match=r"sites\.yaml") as refused:
        door.reception.provisioning.add(NEW)
    assert refused.value.findings
    assert (door.folder / "fleet" / "devices.csv").read_bytes() == before


def test_an_import_says_for_each_line_what_became_of_it(door: FrontDoor) -> None:
    rows = [
        (2, {**NEW, "id": "new-1", "secret": "sixteen letters!"}),
        (3, {**NEW, "id": "new-1"}),
        (4, {**NEW, "id": "new-2", "dev_eui": "zz"}),
        (5, {**NEW, "id": "new-3", "site": "nowhere"}),
        (6, {**NEW, "id": "new-4", "secret": "short"}),
        (7, {**NEW, "id": "new-5"}),
        (8, {**NEW, "id": "new-6", "dev_eui": "02-00-A1-4C-99-99-99-99"}),
    ]
    file = door.folder / "fleet" / "devices.csv"
    before = file.read_bytes()
    provisioning = door.reception.provisioning
    for report in (
        provisioning.add_many(rows, issue=True),
        provisioning.add_many(rows, issue=True, skip_refused=True, dry_run=True),
    ):
        assert not report.done
        assert [row.line for row in report.rows if row.accepted] == [2, 7, 8]
        assert file.read_bytes() == before, "nothing is half done"
        assert door.reception.keyring.all() == {}
    report = provisioning.add_many(rows, issue=True, skip_refused=True)
    assert report.done
    assert [len(row.problems) for row in report.rows] == [0, 1, 1, 1, 1, 0, 0]
    assert [one.identity for one in report.secrets] == ["new-5"], "the others have one, or none"
    assert isinstance(door.ask("new-1", "sixteen letters!"), Grant)
    assert isinstance(door.ask("new-5", report.secrets[0].secret), Grant)
    assert file.read_bytes().startswith(before)
    assert b"secret" not in file.read_bytes()
    assert b"sixteen" not in file.read_bytes()


def test_a_moved_device_keeps_all_but_its_place(door: FrontDoor) -> None:
    before = load(door.folder).device("zay-canteen")
    assert before
    door.reception.provisioning.move("zay-canteen", "jean-zay", "cp-a")
    after = load(door.folder).device("zay-canteen")
    assert after == before.model_copy(update={"room": "cp-a"})
    (line,) = door.noted(Kind.MOVED)
    assert line.detail == {"site": "jean-zay", "room": "cp-a"}
    with pytest.raises(SolutionError):
        door.reception.provisioning.move("zay-canteen", "jean-zay", "attic")
    with pytest.raises(UsageError):
        door.reception.provisioning.move("ghost", "jean-zay", None)
    assert load(door.folder).device("zay-canteen") == after


def test_new_hardware_takes_the_place_and_the_old_one_is_out(door: FrontDoor) -> None:
    provisioning = door.reception.provisioning
    old = door.reception.keyring.issue("zay-canteen").secret
    door.ask("zay-canteen", old, "old-client")
    replaced = provisioning.replace("zay-canteen", serial="SN-2")
    assert replaced.secret
    assert door.gone == {"zay-canteen"}
    assert door.ask("zay-canteen", old) == Denied(Kind.REVOKED, "zay-canteen")
    assert isinstance(door.ask("zay-canteen", replaced.secret.secret, "new-client"), Grant)
    device = load(door.folder).device("zay-canteen")
    assert device
    assert device.serial == "SN-2"
    lorawan = provisioning.replace("zay-cp-a", dev_eui="0200a14c77777777")
    assert lorawan.secret is None
    (_first, line) = door.noted(Kind.REPLACED)
    assert line.detail == {"was_dev_eui": "0200a14c00000208", "dev_eui": "0200a14c77777777"}
    with pytest.raises(UsageError, match="DevEUI"):
        provisioning.replace("zay-cp-a", serial="SN-3")


def test_a_retired_device_is_out_at_once_and_can_come_back(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue("zay-canteen").secret
    door.reception.provisioning.retire("zay-canteen")
    assert door.gone == {"zay-canteen"}
    assert door.ask("zay-canteen", secret) == Denied(Kind.RETIRED, "zay-canteen")
    device = load(door.folder).device("zay-canteen")
    assert device
    assert str(device.retired) == "2027-01-15"
    door.reception.provisioning.change("zay-canteen", {"retired": None})
    assert door.ask("zay-canteen", secret) == Denied(Kind.REVOKED, "zay-canteen")
    again = door.reception.keyring.issue("zay-canteen").secret
    assert isinstance(door.ask("zay-canteen", again), Grant)


def test_edits_at_the_same_time_come_one_after_the_other(door: FrontDoor) -> None:
    def add(number: int) -> None:
        door.reception.provisioning.add({**NEW, "id": f"new-{number}"}, issue=True)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    ids = {device.id for device in load(door.folder).fleet.devices}
    assert {f"new-{number}" for number in range(6)} <= ids
    assert len(door.reception.keyring.all()) == 6
