"""Jalon's own accounts at the broker: the importer and the virtual devices.

Their passwords are derived from one secret of the solution, which only this machine's commands can
read: real credentials are kept as hashes, so a virtual device could not show them.
"""

from __future__ import annotations

import base64
import hmac
from pathlib import Path

from jalon.app.local import secret

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
INTEGRATIONS = "jalon.out"
"""The user with which values are published for other systems, below `out/`."""
SIMULATED = "jalon.simulate."
"""Before the name of a device or an account: a virtual one, which may do what the real one may."""
KEY_FILE = "devices.key"


def password(folder: Path, user: str) -> str:
    """The MQTT password of an account of Jalon's own: 32 letters and digits (160 bits)."""
    return derived(secret(folder, KEY_FILE), user)


def derived(key: bytes, user: str) -> str:
    """The password of `user` under the solution's `key`."""
    whole = hmac.digest(key, user.encode("utf-8", "surrogatepass"), "sha256")
    return base64.b32encode(whole[:20]).decode().lower()
