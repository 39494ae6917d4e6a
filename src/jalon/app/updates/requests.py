"""What commands on this machine ask of updates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import TypeAdapter, ValidationError

from jalon.adapters.stores.registry import open_sqlite
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.clock import now_ms
from jalon.app.ground import Ground
from jalon.app.journal import RegistryJournal
from jalon.app.local import data_folder, require_run
from jalon.app.local_api import LocalApi
from jalon.app.solution import load
from jalon.app.updates.desk import Act, Desk, Wish, check_document
from jalon.app.updates.views import API_PATH, CampaignDetail, CampaignShape, PreviewShape
from jalon.app.updates.world import World
from jalon.run.updates.manifest import (
    MOST_BYTES,
    Component,
    Manifest,
    Signed,
    public_text,
    sign,
)
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_CAMPAIGNS = f"{API_PATH}/campaigns"


def new_key() -> tuple[str, str]:
    """A fresh key: the private one as PEM, the public one as `updates.yaml` has it."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode(), public_text(key.public_key())


def read_key(path: Path) -> Ed25519PrivateKey:
    """The private key of a PEM file. Raises UsageError."""
    try:
        found = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        text = N_("The key {path} cannot be read: {reason}")
        raise UsageError(Text(text, {"path": str(path), "reason": str(error)})) from None
    if not isinstance(found, Ed25519PrivateKey):
        raise UsageError(Text(N_("{path} is no Ed25519 key."), {"path": str(path)}))
    return found


def read_content(path: Path) -> bytes:
    """The file of a package. Raises UsageError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            text = N_("A package has at most {most} MiB.")
            raise UsageError(Text(text, {"most": MOST_BYTES >> 20}))
        return path.read_bytes()
    except OSError as error:
        text = N_("{path} cannot be read: {reason}")
        raise UsageError(Text(text, {"path": str(path), "reason": str(error)})) from None


def sign_file(path: Path, key: Path, key_id: str, told: dict[str, object]) -> Signed:
    """The signed manifest of a file. `told` has the other parts of the manifest. Raises
    UsageError."""
    content = read_content(path)
    measured = {"size": len(content), "sha256": sha256(content).hexdigest(), "created": now_ms()}
    try:
        manifest = Manifest.model_validate({**told, **measured})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        text = N_("The manifest is not right: {where}: {reason}")
        raise UsageError(Text(text, {"where": where, "reason": first["msg"]})) from None
    if manifest.component is Component.CONFIG:
        check_document(content)
    return sign(manifest, key_id, read_key(key))


def read_signed(path: Path) -> Signed:
    """The signed manifest of a file. Raises UsageError."""
    try:
        return Signed.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        text = N_("The manifest {path} cannot be read: {reason}")
        raise UsageError(Text(text, {"path": str(path), "reason": str(error)})) from None


@contextmanager
def open_world(folder: Path) -> Iterator[tuple[World, Desk]]:
    """The packages of a solution, whether it runs or not."""
    solution = load(folder)
    data_folder(folder)
    registry = open_sqlite(folder / REGISTRY_FILE)
    try:
        journal = RegistryJournal(registry, now_ms)
        world = World(Ground(registry, lambda: solution, now_ms, journal, folder))
        yield world, Desk(world)
    finally:
        registry.close()


class Campaigns:
    """The campaigns of a running solution, over its API. Everything raises UsageError with what it
    says."""

    def __init__(self, folder: Path) -> None:
        self._api = LocalApi(folder, require_run(folder))

    def all(self) -> list[CampaignShape]:
        """The newest first."""
        return TypeAdapter(list[CampaignShape]).validate_json(self._api.read(_CAMPAIGNS))

    def one(self, campaign: int) -> CampaignDetail:
        """One with its devices."""
        return CampaignDetail.model_validate_json(self._api.read(f"{_CAMPAIGNS}/{campaign}"))

    def preview(self, wish: Wish) -> PreviewShape:
        """What it would do."""
        body = wish.model_dump_json().encode()
        return PreviewShape.model_validate_json(self._api.post(f"{API_PATH}/preview", body=body))

    def create(self, wish: Wish) -> CampaignDetail:
        """Make one, in draft."""
        body = wish.model_dump_json().encode()
        return CampaignDetail.model_validate_json(self._api.post(_CAMPAIGNS, body=body))

    def act(self, campaign: int, act: Act) -> CampaignDetail:
        """Start, pause, resume, abort, roll back."""
        answer = self._api.post(f"{_CAMPAIGNS}/{campaign}/{act.value}")
        return CampaignDetail.model_validate_json(answer)

    def report_csv(self, campaign: int) -> bytes:
        """Its devices, as CSV."""
        return self._api.read(f"{_CAMPAIGNS}/{campaign}/report.csv")
