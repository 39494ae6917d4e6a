"""Claims: a device shows a provisioning key and its hardware id, and becomes a device of the
fleet with a credential of its own."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import count

from jalon.adapters.stores.registry import ClaimTable, Registry
from jalon.adapters.stores.registry.device_schema import ClaimKeyRow, ClaimRow
from jalon.adapters.stores.registry.onboarding import Refusal
from jalon.app import device_secrets
from jalon.app.keyring import IssuedCertificate, Keyring, State
from jalon.app.local import Endpoint
from jalon.app.provisioning import Provisioning
from jalon.run.journal import Journal, Kind
from jalon.vocab.entries import is_identifier
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text

__all__ = ["ClaimKeyInfo", "ClaimRefused", "Claimed", "Claims", "NewClaimKey", "Refusal", "Terms"]

DEFAULT_PATTERN = "{hardware}"
KEY_PREFIX = "claim_"
_HARDWARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,63}")
_COUNT = re.compile(r"\{n(?::([1-9]))?\}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a provisioning key gives: the type and the place of the devices that come with it.

    `pattern` makes their ids: `{hardware}` is the hardware id, `{n}` counts (`{n:3}` with three
    digits). `expires_ms` is Unix ms.
    """

    label: str
    uses: int
    expires_ms: int
    thing: str
    site: str
    room: str | None = None
    pattern: str = DEFAULT_PATTERN


@dataclass(frozen=True, slots=True)
class NewClaimKey:
    """A provisioning key, to be shown once."""

    id: int
    key: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class ClaimKeyInfo:
    """A provisioning key as it may be shown. `claimed` are the hardware ids that came with it and
    the devices they became; times in Unix ms."""

    id: int
    hint: str
    terms: Terms
    left: int
    created_ms: int
    revoked_ms: int | None
    usable: bool
    claimed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a device learns: its id, its credential (a secret, or a certificate when it sent a
    request for one), and where to connect over MQTT."""

    device_id: str
    secret: str | None
    certificate: IssuedCertificate | None
    mqtt: Endpoint | None


class ClaimRefused(JalonError):  # noqa: N818 - named for what happened
    """The claim is refused; the journal has it already."""

    def __init__(self, text: Text, reason: Refusal | None) -> None:
        super().__init__(text)
        self.reason = reason


class Claims:
    """The provisioning keys of one solution. Every method may be called from any thread.

    `mqtt` tells where devices connect, with a certificate (True) or with a secret; None while
    nothing listens there.
    """

    def __init__(
        self,
        registry: Registry,
        keyring: Keyring,
        provisioning: Provisioning,
        journal: Journal,
        now_ms: Callable[[], int],
        mqtt: Callable[[bool], Endpoint | None],
    ) -> None:
        self._table = ClaimTable(registry)
        self._keyring = keyring
        self._provisioning = provisioning
        self._journal = journal
        self._now_ms = now_ms
        self._mqtt = mqtt
        self._one_at_a_time = threading.Lock()

    def create(self, terms: Terms) -> NewClaimKey:
        """A new key. Raises UsageError for terms that make no sense."""
        now = self._now_ms()
        if terms.uses < 1 or terms.expires_ms <= now:
            raise UsageError(Text(N_("A key is for at least one device and until a later time.")))
        _device_id(terms.pattern, "0", frozenset())
        self._provisioning.place(terms.thing, terms.site, terms.room)
        key = KEY_PREFIX + device_secrets.new_secret()
        row = ClaimKeyRow(
            digest=_digest(key),
            hint=key[: len(KEY_PREFIX) + 4],
            label=terms.label[:100],
            uses=terms.uses,
            left=terms.uses,
            thing=terms.thing,
            site=terms.site,
            room=terms.room,
            pattern=terms.pattern[:100],
            created_ms=now,
            expires_ms=terms.expires_ms,
        )
        self._table.add(row)
        self._journal.note(
            Kind.CLAIM_KEY_CREATED, who=row.label or row.hint, key=row.hint, uses=str(row.uses)
        )
        return NewClaimKey(row.id, key, terms)

    def keys(self) -> list[ClaimKeyInfo]:
        """Every key, oldest first."""
        claimed: dict[int, list[tuple[str, str]]] = {}
        for claim in self._table.claims():
            claimed.setdefault(claim.key_id, []).append((claim.hardware, claim.device))
        now = self._now_ms()
        return [
            ClaimKeyInfo(
                row.id,
                row.hint,
                _terms(row),
                row.left,
                row.created_ms,
                row.revoked_ms,
                row.revoked_ms is None and row.left > 0 and row.expires_ms > now,
                tuple(claimed.get(row.id, ())),
            )
            for row in self._table.all_keys()
        ]

    def revoke(self, key_id: int) -> None:
        """Make a key worthless; devices that came with it stay. Raises UsageError."""
        if not self._table.revoke(key_id, self._now_ms()):
            raise UsageError(
                Text(N_("There is no provisioning key {id} that is still good."), {"id": key_id})
            )
        self._journal.note(Kind.CLAIM_KEY_REVOKED, number=str(key_id))

    def claim(
        self, key: str, hardware: str, request_pem: bytes | None = None, *, address: str = ""
    ) -> Claimed:
        """Become a device. The same hardware may come again with the same key, as long as the
        credential it was given has never been used: it then gets a new one, and the one before
        ends. Raises ClaimRefused."""
        if not _HARDWARE.fullmatch(hardware):
            raise self._refused(
                hardware,
                key,
                address,
                None,
                Text(
                    N_("A hardware id has 1 to 64 letters without accents, digits or one of .:_-")
                ),
            )
        with self._one_at_a_time:
            taken = self._table.reserve(_digest(key), hardware, self._now_ms())
            if isinstance(taken, Refusal):
                raise self._refused(hardware, key, address, taken)
            if taken.claim is not None and taken.claim.device:
                done = self._again(taken.claim, request_pem, key, address)
            else:
                done = self._first(taken.key, hardware, request_pem, key, address)
        self._journal.note(Kind.CLAIMED, done.device_id, address=address, hardware=hardware)
        return done

    def release(self, hardware: str) -> None:
        """Let hardware be claimed once more, after it has lost its credential. Raises
        UsageError."""
        if not self._table.release(hardware, give_back=False):
            raise UsageError(Text(N_("{hardware} was not claimed."), {"hardware": hardware}))

    def _first(
        self, terms: ClaimKeyRow, hardware: str, request_pem: bytes | None, key: str, address: str
    ) -> Claimed:
        try:
            device_id, known = self._device(terms, hardware)
            if not known:
                self._keyring.revoke(device_id)  # of an earlier device of that id
            done, credential_id = self._credential(device_id, request_pem)
            try:
                if known:
                    self._provisioning.credentials_changed()
                else:
                    self._provisioning.add(_fields(device_id, hardware, terms), proven=True)
            except JalonError:
                self._keyring.revoke(device_id, credential_id)
                raise
        except JalonError as error:
            self._table.release(hardware, give_back=True)
            raise self._refused(hardware, key, address, None, error.text) from error
        self._table.complete(hardware, device_id, credential_id)
        return done

    def _again(self, claim: ClaimRow, request_pem: bytes | None, key: str, address: str) -> Claimed:
        given = [one for one in self._keyring.of(claim.device) if one.id == claim.credential_id]
        if not given or given[0].used_ms is not None or given[0].state is not State.ACTIVE:
            raise self._refused(claim.hardware, key, address, Refusal.CLAIMED)
        try:
            done, credential_id = self._credential(claim.device, request_pem)
        except JalonError as error:
            raise self._refused(claim.hardware, key, address, None, error.text) from error
        self._keyring.revoke(claim.device, given[0].id)
        self._table.complete(claim.hardware, claim.device, credential_id)
        self._provisioning.credentials_changed()
        return done

    def _device(self, terms: ClaimKeyRow, hardware: str) -> tuple[str, bool]:
        """The id of the device that the hardware becomes, and whether the fleet has it already:
        it waits there, by its serial number, without ever having had a credential."""
        fleet = self._provisioning.devices()
        for device in fleet:
            expected = (device.thing, device.site) == (terms.thing, terms.site)
            if device.serial == hardware and expected and not self._keyring.of(device.id):
                return device.id, True
        return _device_id(terms.pattern, hardware, frozenset(one.id for one in fleet)), False

    def _credential(self, device_id: str, request_pem: bytes | None) -> tuple[Claimed, int]:
        if request_pem is None:
            issued = self._keyring.issue(device_id, origin="claimed")
            return Claimed(device_id, issued.secret, None, self._mqtt(False)), issued.credential_id
        made = self._keyring.certificate(device_id, request_pem)
        return Claimed(device_id, None, made, self._mqtt(True)), made.credential_id

    def _refused(
        self,
        hardware: str,
        key: str,
        address: str,
        reason: Refusal | None,
        text: Text | None = None,
    ) -> ClaimRefused:
        said = text or Text(_SENTENCES[reason or Refusal.UNKNOWN])
        self._journal.note(
            Kind.CLAIM_REFUSED,
            who=hardware,
            address=address,
            key=key[: len(KEY_PREFIX) + 4] if key.startswith(KEY_PREFIX) else "",
            reason=reason.value if reason else str(said),
        )
        return ClaimRefused(said, reason)


_SENTENCES = {
    Refusal.UNKNOWN: N_("This provisioning key is not known."),
    Refusal.REVOKED: N_("This provisioning key was revoked."),
    Refusal.EXPIRED: N_("This provisioning key has expired."),
    Refusal.USED_UP: N_("This provisioning key was used as often as it may be."),
    Refusal.CLAIMED: N_("This hardware is already a device."),
}


def _terms(row: ClaimKeyRow) -> Terms:
    return Terms(row.label, row.uses, row.expires_ms, row.thing, row.site, row.room, row.pattern)


def _fields(device_id: str, hardware: str, terms: ClaimKeyRow) -> dict[str, str]:
    given = {
        "id": device_id,
        "name": device_id,
        "thing": terms.thing,
        "site": terms.site,
        "room": terms.room,
        "serial": hardware,
    }
    return {name: value for name, value in given.items() if value}


def _device_id(pattern: str, hardware: str, taken: Collection[str]) -> str:
    """The first free id of the pattern. Raises UsageError when it makes no id."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", hardware).strip("-_")
    based = pattern.replace("{hardware}", plain)
    counted = _COUNT.search(based)
    found = based
    if counted:
        width = int(counted[1] or 1)
        numbers = (based.replace(counted[0], f"{number:0{width}}", 1) for number in count(1))
        found = next(one for one in numbers if one not in taken)
    if not is_identifier(found):
        raise UsageError(
            Text(
                N_("“{id}” is no id of a device: write letters, digits, {hardware} and {n}."),
                {"id": found, "hardware": "{hardware}", "n": "{n}"},
            )
        )
    return found


def _digest(key: str) -> str:
    """Fast on purpose: a key has 160 random bits, nothing to guess."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
