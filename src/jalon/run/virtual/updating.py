"""A virtual device that updates itself: downloads by pieces, verifies, reboots, and may fail.

It keeps what it has in a flash that survives a power cut; everything else it forgets. It says what
it does in messages, and never looks at a clock of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import orjson
from pydantic import ValidationError

from jalon.run.updates.compatible import HARDWARE
from jalon.run.updates.manifest import Component, Manifest, Offer, verify
from jalon.run.updates.versions import Version, same
from jalon.run.virtual import chance
from jalon.vocab.errors import UsageError

Said = tuple[str, bytes]
"""A message of the device: the end of its topic, and the payload."""
FIRST_VERSION = "1.0.0"
FIRST_HARDWARE = "A"


@dataclass(frozen=True, slots=True)
class Flaws:
    """Which share of the devices meets what, and how long things take (seconds)."""

    fail: float = 0.0
    power_loss: float = 0.0
    corrupt: float = 0.0
    install_s: float = 2.0
    reboot_s: float = 3.0
    dark_s: float = 5.0
    """How long it is without power."""
    ask_again_s: float = 10.0


@dataclass
class _Flash:
    """What survives a power cut."""

    versions: dict[str, str]
    offer: Offer | None = None
    manifest: Manifest | None = None
    content: bytearray = field(default_factory=bytearray)
    done: str = ""
    """The offer it is finished with, for good or ill."""
    power_lost: str = ""

    @property
    def under_way(self) -> tuple[Offer, Manifest]:
        """What it is at; only while it is at something."""
        if self.offer is None or self.manifest is None:
            raise AssertionError("nothing is under way")
        return self.offer, self.manifest

    def forget(self) -> None:
        """It is at nothing any more."""
        self.offer = self.manifest = None
        self.content = bytearray()


@dataclass(frozen=True, slots=True)
class _Luck:
    """What one device meets: the same each time."""

    flaws: Flaws
    of: int

    def meets(self, what: str, share: float) -> bool:
        return chance.uniform(chance.key(self.of, what)) < share

    def fails(self, offer: Offer) -> bool:
        # Who is brought back to what it ran before finds that it works, as it did before.
        return not offer.downgrade and self.meets("fail", self.flaws.fail)

    def loses_power(self, flash: _Flash, package: str) -> bool:
        """Once for a package."""
        if flash.power_lost == package or not self.meets("power", self.flaws.power_loss):
            return False
        flash.power_lost = package
        return True


class Updating:
    """`keys` are the public keys it trusts, by id; `of` its chance key. Times are Unix ms."""

    def __init__(
        self, thing: str, keys: Mapping[str, str], flaws: Flaws, of: int, firmware: str
    ) -> None:
        self._thing = thing
        self._keys = dict(keys)
        self._flaws = flaws
        self._luck = _Luck(flaws, of)
        self._flash = _Flash(
            {
                Component.FIRMWARE.value: firmware,
                Component.CONFIG.value: FIRST_VERSION,
                HARDWARE: FIRST_HARDWARE,
            }
        )
        self._next_ms: int | None = None
        self._step = "idle"
        self._asked = -1

    @property
    def versions(self) -> Mapping[str, str]:
        """What it runs, by component."""
        return self._flash.versions

    @property
    def is_dark(self) -> bool:
        """Whether it is without power, or booting: it hears and says nothing."""
        return self._step in ("dark", "rebooting")

    def begin(self) -> list[Said]:
        """What it says when it comes."""
        return [] if self.is_dark else [_status(self._flash, "ready")]

    def heard(self, leaf: str, payload: bytes, now_ms: int) -> list[Said]:
        """Take a message below `update/`; what it answers."""
        if self.is_dark:
            return []
        if leaf == "update/offer":
            return self._offered(payload, now_ms)
        *_, package, offset = leaf.split("/")
        if leaf.startswith("update/chunk/") and offset.isdecimal():
            return self._piece(package, int(offset), payload, now_ms)
        return []

    def tick(self, now_ms: int) -> list[Said]:
        """Go on with what takes time."""
        if self._next_ms is None or now_ms < self._next_ms:
            return []
        self._next_ms = None
        match self._step:
            case "downloading":
                return self._ask(now_ms)
            case "installing":
                return self._installed(now_ms)
            case "rebooting" if self._luck.fails(self._flash.under_way[0]):
                return self._end("rolled-back", "the self-test failed")
            case "rebooting":
                return self._runs(self._flash.under_way[1])
            case "dark":
                # It goes on from what is in its flash.
                self._step = "idle"
                return [_status(self._flash, "ready"), *self._download(now_ms)]
        return []

    def _offered(self, payload: bytes, now_ms: int) -> list[Said]:
        flash = self._flash
        if not payload:  # taken back
            if self._step == "downloading":
                self._rest()
            flash.done = ""
            return []
        try:
            offer = Offer.model_validate_json(payload)
        except ValidationError:
            return []
        if self._step != "idle" or f"{offer.campaign}/{offer.package}" == flash.done:
            return []  # heard again, as retained messages are
        try:
            manifest = verify(offer.envelope, self._keys)
            _require_fit(self._thing, flash.versions, offer, manifest)
        except (UsageError, ValueError) as error:
            flash.done = f"{offer.campaign}/{offer.package}"
            return [_status(self._flash, "refused", offer.package, error=str(error))]
        if same(flash.versions.get(manifest.component, ""), manifest.version):
            return [_status(self._flash, "updated", offer.package)]
        same_content = flash.manifest is not None and flash.manifest.sha256 == manifest.sha256
        flash.offer, flash.manifest = offer, manifest
        if not same_content:
            flash.content = bytearray()
        return self._download(now_ms)

    def _download(self, now_ms: int) -> list[Said]:
        self._step = "downloading"
        return [
            _status(self._flash, "downloading", self._flash.under_way[0].package),
            *self._ask(now_ms),
        ]

    def _ask(self, now_ms: int) -> list[Said]:
        offer, manifest = self._flash.under_way
        self._asked = len(self._flash.content)
        self._next_ms = now_ms + round(self._flaws.ask_again_s * 1000)
        length = min(manifest.chunk, manifest.size - self._asked)
        wanted = {"package": offer.package, "offset": self._asked, "length": length}
        return [("update/get", orjson.dumps(wanted))]

    def _piece(self, package: str, offset: int, data: bytes, now_ms: int) -> list[Said]:
        flash = self._flash
        asked = self._step == "downloading" and offset == self._asked
        if not asked or flash.offer is None or package != flash.offer.package or not data:
            return []
        _offer, manifest = self._flash.under_way
        if self._luck.meets("corrupt", self._flaws.corrupt) and offset == 0:
            data = bytes([data[0] ^ 1]) + data[1:]
        flash.content += data[: manifest.size - offset]
        if len(flash.content) * 2 >= manifest.size and self._luck.loses_power(flash, package):
            self._step, self._next_ms = "dark", now_ms + round(self._flaws.dark_s * 1000)
            return []
        if len(flash.content) < manifest.size:
            return [
                _status(self._flash, "downloading", self._flash.under_way[0].package),
                *self._ask(now_ms),
            ]
        return self._complete(now_ms)

    def _complete(self, now_ms: int) -> list[Said]:
        offer, manifest = self._flash.under_way
        if sha256(self._flash.content).hexdigest() != manifest.sha256:
            return self._end("refused", "the digest is another one")
        self._step = "installing"
        self._next_ms = now_ms + round(self._flaws.install_s * 1000)
        return [
            _status(self._flash, "downloaded", offer.package),
            _status(self._flash, "installing", offer.package),
        ]

    def _installed(self, now_ms: int) -> list[Said]:
        offer, manifest = self._flash.under_way
        if self._luck.fails(offer) and self._luck.meets("how", 0.5):
            return self._end("failed", "the flash could not be written")
        if manifest.component is Component.CONFIG:
            return self._runs(manifest)
        self._step = "rebooting"
        self._next_ms = now_ms + round(self._flaws.reboot_s * 1000)
        return [_status(self._flash, "rebooting", offer.package)]

    def _runs(self, manifest: Manifest) -> list[Said]:
        self._flash.versions[manifest.component.value] = manifest.version
        return self._end("updated")

    def _end(self, state: str, error: str = "") -> list[Said]:
        offer, _manifest = self._flash.under_way
        self._rest()
        # One that failed may be offered again, once this offer is taken back.
        self._flash.done = f"{offer.campaign}/{offer.package}"
        return [_status(self._flash, state, offer.package, error=error)]

    def _rest(self) -> None:
        self._flash.forget()
        self._step, self._next_ms = "idle", None


def _status(flash: _Flash, state: str, package: str = "", error: str = "") -> Said:
    """How it goes. `flash` is read for the versions and for how much has come."""
    said: dict[str, object] = {"state": state, "package": package}
    if error:
        said["error"] = error
    if state == "downloading":
        said["offset"] = len(flash.content)
    if state in ("ready", "updated", "rolled-back"):
        said["versions"] = flash.versions
    return ("update/status", orjson.dumps(said))


def _require_fit(thing: str, versions: Mapping[str, str], offer: Offer, manifest: Manifest) -> None:
    """Raises ValueError for what a device of that type and with these versions may not install."""
    if offer.package != offer.envelope.package:
        raise ValueError("the package is not the one of the manifest")
    if thing not in manifest.things:
        raise ValueError("it is for another type of device")
    if manifest.hardware and versions[HARDWARE] not in manifest.hardware:
        raise ValueError("it is for another hardware")
    runs = versions.get(manifest.component)
    if runs and not offer.downgrade and Version(runs) > Version(manifest.version):
        raise ValueError("it is older than what runs")
