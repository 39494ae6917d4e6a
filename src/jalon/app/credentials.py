"""Jalon's own accounts at the broker: the importer and the virtual devices.

Their passwords are derived from one secret of the solution, which only this machine's commands can
read: real credentials are kept as hashes, so a virtual device could not show them.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.app.local import secret
from jalon.app.solution import Solution
from jalon.run.identity import Attempt, Decide, Denied, Grant
from jalon.run.journal import Kind


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may connect over MQTT, and the topic filters open to them."""

    user: str
    password: str
    publish: Sequence[str] = ()
    subscribe: Sequence[str] = ()


NETWORK_SERVER = "chirpstack"
"""The account with which ChirpStack publishes uplinks."""
THINGS_STACK = "things-stack"
"""The account with which The Things Stack hands over what it heard."""
OWN_PREFIX = "jalon."
"""Begins the name of every account of Jalon's own; the dot keeps it apart from device ids."""
IMPORTER = "jalon.import"
"""The user with which `jalon import` replays history into a running solution."""
COMMANDS = "jalon.commands"
"""The user with which downlinks are handed to the network server at our own broker."""
SIMULATED = "jalon.simulate."
"""Before the name of a device or an account: a virtual one, which may do what the real one may."""
KEY_FILE = "devices.key"


def password(folder: Path, user: str) -> str:
    """The MQTT password of an account of Jalon's own: 32 letters and digits (160 bits)."""
    return derived(secret(folder, KEY_FILE), user)


def accounts(solution: Solution) -> list[Account]:
    """Every account the broker must know. A LoRaWAN device has none: its network server has."""
    key = secret(solution.folder, KEY_FILE)

    def account(user: str, publish: Sequence[str], subscribe: Sequence[str] = ()) -> Account:
        return Account(user, derived(key, user), publish, subscribe)

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


def decide(accounts: Sequence[Account]) -> Decide:
    """Who is let in, by name and password. The refusals are not written down."""
    known = {one.user: one for one in accounts}

    def decision(attempt: Attempt) -> Grant | Denied:
        account = known.get(attempt.user)
        if account is None:
            return Denied(Kind.UNKNOWN_IDENTITY)
        if not hmac.compare_digest(account.password.encode(), attempt.secret.encode()):
            return Denied(Kind.WRONG_SECRET, account.user)
        return Grant(account.user, tuple(account.publish), tuple(account.subscribe))

    return decision


def derived(key: bytes, user: str) -> str:
    """The password of `user` under the solution's `key`."""
    return (
        base64.b32encode(hmac.digest(key, user.encode("utf-8", "surrogatepass"), "sha256")[:20])
        .decode()
        .lower()
    )
