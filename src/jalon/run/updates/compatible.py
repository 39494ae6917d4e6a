"""Whether a device may be given a package, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from jalon.run.fleet import Device
from jalon.run.updates.manifest import Manifest
from jalon.run.updates.versions import Version, in_range, same

HARDWARE = "hardware"
"""Under which a device tells its hardware revision among its versions."""


class Unfit(StrEnum):
    """Why a device is passed over."""

    OTHER_THING = "other-thing"
    RETIRED = "retired"
    LORAWAN = "lorawan"
    """Firmware over LoRaWAN (multicast and fragmentation, TS004 to TS006) is not supported."""
    NOT_CONNECTED = "not-connected"
    """It is heard over a link, on which we cannot hand it a package."""
    ALREADY = "already"
    NEWER = "newer"
    HARDWARE_UNKNOWN = "hardware-unknown"
    OTHER_HARDWARE = "other-hardware"
    VERSION_UNKNOWN = "version-unknown"
    OTHER_VERSION = "other-version"
    BUSY = "busy"
    """Another campaign has it now."""
    NO_PACKAGE = "no-package"
    """What it ran before is not kept here."""


def unfit(
    manifest: Manifest, device: Device, versions: Mapping[str, str], downgrade: bool
) -> Unfit | None:
    """Why not; None when it may be given the package. `versions` is what it last said it runs, by
    component."""
    if device.thing not in manifest.things:
        return Unfit.OTHER_THING
    if device.retired is not None:
        return Unfit.RETIRED
    if device.dev_eui is not None:
        return Unfit.LORAWAN
    if device.link is not None:
        return Unfit.NOT_CONNECTED
    return _by_hardware(manifest, versions) or _by_version(manifest, versions, downgrade)


def _by_hardware(manifest: Manifest, versions: Mapping[str, str]) -> Unfit | None:
    revision = versions.get(HARDWARE)
    if not manifest.hardware or revision in manifest.hardware:
        return None
    return Unfit.OTHER_HARDWARE if revision else Unfit.HARDWARE_UNKNOWN


def _by_version(manifest: Manifest, versions: Mapping[str, str], downgrade: bool) -> Unfit | None:
    runs = versions.get(manifest.component)
    if runs is None:
        return Unfit.VERSION_UNKNOWN if manifest.upgrades else None
    if same(runs, manifest.version):
        return Unfit.ALREADY
    try:
        if manifest.upgrades and not in_range(runs, manifest.upgrades):
            return Unfit.OTHER_VERSION
        if not downgrade and Version(runs) > Version(manifest.version):
            return Unfit.NEWER
    except ValueError:
        # Its version cannot be compared: a range cannot be held, and without one nothing speaks
        # against it.
        return Unfit.VERSION_UNKNOWN if manifest.upgrades else None
    return None
