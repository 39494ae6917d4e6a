"""Devices that announce themselves wait until a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from front_door import FrontDoor, copied

from jalon.app import waiting_room
from jalon.app.solution import check, load
from jalon.app.waiting_room import Placement, Waiting, WaitingRoom
from jalon.run.announcements import AnnouncedEntity, Announcement, Source, Withdrawal
from jalon.run.journal import Kind
from jalon.run.things import PropertyType
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Severity


@pytest.fixture
def door(tmp_path: Path) -> Iterator[FrontDoor]:
    """The schools."""
    found = FrontDoor(copied("school-air", tmp_path))
    yield found
    found.close()


@pytest.fixture
def room(door: FrontDoor) -> WaitingRoom:
    """Nobody waits in it."""
    return door.reception.waiting


def value(key: str, unit: str = "°C", name: str = "plug") -> AnnouncedEntity:
    return AnnouncedEntity(
        announced_in=f"homeassistant/sensor/{name}/{key}/config",
        component="sensor",
        key=key,
        name=key.title(),
        type=PropertyType.NUMBER,
        state_topic=f"zigbee2mqtt/{name}",
        path=key,
        unit=unit,
        device_class=key,
    )


def plug(*entities: AnnouncedEntity, name: str = "plug") -> Announcement:
    said = entities or (value("temperature", name=name),)
    return Announcement(Source.HOME_ASSISTANT, f"0x{name}", name, "Works", "TH-1", entities=said)


ACCEPTED = Placement("hall-plug", "Plug in the hall", "jean-zay", "canteen")


def test_who_announces_itself_waits_and_is_noted_once(door: FrontDoor, room: WaitingRoom) -> None:
    room.announce(plug())
    door.clock.now += 5
    room.announce(plug(value("humidity", "%")))
    (entry,) = room.entries()
    assert entry.announcement
    assert {one.key for one in entry.announcement.entities} == {"temperature", "humidity"}
    assert (entry.source, entry.unique_id, entry.state) == ("", "0xplug", Waiting.WAITING)
    assert entry.last_ms - entry.first_ms == 5
    assert len(door.noted(Kind.ANNOUNCED)) == 1


def test_what_says_nothing_new_touches_no_disk(door: FrontDoor, room: WaitingRoom) -> None:
    room.announce(plug())
    before = room.entries()
    door.clock.now += 30_000
    room.announce(plug())
    assert room.entries() == before
    door.clock.now += 60_000
    room.announce(plug())
    assert room.entries()[0].last_ms == door.clock.now


def test_accepting_writes_a_type_and_a_device_that_pass_the_check(
    door: FrontDoor, room: WaitingRoom
) -> None:
    room.announce(plug(value("temperature"), value("humidity", "%")))
    (entry,) = room.entries()
    added = room.accept(entry.id, ACCEPTED)
    assert added.device_id == "hall-plug"
    assert [one for one in check(door.folder) if one.severity is Severity.ERROR] == []
    solution = load(door.folder)
    device = solution.device("hall-plug")
    assert device
    assert (device.address, device.link, device.room) == ("zigbee2mqtt/plug", None, "canteen")
    assert set(solution.things[device.thing].properties) == {"temperature", "humidity"}
    assert room.entries() == []
    assert room.entry(entry.id).device == "hall-plug"
    assert [line.device for line in door.noted(Kind.ACCEPTED)] == ["hall-plug"]


def test_the_next_of_the_same_make_has_the_same_type(door: FrontDoor, room: WaitingRoom) -> None:
    for name in ("plug", "plug2"):
        room.announce(plug(name=name))
        (entry,) = room.entries()
        room.accept(entry.id, Placement(name, name, "jean-zay"))
    devices = [load(door.folder).device(name) for name in ("plug", "plug2")]
    assert devices[0]
    assert devices[1]
    assert devices[0].thing == devices[1].thing
    assert devices[1].address == "zigbee2mqtt/plug2"


def test_a_refused_acceptance_writes_nothing(door: FrontDoor, room: WaitingRoom) -> None:
    room.announce(plug())
    (entry,) = room.entries()
    before = sorted((door.folder / "things").iterdir())
    with pytest.raises(UsageError):
        room.accept(entry.id, Placement("hall-plug", "x", "nowhere"))
    assert sorted((door.folder / "things").iterdir()) == before
    assert len(room.entries()) == 1


def test_rejected_it_stays_out_when_it_announces_itself_again(
    door: FrontDoor, room: WaitingRoom
) -> None:
    room.announce(plug())
    room.reject(room.entries()[0].id)
    door.clock.now += 3_600_000
    room.announce(plug(value("humidity", "%")))
    assert room.entries() == []
    (entry,) = room.entries(Waiting.REJECTED)
    room.accept(entry.id, ACCEPTED)
    with pytest.raises(UsageError):
        room.reject(999)


def test_what_is_withdrawn_goes(room: WaitingRoom) -> None:
    room.announce(plug(value("temperature"), value("humidity", "%")))
    room.withdraw(Withdrawal("homeassistant/sensor/plug/humidity/config"))
    (entry,) = room.entries()
    assert entry.announcement
    assert [one.key for one in entry.announcement.entities] == ["temperature"]
    room.withdraw(Withdrawal("homeassistant/sensor/plug/temperature/config"), "another-link")
    assert len(room.entries()) == 1
    room.withdraw(Withdrawal("homeassistant/sensor/plug/temperature/config"))
    assert room.entries() == []
    room.announce(plug())
    assert len(room.entries()) == 1, "it may come back"


def test_a_dev_eui_that_nobody_knows_knocks(door: FrontDoor, room: WaitingRoom) -> None:
    room.knock("lorawan", "0200a14c77777777")
    room.knock("lorawan", "0200a14c77777777")
    (entry,) = room.entries()
    assert (entry.source, entry.announcement) == ("lorawan", None)
    with pytest.raises(UsageError, match="type"):
        room.accept(entry.id, ACCEPTED)
    room.accept(entry.id, Placement("hall-air", "Hall", "jean-zay", thing="air-sensor"))
    device = load(door.folder).device("hall-air")
    assert device
    assert device.dev_eui == "0200a14c77777777"


def test_the_room_is_bounded_and_forgets_no_decision(
    door: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_room, "MOST", 5)
    room = WaitingRoom(
        door.registry, door.folder, door.reception.provisioning, door.journal, door.clock
    )
    room.knock("lorawan", "rejected")
    room.reject(room.entries()[0].id)
    for number in range(20):
        door.clock.now += 1
        room.knock("lorawan", f"eui-{number}")
    assert [one.unique_id for one in room.entries()] == [f"eui-{n}" for n in (19, 18, 17, 16)]
    assert [one.unique_id for one in room.entries(Waiting.REJECTED)] == ["rejected"]
