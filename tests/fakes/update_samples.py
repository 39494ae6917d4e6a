"""A signed package and a campaign, for pages that show them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jalon.app.updates.desk import Targets, Wish
from jalon.app.updates.service import Updates
from jalon.run.updates.manifest import Component, Manifest, public_text, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
CONTENT = b'{"interval": 300}\n'
SIGNED = sign(
    Manifest(
        component=Component.CONFIG,
        version="1.3.0",
        things=["gateway"],
        size=len(CONTENT),
        sha256=sha256(CONTENT).hexdigest(),
        created=1_790_000_000_000,
        description="Reports every five minutes.",
    ),
    "test-release",
    KEY,
)
PACKAGE = SIGNED.package


def trust(folder: Path) -> None:
    """Let the solution trust the key of the sample."""
    path = folder / "updates.yaml"
    written = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    keys = [
        *written.get("keys", ()),
        {"id": "test-release", "public": public_text(KEY.public_key())},
    ]
    path.write_text(yaml.safe_dump({**written, "keys": keys}), "utf-8")


def roll_out(updates: Updates) -> int:
    """Keep the sample and make a campaign of it that waits to be started; its number."""
    updates.desk.add(SIGNED, CONTENT, "admin")
    wish = Wish(package=PACKAGE, title="Five minutes", targets=Targets(devices=["zay-gateway"]))
    return updates.desk.create(wish, "admin")
