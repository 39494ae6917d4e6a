"""Who may come in, and what is written down of those who may not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from front_door import FrontDoor, copied
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.pki.authority import Authority
from jalon.app.credentials import IMPORTER, SIMULATED, password
from jalon.app.directory import NETWORK_SERVERS, Bridge
from jalon.app.identities import WRONG_AT_ONCE, Identities
from jalon.app.identity_ledger import CLIENT_IDS_EACH
from jalon.app.keyring import Keyring
from jalon.app.rate_limits import FORGET_MS, LONGEST_PENALTY_MS, PENALTY_MS, RateLimit
from jalon.run.fleet_checks import RESERVED_IDS
from jalon.run.identity import Attempt, Denied, Grant
from jalon.run.journal import Kind
from jalon.vocab.entries import is_identifier
from jalon.vocab.errors import UsageError

DEVICE, OTHER, LORAWAN = "zay-canteen", "zay-gateway", "zay-cp-a"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[FrontDoor]:
    """The schools, with nobody at the door yet."""
    found = FrontDoor(copied("school-air", tmp_path))
    yield found
    found.close()


def der(pem: str) -> bytes:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return certificate.public_bytes(serialization.Encoding.DER)


def test_a_device_comes_in_with_its_secret_and_may_speak_for_itself_only(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    found = door.ask(DEVICE, secret, client_id=DEVICE)
    assert isinstance(found, Grant)
    assert found.identity == DEVICE
    assert f"v1/{DEVICE}/telemetry" in found.publish
    assert all(topic.startswith(f"v1/{DEVICE}/") for topic in (*found.publish, *found.subscribe))
    assert {f"v1/{DEVICE}/cmd", f"v1/{DEVICE}/desired"} <= set(found.subscribe)
    assert found.expires_ms is None


def test_no_secret_stands_in_the_registry_or_the_journal(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    assert len(secret) == 32
    door.ask(DEVICE, secret)
    door.ask(OTHER, secret)
    door.close()
    raw = b"".join(one.read_bytes() for one in (door.folder / ".jalon").rglob("*") if one.is_file())
    assert DEVICE.encode() in raw
    assert secret.encode() not in raw


def test_the_same_registry_without_the_pepper_lets_nobody_in(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    (door.folder / ".jalon" / "secrets" / "credentials.pepper").write_text("00" * 32)
    other = Identities(door.registry, door.journal, door.folder, door.clock)
    door.identities = other
    door.learn()
    assert door.ask(DEVICE, secret) == Denied(Kind.WRONG_SECRET, DEVICE)


@pytest.mark.parametrize(
    ("prepare", "user", "expected"),
    [
        ("", "nobody", Denied(Kind.UNKNOWN_IDENTITY)),
        ("", DEVICE, Denied(Kind.NO_CREDENTIAL, DEVICE)),
        ("", LORAWAN, Denied(Kind.NO_CREDENTIAL, LORAWAN)),
        ("other", DEVICE, Denied(Kind.WRONG_SECRET, DEVICE)),
        ("revoke", DEVICE, Denied(Kind.REVOKED, DEVICE)),
        ("expire", DEVICE, Denied(Kind.EXPIRED, DEVICE)),
        ("retire", DEVICE, Denied(Kind.RETIRED, DEVICE)),
        ("", "chirpstack", Denied(Kind.NO_CREDENTIAL)),
    ],
)
def test_each_refusal_has_its_reason_and_its_line_in_the_journal(
    door: FrontDoor, prepare: str, user: str, expected: Denied
) -> None:
    keyring, secret = door.reception.keyring, "a secret of nobody"
    if prepare:
        secret = keyring.issue(DEVICE, days=1).secret
    match prepare:
        case "other":
            secret = keyring.issue(OTHER).secret
        case "revoke":
            keyring.revoke(DEVICE)
        case "expire":
            door.clock.now += 86_400_000
        case "retire":
            door.reception.provisioning.retire(DEVICE)
    assert door.ask(user, secret, client_id="c1", address="192.0.2.77") == expected
    (line,) = door.noted(expected.kind)
    assert (line.device, line.address) == (expected.device, "192.0.2.77")
    assert line.who == ("" if expected.device else user)
    assert line.detail["client_id"] == "c1"


def test_a_renewed_secret_works_beside_the_old_one_for_a_while(door: FrontDoor) -> None:
    keyring = door.reception.keyring
    old = keyring.issue(DEVICE).secret
    new = keyring.renew(DEVICE, grace_h=24).secret
    still = door.ask(DEVICE, old)
    assert isinstance(still, Grant)
    assert still.expires_ms == door.clock.now + 24 * 3_600_000, "the connection ends with it"
    assert isinstance(door.ask(DEVICE, new), Grant)
    door.clock.now += 24 * 3_600_000
    assert door.ask(DEVICE, old) == Denied(Kind.REVOKED, DEVICE)
    assert isinstance(door.ask(DEVICE, new), Grant)


def test_an_imported_secret_is_taken_when_it_is_long_enough(door: FrontDoor) -> None:
    keyring = door.reception.keyring
    keyring.issue(DEVICE, "sixteen letters!")
    assert isinstance(door.ask(DEVICE, "sixteen letters!"), Grant)
    for weak in ("fifteen letters", "x" * 257, "sixteen\nletters!"):
        with pytest.raises(UsageError):
            keyring.issue(DEVICE, weak)


def test_guessing_is_stopped_for_that_address_only(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    for _ in range(WRONG_AT_ONCE):
        assert door.ask(DEVICE, "wrong", address="192.0.2.1") == Denied(Kind.WRONG_SECRET, DEVICE)
    stopped = door.ask(DEVICE, secret, address="192.0.2.1")
    assert stopped == Denied(Kind.OVER_RATE, DEVICE)
    assert isinstance(door.ask(DEVICE, secret, address="192.0.2.2"), Grant)
    door.clock.now += 60_000
    assert isinstance(door.ask(DEVICE, secret, address="192.0.2.1"), Grant)
    (wrong,) = door.noted(Kind.WRONG_SECRET)
    assert wrong.count == WRONG_AT_ONCE, "repetitions are one line"


def test_reconnecting_again_and_again_with_the_right_secret_is_no_guessing(
    door: FrontDoor,
) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    assert all(isinstance(door.ask(DEVICE, secret), Grant) for _ in range(5 * WRONG_AT_ONCE))


def test_a_session_cannot_be_taken_over_by_its_client_id(door: FrontDoor) -> None:
    keyring = door.reception.keyring
    secrets = {name: keyring.issue(name).secret for name in (DEVICE, OTHER)}
    assert isinstance(door.ask(DEVICE, secrets[DEVICE], "my-app"), Grant)
    assert isinstance(door.ask(DEVICE, secrets[DEVICE], "my-app"), Grant), "it is its own"
    taken = Denied(Kind.CLIENT_ID_OF_ANOTHER, OTHER)
    assert door.ask(OTHER, secrets[OTHER], "my-app") == taken
    assert door.ask(OTHER, secrets[OTHER], DEVICE) == taken, "the id of a device"
    assert door.ask(OTHER, secrets[OTHER], LORAWAN) == taken
    assert isinstance(door.ask(OTHER, secrets[OTHER], OTHER), Grant)
    assert [line.detail["owner"] for line in door.noted(Kind.CLIENT_ID_OF_ANOTHER)] == [
        DEVICE,
        DEVICE,
        LORAWAN,
    ]


def test_client_ids_are_kept_over_a_restart_and_let_go_with_their_device(door: FrontDoor) -> None:
    secrets = {name: door.reception.keyring.issue(name).secret for name in (DEVICE, OTHER)}
    door.ask(DEVICE, secrets[DEVICE], "my-app")
    door.identities.stop()
    door.identities = Identities(door.registry, door.journal, door.folder, door.clock)
    door.learn()
    assert isinstance(door.ask(OTHER, secrets[OTHER], "my-app"), Denied)
    door.reception.keyring.forget_client_ids(DEVICE)
    assert isinstance(door.ask(OTHER, secrets[OTHER], "my-app"), Grant)


def test_changing_client_ids_do_not_fill_the_registry(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    other = door.reception.keyring.issue(OTHER).secret
    for number in range(CLIENT_IDS_EACH + 3):
        door.clock.now += 1
        assert isinstance(door.ask(DEVICE, secret, f"random-{number}"), Grant)
    assert isinstance(door.ask(OTHER, other, "random-0"), Grant), "long unused, free again"
    assert isinstance(door.ask(OTHER, other, "random-9"), Denied)


def test_a_change_names_those_who_must_go(door: FrontDoor) -> None:
    reception = door.reception
    first = reception.keyring.issue(DEVICE)
    assert door.gone == frozenset(), "one credential more sends nobody away"
    reception.keyring.issue(OTHER)
    reception.keyring.revoke(DEVICE, first.credential_id)
    assert door.gone == {DEVICE}
    door.learn()
    assert door.gone == frozenset()
    reception.provisioning.retire(OTHER)
    assert door.gone == {OTHER}
    with pytest.raises(UsageError):
        reception.keyring.revoke(OTHER, first.credential_id)


def test_who_came_in_before_an_end_was_set_comes_in_anew_and_learns_it(door: FrontDoor) -> None:
    """Nobody ends the connection on that day otherwise."""
    reception = door.reception
    secret = reception.keyring.issue(DEVICE).secret
    door.ask(DEVICE, secret)
    reception.keyring.renew(DEVICE, grace_h=24)
    assert door.gone == {DEVICE}
    door.learn()
    assert door.gone == frozenset()
    reception.provisioning.change(OTHER, {"retired": "2027-02-01"})
    assert door.gone == {OTHER}


def test_a_change_of_credentials_is_learnt_once(door: FrontDoor) -> None:
    learnt: list[None] = []
    keyring = Keyring(
        door.registry, door.journal, door.folder, door.clock, lambda: learnt.append(None)
    )
    keyring.issue(DEVICE)
    assert len(learnt) == 1
    keyring.renew(DEVICE)
    assert len(learnt) == 2


def test_a_credential_is_revoked_even_while_the_files_have_a_fault(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    (door.folder / "solution.yaml").write_text("nonsense: [")
    door.reception.keyring.revoke(DEVICE)
    assert door.gone == {DEVICE}
    assert door.ask(DEVICE, secret) == Denied(Kind.REVOKED, DEVICE)


def test_a_device_goes_out_of_service_on_its_day(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    door.reception.provisioning.change(DEVICE, {"retired": "2027-02-01"})
    found = door.ask(DEVICE, secret)
    assert isinstance(found, Grant)
    assert found.expires_ms == 1_801_440_000_000
    door.clock.now = found.expires_ms
    assert door.ask(DEVICE, secret) == Denied(Kind.RETIRED, DEVICE)


def test_virtual_devices_may_do_what_the_real_ones_may(door: FrontDoor) -> None:
    for name in (DEVICE, "chirpstack"):
        user = SIMULATED + name
        found = door.ask(user, password(door.folder, user))
        assert isinstance(found, Grant)
        assert found.identity == user, "so that nobody takes it for the real one"
        door.reception.keyring.issue(name, "sixteen letters!")
        real = door.ask(name, "sixteen letters!")
        assert isinstance(real, Grant)
        assert (found.publish, found.subscribe) == (real.publish, real.subscribe)
    imported = door.ask(IMPORTER, password(door.folder, IMPORTER))
    assert imported == Grant(IMPORTER, ("v1/+/telemetry",))
    for user in (IMPORTER, SIMULATED + DEVICE):
        assert door.ask(user, "sixteen letters!") == Denied(Kind.WRONG_SECRET)
    ghost = SIMULATED + "ghost"
    assert door.ask(ghost, password(door.folder, ghost)) == Denied(Kind.UNKNOWN_IDENTITY)
    assert isinstance(door.ask(DEVICE, password(door.folder, DEVICE)), Denied)


def test_a_bridge_and_a_network_server_have_their_own_topics(door: FrontDoor) -> None:
    door.bridges = (Bridge("zigbee", ("zigbee2mqtt/#",), ("zigbee2mqtt/+/set",)),)
    door.learn()
    keyring = door.reception.keyring
    bridge = door.ask("zigbee", keyring.issue("zigbee").secret)
    assert bridge == Grant("zigbee", ("zigbee2mqtt/#",), ("zigbee2mqtt/+/set",))
    server = door.ask("chirpstack", keyring.issue("chirpstack").secret)
    assert isinstance(server, Grant)
    assert server.publish == ("application/+/device/+/event/+",)


def test_no_device_can_have_the_name_of_an_account() -> None:
    for name in NETWORK_SERVERS:
        assert name in RESERVED_IDS
    assert not is_identifier(IMPORTER)
    assert not is_identifier(SIMULATED + DEVICE)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("tele/fridge", ("tele/fridge", "tele/fridge/#")),
        ("v1/zay-gateway", ()),
        ("application/1/device/2", ()),
        ("ext/plant/x", ()),
        ("$SYS", ()),
    ],
)
def test_a_device_that_cannot_change_its_topic_may_use_it(
    door: FrontDoor, address: str, expected: tuple[str, ...]
) -> None:
    devices = door.folder / "fleet" / "devices.csv"
    header, _, rest = devices.read_text().partition("\n")
    lines = [
        f"{line},{address if line.startswith(DEVICE + ',') else ''}" for line in rest.splitlines()
    ]
    devices.write_text("\n".join([f"{header},address", *lines]))
    secret = door.reception.keyring.issue(DEVICE).secret
    found = door.ask(DEVICE, secret)
    assert isinstance(found, Grant)
    assert tuple(one for one in found.publish if not one.startswith(f"v1/{DEVICE}/")) == expected


def test_a_certificate_of_ours_lets_its_device_in_until_it_ends(door: FrontDoor) -> None:
    made = door.reception.keyring.certificate(DEVICE, days=30)
    found = door.show(der(made.certificate_pem))
    assert isinstance(found, Grant)
    assert found.identity == DEVICE
    assert found.expires_ms == made.expires_ms
    assert door.show(der(made.certificate_pem), DEVICE) == found
    assert door.show(der(made.certificate_pem), OTHER) == Denied(Kind.UNTRUSTED_CERTIFICATE, DEVICE)
    door.clock.now = made.expires_ms
    assert door.show(der(made.certificate_pem)) == Denied(Kind.EXPIRED, DEVICE)
    (line,) = door.noted(Kind.EXPIRED)
    assert line.detail["serial"] == made.serial


def test_a_revoked_certificate_is_refused_at_once_and_its_owner_sent_away(door: FrontDoor) -> None:
    made = door.reception.keyring.certificate(DEVICE)
    again = door.reception.keyring.certificate(DEVICE)
    door.reception.keyring.revoke(DEVICE, made.credential_id)
    assert door.gone == {DEVICE}
    assert door.show(der(made.certificate_pem)) == Denied(Kind.REVOKED, DEVICE)
    assert isinstance(door.show(der(again.certificate_pem)), Grant)


def test_a_certificate_that_we_do_not_know_is_refused(door: FrontDoor, tmp_path: Path) -> None:
    stranger = Authority.open(tmp_path / "stranger", "stranger", door.clock)
    false = stranger.issue_device(DEVICE).certificate_pem.decode()
    assert door.show(der(false)) == Denied(Kind.UNTRUSTED_CERTIFICATE)
    unknown = door.reception.keyring.authority().issue_device(DEVICE).certificate_pem.decode()
    assert door.show(der(unknown)) == Denied(Kind.UNTRUSTED_CERTIFICATE, DEVICE)
    nobody = door.reception.keyring.authority().issue_device("ghost").certificate_pem.decode()
    assert door.show(der(nobody)) == Denied(Kind.UNKNOWN_IDENTITY)
    assert door.show(b"no certificate at all") == Denied(Kind.UNTRUSTED_CERTIFICATE)


def test_a_customers_authority_names_the_devices_it_was_given(
    door: FrontDoor, tmp_path: Path
) -> None:
    customer = Authority.open(tmp_path / "customer", "customer", door.clock)
    folder = door.folder / "authorities"
    folder.mkdir()
    (folder / "works.pem").write_bytes(customer.certificate_pem)
    (folder / "works.devices").write_text(f"# the canteen only\n{DEVICE}\n")
    door.learn()
    issued = customer.issue_device(DEVICE)
    mine = der(issued.certificate_pem.decode())
    found = door.show(mine)
    assert isinstance(found, Grant)
    assert found.expires_ms == issued.not_after_ms
    other = der(customer.issue_device(OTHER).certificate_pem.decode())
    assert door.show(other) == Denied(Kind.UNTRUSTED_CERTIFICATE, OTHER)
    door.reception.keyring.revoke_serial(DEVICE, customer.fingerprint, issued.serial)
    assert door.show(mine) == Denied(Kind.REVOKED, DEVICE)
    assert door.gone == {DEVICE}
    renewed = customer.issue_device(DEVICE)
    assert isinstance(door.show(der(renewed.certificate_pem.decode())), Grant)


@pytest.mark.parametrize(
    "written", [str.lower, str.upper, lambda hexadecimal: f"{hexadecimal:0>40}"]
)
def test_a_serial_number_is_taken_as_others_write_it(
    door: FrontDoor, tmp_path: Path, written: Callable[[str], str]
) -> None:
    """Revoking what nobody has would look like success."""
    customer = Authority.open(tmp_path / "customer", "customer", door.clock)
    folder = door.folder / "authorities"
    folder.mkdir()
    (folder / "works.pem").write_bytes(customer.certificate_pem)
    (folder / "works.devices").write_text("zay-*\n")
    door.learn()
    issued = customer.issue_device(DEVICE)
    serial = written(f"{int(issued.serial, 16):x}")
    colons = ":".join(serial[at : at + 2] for at in range(0, len(serial), 2))
    keyring = door.reception.keyring
    keyring.revoke_serial(DEVICE, customer.fingerprint.upper(), colons)
    assert door.show(der(issued.certificate_pem.decode())) == Denied(Kind.REVOKED, DEVICE)
    for serial, authority in (("4 711", customer.fingerprint), (issued.serial, "ab" * 32)):
        with pytest.raises(UsageError):
            keyring.revoke_serial(DEVICE, authority, serial)


def test_a_customers_certificate_is_listed_once_seen_and_revoked_with_the_rest(
    door: FrontDoor, tmp_path: Path
) -> None:
    customer = Authority.open(tmp_path / "customer", "customer", door.clock)
    folder = door.folder / "authorities"
    folder.mkdir()
    (folder / "works.pem").write_bytes(customer.certificate_pem)
    (folder / "works.devices").write_text("zay-*\n")
    door.learn()
    issued = customer.issue_device(DEVICE)
    mine = der(issued.certificate_pem.decode())
    for _ in range(3):
        assert isinstance(door.show(mine), Grant)
    door.learn()
    assert isinstance(door.show(mine), Grant)
    (info,) = door.reception.keyring.of(DEVICE)
    assert (info.hint, info.origin, info.ends_ms) == (
        issued.serial,
        "customer",
        issued.not_after_ms,
    )
    door.reception.keyring.revoke(DEVICE)
    assert door.gone == {DEVICE}
    assert door.show(mine) == Denied(Kind.REVOKED, DEVICE)


def test_a_device_that_says_too_much_is_kept_out_longer_each_time(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    door.limit = RateLimit(per_s=10, burst=100)
    door.learn()
    over = door.identities.over_rate
    assert not over(DEVICE, 100)
    assert over(DEVICE, 1), "one too many"
    assert not over(DEVICE, 1000), "said once: what was on its way is not held against it"
    assert not over(OTHER, 100), "its neighbour goes on"
    assert door.ask(DEVICE, secret) == Denied(Kind.OVER_RATE, DEVICE)
    waits = []
    for _ in range(6):
        before = door.clock.now
        while isinstance(door.ask(DEVICE, secret), Denied):
            door.clock.now += PENALTY_MS // 4
        waits.append(door.clock.now - before)
        assert over(DEVICE, 10_000)
    assert waits[:3] == [PENALTY_MS, 2 * PENALTY_MS, 4 * PENALTY_MS]
    assert waits[-1] == LONGEST_PENALTY_MS
    door.clock.now += FORGET_MS + LONGEST_PENALTY_MS
    assert over(DEVICE, 10_000)
    door.clock.now += PENALTY_MS
    assert isinstance(door.ask(DEVICE, secret), Grant)


def test_a_backlog_is_judged_by_when_it_came(door: FrontDoor) -> None:
    """The intake was down for an hour; a quiet device has said something each second."""
    door.limit = RateLimit(per_s=10, burst=100)
    door.learn()
    start = door.clock.now - 3_600_000
    assert not any(
        door.identities.over_rate(DEVICE, 60, start + minute * 60_000) for minute in range(60)
    )


def test_history_of_virtual_devices_may_go_by_fast(door: FrontDoor) -> None:
    user = SIMULATED + DEVICE
    door.ask(user, password(door.folder, user))
    assert not door.identities.over_rate(DEVICE, 10_000_000)
    assert door.identities.over_rate(OTHER, 10_000_000)


def test_the_last_use_of_a_credential_is_known(door: FrontDoor) -> None:
    issued = door.reception.keyring.issue(DEVICE)
    assert door.reception.keyring.of(DEVICE)[0].used_ms is None
    door.clock.now += 5_000
    door.ask(DEVICE, issued.secret)
    door.identities.stop()
    assert door.reception.keyring.of(DEVICE)[0].used_ms == door.clock.now


def test_deciding_needs_no_disk(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    door.registry.close()
    for file in (door.folder / ".jalon").glob("registry.db*"):
        file.rename(file.with_name("gone-" + file.name))
    (door.folder / ".jalon" / "registry.db").mkdir()
    assert isinstance(door.ask(DEVICE, secret, "some-id"), Grant)
    assert door.ask(DEVICE, "wrong") == Denied(Kind.WRONG_SECRET, DEVICE)
    (door.folder / ".jalon" / "registry.db").rmdir()


def test_many_at_once_are_all_answered(door: FrontDoor) -> None:
    secret = door.reception.keyring.issue(DEVICE).secret
    answers: list[Grant | Denied] = []

    def knock(number: int) -> None:
        for turn in range(50):
            answers.append(door.ask(DEVICE, secret, f"c{number}", f"192.0.2.{number}"))
            if turn % 10 == number:
                door.learn()

    threads = [threading.Thread(target=knock, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(answers) == 300
    assert all(isinstance(one, Grant) for one in answers)


@given(
    user=st.text(st.characters(), max_size=40) | st.sampled_from([DEVICE, IMPORTER, SIMULATED]),
    secret=st.text(st.characters(), max_size=40),
    client_id=st.text(st.characters(), max_size=40),
    certificate=st.none() | st.binary(max_size=40),
)
def test_whatever_a_stranger_says_is_refused(
    stranger_door: FrontDoor, user: str, secret: str, client_id: str, certificate: bytes | None
) -> None:
    attempt = Attempt("mqtt", user, secret, client_id, certificate, "192.0.2.3")
    assert isinstance(stranger_door.identities.decide(attempt), Denied)


@pytest.fixture(scope="module")
def stranger_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDoor]:
    """One door for all that is generated."""
    found = FrontDoor(copied("school-air", tmp_path_factory.mktemp("door")))
    found.reception.keyring.issue(DEVICE)
    yield found
    found.close()
