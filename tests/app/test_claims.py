"""Devices come by themselves with a provisioning key, as often as it says and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from front_door import FrontDoor, copied

from jalon.app.claims import Claimed, ClaimRefused, Refusal, Terms
from jalon.app.solution import load
from jalon.run.identity import Denied, Grant
from jalon.run.journal import Kind
from jalon.vocab.errors import UsageError
from jalon.vocab.times import DAY_MS


@pytest.fixture
def door(tmp_path: Path) -> Iterator[FrontDoor]:
    """The schools."""
    found = FrontDoor(copied("school-air", tmp_path))
    yield found
    found.close()


def key(door: FrontDoor, uses: int = 1, pattern: str = "{hardware}", **more: str) -> str:
    terms = Terms(
        "", uses, door.clock.now + DAY_MS, "air-display", "jean-zay", pattern=pattern, **more
    )
    return door.reception.claims.create(terms).key


def refused(door: FrontDoor, key: str, hardware: str) -> Refusal | None:
    with pytest.raises(ClaimRefused) as outcome:
        door.reception.claims.claim(key, hardware, address="192.0.2.8")
    return outcome.value.reason


def test_a_claim_makes_a_device_that_can_connect(door: FrontDoor) -> None:
    claimed = door.reception.claims.claim(key(door, room="canteen"), "AA:BB.7")
    assert claimed.device_id == "AA-BB-7"
    assert claimed.secret
    device = load(door.folder).device("AA-BB-7")
    assert device
    assert (device.thing, device.site, device.room) == ("air-display", "jean-zay", "canteen")
    assert device.serial == "AA:BB.7"
    assert isinstance(door.ask("AA-BB-7", claimed.secret), Grant)
    (line,) = door.noted(Kind.CLAIMED)
    assert (line.device, line.detail) == ("AA-BB-7", {"hardware": "AA:BB.7"})


def test_ids_are_counted_over_what_is_there(door: FrontDoor) -> None:
    good = key(door, 3, "air-{n:3}")
    ids = [door.reception.claims.claim(good, f"hw{number}").device_id for number in range(3)]
    assert ids == ["air-001", "air-002", "air-003"]


def test_a_device_with_its_own_key_gets_a_certificate(door: FrontDoor) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    pem = request.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    claimed = door.reception.claims.claim(key(door), "hw1", pem)
    assert claimed.secret is None
    assert claimed.certificate
    assert claimed.certificate.key_pem is None
    certificate = x509.load_pem_x509_certificate(claimed.certificate.certificate_pem.encode())
    found = door.show(certificate.public_bytes(serialization.Encoding.DER))
    assert isinstance(found, Grant)
    assert found.identity == "hw1"


def test_the_same_hardware_may_ask_again_until_it_has_come_in(door: FrontDoor) -> None:
    claims, good = door.reception.claims, key(door)
    first, again = claims.claim(good, "hw1"), claims.claim(good, "hw1")
    assert first.device_id == again.device_id == "hw1"
    assert door.ask("hw1", first.secret or "") == Denied(Kind.REVOKED, "hw1")
    assert isinstance(door.ask("hw1", again.secret or ""), Grant)
    door.identities.stop()
    assert refused(door, good, "hw1") is Refusal.CLAIMED
    assert len(load(door.folder).fleet.devices) == len(
        {d.id for d in load(door.folder).fleet.devices}
    )
    claims.release("hw1")
    assert refused(door, good, "hw1") is Refusal.USED_UP
    with pytest.raises(UsageError):
        claims.release("hw1")


def test_each_refusal_has_its_reason_and_its_line(door: FrontDoor) -> None:
    claims, good = door.reception.claims, key(door, 2)
    other, old, revoked = key(door), key(door), key(door)
    claims.claim(good, "hw1")
    infos = claims.keys()
    claims.revoke(next(one.id for one in infos if revoked.startswith(one.hint)))
    assert refused(door, "claim_nonsense", "hw9") is Refusal.UNKNOWN
    assert refused(door, other, "hw1") is Refusal.CLAIMED
    assert refused(door, revoked, "hw2") is Refusal.REVOKED
    claims.claim(good, "hw2")
    assert refused(door, good, "hw3") is Refusal.USED_UP
    assert refused(door, good, "no hardware id") is None
    door.clock.now += DAY_MS
    assert refused(door, old, "hw4") is Refusal.EXPIRED
    assert refused(door, good, "hw1") is Refusal.EXPIRED
    lines = door.noted(Kind.CLAIM_REFUSED)
    assert [line.who for line in lines[:4]] == ["hw9", "hw1", "hw2", "hw3"]
    assert all(line.address == "192.0.2.8" for line in lines)
    infos = claims.keys()
    assert [one.left for one in infos] == [0, 1, 1, 1], "a refusal takes no use"


def test_of_two_claims_of_the_last_use_one_wins(door: FrontDoor) -> None:
    good, won, lost = key(door, 3), list[Claimed](), list[Refusal | None]()
    start = threading.Barrier(8)

    def claim(number: int) -> None:
        start.wait()
        try:
            won.append(door.reception.claims.claim(good, f"hw{number}"))
        except ClaimRefused as outcome:
            lost.append(outcome.reason)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len({one.device_id for one in won}) == 3
    assert lost == [Refusal.USED_UP] * 5
    assert all(isinstance(door.ask(one.device_id, one.secret or ""), Grant) for one in won)


def test_the_same_hardware_twice_at_once_becomes_one_device(door: FrontDoor) -> None:
    good, ids = key(door, 5), list[str]()
    threads = [
        threading.Thread(
            target=lambda: ids.append(door.reception.claims.claim(good, "hw").device_id)
        )
        for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(ids) == {"hw"}
    assert door.reception.claims.keys()[0].left == 4


def test_a_declared_device_is_claimed_by_its_serial_number(door: FrontDoor) -> None:
    fields = {"name": "Lab", "thing": "air-display", "site": "jean-zay", "serial": "SN-1"}
    door.reception.provisioning.add({"id": "zay-lab", **fields})
    good = key(door, 2)
    assert door.reception.claims.claim(good, "SN-1").device_id == "zay-lab"
    door.reception.provisioning.add({"id": "zay-lab-2", **fields, "serial": "SN-2"}, issue=True)
    assert door.reception.claims.claim(good, "SN-2").device_id == "SN-2", (
        "that one has come already"
    )


def test_a_claim_that_cannot_become_a_device_takes_no_use(door: FrontDoor) -> None:
    good = key(door, 1, "zay-canteen")
    with pytest.raises(ClaimRefused, match="already the id"):
        door.reception.claims.claim(good, "hw1")
    (info,) = door.reception.claims.keys()
    assert (info.left, info.claimed) == (1, ())
    assert isinstance(door.ask("zay-canteen", "x" * 32), Denied)


@pytest.mark.parametrize(
    "wrong",
    [
        {"uses": 0},
        {"expires_ms": 1},
        {"thing": "ghost"},
        {"site": "ghost"},
        {"room": "ghost"},
        {"pattern": "a b"},
    ],
)
def test_terms_that_make_no_sense_are_refused(door: FrontDoor, wrong: dict[str, object]) -> None:
    good = {"label": "", "uses": 1, "expires_ms": door.clock.now + 1, "thing": "air-display"}
    with pytest.raises(UsageError):
        door.reception.claims.create(Terms(**{"site": "jean-zay", **good, **wrong}))  # type: ignore[arg-type]


def test_no_key_stands_in_the_registry(door: FrontDoor) -> None:
    good = key(door)
    door.close()
    raw = b"".join(one.read_bytes() for one in (door.folder / ".jalon").glob("registry.db*"))
    assert good[:10].encode() in raw
    assert good.encode() not in raw
