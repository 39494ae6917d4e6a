"""The broker's accounts: each MQTT device, the LoRaWAN network server, and the importer.

Passwords are derived from one secret of the solution, so none is stored and a new device has one
at once.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from pathlib import Path

from jalon.adapters.broker.settings import Account
from jalon.adapters.links.lorawan import codec as lorawan
from jalon.app.local import secret
from jalon.app.solution import Solution

NETWORK_SERVER = "chirpstack"
"""The user with which ChirpStack (or the simulator in its place) publishes uplinks."""
IMPORTER = "jalon.import"
"""The user with which `jalon import` replays history into a running solution; the dot keeps it
apart from every device id."""


def password(folder: Path, user: str) -> str:
    """The MQTT password of `user` in this solution: 32 letters and digits (160 bits)."""
    return _derived(_key(folder), user)


def accounts(solution: Solution) -> list[Account]:
    """Every account the broker must know. A LoRaWAN device has none: its network server has."""
    key = _key(solution.folder)

    def account(user: str, publish: Sequence[str], subscribe: Sequence[str] = ()) -> Account:
        return Account(user, _derived(key, user), publish, subscribe)

    found = [
        account(
            device.id,
            tuple(f"v1/{device.id}/{leaf}" for leaf in ("telemetry", "event", "state")),
            (f"v1/{device.id}/cmd", f"v1/{device.id}/cmd/#"),
        )
        for device in solution.fleet.devices
        if device.dev_eui is None
    ]
    if len(found) < len(solution.fleet.devices):
        found.append(
            account(
                NETWORK_SERVER,
                (lorawan.EVENT_FILTER,),
                ("application/+/device/+/command/down",),
            )
        )
    found.append(account(IMPORTER, ("v1/+/telemetry",)))
    return found


def _key(folder: Path) -> bytes:
    return secret(folder, "devices.key")


def _derived(key: bytes, user: str) -> str:
    return base64.b32encode(hmac.digest(key, user.encode(), "sha256")[:20]).decode().lower()
