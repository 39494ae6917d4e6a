"""Kills during alarms, commands and an update: no alarm is lost, no command runs twice, the update
goes on.

Replay a run with its seed: `JALON_DRILL_SEED=1234 make drill`.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fridges import Fridge, Till, till, write_shop
from waiting import wait_for

from bench.site import Site
from jalon.adapters.stores.registry import open_sqlite
from jalon.adapters.stores.registry.alarms_reading import AlarmReader
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.local import operator_token, read_run
from jalon.app.reception import reception
from jalon.run.alarms.alarm import Wish

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1_200)]

FRIDGES = 10
EPISODES = 12
COMMANDS = 8
KILLS = 10
PATIENCE_S = 120.0
EXAMPLE = Path(__file__).parents[2] / "examples" / "cold-chain"


@pytest.fixture
def rng() -> random.Random:
    """Seeded randomness; the seed is printed."""
    seed = int(os.environ.get("JALON_DRILL_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"\nJALON_DRILL_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def told() -> Iterator[Till]:
    with till() as service:
        yield service


class Api:
    """The API of a site that is killed now and then: asks until it answers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, verb: str, path: str, body: object = None, key: str = "") -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._once(verb, path, body, key)
            except (OSError, http.client.HTTPException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _once(self, verb: str, path: str, body: object, key: str) -> tuple[int, Any]:
        run = read_run(self._folder)
        if run is None:
            raise ConnectionRefusedError
        connection = http.client.HTTPConnection(run.http.host, run.http.port, timeout=10)
        headers = {
            "authorization": f"Bearer {operator_token(self._folder)}",
            "content-type": "application/json",
            "accept": "application/json",
        }
        if key:
            headers["idempotency-key"] = key
        try:
            connection.request(verb, path, json.dumps(body), headers)
            answer = connection.getresponse()
            if answer.status >= 500 or answer.status == 429:
                raise ConnectionResetError
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def secrets(folder: Path, names: list[str]) -> dict[str, str]:
    with reception(folder, "drill") as desks:
        issued = desks.keyring.issue_each(dict.fromkeys(names))
    return {one.identity: one.secret for one in issued}


def test_kills_during_alarms_and_commands_lose_and_double_nothing(
    tmp_path: Path, rng: random.Random, told: Till
) -> None:
    folder = tmp_path / "shop"
    write_shop(folder, FRIDGES, told.port)
    names = [f"fridge-{number}" for number in range(FRIDGES)]
    start_ms = int(time.time() * 1000) - 2 * 3_600_000
    with Site(folder) as site:
        fridges = {
            name: Fridge(name, secret, site.mqtt) for name, secret in secrets(folder, names).items()
        }
        api = Api(folder)
        asked: dict[str, str] = {}
        sent = []
        kills = sorted(rng.sample(range(1, EPISODES * 2), KILLS))
        for step in range(EPISODES * 2):
            # Open, closed, open, closed: each time at a later moment.
            for name, fridge in fridges.items():
                sent.append(fridge.say(start_ms + step * 60_000, door=step % 2 == 0))
                if step < COMMANDS:
                    path = f"/api/v1/devices/{name}/actions/setSetpoint"
                    status, made = api.ask("POST", path, 3 + step / 10, f"{name}-{step}")
                    assert status in (200, 201, 202), made
                    asked[f"{name}-{step}"] = made["id"]
            if step in kills:
                time.sleep(rng.uniform(0, 0.4))
                site.kill()
                if rng.random() < 0.3:
                    site.begin()
                    time.sleep(rng.uniform(0, 2.0))
                    site.kill()
                site.start()
        wait_for(lambda: all(done() for done in sent), PATIENCE_S)
        wait_for(lambda: raised(folder) == dict.fromkeys(names, EPISODES), PATIENCE_S)
        wait_for(lambda: cleared(folder) == dict.fromkeys(names, EPISODES), PATIENCE_S)
        by_hand = set(asked.values())
        everyone = {"completed": FRIDGES * (EPISODES + COMMANDS)}
        wait_for(lambda: commands_done(api) == everyone, PATIENCE_S)
        for fridge in fridges.values():
            assert len(fridge.ran) == EPISODES + COMMANDS
            fridge.leave()
        site.stop()
    assert len(by_hand) == len(asked)
    ran = [one for fridge in fridges.values() for one in fridge.ran]
    assert len(ran) == len(set(ran))
    assert by_hand <= set(ran)
    again = sum(sum(one.deliveries.values()) - len(one.deliveries) for one in fridges.values())
    print(f"{FRIDGES * EPISODES} alarms raised and cleared, each once; {len(told.told)} messages;")
    print(f"{len(ran)} commands ran, each once; {again} were delivered again and not run again")


def entries(folder: Path, what: str) -> dict[str, int]:
    registry = open_sqlite(folder / REGISTRY_FILE)
    try:
        reader = AlarmReader(registry)
        counted: Counter[str] = Counter()
        for alarm in reader.select(Wish(), 10_000):
            lines = [one.what.value for one in reader.history(alarm.id)]
            counted[alarm.subject.id] += lines.count(what)
        return dict(counted)
    finally:
        registry.close()


def raised(folder: Path) -> dict[str, int]:
    return entries(folder, "raised")


def cleared(folder: Path) -> dict[str, int]:
    return entries(folder, "cleared")


def commands_done(api: Api) -> dict[str, int]:
    counted: Counter[str] = Counter()
    before = ""
    while True:
        status, page = api.ask("GET", f"/api/v1/commands?limit=100{before}")
        assert status == 200, page
        if not page:
            return dict(counted)
        counted.update(one["state"] for one in page)
        before = f"&before={page[-1]['number']}"


def cli(*arguments: str) -> str:
    """What `jalon` says."""
    command = [sys.executable, "-m", "jalon.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


QUICK = """
plans:
  - id: quick
    stages: [{devices: 2}, {percent: 100, per_minute: 600}]
    abort: {percent: 90}
    tries: 5
    healthy_min: 5
"""


def with_package(folder: Path, there: Path) -> str:
    """The example with signed firmware for its cabinets; the id of the package."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
    cli("updates", "key", "new", str(there / "drill.key"))
    private = load_pem_private_key((there / "drill.key").read_bytes(), None)
    public = private.public_key().public_bytes_raw()  # type: ignore[union-attr]
    key = f"keys: [{{id: release, public: {b64encode(public).decode()}}}]"
    (folder / "updates.yaml").write_text(key + QUICK)
    image = there / "image.bin"
    image.write_bytes(
        random.Random(7).randbytes(1_000_000)
    )  # so many pieces that kills come between
    signing = ("--key", str(there / "drill.key"), "--component", "firmware", "--version", "9.0.0")
    cli("updates", "sign", str(image), *signing, "--thing", "cabinet")
    cli("updates", "add", str(folder), f"{image}.manifest.json", str(image))
    listed = json.loads(cli("updates", "packages", str(folder), "--format", "json"))
    return str(listed[0]["id"])


def test_an_update_goes_on_over_kills_and_power_cuts(tmp_path: Path, rng: random.Random) -> None:
    folder = tmp_path / "cold"
    package = with_package(folder, tmp_path)
    api = Api(folder)
    with Site(folder) as site:
        devices = subprocess.Popen(
            [sys.executable, "-m", "jalon.cli", "simulate", str(folder), "--power-loss", "40%"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert devices.stdout
            assert "Virtual devices" in devices.stdout.readline()
            wish = {"package": package, "plan": "quick", "title": "drill"}
            status, made = api.ask("POST", "/api/v1/updates/campaigns", wish)
            assert status < 300, made
            path = f"/api/v1/updates/campaigns/{made['id']}"
            assert api.ask("POST", f"{path}/start")[0] == 200
            kills = 0
            while (now := api.ask("GET", path)[1])["state"] == "running" and kills < 6:
                time.sleep(rng.uniform(0.2, 3.0))
                site.kill()
                kills += 1
                site.start()
            wait_for(lambda: api.ask("GET", path)[1]["state"] == "completed", 300)
            now = api.ask("GET", path)[1]
        finally:
            devices.terminate()
            devices.wait(30)
    states = Counter(one["state"] for one in now["updates"])
    assert set(states) == {"updated"}, now
    print(f"{states['updated']} devices updated over {kills} kills and power cuts")
