"""Credentials of devices and accounts: issue, renew, revoke. Who comes in with them is decided in
`app.identities`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from jalon.adapters.pki.authority import Authority, Revoked, pem_of_list, serial_text
from jalon.adapters.pki.trust import read_authorities
from jalon.adapters.stores.registry import CredentialTable, Registry
from jalon.adapters.stores.registry.device_schema import CredentialRow
from jalon.app import device_secrets as secrets
from jalon.app import tls
from jalon.run.journal import Journal, Kind
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS

AUTHORITIES_FOLDER = "authorities"
"""Folder of the solution with the customers' certificate authorities; see `adapters.pki.trust`."""


class CredentialKind(StrEnum):
    """How somebody proves who they are."""

    SECRET = "secret"  # noqa: S105
    CERTIFICATE = "certificate"


class State(StrEnum):
    """What a credential is good for now."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class CredentialInfo:
    """A credential as it may be shown: never the secret. `hint` is its first characters, or the
    whole serial number; times in Unix ms. `ends_ms` is when it ends or ended: expiry, or the end
    of the time in which an old one still works beside the new."""

    id: int
    identity: str
    kind: CredentialKind
    hint: str
    origin: str
    state: State
    created_ms: int
    ends_ms: int | None
    used_ms: int | None


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A new secret, to be shown once."""

    credential_id: int
    identity: str
    secret: str
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A new certificate; `key_pem` is None when the device made its own key. `authority_pem` is
    what the device needs to know our server."""

    credential_id: int
    identity: str
    certificate_pem: str
    key_pem: str | None
    authority_pem: str
    serial: str
    expires_ms: int


class Keyring:
    """The credentials of one solution. Every method may be called from any thread.

    Whether an identity exists is for the caller to know. `changed` is called after each change, so
    that a running solution learns it: see `Identities.learn`.
    """

    def __init__(
        self,
        registry: Registry,
        journal: Journal,
        folder: Path,
        now_ms: Callable[[], int],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._changed = changed
        self._table = CredentialTable(registry)
        self._journal = journal
        self._folder = folder
        self._now_ms = now_ms
        self._pepper = secrets.pepper(folder)

    def of(self, identity: str) -> list[CredentialInfo]:
        """Every credential an identity ever had, oldest first."""
        return [self._info(row) for row in self._table.of(identity)]

    def all(self) -> dict[str, list[CredentialInfo]]:
        """Every credential by identity."""
        found: dict[str, list[CredentialInfo]] = {}
        for row in self._table.all():
            found.setdefault(row.identity, []).append(self._info(row))
        return found

    def issue(
        self,
        identity: str,
        secret: str | None = None,
        *,
        days: float | None = None,
        origin: str = "",
    ) -> IssuedSecret:
        """Give an identity one more secret: a new one, or one that it has already.

        `days` is how long it is good for; without it, until it is revoked. Raises UsageError for a
        secret that is too short.
        """
        return self.issue_each({identity: secret}, days=days, origin=origin)[0]

    def issue_each(
        self, wanted: Mapping[str, str | None], *, days: float | None = None, origin: str = ""
    ) -> list[IssuedSecret]:
        """The same for many identities, all or none."""
        issued = self._issued(wanted, days, origin)
        self._changed()
        return issued

    def _issued(
        self, wanted: Mapping[str, str | None], days: float | None, origin: str = ""
    ) -> list[IssuedSecret]:
        now = self._now_ms()
        expires = _after(now, days)
        texts = {
            one: usable_secret(given) if given else secrets.new_secret()
            for one, given in wanted.items()
        }
        rows = [
            CredentialRow(
                identity=identity,
                kind=CredentialKind.SECRET.value,
                digest=secrets.digest(self._pepper, text),
                hint=secrets.hint(text),
                origin=origin or ("imported" if wanted[identity] else "issued"),
                created_ms=now,
                expires_ms=expires,
            )
            for identity, text in texts.items()
        ]
        self._table.add(rows)
        for row in rows:
            self._journal.note(Kind.CREDENTIAL_ISSUED, row.identity, proof=row.kind, hint=row.hint)
        return [IssuedSecret(row.id, row.identity, texts[row.identity], expires) for row in rows]

    def renew(
        self, identity: str, *, grace_h: float = 24.0, days: float | None = None
    ) -> IssuedSecret:
        """A new secret; what the identity had before goes on for `grace_h` hours, so that nobody
        is locked out while the new one travels."""
        now = self._now_ms()
        issued = self._issued({identity: None}, days)[0]
        self._table.end(identity, now + round(grace_h * 3_600_000), now, issued.credential_id)
        self._journal.note(Kind.CREDENTIAL_RENEWED, identity, grace_hours=f"{grace_h:g}")
        self._changed()
        return issued

    def certificate(
        self, identity: str, request_pem: bytes | None = None, *, days: float = 365
    ) -> IssuedCertificate:
        """A client certificate of the solution's own authority, for a new key or for the key of
        a request (PKCS #10, PEM). Raises UsageError."""
        authority = self.authority()
        if request_pem is None:
            made = authority.issue_device(identity, days=days)
        else:
            made = authority.sign_device(identity, request_pem, days=days)
        row = CredentialRow(
            identity=identity,
            kind=CredentialKind.CERTIFICATE.value,
            digest="",
            serial=made.serial,
            issuer=authority.fingerprint,
            hint=made.serial[:16],
            origin="issued",
            created_ms=self._now_ms(),
            expires_ms=made.not_after_ms,
        )
        self._table.add([row])
        self._journal.note(
            Kind.CREDENTIAL_ISSUED, identity, proof="certificate", serial=made.serial
        )
        self._changed()
        key = made.key_pem.decode() if made.key_pem else None
        return IssuedCertificate(
            row.id,
            identity,
            made.certificate_pem.decode(),
            key,
            authority.certificate_pem.decode(),
            made.serial,
            made.not_after_ms,
        )

    def revoke(self, identity: str, credential_id: int | None = None) -> int:
        """Make one credential of an identity worthless at once, or all of them; how many.

        Raises UsageError when there is none of that id.
        """
        now = self._now_ms()
        if credential_id is None:
            count = self._table.end(identity, now, now)
        else:
            row = self._table.get(credential_id)
            if row is None or row.identity != identity:
                raise UsageError(
                    Text(
                        N_("{identity} has no credential {id}."),
                        {"identity": identity, "id": credential_id},
                    )
                )
            count = int(self._table.revoke(credential_id, now))
        if count:
            detail = {} if credential_id is None else {"credential": str(credential_id)}
            self._journal.note(Kind.CREDENTIAL_REVOKED, identity, **detail)
            self._changed()
        return count

    def revoke_serial(self, identity: str, authority: str, serial: str) -> None:
        """Make a certificate of a customer's authority worthless, whether it was seen here or not;
        `authority` is the SHA-256 of the authority's own. Both in hexadecimal, as others write it:
        in either case, with colons, without leading zeros. Raises UsageError for what is no serial
        number, and for an authority that is not in the solution's folder."""
        now = self._now_ms()
        serial, authority = _serial(serial), authority.replace(":", "").lower()
        known = read_authorities(self._folder / AUTHORITIES_FOLDER)
        if authority not in {one.fingerprint for one in known}:
            message = N_("There is no authority {authority} in the folder authorities.")
            raise UsageError(Text(message, {"authority": authority}))
        seen = [
            row
            for row in self._table.of(identity)
            if (row.serial, row.issuer) == (serial, authority)
        ]
        for row in seen:
            self._table.revoke(row.id, now)
        if not seen:
            row = CredentialRow(
                identity=identity,
                kind=CredentialKind.CERTIFICATE.value,
                digest="",
                serial=serial,
                issuer=authority,
                hint=serial[:16],
                origin="customer",
                created_ms=now,
                revoked_ms=now,
            )
            self._table.add([row])
        self._journal.note(Kind.CREDENTIAL_REVOKED, identity, serial=serial)
        self._changed()

    def revocation_list(self) -> str:
        """What of our own authority is revoked, as a signed list (X.509 CRL, PEM), for other
        systems that believe its certificates; our own door looks into the registry at each
        connect. Good for a week."""
        authority = self.authority()
        ended = [
            Revoked(row.serial, row.revoked_ms)
            for row in self._table.all()
            if row.serial and row.revoked_ms is not None and row.issuer == authority.fingerprint
        ]
        return pem_of_list(authority.revocation_list(ended)).decode()

    def forget_client_ids(self, identity: str) -> None:
        """Let others use the client ids that belonged to an identity."""
        self._table.forget_client_ids(identity)
        self._changed()

    def authority(self) -> Authority:
        """The solution's own certificate authority, made on first use."""
        return tls.authority(self._folder, self._now_ms)

    def _info(self, row: CredentialRow) -> CredentialInfo:
        now = self._now_ms()
        ends = min((at for at in (row.revoked_ms, row.expires_ms) if at is not None), default=None)
        state = State.ACTIVE
        if row.revoked_ms is not None and row.revoked_ms <= now:
            state = State.REVOKED
        elif row.expires_ms is not None and row.expires_ms <= now:
            state = State.EXPIRED
        return CredentialInfo(
            row.id,
            row.identity,
            CredentialKind(row.kind),
            row.serial or row.hint,
            row.origin,
            state,
            row.created_ms,
            ends,
            row.used_ms,
        )


def _serial(written: str) -> str:
    try:
        return serial_text(int(written.replace(":", ""), 16))
    except ValueError:
        message = N_("“{serial}” is no serial number: write it in hexadecimal digits.")
        raise UsageError(Text(message, {"serial": written})) from None


def usable(infos: Sequence[CredentialInfo]) -> bool:
    """Whether one of these credentials lets its owner in now."""
    return any(one.state is State.ACTIVE for one in infos)


def _after(now: int, days: float | None) -> int | None:
    if days is None:
        return None
    if days <= 0:
        raise UsageError(Text(N_("A credential must be good for more than no time.")))
    return now + round(days * DAY_MS)


def usable_secret(secret: str) -> str:
    """The secret that somebody else made. Raises UsageError when it is too easy to guess."""
    if not secrets.SHORTEST <= len(secret) <= secrets.LONGEST or not secret.isprintable():
        raise UsageError(
            Text(
                N_("A secret has {least} to {most} printable characters."),
                {"least": secrets.SHORTEST, "most": secrets.LONGEST},
            )
        )
    return secret
