"""Devices come in, move and go on the pages: each story ends in the fleet and in the journal."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from school import School, csrf_of, open_school, visiting

from jalon.app.claims import Terms
from jalon.app.reception import Reception
from jalon.run.announcements import AnnouncedEntity, Announcement, Source
from jalon.run.journal import Kind
from jalon.run.things import PropertyType
from jalon.web.server import create

COMMENT = "# Bought in March, keep the receipts.\n"


@pytest.fixture(scope="module")
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of its own: its fleet changes here."""
    found = open_school(tmp_path_factory.mktemp("building") / "air", length_ms=3_600_000)
    devices = found.running.solution.folder / "fleet" / "devices.csv"
    devices.write_text(COMMENT + devices.read_text("utf-8"), "utf-8")
    yield found
    found.running.store.close()
    found.running.accounts.close()


@pytest.fixture
def admin(building: School) -> Iterator[httpx.Client]:
    """An administrator's browser without scripts."""
    token = building.running.accounts.login("admin", building.password, "provisioning-tests")
    assert token
    with visiting(create(building.running)) as client:
        client.cookies.set("jalon_session", token)
        yield client


@pytest.fixture
def desks(building: School) -> Reception:
    """The desks behind the pages."""
    assert building.running.reception
    return building.running.reception


def fleet_file(school: School) -> Path:
    return school.running.solution.folder / "fleet" / "devices.csv"


def send(client: httpx.Client, form: str, to: str, **fields: str) -> httpx.Response:
    """Fill in the form of a page and send it."""
    return client.post(to, data={"csrf": csrf_of(client.get(form)), **fields})


def secret_on(page: httpx.Response) -> str:
    """The secret that a page shows."""
    found = re.search(r'class="secret">([^<]+)<', page.text)
    assert found, "no secret is shown"
    return html.unescape(found[1])


def kinds(school: School, device: str) -> list[Kind]:
    """What the journal says of a device, newest first."""
    return [note.kind for note in school.running.journal.read(device)]


def test_a_device_added_on_the_page_is_in_the_file_and_its_secret_is_shown_once(
    admin: httpx.Client, building: School, desks: Reception
) -> None:
    before = fleet_file(building).read_text("utf-8")
    page = send(
        admin,
        "/provision/add",
        "/provision/add",
        name="Écran du préau",
        thing="air-display",
        place="jean-zay/cm2-a",
        way="own",
        tags="display new",
    )
    assert page.status_code == 200, page.text
    after = fleet_file(building).read_text("utf-8")
    assert after.startswith(before), "what stood there stays, comments too"
    assert "ecran-du-preau,Écran du préau,air-display,jean-zay,cm2-a" in after
    secret = secret_on(page)
    assert secret not in after
    assert f"ecran-du-preau:{secret}@" not in admin.get("/devices/ecran-du-preau").text
    assert "QR code" in page.text
    assert '<svg viewBox="0 0 ' in page.text
    known = desks.keyring.of("ecran-du-preau")
    assert [one.hint for one in known] == [secret[: len(known[0].hint)]]
    assert {Kind.ADDED, Kind.CREDENTIAL_ISSUED} <= set(kinds(building, "ecran-du-preau"))
    shown = admin.get("/devices/ecran-du-preau/connection").text
    assert known[0].hint in shown
    assert secret not in shown
    assert "The device was added to the fleet." in admin.get("/events?q=ecran").text


def test_a_lorawan_device_comes_with_the_text_of_its_label(
    admin: httpx.Client, building: School, desks: Reception
) -> None:
    page = send(
        admin,
        "/provision/add",
        "/provision/add",
        name="Air 12",
        thing="air-sensor",
        place="jean-zay",
        way="lorawan",
        label="LW:D0:70B3D57ED0001234:A81758FFFE05E6FB:0123ABCD:SN0042",
    )
    assert page.status_code == 200
    device = building.running.solution.device("air-12")
    assert device
    assert (device.dev_eui, device.serial) == ("a81758fffe05e6fb", "N0042")
    assert desks.keyring.of("air-12") == []
    assert "a81758fffe05e6fb" in page.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "Give the device a name."),
        ({"id": "zay-cm2-a"}, "zay-cm2-a"),
        ({"place": "nowhere"}, "nowhere"),
        ({"way": "lorawan"}, "needs its DevEUI"),
        ({"way": "lorawan", "label": "https://example.org"}, "no label"),
        ({"way": "link"}, "Choose the link"),
    ],
)
def test_a_form_that_is_wrong_comes_back_filled_in_and_changes_nothing(
    admin: httpx.Client, building: School, fields: dict[str, str], words: str
) -> None:
    before = fleet_file(building).read_bytes()
    good = {"name": "Kept text", "thing": "air-display", "place": "jean-zay", "way": "own"}
    page = send(admin, "/provision/add", "/provision/add", **{**good, **fields})
    assert page.status_code == 422
    told = html.unescape(page.text.split('role="alert"')[1].split("</div>")[0])
    assert words in told
    assert fields.get("name", 'value="Kept text"') in page.text
    assert fleet_file(building).read_bytes() == before


FILE = """id,name,thing,site,dev_eui,secret
hall-1,Hall 1,air-display,jean-zay,,
hall-2,Hall 2,no-such-type,jean-zay,,
hall-3,Hall 3,air-display,jean-zay,,a-secret-that-it-has-already-7421
"""


def test_a_file_is_judged_line_by_line_before_anything_is_written(
    admin: httpx.Client, building: School, desks: Reception
) -> None:
    before = fleet_file(building).read_bytes()
    form = {"csrf": csrf_of(admin.get("/provision/import"))}
    preview = admin.post(
        "/provision/import", data=form, files={"file": ("fleet.csv", FILE.encode(), "text/csv")}
    )
    assert preview.status_code == 200, preview.text
    assert "Lines that are good: 2. Lines with a fault: 1." in preview.text
    assert "no-such-type" in html.unescape(preview.text)
    assert fleet_file(building).read_bytes() == before

    page = send(admin, "/provision/import", "/provision/import/confirm", text=FILE, issue="true")
    assert "Nothing was added" in page.text, "a faulty line holds the others back"
    assert fleet_file(building).read_bytes() == before

    page = send(
        admin,
        "/provision/import",
        "/provision/import/confirm",
        text=FILE,
        issue="true",
        skip="true",
    )
    assert "2 devices were added." in page.text
    assert "hall-1," in page.text
    assert "a-secret-that-it-has-already" not in page.text
    added = fleet_file(building).read_text("utf-8")
    assert added.startswith(COMMENT)
    assert "hall-1" in added
    assert "hall-2" not in added
    assert "a-secret" not in added
    assert len(desks.keyring.of("hall-1")) == len(desks.keyring.of("hall-3")) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "these are missing: id, name, thing, site"),
        ("id,name,thing,site\n", "There is no device in it"),
        ("id,name,thing,site,colour\na,b,c,d,e\n", "These columns are unknown: colour"),
    ],
)
def test_a_file_that_is_no_fleet_is_told_why(admin: httpx.Client, text: str, words: str) -> None:
    form = {"csrf": csrf_of(admin.get("/provision/import")), "pasted": text}
    page = admin.post("/provision/import", data=form, files={"file": ("", b"")})
    assert page.status_code == 422
    assert words in html.unescape(page.text)


def test_a_file_of_a_spreadsheet_with_semicolons_is_read_too(
    admin: httpx.Client, building: School
) -> None:
    text = "\ufeffId;Name;Thing;Site\nattic-1;Grenier, côté rue;air-display;jean-zay\n"
    form = {"csrf": csrf_of(admin.get("/provision/import"))}
    files = {"file": ("fleet.csv", text.encode(), "text/csv")}
    preview = admin.post("/provision/import", data=form, files=files)
    assert "Lines that are good: 1. Lines with a fault: 0." in preview.text


def test_a_large_file_is_taken_and_a_huge_one_is_not(admin: httpx.Client, building: School) -> None:
    before = fleet_file(building).read_bytes()
    lines = [
        f"big-{n:04},A device with a rather long name {n},air-display,jean-zay" for n in range(1200)
    ]
    text = "\n".join(["id,name,thing,site", *lines])
    assert len(text) > 70_000
    form = {"csrf": csrf_of(admin.get("/provision/import"))}
    for size, status in ((1, 200), (60, 413)):
        files = {"file": ("fleet.csv", (text * size).encode(), "text/csv")}
        assert admin.post("/provision/import", data=form, files=files).status_code == status
    assert fleet_file(building).read_bytes() == before


def test_a_device_moves_and_its_history_stays(admin: httpx.Client, building: School) -> None:
    series = building.running.series["zay-gateway", "temperature"].id
    page = send(
        admin, "/devices/zay-gateway/manage", "/devices/zay-gateway/move", place="les-tilleuls"
    )
    assert page.status_code == 303
    device = building.running.solution.device("zay-gateway")
    assert device
    assert (device.site, device.room) == ("les-tilleuls", None)
    assert building.running.series["zay-gateway", "temperature"].id == series
    assert kinds(building, "zay-gateway")[0] is Kind.MOVED


def test_the_events_say_who_did_it(admin: httpx.Client, building: School, desks: Reception) -> None:
    desks.waiting.knock("lorawan", "a81758fffe05e6bb")
    knocked = desks.waiting.entries()[0].id
    send(admin, "/devices/zay-gateway/manage", "/devices/zay-gateway/move", place="les-tilleuls")
    fields = {"thing": "air-display", "place": "jean-zay", "until": "2099-01-01", "label": "lab"}
    send(admin, "/provision/keys", "/provision/keys", **fields)
    send(admin, "/provision/keys", f"/provision/keys/{desks.claims.keys()[-1].id}/revoke")
    entry = f"/provision/waiting/{knocked}"
    send(admin, entry, f"{entry}/reject")
    send(admin, "/connections", "/connections/accounts/things-stack/secret")
    notes = building.running.journal.read()[::-1]
    done = {note.kind: note.detail.get("by") for note in notes}
    mine = [Kind.MOVED, Kind.CLAIM_KEY_CREATED, Kind.CLAIM_KEY_REVOKED, Kind.REJECTED]
    assert [done[kind] for kind in (*mine, Kind.CREDENTIAL_ISSUED)] == ["admin"] * 5
    assert "by: admin" in admin.get("/events?q=moved").text


def test_new_hardware_shuts_the_old_one_out(
    admin: httpx.Client, building: School, desks: Reception
) -> None:
    old = desks.keyring.issue("til-gateway")
    form, to = "/devices/til-gateway/manage", "/devices/til-gateway/replace"
    unsure = send(admin, form, to, serial="NEW-1")
    assert unsure.status_code == 422
    assert "Tick the box" in unsure.text
    page = send(admin, form, to, serial="NEW-1", sure="true")
    assert page.status_code == 200
    assert secret_on(page) != old.secret
    states = [one.state for one in desks.keyring.of("til-gateway")]
    assert states == ["revoked", "active"]
    device = building.running.solution.device("til-gateway")
    assert device
    assert device.serial == "NEW-1"


@pytest.mark.parametrize("what", ["renew", "certificate"])
def test_a_lorawan_device_gets_no_credential_that_could_speak_for_it(
    admin: httpx.Client, what: str
) -> None:
    answer = send(admin, "/devices/zay-cp-a/manage", f"/devices/zay-cp-a/credentials/{what}")
    assert answer.status_code == 422
    assert "has no credential here" in answer.text


def test_a_credential_is_renewed_and_then_everything_is_revoked(
    admin: httpx.Client, desks: Reception
) -> None:
    manage = "/devices/zay-cm2-a-display/manage"
    renew = "/devices/zay-cm2-a-display/credentials/renew"
    first = secret_on(send(admin, manage, renew))
    assert first != secret_on(send(admin, manage, renew))
    assert len(desks.keyring.of("zay-cm2-a-display")) == 2
    revoke = "/devices/zay-cm2-a-display/credentials/revoke"
    assert send(admin, manage, revoke).status_code == 422
    assert send(admin, manage, revoke, sure="true").status_code == 303
    assert {one.state for one in desks.keyring.of("zay-cm2-a-display")} == {"revoked"}
    connection = admin.get("/devices/zay-cm2-a-display/connection").text
    assert "revoked" in connection
    assert first not in connection


def test_a_certificate_is_issued_with_its_key_or_for_the_device_s_own(
    admin: httpx.Client, building: School, desks: Reception
) -> None:
    form = "/devices/zay-canteen/manage"
    to = "/devices/zay-canteen/credentials/certificate"
    page = send(admin, form, to, days="30")
    assert page.status_code == 200, page.text
    assert "-----BEGIN PRIVATE KEY-----" in page.text
    assert "BEGIN PRIVATE KEY" not in admin.get("/devices/zay-canteen/connection").text
    (known,) = desks.keyring.of("zay-canteen")
    assert known.kind == "certificate"
    assert known.ends_ms is not None
    assert known.ends_ms < building.running.now_ms() + 31 * 86_400_000
    key = ec.generate_private_key(ec.SECP256R1())
    asked = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    csr = asked.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    page = send(admin, form, to, csr=csr)
    assert page.status_code == 200, page.text
    assert "BEGIN CERTIFICATE" in page.text
    assert "PRIVATE KEY" not in page.text
    wrong = send(admin, form, to, csr="-----BEGIN NONSENSE-----")
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text


def test_a_retired_device_leaves_the_fleet_and_keeps_its_page(
    admin: httpx.Client, building: School
) -> None:
    device = "til-nap-display"
    manage, to = f"/devices/{device}/manage", f"/devices/{device}/retire"
    assert send(admin, manage, to).status_code == 422
    assert send(admin, manage, to, sure="true").status_code == 303
    assert f'data-device="{device}"' not in admin.get(f"/fleet?q={device}").text
    assert f'data-device="{device}"' in admin.get(f"/fleet?q={device}&state=retired").text
    page = admin.get(f"/devices/{device}").text
    assert "Out of service" in page
    assert "It was retired on" in page
    assert send(admin, manage, f"/devices/{device}/return").status_code == 303
    assert f'data-device="{device}"' in admin.get(f"/fleet?q={device}").text


def test_a_claim_key_is_shown_once_and_can_be_revoked(
    admin: httpx.Client, desks: Reception
) -> None:
    page = send(
        admin,
        "/provision/keys",
        "/provision/keys",
        label="Winter order",
        uses="25",
        until="2099-12-31",
        thing="air-display",
        place="jean-zay",
        pattern="winter-{n:3}",
    )
    assert page.status_code == 200
    key = secret_on(page)
    listed = admin.get("/provision/keys").text
    assert key not in listed
    assert "Winter order" in listed
    assert "0 of 25 used" in listed
    info = desks.claims.keys()[-1]
    assert isinstance(info.terms, Terms)
    assert info.usable
    done = send(admin, "/provision/keys", f"/provision/keys/{info.id}/revoke")
    assert done.status_code == 303
    assert not desks.claims.keys()[-1].usable
    late = send(admin, "/provision/keys", "/provision/keys", uses="1", until="2001-01-01")
    assert late.status_code == 422


def test_who_announced_itself_waits_until_it_is_accepted(
    admin: httpx.Client, building: School, desks: Reception
) -> None:
    entity = AnnouncedEntity(
        "homeassistant/sensor/plug-7/temperature/config",
        "sensor",
        "temperature",
        "Temperature",
        PropertyType.NUMBER,
        state_topic="zigbee2mqtt/plug-7",
        path="temperature",
        unit="°C",
        device_class="temperature",
    )
    heard = Announcement(
        Source.HOME_ASSISTANT, "0x00158d0001", "Plug 7", "Acme", "P1", entities=(entity,)
    )
    desks.waiting.announce(heard)
    desks.waiting.knock("lorawan", "a81758fffe05e6aa")
    waiting = admin.get("/provision/waiting").text
    assert "Plug 7" in waiting
    assert "a81758fffe05e6aa" in waiting
    by_name = {one.unique_id: one.id for one in desks.waiting.entries()}
    at = f"/provision/waiting/{by_name['0x00158d0001']}"
    page = send(admin, at, f"{at}/accept", name="Prise 7", device_id="plug-7", place="jean-zay")
    assert page.status_code == 200, html.unescape(page.text)
    device = building.running.solution.device("plug-7")
    assert device
    assert device.name == "Prise 7"
    at = f"/provision/waiting/{by_name['a81758fffe05e6aa']}"
    assert send(admin, at, f"{at}/reject").status_code == 303
    waiting = admin.get("/provision/waiting").text
    assert "Plug 7" not in waiting
    assert "a81758fffe05e6aa" not in waiting


def test_an_account_that_speaks_for_devices_gets_its_secret_once(
    admin: httpx.Client, desks: Reception
) -> None:
    to = "/connections/accounts/chirpstack/secret"
    page = send(admin, "/connections", to)
    secret = secret_on(page)
    assert secret not in admin.get("/connections").text
    assert len(desks.keyring.of("chirpstack")) == 1
    unknown = send(admin, "/connections", "/connections/accounts/root/secret")
    assert unknown.status_code == 404


def test_the_authority_can_be_downloaded_and_compared(admin: httpx.Client) -> None:
    pem = admin.get("/connections/ca.pem")
    assert pem.text.startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in pem.text
    assert "jalon-ca.pem" in pem.headers["content-disposition"]


@pytest.mark.parametrize(
    "path",
    [
        "/provision",
        "/provision/add",
        "/provision/import",
        "/provision/keys",
        "/provision/waiting",
        "/provision/waiting/1",
        "/devices/zay-gateway/manage",
    ],
)
def test_who_may_only_read_sees_no_desk(building: School, path: str) -> None:
    token = building.running.accounts.create_token("reads")
    with visiting(create(building.running)) as reader:
        reader.headers["authorization"] = f"Bearer {token}"
        answer = reader.get(path)
        assert answer.status_code == 403
        assert "Only an administrator may do this." in answer.text
        assert "/provision" not in reader.get("/fleet").text
        assert "/manage" not in reader.get("/devices/zay-gateway").text
