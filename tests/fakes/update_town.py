"""A service of updates with virtual devices at the other end of a wire, all in virtual time."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from notebook import Notebook

from jalon.adapters.stores.registry import open_sqlite
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.ground import Ground
from jalon.app.solution import Solution, load
from jalon.app.updates.desk import Wish
from jalon.app.updates.rollout import Rollout
from jalon.app.updates.service import Updates
from jalon.run import answers
from jalon.run.control import Message, ProgressHeard
from jalon.run.fleet import Device
from jalon.run.updates.manifest import Component, Manifest, Signed, public_text, sign
from jalon.run.virtual import chance
from jalon.run.virtual.updating import Flaws, Said, Updating
from jalon.vocab.errors import BrokerError
from jalon.vocab.text import Text

EXAMPLE = Path(__file__).parents[2] / "examples" / "cold-chain"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
START_MS = 1_790_000_000_000
FAST = Flaws(install_s=1, reboot_s=1, dark_s=3, ask_again_s=2)
FILE = bytes(range(256)) * 300


def signed(
    content: bytes = FILE,
    version: str = "2.0.0",
    key: Ed25519PrivateKey = KEY,
    **more: object,
) -> Signed:
    """A package for the cabinets, signed."""
    told: dict[str, object] = {
        "component": Component.FIRMWARE,
        "version": version,
        "things": ["cabinet"],
        "size": len(content),
        "sha256": sha256(content).hexdigest(),
        "chunk": 16 << 10,
        "created": START_MS,
    }
    return sign(Manifest.model_validate(told | more), "release", key)


def make_folder(folder: Path, cabinets: int, plans: Sequence[Mapping[str, object]]) -> Solution:
    """The cold chain with so many cabinets, one lorry that is no cabinet, and these plans."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".jalon"))
    places = {"thing": "cabinet", "site": "trelaze", "room": "dairy"}
    fleet: list[dict[str, object]] = [
        {"id": f"c{number:02}", "name": f"C {number}", **places} for number in range(cabinets)
    ]
    fleet.append({"id": "lorry", "name": "L", "thing": "truck", "site": "trelaze", "room": "dock"})
    (folder / "fleet" / "devices.yaml").write_text(orjson.dumps({"devices": fleet}).decode())
    keys = [{"id": "release", "public": public_text(KEY.public_key())}]
    written = {"keys": keys, "plans": list(plans)}
    (folder / "updates.yaml").write_text(orjson.dumps(written).decode())
    # What the example says of devices that are not here.
    for name in ("rules", "fleet/groups.yaml", "commands.yaml", "alarms.yaml"):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return load(folder)


@dataclass
class Town:
    """The service, and its devices. Nothing happens unless `live` lets time pass."""

    solution: Solution
    flaws: Flaws = FAST
    seed: int = 1
    now_ms: int = START_MS
    posted: list[Message] = field(default_factory=list)
    devices: dict[str, Updating] = field(default_factory=dict)
    retained: dict[str, bytes] = field(default_factory=dict)
    offers: list[tuple[int, str]] = field(default_factory=list)
    """When which device was offered something."""
    broken_wire: bool = False

    def __post_init__(self) -> None:
        self.wire: list[tuple[str, str, bytes]] = []
        for device in self.solution.fleet.devices:
            key = chance.key(self.seed, device.id)
            trusted = self.solution.control.updates.trusted
            self.devices[device.id] = Updating(device.thing, trusted, self.flaws, key, "1.0.0")
        self.open()

    def open(self) -> None:
        """The service begins, as after a start of the machine."""
        self.registry = open_sqlite(self.solution.folder / REGISTRY_FILE)
        ground = Ground(
            self.registry,
            lambda: self.solution,
            lambda: self.now_ms,
            Notebook(),
            self.solution.folder,
        )
        self.updates = Updates(ground, self._carry, self.posted.append, self._search)
        self.rollout = Rollout(self.updates.world, self.now_ms)

    def reopen(self) -> None:
        """It was killed, and begins anew with what is on the disk."""
        self.registry.close()
        self.open()

    def package(self, content: bytes = FILE, version: str = "2.0.0", **more: object) -> str:
        """Add a package; its id."""
        return self.updates.desk.add(signed(content, version, KEY, **more), content, "ada").id

    def campaign(self, package: str, plan: str, start: bool = True, **more: object) -> int:
        """Make one, and start it."""
        wish = Wish.model_validate({"package": package, "plan": plan, **more})
        number = self.updates.desk.create(wish, "ada")
        if start:
            self.updates.desk.start(number, "bob")
        return number

    def greet(self) -> None:
        """Every device says what it runs."""
        for device, updating in self.devices.items():
            self._take(device, updating.begin())

    def live(self, seconds: float, step_s: float = 1.0) -> None:
        """Let so much time pass."""
        for _ in range(round(seconds / step_s)):
            self.now_ms += round(step_s * 1000)
            self.rollout.turn(self.now_ms)
            self.updates._tell_devices()
            for device, updating in self.devices.items():
                self._take(device, updating.tick(self.now_ms))
            self._deliver()

    def states(self, campaign: int) -> dict[str, str]:
        """The state of each device."""
        return {one.device: one.state for one in self.updates.world.campaigns.targets(campaign)}

    def state(self, campaign: int) -> str:
        """The state of the campaign."""
        return self.updates.world.campaign(campaign).state

    def _carry(self, device: Device, leaf: str, payload: bytes, retain: bool) -> None:
        if self.broken_wire:
            raise BrokerError(Text("cut"))
        if retain:
            assert leaf == "update/offer"
            self.retained[device.id] = payload
            if payload:
                self.offers.append((self.now_ms, device.id))
        self.wire.append((device.id, leaf, payload))

    def _search(self, query: str) -> list[str]:
        return [one.id for one in self.solution.fleet.devices if query in one.id]

    def _take(self, device: str, said: Sequence[Said]) -> None:
        for leaf, payload in said:
            heard = answers.read(f"v1/{device}/{leaf}", orjson.loads(payload))
            if isinstance(heard, answers.ChunkWanted):
                self.updates.chunk_wanted(heard)
            else:
                due = answers.stamped(heard, self.now_ms)
                assert isinstance(due, ProgressHeard)
                with self.registry.work():
                    self.updates.carry_out(due)

    def _deliver(self) -> None:
        while self.wire:
            device, leaf, payload = self.wire.pop(0)
            updating = self.devices[device]
            if updating.is_dark and leaf == "update/offer":
                continue  # it is retained; nobody lists to it now
            self._take(device, updating.heard(leaf, payload, self.now_ms))
