"""An integrator brings devices in from the terminal, while nothing runs and while it does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from paho.mqtt.enums import CallbackAPIVersion
from waiting import wait_for

from jalon.app.clock import now_ms
from jalon.app.local import RunFile, read_run
from jalon.app.reception import reception
from jalon.app.solution import load
from jalon.run.announcements import AnnouncedEntity, Announcement, Source
from jalon.run.things import PropertyType

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"
ENGLISH = {**os.environ, "JALON_LANG": "en"}


def jalon(*words: object, code: int = 0, says: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command; `says` is what is typed or piped into it."""
    done = subprocess.run(
        [sys.executable, "-m", "jalon.cli", *map(str, words)],
        capture_output=True,
        text=True,
        env=ENGLISH,
        timeout=120,
        input=says,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The schools, never started."""
    hidden = shutil.ignore_patterns(".jalon")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "air", ignore=hidden))


@pytest.fixture
def run(folder: Path) -> Iterator[RunFile]:
    """The schools, running."""
    ports = ["--port", "0", "--mqtt-port", "0", "--websocket-port", "0"]
    command = [sys.executable, "-m", "jalon.cli", "up", str(folder), *ports]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENGLISH) as process:
        try:
            wait_for(lambda: read_run(folder) is not None or process.poll() is not None, 90)
            found = read_run(folder)
            assert found
            yield found
        finally:
            process.terminate()


class Device:
    """A real MQTT client with a name and a password."""

    def __init__(self, run: RunFile, name: str, secret: str) -> None:
        self.answers: list[bool] = []
        self.ended = 0
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name)
        self.client.username_pw_set(name, secret)
        self.client.on_connect = lambda _c, _u, _f, reason, _p: self.answers.append(
            not reason.is_failure
        )
        self.client.on_disconnect = self._on_disconnect
        self.client.connect(run.mqtt.host, run.mqtt.port)
        self.client.loop_start()
        wait_for(lambda: bool(self.answers))

    def _on_disconnect(self, *_details: object) -> None:
        self.ended += 1

    @property
    def is_in(self) -> bool:
        """What the broker said first."""
        return self.answers[0]

    def leave(self) -> None:
        """Go."""
        self.client.disconnect()
        self.client.loop_stop()


def test_a_device_from_its_first_secret_to_its_retirement(folder: Path, run: RunFile) -> None:
    secret = jalon(
        "devices", "add", folder, "lab", "--thing", "air-display", "--site", "jean-zay"
    ).stdout.strip()
    assert len(secret) == 32
    device = Device(run, "lab", secret)
    assert device.is_in
    newer = jalon("credentials", "renew", folder, "lab", "--grace", "1").stdout.strip()
    wait_for(lambda: len(device.answers) > 1)
    assert device.answers[1], "the old secret lives on for an hour; its owner came in anew for that"
    ended = device.ended
    other = Device(run, "lab", newer)
    assert other.is_in
    wait_for(lambda: device.ended > ended)
    device.leave()
    jalon("devices", "retire", folder, "lab")
    wait_for(lambda: other.ended > 0)
    other.leave()
    refused = Device(run, "lab", newer)
    assert not refused.is_in
    refused.leave()
    said = jalon("events", folder, "--device", "lab", "--refusals").stdout
    assert "out of service" in said
    assert "→" in said, "it says what to do"
    notes = json.loads(jalon("events", folder, "--device", "lab", "--format", "json").stdout)
    kinds = [note["kind"] for note in notes]
    assert kinds[-1] == "credential-issued"
    assert notes[-1]["detail"]["by"] == "operator"
    assert {"retired", "withdrawn", "credential-renewed", "credential-revoked", "added"} <= set(
        kinds
    )
    assert secret not in jalon("credentials", "show", folder, "lab").stdout


def test_a_fleet_comes_in_with_its_keys_and_the_secrets_are_handed_out_once(
    folder: Path, tmp_path: Path
) -> None:
    file, secrets = tmp_path / "new.csv", tmp_path / "secrets.csv"
    file.write_text(
        "id;name;thing;site;secret\n"
        "lab-1;Lab 1;air-display;jean-zay;\n"
        "lab-2;Lab 2;air-display;jean-zay;the one it has already\n"
        "lab-3;Lab 3;air-displai;jean-zay;\n"
    )
    before = (folder / "fleet" / "devices.csv").read_bytes()
    said = jalon("devices", "import", folder, file, "--issue", secrets, code=1).stdout
    assert "4  refused   lab-3: There is no Thing Model “air-displai”" in said
    assert "Nothing was added." in said
    assert not secrets.exists()
    assert (folder / "fleet" / "devices.csv").read_bytes() == before
    jalon("devices", "import", folder, file, "--issue", secrets, "--skip-refused", code=1)
    assert secrets.stat().st_mode & 0o777 == 0o600
    (line,) = secrets.read_text().splitlines()[1:]
    assert line.startswith("lab-1,")
    shown = jalon("devices", "list", folder).stdout
    assert "lab-2" in shown
    assert "lab-3" not in shown
    exists = jalon("devices", "import", folder, file, "--issue", secrets, code=2)
    assert "exists" in exists.stderr
    found = json.loads(jalon("devices", "list", folder, "--format", "json").stdout)
    assert {one["id"]: one["credentials"] for one in found if one["id"].startswith("lab")} == {
        "lab-1": 1,
        "lab-2": 1,
    }


def test_devices_of_a_network_server_come_from_its_list(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "devices.json"
    file.write_text('{"result": [{"devEui": "70b3d57ed0000001", "name": "Hall"}]}')
    words = ["devices", "import", folder, file, "--from", "chirpstack", "--thing", "air-sensor"]
    assert "--site" in jalon(*words, code=2).stderr
    said = jalon(*words, "--site", "jean-zay", "--dry-run").stdout
    assert "dry run" in said
    assert load(folder).device("hall") is None
    jalon(*words, "--site", "jean-zay")
    device = load(folder).device("hall")
    assert device
    assert device.dev_eui == "70b3d57ed0000001"


def test_a_label_adds_and_replaces_a_lorawan_device(folder: Path) -> None:
    label = "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:SSN-1"
    place = ["--thing", "air-sensor", "--site", "jean-zay"]
    done = jalon("devices", "add", folder, "hall", *place, "--label", label)
    assert done.stdout == "", "its network server has its keys"
    jalon("devices", "move", folder, "hall", "jean-zay", "canteen")
    jalon("devices", "replace", folder, "hall", "--dev-eui", "AABBCCDDEEFF0012")
    device = load(folder).device("hall")
    assert device
    assert (device.dev_eui, device.serial, device.room) == ("aabbccddeeff0012", None, "canteen")
    refused = jalon("credentials", "issue", folder, "hall", code=2).stderr
    assert "chirpstack" in refused


def test_a_secret_that_a_device_has_is_taken_from_a_pipe(folder: Path) -> None:
    words = ["credentials", "issue", folder, "zay-canteen", "--from-stdin"]
    assert "16" in jalon(*words, says="short\n", code=2).stderr
    done = jalon(*words, says="the one it has already\n")
    assert "the one it has" not in done.stdout + done.stderr
    shown = jalon("credentials", "show", folder, "zay-canteen").stdout
    assert "publish   v1/zay-canteen/telemetry" in shown
    assert "secret       active" in shown
    assert "Revoked: 1." in jalon("credentials", "revoke", folder, "zay-canteen").stdout
    again = jalon("credentials", "revoke", folder, "zay-canteen", code=2).stderr
    assert "no credential that is still good" in again
    listed = jalon("credentials", "show", folder).stdout
    assert "chirpstack" in listed
    jalon("credentials", "show", folder, "ghost", code=2)


def test_a_certificate_is_made_with_its_key(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "for-canteen"
    jalon("credentials", "certificate", folder, "zay-canteen", "--out", out, "--days", "30")
    assert sorted(one.name for one in out.iterdir()) == [
        "ca.pem",
        "zay-canteen.key",
        "zay-canteen.pem",
    ]
    assert (out / "zay-canteen.key").stat().st_mode & 0o777 == 0o600
    shown = jalon("credentials", "show", folder, "zay-canteen").stdout
    assert "certificate  active" in shown
    jalon("credentials", "revoke", folder, "zay-canteen", "--serial", "01", code=2)


def test_a_provisioning_key_is_made_shown_once_and_revoked(folder: Path) -> None:
    words = ["--thing", "air-display", "--site", "jean-zay", "--uses", "2", "--label", "spring"]
    key = jalon("claims", "create", folder, *words).stdout.strip()
    with reception(folder) as desks:
        desks.claims.claim(key, "hw-1")
    shown = jalon("claims", "list", folder).stdout
    assert "spring" in shown
    assert "1/2" in shown
    assert "hw-1 → hw-1" in shown
    assert key not in shown
    jalon("claims", "release", folder, "hw-1")
    jalon("claims", "revoke", folder, "1")
    assert "over" in jalon("claims", "list", folder).stdout
    jalon("claims", "revoke", folder, "1", code=2)


def test_who_waits_is_accepted_or_rejected(folder: Path) -> None:
    assert "Nobody waits." in jalon("waiting", "list", folder).stdout
    for name in ("plug", "lamp"):
        entity = AnnouncedEntity(
            f"homeassistant/sensor/{name}/config",
            "sensor",
            "temperature",
            "Temperature",
            PropertyType.NUMBER,
            state_topic=f"zigbee2mqtt/{name}",
            path="temperature",
            unit="°C",
        )
        heard = Announcement(Source.HOME_ASSISTANT, name, name, "W", "T1", entities=(entity,))
        with reception(folder) as desks:
            desks.waiting.announce(heard)
    shown = jalon("waiting", "list", folder).stdout
    assert "plug" in shown
    assert "temperature" in shown
    jalon("waiting", "accept", folder, "1", "--site", "jean-zay")
    device = load(folder).device("plug")
    assert device
    assert device.address == "zigbee2mqtt/plug"
    jalon("waiting", "reject", folder, "2")
    assert "Nobody waits." in jalon("waiting", "list", folder).stdout
    assert "rejected" in jalon("waiting", "list", folder, "--all").stdout
    jalon("waiting", "accept", folder, "9", "--site", "jean-zay", code=2)


def test_a_secret_of_another_system_is_kept_for_its_owner_only(folder: Path) -> None:
    jalon("secret", "set", folder, "plant-broker", says="hunter2\n")
    (file,) = (folder / ".jalon" / "secrets" / "external").iterdir()
    assert file.read_text() == "hunter2"
    assert file.stat().st_mode & 0o777 == 0o600
    assert jalon("secret", "list", folder).stdout == "plant-broker\n"
    jalon("secret", "set", folder, "../evil", says="x", code=2)


def test_what_was_done_is_in_the_audit_trail(folder: Path) -> None:
    jalon("credentials", "issue", folder, "zay-canteen")
    with reception(folder) as desks:
        assert desks.keyring.of("zay-canteen")[0].created_ms <= now_ms()
    raw = b"".join(one.read_bytes() for one in (folder / ".jalon").glob("registry.db*"))
    assert b"operatorcredential.issuedzay-canteen" in raw


def test_a_mistyped_folder_gets_no_registry(tmp_path: Path) -> None:
    jalon("events", tmp_path / "ghost", code=2)
    assert list(tmp_path.iterdir()) == []


def test_other_systems_can_have_the_list_of_revoked_certificates(
    folder: Path, tmp_path: Path
) -> None:
    school, out = folder, tmp_path / "out"
    jalon("credentials", "certificate", school, "zay-canteen", "--out", out)
    made = x509.load_pem_x509_certificate((out / "zay-canteen.pem").read_bytes())
    before = x509.load_pem_x509_crl(jalon("credentials", "crl", school).stdout.encode())
    assert before.get_revoked_certificate_by_serial_number(made.serial_number) is None

    jalon("credentials", "revoke", school, "zay-canteen")
    after = x509.load_pem_x509_crl(jalon("credentials", "crl", school).stdout.encode())
    assert after.get_revoked_certificate_by_serial_number(made.serial_number) is not None
    authority = x509.load_pem_x509_certificate((out / "ca.pem").read_bytes())
    key = authority.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert after.is_signature_valid(key)
